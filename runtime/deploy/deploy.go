// Package deploy carries out a plan step by step. It plans nothing: what the
// plan says is done, recorded as it is done, and goes on from there when it
// was cut off.
package deploy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Options of an apply.
type Options struct {
	Host      *host.Host
	Store     store.Store
	FnO       connect.Connector
	Dataverse connect.Connector
	By        string // who applies, for the history
	Run       string // address of the pipeline's run, for the history; may be ""
	Progress  func(report.Progress)
	Stopping  func() bool     // see engine.Env
	Stop      context.Context // see engine.Env
	Batch     int             // see engine.Env

	Scratch   func(context.Context) (store.Store, func() error, error) // see engine.Env
	Crosswalk func(mapName string) []byte                              // see engine.Env
}

// now is the time as the history has it.
func (o *Options) now() string { return o.Host.Clock.Now().UTC().Format(time.RFC3339) }

// Apply carries out p.
func Apply(ctx context.Context, p *plan.Plan, o Options) (report.Apply, error) {
	began := o.Host.Clock.Now()
	out := report.Apply{FormatVersion: report.FormatVersion, Link: p.Link, Nothing: !p.Changes()}
	if out.Nothing {
		out.Complete = true
		return out, nil
	}
	if err := current(ctx, p, o.Store); err != nil {
		return out, err
	}
	if err := bind(ctx, p.Link, o); err != nil {
		return out, err
	}
	if err := definitions(ctx, p, o); err != nil {
		return out, err
	}
	var err error
	out.Maps, out.Resting, err = joins(ctx, p.Link, o)
	out.Complete = err == nil
	out.Seconds = o.Host.Clock.Now().Sub(began).Seconds()
	return out, err
}

// current refuses a plan that was made against another state.
func current(ctx context.Context, p *plan.Plan, st store.Store) error {
	var d plan.Deployed
	err := st.View(ctx, func(tx store.Tx) (err error) {
		d, err = tx.Deployed(p.Link)
		return err
	})
	if err != nil {
		return err
	}
	if stale := p.FreshState(d); len(stale) > 0 {
		return &diag.Failure{List: stale}
	}
	return nil
}

// bind ties the state to the two environments and refuses others.
func bind(ctx context.Context, link string, o Options) error {
	for _, c := range []connect.Connector{o.FnO, o.Dataverse} {
		id, err := c.Identity(ctx)
		if err != nil {
			return err
		}
		name := EnvironmentMeta(link, c.Side())
		err = o.Store.Update(ctx, func(tx store.Tx) error {
			bound, err := tx.Meta(name)
			if err != nil || bound == id.Environment {
				return err
			}
			if bound != "" {
				return otherEnvironment(c.Side(), bound, id.Environment)
			}
			return tx.SetMeta(name, id.Environment)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SameEnvironments refuses environments that the state was not made for. It
// only reads: a state that knows none yet takes any.
func SameEnvironments(ctx context.Context, link string, st store.Store, sides ...connect.Connector) error {
	for _, c := range sides {
		id, err := c.Identity(ctx)
		if err != nil {
			return err
		}
		err = st.View(ctx, func(tx store.Tx) error {
			bound, err := tx.Meta(EnvironmentMeta(link, c.Side()))
			if err == nil && bound != "" && bound != id.Environment {
				err = otherEnvironment(c.Side(), bound, id.Environment)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// EnvironmentMeta names the store's entry that holds a side's environment.
func EnvironmentMeta(link string, s value.Side) string {
	return "environment/" + link + "/" + string(s)
}

func otherEnvironment(s value.Side, bound, found string) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeStateForeign, Severity: diag.Error,
		Summary: fmt.Sprintf("the state belongs to another %s environment", s.Title()),
		Detail:  fmt.Sprintf("The state was made for %s; the configuration now leads to %s. Pairs and agreed values of one environment mean nothing in another, and using them would overwrite data.", bound, found),
		Hint:    "Point the link back at its environment, or use a new state file for the new one.",
	})
}

// definitions stores what is to run, map by map. What a cut-off run has stored
// is left alone.
func definitions(ctx context.Context, p *plan.Plan, o Options) error {
	for _, a := range p.Actions {
		if err := define(ctx, p, a, o); err != nil {
			return fmt.Errorf("deploy map %s: %w", a.Map, err)
		}
		if a.Kind != plan.None && a.Kind != plan.Resume {
			o.Host.Markers.Reached(engine.MarkDefinitionSaved)
		}
	}
	return nil
}

func define(ctx context.Context, p *plan.Plan, a plan.Action, o Options) error {
	return o.Store.Update(ctx, func(tx store.Tx) error {
		if a.MovedFrom != "" {
			if err := rename(tx, p.Link, a.MovedFrom, a.Map); err != nil {
				return err
			}
		}
		switch a.Kind {
		case plan.None, plan.Resume:
			return nil
		case plan.Destroy:
			if err := store.PutRunState(tx, a.Map, store.RunState{}); err != nil {
				return err
			}
			return tx.RemoveDeployed(p.Link, a.Map, plan.Removal{At: o.now(), By: o.By, Run: o.Run})
		case plan.Replace:
			if err := tx.RemoveDeployed(p.Link, a.Map, plan.Removal{At: o.now(), By: o.By, Run: o.Run}); err != nil {
				return err
			}
		}
		previous, err := tx.DeployedMap(p.Link, a.Map)
		if err != nil {
			return err
		}
		history, err := tx.History(p.Link, a.Map)
		if err != nil {
			return err
		}
		version := 1 // goes on where a map of this name was removed before
		if n := len(history); n > 0 {
			version = history[n-1].Version + 1
		}
		m := plan.DeployedMap{
			Definition: *a.Definition, Version: version, Status: "initializing", Initial: "pending",
			At: o.now(), By: o.By,
			Origin: plan.Origin{Kind: a.Kind, Reasons: a.Reasons, Tool: p.Tool, Config: p.ConfigHash, Run: o.Run, MovedFrom: a.MovedFrom, RolledBack: a.RolledBack},
		}
		quiet, err := idle(tx, a.Map)
		if err != nil {
			return err
		}
		if a.Kind == plan.Update && previous != nil && previous.Initial == "done" && (quiet || onlyMoved(a)) {
			m.Status, m.Initial = initial.Desired(m), previous.Initial
			return tx.PutDeployed(p.Link, m)
		}
		if err := Reread(tx, a.Map); err != nil {
			return err
		}
		return tx.PutDeployed(p.Link, m)
	})
}

// rename gives a deployed map another name, with everything that is known of its
// records and of how it is doing.
func rename(tx store.Tx, link, from, to string) error {
	if _, err := tx.RenameMap(link, from, to); err != nil {
		return err
	}
	s, err := store.RunStateOf(tx, from)
	if err != nil {
		return err
	}
	if err := store.PutRunState(tx, to, s); err != nil {
		return err
	}
	if err := store.PutRunState(tx, from, store.RunState{}); err != nil {
		return err
	}
	return initial.Rename(tx, from, to)
}

// onlyMoved tells whether an action changes names of maps and nothing else: the
// columns of what waits to be handled are what they were.
func onlyMoved(a plan.Action) bool {
	return len(a.Reasons) > 0 && len(a.Definition.Moved) == 0 && !slices.ContainsFunc(a.Reasons, func(r plan.Reason) bool { return r.Code != plan.Moved })
}

// idle tells whether nothing of a map waits to be handled or confirmed. What
// does was read under the version that is deployed, with its columns.
func idle(tx store.Tx, mapName string) (bool, error) {
	queued, err := tx.CountObservations(mapName)
	if err != nil {
		return false, err
	}
	open, err := tx.CountIntents(mapName)
	return queued[value.FnO]+queued[value.Dataverse]+open == 0, err
}

// Reread makes the next join of a map read both sides from the start. Pairs and
// their agreed values stay.
func Reread(tx store.Tx, mapName string) error { return initial.Restart(tx, mapName) }

// joins does the initial syncs that are pending, wave by wave. Resting are maps
// that an operator has paused or stopped: nothing is written for them until they
// are resumed.
func joins(ctx context.Context, link string, o Options) (summaries []report.MapSummary, resting []string, err error) {
	var d plan.Deployed
	rests := map[string]bool{}
	err = o.Store.View(ctx, func(tx store.Tx) (err error) {
		if d, err = tx.Deployed(link); err != nil {
			return err
		}
		for _, m := range d.Maps {
			s, err := store.RunStateOf(tx, m.Definition.Map.Name)
			if err != nil {
				return err
			}
			rests[m.Definition.Map.Name] = s.Override == store.StatusPaused || s.Override == store.StatusStopped
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	maps, err := engine.Compile(d.Maps)
	if err != nil {
		return nil, nil, err
	}
	env := &engine.Env{
		Host: o.Host, Store: o.Store, FnO: o.FnO, Dataverse: o.Dataverse, Link: link, Maps: maps, Progress: o.Progress, Stopping: o.Stopping, Stop: o.Stop, Batch: o.Batch,
		Scratch: o.Scratch, Crosswalk: o.Crosswalk,
	}
	var touched []*engine.Map
	for _, m := range initial.Pending(d, maps) {
		if rests[m.Name] {
			resting = append(resting, m.Name)
		} else {
			touched = append(touched, m)
		}
	}
	swept := slices.DeleteFunc(slices.Clone(maps), func(m *engine.Map) bool { return rests[m.Name] })
	err = (&initial.Runner{Env: env}).Join(ctx, touched, swept)
	summaries, e := summarise(context.WithoutCancel(ctx), o.Store, touched)
	if err == nil {
		err = e
	}
	return summaries, resting, err
}

// summarise tells what the initial syncs did, also those of earlier runs that
// were cut off.
func summarise(ctx context.Context, st store.Store, maps []*engine.Map) ([]report.MapSummary, error) {
	var out []report.MapSummary
	err := st.View(ctx, func(tx store.Tx) error {
		for _, m := range maps {
			t, err := tx.Tally(m.Name)
			if err != nil {
				return err
			}
			listed, err := tx.CountListed(m.Name)
			if err != nil {
				return err
			}
			s := report.MapSummary{
				Map: m.Name, Wave: m.Def.Wave, Equal: t.Equal, Differing: t.Differ, ByMatch: t.ByMatch, ByCrosswalk: t.ByCrosswalk, Tolerated: listed[record.Tolerated],
				Failed: listed[record.Failed], Parked: listed[record.Parked], Held: listed[record.Held], Owed: listed[record.OwedField],
				Created: sides(t.Created), Updated: sides(t.Updated), Filled: sides(t.Filled), Seconds: float64(t.Millis) / 1000,
			}
			if s.Gate, err = initial.Checked(tx, m.Name); err != nil {
				return err
			}
			s.Rows = report.Sides{
				FnO:       t.InScope[value.FnO] + s.Created.FnO,
				Dataverse: t.InScope[value.Dataverse] + s.Created.Dataverse,
			}
			if s.Seconds > 0 {
				s.RowsPerSec = float64(max(s.Rows.FnO, s.Rows.Dataverse)) / s.Seconds
			}
			out = append(out, s)
		}
		return nil
	})
	return out, err
}

func sides(n map[value.Side]int64) report.Sides {
	return report.Sides{FnO: n[value.FnO], Dataverse: n[value.Dataverse]}
}
