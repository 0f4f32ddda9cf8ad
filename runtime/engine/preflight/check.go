package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/engine/match"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// planned stands as version of records that are not there yet: the initial sync
// would have made them by the time that somebody asks.
const planned = "planned"

// check judges the data of one map.
type check struct {
	*Options
	m        *engine.Map
	referred bool // other records refer to this map's
	reader   *capture.Reader
	handler  *handle.Handler
	refs     *refs.Resolver
	// companies is of the task that reads Dataverse.
	companies *refs.Resolver
	tally
}

func newCheck(o *Options, m *engine.Map, referred bool) *check {
	resolver := refs.New(o.Env)
	c := &check{Options: o, m: m, referred: referred, refs: resolver}
	c.reader = &capture.Reader{Env: o.Env, Map: m, Refs: resolver}
	c.handler = &handle.Handler{Env: o.Env, Map: m, Reader: c.reader, Refs: resolver, First: true, Room: &merge.Room{}}
	c.tally = newTally(o, m)
	return c
}

// run reads both sides and judges every record once.
func (c *check) run(ctx context.Context) error {
	// The two sides are read at once, each with a resolver of its own.
	c.companies = refs.New(c.Env)
	dataverse := &capture.Reader{Env: c.Env, Map: c.m, Refs: c.companies, Outside: c.outside, Keyless: match.Wanted(c.m)}
	err := c.Env.Host.Scheduler.Run(ctx, 2,
		func(ctx context.Context) error { return dataverse.Scan(ctx, value.Dataverse) },
		func(ctx context.Context) error { return c.reader.Scan(ctx, value.FnO) },
	)
	if err != nil {
		return err
	}
	if err := c.match(ctx); err != nil {
		return err
	}
	if err := c.keyless(ctx); err != nil {
		return err
	}
	var total int64
	err = c.Env.Store.View(ctx, func(tx store.Tx) error {
		n, err := tx.CountObservations(c.m.Name)
		total = max(n[value.FnO], n[value.Dataverse])
		return err
	})
	if err != nil {
		return err
	}
	done := int64(0)
	err = c.walk(ctx, func(work []store.Work) error {
		if err := c.judge(ctx, work); err != nil {
			return err
		}
		done += int64(len(work))
		c.Env.Report(report.Progress{Map: c.m.Name, Phase: "check", Done: done, Total: max(total, done), Failed: c.out.Failing})
		return nil
	})
	if err == nil {
		c.Env.Report(report.Progress{Map: c.m.Name, Phase: "done", Failed: c.out.Failing})
	}
	return err
}

// match finds records of rows that lack the key, where the map says how.
func (c *check) match(ctx context.Context) (err error) {
	if !match.Wanted(c.m) {
		return nil
	}
	content, err := initial.Crosswalk(c.Env, c.m)
	if err != nil {
		return err
	}
	scratch, end, err := c.Env.Scratch(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	_, err = match.Run(ctx, match.Options{
		Env: c.Env, Map: c.m, Scratch: scratch, Crosswalk: content, Keyless: c.reader.ListKeyless,
		Stored: func(store.Tx) error { return nil },
	})
	return err
}

// walk goes over what was read and not yet judged, batch by batch.
func (c *check) walk(ctx context.Context, f func([]store.Work) error) error {
	after := ""
	for {
		if err := c.Env.Stopped(ctx); err != nil {
			return err
		}
		var work []store.Work
		err := c.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			work, err = tx.Work(c.m.Name, after, c.Env.BatchSize())
			return err
		})
		if err != nil {
			return err
		}
		if len(work) == 0 {
			return nil
		}
		after = work[len(work)-1].Key
		if err := f(work); err != nil {
			return err
		}
	}
}

// judge judges keys for the first time. What waits for other records is kept for
// later.
func (c *check) judge(ctx context.Context, work []store.Work) error {
	verdicts, settled, err := c.handler.Judge(ctx, work)
	if err != nil {
		return err
	}
	var keep keeping
	keep.settled = settled
	for i := range verdicts {
		v := &verdicts[i]
		c.rows(v)
		pair := c.planned(v)
		if pair != nil {
			keep.pairs = append(keep.pairs, pair)
		}
		owes := v.Result.Pair != nil && v.Result.Pair.Owes()
		if !v.Parked && !owes {
			keep.settled = append(keep.settled, v.Seqs...)
		}
		if v.Parked {
			continue
		}
		failed, err := c.account(v)
		if err != nil {
			return err
		}
		if failed {
			keep.listed = append(keep.listed, c.mark(v.Key))
		}
	}
	return c.keep(ctx, keep)
}

// again judges what was kept. It counts the records that got on; last says that
// those that still wait do so for ever.
func (c *check) again(ctx context.Context, last bool) (got int64, err error) {
	c.handler.First = false
	err = c.walk(ctx, func(work []store.Work) error {
		owing := map[string]bool{} // keys of records that get over without a reference
		ids := map[string]int64{}  // of pairs that are kept already
		var chosen []store.Work
		for _, w := range work {
			for _, p := range w.Pairs {
				owing[w.Key] = owing[w.Key] || p.Owes()
				if p.Key == w.Key {
					ids[w.Key] = p.ID
				}
			}
			if owing[w.Key] && !last {
				continue
			}
			// What would be created is a plan only: such records are judged afresh.
			w.Pairs = slices.DeleteFunc(w.Pairs, func(p *record.Pair) bool { return p.FnO.Version == planned || p.Dataverse.Version == planned })
			chosen = append(chosen, w)
		}
		if len(chosen) == 0 {
			return nil
		}
		verdicts, settled, err := c.handler.Judge(ctx, chosen)
		if err != nil {
			return err
		}
		n, err := c.later(ctx, verdicts, keeping{settled: settled, ids: ids}, owing, last)
		got += n
		return err
	})
	return got, err
}

// later takes in verdicts about records that had to wait.
func (c *check) later(ctx context.Context, verdicts []handle.Verdict, keep keeping, owing map[string]bool, last bool) (got int64, err error) {
	var waiting []*handle.Verdict
	for i := range verdicts {
		v := &verdicts[i]
		switch {
		case last && (v.Parked || owing[v.Key]):
			waiting = append(waiting, v)
			keep.settled = append(keep.settled, v.Seqs...)
		case v.Parked || owing[v.Key]:
		default:
			got++
			if pair := c.planned(v); pair != nil {
				pair.ID = keep.ids[v.Key]
				keep.pairs = append(keep.pairs, pair)
			}
			if v.Result.Pair == nil || !v.Result.Pair.Owes() {
				keep.settled = append(keep.settled, v.Seqs...)
			}
			failed, err := c.account(v)
			if err != nil {
				return got, err
			}
			if failed {
				keep.listed = append(keep.listed, c.mark(v.Key))
			}
		}
	}
	if err := c.forever(ctx, waiting); err != nil {
		return got, err
	}
	return got, c.keep(ctx, keep)
}

// keeping is what the scratch store has to know of a batch.
type keeping struct {
	pairs   []*record.Pair
	listed  []record.Listed // marks of records that fail
	settled []int64
	ids     map[string]int64 // of pairs that are kept already, by key
}

func (c *check) keep(ctx context.Context, k keeping) error {
	return c.Env.Store.Update(ctx, func(tx store.Tx) error {
		if err := tx.PutPairs(k.pairs); err != nil {
			return fmt.Errorf("keep what map %s would bring about: %w", c.m.Name, err)
		}
		if err := tx.PutListed(k.listed); err != nil {
			return err
		}
		return tx.DropObservations(c.m.Name, k.settled)
	})
}

// markWaiting notes that all records that still wait fail: what waits for one of
// them follows it, and is no cause of its own.
func (c *check) markWaiting(ctx context.Context) error {
	return c.walk(ctx, func(work []store.Work) error {
		var keep keeping
		for _, w := range work {
			owes := false
			for _, p := range w.Pairs {
				owes = owes || p.Owes()
			}
			if !owes {
				keep.listed = append(keep.listed, c.mark(w.Key))
			}
		}
		return c.keep(ctx, keep)
	})
}

// mark notes that a record fails, for those that wait for it.
func (c *check) mark(key string) record.Listed {
	return record.Listed{Kind: record.Failed, Map: c.m.Name, Key: key, Side: value.Dataverse}
}

// planned gives the pair of a record as the initial sync would leave it; nil
// where nobody asks for it.
func (c *check) planned(v *handle.Verdict) *record.Pair {
	p := v.Result.Pair
	if p == nil || v.Key == "" || !c.referred && !p.Owes() {
		return nil
	}
	for _, in := range v.Result.Intents {
		if in.Op != record.Create {
			continue
		}
		*p.End(in.Side) = record.End{ID: in.TargetID, Version: planned, Key: in.TargetKey}
		if in.Side == value.FnO {
			p.FnO.ID = planned + " " + v.Key
		}
		for _, w := range in.Fields {
			if w.Slot < 0 {
				continue
			}
			b := record.FieldBase{State: record.Known, FnO: w.From, Dataverse: w.New}
			if in.Side == value.FnO {
				b.FnO, b.Dataverse = w.New, w.From
			}
			p.Base[w.Slot] = b
		}
	}
	return p
}
