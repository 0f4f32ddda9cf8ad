package dataverse

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// metadataOptions are the options of a metadata request or of an $expand in it.
type metadataOptions struct {
	names  []string // nil: all
	expand []odata.Expand
	filter string // "": none
}

func readMetadataOptions(options map[string]string) (metadataOptions, error) {
	var m metadataOptions
	for name, text := range options {
		var err error
		switch name {
		case "$select":
			m.names, err = odata.ParseSelect(text)
		case "$expand":
			m.expand, err = odata.ParseExpand(text)
		case "$filter":
			m.filter = text
		default:
			if strings.HasPrefix(name, "$") {
				err = badRequest("The query parameter %s is not supported for metadata.", name)
			}
		}
		if err != nil {
			return m, err
		}
	}
	return m, nil
}

// pick keeps the selected members of a piece of metadata. Its id always stays.
func (m metadataOptions) pick(o object, kind string) (object, error) {
	if m.names == nil {
		return o, nil
	}
	out := object{"MetadataId": o["MetadataId"]}
	for _, name := range m.names {
		v, ok := o[name]
		if !ok {
			return nil, badRequest("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.%s'.", name, kind)
		}
		out[name] = v
	}
	return out, nil
}

// entityDefinitions answers EntityDefinitions and what lies below it.
func (q *request) entityDefinitions(key string, keyed bool, rest []string) error {
	m, err := readMetadataOptions(q.options)
	if err != nil {
		return err
	}
	if !keyed {
		if len(rest) > 0 {
			return noSegment(rest[0])
		}
		var all []object
		for _, t := range q.twin.schema.tables {
			all = append(all, entityOf(t))
		}
		found, err := q.matching(m.filter, "EntityMetadata", all)
		if err != nil {
			return err
		}
		values := []object{}
		for _, o := range found {
			o, err := q.entity(q.twin.schema.byName[o["LogicalName"].(string)], m)
			if err != nil {
				return err
			}
			values = append(values, o)
		}
		writeJSON(q.w, http.StatusOK, object{"@odata.context": q.base + "$metadata#EntityDefinitions", "value": values})
		return nil
	}
	t, err := q.definedTable(key)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		o, err := q.entity(t, m)
		if err != nil {
			return err
		}
		o["@odata.context"] = q.base + "$metadata#EntityDefinitions/$entity"
		writeJSON(q.w, http.StatusOK, o)
		return nil
	}
	return q.belowEntity(t, m, rest)
}

// definedTable finds the table of a key predicate: LogicalName='account', or
// the metadata id.
func (q *request) definedTable(key string) (*table, error) {
	parts, err := odata.ParseKey(key)
	if err != nil {
		return nil, err
	}
	if len(parts) == 1 {
		for _, t := range q.twin.schema.tables {
			if isNamed(entityOf(t), parts, "LogicalName") {
				return t, nil
			}
		}
	}
	return nil, fail(http.StatusNotFound, codeNotFound, "Could not find an entity with the specified key: %.100s.", key)
}

// isNamed tells whether a key predicate names a piece of metadata, by its name
// or by its id.
func isNamed(o object, parts []odata.KeyPart, name string) bool {
	if len(parts) != 1 {
		return false
	}
	switch parts[0].Name {
	case name:
		return o[name] == parts[0].Value.Text
	case "", "MetadataId":
		return strings.EqualFold(o["MetadataId"].(string), parts[0].Value.Text)
	}
	return false
}

// entity is one table with what the options select and expand.
func (q *request) entity(t *table, m metadataOptions) (object, error) {
	o, err := m.pick(entityOf(t), "EntityMetadata")
	if err != nil {
		return nil, err
	}
	for _, e := range m.expand {
		inner, err := readMetadataOptions(e.Options)
		if err != nil {
			return nil, err
		}
		values, kind, err := q.children(t, strings.Join(e.Path, "/"))
		if err != nil {
			return nil, err
		}
		if values, err = q.matching(inner.filter, kind, values); err != nil {
			return nil, err
		}
		picked := []object{}
		for _, v := range values {
			p, err := inner.pick(baseOnly(v, kind), kind)
			if err != nil {
				return nil, err
			}
			picked = append(picked, p)
		}
		o[e.Path[0]] = picked
	}
	return o, nil
}

// children is what hangs below a table.
func (q *request) children(t *table, name string) ([]object, string, error) {
	var out []object
	switch name {
	case "Attributes":
		for _, c := range t.Columns {
			a := attributeOf(t, c)
			if kind := attributeKind(c); kind != "" {
				a["@odata.type"] = "#Microsoft.Dynamics.CRM." + kind + "AttributeMetadata"
			}
			out = append(out, a)
		}
		return out, "AttributeMetadata", nil
	case "Keys":
		for _, k := range t.Keys {
			out = append(out, keyOf(t, k))
		}
		return out, "EntityKeyMetadata", nil
	case "ManyToOneRelationships":
		return relationshipsOf(t, q.twin.schema), "OneToManyRelationshipMetadata", nil
	case "OneToManyRelationships":
		return slices.DeleteFunc(q.relationships(), func(o object) bool { return o["ReferencedEntity"] != t.LogicalName }), "OneToManyRelationshipMetadata", nil
	}
	return nil, "", badRequest("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.EntityMetadata'.", name)
}

// typedMembers are those that only a cast shows.
var typedMembers = []string{"MaxLength", "FormatName", "Format", "MinValue", "MaxValue", "Precision", "PrecisionSource", "IsBaseCurrency",
	"CalculationOf", "AutoNumberFormat", "DateTimeBehavior", "Targets", "OptionSet", "GlobalOptionSet", "DefaultFormValue"}

// baseOnly takes the members away that an uncast attribute does not have.
func baseOnly(o object, kind string) object {
	if kind != "AttributeMetadata" {
		return o
	}
	for _, name := range typedMembers {
		delete(o, name)
	}
	return o
}

// belowEntity answers /Attributes, /Attributes(LogicalName='x'), their casts,
// /Keys and the relationships.
func (q *request) belowEntity(t *table, m metadataOptions, rest []string) error {
	name, key, keyed, err := odata.SplitSegment(rest[0])
	if err != nil {
		return err
	}
	values, kind, err := q.children(t, name)
	if err != nil {
		return noSegment(name)
	}
	context := q.base + "$metadata#EntityDefinitions('" + t.LogicalName + "')/" + name
	if keyed {
		parts, err := odata.ParseKey(key)
		if err != nil {
			return err
		}
		values = slices.DeleteFunc(values, func(o object) bool { return !isNamed(o, parts, "LogicalName") })
		if len(values) == 0 {
			return fail(http.StatusNotFound, codeNotFound, "Could not find an attribute with the specified key: %.100s.", key)
		}
	}
	if len(rest) > 1 {
		cast, ok := strings.CutPrefix(rest[1], "Microsoft.Dynamics.CRM.")
		if !ok || len(rest) > 2 || name != "Attributes" || !slices.ContainsFunc(attributeCasts, func(c string) bool { return c+"AttributeMetadata" == cast }) {
			return noSegment(rest[1])
		}
		kind = cast
		values = slices.DeleteFunc(values, func(o object) bool { return o["@odata.type"] != "#Microsoft.Dynamics.CRM."+cast })
	}
	if values, err = q.matching(m.filter, kind, values); err != nil {
		return err
	}
	out := []object{}
	for _, v := range values {
		v = baseOnly(v, kind)
		shown, err := m.pick(withoutChoices(v, m), kind)
		if err != nil {
			return err
		}
		for _, e := range m.expand {
			set := e.Path[0]
			member, ok := v[set]
			if !ok || set != "OptionSet" && set != "GlobalOptionSet" {
				return badRequest("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.%s'.", set, kind)
			}
			shown[set] = member
		}
		out = append(out, shown)
	}
	if keyed {
		if len(out) == 0 {
			return fail(http.StatusNotFound, codeNotFound, "The attribute is not of the type of the cast.")
		}
		out[0]["@odata.context"] = context + "/$entity"
		writeJSON(q.w, http.StatusOK, out[0])
		return nil
	}
	writeJSON(q.w, http.StatusOK, object{"@odata.context": context, "value": out})
	return nil
}

// attributeCasts are the types that attributes can be cast to.
var attributeCasts = []string{"String", "Memo", "Integer", "BigInt", "Decimal", "Double", "Money", "Boolean", "DateTime", "Lookup", "Picklist",
	"State", "Status", "MultiSelectPicklist", "UniqueIdentifier", "EntityName", "Image", "File", "ManagedProperty"}

// withoutChoices hides the choices, which only $expand shows.
func withoutChoices(o object, m metadataOptions) object {
	if m.names != nil {
		return o
	}
	out := object{}
	for k, v := range o {
		if k != "OptionSet" && k != "GlobalOptionSet" {
			out[k] = v
		}
	}
	return out
}
