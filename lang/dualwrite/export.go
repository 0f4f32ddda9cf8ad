package dualwrite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/filter/xpp"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Exported is what an export gives.
type Exported struct {
	Records []Record // in the order of the maps
	Maps    []string // names of the maps that the records were made of
	Keys    Keys     // integration keys of their tables, which dual-write keeps in its link
}

// Export turns maps of the configuration into maps of dual-write. Prefix is
// the publisher's, with which their names begin. The list tells what
// dual-write cannot carry; a map with an error is not exported.
func Export(maps []*model.Map, prefix string, o Options) (Exported, diag.List, error) {
	n, err := newNames(o.Labels, o.Keys, o.Catalog)
	if err != nil {
		return Exported{}, nil, err
	}
	out := Exported{Keys: Keys{}}
	var list diag.List
	for _, m := range maps {
		e := &exporter{names: n, m: m, table: n.tableSet(m.Dataverse.Name)}
		r, ok := e.record(prefix)
		if ok {
			e.add(&out, r)
		}
		list = append(list, e.list...)
	}
	return out, list, nil
}

// add puts a map beside the others. Dual-write has one map of an entity and a
// table, and one key of a table.
func (e *exporter) add(out *Exported, r Record) {
	for _, o := range out.Records {
		if o.identity() == r.identity() {
			e.report(diag.CodeNotExported, diag.Error, e.m.Range, fmt.Sprintf("there is a map %q already", r.DisplayName),
				"Dual-write has one map of an F&O entity and a Dataverse table; a second one would be another version of it.", "Export one of the two from a folder of its own.")
			return
		}
	}
	out.Records, out.Maps = append(out.Records, r), append(out.Maps, e.m.Name)
	keys := e.keys()
	if other, there := out.Keys[e.table]; there && !slices.Equal(other, keys) {
		e.report(diag.CodeRulesNotCarried, diag.Warning, e.m.Range, fmt.Sprintf("%s has two integration keys", e.table),
			fmt.Sprintf("Dual-write has one key of a table: %s is written, not %s.", strings.Join(other, ", "), strings.Join(keys, ", ")), "")
		return
	}
	out.Keys[e.table] = keys
}

// tableSet gives the entity set of a table that may be written by its logical
// name.
func (n *names) tableSet(name string) string {
	if n.catalog != nil {
		if t := n.catalog.Table(value.Dataverse, name); t != nil {
			return t.Set
		}
	}
	return strings.ToLower(name)
}

type exporter struct {
	names *names
	m     *model.Map
	table string
	list  diag.List
}

func (e *exporter) report(code string, s diag.Severity, at diag.Range, summary, detail, hint string) {
	e.list = append(e.list, diag.Diagnostic{Code: code, Severity: s, Summary: summary, Detail: detail, Hint: hint, Subject: at, Address: e.m.Address()})
}

func (e *exporter) record(prefix string) (Record, bool) {
	label, known := e.names.label(e.m.FnO.Name)
	if !known {
		e.report(diag.CodeEntityGuessed, diag.Warning, e.m.FnO.Range, fmt.Sprintf("the label of %s is guessed: %s", e.m.FnO.Name, label),
			"Dual-write names F&O entities by their labels, which neither the files nor the schema say.", "Name it in a file of labels.")
	}
	title := e.table + " - " + label
	r := Record{
		Name: prefix + "_[" + title + "]", DisplayName: title, Version: fourParts(e.m.Version),
		Properties: Properties{Description: "Written by dw from " + e.m.Address()},
		Mapping:    Mapping{Entity: label, Table: e.table, DataverseFilter: e.m.Filter.Dataverse.Name},
	}
	if text := e.m.Filter.FnO.Name; text != "" {
		c, err := xpp.ParseOData(text)
		if err == nil {
			r.Mapping.FnOFilter, err = xpp.Range(c)
		}
		if err != nil {
			e.report(diag.CodeNotExported, diag.Error, e.m.Filter.FnO.Range, "the filter for F&O cannot be said in X++: "+err.Error(),
				"Without it the map would carry more records, so that it is not exported.", "Filter by a computed field of the entity.")
			return Record{}, false
		}
	}
	for _, f := range e.m.Fields {
		r.Mapping.Fields = append(r.Mapping.Fields, e.field(f)...)
	}
	r.Mapping.Fields = joinDirections(r.Mapping.Fields)
	e.references(r.Mapping.Fields)
	e.valueMaps()
	e.rules()
	return r, true
}

// fourParts fills a version up to the four parts that dual-write has.
func fourParts(v string) string {
	if v == "" {
		return "1.0.0.0"
	}
	p := versionParts(v)
	return fmt.Sprintf("%d.%d.%d.%d", p[0], p[1], p[2], p[3])
}

// field gives the lines of a field; none where dual-write cannot carry it.
func (e *exporter) field(f *model.Field) []FieldMapping {
	switch {
	case f.IsConstant:
		text := dualWriteText(f.Constant)
		return []FieldMapping{{FnO: f.FnO.Name, Column: strings.ToLower(f.Column.Name), Direction: f.Direction, Transform: Transform{Default: &text}}}
	case len(f.Targets) > 0:
		return e.lookup(f)
	}
	out := FieldMapping{FnO: f.FnO.Name, Column: strings.ToLower(f.Name()), Direction: f.Direction}
	if len(f.Path) > 0 {
		out.Related = e.names.relatedTable(e.table, out.Column)
	}
	switch {
	case f.ToDataverse != nil || f.ToFnO != nil:
		text, ok := defaultOf(f)
		if !ok {
			e.report(diag.CodeNotInDualWrite, diag.Warning, f.Range, fmt.Sprintf("the expressions of %s are not exported, and neither is the field", f.Name()),
				"Dual-write has no expressions but a default, which is coalesce(value, \"text\").", "Add a computed field to the entity or a calculated column to the table.")
			return nil
		}
		out.Transform.Default = &text
	case f.Values != nil:
		out.Transform.Values = pairsOf(f.Values)
	case len(f.Path) == 0 && e.names.carriesNoYes(e.m.FnO.Name, f.FnO.Name, e.table, f.Column.Name):
		out.Transform.Values = []Pair{{"no", "False"}, {"yes", "True"}}
	}
	return []FieldMapping{out}
}

// references tells of references whose table is not known. Microsoft's own
// maps leave it out in places.
func (e *exporter) references(fields []FieldMapping) {
	var open []string
	for _, f := range fields {
		if f.Related == "" && strings.Contains(f.Column, ".") {
			open = append(open, f.Column)
		}
	}
	if len(open) > 0 {
		e.report(diag.CodeRulesNotCarried, diag.Notice, e.m.Range, "the table of these references is not known and left out: "+strings.Join(open, ", "),
			"Dual-write names the table that a lookup refers to beside its field.", "With dw.schema.json in the folder, which `dw schema pull` writes, it is known.")
	}
}

// valueMaps tells what value maps of dual-write do not have.
func (e *exporter) valueMaps() {
	var otherwise, reverse []string
	for _, f := range e.m.Fields {
		if f.Values == nil {
			continue
		}
		if slices.ContainsFunc([]model.Otherwise{f.Values.ToDataverse, f.Values.ToFnO}, func(o model.Otherwise) bool { return o.Kind != "" && o.Kind != "fail" }) {
			otherwise = append(otherwise, f.Name())
		}
		if f.Direction.Sends(value.FnO) && !sameReverse(f.Values) {
			reverse = append(reverse, f.Name())
		}
	}
	if len(otherwise) > 0 {
		e.report(diag.CodeRulesNotCarried, diag.Warning, e.m.Range, "otherwise is not exported: "+strings.Join(otherwise, ", "),
			"Dual-write fails on a value outside the map, as far as is known.", "")
	}
	if len(reverse) > 0 {
		e.report(diag.CodeRulesNotCarried, diag.Warning, e.m.Range, "reverse is not exported: "+strings.Join(reverse, ", "),
			"Dual-write does not say which of several F&O values a Dataverse value becomes.", "")
	}
}

// defaultOf reads coalesce(value, literal), alone or with the plain value on
// the way back.
func defaultOf(f *model.Field) (string, bool) {
	sent := f.ToDataverse
	back := f.ToFnO
	if f.Direction == model.ToFnO {
		sent, back = f.ToFnO, nil
	} else if f.Direction == model.ToDataverse {
		back = nil
	}
	if sent == nil || back != nil && back.Op != expr.OpValue {
		return "", false
	}
	if sent.Op != expr.OpCall || sent.Name != "coalesce" || len(sent.Args) != 2 || sent.Args[0].Op != expr.OpValue || sent.Args[1].Op != expr.OpLiteral {
		return "", false
	}
	return dualWriteText(sent.Args[1].Literal), true
}

// lookup gives the lines of a reference by several fields, or the one of a
// reference to several tables.
func (e *exporter) lookup(f *model.Field) []FieldMapping {
	column := strings.ToLower(f.Column.Name)
	if len(f.Targets) == 1 {
		var out []FieldMapping
		for _, m := range f.Targets[0].Match {
			x := FieldMapping{FnO: m.FnO.Name, Column: strings.ToLower(column + "." + strings.Join(m.Path, ".")), Direction: f.Direction}
			if x.Related = e.names.relatedTable(e.table, x.Column); f.Targets[0].Table.Name != "" {
				x.Related = e.names.tableSet(f.Targets[0].Table.Name)
			}
			out = append(out, x)
		}
		return out
	}
	destination := column
	fno := f.Targets[0].Match[0].FnO.Name
	var sets []string
	for _, t := range f.Targets {
		if len(t.Match) != 1 || !strings.EqualFold(t.Match[0].FnO.Name, fno) {
			e.report(diag.CodeNotInDualWrite, diag.Warning, f.Range, fmt.Sprintf("%s is not exported", f.Column.Name),
				"A reference of dual-write to several tables is found by one F&O field.", "")
			return nil
		}
		destination += "." + wordOfTable(t.Table.Name) + "(" + strings.ToLower(strings.Join(t.Match[0].Path, ".")) + ")"
		sets = append(sets, tableOfWord(t.Table.Name))
	}
	related := e.names.relatedTable(e.table, destination)
	slices.Sort(sets)
	if related == "" && slices.Equal(sets, []string{"accounts", "contacts"}) {
		related = "Customer"
	}
	return []FieldMapping{{FnO: fno, Column: destination, Direction: f.Direction, Related: related}}
}

// joinDirections makes one line of those that carry the same field to the same
// column as it is, each one way, as references do of which only some fields
// flow back. It stands where the one towards Dataverse stood.
func joinDirections(fields []FieldMapping) []FieldMapping {
	at := map[[2]string]int{}
	var out []FieldMapping
	joined := map[int]bool{}
	for _, f := range fields {
		if f.FnO == "" || f.Column == "" || f.Direction == "" || !f.Transform.IsZero() {
			out = append(out, f)
			continue
		}
		key := [2]string{strings.ToUpper(f.FnO), strings.ToLower(f.Column)}
		i, there := at[key]
		switch {
		case there && f.Direction.Sends(value.Dataverse) && !out[i].Direction.Sends(value.Dataverse):
			joined[i] = true
			f.Direction = model.Both
			fallthrough
		case !there:
			at[key] = len(out)
			out = append(out, f)
		case out[i].Direction != f.Direction:
			out[i].Direction = model.Both
		}
	}
	n := -1
	return slices.DeleteFunc(out, func(FieldMapping) bool { n++; return joined[n] })
}

// rules tells in one line what the map says and dual-write does not have.
func (e *exporter) rules() {
	m := e.m
	var lost []string
	add := func(is bool, what string) {
		if is {
			lost = append(lost, what)
		}
	}
	add(m.Owner.Name != "", "owner")
	add(len(m.Companies) > 0, "companies")
	add(m.Filter.OnLeave != "" && m.Filter.OnLeave != "unlink", "on_leave")
	add(len(m.Together) > 0, "together")
	add(m.Creates.ToDataverse != nil || m.Creates.ToFnO != nil, "creates")
	add(m.Deletes.ToDataverse != "" || m.Deletes.ToFnO != "", "deletes")
	add(len(m.Mastering.FnO)+len(m.Mastering.Dataverse) > 0 || m.Mastering.Master == value.Dataverse, "mastering")
	add(m.Conflict == "hold", "conflict")
	add(!m.Initial.IsZero(), "initial_sync")
	add(cmp.Or(m.Status, "running") != "running", "status")
	add(slices.ContainsFunc(m.Fields, func(f *model.Field) bool { return !f.IsConstant && f.Writes == "create" }), "writes")
	add(slices.ContainsFunc(m.Fields, func(f *model.Field) bool { return f.Missing != "" }), "missing")
	if len(lost) > 0 {
		e.report(diag.CodeRulesNotCarried, diag.Notice, m.Range, "not exported: "+strings.Join(lost, ", "),
			"Dual-write has no such rules: conflicts are decided a record at a time, deletes are carried over, a missing reference fails the record.", "")
	}
}

// keys gives the integration key of the map's table by its columns, the
// company last.
func (e *exporter) keys() []string {
	var all []owner
	for _, f := range e.m.Fields {
		if !f.IsConstant && len(f.Targets) == 0 {
			all = append(all, owner{f.FnO.Name, strings.ToLower(f.Name()), f.Direction})
		}
	}
	owners := onePerColumn(all, e.names.fnoKey(e.m.FnO.Name))
	var out []string
	for _, k := range e.m.Key {
		i := slices.IndexFunc(owners, func(o owner) bool { return strings.EqualFold(o.fno, k.Name) })
		if i >= 0 {
			out = append(out, owners[i].column)
		}
	}
	if c := e.companyKey(); c != "" && !slices.Contains(out, c) {
		out = append(out, c)
	}
	return out
}

// companyKey gives the column by which the company is part of the key; ""
// where the map has none.
func (e *exporter) companyKey() string {
	if c := e.m.Company; c != nil {
		if c.Global {
			return ""
		}
		return strings.ToLower(c.Path) + companySuffix
	}
	if e.names.catalog != nil {
		if t := e.names.catalog.Table(value.FnO, e.m.FnO.Name); t != nil && !t.CompanySpecific {
			return ""
		}
	}
	for _, c := range e.names.keys[strings.ToLower(e.table)] {
		if strings.HasSuffix(c, companySuffix) && strings.Count(c, ".") == 1 {
			return c
		}
	}
	if column := e.companyColumn(); column != "" {
		return column + companySuffix
	}
	return ""
}

// companyColumn finds the lookup that holds the company by the metadata; ""
// where they are not there or leave a choice.
func (e *exporter) companyColumn() string {
	if e.names.catalog == nil {
		return ""
	}
	t := e.names.catalog.Table(value.Dataverse, e.table)
	if t == nil {
		return ""
	}
	found := ""
	for _, f := range t.Fields {
		if len(f.Targets) == 1 && f.Targets[0].Table == schema.CompanyTable {
			if found != "" {
				return ""
			}
			found = f.Name
		}
	}
	return found
}

// JSON writes integration keys as a file that an import reads again.
func (k Keys) JSON() []byte {
	tables := make([]string, 0, len(k))
	for t := range k {
		tables = append(tables, t)
	}
	slices.Sort(tables)
	var b strings.Builder
	b.WriteString("{\n  \"integrationKeys\": {")
	for i, t := range tables {
		if i > 0 {
			b.WriteByte(',')
		}
		var columns []string
		for _, c := range k[t] {
			columns = append(columns, quoteJSON(c))
		}
		b.WriteString("\n    " + quoteJSON(t) + ": [" + strings.Join(columns, ", ") + "]")
	}
	b.WriteString("\n  }\n}\n")
	return []byte(b.String())
}
