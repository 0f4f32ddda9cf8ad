// Package initial joins the existing data of both sides, map by map and wave
// by wave. Every step is recorded as it is done: it can be cut off at any
// point and goes on from there.
package initial

import (
	"context"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/drain"
	"github.com/dualwrite/dw/runtime/engine/match"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// ParallelMaps is how many maps of a wave are joined at once.
const ParallelMaps = 3

// Runner joins the maps of a link.
type Runner struct {
	Env *engine.Env
	// Done is called by Join when a map's initial sync is recorded as done; nil
	// for nobody.
	Done func(context.Context, *engine.Map) error
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
	if err := r.Env.Host.Scheduler.Run(ctx, ParallelMaps, tasks...); err != nil {
		return err
	}
	r.Env.Host.Markers.Reached(engine.MarkWaveClosed)
	return nil
}

// Sweep asks again for what parked records and owed references wait for, until
// no more of them can go on. It is for the end of all waves: a reference may
// lead to a map of a later one.
func (r *Runner) Sweep(ctx context.Context, maps []*engine.Map) error {
	before := int64(-1)
	for {
		left := int64(0)
		for _, m := range maps {
			waiting, err := r.waiting(ctx, m)
			if err != nil {
				return err
			}
			if left += waiting; waiting == 0 {
				continue
			}
			j := r.begin(m)
			// An earlier run may have been cut off in the middle of this.
			if err := j.Writer.Confirm(ctx); err != nil {
				return err
			}
			if err := j.All(ctx, j.Handler(true)); err != nil {
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

// waiting counts what waits in a map: sights of parked records, owed references
// and open writes.
func (r *Runner) waiting(ctx context.Context, m *engine.Map) (n int64, err error) {
	err = r.Env.Store.View(ctx, func(tx store.Tx) error {
		queued, err := tx.CountObservations(m.Name)
		if err != nil {
			return err
		}
		listed, err := tx.CountListed(m.Name)
		if err != nil {
			return err
		}
		open, err := tx.CountIntents(m.Name)
		n = queued[value.FnO] + queued[value.Dataverse] + listed[record.OwedField] + open
		return err
	})
	return n, err
}

// run is the join of one map.
type run struct {
	*drain.Drain
	since time.Time
}

func (r *Runner) begin(m *engine.Map) *run {
	j := &run{Drain: drain.New(r.Env, m), since: r.Env.Host.Clock.Now()}
	j.Reader.Keyless = match.Wanted(m)
	return j
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
	if err := j.readVia(ctx); err != nil {
		return err
	}
	err := j.Env.Host.Scheduler.Run(ctx, 2,
		func(ctx context.Context) error { return j.Reader.Scan(ctx, value.Dataverse) },
		func(ctx context.Context) error { return j.Reader.Scan(ctx, value.FnO) },
	)
	if err != nil {
		return err
	}
	if err := j.match(ctx); err != nil {
		return err
	}
	if err := j.route(ctx); err != nil {
		return err
	}
	// Writes that an earlier run left open come first: what they did decides
	// what is left to do.
	if err := j.Writer.Confirm(ctx); err != nil {
		return err
	}
	j.ByCompany()
	first := j.Handler(false)
	first.First = true
	if err := j.All(ctx, first); err != nil {
		return err
	}
	if err := j.deferred(ctx); err != nil {
		return err
	}
	return j.gate(ctx)
}

// deferred fills the references that had to wait for the rest of the map, then
// handles what confirming that has shown of edits of others.
func (j *run) deferred(ctx context.Context) error {
	if _, err := j.Deferred(ctx); err != nil {
		return err
	}
	return j.All(ctx, j.Handler(false))
}

// spent adds the time of this run to the map's tally.
func (j *run) spent(ctx context.Context) error {
	d := j.Env.Host.Clock.Now().Sub(j.since)
	return j.Env.Store.Update(ctx, func(tx store.Tx) error {
		return tx.AddTally(j.Map.Name, store.Tally{Millis: d.Milliseconds()})
	})
}
