package deploy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/deploy"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

// rig applies plans to a world.
type rig struct {
	*enginetest.World
	options deploy.Options
}

func newRig(t *testing.T) *rig {
	t.Helper()
	w := enginetest.New(t, "")
	return &rig{World: w, options: deploy.Options{Host: w.Env.Host, Store: w.Store, FnO: w.FnO, Dataverse: w.Dataverse, By: "tester"}}
}

func (r *rig) deployed() (d plan.Deployed) {
	r.Helper()
	r.View(func(tx store.Tx) (err error) {
		d, err = tx.Deployed(enginetest.Link)
		return err
	})
	return d
}

func (r *rig) find(name string) *plan.DeployedMap {
	for _, m := range r.deployed().Maps {
		if m.Definition.Map.Name == name {
			return &m
		}
	}
	return nil
}

// plan gives one action for each definition: create, or the given kind where
// the map is deployed, or resume where its initial sync is not done.
func (r *rig) plan(kind plan.Kind, defs []plan.Definition) *plan.Plan {
	r.Helper()
	d := r.deployed()
	p := &plan.Plan{Link: enginetest.Link, Lineage: d.Lineage, Serial: d.Serial}
	for _, def := range defs {
		a := plan.Action{Map: def.Map.Name, Kind: plan.Create, Wave: def.Wave, Definition: &def}
		if old := r.find(def.Map.Name); old != nil {
			a.Kind, a.Previous = kind, old.Version
			if kind == plan.None && old.Initial == "pending" {
				a.Kind = plan.Resume
			}
		}
		p.Actions = append(p.Actions, a)
	}
	return p
}

func (r *rig) apply(p *plan.Plan) (report.Apply, error) {
	return deploy.Apply(r.Context(), p, r.options)
}

func (r *rig) must(p *plan.Plan) report.Apply {
	r.Helper()
	out, err := r.apply(p)
	if err != nil {
		r.Fatal(err)
	}
	return out
}

func code(err error) string {
	var failure *diag.Failure
	if !errors.As(err, &failure) || len(failure.List) == 0 {
		return ""
	}
	return failure.List[0].Code
}

func TestApply(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.Group(value.Dataverse, "USMF", "20", "Retail")
	r.Customer("USMF", "US-1", values{"CustomerGroupId": text("10"), "InvoiceAccount": text("US-1")})
	defs := enginetest.Definitions(t, enginetest.Config)
	p := r.plan(plan.None, defs)
	out := r.must(p)
	if !out.Complete || out.Nothing || len(out.Maps) != 3 {
		t.Errorf("report %+v", out)
	}
	for _, m := range out.Maps {
		want := report.MapSummary{Map: m.Map, Wave: m.Wave, Seconds: m.Seconds, RowsPerSec: m.RowsPerSec}
		switch m.Map {
		case "companies":
			want.Rows, want.Equal = report.Sides{FnO: 2, Dataverse: 2}, 2
		case "groups":
			want.Rows, want.Created = report.Sides{FnO: 2, Dataverse: 2}, report.Sides{FnO: 1, Dataverse: 1}
		case "customers":
			want.Rows, want.Created, want.Filled = report.Sides{FnO: 1, Dataverse: 1}, report.Sides{Dataverse: 1}, report.Sides{Dataverse: 1}
		}
		if g := m.Gate; g == nil || g.Known != want.Rows || g.Rows != want.Rows || g.Sampled == 0 || g.Moved+g.Differing != 0 {
			t.Errorf("the gate of %s saw %+v", m.Map, g)
		}
		m.Gate = nil
		if m != want {
			t.Errorf("summary\n got %+v\nwant %+v", m, want)
		}
	}
	for _, d := range r.deployed().Maps {
		if d.Version != 1 || d.Status != "running" || d.Initial != "done" || d.By != "tester" || d.At == "" {
			t.Errorf("deployed %+v", d)
		}
	}
	// The plan was made for the state before: it must not run twice.
	if _, err := r.apply(p); code(err) != diag.CodePlanStale {
		t.Errorf("error %v", err)
	}
	r.Dataverse.Requests()
	if out := r.must(r.plan(plan.None, defs)); !out.Nothing || !out.Complete || len(r.Dataverse.Requests()) > 0 {
		t.Errorf("report %+v of nothing to do", out)
	}
}

func TestStateOfAnotherEnvironmentIsRefused(t *testing.T) {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		r := newRig(t)
		defs := enginetest.Definitions(t, enginetest.Config)
		r.must(r.plan(plan.None, defs))
		system := r.FnO
		if side == value.Dataverse {
			system = r.Dataverse
		}
		system.Environment = "copy of production"
		r.Group(value.FnO, "USMF", "10", "Wholesale")
		before := r.deployed().Serial
		_, err := r.apply(r.plan(plan.Backfill, defs))
		if code(err) != diag.CodeStateForeign || !strings.Contains(err.Error(), side.Title()) {
			t.Errorf("error %v", err)
		}
		if r.deployed().Serial != before || len(r.Dataverse.Rows("msdyn_customergroups")) != 0 {
			t.Error("something was changed all the same")
		}
	}
}

func TestDestroyKeepsTheRows(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	defs := enginetest.Definitions(t, enginetest.Config)
	r.must(r.plan(plan.None, defs))
	d := r.deployed()
	destroy := &plan.Plan{Link: enginetest.Link, Lineage: d.Lineage, Serial: d.Serial, Actions: []plan.Action{{Map: "groups", Kind: plan.Destroy, Previous: 1}}}
	r.must(destroy)
	if r.find("groups") != nil || len(r.Pairs("groups")) != 0 {
		t.Error("the map has state left")
	}
	if len(r.Dataverse.Rows("msdyn_customergroups")) != 1 || len(r.FnO.Rows("CustomerGroups")) != 1 {
		t.Error("records went with the map")
	}
	// The map comes back under its name: its history goes on.
	r.must(r.plan(plan.None, defs))
	if m := r.find("groups"); m == nil || m.Version != 2 || m.Initial != "done" || len(r.Pairs("groups")) != 1 {
		t.Errorf("deployed again: %+v", m)
	}
}

func TestKindsOfChange(t *testing.T) {
	narrow := enginetest.Edit(t, `    Description     = "msdyn_description"
`, "")
	for _, c := range []struct {
		kind  plan.Kind
		pairs bool // with their ids
		reads bool
	}{
		{plan.Update, true, false},
		{plan.Backfill, true, true},
		{plan.Replace, false, true},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			r := newRig(t)
			r.Group(value.FnO, "USMF", "10", "Wholesale")
			r.must(r.plan(plan.None, enginetest.Definitions(t, enginetest.Config)))
			before := r.Pairs("groups")[0]
			r.FnO.Requests()
			defs := enginetest.Definitions(t, narrow)
			defs = slices.DeleteFunc(defs, func(d plan.Definition) bool { return d.Map.Name != "groups" })
			r.must(r.plan(c.kind, defs))
			m := r.find("groups")
			if m.Version != 2 || m.Initial != "done" || m.Status != "running" || len(m.Definition.Map.Fields) != 1 {
				t.Errorf("deployed %+v", m)
			}
			after := r.Pairs("groups")
			if len(after) != 1 || (after[0].ID == before.ID) != c.pairs {
				t.Errorf("pair %d before, after %+v", before.ID, after)
			}
			if read := slices.Contains(r.FnO.Requests(), "Page CustomerGroups"); read != c.reads {
				t.Errorf("read the data: %v, want %v", read, c.reads)
			}
		})
	}
}

// TestMovedMap: a map under another name keeps its records, what waits and what
// its operators said, and nothing is read.
func TestMovedMap(t *testing.T) {
	r := newRig(t)
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	r.Customer("USMF", "US-1", values{"CustomerGroupId": text("20")})
	r.must(r.plan(plan.None, enginetest.Definitions(t, enginetest.Config)))
	if r.Queued("customers") != 1 {
		t.Fatalf("%d queued, want the one that waits for its group", r.Queued("customers"))
	}
	r.Update(func(tx store.Tx) error {
		return store.PutRunState(tx, "customers", store.RunState{Status: store.StatusPaused, Override: store.StatusPaused, By: "ada"})
	})
	pair := r.Pairs("groups")[0]
	r.FnO.Requests()
	p := r.plan(plan.None, enginetest.Definitions(t, strings.NewReplacer(`map "groups"`, `map "all_groups"`, `map "customers"`, `map "all_customers"`).Replace(enginetest.Config)))
	for i := range p.Actions {
		a := &p.Actions[i]
		if from, ok := map[string]string{"all_groups": "groups", "all_customers": "customers"}[a.Map]; ok {
			a.Kind, a.MovedFrom, a.Previous, a.Reasons = plan.Update, from, 1, []plan.Reason{{Code: plan.Moved}}
		}
	}
	r.must(p)
	m := r.find("all_groups")
	if m == nil || r.find("groups") != nil || m.Version != 2 || m.Initial != "done" || m.Status != "running" || m.Origin.MovedFrom != "groups" {
		t.Errorf("deployed %+v", m)
	}
	if now := r.Pairs("all_groups"); len(now) != 1 || now[0].ID != pair.ID || now[0].MapVersion != 1 {
		t.Errorf("pairs %+v", now)
	}
	if r.Queued("all_customers") != 1 || len(r.Listed("all_customers")) != 1 {
		t.Errorf("%d queued, listed %q", r.Queued("all_customers"), r.Listed("all_customers"))
	}
	for _, request := range r.FnO.Requests() {
		if strings.HasPrefix(request, "Page") {
			t.Errorf("it read: %s", request)
		}
	}
	r.View(func(tx store.Tx) error {
		s, err := store.RunStateOf(tx, "all_customers")
		old, err2 := store.RunStateOf(tx, "customers")
		if s.Override != store.StatusPaused || old != (store.RunState{}) {
			t.Errorf("run states %+v and %+v", s, old)
		}
		return errors.Join(err, err2)
	})
}

// TestQueuedRowsOfAnEarlierVersionAreReadAgain: they have the columns of the
// version under which they were read.
func TestQueuedRowsOfAnEarlierVersionAreReadAgain(t *testing.T) {
	r := newRig(t)
	r.Customer("USMF", "US-1", values{"CustomerGroupId": text("10"), "Email": text("a@x"), "SalesCurrencyCode": text("USD")})
	r.must(r.plan(plan.None, enginetest.Definitions(t, enginetest.Config)))
	if r.Queued("customers") != 1 {
		t.Fatalf("%d queued, want the one that waits for its group", r.Queued("customers"))
	}
	// Version 2 has fewer columns, the queued row those of version 1.
	r.Group(value.Dataverse, "USMF", "10", "Wholesale")
	config := enginetest.Edit(t, `    OrganizationName  = "name"
`, "")
	r.must(r.plan(plan.Update, enginetest.Definitions(t, config)))
	rows := r.Dataverse.Rows("accounts")
	if len(rows) != 1 {
		t.Fatalf("%d accounts, listed %q", len(rows), r.Listed("customers"))
	}
	if rows[0].Values["emailaddress1"] != text("a@x") ||
		rows[0].Values["transactioncurrencyid"] != r.Ref("transactioncurrencies", "transactioncurrency", "isocurrencycode", "USD") {
		t.Errorf("accounts %+v", rows)
	}
	if _, there := rows[0].Values["name"]; there {
		t.Error("a field that is not mapped any more was written")
	}
	if r.Queued("customers") != 0 || len(r.Listed("customers")) != 0 {
		t.Errorf("%d queued, listed %q", r.Queued("customers"), r.Listed("customers"))
	}
}

// TestCutOffBeforeTheSweep: what is parked while the last wave ends still goes
// on by itself.
func TestCutOffBeforeTheSweep(t *testing.T) {
	r := newRig(t)
	r.Customer("USMF", "US-1", values{"CustomerGroupId": text("10")})
	r.Group(value.FnO, "USMF", "10", "Wholesale")
	defs := enginetest.Definitions(t, enginetest.Config)
	for i := range defs { // customers before their groups, as a ring may want it
		defs[i].Wave = map[string]int{"companies": 1, "customers": 2, "groups": 3}[defs[i].Map.Name]
	}
	stop := false
	r.options.Progress = func(p report.Progress) { stop = stop || p.Map == "groups" && p.Phase == "done" }
	r.options.Stopping = func() bool { return stop }
	out, err := r.apply(r.plan(plan.None, defs))
	if !errors.Is(err, engine.ErrStopped) || out.Complete {
		t.Fatalf("error %v, report %+v", err, out)
	}
	if n := len(r.Dataverse.Rows("accounts")); n != 0 {
		t.Fatalf("%d accounts before the sweep", n)
	}
	r.options.Stopping = nil
	p := r.plan(plan.None, defs)
	if !p.Changes() {
		t.Fatal("nothing is left to do, though a record waits for what has come")
	}
	r.must(p)
	if n := len(r.Dataverse.Rows("accounts")); n != 1 || len(r.Listed("customers")) != 0 {
		t.Errorf("%d accounts, listed %q", n, r.Listed("customers"))
	}
	if p := r.plan(plan.None, defs); p.Changes() {
		t.Error("there is still something to do")
	}
}

func TestStatusOfTheConfiguration(t *testing.T) {
	r := newRig(t)
	defs := enginetest.Definitions(t, enginetest.Config)
	for i := range defs {
		defs[i].Map.Status = "paused"
	}
	r.must(r.plan(plan.None, defs))
	if m := r.find("groups"); m.Status != "paused" || m.Initial != "done" {
		t.Errorf("status %q, initial sync %q", m.Status, m.Initial)
	}
}

// TestPausedMapsRest: what an operator has paused is not written for a new
// version either, until it is resumed.
func TestPausedMapsRest(t *testing.T) {
	for _, override := range []string{store.StatusPaused, store.StatusStopped} {
		r := newRig(t)
		r.Group(value.FnO, "USMF", "10", "Wholesale")
		r.must(r.plan(plan.None, enginetest.Definitions(t, enginetest.Config)))
		r.Update(func(tx store.Tx) error { return store.PutRunState(tx, "groups", store.RunState{Override: override}) })
		r.Group(value.FnO, "USMF", "20", "Retail")
		narrow := enginetest.Edit(t, `    Description     = "msdyn_description"
`, "")
		out := r.must(r.plan(plan.Backfill, enginetest.Definitions(t, narrow)))
		if !slices.Equal(out.Resting, []string{"groups"}) || !out.Complete {
			t.Errorf("%s: %+v", override, out)
		}
		if m := r.find("groups"); m.Version != 2 || m.Initial != "pending" {
			t.Errorf("%s: deployed %+v", override, m)
		}
		if n := len(r.Dataverse.Rows("msdyn_customergroups")); n != 1 {
			t.Errorf("%s: %d groups were written", override, n)
		}
		r.Update(func(tx store.Tx) error {
			return store.PutRunState(tx, "groups", store.RunState{Override: store.StatusRunning})
		})
		if out := r.must(r.plan(plan.None, enginetest.Definitions(t, narrow))); len(out.Resting) > 0 || r.find("groups").Initial != "done" {
			t.Errorf("%s: after it was resumed %+v", override, out)
		}
		if n := len(r.Dataverse.Rows("msdyn_customergroups")); n != 2 {
			t.Errorf("%s: %d groups after it was resumed", override, n)
		}
	}
}
