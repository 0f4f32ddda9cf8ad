package planner

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
	"github.com/dualwrite/dw/planner/plan"
)

// assumed are rates that make sums easy: a row a second is compared, a row in
// two seconds sent to Dataverse, one in four to F&O.
var assumed = plan.Rates{Assumed: plan.Rate{Compare: 60, ToDataverse: 30, ToFnO: 15}, Parallel: 2}

// counts gives maps counts of F&O and Dataverse, exact in F&O only.
func counts(rows map[string][2]int64) plan.Counts {
	out := plan.Counts{}
	for name, n := range rows {
		out[name] = map[value.Side]plan.Count{value.FnO: {Rows: n[0], Exact: true}, value.Dataverse: {Rows: n[1]}}
	}
	return out
}

// input plans the text against the fixture's schema.
func input(t testing.TB, text string, change func(*Input)) *plan.Plan {
	t.Helper()
	in := Input{Config: fixture.Load(t, text), Link: "contoso", Catalog: fixture.Schema(), Rates: assumed}
	if change != nil {
		change(&in)
	}
	p, ds := Build(in)
	if len(ds) > 0 {
		t.Fatalf("planning fails:\n%s", fixture.Lines(ds))
	}
	return p
}

func TestCostOfNewMaps(t *testing.T) {
	p := input(t, fixture.Config, func(in *Input) {
		in.Counts = counts(map[string][2]int64{"companies": {10, 8}, "currencies": {20, 4}, "groups": {30, 0}, "customers": {100, 60}})
	})
	c := action(t, p, "customers").Cost
	want := &plan.Cost{
		ToDataverse: plan.Bound{Most: 100, Exact: true}, ToFnO: plan.Bound{Most: 60}, Rate: assumed.Assumed,
		Seconds: plan.Span{Least: 100, Most: 100 + 200 + 240},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("customers cost %+v, want %+v", c, want)
	}
	// Two maps at once: at best as long as the longest, at worst one after the other.
	if w := p.Waves[0]; w.Seconds != (plan.Span{Least: 20, Most: (10 + 20 + 32) + (20 + 40 + 16)}) {
		t.Errorf("wave 1 takes %+v", w.Seconds)
	}
	if got := p.Total.Seconds; got != (plan.Span{Least: 20 + 30 + 100, Most: 138 + 90 + 540}) {
		t.Errorf("all takes %+v", got)
	}
	if got := p.Total.Initial; got != (plan.Bound{Most: 18 + 24 + 30 + 160}) {
		t.Errorf("first sent: %+v", got)
	}
	if got := p.Total.Rewritten; got != (plan.Bound{Exact: true}) {
		t.Errorf("sent again: %+v", got)
	}
	if len(p.Pauses) > 0 {
		t.Errorf("new maps rest: %+v", p.Pauses)
	}
}

// TestCostUnknown: without counts nothing is claimed.
func TestCostUnknown(t *testing.T) {
	p := input(t, fixture.Config, nil)
	unknown := plan.Span{Least: -1, Most: -1}
	if c := action(t, p, "customers").Cost; c.ToDataverse.Most != -1 || c.ToFnO.Most != -1 || c.Seconds != unknown || p.Total.Seconds != unknown || p.Total.Initial.Most != -1 {
		t.Errorf("%+v, %+v", c, p.Total)
	}
}

// TestCostOfOneDirection: rows go only where the changed fields go, and not
// beyond the rows that are there where none may be created.
func TestCostOfOneDirection(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	rows := counts(map[string][2]int64{"customers": {100, 60}})
	for name, c := range map[string]struct {
		text               string
		toDataverse, toFnO plan.Bound
		rewritten          plan.Bound
		kind               plan.Kind
		rests              bool
	}{
		"to_dataverse": {
			fixture.Edit(t, `  field "emailaddress1" {`, "  fields \"to_dataverse\" {\n    PrimaryContactPhone = \"telephone1\"\n  }\n  field \"emailaddress1\" {"),
			plan.Bound{Most: 100, Exact: true}, plan.Bound{Exact: true}, plan.Bound{Most: 100, Exact: true}, plan.Backfill, true,
		},
		"to_fno": {
			fixture.Edit(t, `  field "emailaddress1" {`, "  fields \"to_fno\" {\n    PrimaryContactPhone = \"telephone1\"\n  }\n  field \"emailaddress1\" {"),
			plan.Bound{Exact: true}, plan.Bound{Most: 60}, plan.Bound{Most: 60}, plan.Backfill, true,
		},
		"no creates": {
			fixture.Edit(t, `key       = ["CustomerAccount"]`, "key       = [\"CustomerAccount\"]\n  companies = [\"USMF\"]\n  creates   = { to_dataverse = false }"),
			plan.Bound{Most: 60}, plan.Bound{Most: 60}, plan.Bound{Most: 120}, plan.Backfill, true,
		},
		"settings": {
			fixture.Edit(t, `version   = "1.0.0"`, `version   = "1.0.1"`), plan.Bound{}, plan.Bound{}, plan.Bound{Exact: true}, plan.Update, false,
		},
	} {
		p := input(t, c.text, func(in *Input) { in.Deployed, in.Counts = deployed, rows })
		a := action(t, p, "customers")
		if a.Kind != c.kind {
			t.Errorf("%s: %s", name, a.Kind)
		}
		if a.Cost == nil {
			a.Cost = &plan.Cost{}
		}
		if a.Cost.ToDataverse != c.toDataverse || a.Cost.ToFnO != c.toFnO || p.Total.Rewritten != c.rewritten {
			t.Errorf("%s: %+v, %+v", name, a.Cost, p.Total)
		}
		if rests := len(p.Pauses) == 1 && p.Pauses[0].Map == "customers"; rests != c.rests {
			t.Errorf("%s: rests %+v", name, p.Pauses)
		}
	}
}

// TestMeasuredRates: what was seen before goes before what is assumed, as the
// speed of what that sync had mostly to do.
func TestMeasuredRates(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	text := fixture.Edit(t, "lower(trimspace(value))", "upper(value)")
	for name, c := range map[string]struct {
		measured plan.Measured
		want     plan.Rate
		seconds  plan.Span
	}{
		"sent":      {plan.Measured{Records: 100, Sent: 80, Millis: 10_000}, plan.Rate{Compare: 600, ToDataverse: 600, ToFnO: 600, Measured: plan.MeasuredSend}, plan.Span{Least: 10, Most: 10 + 10}},
		"compared":  {plan.Measured{Records: 100, Sent: 3, Millis: 10_000}, plan.Rate{Compare: 600, ToDataverse: 30, ToFnO: 15, Measured: plan.MeasuredCompare}, plan.Span{Least: 10, Most: 10 + 200}},
		"few":       {plan.Measured{Records: 49, Sent: 49, Millis: 1}, assumed.Assumed, plan.Span{Least: 100, Most: 300}},
		"never":     {plan.Measured{Records: 1000, Sent: 1000}, assumed.Assumed, plan.Span{Least: 100, Most: 300}},
		"very slow": {plan.Measured{Records: 50, Sent: 50, Millis: 1 << 40}, plan.Rate{Compare: 60, ToDataverse: 1, ToFnO: 1, Measured: plan.MeasuredSend}, plan.Span{Least: 100, Most: 100 + 6000}},
	} {
		p := input(t, text, func(in *Input) {
			in.Deployed, in.Counts = deployed, counts(map[string][2]int64{"customers": {100, 60}})
			in.Rates.Measured = map[string]plan.Measured{"customers": c.measured}
		})
		if got := action(t, p, "customers").Cost; got.Rate != c.want || got.Seconds != c.seconds {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestDangers(t *testing.T) {
	first := build(t, fixture.Config, plan.Deployed{})
	deployed := deploy(t, first)
	lines := func(p *plan.Plan) string {
		var out []string
		for _, d := range p.Destructive {
			out = append(out, d.Code+" "+d.Map)
		}
		return strings.Join(out, ", ")
	}
	filter := `dataverse = "customertypecode eq 3"`
	narrower := `dataverse = "customertypecode eq 3 and name ne 'x'"`
	leaving := func(how string) string { return filter + "\n    on_leave  = \"" + how + "\"" }
	withLeave := func(how string) plan.Deployed {
		return deploy(t, build(t, fixture.Edit(t, filter, leaving(how)), plan.Deployed{}))
	}
	after := `key       = ["CustomerAccount"]`
	for name, c := range map[string]struct {
		text     string
		deployed plan.Deployed
		want     string
	}{
		"new":               {fixture.Config, plan.Deployed{}, ""},
		"nothing":           {fixture.Config, deployed, ""},
		"propagate":         {fixture.Edit(t, after, after+"\n  deletes   = { to_fno = \"propagate\" }"), deployed, "deletes_on customers"},
		"propagate, new":    {fixture.Edit(t, after, after+"\n  deletes   = { to_dataverse = \"propagate\", to_fno = \"propagate\" }"), plan.Deployed{}, "deletes_on customers, deletes_on customers"},
		"on_leave":          {fixture.Edit(t, filter, leaving("delete")), deployed, "leave_deletes_on customers"},
		"on_leave, as was":  {fixture.Edit(t, filter, leaving("delete")), withLeave("delete"), ""},
		"narrower":          {fixture.Edit(t, filter, narrower), deployed, ""},
		"narrower, deletes": {fixture.Edit(t, filter, strings.Replace(leaving("delete"), filter, narrower, 1)), withLeave("delete"), "scope_deletes customers"},
		"narrower, sleeps":  {fixture.Edit(t, filter, strings.Replace(leaving("deactivate"), filter, narrower, 1)), withLeave("deactivate"), "scope_deactivates customers"},
		"filter gone":       {fixture.Edit(t, filter, `on_leave  = "delete"`), withLeave("delete"), ""},
		"key":               {fixture.Edit(t, after, `key       = ["OrganizationName"]`), deployed, "pairs_anew customers"},
		"blanks":            {fixture.Edit(t, after, after+"\n  initial_sync {\n    allow_blank = true\n  }"), deployed, "blanks_on customers"},
		"gone":              {fixture.Config[:strings.Index(fixture.Config, `map "customers"`)], deployed, "ends_map customers"},
	} {
		p := input(t, c.text, func(in *Input) {
			in.Deployed = c.deployed
			in.Rates.Measured = map[string]plan.Measured{"customers": {Pairs: 12}}
		})
		if got := lines(p); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		wantDeletes := plan.Bound{Exact: true}
		if strings.Contains(c.want, plan.ScopeDeletes) {
			wantDeletes.Most = 12
		}
		if p.Total.Deletes != wantDeletes {
			t.Errorf("%s: deletes %+v", name, p.Total.Deletes)
		}
		for _, d := range p.Destructive {
			if d.Detail == "" {
				t.Errorf("%s: %s says nothing", name, d.Code)
			}
		}
	}
}

func TestPolicy(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	gone := fixture.Config[:strings.Index(fixture.Config, `map "customers"`)]
	field := fixture.Edit(t, "lower(trimspace(value))", "upper(value)")
	rows := counts(map[string][2]int64{"companies": {10, 8}, "currencies": {20, 4}, "groups": {30, 0}, "customers": {100, 60}})
	for name, c := range map[string]struct {
		text, policy string
		deployed     plan.Deployed
		counts       plan.Counts
		findings     diag.List
		outcome      plan.Outcome
		want         string // "rule effect maps; ..."
	}{
		"no policy":         {text: fixture.Config, outcome: plan.Allowed},
		"empty":             {text: fixture.Config, policy: `policy {}`, outcome: plan.Allowed},
		"nothing to do":     {text: fixture.Config, policy: `policy { changes = "deny" }`, deployed: deployed, outcome: plan.Allowed},
		"changes":           {text: field, policy: `policy { changes = "approve" }`, deployed: deployed, outcome: plan.NeedsApproval, want: "changes approve customers"},
		"destroys":          {text: gone, policy: `policy { destroys = "deny" }`, deployed: deployed, outcome: plan.Denied, want: "destroys deny customers"},
		"destructive":       {text: gone, policy: `policy { destructive = "approve" }`, deployed: deployed, outcome: plan.NeedsApproval, want: "destructive approve customers"},
		"its own rule":      {text: gone, policy: "policy {\n destructive = \"deny\"\n destroys = \"allow\"\n}", deployed: deployed, outcome: plan.Allowed},
		"not destructive":   {text: field, policy: `policy { destructive = "deny" }`, deployed: deployed, outcome: plan.Allowed},
		"master":            {text: field, policy: `policy { unstated_master = "deny" }`, deployed: deployed, outcome: plan.Denied, want: "unstated_master deny customers"},
		"master, gone":      {text: gone, policy: `policy { unstated_master = "deny" }`, deployed: deployed, outcome: plan.Allowed},
		"warnings":          {text: field, policy: `policy { warnings = "approve" }`, deployed: deployed, findings: diag.List{{Severity: diag.Warning}}, outcome: plan.NeedsApproval, want: "warnings approve "},
		"notices":           {text: field, policy: `policy { warnings = "approve" }`, deployed: deployed, findings: diag.List{{Severity: diag.Notice}}, outcome: plan.Allowed},
		"rewritten, within": {text: field, policy: `policy { max_rows_rewritten = 100 }`, deployed: deployed, counts: rows, outcome: plan.Allowed},
		"rewritten":         {text: field, policy: `policy { max_rows_rewritten = 99 }`, deployed: deployed, counts: rows, outcome: plan.NeedsApproval, want: "max_rows_rewritten approve customers"},
		"rewritten, denied": {text: field, policy: `policy { max_rows_rewritten = { approve = 10, deny = 99 } }`, deployed: deployed, counts: rows, outcome: plan.Denied, want: "max_rows_rewritten deny customers"},
		"rewritten, tiers":  {text: field, policy: `policy { max_rows_rewritten = { approve = 10, deny = 100 } }`, deployed: deployed, counts: rows, outcome: plan.NeedsApproval, want: "max_rows_rewritten approve customers"},
		"unknown":           {text: field, policy: `policy { max_rows_rewritten = { deny = 1000000 } }`, deployed: deployed, outcome: plan.Denied, want: "max_rows_rewritten deny customers"},
		"initial":           {text: fixture.Config, policy: `policy { max_rows_initial = 100 }`, counts: rows, outcome: plan.NeedsApproval, want: "max_rows_initial approve companies currencies groups customers"},
		"initial, other":    {text: field, policy: `policy { max_rows_initial = 0 }`, deployed: deployed, counts: rows, outcome: plan.Allowed},
		"maps":              {text: fixture.Config, policy: `policy { max_maps = 3 }`, outcome: plan.NeedsApproval, want: "max_maps approve companies currencies groups customers"},
		"deletes":           {text: gone, policy: `policy { max_deletes = 0 }`, deployed: deployed, outcome: plan.Allowed},
		"minutes":           {text: field, policy: `policy { max_minutes = 4 }`, deployed: deployed, counts: rows, outcome: plan.NeedsApproval, want: "max_minutes approve customers"},
		"minutes, within":   {text: field, policy: `policy { max_minutes = 5 }`, deployed: deployed, counts: rows, outcome: plan.Allowed},
		"both":              {text: gone, policy: "policy {\n changes = \"approve\"\n destroys = \"deny\"\n}", deployed: deployed, outcome: plan.Denied, want: "changes approve customers; destroys deny customers"},
	} {
		p := input(t, c.text+"\n"+c.policy+"\n", func(in *Input) { in.Deployed, in.Counts, in.Findings = c.deployed, c.counts, c.findings })
		var got []string
		for _, v := range p.Policy.Violations {
			got = append(got, v.Rule+" "+string(v.Effect)+" "+strings.Join(v.Maps, " "))
			if v.At.IsZero() || v.Detail == "" {
				t.Errorf("%s: %s has no place or no words: %+v", name, v.Rule, v)
			}
		}
		if p.Policy.Outcome != c.outcome || strings.Join(got, "; ") != c.want || p.Policy.Stated != (c.policy != "") {
			t.Errorf("%s: %s, %q; want %s, %q", name, p.Policy.Outcome, got, c.outcome, c.want)
		}
	}
}

// TestFingerprintOfTheSame: what is counted, measured and asked for by a policy
// leaves the fingerprint as it is.
func TestFingerprintOfTheSame(t *testing.T) {
	deployed := deploy(t, build(t, fixture.Config, plan.Deployed{}))
	text := fixture.Edit(t, "lower(trimspace(value))", "upper(value)")
	base := input(t, text, func(in *Input) { in.Deployed = deployed }).Fingerprint
	for name, change := range map[string]func(*Input){
		"counts": func(in *Input) { in.Counts = counts(map[string][2]int64{"customers": {100, 60}}) },
		"rates": func(in *Input) {
			in.Rates.Measured = map[string]plan.Measured{"customers": {Records: 100, Sent: 100, Millis: 5}}
		},
		"serial":  func(in *Input) { in.Deployed.Serial += 5 },
		"policy":  func(in *Input) { in.Config = fixture.Load(t, text+"\npolicy { changes = \"approve\" }\n") },
		"tool":    func(in *Input) { in.ToolVersion = "9" },
		"comment": func(in *Input) { in.Config = fixture.Load(t, "# what it is for\n"+text) },
	} {
		p := input(t, text, func(in *Input) { in.Deployed = deployed; change(in) })
		if p.Fingerprint != base {
			t.Errorf("%s: another fingerprint", name)
		}
	}
	other := input(t, fixture.Edit(t, "lower(trimspace(value))", "trimspace(value)"), func(in *Input) { in.Deployed = deployed })
	if other.Fingerprint == base {
		t.Error("another expression has the same fingerprint")
	}
}

// TestGraph: edges lead to earlier waves, but for those that are deferred and
// those that a map has to itself.
func TestGraph(t *testing.T) {
	p := input(t, fixture.Config, nil)
	g := Graph(p)
	wave := map[string]int{}
	for _, m := range g.Maps {
		wave[m.Map] = m.Wave
	}
	var got []string
	for _, e := range g.Edges {
		mark := ""
		if e.Deferred {
			mark = " deferred"
		} else if wave[e.To] >= wave[e.From] {
			t.Errorf("%s needs %s, which is no earlier wave", e.From, e.To)
		}
		got = append(got, e.From+" -> "+e.To+" by "+strings.Join(e.Fields, ", ")+mark)
	}
	want := []string{
		"groups -> companies by msdyn_company",
		"customers -> companies by msdyn_company",
		"customers -> currencies by transactioncurrencyid.isocurrencycode",
		"customers -> customers by msdyn_billingaccount.accountnumber deferred",
		"customers -> groups by msdyn_customergroupid.msdyn_groupid",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("edges\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
