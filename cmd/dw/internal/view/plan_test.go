package view

import (
	"bytes"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
)

func named(names ...string) []model.Named {
	out := make([]model.Named, len(names))
	for i, n := range names {
		out[i].Name = n
	}
	return out
}

func mapping(fno, column string, d model.Direction, path ...string) *model.Field {
	return &model.Field{FnO: model.Named{Name: fno}, Column: model.Named{Name: column}, Path: path, Direction: d, Writes: "always"}
}

func lookupTo(column, table, set string) *schema.Field {
	return &schema.Field{Name: column, Type: schema.TypeLookup, Targets: []schema.Target{{Table: table, Set: set}}}
}

func companiesDefinition() *plan.Definition {
	return &plan.Definition{
		Map: &model.Map{
			Name: "companies", Link: "contoso", FnO: model.Named{Name: "LegalEntities"}, Dataverse: model.Named{Name: "cdm_companies"},
			Key: named("LegalEntityId"), Company: &model.Company{Global: true},
			Fields: []*model.Field{
				mapping("LegalEntityId", "cdm_companycode", model.Both),
				mapping("Name", "cdm_name", model.Both),
			},
			Mastering: model.Mastering{Master: value.FnO},
		},
		FnO: &schema.Table{Side: value.FnO, Set: "LegalEntities"}, Dataverse: &schema.Table{Side: value.Dataverse, Set: "cdm_companies"},
		Wave: 1,
	}
}

func customersDefinition() *plan.Definition {
	computed := mapping("PrimaryContactEmail", "emailaddress1", model.Both)
	computed.Writes = "create"
	onHold := mapping("OnHoldStatus", "msdyn_onholdstatus", model.Both)
	onHold.Values = &model.Enum{Name: "on_hold", Values: []model.EnumValue{
		{FnO: value.NewText("No"), Dataverse: value.NewInteger(806380000)},
		{FnO: value.NewText("All"), Dataverse: value.NewInteger(806380002)},
	}}
	fields := []*model.Field{
		mapping("CustomerAccount", "accountnumber", model.Both),
		mapping("OrganizationName", "name", model.Both),
		mapping("CustomerGroupId", "msdyn_customergroupid", model.Both, "msdyn_groupid"),
		mapping("SalesCurrencyCode", "transactioncurrencyid", model.Both, "isocurrencycode"),
		mapping("InvoiceAccount", "msdyn_billingaccount", model.Both, "accountnumber"),
		mapping("InvoiceAddressLatitude", "address2_latitude", model.ToDataverse),
		mapping("CreditRating", "msdyn_creditrating", model.ToFnO),
		onHold, computed,
		{Column: model.Named{Name: "customertypecode"}, Direction: model.ToDataverse, Constant: value.NewInteger(3), IsConstant: true, Writes: "create"},
		{FnO: model.Named{Name: "LanguageId"}, Direction: model.ToFnO, Constant: value.NewText("en-us"), IsConstant: true, Writes: "create"},
		mapping("SalesProductCategoryHierarchyNameThatIsVeryLongIndeed", "msdyn_salesproductcategoryhierarchyname", model.Both),
	}
	return &plan.Definition{
		Map: &model.Map{
			Name: "customers", Link: "contoso", FnO: model.Named{Name: "CustomersV3"}, Dataverse: model.Named{Name: "accounts"},
			Key: named("CustomerAccount"), Company: &model.Company{Path: "msdyn_company"}, Owner: model.Named{Name: "company_team"},
			Filter: model.Filter{
				FnO:       model.Named{Name: "PartyType eq 'Organization' and (CustomerGroupId eq '10' or CustomerGroupId eq '20')"},
				Dataverse: model.Named{Name: "customertypecode eq 3"}, OnLeave: "unlink",
			},
			Fields:    fields,
			Mastering: model.Mastering{Master: value.FnO, Dataverse: named("emailaddress1")},
		},
		FnO: &schema.Table{Side: value.FnO, Set: "CustomersV3"},
		Dataverse: &schema.Table{Side: value.Dataverse, Set: "accounts", Name: "account", Fields: []*schema.Field{
			lookupTo("msdyn_customergroupid", "msdyn_customergroup", "msdyn_customergroups"),
			lookupTo("transactioncurrencyid", "transactioncurrency", "transactioncurrencies"),
			lookupTo("msdyn_billingaccount", "account", "accounts"),
		}},
		Companies: []string{"DEMF", "USMF", "USRT"}, Wave: 3, Deferred: []string{"msdyn_billingaccount.accountnumber"},
		Delivers: plan.Delivers{"msdyn_customergroup": {"customer_groups"}, "account": {"customers"}},
	}
}

func firstPlan() *plan.Plan {
	assumed := plan.Rate{Compare: 60000, ToDataverse: 9600, ToFnO: 1200}
	return &plan.Plan{
		FormatVersion: plan.FormatVersion, Tool: "0.1.0", Link: "contoso", Complete: true,
		Environments: plan.Environments{FnO: "https://contoso.operations.dynamics.com", Dataverse: "https://contoso.crm.dynamics.com"},
		Fingerprint:  "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		Policy:       plan.Verdict{Outcome: plan.Allowed},
		Total:        plan.Total{Initial: plan.Bound{Most: 24149}, Seconds: plan.Span{Least: 14, Most: 682}, Assumed: assumed},
		Actions: []plan.Action{
			{
				Map: "companies", Kind: plan.Create, Wave: 1, Definition: companiesDefinition(),
				Reasons: []plan.Reason{{Code: plan.NewMap, Detail: "the map is not deployed yet"}},
				Rows:    plan.Rows{FnO: 4, Dataverse: 3, FnOExact: true, DataverseExact: true},
				Cost: &plan.Cost{
					ToDataverse: plan.Bound{Most: 4, Exact: true}, ToFnO: plan.Bound{Most: 3, Exact: true}, Seconds: plan.Span{Least: 1, Most: 3}, Rate: assumed,
				},
			},
			{
				Map: "customers", Kind: plan.Create, Wave: 3, Definition: customersDefinition(),
				Reasons: []plan.Reason{{Code: plan.NewMap, Detail: "the map is not deployed yet"}},
				Changes: []plan.Change{
					{Path: "field accountnumber", Kind: plan.Create, After: "CustomerAccount = accountnumber", Note: "key"},
					{Path: "field msdyn_billingaccount.accountnumber", Kind: plan.Create, Note: "deferred: refers to its own map"},
					{Path: "field emailaddress1", Kind: plan.Create, Note: "master Dataverse"},
				},
				Rows: plan.Rows{FnO: 12345, Dataverse: 11800, FnOExact: true},
				Cost: &plan.Cost{
					ToDataverse: plan.Bound{Most: 12345, Exact: true}, ToFnO: plan.Bound{Most: 11800}, Seconds: plan.Span{Least: 13, Most: 679}, Rate: assumed,
				},
			},
		},
		Waves: []plan.Wave{
			{Number: 1, Maps: []string{"companies"}, Rows: 7, Seconds: plan.Span{Least: 1, Most: 3}}, {Number: 2, Maps: []string{}},
			{Number: 3, Maps: []string{"customers"}, Rows: 24145, Seconds: plan.Span{Least: 13, Most: 679}},
		},
	}
}

func laterPlan() *plan.Plan {
	def := companiesDefinition()
	action := func(name string, kind plan.Kind, wave int) plan.Action {
		d := *def
		m := *def.Map
		m.Name = name
		d.Map = &m
		a := plan.Action{Map: name, Kind: kind, Wave: wave, Definition: &d, Previous: 2}
		if kind.SendsRows() {
			a.Rows = plan.Rows{FnO: -1, Dataverse: -1}
			unknown := plan.Bound{Most: -1}
			a.Cost = &plan.Cost{ToDataverse: unknown, ToFnO: unknown, Seconds: plan.Span{Least: -1, Most: -1}}
		}
		return a
	}
	units := action("units", plan.None, 1)
	currencies := action("currencies", plan.Resume, 1)
	currencies.Reasons = []plan.Reason{{Code: plan.InitialUnfinished, Detail: "the initial sync of version 2 has not been finished"}}
	groups := action("customer_groups", plan.Update, 2)
	groups.Reasons = []plan.Reason{{Code: plan.SettingsChanged, Detail: "set otherwise: mastering.master"}}
	groups.Changes = []plan.Change{{Path: "mastering.master", Kind: plan.Update, Before: "fno", After: "dataverse"}}
	customers := action("customers", plan.Backfill, 3)
	customers.Reasons = []plan.Reason{
		{Code: plan.FieldAdded, Detail: "new: telephone1"},
		{Code: plan.FieldChanged, Detail: "mapped otherwise: msdyn_onholdstatus"},
		{Code: plan.FieldRemoved, Detail: "not mapped any more: fax"},
	}
	customers.Changes = []plan.Change{
		{Path: "field fax", Kind: plan.Destroy, Before: "PrimaryContactFax = fax"},
		{
			Path: "field msdyn_onholdstatus", Kind: plan.Update, Note: "master Dataverse",
			Before: "OnHoldStatus = msdyn_onholdstatus; values {All = 806380002, No = 806380000}, else to_dataverse fail",
			After:  "OnHoldStatus = msdyn_onholdstatus; values {All = 806380002, Never = 806380005, No = 806380000}, else to_dataverse fail",
		},
		{Path: "field telephone1", Kind: plan.Create, After: "PrimaryContactPhone = telephone1"},
		{Path: "owner", Kind: plan.Update, Before: "", After: "company_team"},
	}
	vendors := action("vendors", plan.Replace, 3)
	vendors.Reasons = []plan.Reason{{Code: plan.KeyChanged, Detail: "another key: records are paired anew: key"}}
	vendors.Changes = []plan.Change{{Path: "key", Kind: plan.Update, Before: "VendorAccountNumber = msdyn_vendoraccountnumber", After: "VendorAccountNumber = msdyn_accountnumber"}}
	gone := plan.Action{
		Map: "warehouses", Kind: plan.Destroy, Wave: 2, Previous: 4,
		Reasons: []plan.Reason{{Code: plan.Removed, Detail: "the configuration has no such map any more"}},
	}
	// What was counted: a map that was measured before.
	customers.Rows = plan.Rows{FnO: 12345, Dataverse: 11800, FnOExact: true}
	customers.Cost = &plan.Cost{
		ToDataverse: plan.Bound{Most: 12345, Exact: true}, ToFnO: plan.Bound{Exact: true}, Seconds: plan.Span{Least: 90, Most: 7300},
		Rate:        plan.Rate{Compare: 60000, ToDataverse: 9600, ToFnO: 1200, Measured: plan.MeasuredSend},
		RouteToFnO:  &plan.Route{Via: plan.ViaPackage, Why: plan.RouteManyRows, Least: 1876, Packages: 3, Seconds: 400, ReadBack: 9},
		ReadFromFnO: &plan.Reading{Via: plan.ViaPackage, Why: plan.RouteDemanded, Project: "dw-export-CustomersV3", Exports: 3, Seconds: 335, Keys: 7},
	}
	limit := int64(10000)
	at := func(line int) diag.Range {
		return diag.Range{File: "policy.dw.hcl", Start: diag.Pos{Line: line, Column: 3}}
	}
	return &plan.Plan{
		FormatVersion: plan.FormatVersion, Link: "contoso",
		Environments: plan.Environments{FnO: "https://contoso.operations.dynamics.com", Dataverse: "https://contoso.crm.dynamics.com"},
		Fingerprint:  "sha256:fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210",
		Total:        plan.Total{Rewritten: plan.Bound{Most: -1}, Seconds: plan.Span{Least: -1, Most: -1}},
		Policy: plan.Verdict{Outcome: plan.Denied, Stated: true, Violations: []plan.Violation{
			{Rule: model.RuleDestroys, Effect: model.Deny, Detail: "maps end", Maps: []string{"warehouses"}, At: at(2)},
			{Rule: model.RuleMaxRewritten, Effect: model.Approve, Detail: "how many rows to send again is not known; at most 10,000 without approval", Limit: &limit, Found: &plan.Bound{Most: -1}, Maps: []string{"customers", "vendors"}, At: at(3)},
		}},
		Destructive: []plan.Danger{
			{Code: plan.ScopeDeletes, Map: "customers", Detail: "records that the new filter leaves out on one side are deleted on the other", Rows: plan.Bound{Most: 1200, Exact: true}},
			{Code: plan.PairsAnew, Map: "vendors", Detail: "what was agreed is forgotten: where both sides differ, F&O wins"},
			{Code: plan.EndsMap, Map: "warehouses", Detail: "its records are kept equal no longer; no record is deleted"},
		},
		Pauses:  []plan.Pause{{Map: "currencies", Seconds: plan.Span{Least: -1, Most: -1}}, {Map: "customers"}, {Map: "vendors"}},
		Actions: []plan.Action{currencies, units, groups, customers, vendors, gone},
		Waves: []plan.Wave{
			{Number: 1, Maps: []string{"currencies", "units"}, Rows: -1}, {Number: 2, Maps: []string{"customer_groups"}},
			{Number: 3, Maps: []string{"customers", "vendors"}, Rows: -1},
		},
	}
}

func TestPlanFirst(t *testing.T) {
	wide(t, "plan_first", func(b *bytes.Buffer, o Options) error { return Plan(b, firstPlan(), o) })
}

func TestPlanFull(t *testing.T) {
	both(t, "plan_full", func(b *bytes.Buffer, o Options) error { o.Full = true; return Plan(b, firstPlan(), o) })
}

func TestPlanOneMap(t *testing.T) {
	both(t, "plan_one", func(b *bytes.Buffer, o Options) error { o.Maps = []string{"companies"}; return Plan(b, firstPlan(), o) })
}

func TestPlanLater(t *testing.T) {
	wide(t, "plan_later", func(b *bytes.Buffer, o Options) error { return Plan(b, laterPlan(), o) })
}

func TestPlanNarrow(t *testing.T) {
	for name, p := range map[string]*plan.Plan{"plan_narrow": firstPlan(), "plan_narrow_later": laterPlan()} {
		var b bytes.Buffer
		if err := Plan(&b, p, Options{Width: 50}); err != nil {
			t.Fatal(err)
		}
		checkGolden(t, name, b.Bytes(), 50)
	}
}

// TestPlanReading: how F&O is read is said where that is not over OData, and
// where so much is to be read that it may become another way.
func TestPlanReading(t *testing.T) {
	for _, c := range []struct {
		rows    int64
		reading plan.Reading
		want    string
	}{
		{100_000, plan.Reading{Via: plan.ViaOData, Why: plan.RateDecides, Exports: 2, SlowerThan: 2_238}, "reads F&O over OData, or by exports where that gives fewer than about 2,238 records a minute"},
		{100_000, plan.Reading{Via: plan.ViaOData, Why: plan.RouteNoProject, Project: "dw-export-X"}, "exports need the data project dw-export-X"},
		{99_999, plan.Reading{Via: plan.ViaOData, Why: plan.RateDecides, Exports: 2, SlowerThan: 2_238}, ""},
		{99_999, plan.Reading{Via: plan.ViaOData, Why: plan.RouteNoProject}, ""},
		{1_000_000, plan.Reading{Via: plan.ViaOData, Why: plan.RouteNoEntity}, ""},
		{10, plan.Reading{Via: plan.ViaOData, Why: plan.RouteDemanded}, "reads F&O over OData, as the map demands"},
		{-1, plan.Reading{Via: plan.ViaPackage, Why: plan.RouteDemanded, Exports: 2, Seconds: -1}, "reads F&O by an export for each company, as the map demands\n"},
		{10, plan.Reading{Via: plan.ViaPackage, Why: plan.RouteDemanded, Exports: 1, Seconds: 62, Keys: 1}, "reads F&O by an export, as the map demands: 1 job, 2 minutes,"},
	} {
		p := laterPlan()
		for i := range p.Actions {
			if a := &p.Actions[i]; a.Map == "customers" {
				a.Rows.FnO, a.Cost.ReadFromFnO = c.rows, &c.reading
			}
		}
		var b bytes.Buffer
		if err := Plan(&b, p, Options{Width: 200}); err != nil {
			t.Fatal(err)
		}
		if got := b.String(); !strings.Contains(got, c.want) || c.want == "" && strings.Contains(got, "reads F&O") {
			t.Errorf("%d rows, %+v:\n%s", c.rows, c.reading, got)
		}
	}
}

// wide is both, and the same at 120 columns.
func wide(t *testing.T, name string, render func(buf *bytes.Buffer, o Options) error) {
	t.Helper()
	both(t, name, render)
	var b bytes.Buffer
	if err := render(&b, Options{Width: 120}); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, name+".120", b.Bytes(), 120)
}

func TestPlanNothing(t *testing.T) {
	p := laterPlan()
	for i := range p.Actions {
		p.Actions[i].Kind = plan.None
	}
	both(t, "plan_nothing", func(b *bytes.Buffer, o Options) error { return Plan(b, p, o) })
}

func TestPlanJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, laterPlan()); err != nil {
		t.Fatal(err)
	}
	want, err := plan.Encode(laterPlan())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("not the plan's own JSON form:\n%s", b.Bytes())
	}
}
