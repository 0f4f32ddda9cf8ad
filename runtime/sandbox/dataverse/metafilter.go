package dataverse

import (
	"maps"
	"slices"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// filterable is a property of a metadata type that $filter takes. Enums have
// their type and symbols.
type filterable struct {
	kind    odata.Kind
	enum    string
	symbols []string
}

// texts makes the filterable text properties of a metadata type.
func texts(names ...string) map[string]filterable {
	out := map[string]filterable{}
	for _, name := range names {
		out[name] = filterable{kind: odata.Text}
	}
	return out
}

// flags adds boolean properties.
func flags(to map[string]filterable, names ...string) map[string]filterable {
	for _, name := range names {
		to[name] = filterable{kind: odata.Bool}
	}
	return to
}

// filterables are the properties of a metadata type that $filter takes: labels
// are not among them, and the value of a managed property is a path (Dataverse
// developer documentation, "Query table definitions using the Web API").
func filterables(kind string) map[string]filterable {
	var out map[string]filterable
	switch kind {
	case "EntityMetadata":
		out = flags(texts("LogicalName", "SchemaName", "EntitySetName", "LogicalCollectionName", "PrimaryIdAttribute", "PrimaryNameAttribute", "TableType"),
			"ChangeTrackingEnabled", "IsOptimisticConcurrencyEnabled", "IsCustomEntity", "IsActivity", "IsIntersect", "CanChangeTrackingBeEnabled/Value", "CanCreateAttributes/Value")
		out["OwnershipType"] = filterable{odata.Enum, "OwnershipTypes", []string{"None", "UserOwned", "TeamOwned", "BusinessOwned", "OrganizationOwned", "BusinessParented", "Filtered"}}
	case "EntityKeyMetadata":
		out = texts("LogicalName", "SchemaName", "EntityLogicalName")
		out["EntityKeyIndexStatus"] = filterable{odata.Enum, "EntityKeyIndexStatus", []string{"Pending", "InProgress", "Active", "Failed"}}
	case "OneToManyRelationshipMetadata":
		out = texts("SchemaName", "ReferencingEntity", "ReferencingAttribute", "ReferencedEntity", "ReferencedAttribute",
			"ReferencingEntityNavigationPropertyName", "ReferencedEntityNavigationPropertyName")
	default: // AttributeMetadata and the types below it
		out = flags(texts("LogicalName", "SchemaName", "EntityLogicalName", "AttributeTypeName/Value"),
			"IsValidForCreate", "IsValidForUpdate", "IsValidForRead", "IsPrimaryId", "IsPrimaryName", "IsCustomAttribute", "IsLogical")
		out["AttributeType"] = filterable{odata.Enum, "AttributeTypeCode", []string{"Boolean", "Customer", "DateTime", "Decimal", "Double", "Integer", "Lookup", "Memo", "Money", "Owner",
			"PartyList", "Picklist", "State", "Status", "String", "Uniqueidentifier", "CalendarRules", "Virtual", "BigInt", "ManagedProperty", "EntityName"}}
		out["RequiredLevel/Value"] = filterable{odata.Enum, "AttributeRequiredLevel", []string{"None", "SystemRequired", "ApplicationRequired", "Recommended"}}
	}
	out["MetadataId"] = filterable{kind: odata.GUID}
	return out
}

// metadataColumns resolves the properties of a metadata type over a view that
// has one piece of metadata as its only row.
type metadataColumns struct {
	kind       string
	properties map[string]filterable
}

// Column finds the column of a property.
func (m metadataColumns) Column(path []string) (odata.Column, error) {
	name := strings.Join(path, "/")
	p, ok := m.properties[name]
	if !ok {
		return odata.Column{}, badRequest("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.%s' that can be filtered by.", name, m.kind)
	}
	c := odata.Column{Expr: "m." + quoteName(name), Kind: p.kind}
	if p.kind == odata.Enum {
		c.EnumType, c.Symbols = "Microsoft.Dynamics.CRM."+p.enum, p.symbols
	}
	return c, nil
}

// matching are the pieces of metadata of one type that a $filter selects; all
// where there is none.
func (q *request) matching(filter, kind string, pieces []object) ([]object, error) {
	if filter == "" {
		return pieces, nil
	}
	node, err := odata.ParseFilter(filter)
	if err != nil {
		return nil, err
	}
	columns := metadataColumns{kind, filterables(kind)}
	where, args, err := odata.SQL(node, columns, odata.Dataverse)
	if err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(columns.properties))
	selects := make([]string, len(names))
	for i, name := range names {
		selects[i] = "? AS " + quoteName(name)
	}
	stmt := "SELECT count(*) FROM (SELECT " + strings.Join(selects, ", ") + ") AS m WHERE " + where
	var out []object
	for _, piece := range pieces {
		values := make([]any, len(names), len(names)+len(args))
		for i, name := range names {
			values[i] = memberOf(piece, name)
		}
		var n int
		if err := q.scan(q.reader(), &n, stmt, append(values, args...)...); err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, piece)
		}
	}
	return out, nil
}

// memberOf is the value at a path, as SQL has it.
func memberOf(piece object, path string) any {
	name, rest, deeper := strings.Cut(path, "/")
	switch v := piece[name].(type) {
	case object:
		if deeper {
			return memberOf(v, rest)
		}
	case bool:
		return map[bool]int64{true: 1}[v]
	case string:
		return v
	}
	return nil
}
