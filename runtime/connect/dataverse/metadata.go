package dataverse

import (
	"cmp"
	"slices"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/go-json-experiment/json/jsontext"
)

// The answer of RetrieveMetadataChanges, as far as it is asked for. Members
// that a type of attribute does not have are null.
type (
	entityMetadata struct {
		LogicalName           string         `json:"LogicalName"`
		SchemaName            string         `json:"SchemaName"`
		EntitySetName         string         `json:"EntitySetName"`
		PrimaryID             string         `json:"PrimaryIdAttribute"`
		PrimaryName           string         `json:"PrimaryNameAttribute"`
		OwnershipType         string         `json:"OwnershipType"`
		TableType             string         `json:"TableType"`
		ChangeTracking        bool           `json:"ChangeTrackingEnabled"`
		OptimisticConcurrency bool           `json:"IsOptimisticConcurrencyEnabled"`
		DisplayName           label          `json:"DisplayName"`
		Attributes            []attribute    `json:"Attributes"`
		Keys                  []entityKey    `json:"Keys"`
		ManyToOne             []relationship `json:"ManyToOneRelationships"`
	}
	attribute struct {
		LogicalName      string         `json:"LogicalName"`
		TypeName         named          `json:"AttributeTypeName"`
		AttributeOf      string         `json:"AttributeOf"`
		RequiredLevel    named          `json:"RequiredLevel"`
		ValidForCreate   bool           `json:"IsValidForCreate"`
		ValidForUpdate   bool           `json:"IsValidForUpdate"`
		ValidForRead     bool           `json:"IsValidForRead"`
		MaxLength        int            `json:"MaxLength"`
		Precision        *int           `json:"Precision"`
		PrecisionSource  int            `json:"PrecisionSource"`
		MinValue         jsontext.Value `json:"MinValue"`
		MaxValue         jsontext.Value `json:"MaxValue"`
		DateTimeBehavior named          `json:"DateTimeBehavior"`
		SourceType       int            `json:"SourceType"`
		CalculationOf    string         `json:"CalculationOf"`
		AutoNumberFormat string         `json:"AutoNumberFormat"`
		OptionSet        struct {
			Options []struct {
				Value *int64 `json:"Value"`
				Label label  `json:"Label"`
			} `json:"Options"`
		} `json:"OptionSet"`
		Targets []string `json:"Targets"`
	}
	entityKey struct {
		LogicalName string   `json:"LogicalName"`
		SchemaName  string   `json:"SchemaName"`
		Columns     []string `json:"KeyAttributes"`
		Status      string   `json:"EntityKeyIndexStatus"`
	}
	relationship struct {
		Attribute  string `json:"ReferencingAttribute"`
		Referenced string `json:"ReferencedEntity"`
		Navigation string `json:"ReferencingEntityNavigationPropertyName"`
		Cascade    struct {
			Delete string `json:"Delete"`
		} `json:"CascadeConfiguration"`
	}
	named struct {
		Value string `json:"Value"`
	}
	label struct {
		User *struct {
			Label string `json:"Label"`
		} `json:"UserLocalizedLabel"`
		Localized []struct {
			Label string `json:"Label"`
		} `json:"LocalizedLabels"`
	}
)

func (l label) text() string {
	if l.User != nil {
		return l.User.Label
	}
	if len(l.Localized) > 0 {
		return l.Localized[0].Label
	}
	return ""
}

// table turns the service's words into ours. SetOf gives the entity sets of
// all tables by logical name.
func (e *entityMetadata) table(setOf map[string]string) schema.Table {
	t := schema.Table{
		Side: value.Dataverse, Set: e.EntitySetName, Name: e.LogicalName, SchemaName: e.SchemaName, Label: e.DisplayName.text(),
		PrimaryID: e.PrimaryID, PrimaryName: e.PrimaryName, Ownership: e.OwnershipType,
		ChangeTracking: e.ChangeTracking, OptimisticConcurrency: e.OptimisticConcurrency,
	}
	switch e.TableType {
	case "Virtual":
		t.Kind = schema.KindVirtual
	case "Elastic":
		t.Kind = schema.KindElastic
	}
	for _, k := range e.Keys {
		t.Keys = append(t.Keys, schema.Key{Name: cmp.Or(k.LogicalName, k.SchemaName), Columns: k.Columns, Status: k.Status})
	}
	slices.SortFunc(t.Keys, func(a, b schema.Key) int { return cmp.Compare(a.Name, b.Name) })
	for i := range e.Attributes {
		// Columns of other columns (the name beside a lookup, the type beside
		// a polymorphic one) exist for the old API only.
		if a := &e.Attributes[i]; a.AttributeOf == "" {
			t.Fields = append(t.Fields, e.field(a, setOf))
		}
	}
	slices.SortFunc(t.Fields, func(a, b *schema.Field) int { return cmp.Compare(a.Name, b.Name) })
	return t
}

func (e *entityMetadata) field(a *attribute, setOf map[string]string) *schema.Field {
	f := &schema.Field{Name: a.LogicalName, OnCreate: a.ValidForCreate, OnUpdate: a.ValidForUpdate, Readable: a.ValidForRead, Source: a.source()}
	serverFills := a.LogicalName == e.PrimaryID
	switch a.TypeName.Value {
	case "StringType", "MemoType":
		f.Type, f.MaxLength = schema.TypeText, a.MaxLength
	case "EntityNameType":
		f.Type = schema.TypeText
	case "IntegerType", "BigIntType":
		f.Type, f.Min, f.Max = schema.TypeInteger, bound(a.MinValue), bound(a.MaxValue)
	case "DecimalType", "DoubleType":
		f.Type, f.Scale, f.Min, f.Max = schema.TypeDecimal, a.Precision, bound(a.MinValue), bound(a.MaxValue)
	case "MoneyType":
		f.Type, f.Money, f.Min, f.Max = schema.TypeDecimal, true, bound(a.MinValue), bound(a.MaxValue)
		if a.PrecisionSource == 0 {
			f.Scale = a.Precision // else that of the organisation or of the row's currency
		}
	case "BooleanType":
		f.Type = schema.TypeBool
	case "DateTimeType":
		f.Type, f.DateOnly, f.Zoneless = schema.TypeTime, a.DateTimeBehavior.Value == "DateOnly", a.DateTimeBehavior.Value == "TimeZoneIndependent"
	case "PicklistType":
		f.Type = schema.TypeChoice
	case "StateType", "StatusType":
		f.Type, serverFills = schema.TypeChoice, true
	case "MultiSelectPicklistType":
		f.Type = schema.TypeChoices
	case "LookupType", "CustomerType":
		f.Type, f.Targets = schema.TypeLookup, e.targets(a, setOf)
	case "OwnerType":
		f.Type, f.Targets, serverFills = schema.TypeLookup, e.targets(a, setOf), true
	case "UniqueidentifierType":
		f.Type = schema.TypeGuid
	default:
		f.Type, f.OnCreate, f.OnUpdate, f.Readable = schema.TypeOther, false, false, false
	}
	if f.Type == schema.TypeChoice || f.Type == schema.TypeChoices {
		for _, o := range a.OptionSet.Options {
			if o.Value != nil {
				f.Options = append(f.Options, schema.Option{Value: *o.Value, Label: o.Label.text()})
			}
		}
		slices.SortFunc(f.Options, func(x, y schema.Option) int { return cmp.Compare(x.Value, y.Value) })
	}
	// Other levels are wishes of the forms, which the API does not enforce.
	f.Required = a.RequiredLevel.Value == "SystemRequired" && f.OnCreate && !serverFills
	return f
}

// source says what makes the values of a column, by the values of SourceType
// (Dataverse API reference, AttributeMetadata).
func (a *attribute) source() schema.Source {
	switch {
	case a.SourceType == 1:
		return schema.SourceCalculated
	case a.SourceType == 2:
		return schema.SourceRollup
	case a.SourceType == 3:
		return schema.SourceFormula
	case a.SourceType == 4:
		return schema.SourcePrompt
	case a.CalculationOf != "":
		return schema.SourceCurrency
	case a.AutoNumberFormat != "":
		return schema.SourceNumber
	default:
		return ""
	}
}

// bound gives a limit as decimal text, "" where there is none.
func bound(v jsontext.Value) string {
	if v.Kind() != '0' {
		return ""
	}
	d, err := value.NewDecimal(string(v))
	if err != nil {
		return ""
	}
	return d.DecimalText()
}

// targets finds for each table that a lookup may point at the navigation
// property that writes it: its name follows no rule, only the relationship
// tells it. Owners share one relationship, with the table "owner".
func (e *entityMetadata) targets(a *attribute, setOf map[string]string) []schema.Target {
	navigation, cascades := map[string]string{}, map[string]bool{}
	for _, r := range e.ManyToOne {
		if r.Attribute == a.LogicalName {
			navigation[r.Referenced], cascades[r.Referenced] = r.Navigation, r.Cascade.Delete == "Cascade"
		}
	}
	out := make([]schema.Target, 0, len(a.Targets))
	for _, table := range a.Targets {
		out = append(out, schema.Target{Table: table, Set: setOf[table], Navigation: cmp.Or(navigation[table], navigation["owner"]), Cascade: cascades[table]})
	}
	return out
}
