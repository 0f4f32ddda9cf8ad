package dataverse

import (
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/go-json-experiment/json"
)

// TestFactsOfColumns reads what the service says of a table's kind and of
// columns that nobody enters.
func TestFactsOfColumns(t *testing.T) {
	const answer = `{"LogicalName": "new_deal", "EntitySetName": "new_deals", "TableType": "Elastic", "Attributes": [
		{"LogicalName": "new_age", "AttributeTypeName": {"Value": "IntegerType"}, "SourceType": 1},
		{"LogicalName": "new_count", "AttributeTypeName": {"Value": "IntegerType"}, "SourceType": 2},
		{"LogicalName": "new_formula", "AttributeTypeName": {"Value": "StringType"}, "SourceType": 3},
		{"LogicalName": "new_prompt", "AttributeTypeName": {"Value": "StringType"}, "SourceType": 4},
		{"LogicalName": "new_number", "AttributeTypeName": {"Value": "StringType"}, "SourceType": 0, "AutoNumberFormat": "D-{SEQNUM:5}"},
		{"LogicalName": "new_price", "AttributeTypeName": {"Value": "MoneyType"}, "Precision": 2, "PrecisionSource": 2, "SourceType": 0, "CalculationOf": null},
		{"LogicalName": "new_price_base", "AttributeTypeName": {"Value": "MoneyType"}, "CalculationOf": "new_price"},
		{"LogicalName": "new_opens", "AttributeTypeName": {"Value": "DateTimeType"}, "DateTimeBehavior": {"Value": "TimeZoneIndependent"}},
		{"LogicalName": "new_owner", "AttributeTypeName": {"Value": "LookupType"}, "SourceType": null},
		{"LogicalName": "new_name", "AttributeTypeName": {"Value": "StringType"}, "SourceType": 0, "AutoNumberFormat": ""}
	]}`
	var e entityMetadata
	if err := json.Unmarshal([]byte(answer), &e); err != nil {
		t.Fatal(err)
	}
	table := e.table(nil)
	if table.Kind != schema.KindElastic {
		t.Errorf("kind %q", table.Kind)
	}
	for name, want := range map[string]schema.Source{
		"new_age": schema.SourceCalculated, "new_count": schema.SourceRollup, "new_formula": schema.SourceFormula, "new_prompt": schema.SourcePrompt,
		"new_number": schema.SourceNumber, "new_price": "", "new_price_base": schema.SourceCurrency, "new_owner": "", "new_name": "",
	} {
		if got := table.Field(name).Source; got != want {
			t.Errorf("%s has the source %q, want %q", name, got, want)
		}
	}
	price := table.Field("new_price")
	if n, ok := price.Decimals(); price.Scale != nil || !price.Money || n != schema.MoneyScale || !ok {
		t.Errorf("an amount whose currency says its decimals: %+v", price)
	}
	if !table.Field("new_opens").Zoneless || table.Field("new_opens").DateOnly {
		t.Errorf("%+v", table.Field("new_opens"))
	}
	for kind, want := range map[string]schema.TableKind{"Virtual": schema.KindVirtual, "Standard": "", "": ""} {
		e.TableType = kind
		if got := e.table(nil).Kind; got != want {
			t.Errorf("%s is %q", kind, got)
		}
	}
}
