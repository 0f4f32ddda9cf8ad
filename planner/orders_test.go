package planner

import (
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/planner/internal/fixture"
	"github.com/dualwrite/dw/planner/plan"
)

const orders = fixture.Config + fixture.Orders

func buildOrders(t testing.TB, text string, deployed plan.Deployed) *plan.Plan {
	t.Helper()
	p, ds := Build(Input{Config: fixture.Load(t, text), Link: "contoso", Catalog: fixture.OrderSchema(), Deployed: deployed, ToolVersion: "0.1.0"})
	if len(ds) > 0 {
		t.Fatalf("the plan has mistakes:\n%s", fixture.Lines(ds))
	}
	return p
}

// TestDefinitionOfOrders: the definition of a map keeps every column that its
// references lead through, and compiles alone to the same slots.
func TestDefinitionOfOrders(t *testing.T) {
	text := strings.Replace(orders, `map "orders" {`, "map \"orders\" {\n  owner = \"team:Sales\"", 1)
	p := buildOrders(t, strings.Replace(text, `map "contacts" {`, "map \"contacts\" {\n  owner = \"company_team\"", 1), plan.Deployed{})
	columns := func(name, table string) []string {
		for _, target := range action(t, p, name).Definition.Targets {
			if target.Name == table {
				return target.FieldNames()
			}
		}
		return nil
	}
	for _, tt := range []struct {
		name, table string
		want        []string
	}{
		{"lines", "salesorder", []string{"msdyn_company", "msdyn_salesordernumber", "salesorderid"}},
		{"lines", "msdyn_productcategory", []string{"msdyn_hierarchy", "msdyn_name", "msdyn_productcategoryid"}},
		{"lines", "msdyn_productcategoryhierarchy", []string{"msdyn_name", "msdyn_productcategoryhierarchyid"}},
		{"lines", "cdm_company", []string{"cdm_companycode", "cdm_companyid"}},
		{"orders", "team", []string{"name", "teamid"}},
		{"orders", "contact", []string{"contactid", "msdyn_company", "msdyn_contactpersonid"}},
		{"contacts", "cdm_company", []string{"cdm_companycode", "cdm_companyid"}}, // the fixture's companies have no team
	} {
		got := columns(tt.name, tt.table)
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s keeps %v of %s, want %v", tt.name, got, tt.table, tt.want)
		}
	}
	if d := action(t, p, "orders").Definition.Dataverse; d.Field("statecode") == nil {
		t.Error("the state of orders is not kept")
	}
	for _, a := range p.Actions {
		d := a.Definition
		_, ds := transform.Compile(transform.Input{
			Map: d.Map, FnO: d.FnO, Dataverse: d.Dataverse, Targets: d.Targets, Enums: d.Enums, Companies: d.Companies,
			Deferred: d.Deferred, Delivers: d.Delivers,
		})
		if len(ds) > 0 {
			t.Errorf("%s does not compile alone:\n%s", a.Map, fixture.Lines(ds))
		}
	}
	if again := buildOrders(t, strings.Replace(text, `map "contacts" {`, "map \"contacts\" {\n  owner = \"company_team\"", 1), deploy(t, p)); again.Changes() {
		t.Errorf("what is deployed is planned again: %+v", again.Actions)
	}
}

// TestPlanOfLookups: the order of targets, another match and the setting of
// what is missing each show, and ask for what they must.
func TestPlanOfLookups(t *testing.T) {
	before := deploy(t, buildOrders(t, orders, plan.Deployed{}))
	accounts, contacts := `    target "accounts" {
      match = { OrderingCustomer = "accountnumber" }
    }
`, `    target "contacts" {
      match = { OrderingCustomer = "msdyn_contactpersonid" }
    }
`
	for _, tt := range []struct {
		name, old, new string
		kind           plan.Kind
		after          string
	}{
		{"nothing", `target "accounts"`, `target "account"`, plan.None, ""},
		{"order of targets", accounts + contacts, contacts + accounts, plan.Backfill,
			"OrderingCustomer = customerid by contacts {OrderingCustomer = msdyn_contactpersonid}, else accounts {OrderingCustomer = accountnumber}"},
		{"one target less", contacts, "", plan.Backfill, "OrderingCustomer = customerid by accounts {OrderingCustomer = accountnumber}"},
		{"missing", "    missing = \"park\"\n", "    missing = \"fail\"\n", plan.Update, "fail"},
		{"another column", `["name", "description"]`, `["description", "name"]`, plan.Backfill, "Remark = description"},
		{"status", `map "orders" {`, "map \"orders\" {\n  status = \"paused\"", plan.Update, "paused"},
		{"deletes", `map "orders" {`, "map \"orders\" {\n  deletes = { to_fno = \"propagate\" }", plan.Update, "propagate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if strings.Count(orders, tt.old) != 1 {
				t.Fatalf("%q stands there %d times", tt.old, strings.Count(orders, tt.old))
			}
			a := action(t, buildOrders(t, strings.Replace(orders, tt.old, tt.new, 1), before), "orders")
			if a.Kind != tt.kind {
				t.Errorf("%s, want %s: %+v", a.Kind, tt.kind, a.Changes)
			}
			if tt.after != "" && !slices.ContainsFunc(a.Changes, func(c plan.Change) bool { return c.After == tt.after }) {
				t.Errorf("changes %+v, want one to %q", a.Changes, tt.after)
			}
		})
	}
}

// TestMistakesOfTargets: names that the schema does not have are found in
// targets, matches and paths, with what was most likely meant.
func TestMistakesOfTargets(t *testing.T) {
	for _, tt := range []struct{ name, old, new, at, hint string }{
		{"table", `target "contacts"`, `target "contatcs"`, `"contatcs"`, "contacts"},
		{"column of a target", `{ OrderingCustomer = "msdyn_contactpersonid" }`, `{ OrderingCustomer = "msdyn_contactpersnid" }`, `"msdyn_contactpersnid"`, `Did you mean "msdyn_contactpersonid"?`},
		{"F&O field of a match", `{ OrderingCustomer = "msdyn_contactpersonid" }`, `{ OrderingCustomr = "msdyn_contactpersonid" }`, `OrderingCustomr`, "OrderingCustomer"},
		{"company path", `"salesorderid.msdyn_company"`, `"salesorderid.msdyn_compny"`, `"salesorderid.msdyn_compny"`, "msdyn_company"},
		{"first hop", `"salesorderid.msdyn_company"`, `"salesordrid.msdyn_company"`, `"salesordrid.msdyn_company"`, "salesorderid"},
		{"hop of a key", `SalesOrderNumber = "salesorderid.msdyn_salesordernumber"`, `SalesOrderNumber = "salesorderid.msdyn_salesordernumbr"`, `"salesorderid.msdyn_salesordernumbr"`, "msdyn_salesordernumber"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(orders, tt.old, tt.new, 1)
			p, ds := Build(Input{Config: fixture.Load(t, text), Link: "contoso", Catalog: fixture.OrderSchema()})
			i := slices.IndexFunc(ds, func(d diag.Diagnostic) bool { return text[d.Subject.Start.Byte:d.Subject.End.Byte] == tt.at })
			if p != nil || i < 0 || ds[i].Severity != diag.Error {
				t.Fatalf("want a mistake at %s, found:\n%s", tt.at, fixture.Lines(ds))
			}
			d := ds[i]
			if !strings.Contains(d.Hint, tt.hint) {
				t.Errorf("the hint is %q, want one of %q", d.Hint, tt.hint)
			}
		})
	}
}
