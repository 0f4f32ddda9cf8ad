package drain

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

const (
	// inFlight is how many portions of writes may be on their way at once beside
	// the handling of the next batch: enough that a service never waits for dw,
	// and a bound of the memory that they need and of what comes at once after a
	// pause: calls that wait for a busy service use up what its limits allow.
	inFlight = 6
	// portion is how many batches are sent together, so that bulk calls can be
	// larger than a batch.
	portion = 2
	// confirmAfter is how many batches of writes may be open before they are
	// confirmed: one read of the changes confirms thousands of writes.
	confirmAfter = 8
	// confirmLive is the same where maps are kept equal live.
	confirmLive = 4
)

// flight is the writes of a pass over a map that are on their way. In the
// initial sync they are sent and confirmed beside the handling of what follows;
// live, where batches are small and many maps take turns, one after the other.
type flight struct {
	d       *Drain
	beside  host.Group // nil: one after the other
	pending []*record.Intent

	packages host.Group // that sends packages; nil before the first
	dropped  func()     // ends it early

	mu         sync.Mutex
	pairs      map[int64]bool // whose writes are pending or on their way
	open       int            // writes that were sent and not confirmed
	confirming bool
	packing    bool  // packages are on their way
	packed     error // how that ended
}

func (d *Drain) begin(ctx context.Context) *flight {
	f := &flight{d: d}
	if d.Writer.Live {
		return f
	}
	if d.Writer.Reader == d.Reader {
		// What handling learns about references it learns at the same time.
		d.Writer.Reader = &capture.Reader{Env: d.Env, Map: d.Map, Refs: refs.New(d.Env)}
	}
	f.pairs = map[int64]bool{}
	f.beside = d.Env.Host.Scheduler.Beside(ctx, inFlight)
	return f
}

// touches tells whether records are about to be handled of which writes are on
// their way: those that were seen under another key before.
func (f *flight) touches(work []store.Work) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range work {
		for _, p := range w.Pairs {
			if f.pairs[p.ID] {
				return true
			}
		}
	}
	return false
}

// again waits for what is on its way and begins anew.
func (f *flight) again(ctx context.Context) (*flight, error) {
	if err := f.lastPackages(f.land(ctx, nil)); err != nil {
		return nil, err
	}
	return f.d.begin(ctx), nil
}

// add takes the writes of a batch, which are stored.
func (f *flight) add(ctx context.Context, intents []*record.Intent, marker string) error {
	if len(intents) == 0 {
		return nil
	}
	f.d.Env.Host.Markers.Reached(marker)
	if f.beside == nil {
		if err := f.d.Writer.Send(ctx, intents); err != nil {
			return err
		}
		if f.open += len(intents); f.open < confirmLive*f.d.Env.BatchSize() {
			return nil
		}
		f.open = 0
		return f.d.Writer.Confirm(ctx)
	}
	f.mu.Lock()
	for _, in := range intents {
		f.pairs[in.Pair] = true
	}
	f.mu.Unlock()
	f.pending = append(f.pending, intents...)
	if len(f.pending) < portion*f.d.Env.BatchSize() {
		return nil
	}
	return cmp.Or(f.send(), f.sendFull(ctx))
}

// send sends what is pending, and confirms what was sent earlier where there is
// much of it.
func (f *flight) send() error {
	intents := f.pending
	f.pending = nil
	if len(intents) > 0 {
		err := f.beside.Go(func(ctx context.Context) error {
			err := f.d.Writer.Send(ctx, intents)
			f.mu.Lock()
			for _, in := range intents {
				delete(f.pairs, in.Pair)
				if !f.d.Writer.Held(in) {
					f.open++
				}
			}
			f.mu.Unlock()
			return err
		})
		if err != nil {
			return err
		}
	}
	f.mu.Lock()
	due := !f.confirming && f.open >= confirmAfter*f.d.Env.BatchSize()
	if due {
		f.confirming, f.open = true, 0
	}
	f.mu.Unlock()
	if !due {
		return nil
	}
	return f.beside.Go(func(ctx context.Context) error {
		err := f.d.Writer.ConfirmSome(ctx)
		f.mu.Lock()
		f.confirming = false
		f.mu.Unlock()
		return err
	})
}

// sendFull sends packages that are full, one job after the other, beside
// everything else.
func (f *flight) sendFull(ctx context.Context) error {
	f.mu.Lock()
	under, err := f.packing, f.packed
	f.mu.Unlock()
	if err != nil || under || !f.d.Writer.PackageDue() {
		return err
	}
	if f.packages == nil {
		ctx, f.dropped = context.WithCancel(ctx)
		f.packages = f.d.Env.Host.Scheduler.Beside(ctx, 1)
	}
	f.mu.Lock()
	f.packing = true
	f.mu.Unlock()
	return f.packages.Go(func(ctx context.Context) error {
		err := f.d.Writer.SendFull(ctx)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.packing, f.packed = false, err
		return err
	})
}

// lastPackages waits for packages that are on their way, those that are not
// full included. After an error the job in flight is left to the next run.
func (f *flight) lastPackages(err error) error {
	if f.packages == nil {
		return err
	}
	switch {
	case err == nil:
		f.d.Writer.LastPackage()
	case !errors.Is(err, engine.ErrStopped):
		f.dropped()
	}
	packed := f.packages.Wait()
	f.dropped()
	f.packages = nil
	return cmp.Or(err, packed)
}

// land sends what is pending and waits for what is on its way. After an error
// what is pending stays stored and unsent.
func (f *flight) land(ctx context.Context, err error) error {
	if f.beside == nil {
		return err
	}
	if err == nil || errors.Is(err, engine.ErrStopped) {
		err = cmp.Or(f.send(), err)
	}
	return cmp.Or(f.beside.Wait(), err)
}

// end waits for what is on its way and confirms all of it.
func (f *flight) end(ctx context.Context, err error) error {
	if err = f.lastPackages(f.land(ctx, err)); err != nil {
		return err
	}
	return f.d.Writer.Confirm(ctx)
}
