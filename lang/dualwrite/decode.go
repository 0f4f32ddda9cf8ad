package dualwrite

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
)

// Bounds of a document. Microsoft ships about 150 maps, the largest of which
// have a hundred lines.
const (
	maxFields = 10_000 // of one map
	maxMaps   = 5_000  // of one file
)

// decoder takes maps out of JSON trees.
type decoder struct {
	source  string
	records []Record
	keys    Keys
	list    diag.List
	full    bool // more maps than are read
}

func (d *decoder) report(code string, severity diag.Severity, address, summary, detail string) {
	d.list = append(d.list, diag.Diagnostic{
		Code: code, Severity: severity, Address: address, Summary: summary, Detail: detail, Subject: inFile(d.source),
	})
}

// document takes all maps out of a JSON document: a map, a record, a list of
// records as the Web API answers it, a project, or integration keys. False
// where it is none of these.
func (d *decoder) document(t *tree) bool {
	switch {
	case t.is(kindArray):
		found := false
		for _, x := range t.items {
			found = d.document(x) || found
		}
		return found
	case !t.is(kindObject):
		return false
	case t.get("msdyn_mapping", "mapping") != nil:
		d.record(t)
	case t.get("legs") != nil:
		d.mapping(t, Record{})
	case t.get("entityMappingTasks").is(kindArray):
		for _, x := range t.get("entityMappingTasks").items {
			d.mapping(x, Record{})
		}
	case t.get("integrationKeys").is(kindObject):
		d.integrationKeys(t.get("integrationKeys"))
	case t.get("value").is(kindArray):
		return d.document(t.get("value"))
	default:
		return false
	}
	return true
}

// record takes a map out of a row of the table, whose mapping is an object or
// the text of one.
func (d *decoder) record(t *tree) {
	text := func(names ...string) string { return strings.TrimSpace(t.get(names...).str()) }
	r := Record{
		Name: text("msdyn_name", "name"), DisplayName: text("msdyn_displayname", "displayname"),
		Version: text("msdyn_version", "version"),
	}
	address := cmp.Or(r.DisplayName, r.Name)
	r.Properties = d.properties(t.get("msdyn_properties", "properties"), address)
	mapping := t.get("msdyn_mapping", "mapping")
	if mapping.is(kindText) {
		parsed, rest, err := parseTree([]byte(mapping.text))
		if err != nil {
			d.report(diag.CodeNoDualWriteMap, diag.Error, address, "the mapping is no JSON", upperFirst(err.Error())+".")
			return
		}
		d.garbage(rest, address, "the mapping")
		mapping = parsed
	}
	d.mapping(mapping, r)
}

func (d *decoder) garbage(rest []byte, address, what string) {
	if len(rest) > 0 {
		d.report(diag.CodeDamagedMap, diag.Notice, address, "what follows "+what+" is passed over",
			fmt.Sprintf("It begins with %s.", quoteJSON(clip(string(rest[:min(len(rest), 40)])))))
	}
}

// properties reads what it can; they are damaged in one of Microsoft's own
// maps.
func (d *decoder) properties(t *tree, address string) Properties {
	if t.is(kindText) && strings.TrimSpace(t.text) != "" {
		parsed, rest, err := parseTree([]byte(t.text))
		if err != nil {
			d.report(diag.CodeDamagedMap, diag.Notice, address, "the properties of the map are damaged",
				upperFirst(err.Error())+". They only describe the map.")
		}
		d.garbage(rest, address, "the properties")
		t = parsed
	}
	out := Properties{
		Description: strings.TrimSpace(t.get("Description").str()),
		SkipInitial: t.get("SkipInitialSync").str() == "true",
	}
	if needs := t.get("TargetVersionInfo"); needs.is(kindObject) {
		for _, side := range needs.members {
			for _, m := range side.value.members {
				out.Needs = append(out.Needs, fmt.Sprintf("%s %s (%s)", m.name, m.value.str(), side.name))
			}
		}
	}
	for _, x := range t.get("Tags").list() {
		out.Tags = append(out.Tags, x.str())
	}
	return out
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// mapping adds a record for each leg; maps that run have one.
func (d *decoder) mapping(t *tree, r Record) {
	address := cmp.Or(r.DisplayName, r.Name, t.get("name").str())
	legs := t.get("legs").list()
	if len(legs) == 0 {
		d.report(diag.CodeNoDualWriteMap, diag.Error, address, "the map has no leg", "A leg says which fields are kept equal.")
		return
	}
	if len(legs) > 1 {
		d.report(diag.CodeDamagedMap, diag.Warning, address, fmt.Sprintf("the map has %d legs", len(legs)),
			"Live maps of dual-write have one. Each becomes a map of its own.")
	}
	for i, leg := range legs {
		out := r
		out.Source = d.source
		out.Mapping = d.leg(leg, address)
		if out.Mapping.Entity == "" || out.Mapping.Table == "" {
			d.report(diag.CodeNoDualWriteMap, diag.Error, address, "the map does not name its two sides",
				fmt.Sprintf("The F&O entity is %q, the Dataverse table %q.", clip(out.Mapping.Entity), clip(out.Mapping.Table)))
			continue
		}
		if i > 0 {
			out.Name, out.DisplayName = "", ""
		}
		if len(d.records) == maxMaps {
			if !d.full {
				d.report(diag.CodeTooLarge, diag.Error, "", fmt.Sprintf("the file holds more than %d maps", maxMaps), "The others are not read.")
			}
			d.full = true
			return
		}
		d.records = append(d.records, out)
	}
}

func (d *decoder) leg(t *tree, address string) Mapping {
	text := func(name string) string { return strings.TrimSpace(t.get(name).str()) }
	out := Mapping{
		Entity: text("sourceSchema"), Table: text("destinationSchema"),
		FnOFilter: text("sourceFilter"), DataverseFilter: text("reversedSourceFilter"),
	}
	fields := t.get("fieldMappings").list()
	if len(fields) > maxFields {
		d.report(diag.CodeDamagedMap, diag.Error, address, fmt.Sprintf("the map has %d fields", len(fields)),
			fmt.Sprintf("The first %d are read.", maxFields))
		fields = fields[:maxFields]
	}
	for _, f := range fields {
		out.Fields = append(out.Fields, d.field(f, address))
	}
	return out
}

func (d *decoder) field(t *tree, address string) FieldMapping {
	out := FieldMapping{
		FnO: strings.TrimSpace(t.get("sourceField").str()), Column: strings.TrimSpace(t.get("destinationField").str()),
		Related: strings.TrimSpace(t.get("destinationLookupFieldRelatedEntity").str()),
		System:  t.get("isSystemGenerated").str() == "true",
	}
	// The documentation prints a blank side so.
	for _, side := range []*string{&out.FnO, &out.Column} {
		if strings.EqualFold(*side, "none") {
			*side = ""
		}
	}
	direction := t.get("syncDirection").str()
	switch strings.ToLower(strings.TrimSpace(direction)) {
	case "1", "=>", ">":
		out.Direction = model.ToDataverse
	case "2", "<=", "<":
		out.Direction = model.ToFnO
	case "3", "=", "<=>":
		out.Direction = model.Both
	default:
		out.Transform.Unknown = fmt.Sprintf("syncDirection %s", quoteJSON(clip(direction)))
	}
	transforms := t.get("valueTransforms")
	switch {
	case transforms.is(kindObject):
		transforms = &tree{kind: kindArray, items: []*tree{transforms}}
	case transforms != nil && !transforms.is(kindArray) && !transforms.is(kindNull):
		out.Transform.Unknown = "valueTransforms " + clip(transforms.json())
	}
	for i, x := range transforms.list() {
		if i > 0 {
			// None of Microsoft's maps chains transforms, and nobody says what a
			// chain would mean.
			out.Transform = Transform{Unknown: clip(transforms.json())}
			break
		}
		d.transform(x, &out.Transform, address)
	}
	return out
}

func (d *decoder) transform(t *tree, out *Transform, address string) {
	kind := t.get("transformType").str()
	values, constant := t.get("valueMap"), t.get("defaultValue")
	switch {
	case strings.EqualFold(kind, "ValueMap") && values.is(kindObject), kind == "" && values.is(kindObject):
		out.Creates = t.get("createValuesOnDestination").str() == "true"
		d.values(values, out, address)
	case strings.EqualFold(kind, "ValueMap") && (values == nil || values.is(kindNull)):
		// An empty value map maps nothing.
	case strings.EqualFold(kind, "Default") && constant != nil:
		text := constant.str()
		out.Default = &text
	default:
		out.Unknown = clip(t.json())
	}
}

func (d *decoder) values(t *tree, out *Transform, address string) {
	at := map[string]int{}
	for _, m := range t.members {
		p := Pair{FnO: m.name, Dataverse: m.value.str()}
		if m.value.is(kindObject) || m.value.is(kindArray) {
			out.Unknown = clip(t.json())
			return
		}
		i, twice := at[m.name]
		if !twice {
			at[m.name] = len(out.Values)
			out.Values = append(out.Values, p)
			continue
		}
		if out.Values[i] != p {
			d.report(diag.CodeDamagedMap, diag.Warning, address, fmt.Sprintf("a value map names %s twice", quoteJSON(clip(m.name))),
				fmt.Sprintf("The later value %s counts, not %s.", quoteJSON(clip(p.Dataverse)), quoteJSON(clip(out.Values[i].Dataverse))))
		}
		out.Values[i] = p
	}
}

func (d *decoder) integrationKeys(t *tree) {
	for _, m := range t.members {
		var columns []string
		for _, x := range m.value.list() {
			if c := strings.TrimSpace(x.str()); c != "" {
				columns = append(columns, strings.ToLower(c))
			}
		}
		if len(columns) > 0 {
			d.keys[strings.ToLower(m.name)] = columns
		}
	}
}
