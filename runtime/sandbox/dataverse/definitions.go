package dataverse

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// metadataOptions are the options of a metadata request or of an $expand in it.
type metadataOptions struct {
	names  []string // "" all
	expand []odata.Expand
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
		tables, err := q.matchingTables()
		if err != nil {
			return err
		}
		values := []object{}
		for _, t := range tables {
			o, err := q.entity(t, m)
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
			if parts[0].Name == "LogicalName" && parts[0].Value.Text == t.LogicalName ||
				(parts[0].Name == "" || parts[0].Name == "MetadataId") && parts[0].Value.Text == metadataID(t.LogicalName) {
				return t, nil
			}
		}
	}
	return nil, fail(http.StatusNotFound, codeNotFound, "Could not find an entity with the specified key: %.100s.", key)
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
	}
	return nil, "", badRequest("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.EntityMetadata'.", name)
}

// typedMembers are those that only a cast shows.
var typedMembers = []string{"MaxLength", "FormatName", "Format", "MinValue", "MaxValue", "Precision", "PrecisionSource", "IsBaseCurrency",
	"CalculationOf", "DateTimeBehavior", "Targets", "OptionSet", "GlobalOptionSet", "DefaultFormValue"}

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
// /Keys and /ManyToOneRelationships.
func (q *request) belowEntity(t *table, m metadataOptions, rest []string) error {
	if _, ok := q.options["$filter"]; ok {
		return badRequest("The twin does not filter metadata below a table.")
	}
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
		values = slices.DeleteFunc(values, func(o object) bool {
			return len(parts) != 1 || parts[0].Name != "LogicalName" || o["LogicalName"] != parts[0].Value.Text
		})
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

// metadataColumns resolves the properties of tables in a $filter over a
// one-row view per table.
type metadataColumns struct{}

var metadataKinds = map[string]odata.Kind{
	"LogicalName": odata.Text, "SchemaName": odata.Text, "EntitySetName": odata.Text, "PrimaryIdAttribute": odata.Text,
	"PrimaryNameAttribute": odata.Text, "ChangeTrackingEnabled": odata.Bool, "IsOptimisticConcurrencyEnabled": odata.Bool,
	"OwnershipType": odata.Enum, "IsCustomEntity": odata.Bool,
}

// Column finds the column of a property of EntityMetadata.
func (metadataColumns) Column(path []string) (odata.Column, error) {
	kind, ok := metadataKinds[path[0]]
	if !ok || len(path) != 1 {
		return odata.Column{}, badRequest("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.EntityMetadata' that can be filtered by.", strings.Join(path, "/"))
	}
	c := odata.Column{Expr: "m." + path[0], Kind: kind}
	if kind == odata.Enum {
		c.EnumType = "Microsoft.Dynamics.CRM.OwnershipTypes"
		c.Symbols = []string{"None", "UserOwned", "TeamOwned", "BusinessOwned", "OrganizationOwned", "BusinessParented", "Filtered"}
	}
	return c, nil
}

// matchingTables are the tables that the $filter of the request selects.
func (q *request) matchingTables() ([]*table, error) {
	text, ok := q.options["$filter"]
	if !ok {
		return q.twin.schema.tables, nil
	}
	node, err := odata.ParseFilter(text)
	if err != nil {
		return nil, err
	}
	where, args, err := odata.SQL(node, metadataColumns{}, odata.Dataverse)
	if err != nil {
		return nil, err
	}
	names := sortedKeys(metadataKinds)
	var out []*table
	for _, t := range q.twin.schema.tables {
		o := entityOf(t)
		var selects []string
		var values []any
		for _, name := range names {
			selects = append(selects, "? AS "+name)
			v := o[name]
			if b, ok := v.(bool); ok {
				v = map[bool]int64{true: 1}[b]
			}
			values = append(values, v)
		}
		var n int
		err := q.scan(q.reader(), &n, "SELECT count(*) FROM (SELECT "+strings.Join(selects, ", ")+") AS m WHERE "+where, append(values, args...)...)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, t)
		}
	}
	return out, nil
}
