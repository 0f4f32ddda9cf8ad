package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// dropCursors makes a map forget where its reads stand.
func dropCursors(tx store.Tx, mapName string) error {
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		if err := tx.PutCursor(mapName, s, store.Cursor{}); err != nil {
			return err
		}
	}
	return nil
}

func (e *executor) resume(ctx context.Context) (string, error) {
	way := store.ResumeCatchUp
	if len(e.cmd.Args) > 0 {
		way = e.cmd.Args[0]
	}
	switch way {
	case store.ResumeCatchUp, store.ResumeKeep, store.ResumeDiscard:
	default:
		return "", bad(fmt.Sprintf("a map cannot be resumed by %q", way),
			fmt.Sprintf("The ways are %q, %q and %q.", store.ResumeCatchUp, store.ResumeKeep, store.ResumeDiscard))
	}
	if err := e.noWindow(ctx); err != nil {
		return "", err
	}
	aside := map[string]int{}
	if way != store.ResumeCatchUp {
		var err error
		if aside, err = e.setAside(ctx, way); err != nil {
			return "", err
		}
	}
	return e.each(ctx, func(tx store.Tx, d plan.DeployedMap, s *store.RunState) (string, error) {
		name := d.Definition.Map.Name
		was := effective(d, *s)
		fault := s.Fault
		if s.Batch != "" {
			return "", nil
		}
		if was == store.StatusRunning || was == store.StatusInitializing && d.Initial == "pending" {
			return "", nil
		}
		s.Override, s.By, s.Reason, s.Fault = store.StatusRunning, e.cmd.By, "", false
		if fault {
			s.Status = store.StatusCatchingUp
			if d.Initial == "pending" {
				s.Status = store.StatusInitializing
			}
			return fmt.Sprintf("Map %s tries again.", name), nil
		}
		if was == store.StatusStopped {
			s.Status = store.StatusInitializing
			if err := initial.Restart(tx, name); err != nil {
				return "", err
			}
			d.Initial, d.Status = "pending", store.StatusInitializing
			return fmt.Sprintf("Map %s starts again and reads both sides from the start.", name), tx.PutDeployed(e.env.Link, d)
		}
		s.Status = store.StatusCatchingUp
		switch n := aside[name]; {
		case way != store.ResumeCatchUp && n == 0:
			return fmt.Sprintf("Map %s goes on; nothing waited.", name), nil
		case way == store.ResumeKeep:
			return fmt.Sprintf("Map %s goes on; %s that waited can be retried: `dw errors list -map %s`.", name, count(n, "record"), model.MapArgument(name)), nil
		case way == store.ResumeDiscard:
			return fmt.Sprintf("Map %s goes on; of %s that waited, each stays as it is on both sides.", name, count(n, "record")), nil
		}
		return fmt.Sprintf("Map %s catches up with what waits.", name), nil
	})
}

// setAside takes what waits of paused maps out of the queue; it gives the
// number of records by map.
func (e *executor) setAside(ctx context.Context, way string) (map[string]int, error) {
	names, err := e.maps()
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, name := range names {
		paused := false
		err := e.env.Store.View(ctx, func(tx store.Tx) error {
			s, err := store.RunStateOf(tx, name)
			if err != nil {
				return err
			}
			d, err := tx.DeployedMap(e.env.Link, name)
			paused = d != nil && effective(*d, s) == store.StatusPaused && s.Batch == ""
			return err
		})
		if err != nil {
			return nil, err
		}
		if !paused {
			continue
		}
		if out[name], err = e.emptyQueue(ctx, e.env.Map(name), way); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// emptyQueue takes all records of a map out of the queue, batch by batch.
func (e *executor) emptyQueue(ctx context.Context, m *engine.Map, way string) (n int, err error) {
	after := ""
	for {
		if err := e.env.Stopped(ctx); err != nil {
			return n, err
		}
		var work []store.Work
		err := e.env.Store.View(ctx, func(tx store.Tx) (err error) {
			work, err = tx.Work(m.Name, after, e.env.BatchSize())
			return err
		})
		if err != nil || len(work) == 0 {
			return n, err
		}
		after = work[len(work)-1].Key
		if work, err = e.dropStrangers(ctx, m, work); err != nil {
			return n, err
		}
		if way == store.ResumeKeep {
			err = e.keep(ctx, m, work)
		} else {
			err = e.accept(ctx, m, keysOf(work), diag.CodeDiscarded, "It was discarded when the map was resumed")
		}
		if err != nil {
			return n, err
		}
		n += len(work)
	}
}

// dropStrangers takes records out of the queue that are none of the map's:
// several maps may read one table, each with a filter of its own. It gives
// those that are.
func (e *executor) dropStrangers(ctx context.Context, m *engine.Map, work []store.Work) (own []store.Work, err error) {
	var seqs []int64
	for _, w := range work {
		seen := append(w.FnO[:len(w.FnO):len(w.FnO)], w.Dataverse...)
		if len(w.Pairs) > 0 || slices.ContainsFunc(seen, func(o record.Observation) bool { return o.InScope && !o.Deleted }) {
			own = append(own, w)
			continue
		}
		for _, o := range seen {
			seqs = append(seqs, o.Seq)
		}
	}
	if len(seqs) == 0 {
		return own, nil
	}
	return own, e.env.Store.Update(ctx, func(tx store.Tx) error { return tx.DropObservations(m.Name, seqs) })
}

func keysOf(work []store.Work) []string {
	keys := make([]string, len(work))
	for i, w := range work {
		keys[i] = w.Key
	}
	return keys
}

// keep lists queued records as failures. Their pairs take the versions that
// were seen, so that scans leave them in peace, and records without one get a
// pair of one end for that; what was agreed stays, so that a retry or the next
// edit carries the difference over.
func (e *executor) keep(ctx context.Context, m *engine.Map, work []store.Work) error {
	return e.env.Store.Update(ctx, func(tx store.Tx) error {
		var listed []record.Listed
		var pairs []*record.Pair
		var seqs []int64
		for _, w := range work {
			l := record.Listed{
				Kind: record.Failed, Map: m.Name, Key: w.Key, Record: transform.ReadableCanonical(w.Key), Side: value.Dataverse,
				Code: diag.CodeKeptAsFailure, At: e.now(), Reason: "It changed while the map was paused and was kept back when the map was resumed.",
				Hint: "Retry it to carry the change over, or drop it to leave both sides as they are.",
			}
			for _, o := range append(w.FnO[:len(w.FnO):len(w.FnO)], w.Dataverse...) {
				seqs = append(seqs, o.Seq)
				l.Company, l.Side = o.Company, o.Side.Other()
				if len(o.Values) > 0 {
					l.Record = m.Compiled.ReadableKey(o.Side, o.Values, o.Company)
				}
				known := len(w.Pairs) > 0
				for _, p := range w.Pairs {
					if p.End(o.Side).ID == o.ID && !o.Deleted {
						p.End(o.Side).Version = o.Version
					}
				}
				if !known && !o.Deleted && o.InScope {
					w.Pairs = append(w.Pairs, oneEnded(m, &o))
				}
			}
			listed, pairs = append(listed, l), append(pairs, w.Pairs...)
		}
		if err := tx.PutPairs(unique(pairs)); err != nil {
			return err
		}
		if err := tx.PutListed(listed); err != nil {
			return err
		}
		return tx.DropObservations(m.Name, seqs)
	})
}

// oneEnded gives the pair of a record that has no other half.
func oneEnded(m *engine.Map, o *record.Observation) *record.Pair {
	p := &record.Pair{Map: m.Name, MapVersion: m.Version, Key: o.Key, Company: o.Company, Base: make([]record.FieldBase, len(m.Compiled.Slots))}
	*p.End(o.Side) = record.End{ID: o.ID, Version: o.Version}
	if o.Side == value.FnO {
		p.FnO.Key = m.Compiled.EntityKey(o.Values)
	}
	return p
}

// unique gives each stored pair once, with the last of its versions.
func unique(pairs []*record.Pair) []*record.Pair {
	at := map[int64]int{}
	var out []*record.Pair
	for _, p := range pairs {
		if i, ok := at[p.ID]; ok && p.ID != 0 {
			out[i] = p
			continue
		}
		at[p.ID] = len(out)
		out = append(out, p)
	}
	return out
}
