// Package verify reads both sides afresh and compares them record by record,
// field by field. The state only explains differences and says which side has
// moved; it is never compared.
package verify

import (
	"context"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Options of a verify.
type Options struct {
	// Env has connectors of verify's own and, as its Store, an empty scratch
	// store that holds what is read: memory does not grow with the rows.
	Env *engine.Env
	// Maps to compare; the others only resolve references.
	Maps []*engine.Map
	// State explains differences; nil explains nothing.
	State store.Store
	// Limit bounds the differences that are named, a map; 0 names all.
	Limit int
	// Company compares the records of one company only; maps without companies
	// are left out. "" compares all.
	Company string
	// Sample compares so many keys of each map, which Seed chooses; 0 compares
	// all. Where there is a state the keys are those of known pairs, and nothing
	// else is read; without one all keys of both sides are, and nothing else of
	// the records that are not chosen.
	Sample int
	Seed   uint64
	// Since compares what was edited at that time or later only; zero compares
	// all. Modified then gives the column of a side that says when a record was
	// edited, nil where there is none.
	Since    time.Time
	Modified func(m *engine.Map, side value.Side) *schema.Field
	// Running says that an engine keeps both sides equal meanwhile: what differs
	// is looked at again before it counts.
	Running bool
	// Found is told every record that differs for no reason that the state
	// knows, in the order of canonical keys by map; nil for nobody.
	Found func(ctx context.Context, f Finding) error
}

// Finding is a record that differs. Its key is "" where it has none, or where
// several maps' rules are needed to say one: such a record cannot be read again.
type Finding struct {
	Map  *engine.Map
	Key  string
	Seen bool // everything of the map was read: what was not found is not there
	// Began is the state's sequence before the first read; 0 without a state.
	Began       int64
	Differences []report.Difference
}

// Run compares the maps of o.
func Run(ctx context.Context, o Options) (report.Verify, error) {
	began := o.Env.Host.Clock.Now()
	out := report.Verify{FormatVersion: report.FormatVersion, Link: o.Env.Link, Company: o.Company}
	if o.Sample > 0 {
		out.Sample = &report.Sample{Size: o.Sample, Seed: o.Seed}
	}
	if !o.Since.IsZero() {
		out.Since = o.Since.UTC().Format(time.RFC3339)
	}
	for _, m := range o.Maps {
		if o.Company != "" {
			if m.Compiled.Company < 0 {
				continue
			}
			m = m.In(o.Company)
		}
		c := newComparison(o, m)
		v, err := c.run(ctx)
		if err != nil {
			return out, err
		}
		out.Maps = append(out.Maps, v)
	}
	out.Seconds = o.Env.Host.Clock.Now().Sub(began).Seconds()
	return out, nil
}

// comparison of one map.
type comparison struct {
	Options
	m       *engine.Map
	refs    *refs.Resolver
	reader  *capture.Reader
	began   int64       // the state's sequence before the first read
	seen    capture.Set // pairs of which a record was seen
	waiting []string    // keys that differ and may be on their way
	out     report.MapVerify
}

func newComparison(o Options, m *engine.Map) *comparison {
	c := &comparison{Options: o, m: m, refs: refs.New(o.Env), seen: capture.Set{}}
	c.reader = &capture.Reader{Env: o.Env, Map: m, Refs: c.refs}
	c.out.Map, c.out.Details, c.out.Kinds = m.Name, []report.Difference{}, map[string]int64{}
	return c
}

func (c *comparison) run(ctx context.Context) (report.MapVerify, error) {
	if err := c.begin(ctx); err != nil {
		return c.out, err
	}
	if err := c.narrow(ctx); err != nil {
		return c.out, err
	}
	var err error
	switch {
	case c.Sample > 0:
		err = c.sample(ctx)
	case !c.Since.IsZero():
		err = c.since(ctx)
	default:
		err = c.all(ctx)
	}
	if err == nil {
		err = c.settle(ctx)
	}
	if err == nil {
		c.Env.Report(report.Progress{Map: c.m.Name, Phase: "done"})
	}
	return c.out, err
}

// all compares everything.
func (c *comparison) all(ctx context.Context) error {
	err := c.Env.Host.Scheduler.Run(ctx, 2,
		func(ctx context.Context) error { return c.reader.Scan(ctx, value.Dataverse) },
		func(ctx context.Context) error { return c.reader.Scan(ctx, value.FnO) },
	)
	if err != nil {
		return err
	}
	if err := c.keyless(ctx); err != nil {
		return err
	}
	err = c.each(ctx, func(work []store.Work) error { return c.batch(ctx, work) })
	if err != nil {
		return err
	}
	return c.orphans(ctx)
}

// each calls f for everything that was read, some keys at a time.
func (c *comparison) each(ctx context.Context, f func([]store.Work) error) error {
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
		if err != nil || len(work) == 0 {
			return err
		}
		after = work[len(work)-1].Key
		if err := f(work); err != nil {
			return err
		}
	}
}

// keyless takes over the rows without key that reading has listed.
func (c *comparison) keyless(ctx context.Context) error {
	after := int64(0)
	for {
		var l []record.Listed
		err := c.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			l, err = tx.Listed(store.ListedQuery{Map: c.m.Name}, after, c.Env.BatchSize())
			return err
		})
		if err != nil || len(l) == 0 {
			return err
		}
		for _, r := range l {
			after = r.ID
			c.out.Compared++
			c.out.Rows.Add(r.Side.Other(), 1)
			d := report.Difference{Map: c.m.Name, Record: r.Record, Kind: report.KindUnreadable, Side: r.Side.Other(), Field: r.Reason}
			if err := c.differ(ctx, r.Key, []report.Difference{d}); err != nil {
				return err
			}
		}
	}
}

// batch compares some keys, all of whose rows are at hand.
func (c *comparison) batch(ctx context.Context, work []store.Work) error {
	if err := c.know(ctx, work); err != nil {
		return err
	}
	for _, w := range work {
		c.out.Rows.FnO += int64(len(admitted(w.FnO)))
		c.out.Rows.Dataverse += int64(len(admitted(w.Dataverse)))
	}
	differing, err := c.compareAll(ctx, work)
	if err != nil || len(differing) == 0 {
		return err
	}
	if !c.Running {
		return c.tell(ctx, differing)
	}
	return c.again(ctx, differing)
}

// different is a key with its rows and what differs.
type different struct {
	work store.Work
	diff []report.Difference
}

// compareAll compares keys, counts those that are equal and gives the others.
func (c *comparison) compareAll(ctx context.Context, work []store.Work) (differing []different, err error) {
	answers, err := c.answers(ctx, work)
	if err != nil {
		return nil, err
	}
	for _, w := range work {
		fno, dv := admitted(w.FnO), admitted(w.Dataverse)
		gone := len(fno)+len(dv) == 0
		if gone && (len(w.FnO)+len(w.Dataverse) > 0 || !linked(pairOf(w))) {
			continue // out of scope, or nothing that anybody misses
		}
		c.out.Compared++
		if diff := c.compare(w, fno, dv, answers); len(diff) > 0 {
			differing = append(differing, different{w, diff})
		} else {
			c.out.Equal++
		}
	}
	return differing, nil
}

func admitted(obs []record.Observation) []record.Observation {
	var in []record.Observation
	for _, o := range obs {
		if o.InScope {
			in = append(in, o)
		}
	}
	return in
}

// tell counts and names records that differ.
func (c *comparison) tell(ctx context.Context, differing []different) error {
	for _, d := range differing {
		if err := c.differ(ctx, d.work.Key, d.diff); err != nil {
			return err
		}
	}
	return nil
}

// differ counts a record that differs and asks the state for the reason.
func (c *comparison) differ(ctx context.Context, key string, diffs []report.Difference) error {
	why, err := c.explain(ctx, key)
	if err != nil {
		return err
	}
	moving, err := c.moving(ctx, key)
	if err != nil {
		return err
	}
	open, owes := "", false
	for i := range diffs {
		d := &diffs[i]
		d.Explained = why[""].text
		if e, ok := why[d.Field]; ok && d.Field != "" {
			d.Explained = e.text
			if e.kind == record.OwedField {
				d.Kind = report.KindOwed
			}
		}
		if d.Explained == "" && moving {
			d.Explained = "on its way: dw has read a change of it and is about to carry it over"
		}
		owes = owes || d.Kind == report.KindOwed
		if d.Explained == "" && open == "" {
			open = d.Kind
		}
	}
	if owes {
		c.out.Owed++
	}
	if open == "" {
		c.out.Explained++
	} else {
		c.out.Findings++
		c.out.Kinds[open]++
		if c.Found != nil {
			f := Finding{Map: c.m, Key: key, Seen: c.complete(), Began: c.began, Differences: diffs}
			if err := c.Found(ctx, f); err != nil {
				return err
			}
		}
	}
	for _, d := range diffs {
		if c.Limit > 0 && len(c.out.Details) >= c.Limit {
			c.out.Truncated = true
			return nil
		}
		c.out.Details = append(c.out.Details, d)
	}
	return nil
}

// complete tells whether everything is read.
func (c *comparison) complete() bool { return c.Sample == 0 && c.Since.IsZero() }
