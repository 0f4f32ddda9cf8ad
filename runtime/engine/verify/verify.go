// Package verify reads both sides afresh and compares them record by record,
// field by field. The state only explains differences; it is never compared.
package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/handle"
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
}

// Run compares the maps of o.
func Run(ctx context.Context, o Options) (report.Verify, error) {
	began := o.Env.Host.Clock.Now()
	out := report.Verify{FormatVersion: report.FormatVersion, Link: o.Env.Link}
	for _, m := range o.Maps {
		c := comparison{Options: o, m: m, refs: refs.New(o.Env)}
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
	m    *engine.Map
	refs *refs.Resolver
	out  report.MapVerify
}

func (c *comparison) run(ctx context.Context) (report.MapVerify, error) {
	c.out.Map, c.out.Details = c.m.Name, []report.Difference{}
	reader := &capture.Reader{Env: c.Env, Map: c.m, Refs: c.refs}
	err := c.Env.Host.Scheduler.Run(ctx, 2,
		func(ctx context.Context) error { return reader.Scan(ctx, value.Dataverse) },
		func(ctx context.Context) error { return reader.Scan(ctx, value.FnO) },
	)
	if err != nil {
		return c.out, err
	}
	if err := c.keyless(ctx); err != nil {
		return c.out, err
	}
	after := ""
	for {
		var work []store.Work
		err := c.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			work, err = tx.Work(c.m.Name, after, c.Env.BatchSize())
			return err
		})
		if err != nil {
			return c.out, err
		}
		if len(work) == 0 {
			return c.out, nil
		}
		after = work[len(work)-1].Key
		if err := c.batch(ctx, work); err != nil {
			return c.out, err
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
			if err := c.differ(ctx, r.Key, []report.Difference{{Map: c.m.Name, Record: r.Record, Kind: "unreadable", Side: r.Side.Other(), Field: r.Reason}}); err != nil {
				return err
			}
		}
	}
}

// batch compares some keys.
func (c *comparison) batch(ctx context.Context, work []store.Work) error {
	var needs []refs.Need
	for _, w := range work {
		for _, obs := range [][]record.Observation{w.FnO, w.Dataverse} {
			for i := range obs {
				if obs[i].InScope {
					needs = append(needs, handle.Needs(c.m.Compiled, &obs[i])...)
				}
			}
		}
	}
	answers, err := c.refs.Resolve(ctx, needs, refs.Options{})
	if err != nil {
		return err
	}
	for _, w := range work {
		fno, dv := admitted(w.FnO), admitted(w.Dataverse)
		c.out.Rows.FnO += int64(len(fno))
		c.out.Rows.Dataverse += int64(len(dv))
		if len(fno)+len(dv) == 0 {
			continue
		}
		c.out.Compared++
		diffs := c.compare(fno, dv, answers)
		if len(diffs) == 0 {
			c.out.Equal++
			continue
		}
		if err := c.differ(ctx, w.Key, diffs); err != nil {
			return err
		}
	}
	return nil
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

// compare gives the differences of one key.
func (c *comparison) compare(fno, dv []record.Observation, answers transform.Refs) []report.Difference {
	k := c.m.Compiled
	d := report.Difference{Map: c.m.Name}
	switch {
	case len(fno) > 0:
		d.Record = k.ReadableKey(value.FnO, fno[0].Values, fno[0].Company)
	default:
		d.Record = k.ReadableKey(value.Dataverse, dv[0].Values, dv[0].Company)
	}
	switch {
	case len(fno) > 1 || len(dv) > 1:
		d.Kind = "duplicate"
		d.FnO, d.Dataverse = ids(fno), ids(dv)
		return []report.Difference{d}
	case len(fno) == 0:
		d.Kind, d.Side = "missing", value.FnO
		return []report.Difference{d}
	case len(dv) == 0:
		d.Kind, d.Side = "missing", value.Dataverse
		return []report.Difference{d}
	}
	f := transform.Record{Side: value.FnO, Values: fno[0].Values, Company: fno[0].Company}
	v := transform.Record{Side: value.Dataverse, Values: dv[0].Values, Company: dv[0].Company}
	var diffs []report.Difference
	for i := range k.Slots {
		s := &k.Slots[i]
		if s.OnCreate {
			continue
		}
		same, err := k.Same(s, &f, &v, answers)
		if same && err == nil {
			continue
		}
		n := d
		n.Kind, n.Field = "field", s.Name
		n.FnO, n.Dataverse = k.Show(s, value.FnO, f.Values[s.FnO], answers), k.Show(s, value.Dataverse, v.Values[s.Dataverse], answers)
		diffs = append(diffs, n)
	}
	return diffs
}

func ids(obs []record.Observation) string {
	var all []string
	for _, o := range obs {
		all = append(all, o.ID)
	}
	return strings.Join(all, ", ")
}

// differ counts a record that differs and asks the state for the reason.
func (c *comparison) differ(ctx context.Context, key string, diffs []report.Difference) error {
	why, err := c.explain(ctx, key)
	if err != nil {
		return err
	}
	open := false
	for i := range diffs {
		diffs[i].Explained = why[""]
		if text, ok := why[diffs[i].Field]; ok && diffs[i].Kind == "field" {
			diffs[i].Explained = text
		}
		open = open || diffs[i].Explained == ""
	}
	if open {
		c.out.Findings++
	} else {
		c.out.Explained++
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

// explain gives what the state lists for a key, by field; "" is the record.
func (c *comparison) explain(ctx context.Context, key string) (map[string]string, error) {
	if c.State == nil {
		return nil, nil
	}
	why := map[string]string{}
	err := c.State.View(ctx, func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: c.m.Name, Keys: []string{key}}, 0, c.Env.BatchSize())
		for _, r := range l {
			text := fmt.Sprintf("%s: %s", r.Kind, r.Reason)
			why[r.Field] = text
			if r.Kind == record.Failed || r.Kind == record.Parked {
				why[""] = text // the whole record waits, whichever field is the reason
			}
		}
		return err
	})
	return why, err
}
