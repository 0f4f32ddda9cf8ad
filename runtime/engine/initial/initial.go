// Package initial joins the existing data of both sides, map by map and wave
// by wave. Every step is recorded as it is done: it can be cut off at any
// point and goes on from there.
package initial

import (
	"context"
	"fmt"
	"time"

	"github.com/dualwrite/dw/lang/diag"
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

// confirmAfter is how many batches of writes may be open before they are
// confirmed: one read of the changes confirms thousands of writes.
const confirmAfter = 4

// parallelMaps is how many maps of a wave are joined at once.
const parallelMaps = 3

// Runner joins the maps of a link.
type Runner struct {
	Env *engine.Env
}

// Wave joins the named maps, which depend only on earlier waves, and calls done
// for each that is complete.
func (r *Runner) Wave(ctx context.Context, maps []*engine.Map, done func(context.Context, *engine.Map) error) error {
	tasks := make([]func(context.Context) error, len(maps))
	for i, m := range maps {
		tasks[i] = func(ctx context.Context) error {
			if err := r.one(ctx, m); err != nil {
				return err
			}
			if err := done(ctx, m); err != nil {
				return err
			}
			r.Env.Host.Markers.Reached(engine.MarkMapDone)
			return nil
		}
	}
	if err := r.Env.Host.Scheduler.Run(ctx, parallelMaps, tasks...); err != nil {
		return err
	}
	r.Env.Host.Markers.Reached(engine.MarkWaveClosed)
	return nil
}

// Sweep asks again for what parked records wait for, until no more of them can
// go on. It is for the end of all waves.
func (r *Runner) Sweep(ctx context.Context, maps []*engine.Map) error {
	before := int64(-1)
	for {
		left := int64(0)
		for _, m := range maps {
			n, err := r.queued(ctx, m)
			if err != nil {
				return err
			}
			if left += n; n == 0 {
				continue
			}
			j := r.begin(m)
			if err := j.drain(ctx, j.handler(true)); err != nil {
				return err
			}
			if err := j.deferred(ctx); err != nil {
				return err
			}
		}
		if left == 0 || left == before {
			return nil
		}
		before = left
	}
}

func (r *Runner) queued(ctx context.Context, m *engine.Map) (int64, error) {
	var n map[value.Side]int64
	err := r.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		n, err = tx.CountObservations(m.Name)
		return err
	})
	return n[value.FnO] + n[value.Dataverse], err
}

// run is the join of one map.
type run struct {
	env    *engine.Env
	m      *engine.Map
	reader *capture.Reader
	writer *write.Writer
	refs   *refs.Resolver
	since  time.Time
}

func (r *Runner) begin(m *engine.Map) *run {
	resolver := refs.New(r.Env)
	reader := &capture.Reader{Env: r.Env, Map: m, Refs: resolver}
	return &run{
		env: r.Env, m: m, refs: resolver, reader: reader,
		writer: &write.Writer{Env: r.Env, Map: m, Reader: reader},
		since:  r.Env.Host.Clock.Now(),
	}
}

// one joins one map.
func (r *Runner) one(ctx context.Context, m *engine.Map) error {
	j := r.begin(m)
	err := j.join(ctx)
	// The time spent counts even when the run is cut off.
	if e := j.spent(context.WithoutCancel(ctx)); err == nil {
		err = e
	}
	return err
}

func (j *run) join(ctx context.Context) error {
	if err := j.restartAfterGate(ctx); err != nil {
		return err
	}
	err := j.env.Host.Scheduler.Run(ctx, 2,
		func(ctx context.Context) error { return j.reader.Scan(ctx, value.Dataverse) },
		func(ctx context.Context) error { return j.reader.Scan(ctx, value.FnO) },
	)
	if err != nil {
		return err
	}
	// Writes that an earlier run left open come first: what they did decides
	// what is left to do.
	if err := j.writer.Confirm(ctx); err != nil {
		return err
	}
	first := j.handler(false)
	first.First = true
	if err := j.drain(ctx, first); err != nil {
		return err
	}
	if err := j.deferred(ctx); err != nil {
		return err
	}
	return j.gate(ctx)
}

func (j *run) handler(again bool) *handle.Handler {
	return &handle.Handler{Env: j.env, Map: j.m, Reader: j.reader, Refs: j.refs, Again: again}
}

// drain handles observations pass by pass until a pass gets nothing further:
// confirming writes may bring new ones, and those of parked records stay.
func (j *run) drain(ctx context.Context, h *handle.Handler) error {
	for {
		further, err := j.pass(ctx, h)
		if err != nil || !further {
			return err
		}
	}
}

// pass goes once over all unhandled observations and tells whether it got any
// further.
func (j *run) pass(ctx context.Context, h *handle.Handler) (further bool, err error) {
	open, after := int64(0), ""
	for {
		if err := j.env.Stopped(ctx); err != nil {
			return false, err
		}
		work, err := j.next(ctx, after)
		if err != nil {
			return false, err
		}
		if len(work) == 0 {
			return further, j.writer.Confirm(ctx)
		}
		after = work[len(work)-1].Key
		out, err := h.Work(ctx, work)
		if err != nil {
			return false, err
		}
		further = further || out.Parked < int64(len(work))
		if open += int64(len(out.Intents)); len(out.Intents) > 0 {
			j.env.Host.Markers.Reached(engine.MarkIntentsStored)
		}
		if err := j.writer.Send(ctx, out.Intents); err != nil {
			return false, err
		}
		if open >= j.confirmAfter() {
			if err := j.writer.Confirm(ctx); err != nil {
				return false, err
			}
			open = 0
		}
	}
}

func (j *run) confirmAfter() int64 { return int64(confirmAfter * j.env.BatchSize()) }

func (j *run) next(ctx context.Context, after string) (work []store.Work, err error) {
	err = j.env.Store.View(ctx, func(tx store.Tx) error {
		if after == "" {
			n, err := tx.CountObservations(j.m.Name)
			if err != nil {
				return err
			}
			j.writer.Expect(max(n[value.FnO], n[value.Dataverse]))
		}
		work, err = tx.Work(j.m.Name, after, j.env.BatchSize())
		return err
	})
	return work, err
}

// deferred fills the references that had to wait for the rest of the map.
func (j *run) deferred(ctx context.Context) error {
	h := j.handler(false)
	total, err := j.owed(ctx)
	if err != nil {
		return err
	}
	after, open, done := int64(0), int64(0), int64(0)
	for {
		if err := j.env.Stopped(ctx); err != nil {
			return err
		}
		var pairs []*record.Pair
		err := j.env.Store.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.Pairs(j.m.Name, after, j.env.BatchSize(), true)
			return err
		})
		if err != nil {
			return err
		}
		if len(pairs) == 0 {
			break
		}
		after = pairs[len(pairs)-1].ID
		out, err := h.Owed(ctx, pairs)
		if err != nil {
			return err
		}
		if len(out.Intents) > 0 {
			j.env.Host.Markers.Reached(engine.MarkDeferredStored)
		}
		if err := j.writer.Send(ctx, out.Intents); err != nil {
			return err
		}
		done += int64(len(pairs))
		j.env.Report(report.Progress{Map: j.m.Name, Phase: "deferred", Done: done, Total: max(total, done)})
		if open += int64(len(out.Intents)); open >= j.confirmAfter() {
			if err := j.writer.Confirm(ctx); err != nil {
				return err
			}
			open = 0
		}
	}
	if err := j.writer.Confirm(ctx); err != nil {
		return err
	}
	// Confirming may have shown edits of others.
	return j.drain(ctx, j.handler(false))
}

// owed counts the references that wait.
func (j *run) owed(ctx context.Context) (n int64, err error) {
	err = j.env.Store.View(ctx, func(tx store.Tx) error {
		listed, err := tx.CountListed(j.m.Name)
		n = listed[record.OwedField]
		return err
	})
	return n, err
}

// gate holds the map against its limit of errors.
func (j *run) gate(ctx context.Context) error {
	limit := j.m.Def.Map.Initial.MaxErrors
	var listed map[record.Kind]int64
	err := j.env.Store.View(ctx, func(tx store.Tx) (err error) {
		listed, err = tx.CountListed(j.m.Name)
		return err
	})
	if err != nil {
		return err
	}
	if limit != nil && listed[record.Failed] > int64(*limit) {
		err := j.env.Store.Update(ctx, func(tx store.Tx) error { return tx.SetMeta(gateMeta(j.m.Name), gateText) })
		if err != nil {
			return err
		}
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeTooManyErrors, Severity: diag.Error, Address: j.m.Def.Map.Address(),
			Summary: fmt.Sprintf("%d records failed, more than max_errors = %d allows", listed[record.Failed], *limit),
			Detail:  "The records that did not fail are in place. Maps of later waves were not begun.",
			Hint:    fmt.Sprintf("See `dw errors list -map %s`, mend the records, then apply again; or raise max_errors.", j.m.Name),
		})
	}
	j.env.Report(report.Progress{Map: j.m.Name, Phase: "done", Failed: listed[record.Failed]})
	return nil
}

// spent adds the time of this run to the map's tally.
func (j *run) spent(ctx context.Context) error {
	d := j.env.Host.Clock.Now().Sub(j.since)
	return j.env.Store.Update(ctx, func(tx store.Tx) error {
		return tx.AddTally(j.m.Name, store.Tally{Millis: d.Milliseconds()})
	})
}
