package planner

import (
	"encoding/json"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
	"github.com/dualwrite/dw/planner/plan"
)

// build plans the text against the fixture's schema.
func build(t testing.TB, text string, deployed plan.Deployed, change ...func(*schema.Catalog)) *plan.Plan {
	t.Helper()
	cat := fixture.Schema()
	for _, c := range change {
		c(cat)
	}
	p, ds := Build(Input{Config: fixture.Load(t, text), Link: "contoso", Catalog: cat, Deployed: deployed, ToolVersion: "test"})
	if len(ds) > 0 {
		t.Fatalf("planning fails:\n%s", fixture.Lines(ds))
	}
	return p
}

// deploy gives the state after a plan was applied, as a store would keep it:
// through JSON.
func deploy(t testing.TB, p *plan.Plan) plan.Deployed {
	t.Helper()
	d := plan.Deployed{Link: p.Link, Lineage: "lineage", Serial: 7}
	for _, a := range p.Actions {
		if a.Definition == nil {
			continue
		}
		m := plan.DeployedMap{Definition: *a.Definition, Version: a.Previous + 1, Status: "running", Initial: "done"}
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back plan.DeployedMap
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		d.Maps = append(d.Maps, back)
	}
	return d
}

func action(t testing.TB, p *plan.Plan, name string) plan.Action {
	t.Helper()
	for _, a := range p.Actions {
		if a.Map == name {
			return a
		}
	}
	t.Fatalf("the plan has no action for %s", name)
	return plan.Action{}
}

func codes(a plan.Action) []string {
	var out []string
	for _, r := range a.Reasons {
		out = append(out, r.Code)
	}
	return out
}

func TestFirstPlan(t *testing.T) {
	p := build(t, fixture.Config, plan.Deployed{})
	var order []string
	for _, a := range p.Actions {
		order = append(order, a.Map)
		if a.Kind != plan.Create || !slices.Equal(codes(a), []string{plan.NewMap}) {
			t.Errorf("%s: %s for %v", a.Map, a.Kind, codes(a))
		}
	}
	if want := []string{"companies", "currencies", "groups", "customers"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
	unknown := plan.Span{Least: -1, Most: -1}
	wantWaves := []plan.Wave{
		{Number: 1, Maps: []string{"companies", "currencies"}, Rows: -1, Seconds: unknown}, {Number: 2, Maps: []string{"groups"}, Rows: -1, Seconds: unknown},
		{Number: 3, Maps: []string{"customers"}, Rows: -1, Seconds: unknown},
	}
	if !reflect.DeepEqual(p.Waves, wantWaves) {
		t.Errorf("waves %+v", p.Waves)
	}
	wantDeferred := []plan.Deferral{{Map: "customers", Field: "msdyn_billingaccount.accountnumber", Ring: []string{"customers"}}}
	if !reflect.DeepEqual(p.Deferrals, wantDeferred) {
		t.Errorf("deferrals %+v", p.Deferrals)
	}
	if p.Complete {
		t.Error("complete although nothing was counted")
	}

	def := action(t, p, "customers").Definition
	if want := []string{"DEMF", "USMF"}; !slices.Equal(def.Companies, want) {
		t.Errorf("companies %v, want %v", def.Companies, want)
	}
	if def.Map.Company == nil || def.Map.Company.Path != "msdyn_company" {
		t.Errorf("company %+v", def.Map.Company)
	}
	wantDelivers := plan.Delivers{"account": {"customers"}, "cdm_company": {"companies"}, "msdyn_customergroup": {"groups"}, "transactioncurrency": {"currencies"}}
	if !reflect.DeepEqual(def.Delivers, wantDelivers) {
		t.Errorf("delivers %v, want %v", def.Delivers, wantDelivers)
	}
	if def.Dataverse.Field("telephone1") != nil || def.Dataverse.Field("statecode") == nil || def.FnO.Field("PartyType") == nil {
		t.Error("the definition keeps the wrong columns")
	}
}

// TestDefinitionRunsAlone: what a plan writes down compiles without anything
// else, to the same slots.
func TestDefinitionRunsAlone(t *testing.T) {
	p := build(t, fixture.Config, plan.Deployed{})
	for _, m := range deploy(t, p).Maps {
		d := m.Definition
		c, ds := transform.Compile(transform.Input{
			Map: d.Map, FnO: d.FnO, Dataverse: d.Dataverse, Targets: d.Targets, Enums: d.Enums, Companies: d.Companies,
			Deferred: d.Deferred, Delivers: d.Delivers,
		})
		if len(ds) > 0 {
			t.Errorf("%s: %s", d.Map.Name, fixture.Lines(ds))
			continue
		}
		if d.Map.Name != "customers" {
			continue
		}
		var names []string
		for _, s := range c.Slots {
			names = append(names, s.Name)
		}
		want := []string{
			"msdyn_company", "accountnumber", "name", "msdyn_customergroupid.msdyn_groupid", "transactioncurrencyid.isocurrencycode",
			"msdyn_billingaccount.accountnumber", "msdyn_onholdstatus", "emailaddress1",
		}
		if !slices.Equal(names, want) {
			t.Errorf("slots %v, want %v", names, want)
		}
	}
}

func TestNothingToDo(t *testing.T) {
	first := build(t, fixture.Config, plan.Deployed{})
	second := build(t, fixture.Config, deploy(t, first))
	if second.Changes() {
		for _, a := range second.Actions {
			t.Errorf("%s: %s %v %+v", a.Map, a.Kind, codes(a), a.Changes)
		}
	}
	if first.ConfigHash != second.ConfigHash || first.SchemaHash != second.SchemaHash {
		t.Error("hashes moved although nothing did")
	}
	if !second.Complete || second.Waves[0].Rows != 0 {
		t.Errorf("a plan without work: complete %v, waves %+v", second.Complete, second.Waves)
	}
}

// TestSameMapOtherwiseWritten: spelling, comments, order and written-out
// defaults make no difference.
func TestSameMapOtherwiseWritten(t *testing.T) {
	first := build(t, fixture.Config, plan.Deployed{})
	text := strings.NewReplacer(
		`fno       = "CustomersV3"`, "# a comment\n  fno = \"customersv3\"",
		`dataverse = "accounts"`, `dataverse = "Account"`,
		`OrganizationName  = "name"`, `organizationname = "NAME"`,
		`key       = ["CustomerAccount"]`, `key = ["customeraccount"]`,
		"\n    dataverse = [\"name\"]\n", "\n    master = \"fno\"\n    dataverse = [\"Name\"]\n",
		`version   = "1.0.0"`, "version = \"1.0.0\"\n  conflict = \"merge\"\n  status = \"running\"\n  creates = { to_dataverse = true, to_fno = true }\n  deletes = { to_fno = \"ignore\" }",
		`    Description     = "msdyn_description"`, "",
		`    CustomerGroupId = "msdyn_groupid"`, "    Description = \"msdyn_description\"\n    CustomerGroupId = \"msdyn_groupid\"",
		`{ No = 806380000, Invoice = 806380001, All = 806380002 }`, `{ All = 806380002, Invoice = 806380001, No = 806380000 }`,
	).Replace(fixture.Config)
	second := build(t, text, deploy(t, first))
	for _, a := range second.Actions {
		if a.Kind != plan.None {
			t.Errorf("%s: %s %v %+v", a.Map, a.Kind, codes(a), a.Changes)
		}
	}
	if first.ConfigHash != second.ConfigHash {
		t.Error("the hash of the configuration moved")
	}
}

func TestChanges(t *testing.T) {
	tests := []struct {
		name     string
		old, new string
		kind     plan.Kind
		codes    []string
		change   plan.Change
	}{
		{
			"field added", `OrganizationName  = "name"`, "OrganizationName = \"name\"\n    PrimaryContactPhone = \"telephone1\"",
			plan.Backfill, []string{plan.FieldAdded},
			plan.Change{Path: "field telephone1", Kind: plan.Create, After: "PrimaryContactPhone = telephone1"},
		},
		{
			"field removed", `    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"`, "",
			plan.Update, []string{plan.FieldRemoved, plan.OrderChanged},
			plan.Change{Path: "field transactioncurrencyid.isocurrencycode", Kind: plan.Destroy, Before: "SalesCurrencyCode = transactioncurrencyid.isocurrencycode"},
		},
		{
			"transform", "lower(trimspace(value))", "upper(trimspace(value))", plan.Backfill, []string{plan.FieldChanged},
			plan.Change{
				Path: "field emailaddress1", Kind: plan.Update,
				Before: "PrimaryContactEmail > emailaddress1; to_dataverse = lower(trimspace(value))",
				After:  "PrimaryContactEmail > emailaddress1; to_dataverse = upper(trimspace(value))",
			},
		},
		{
			"value map", "otherwise = \"fail\"", "otherwise = 806380000", plan.Backfill, []string{plan.FieldChanged},
			plan.Change{Path: "field msdyn_onholdstatus", Kind: plan.Update},
		},
		{
			"filter", "PartyType eq 'Organization'", "PartyType eq 'Person'", plan.Backfill, []string{plan.FilterChanged},
			plan.Change{Path: "filter.fno", Kind: plan.Update, Before: "PartyType eq 'Organization'", After: "PartyType eq 'Person'"},
		},
		{
			"companies", `version   = "1.0.0"`, "version = \"1.0.0\"\n  companies = [\"USMF\"]", plan.Backfill, []string{plan.CompaniesChanged},
			plan.Change{Path: "companies", Kind: plan.Update, Before: "DEMF, USMF", After: "USMF"},
		},
		{
			"key", "CustomerAccount   = \"accountnumber\"", "CustomerAccount   = \"telephone1\"", plan.Replace,
			[]string{plan.KeyChanged, plan.FieldAdded, plan.FieldRemoved},
			plan.Change{Path: "key", Kind: plan.Update, Before: "CustomerAccount = accountnumber", After: "CustomerAccount = telephone1"},
		},
		{
			"mastering", "dataverse = [\"name\"]", "dataverse = [\"name\", \"msdyn_onholdstatus\"]", plan.Update, []string{plan.SettingsChanged},
			plan.Change{Path: "mastering.dataverse", Kind: plan.Update, Before: "name", After: "msdyn_onholdstatus, name"},
		},
		{
			"version", `version   = "1.0.0"`, `version   = "1.1.0"`, plan.Update, []string{plan.SettingsChanged},
			plan.Change{Path: "version", Kind: plan.Update, Before: "1.0.0", After: "1.1.0"},
		},
		{
			"status", `version   = "1.0.0"`, "version = \"1.0.0\"\n  status = \"paused\"", plan.Update, []string{plan.SettingsChanged},
			plan.Change{Path: "status", Kind: plan.Update, Before: "running", After: "paused"},
		},
		{
			"creation switched off", `version   = "1.0.0"`, "version = \"1.0.0\"\n  creates = { to_fno = false }", plan.Update, []string{plan.SettingsChanged},
			plan.Change{Path: "creates.to_fno", Kind: plan.Update, Before: "true", After: "false"},
		},
		{
			"create-only constant", "value = 3 }", "value = 11 }", plan.Update, []string{plan.FieldChanged},
			plan.Change{Path: "constant customertypecode", Kind: plan.Update, Before: "3 > customertypecode; on create only", After: "11 > customertypecode; on create only"},
		},
	}
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := action(t, build(t, fixture.Edit(t, tt.old, tt.new), deployed), "customers")
			if a.Kind != tt.kind || !slices.Equal(codes(a), tt.codes) {
				t.Errorf("%s for %v, want %s for %v\n%+v", a.Kind, codes(a), tt.kind, tt.codes, a.Changes)
			}
			at := slices.IndexFunc(a.Changes, func(c plan.Change) bool { return c.Path == tt.change.Path })
			if at < 0 {
				t.Fatalf("no change of %s: %+v", tt.change.Path, a.Changes)
			}
			got := a.Changes[at]
			if tt.change.Before == "" && tt.change.After == "" {
				got.Before, got.After, got.Note = "", "", ""
			}
			if got != tt.change {
				t.Errorf("change %+v, want %+v", got, tt.change)
			}
		})
	}
}

// TestCreationSwitchedOn: the records that were left out have to be found.
func TestCreationSwitchedOn(t *testing.T) {
	off := fixture.Edit(t, `version   = "1.0.0"`, "version = \"1.0.0\"\n  creates = { to_fno = false }")
	a := action(t, build(t, fixture.Config, deploy(t, build(t, off, plan.Deployed{}))), "customers")
	if a.Kind != plan.Backfill {
		t.Errorf("%s for %v: %+v", a.Kind, codes(a), a.Changes)
	}
}

func TestSchemaDrift(t *testing.T) {
	first := build(t, fixture.Config, plan.Deployed{})
	deployed := deploy(t, first)
	longer := func(c *schema.Catalog) {
		fixture.Table(t, c, value.Dataverse, "accounts").Field("name").MaxLength = 200
	}
	a := action(t, build(t, fixture.Config, deployed, longer), "customers")
	if a.Kind != plan.Update || !slices.Equal(codes(a), []string{plan.SchemaChanged}) {
		t.Errorf("a longer column: %s for %v", a.Kind, codes(a))
	}
	memo := func(c *schema.Catalog) {
		f := fixture.Table(t, c, value.FnO, "CustomersV3").Field("OrganizationName")
		f.Type, f.Enum = schema.TypeInteger, ""
		g := fixture.Table(t, c, value.Dataverse, "accounts").Field("name")
		g.Type, g.MaxLength = schema.TypeInteger, 0
	}
	a = action(t, build(t, fixture.Config, deployed, memo), "customers")
	if a.Kind != plan.Backfill {
		t.Errorf("another type: %s for %v", a.Kind, codes(a))
	}
	unused := func(c *schema.Catalog) {
		fixture.Table(t, c, value.Dataverse, "accounts").Field("telephone1").MaxLength = 5
		fixture.Table(t, c, value.Dataverse, "accounts").Field("customertypecode").Options[0].Label = "another label"
	}
	p := build(t, fixture.Config, deployed, unused)
	if p.Changes() || p.SchemaHash != first.SchemaHash {
		t.Error("an unused column or a label counts")
	}
}

func TestRemovedAndResumed(t *testing.T) {
	first := build(t, fixture.Config, plan.Deployed{})
	deployed := deploy(t, first)
	at := strings.Index(fixture.Config, `map "customers"`)
	p := build(t, fixture.Config[:at], deployed)
	last := p.Actions[len(p.Actions)-1]
	if last.Map != "customers" || last.Kind != plan.Destroy || last.Previous != 1 || last.Definition != nil || last.Wave != 3 {
		t.Errorf("removed map: %+v", last)
	}

	for i := range deployed.Maps {
		deployed.Maps[i].Initial = "pending"
	}
	p = build(t, fixture.Config, deployed)
	for _, a := range p.Actions {
		if a.Kind != plan.Resume || !slices.Equal(codes(a), []string{plan.InitialUnfinished}) {
			t.Errorf("%s: %s for %v", a.Map, a.Kind, codes(a))
		}
	}
	a := action(t, build(t, fixture.Edit(t, `version   = "1.0.0"`, `version   = "2.0.0"`), deployed), "customers")
	if a.Kind != plan.Backfill || !slices.Equal(codes(a), []string{plan.SettingsChanged, plan.InitialUnfinished}) {
		t.Errorf("update of an unfinished map: %s for %v", a.Kind, codes(a))
	}
}

func TestCounts(t *testing.T) {
	counts := plan.Counts{}
	for _, name := range []string{"companies", "currencies", "groups", "customers"} {
		counts[name] = map[value.Side]plan.Count{value.FnO: {Rows: 10, Exact: true}, value.Dataverse: {Rows: 5}}
	}
	in := Input{Config: fixture.Load(t, fixture.Config), Link: "contoso", Catalog: fixture.Schema(), Counts: counts}
	p, _ := Build(in)
	if !p.Complete || p.Waves[0].Rows != 30 || p.Waves[2].Rows != 15 {
		t.Errorf("complete %v, waves %+v", p.Complete, p.Waves)
	}
	if want := (plan.Rows{FnO: 10, Dataverse: 5, FnOExact: true}); p.Actions[0].Rows != want {
		t.Errorf("rows %+v, want %+v", p.Actions[0].Rows, want)
	}
	delete(counts, "groups")
	p, _ = Build(in)
	if p.Complete || p.Waves[0].Rows != 30 || p.Waves[1].Rows != -1 {
		t.Errorf("without a count: complete %v, waves %+v", p.Complete, p.Waves)
	}
}

func TestMistakes(t *testing.T) {
	cfg := fixture.Load(t, strings.NewReplacer(`"CustomersV3"`, `"CustomerV4"`, `"msdyn_description"`, `"msdyn_descripton"`).Replace(fixture.Config))
	p, ds := Build(Input{Config: cfg, Link: "contoso", Catalog: fixture.Schema()})
	if p != nil || !ds.HasErrors() {
		t.Fatal("a plan in spite of mistakes")
	}
	got := fixture.Lines(ds)
	for _, want := range []string{"DW250", "DW202"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s among:\n%s", want, got)
		}
	}
	if _, ds := Build(Input{Config: cfg, Link: "contosso", Catalog: fixture.Schema()}); len(ds) != 1 || ds[0].Code != "DW304" || !strings.Contains(ds[0].Hint, `"contoso"`) {
		t.Errorf("unknown link: %s", fixture.Lines(ds))
	}
}

// TestOrderOfInputDoesNotMatter: the same plan, byte for byte.
func TestOrderOfInputDoesNotMatter(t *testing.T) {
	cfg := fixture.Load(t, fixture.Config)
	cat := fixture.Schema()
	plans := map[string]bool{}
	random := rand.New(rand.NewSource(1))
	for range 20 {
		random.Shuffle(len(cfg.Maps), func(i, j int) { cfg.Maps[i], cfg.Maps[j] = cfg.Maps[j], cfg.Maps[i] })
		random.Shuffle(len(cat.Dataverse), func(i, j int) { cat.Dataverse[i], cat.Dataverse[j] = cat.Dataverse[j], cat.Dataverse[i] })
		p, ds := Build(Input{Config: cfg, Link: "contoso", Catalog: cat})
		if len(ds) > 0 {
			t.Fatal(fixture.Lines(ds))
		}
		data, err := plan.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		plans[string(data)] = true
	}
	if len(plans) != 1 {
		t.Errorf("%d different plans", len(plans))
	}
}

func TestCurrentSchema(t *testing.T) {
	p := build(t, fixture.Config, plan.Deployed{})
	moved := func(cat *schema.Catalog) string {
		found := p.FreshSchema(CurrentSchema(p, cat))
		if len(found) == 0 {
			return ""
		}
		return found[0].Detail
	}
	cat := fixture.Schema()
	if text := moved(cat); text != "" {
		t.Errorf("the same schema: %s", text)
	}
	fixture.Table(t, cat, value.Dataverse, "accounts").Field("telephone1").MaxLength = 5 // which no map uses
	if text := moved(cat); text != "" {
		t.Errorf("a column that is not used: %s", text)
	}
	fixture.Table(t, cat, value.Dataverse, "accounts").Field("name").MaxLength = 5
	if text := moved(cat); !strings.Contains(text, "dataverse.accounts") || strings.Contains(text, "fno.") {
		t.Errorf("a shorter column: %s", text)
	}
	cat = fixture.Schema()
	cat.FnO = cat.FnO[:1]
	if text := moved(cat); !strings.Contains(text, "fno.") {
		t.Errorf("tables that are gone: %s", text)
	}
}

// TestSavedPlan: what Build makes survives being saved, and only as it is.
func TestSavedPlan(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	p := build(t, fixture.Edit(t, "lower(trimspace(value))", "upper(value)"), deployed)
	data, err := plan.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	back, err := plan.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := plan.Encode(back)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(data) {
		t.Errorf("the plan changes when it is read:\n%s\n%s", data, again)
	}
}

func BenchmarkThousandMapsUnchanged(b *testing.B) {
	cfg, cat := fixture.Many(b, 1000, 10)
	p, ds := Build(Input{Config: cfg, Link: "contoso", Catalog: cat})
	if len(ds) > 0 {
		b.Fatal(fixture.Lines(ds))
	}
	deployed := deploy(b, p)
	for b.Loop() {
		if p, _ := Build(Input{Config: cfg, Link: "contoso", Catalog: cat, Deployed: deployed}); p.Changes() {
			b.Fatal("changes")
		}
	}
}
