package dualwrite_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/dualwrite"
)

// drawn makes a map of names that collide often, so that fields compete for
// columns, references join, and value maps are shared.
func drawn(t *rapid.T, entity, table string) string {
	type object = map[string]any
	text := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	field := rapid.Custom(func(t *rapid.T) any {
		x := object{
			"syncDirection":    rapid.SampledFrom([]any{1, 2, 3, 3, "3", 4}).Draw(t, "direction"),
			"sourceField":      rapid.SampledFrom([]string{"A", "B", "C", "D", "PARTYTYPE", "ISONETIMECUSTOMER", "CUSTOMERACCOUNT", "DATAAREAID", "", "x y"}).Draw(t, "fno"),
			"destinationField": rapid.SampledFrom([]string{"a", "b", "C", "accountnumber", "l.a", "l.b", "l.m.a", "m.a", "p.Account(a).Contact(b)", "msdyn_company.cdm_companycode", "", "q.Account("}).Draw(t, "column"),
		}
		pairs := rapid.SampledFrom([]string{
			`{"no":"False","yes":"True"}`, `{"a":"1","b":"2","c":"3"}`, `{"c":"3","b":"2","a":"1"}`, `{"a":"1","b":"1","":"1","d":"2"}`, `{"x":"true","y":"1.50","z":"-0","null":"07"}`, `{}`,
		})
		switch rapid.IntRange(0, 5).Draw(t, "transform") {
		case 0:
			x["valueTransforms"] = []any{object{"transformType": "ValueMap", "valueMap": json.RawMessage(pairs.Draw(t, "values"))}}
		case 1:
			x["valueTransforms"] = []any{object{"transformType": "Default", "defaultValue": rapid.SampledFrom([]string{"1", "True", "", "x\"${y}", "1.0000", "-5"}).Draw(t, "default")}}
		case 2:
			x["valueTransforms"] = []any{object{"transformType": "Concat"}}
		}
		return x
	})
	leg := object{
		"sourceSchema": entity, "destinationSchema": table, "fieldMappings": rapid.SliceOfN(field, 1, 14).Draw(t, "fields"),
		"sourceFilter":         text("fno filter", "", `((PartyType == "Person"))`, `(A = 1) && !(B like "x*")`),
		"reversedSourceFilter": text("dataverse filter", "", "a eq 3", "a eq 'x  y'"),
	}
	b, err := json.Marshal(object{"name": "made_[" + entity + "]", "displayname": entity, "version": "1.2.3.4", "mapping": object{"legs": []any{leg}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Whatever a map holds, its file loads, and what it is exported to is imported
// as the same map.
func TestAnyMapIsAFixedPoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		documents := "[" + drawn(t, "Customers V3", "accounts") + "," + drawn(t, "Made things", "made_things") + "]"
		found := read(t, "maps.json", documents)
		fixedPoint(t, found.Records, dualwrite.Options{}, rapid.SampledFrom(bothWays[:]).Draw(t, "way"))
	})
}
