package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

// pairMap is a map of two tables by their keys, with fields of its own.
func pairMap(name, fno, dv, key, column, body string) string {
	return fmt.Sprintf("map %q {\n  fno       = %q\n  dataverse = %q\n  key       = { %s = %q }\n%s\n}\n", name, fno, dv, key, column, body)
}

const circleLink = "link \"contoso\" {\n  sandbox {}\n  companies = [\"USMF\", \"DEMF\"]\n}\n"

func customersMap(name, body string) string {
	return pairMap(name, "CustomersV3", "accounts", "CustomerAccount", "accountnumber", body)
}

func TestCircles(t *testing.T) {
	way := func(direction, pairs string) string { return fmt.Sprintf("  fields %q {\n%s\n  }", direction, pairs) }
	expression := func(column, fno, direction, to, e string) string {
		return fmt.Sprintf("  field %q {\n    fno = %q\n    direction = %q\n    %s = %s\n  }", column, fno, direction, to, e)
	}
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"one map, two-way fields", customersMap("a", way("both", "    OrganizationName = \"name\"\n    PrimaryContactEmail = \"emailaddress1\"")), nil},
		{"there and back by two maps", customersMap("a", way("to_dataverse", "    OrganizationName = \"name\"")) + customersMap("b", way("to_fno", "    OrganizationName = \"name\"")),
			[]string{"DW711 [OrganizationName = \"name\"] a value goes round in a circle: CustomersV3.OrganizationName –(map.a)→ accounts.name –(map.b)→ CustomersV3.OrganizationName"}},
		{"and it changes once", customersMap("a", expression("name", "OrganizationName", "to_dataverse", "to_dataverse", "upper(value)")) + customersMap("b", way("to_fno", "    OrganizationName = \"name\"")),
			[]string{"DW711"}},
		{"and it grows", customersMap("a", expression("name", "OrganizationName", "to_dataverse", "to_dataverse", `"${value}."`)) + customersMap("b", way("to_fno", "    OrganizationName = \"name\"")),
			[]string{"DW710"}},
		{"of different companies", strings.Replace(customersMap("a", expression("name", "OrganizationName", "to_dataverse", "to_dataverse", `"${value}."`)), "  key ", "  companies = [\"USMF\"]\n  key ", 1) +
			strings.Replace(customersMap("b", way("to_fno", "    OrganizationName = \"name\"")), "  key ", "  companies = [\"DEMF\"]\n  key ", 1), nil},
		{"of different rows", customersMap("a", "  filter { dataverse = \"customertypecode eq 3\" }\n"+expression("name", "OrganizationName", "to_dataverse", "to_dataverse", `"${value}."`)) +
			customersMap("b", "  filter { dataverse = \"customertypecode eq 11\" }\n"+way("to_fno", "    OrganizationName = \"name\"")), nil},
		{"set on create only", customersMap("a", strings.Replace(expression("name", "OrganizationName", "to_dataverse", "to_dataverse", `"${value}."`), "    fno", "    writes = \"create\"\n    fno", 1)) +
			customersMap("b", way("to_fno", "    OrganizationName = \"name\"")), nil},
		{"two maps of one pair, which both write", customersMap("a", way("both", "    OrganizationName = \"name\"")) + customersMap("b", way("both", "    OrganizationName = \"name\"")), nil},
		{"a tree of two-way fields", customersMap("a", way("both", "    OrganizationName = \"name\"")) + pairMap("b", "Vendors", "accounts", "VendorAccount", "accountnumber", way("both", "    VendorName = \"name\"")), nil},
		{"by way of a third table", customersMap("a", way("to_dataverse", "    OrganizationName = \"name\"")) +
			pairMap("b", "Vendors", "accounts", "VendorAccount", "accountnumber", expression("name", "VendorName", "to_fno", "to_fno", `"${value}!"`)) +
			pairMap("c", "Vendors", "contacts", "VendorAccount", "msdyn_contactpersonid", way("to_dataverse", "    VendorName = \"fullname\"")) +
			pairMap("d", "CustomersV3", "contacts", "CustomerAccount", "msdyn_contactpersonid", way("to_fno", "    OrganizationName = \"fullname\"")),
			[]string{"DW710 [OrganizationName = \"fullname\"] a value never settles: CustomersV3.OrganizationName –(map.a)→ accounts.name –(map.b)→ Vendors.VendorName –(map.c)→ contacts.fullname –(map.d)→ CustomersV3.OrganizationName"}},
		{"inside one map, by an expression", customersMap("a", expression("name", "OrganizationName", "to_dataverse", "to_dataverse", `"${record.PrimaryContactEmail}+"`)+"\n"+
			expression("telephone1", "PrimaryContactPhone", "to_dataverse", "to_dataverse", "value")+"\n"+
			expression("emailaddress1", "PrimaryContactEmail", "to_fno", "to_fno", `record.name`)),
			[]string{"DW710"}},
	} {
		expect(t, tt.name, told(t, circleLink+tt.text, fixture.Schema(), diag.CodeCircle, diag.CodeCircleSettles), tt.want...)
	}
}

// TestCircleSaysHow: the example is that of the circle.
func TestCircleSaysHow(t *testing.T) {
	text := circleLink + customersMap("a", "  field \"name\" {\n    fno = \"OrganizationName\"\n    direction = \"to_dataverse\"\n    to_dataverse = \"${value}.\"\n  }") +
		customersMap("b", "  fields \"to_fno\" {\n    OrganizationName = \"name\"\n  }")
	ds := Check(fixture.Load(t, text), fixture.Schema())
	at := slices.IndexFunc(ds, func(d diag.Diagnostic) bool { return d.Code == diag.CodeCircle })
	if at < 0 || !strings.Contains(ds[at].Detail, `"Abc Def" → "Abc Def." → "Abc Def.." → "Abc Def..."`) || ds[at].Address != "map.b" {
		t.Errorf("%+v", ds)
	}
}

// TestManyMapsOfOneTable: the search for circles is bounded, however many maps
// meet in one column.
func TestManyMapsOfOneTable(t *testing.T) {
	const maps = 400
	dv := &schema.Table{Side: value.Dataverse, Set: "rows", Name: "row", Fields: []*schema.Field{{Name: "name", Type: schema.TypeText}}}
	fno := &schema.Table{Side: value.FnO, Set: "Rows", Name: "Row", Fields: []*schema.Field{{Name: "Name", Type: schema.TypeText}}}
	var carries []*carry
	for i := range maps {
		m := &bind.Map{Source: fixture.Load(t, fixture.Config).Maps[0], FnO: fno, Dataverse: dv}
		m.Resolved = m.Source
		f := *m.Source.Fields[0]
		c := &carry{m: m, f: &f, to: value.Dataverse, reads: []node{{fno, "Name"}}, target: node{dv, "name"}}
		if i%2 == 1 {
			c.to, c.reads, c.target = value.FnO, []node{{dv, "name"}}, node{fno, "Name"}
		}
		carries = append(carries, c)
	}
	if rounds := circlesOf(carries, scopes{}); len(rounds) == 0 || len(rounds) > 8 {
		t.Errorf("%d circles", len(rounds))
	}
}
