package dataverse

import (
	"encoding/json"
	"strings"

	"github.com/google/uuid"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// object is one piece of metadata as JSON.
type object = map[string]any

// metadataID is the stable id of a piece of metadata.
func metadataID(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("metadata/"+strings.Join(parts, "/"))).String()
}

func managed(v any) object {
	return object{"Value": v, "CanBeChanged": true, "ManagedPropertyLogicalName": ""}
}

func label(text string) object {
	if text == "" {
		return object{"LocalizedLabels": []any{}, "UserLocalizedLabel": nil}
	}
	l := object{"Label": text, "LanguageCode": 1033, "IsManaged": true, "MetadataId": metadataID("label", text), "HasChanged": nil}
	return object{"LocalizedLabels": []any{l}, "UserLocalizedLabel": l}
}

// entityOf is a table without its attributes, keys and relationships.
func entityOf(t *table) object {
	return object{
		"MetadataId": metadataID(t.LogicalName), "HasChanged": nil,
		"LogicalName": t.LogicalName, "SchemaName": t.SchemaName, "EntitySetName": t.EntitySet,
		"LogicalCollectionName": t.EntitySet, "CollectionSchemaName": t.SchemaName + "s",
		"PrimaryIdAttribute": t.PrimaryID, "PrimaryNameAttribute": t.PrimaryName,
		"ChangeTrackingEnabled": t.ChangeTracking, "IsOptimisticConcurrencyEnabled": t.OptimisticConcurrency,
		"OwnershipType": t.Ownership, "TableType": "Standard",
		"IsCustomEntity": strings.Contains(t.LogicalName, "_"), "IsActivity": false, "IsIntersect": false,
		"CanChangeTrackingBeEnabled": managed(true), "CanCreateAttributes": managed(true),
		"DisplayName": label(t.SchemaName), "DisplayCollectionName": label(t.SchemaName), "Description": label(""),
	}
}

// attributeKind is the name of the metadata type of a column, without
// "AttributeMetadata".
func attributeKind(c catalog.Column) string {
	switch c.Type {
	case "UniqueidentifierType", "CustomerType", "OwnerType", "VirtualType", "":
		if c.Type == "CustomerType" || c.Type == "OwnerType" {
			return "Lookup"
		}
		if c.Type == "UniqueidentifierType" {
			return "UniqueIdentifier"
		}
		return ""
	}
	return strings.TrimSuffix(c.Type, "Type")
}

// attributeType is the older AttributeType, which knows fewer types.
func attributeType(c catalog.Column) string {
	switch c.Type {
	case "MultiSelectPicklistType", "ImageType", "FileType", "VirtualType":
		return "Virtual"
	}
	return strings.TrimSuffix(c.Type, "Type")
}

// attributeOf is a column with all facts of its type.
func attributeOf(t *table, c catalog.Column) object {
	required := c.Required
	if required == "" {
		required = "None"
	}
	o := object{
		"MetadataId": metadataID(t.LogicalName, c.LogicalName), "HasChanged": nil,
		"LogicalName": c.LogicalName, "SchemaName": c.SchemaName, "EntityLogicalName": t.LogicalName,
		"AttributeType": attributeType(c), "AttributeTypeName": object{"Value": c.Type}, "AttributeOf": nil,
		"RequiredLevel":    object{"Value": required, "CanBeChanged": required != "SystemRequired", "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings"},
		"IsValidForCreate": c.Create, "IsValidForUpdate": c.Update, "IsValidForRead": c.Read,
		"IsPrimaryId": c.LogicalName == t.PrimaryID, "IsPrimaryName": c.LogicalName == t.PrimaryName,
		"IsCustomAttribute": strings.Contains(c.LogicalName, "_"), "IsLogical": false,
		"DisplayName": label(c.SchemaName), "Description": label(""), "SourceType": sourceOf(t, c),
	}
	switch attributeKind(c) {
	case "String":
		o["MaxLength"], o["FormatName"], o["Format"] = limit(c.MaxLength), object{"Value": "Text"}, "Text"
		o["AutoNumberFormat"] = ""
	case "Memo":
		o["MaxLength"], o["FormatName"], o["Format"] = limit(c.MaxLength), object{"Value": "TextArea"}, "TextArea"
	case "Integer", "BigInt":
		o["MinValue"], o["MaxValue"] = number(c.Min), number(c.Max)
	case "Decimal", "Double":
		o["MinValue"], o["MaxValue"], o["Precision"] = number(c.Min), number(c.Max), c.Precision
	case "Money":
		o["MinValue"], o["MaxValue"], o["Precision"], o["PrecisionSource"] = number(c.Min), number(c.Max), c.Precision, 0
		o["IsBaseCurrency"], o["CalculationOf"] = false, nil
		if amount, ok := strings.CutSuffix(c.LogicalName, "_base"); ok && t.has(amount) {
			o["IsBaseCurrency"], o["CalculationOf"] = true, amount
		}
	case "DateTime":
		behavior := c.DateTimeBehavior
		if behavior == "" {
			behavior = "UserLocal"
		}
		format := "DateAndTime"
		if behavior == "DateOnly" {
			format = "DateOnly"
		}
		o["DateTimeBehavior"], o["Format"] = object{"Value": behavior}, format
	case "Lookup":
		targets := []string{}
		for _, to := range c.Targets {
			targets = append(targets, to.Table)
		}
		o["Targets"] = targets
	case "Picklist", "State", "Status", "MultiSelectPicklist", "Boolean":
		o["OptionSet"], o["GlobalOptionSet"] = optionSetOf(t, c), nil
		o["DefaultFormValue"] = -1
	}
	return o
}

// The values of SourceType.
const (
	sourceSimple = 0
	sourceRollup = 2
)

// sourceOf says what makes the values of a column; nil for types that nothing
// computes. A rollup is known by the two columns that it brings with it, for
// the time and the outcome of its last calculation.
func sourceOf(t *table, c catalog.Column) any {
	switch attributeKind(c) {
	case "String", "Integer", "Decimal", "Double", "Money", "Boolean", "DateTime", "Picklist", "MultiSelectPicklist":
		if t.has(c.LogicalName+"_date") && t.has(c.LogicalName+"_state") {
			return sourceRollup
		}
		return sourceSimple
	}
	return nil
}

func limit(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func number(text string) any {
	if text == "" {
		return nil
	}
	return json.Number(text)
}

// optionSetOf is the choice of a column.
func optionSetOf(t *table, c catalog.Column) object {
	option := func(o catalog.Option) object {
		out := object{"Value": o.Value, "Color": nil, "IsManaged": true, "MetadataId": nil, "HasChanged": nil,
			"Label": label(o.Label), "Description": label("")}
		if c.Type == "StatusType" {
			out["State"] = o.State
		}
		return out
	}
	set := object{"MetadataId": metadataID(t.LogicalName, c.LogicalName, "options"), "HasChanged": nil,
		"Name": t.LogicalName + "_" + c.LogicalName, "IsGlobal": false, "DisplayName": label(c.SchemaName)}
	if c.Type == "BooleanType" {
		set["OptionSetType"] = "Boolean"
		set["TrueOption"], set["FalseOption"] = option(catalog.Option{Value: 1, Label: "Yes"}), option(catalog.Option{Value: 0, Label: "No"})
		for _, o := range c.Options {
			if o.Value == 1 {
				set["TrueOption"] = option(o)
			} else {
				set["FalseOption"] = option(o)
			}
		}
		return set
	}
	kind := strings.TrimSuffix(c.Type, "Type")
	if kind == "MultiSelectPicklist" {
		kind = "Picklist"
	}
	options := []object{}
	for _, o := range c.Options {
		options = append(options, option(o))
	}
	set["OptionSetType"], set["Options"] = kind, options
	return set
}

func keyOf(t *table, k catalog.Key) object {
	return object{"MetadataId": metadataID(t.LogicalName, "key", k.LogicalName), "HasChanged": nil,
		"LogicalName": k.LogicalName, "SchemaName": k.LogicalName, "EntityLogicalName": t.LogicalName,
		"KeyAttributes": k.Columns, "EntityKeyIndexStatus": k.Status, "AsyncJob": nil, "DisplayName": label(k.LogicalName)}
}

// relationshipsOf is one many-to-one relationship for each target of a lookup,
// also for targets outside the catalog. Users and teams own rows through one
// relationship, that with the table they both come from, owner.
func relationshipsOf(t *table, s *schema) []object {
	out := []object{}
	for _, c := range t.Columns {
		targets := c.Targets
		if c.Type == "OwnerType" && len(targets) > 0 {
			targets = []catalog.Target{{Table: "owner", NavigationProperty: targets[0].NavigationProperty}}
		}
		for _, to := range targets {
			name := t.LogicalName + "_" + to.Table + "_" + c.LogicalName
			id := to.Table + "id"
			if known := s.byName[to.Table]; known != nil {
				id = known.PrimaryID
			}
			out = append(out, object{"MetadataId": metadataID("relationship", name), "HasChanged": nil,
				"SchemaName": name, "RelationshipType": "OneToManyRelationship",
				"ReferencingEntity": t.LogicalName, "ReferencingAttribute": c.LogicalName,
				"ReferencedEntity": to.Table, "ReferencedAttribute": id,
				"ReferencingEntityNavigationPropertyName": to.NavigationProperty, "ReferencedEntityNavigationPropertyName": name,
				"CascadeConfiguration": object{"Delete": onDelete(c), "Assign": "NoCascade"}})
		}
	}
	return out
}

// onDelete says what becomes of a row when its target is deleted.
func onDelete(c catalog.Column) string {
	if c.Cascade {
		return "Cascade"
	}
	return "RemoveLink"
}
