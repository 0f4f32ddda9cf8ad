package planner

import (
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
	"github.com/dualwrite/dw/planner/plan"
)

const movedGroups = `
moved {
  from = map.groups
  to   = map.customer_groups
}
`

func renamedGroups(t *testing.T) string {
	return fixture.Edit(t, `map "groups" {`, `map "customer_groups" {`)
}

// A map with another name keeps everything; the maps whose lookups lead to it
// follow, and nothing is read for any of them.
func TestMovedMap(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	p := build(t, renamedGroups(t)+movedGroups, deployed)
	a := action(t, p, "customer_groups")
	if a.Kind != plan.Update || a.MovedFrom != "groups" || a.Previous != 1 || !slices.Equal(codes(a), []string{plan.Moved}) {
		t.Errorf("got %+v", a)
	}
	if want := (plan.Change{Path: "name", Kind: plan.Update, Before: "map.groups", After: "map.customer_groups"}); len(a.Changes) != 1 || a.Changes[0] != want {
		t.Errorf("changes %+v", a.Changes)
	}
	c := action(t, p, "customers")
	if c.Kind != plan.Update || c.MovedFrom != "" || !slices.Equal(codes(c), []string{plan.Moved}) || len(c.Changes) != 1 {
		t.Errorf("customers: %+v", c)
	}
	if got := c.Definition.Delivers["msdyn_customergroup"]; !slices.Equal(got, []string{"customer_groups"}) {
		t.Errorf("customers' groups come from %v", got)
	}
	for _, a := range p.Actions {
		if a.Kind.SendsRows() || a.Kind == plan.Destroy {
			t.Errorf("%s is %s", a.Map, a.Kind)
		}
	}
	if len(p.Destructive) > 0 {
		t.Errorf("destructive: %v", p.Destructive)
	}

	// Applied: the block says nothing any more, and may stay.
	after := deploy(t, p)
	if p := build(t, renamedGroups(t)+movedGroups, after); p.Changes() {
		t.Errorf("something to do after the move: %+v", p.Actions)
	}
	// Another environment has the map under its new name from the start.
	p = build(t, renamedGroups(t)+movedGroups, plan.Deployed{})
	if a := action(t, p, "customer_groups"); a.Kind != plan.Create || a.MovedFrom != "" {
		t.Errorf("in a new environment: %+v", a)
	}
}

// A chain leads from whatever name is deployed to the last one.
func TestMovedChain(t *testing.T) {
	chain := strings.Replace(movedGroups, "map.customer_groups", "map.between", 1) + strings.Replace(movedGroups, "map.groups", "map.between", 1)
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	p := build(t, renamedGroups(t)+chain, deployed)
	if a := action(t, p, "customer_groups"); a.MovedFrom != "groups" || a.Kind != plan.Update {
		t.Errorf("from the first name: %+v", a)
	}
	between := deploy(t, build(t, fixture.Edit(t, `map "groups" {`, `map "between" {`), plan.Deployed{}))
	p = build(t, renamedGroups(t)+chain, between)
	if a := action(t, p, "customer_groups"); a.MovedFrom != "between" || a.Kind != plan.Update {
		t.Errorf("from the second name: %+v", a)
	}
}

// What else changes with the name asks for what it always asks for.
func TestMovedAndChanged(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	text := strings.Replace(renamedGroups(t), `    Description     = "msdyn_description"`+"\n", "", 1) + movedGroups
	a := action(t, build(t, text, deployed), "customer_groups")
	if a.Kind != plan.Update || a.MovedFrom != "groups" || !slices.Equal(codes(a), []string{plan.Moved, plan.FieldRemoved}) {
		t.Errorf("a field less: %+v", a)
	}
	deployed.Maps[slices.IndexFunc(deployed.Maps, func(m plan.DeployedMap) bool { return m.Definition.Map.Name == "groups" })].Initial = "pending"
	a = action(t, build(t, renamedGroups(t)+movedGroups, deployed), "customer_groups")
	if a.Kind != plan.Backfill || a.MovedFrom != "groups" || !slices.Equal(codes(a), []string{plan.Moved, plan.InitialUnfinished}) {
		t.Errorf("not joined yet: %+v", a)
	}
}

// Without a moved block the old map goes and a new one comes, and a notice says
// what would keep the records.
func TestRenamedWithoutMoved(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	p, ds := Build(Input{Config: fixture.Load(t, renamedGroups(t)), Link: "contoso", Catalog: fixture.Schema(), Deployed: deployed})
	if a := action(t, p, "customer_groups"); a.Kind != plan.Create {
		t.Errorf("got %+v", a)
	}
	if a := action(t, p, "groups"); a.Kind != plan.Destroy {
		t.Errorf("got %+v", a)
	}
	if len(ds) != 1 || ds[0].Code != diag.CodeMovedHint || ds[0].Severity != diag.Notice ||
		!strings.Contains(ds[0].Hint, "from = map.groups and to = map.customer_groups") || ds[0].Subject.File != "main.dw.hcl" {
		t.Errorf("notices: %s", fixture.Lines(ds))
	}
	// Other tables are another map.
	text := fixture.Edit(t, `map "groups" {
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = ["CustomerGroupId"]
  fields "both" {
    CustomerGroupId = "msdyn_groupid"
    Description     = "msdyn_description"
  }
}`, `map "more_companies" {
  fno       = "LegalEntities"
  dataverse = "msdyn_customergroups"
  key       = ["LegalEntityId"]
  company   = null
  fields "both" {
    LegalEntityId = "msdyn_groupid"
  }
}`)
	if _, ds := Build(Input{Config: fixture.Load(t, text), Link: "contoso", Catalog: fixture.Schema(), Deployed: deployed}); slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return d.Code == diag.CodeMovedHint }) {
		t.Errorf("notices: %s", fixture.Lines(ds))
	}
}

// renameColumn gives a column of the schema another name, as somebody does in
// the environment.
func renameColumn(t *testing.T, side value.Side, set, from, to string) func(*schema.Catalog) {
	return func(c *schema.Catalog) {
		f := fixture.Table(t, c, side, set).Field(from)
		if f == nil {
			t.Fatalf("%s has no %s", set, from)
		}
		f.Name = to
	}
}

// A field whose column was renamed keeps its agreed values.
func TestMovedField(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	column := renameColumn(t, value.Dataverse, "accounts", "name", "fullname")
	text := strings.Replace(fixture.Edit(t, `OrganizationName  = "name"`, `OrganizationName  = "fullname"`), `dataverse = ["name"]`, `dataverse = ["fullname"]`, 1)
	moved := `
moved {
  from = map.customers.name
  to   = map.customers.fullname
}
`
	without := action(t, build(t, text, deployed, column), "customers")
	if without.Kind != plan.Backfill {
		t.Errorf("without a block: %s", without.Kind)
	}
	a := action(t, build(t, text+moved, deployed, column), "customers")
	if a.Kind != plan.Update || !slices.Equal(codes(a), []string{plan.Moved}) {
		t.Errorf("got %s %+v %+v", a.Kind, a.Reasons, a.Changes)
	}
	if len(a.Changes) != 1 || a.Changes[0].Path != "field fullname" || a.Changes[0].Note != "moved from name" || !strings.Contains(a.Changes[0].Before, "name") {
		t.Errorf("changes %+v", a.Changes)
	}
	if want := []plan.FieldMove{{From: "name", To: "fullname"}}; !slices.Equal(a.Definition.Moved, want) {
		t.Errorf("moved %v", a.Definition.Moved)
	}
	after := deploy(t, build(t, text+moved, deployed, column))
	if p := build(t, text+moved, after, column); p.Changes() {
		t.Errorf("something to do afterwards: %+v", action(t, p, "customers"))
	}

	// A field of F&O.
	inFnO := renameColumn(t, value.FnO, "CustomersV3", "OrganizationName", "LegalName")
	text = fixture.Edit(t, `OrganizationName  = "name"`, `LegalName = "name"`)
	moved = `
moved {
  from = map.customers.OrganizationName
  to   = map.customers.LegalName
}
`
	a = action(t, build(t, text+moved, deployed, inFnO), "customers")
	if a.Kind != plan.Update || !slices.Equal(codes(a), []string{plan.Moved}) || len(a.Definition.Moved) != 1 {
		t.Errorf("a field of F&O: %s %+v %+v", a.Kind, a.Reasons, a.Changes)
	}

	// A field that is mapped otherwise as well is read again, as ever.
	text = fixture.Edit(t, `    OrganizationName  = "name"`+"\n", "") + moved
	text = strings.Replace(text, `  field "emailaddress1" {`, `  field "name" {
    fno          = "LegalName"
    to_dataverse = upper(value)
  }
  field "emailaddress1" {`, 1)
	a = action(t, build(t, text, deployed, inFnO), "customers")
	if a.Kind != plan.Backfill || !slices.Equal(codes(a), []string{plan.Moved, plan.FieldChanged}) {
		t.Errorf("moved and changed: %s %+v", a.Kind, a.Reasons)
	}
}

// A block of which neither end is deployed is told, once something is deployed;
// one that was carried out is not.
func TestIdleMoves(t *testing.T) {
	found := func(text string, deployed plan.Deployed) (out []string) {
		t.Helper()
		_, ds := Build(Input{Config: fixture.Load(t, text), Link: "contoso", Catalog: fixture.Schema(), Deployed: deployed})
		for _, d := range ds {
			if d.Code == diag.CodeMovedIdle {
				out = append(out, d.Summary)
			}
		}
		return out
	}
	without := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	without.Maps = slices.DeleteFunc(without.Maps, func(m plan.DeployedMap) bool { return m.Definition.Map.Name == "groups" })
	want := []string{"nothing that is deployed is called map.groups, nor map.customer_groups"}
	if got := found(renamedGroups(t)+movedGroups, without); !slices.Equal(got, want) {
		t.Errorf("neither is deployed: %q", got)
	}
	for name, deployed := range map[string]plan.Deployed{
		"nothing is deployed": {},
		"the old is":          deploy(t, build(t, fixture.Config, plan.Deployed{})),
		"the new is":          deploy(t, build(t, renamedGroups(t), plan.Deployed{})),
	} {
		if got := found(renamedGroups(t)+movedGroups, deployed); len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
	const field = "\nmoved {\n  from = map.groups.msdyn_old\n  to   = map.groups.msdyn_description\n}\n"
	if got := found(fixture.Config+field, deploy(t, build(t, fixture.Config, plan.Deployed{}))); len(got) > 0 {
		t.Errorf("a field whose new name is deployed: %q", got)
	}
	less := fixture.Edit(t, `    Description     = "msdyn_description"`+"\n", "")
	if got := found(fixture.Config+field, deploy(t, build(t, less, plan.Deployed{}))); len(got) != 1 || !strings.Contains(got[0], "msdyn_old") {
		t.Errorf("a field of which neither name is deployed: %q", got)
	}
}
