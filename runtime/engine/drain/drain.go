// Package drain handles what was observed of one map, batch by batch: it lets
// merge decide, sends what is to be written and confirms it.
package drain

import (
	"context"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Drain handles one map. It is used by one task at a time.
type Drain struct {
	Env    *engine.Env
	Map    *engine.Map
	Reader *capture.Reader
	Writer *write.Writer
	Refs   *refs.Resolver

	companies *companies // nil: nobody asks
}

// New makes a drain of a map. What it learns about references it keeps.
func New(env *engine.Env, m *engine.Map) *Drain {
	resolver := refs.New(env)
	reader := &capture.Reader{Env: env, Map: m, Refs: resolver}
	return &Drain{Env: env, Map: m, Refs: resolver, Reader: reader, Writer: &write.Writer{Env: env, Map: m, Reader: reader}}
}

// Handler makes a handler of the map; see handle.Handler.Again. Where the map
// is kept equal live, records that a read does not find are judged.
func (d *Drain) Handler(again bool) *handle.Handler {
	h := &handle.Handler{Env: d.Env, Map: d.Map, Reader: d.Reader, Refs: d.Refs, Again: again}
	if d.Writer.Live {
		h.Absent, h.Holders = d.Reader.Gone, d.Reader.Holders
	}
	return h
}

// Passed is what handling came to.
type Passed struct {
	Keys    []string // canonical, of the records that were handled
	Handled int64    // records
	Parked  int64    // of them: they wait for others
	Written report.Sides
	Rows    bool // rows of Dataverse were created or deleted
}

func (p *Passed) add(keys []string, out handle.Outcome) {
	p.Keys = append(p.Keys, keys...)
	p.Handled += int64(len(keys))
	p.Parked += out.Parked
	for _, in := range out.Intents {
		p.Written.Add(in.Side, 1)
		p.Rows = p.Rows || in.Side == value.Dataverse && (in.Op == record.Create || in.Op == record.Delete)
	}
}

// All handles observations pass by pass until a pass gets no further:
// confirming writes may bring new ones, and those of parked records stay.
func (d *Drain) All(ctx context.Context, h *handle.Handler) error {
	for {
		further := false
		err := d.pass(ctx, h, d.all(), nil, func(_ []string, out handle.Outcome, handled int) {
			further = further || out.Parked < int64(handled)
		})
		if err != nil || !further {
			return err
		}
	}
}

// Pass goes once over all unhandled observations, those that take admits (nil:
// all), and confirms what was written.
func (d *Drain) Pass(ctx context.Context, h *handle.Handler, take func(store.Work) bool) (Passed, error) {
	var p Passed
	err := d.pass(ctx, h, d.all(), take, func(keys []string, out handle.Outcome, _ int) { p.add(keys, out) })
	return p, err
}

// Named is Pass over the unhandled observations of some keys alone: what else
// waits is not read.
func (d *Drain) Named(ctx context.Context, h *handle.Handler, keys []string, take func(store.Work) bool) (Passed, error) {
	var p Passed
	d.Writer.Expect(int64(len(keys)))
	err := d.pass(ctx, h, d.named(keys), take, func(keys []string, out handle.Outcome, _ int) { p.add(keys, out) })
	return p, err
}

// source gives batches of work, one after the other; none at the end.
type source func(ctx context.Context) ([]store.Work, error)

func (d *Drain) pass(ctx context.Context, h *handle.Handler, next source, take func(store.Work) bool, done func(keys []string, out handle.Outcome, handled int)) error {
	f := d.begin(ctx)
	var err error
	for err == nil {
		if err = d.Env.Stopped(ctx); err != nil {
			break
		}
		var work []store.Work
		if work, err = next(ctx); err != nil || len(work) == 0 {
			break
		}
		chosen, keys := choose(work, take)
		if len(chosen) == 0 {
			continue
		}
		if f.touches(chosen) {
			if f, err = f.again(ctx); err != nil {
				return err
			}
		}
		var out handle.Outcome
		if out, err = h.Work(ctx, chosen); err != nil {
			break
		}
		done(keys, out, len(chosen))
		d.handled(keys, out.Failed)
		err = f.add(ctx, out.Intents, engine.MarkIntentsStored)
	}
	return f.end(ctx, err)
}

func choose(work []store.Work, take func(store.Work) bool) (chosen []store.Work, keys []string) {
	chosen = work[:0]
	for _, w := range work {
		if take == nil || take(w) {
			chosen, keys = append(chosen, w), append(keys, w.Key)
		}
	}
	return chosen, keys
}

// all is the source of everything that waits, by key.
func (d *Drain) all() source {
	after := ""
	return func(ctx context.Context) (work []store.Work, err error) {
		err = d.Env.Store.Look(ctx, func(tx store.Tx) error {
			if after == "" {
				n, err := tx.CountObservations(d.Map.Name)
				if err != nil {
					return err
				}
				d.Writer.Expect(max(n[value.FnO], n[value.Dataverse]))
				if err := d.companies.expect(tx, d.Map.Name); err != nil {
					return err
				}
			}
			work, err = tx.Work(d.Map.Name, after, d.Env.BatchSize())
			return err
		})
		if len(work) > 0 {
			after = work[len(work)-1].Key
		}
		return work, err
	}
}

// named is the source of what waits of some records.
func (d *Drain) named(keys []string) source {
	return func(ctx context.Context) (work []store.Work, err error) {
		for len(work) == 0 && len(keys) > 0 && err == nil {
			part := keys[:min(len(keys), d.Env.BatchSize())]
			keys = keys[len(part):]
			err = d.Env.Store.View(ctx, func(tx store.Tx) error {
				for _, key := range part {
					w, err := store.WorkOf(tx, d.Map.Name, key)
					if err != nil {
						return err
					}
					if w.Key != "" {
						work = append(work, w)
					}
				}
				return nil
			})
		}
		return work, err
	}
}

// Deferred fills the references that had to wait for other records, of all
// pairs that owe one, and tells of its progress.
func (d *Drain) Deferred(ctx context.Context) (Passed, error) {
	var p Passed
	total, err := d.owed(ctx)
	if err != nil {
		return p, err
	}
	h := d.Handler(false)
	f := d.begin(ctx)
	for after, walked := int64(0), int64(0); err == nil; {
		if err = d.Env.Stopped(ctx); err != nil {
			break
		}
		var pairs []*record.Pair
		err = d.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.Pairs(d.Map.Name, after, d.Env.BatchSize(), true)
			return err
		})
		if err != nil || len(pairs) == 0 {
			break
		}
		after = pairs[len(pairs)-1].ID
		if err = d.owe(ctx, h, pairs, &p, f); err != nil {
			break
		}
		walked += int64(len(pairs))
		d.Env.Report(report.Progress{Map: d.Map.Name, Phase: "deferred", Done: walked, Total: max(total, walked)})
	}
	return p, f.end(ctx, err)
}

// Owed fills the references that some pairs owe, as far as their targets are
// there by now.
func (d *Drain) Owed(ctx context.Context, pairs []*record.Pair) (Passed, error) {
	var p Passed
	if len(pairs) == 0 {
		return p, nil
	}
	f := d.begin(ctx)
	err := f.end(ctx, d.owe(ctx, d.Handler(false), pairs, &p, f))
	return p, err
}

func (d *Drain) owe(ctx context.Context, h *handle.Handler, pairs []*record.Pair, p *Passed, f *flight) error {
	out, err := h.Owed(ctx, pairs)
	if err != nil {
		return err
	}
	keys := make([]string, len(pairs))
	for i, pair := range pairs {
		keys[i] = pair.Key
	}
	p.add(keys, out)
	return f.add(ctx, out.Intents, engine.MarkDeferredStored)
}

// owed counts the references that wait.
func (d *Drain) owed(ctx context.Context) (n int64, err error) {
	err = d.Env.Store.View(ctx, func(tx store.Tx) error {
		listed, err := tx.CountListed(d.Map.Name)
		n = listed[record.OwedField]
		return err
	})
	return n, err
}
