// Package live keeps joined maps equal: it captures what changes on both sides,
// has it handled map by map, releases what waited for it and obeys operators.
package live

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/store"
)

// Options of a Runner. What is zero is the default.
type Options struct {
	// PollLeast and PollMost bound the time between two questions for a map's
	// changes on Dataverse: it is the least after changes and grows towards the
	// most while nothing happens. Default: 300 ms, and 2 s or more, so that all
	// maps together ask no more than once a second while nothing happens: the
	// service allows 20 requests a second, and most are for other things.
	PollLeast, PollMost time.Duration
	// PollTold takes the place of PollMost while Dataverse reports its changes by
	// itself. Default: a minute, or PollMost where that is longer or set.
	PollTold time.Duration
	// Scan is the time between two scans of the keys of a map's F&O entity.
	// Default: a minute.
	Scan time.Duration
	// ScanTold takes the place of Scan while F&O reports its changes by itself.
	// Default: five minutes, or Scan where that is longer or set.
	ScanTold time.Duration
	// ScanRest is the least time between two pages of scans, of whatever maps:
	// how often F&O is asked does not grow with its records. Default: a second, or
	// a sixtieth of Scan where that is less.
	ScanRest time.Duration
	// Compare is the time in which the contents of all F&O records are compared
	// once, in twelve slices or more; it takes longer where ScanRest does not let
	// it go so fast. Default: an hour; negative: never.
	Compare time.Duration
	// Bulk is how many records of a map must wait for the bulk path to be chosen.
	// Default: 2,000; negative: never.
	Bulk int
	// Sweep is the time between two looks at everything that waits. Default: 30 s.
	Sweep time.Duration
	// Commands is the time between two looks for commands of operators.
	// Default: 300 ms.
	Commands time.Duration
	// Parallel is how many maps are worked on at once. Default: 4.
	Parallel int

	// Match tells whether a notice is about a record of a table, and EntityKey
	// gives the key of an F&O record that a notice names. Only Notices needs
	// them.
	Match     func(t *schema.Table, n connect.Notice) bool
	EntityKey func(t *schema.Table, n connect.Notice) ([]value.Value, bool)
	// Tag is the one that dw's own writes to Dataverse carry; "" none. A report
	// of such a write wakes nobody who has just written it.
	Tag string
}

// questions is how often all maps together ask for changes while nothing
// happens, a second: a twentieth of what the service allows.
const questions = 1

// backlog is how many records must wait for the bulk path to be worth it: it is
// confirmed by reading all that changed, instead of rows by their ids.
const backlog = 2000

// portions is in how many slices, at least, the contents are compared.
const portions = 12

func (o Options) withDefaults(maps int) Options {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if o.PollMost != 0 {
		def(&o.PollTold, o.PollMost)
	}
	if o.Scan != 0 {
		def(&o.ScanTold, o.Scan)
	}
	def(&o.PollLeast, 300*time.Millisecond)
	def(&o.PollMost, max(2*time.Second, time.Duration(maps)*time.Second/questions))
	o.PollMost = max(o.PollMost, o.PollLeast)
	def(&o.PollTold, time.Minute)
	o.PollTold = max(o.PollTold, o.PollMost)
	def(&o.Scan, time.Minute)
	def(&o.ScanTold, 5*time.Minute)
	o.ScanTold = max(o.ScanTold, o.Scan)
	def(&o.ScanRest, min(time.Second, o.Scan/60))
	def(&o.Compare, time.Hour)
	def(&o.Sweep, 30*time.Second)
	if o.Bulk == 0 {
		o.Bulk = backlog
	}
	def(&o.Commands, 300*time.Millisecond)
	if o.Parallel <= 0 {
		o.Parallel = 4
	}
	return o
}

// Runner keeps the maps of a link equal. Make it with New.
type Runner struct {
	env *engine.Env
	o   Options

	maps  []*mapRun               // in the order of waves
	works map[int64]*control.Work // of commands that are being carried out; of the task that obeys

	mu       sync.Mutex // guards what follows and the parts of mapRun that say so
	ring     context.CancelFunc
	bell     context.Context     // ends when something has become due
	tables   map[string]bool     // that a task works on
	scanning bool                // a page of a scan is being read
	rested   time.Time           // when the next page of a scan may be read
	told     map[value.Side]bool // sides that have reported something by themselves
	orders   time.Time           // when to look for commands
	ordering bool
	joining  bool      // initial syncs run
	joinAt   time.Time // when to begin them
	joinFail int       // attempts in a row that ended with an error
	fatal    error
}

// New makes a runner for the maps of env, as they are deployed.
func New(env *engine.Env, o Options) *Runner {
	r := &Runner{env: env, o: o.withDefaults(len(env.Maps)), works: map[int64]*control.Work{}, tables: map[string]bool{}, told: map[value.Side]bool{}}
	r.bell, r.ring = context.WithCancel(context.Background())
	for _, m := range env.Maps {
		r.maps = append(r.maps, newMapRun(r, m))
	}
	return r
}

// Run keeps the maps equal until Env.Stopping says so: then the batches in
// flight are finished and it returns nil. When ctx ends, requests in flight are
// given up, which loses nothing either. Maps whose initial sync is not done are
// joined first, while the others run. Its error is one that no map can run with.
func (r *Runner) Run(ctx context.Context) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	workers := make([]func(context.Context) error, r.o.Parallel+1) // one may be busy with initial syncs
	for i := range workers {
		workers[i] = r.work
	}
	err := r.env.Host.Scheduler.Run(ctx, len(workers), workers...)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch ended := ctx.Err() != nil; {
	case ended && errors.Is(r.fatal, ctx.Err()): // what a worker was doing was given up
		return nil
	case r.fatal != nil:
		return r.fatal
	case ended, errors.Is(err, engine.ErrStopped):
		return nil
	}
	return err
}

// begin reads what the state says of the maps.
func (r *Runner) begin(ctx context.Context) error {
	r.mu.Lock()
	now := r.now()
	r.orders, r.joinAt = now, now
	r.mu.Unlock()
	if err := r.refresh(ctx, r.maps); err != nil {
		return err
	}
	for i, mr := range r.maps {
		// The first scans are spread over the time between two of them.
		mr.start(now, time.Duration(i)*r.o.Scan/time.Duration(len(r.maps)))
	}
	return nil
}

// refresh takes over the status that the state gives maps.
func (r *Runner) refresh(ctx context.Context, maps []*mapRun) error {
	deployed := map[string]plan.DeployedMap{}
	states := map[string]store.RunState{}
	err := r.env.Store.View(ctx, func(tx store.Tx) error {
		for _, mr := range maps {
			d, err := tx.DeployedMap(r.env.Link, mr.m.Name)
			if err != nil {
				return err
			}
			if d != nil {
				deployed[mr.m.Name] = *d
			}
			if states[mr.m.Name], err = store.RunStateOf(tx, mr.m.Name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, mr := range maps {
		if err := mr.adopt(ctx, deployed[mr.m.Name], states[mr.m.Name]); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) now() time.Time { return r.env.Host.Clock.Now() }

// wake makes idle workers look for something to do.
func (r *Runner) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wakeLocked()
}

func (r *Runner) wakeLocked() {
	r.ring()
	r.bell, r.ring = context.WithCancel(context.Background())
}

// task is something to do now.
type task func(ctx context.Context) error

// longestWait is after how long an idle worker looks whether it is to stop.
const longestWait = 100 * time.Millisecond

// work does what is due until it is to stop.
func (r *Runner) work(ctx context.Context) error {
	for {
		if err := r.env.Stopped(ctx); err != nil {
			r.wake()
			return nil
		}
		do, wait, bell, err := r.next()
		if err != nil {
			return err
		}
		if do != nil {
			if err := do(ctx); err != nil {
				r.end(err)
				return err
			}
			continue
		}
		idle, cancel := context.WithCancel(bell)
		stop := context.AfterFunc(ctx, cancel)
		// It ends with the bell or with ctx: either way the loop looks.
		_ = r.env.Host.Clock.Sleep(idle, min(wait, longestWait))
		stop()
		cancel()
	}
}

// end makes all workers stop with an error.
func (r *Runner) end(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fatal == nil {
		r.fatal = err
	}
	r.wakeLocked()
}

// next gives a task whose time has come and that nothing stands against, or the
// time until there may be one.
func (r *Runner) next() (do task, wait time.Duration, bell context.Context, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fatal != nil {
		return nil, 0, r.bell, r.fatal
	}
	now := r.now()
	wait = longestWait
	if until := r.orders.Sub(now); until > 0 {
		wait = min(wait, until)
	} else if !r.ordering {
		r.ordering = true
		return r.obey, 0, r.bell, nil
	}
	if until := r.joinAt.Sub(now); until <= 0 && !r.joining {
		if maps := r.pending(); len(maps) > 0 {
			r.joining = true
			for _, mr := range maps {
				mr.busy = true
			}
			return func(ctx context.Context) error { return r.join(ctx, maps) }, 0, r.bell, nil
		}
	}
	var best *mapRun
	for _, mr := range r.maps {
		due, ok := mr.due()
		switch {
		case !ok || mr.busy || mr.wanted || r.occupied(mr):
		case due.After(now):
			wait = min(wait, due.Sub(now))
		case best == nil || due.Add(politeness).Before(best.dueAt):
			mr.dueAt = due
			best = mr
		}
	}
	if best == nil {
		return nil, max(wait, time.Millisecond), r.bell, nil
	}
	turn := best.take(now)
	r.occupy(best, true)
	return func(ctx context.Context) error { return r.turn(ctx, best, turn) }, 0, r.bell, nil
}

// politeness is how much longer a map of a later wave must have waited to come
// before one of an earlier wave.
const politeness = 100 * time.Millisecond

// occupied tells whether a task works on one of a map's tables.
func (r *Runner) occupied(mr *mapRun) bool {
	for _, t := range mr.tables {
		if r.tables[t] {
			return true
		}
	}
	return false
}

func (r *Runner) occupy(mr *mapRun, busy bool) {
	mr.busy = busy
	for _, t := range mr.tables {
		if busy {
			r.tables[t] = true
		} else {
			delete(r.tables, t)
		}
	}
}

// pending gives the maps whose initial sync is to be done.
func (r *Runner) pending() (maps []*mapRun) {
	for _, mr := range r.maps {
		if mr.pending && mr.state.Status == store.StatusInitializing && !mr.busy && !mr.wanted {
			maps = append(maps, mr)
		}
	}
	return maps
}

// join does initial syncs, wave by wave.
func (r *Runner) join(ctx context.Context, maps []*mapRun) error {
	byMap := map[*engine.Map]*mapRun{}
	pending := make([]*engine.Map, len(maps))
	for i, mr := range maps {
		pending[i], byMap[mr.m] = mr.m, mr
		if err := mr.say(ctx, store.StatusInitializing, ""); err != nil {
			return err
		}
	}
	runner := initial.Runner{Env: r.env, Done: func(ctx context.Context, m *engine.Map) error {
		return r.joined(ctx, byMap[m])
	}}
	err := runner.Join(ctx, pending, nil)
	r.mu.Lock()
	r.joining = false
	if err == nil {
		r.joinFail = 0
	} else {
		r.joinFail++
		r.joinAt = r.now().Add(pauseAfter(r.joinFail))
	}
	fails := r.joinFail
	for _, mr := range maps {
		if mr.pending {
			mr.busy = false
		}
	}
	r.mu.Unlock()
	if err == nil || r.env.Stopped(ctx) != nil {
		return nil
	}
	return r.joinFailed(ctx, maps, fails, err)
}

// joined lets a map run whose initial sync is done.
func (r *Runner) joined(ctx context.Context, mr *mapRun) error {
	if err := r.refresh(ctx, []*mapRun{mr}); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	mr.busy = false
	mr.startLocked(r.now(), 0)
	r.wakeLocked()
	return nil
}

// joinFailed says why maps are not joined. What a person decided (a limit of
// errors) waits for a person, and so do records that differ whenever they are
// read again; anything else is tried again.
func (r *Runner) joinFailed(ctx context.Context, maps []*mapRun, fails int, cause error) error {
	if errors.Is(cause, store.ErrClosed) {
		return cause
	}
	waits := tells(cause, diag.CodeTooManyErrors) || fails >= maxFaults && isGate(cause)
	for _, mr := range maps {
		if !mr.isPending() {
			continue
		}
		if waits {
			if err := mr.fault(ctx, cause); err != nil {
				return err
			}
			continue
		}
		if err := mr.say(ctx, store.StatusInitializing, fmt.Sprintf("the initial sync failed and is tried again: %s", line(cause))); err != nil {
			return err
		}
	}
	return nil
}

// pauseAfter gives the time to wait after so many failures in a row.
func pauseAfter(failures int) time.Duration {
	const most = time.Minute
	d := 500 * time.Millisecond << min(max(failures-1, 0), 10)
	return min(d, most)
}
