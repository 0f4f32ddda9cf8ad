package session

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/store"
)

// What a plan assumes where nothing was measured, in rows a minute. docs/plan.md
// says where the numbers come from.
const (
	assumedCompare     = 60_000 // twelve pages of 5,000 rows
	assumedToDataverse = 9_600  // four busy threads that take 25 ms a row
	assumedToFnO       = 1_200  // 6,000 single requests in 300 s
	twinsRate          = 40_000 // as the example does on two cores
)

// assumed gives the rates of the link's kind of environments.
func (s *Session) assumed() plan.Rate {
	if s.Link.Sandbox != nil {
		return plan.Rate{Compare: twinsRate, ToDataverse: twinsRate, ToFnO: twinsRate}
	}
	return plan.Rate{Compare: assumedCompare, ToDataverse: assumedToDataverse, ToFnO: assumedToFnO}
}

// readBack is how many records a minute are read by their keys: 60 a request.
const readBack = 60 * assumedToFnO

// packageRates gives what packages are assumed to cost.
func packageRates() *plan.PackageRates {
	r := fno.Route()
	return &plan.PackageRates{
		Rows: int64(r.Rows), Least: int64(r.Least()), Start: int64(r.Start.Seconds()), PerMinute: int64(time.Minute / r.PerRow), ReadBack: readBack,
	}
}

// What is assumed of reading by exports beside what the connector knows.
const (
	exportKeys  = 2 * assumedCompare // twelve pages of 10,000 keys
	exportLeast = 10_000             // two pages: nothing is left when their speed is known
)

// exportRates gives what exports are assumed to cost.
func exportRates() *plan.ExportRates {
	r := fno.ExportRoute()
	return &plan.ExportRates{
		Least: exportLeast, Clearly: capture.Clearly, Start: int64(r.Start.Seconds()), PerMinute: int64(time.Minute / r.PerRow), Keys: exportKeys, Project: fno.ExportProject(""),
	}
}

// exportsReady asks F&O whether the records of maps can be exported, where a
// plan does so or may, and gives the entity sets that cannot be, and what is
// missing for the maps that demand it.
func (s *Session) exportsReady(ctx context.Context, p *plan.Plan) (sets map[string]bool, missing diag.List, err error) {
	for _, a := range p.Actions {
		if a.Cost == nil || a.Cost.ReadFromFnO == nil || a.Cost.ReadFromFnO.Via != plan.ViaPackage && a.Cost.ReadFromFnO.Why != plan.RateDecides {
			continue
		}
		sys, err := s.connect(ctx)
		if err != nil {
			return nil, nil, err
		}
		route, ok := sys.fno.(connect.Exports)
		if !ok {
			return nil, nil, nil
		}
		err = route.ExportsReady(ctx, []*schema.Table{a.Definition.FnO})
		failed, ok := errors.AsType[*diag.Failure](err)
		if !ok || !failed.Only(diag.CodeNoPackages, diag.CodeProjectMissing, diag.CodeProjectContents) {
			if err != nil {
				return nil, nil, err
			}
			continue
		}
		if sets == nil {
			sets = map[string]bool{}
		}
		sets[a.Definition.FnO.Set] = true
		if a.Cost.ReadFromFnO.Via == plan.ViaPackage {
			for _, d := range failed.List {
				d.Address, d.Subject = a.Definition.Map.Address(), a.Definition.Map.Range
				missing = append(missing, d)
			}
		}
	}
	return sets, missing, nil
}

// packagesReady asks F&O whether packages can be imported, where a plan may
// import some, and gives what is missing.
func (s *Session) packagesReady(ctx context.Context, p *plan.Plan) (diag.List, error) {
	byPackage := func(a plan.Action) bool {
		return a.Cost != nil && a.Cost.RouteToFnO != nil && a.Cost.RouteToFnO.Via == plan.ViaPackage
	}
	if !slices.ContainsFunc(p.Actions, byPackage) {
		return nil, nil
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	route, ok := sys.fno.(connect.Packages)
	if !ok {
		return nil, nil
	}
	err = route.PackagesReady(ctx, nil)
	if failed, ok := errors.AsType[*diag.Failure](err); ok && slices.ContainsFunc(failed.List, func(d diag.Diagnostic) bool { return d.Code == diag.CodeProjectMissing }) {
		return failed.List, nil
	}
	return nil, err
}

// demanded makes what is missing an error of the maps that demand packages.
func demanded(p *plan.Plan, missing diag.List) (out diag.List) {
	for _, a := range p.Actions {
		if a.Cost == nil || a.Cost.RouteToFnO == nil || a.Cost.RouteToFnO.Via != plan.ViaPackage {
			continue
		}
		for _, d := range missing {
			d.Address, d.Subject = a.Definition.Map.Address(), a.Definition.Map.Range
			out = append(out, d)
		}
	}
	return out
}

// rates reads from the state how fast the last initial syncs of the maps were
// that a plan reads rows for, and how many records a new filter may concern.
func (s *Session) rates(ctx context.Context, st store.Store, p *plan.Plan) (plan.Rates, error) {
	out := plan.Rates{Assumed: s.assumed(), Parallel: initial.ParallelMaps, Measured: map[string]plan.Measured{}, Packages: packageRates(), Exports: exportRates()}
	if st == nil {
		return out, nil
	}
	filtered := map[string]bool{}
	for _, d := range p.Destructive {
		filtered[d.Map] = filtered[d.Map] || d.Code == plan.ScopeDeletes || d.Code == plan.ScopeSleeps
	}
	err := st.View(ctx, func(tx store.Tx) error {
		for _, a := range p.Actions {
			if !a.Kind.SendsRows() || a.Previous == 0 {
				continue
			}
			name := cmp.Or(a.MovedFrom, a.Map) // under which the state knows it
			m, err := measured(tx, name, a.Kind)
			if err != nil {
				return err
			}
			if filtered[a.Map] {
				if m.Pairs, err = tx.CountPairs(name); err != nil {
					return err
				}
			}
			out.Measured[a.Map] = m
		}
		return nil
	})
	return out, err
}

// measured is what the last initial sync of a map has shown. One that has not
// ended says nothing: its time is stored when it ends.
func measured(tx store.Tx, name string, kind plan.Kind) (plan.Measured, error) {
	t, err := tx.Tally(name)
	if err != nil {
		return plan.Measured{}, err
	}
	m := plan.Measured{Millis: t.Millis}
	if kind == plan.Resume {
		m.Millis = 0
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		m.Records = max(m.Records, t.InScope[side]+t.Created[side])
		m.Sent += t.Created[side] + t.Updated[side]
	}
	return m, nil
}
