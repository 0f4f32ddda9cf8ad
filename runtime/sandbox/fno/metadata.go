package fno

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// metadata is what the service under /metadata/ answers: collections of
// records by the name in the address. It is read-only.
type metadata struct {
	collections map[string]*collection
	labels      map[string]string // label id -> text
}

type collection struct {
	order []string // names of the records, sorted
	items map[string]record
}

// record is one JSON object; its members are marshalled in the order of their
// names.
type record = map[string]any

const (
	metadataNamespace = "Microsoft.Dynamics.Metadata."
	labelLanguage     = "en-us"
)

// describe renders the catalog once: it does not change while the twin runs.
func (t *Twin) describe() *metadata {
	m := &metadata{collections: map[string]*collection{}, labels: map[string]string{}}
	entities, public, enums := newCollection(), newCollection(), newCollection()
	for _, s := range t.ordered {
		entities.add(s.AOT, record{
			"Name":                  s.AOT,
			"PublicEntityName":      s.Name,
			"PublicCollectionName":  s.EntitySet,
			"LabelId":               m.label(s.EntitySet, s.Label),
			"LabelText":             s.Label,
			"DataServiceEnabled":    true,
			"DataManagementEnabled": !s.internal && !s.NoPackages && t.opts.Storage != nil,
			"EntityCategory":        "Master",
			"IsReadOnly":            s.internal,
		})
		public.add(s.Name, m.publicEntity(t, s))
	}
	for _, e := range t.opts.Enums {
		members := []record{}
		for _, member := range e.Members {
			members = append(members, record{
				"Name": member.Name, "Value": member.Value, "ConfigurationEnabled": true,
				"LabelId": m.label("Enum."+e.Name+"."+member.Name, fieldLabel(cmp.Or(member.Name, e.Name))),
			})
		}
		enums.add(e.Name, record{"Name": e.Name, "LabelId": m.label("Enum."+e.Name, fieldLabel(e.Name)), "Members": members})
	}
	m.collections["DataEntities"] = entities
	m.collections["PublicEntities"] = public
	m.collections["PublicEnumerations"] = enums
	return m
}

func newCollection() *collection { return &collection{items: map[string]record{}} }

func (c *collection) add(name string, r record) {
	i, _ := slices.BinarySearch(c.order, name)
	c.order = slices.Insert(c.order, i, name)
	c.items[name] = r
}

// label registers a text and gives its id.
func (m *metadata) label(name, text string) string {
	id := "@Twin:" + name
	m.labels[id] = text
	return id
}

func (m *metadata) publicEntity(t *Twin, s *set) record {
	properties, navigation := []record{}, []record{}
	for _, f := range s.fields {
		properties = append(properties, record{
			"Name":                         f.Name,
			"TypeName":                     f.typeName(),
			"DataType":                     f.dataType(),
			"LabelId":                      m.label(s.EntitySet+"."+f.Name, f.label),
			"IsKey":                        f.key,
			"IsMandatory":                  f.Mandatory || f.Name == companyField,
			"ConfigurationEnabled":         true,
			"AllowEdit":                    f.AllowEdit,
			"AllowEditOnCreate":            f.AllowEditOnCreate || f.key,
			"IsDimension":                  false,
			"DimensionRelation":            nil,
			"IsDynamicDimension":           false,
			"DimensionLegalEntityProperty": nil,
			"DimensionTypeProperty":        nil,
		})
		if f.Related != nil {
			navigation = append(navigation, record{
				"Name":                f.Name + "Relation",
				"RelatedEntity":       t.sets[f.Related.EntitySet].Name,
				"RelatedRelationName": s.Name + "_" + f.Name,
				"Cardinality":         "Single",
				"Constraints": []record{{
					"@odata.type":        "#" + metadataNamespace + "ReferentialConstraint",
					"Property":           f.Name,
					"ReferencedProperty": f.Related.Property,
				}},
			})
		}
	}
	var keys []string
	for _, f := range s.keys {
		keys = append(keys, f.Name)
	}
	return record{
		"Name":                 s.Name,
		"EntitySetName":        s.EntitySet,
		"LabelId":              m.label(s.EntitySet, s.Label),
		"IsReadOnly":           s.internal,
		"ConfigurationEnabled": true,
		"Properties":           properties,
		"NavigationProperties": navigation,
		"PropertyGroups":       []record{{"Name": "Identification", "Properties": keys}},
		"Actions":              []record{},
	}
}

// dataType is the X++ type as the metadata service names it.
func (f *field) dataType() string {
	switch f.kind {
	case kindInt32:
		return "Int32"
	case kindInt64:
		return "Int64"
	case kindDecimal:
		return "Real"
	case kindDate:
		return "Date"
	case kindDateTime:
		return "UtcDateTime"
	case kindGUID:
		return "Guid"
	case kindEnum:
		return "Enum"
	case kindBinary:
		return "Container"
	case kindBoolean:
		return "Boolean"
	}
	return "String"
}

func (t *Twin) serveMetadata(w http.ResponseWriter, r *http.Request, path string) error {
	if r.Method != http.MethodGet {
		return notAllowed(r)
	}
	name, key, keyed, err := odata.SplitSegment(path)
	if err != nil {
		return noRoute()
	}
	if name == "Labels" && keyed {
		return t.serveLabel(w, r, key)
	}
	c := t.metadata.collections[name]
	if c == nil {
		return noResource(r, t.base(r))
	}
	context := t.base(r) + "/metadata/$metadata#" + name
	if !keyed {
		return c.serve(w, r, context)
	}
	parts, err := odata.ParseKey(key)
	if err != nil || len(parts) != 1 || parts[0].Value.Kind != odata.String || parts[0].Name != "" && parts[0].Name != "Name" {
		return noRoute()
	}
	item, ok := c.items[parts[0].Value.Text]
	if !ok {
		return noResource(r, t.base(r))
	}
	writeJSON(w, http.StatusOK, withContext(item, context+"/$entity"))
	return nil
}

func withContext(r record, context string) record {
	out := record{"@odata.context": context}
	for name, value := range r {
		out[name] = value
	}
	return out
}

// serveLabel answers Labels(Id='@…',Language='en-us'); the twin has one
// language.
func (t *Twin) serveLabel(w http.ResponseWriter, r *http.Request, key string) error {
	parts, err := odata.ParseKey(key)
	if err != nil {
		return noRoute()
	}
	named := map[string]string{}
	for _, p := range parts {
		named[p.Name] = p.Value.Text
	}
	text, ok := t.metadata.labels[named["Id"]]
	if len(named) != 2 || !ok || !strings.EqualFold(named["Language"], labelLanguage) {
		return noResource(r, t.base(r))
	}
	writeJSON(w, http.StatusOK, withContext(
		record{"Id": named["Id"], "Language": named["Language"], "Value": text}, t.base(r)+"/metadata/$metadata#Labels/$entity"))
	return nil
}

// serve answers a collection with $filter, $select, $skip, $top and $count.
func (c *collection) serve(w http.ResponseWriter, r *http.Request, context string) error {
	options, err := odata.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return err
	}
	var filter odata.Node
	if text, ok := options["$filter"]; ok {
		if filter, err = odata.ParseFilter(text); err != nil {
			return err
		}
	}
	found := []record{}
	for _, name := range c.order {
		item := c.items[name]
		if filter != nil {
			ok, err := holds(item, filter)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
		}
		found = append(found, item)
	}
	answer := record{}
	if options["$count"] == "true" {
		answer["@odata.count"] = len(found)
	}
	q := &request{options: options}
	skip, err := wholeNumber(q, "$skip", 0)
	if err != nil {
		return err
	}
	top, err := wholeNumber(q, "$top", len(found))
	if err != nil {
		return err
	}
	found = found[min(skip, len(found)):]
	found = found[:min(top, len(found))]
	if text, ok := options["$select"]; ok {
		if found, err = project(found, text); err != nil {
			return err
		}
		context += fmt.Sprintf("(%s)", text)
	}
	answer["value"] = found
	writeJSON(w, http.StatusOK, withContext(answer, context))
	return nil
}

func project(items []record, selected string) ([]record, error) {
	names, err := odata.ParseSelect(selected)
	if err != nil {
		return nil, err
	}
	out := []record{}
	for _, item := range items {
		narrow := record{}
		for _, name := range names {
			value, ok := item[name]
			if !ok {
				return nil, badRequest("Could not find a property named '%s' on the type.", name)
			}
			narrow[name] = value
		}
		out = append(out, narrow)
	}
	return out, nil
}
