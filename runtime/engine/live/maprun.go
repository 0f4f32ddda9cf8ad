package live

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/drain"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// mapRun is one map as it runs.
type mapRun struct {
	r      *Runner
	m      *engine.Map
	tables []string        // names under which work on it is serialised
	needs  map[string]bool // maps whose records its lookups refer to

	// Of the task that works on the map.
	drain    *drain.Drain
	watcher  *capture.Watcher
	renewed  time.Time        // when drain and watcher last forgot what they know of references
	poll     time.Duration    // to the next question for changes
	sides    []value.Side     // that the scan in progress is yet to read
	gather   bool             // after a batch window: nothing is handled until all that changed is captured
	parked   map[string]int64 // key -> newest observation when it was parked
	failures int              // turns in a row that ended with an error
	faults   int              // of them: with one that dw has no explanation for

	// Of notices, which come beside the task.
	ears struct {
		sync.Mutex
		reader *capture.Reader
		since  time.Time
	}

	// Guarded by Runner.mu.
	busy     bool // a task works on it
	wanted   bool // a command waits for it
	pending  bool // its initial sync is not done
	state    store.RunState
	times    times           // when what is due
	dueAt    time.Time       // the earliest of them, at the last look
	release  map[string]bool // keys whose parked record may go on
	owed     map[string]bool // keys whose owed reference may be filled
	outdated bool            // rows that its lookups refer to came or went
	blind    map[string]bool // keys of parked records that wait for what has no name here
	live     report.Live
	reported time.Time
	hinted   bool                // Dataverse has reported a change since the last question
	missed   map[value.Side]bool // sides that did not report a change which was found
	heard    time.Time           // when the oldest record that is not handled was captured; zero: none
}

// times say when each kind of work is due; zero: never.
type times struct {
	delta, scan, deliver, sweep, compare, check time.Time
}

// each calls f for every kind of work.
func (t *times) each(f func(*time.Time)) {
	for _, at := range []*time.Time{&t.delta, &t.scan, &t.deliver, &t.sweep, &t.compare, &t.check} {
		f(at)
	}
}

func newMapRun(r *Runner, m *engine.Map) *mapRun {
	mr := &mapRun{
		r: r, m: m, parked: map[string]int64{}, release: map[string]bool{}, owed: map[string]bool{}, blind: map[string]bool{}, needs: map[string]bool{}, missed: map[value.Side]bool{},
		tables: []string{"fno/" + m.Def.FnO.Set, "dataverse/" + m.Def.Dataverse.Set},
	}
	for i := range m.Compiled.Slots {
		for _, l := range m.Compiled.Slots[i].Lookups {
			for _, name := range l.Maps {
				mr.needs[name] = true
			}
		}
	}
	mr.drain = drain.New(r.env, m)
	mr.drain.Writer.Live = true
	mr.watcher = capture.NewWatcher(mr.drain.Reader)
	mr.ears.reader = &capture.Reader{Env: r.env, Map: m, Refs: refs.New(r.env)}
	mr.live.Map = m.Name
	return mr
}

// adopt takes over what the state says of the map.
func (mr *mapRun) adopt(ctx context.Context, d plan.DeployedMap, s store.RunState) error {
	status := cmp.Or(s.Override, d.Status, store.StatusRunning)
	pending := d.Initial == "pending"
	switch {
	case d.Definition.Map == nil:
		status = store.StatusStopped // it was removed
	case status == store.StatusStopped:
	case pending && s.Override == store.StatusPaused:
		// It is joined when the operator resumes it.
	case pending:
		status = store.StatusInitializing
	case s.Override == "" && status == store.StatusInitializing:
		status = initial.Desired(d)
	}
	mr.r.mu.Lock()
	mr.pending = pending && (status == store.StatusInitializing || status == store.StatusPaused)
	if status == store.StatusRunning && mr.state.Status != store.StatusRunning {
		status = store.StatusCatchingUp // until what waits is handled once
	}
	mr.state = s
	mr.r.mu.Unlock()
	if s.Bulk && !mr.gather {
		mr.gather, mr.sides = true, nil
		mr.watcher.Anew()
	}
	return mr.say(ctx, status, s.BatchText())
}

func (mr *mapRun) isPending() bool {
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	return mr.pending
}

// hears tells whether the map captures what a side reports.
func (mr *mapRun) hears() bool {
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	return captures(mr.state)
}

func (mr *mapRun) status() string {
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	return mr.state.Status
}

// say records how the map is doing, where that is something new.
func (mr *mapRun) say(ctx context.Context, status, reason string) error {
	return mr.put(ctx, func(s *store.RunState) {
		if s.Status != status {
			s.Since = mr.r.now().UTC().Format(time.RFC3339)
		}
		s.Status, s.Reason = status, reason
		if status != store.StatusStopped {
			s.Fault = false
		}
	})
}

// fault stops the map until somebody resumes it, for something that trying
// again does not mend.
func (mr *mapRun) fault(ctx context.Context, cause error) error {
	mr.r.mu.Lock()
	mr.pending = false
	mr.r.mu.Unlock()
	return mr.put(ctx, func(s *store.RunState) {
		s.Status, s.Fault, s.Since = store.StatusStopped, true, mr.r.now().UTC().Format(time.RFC3339)
		s.Reason = line(cause)
		if !isGate(cause) {
			s.Reason = diag.CodeMapFault + ": " + s.Reason + "; `dw resume` tries again"
		}
	})
}

func (mr *mapRun) put(ctx context.Context, change func(*store.RunState)) error {
	mr.r.mu.Lock()
	s := mr.state
	change(&s)
	same := s == mr.state
	mr.state = s
	mr.live.Status, mr.live.Since, mr.live.Reason = s.Status, s.Since, s.Reason
	mr.r.mu.Unlock()
	if same {
		return nil
	}
	return mr.r.env.Store.Update(context.WithoutCancel(ctx), func(tx store.Tx) error { return store.PutRunState(tx, mr.m.Name, s) })
}

// start makes the map's work due; its first scan comes after a while.
func (mr *mapRun) start(now time.Time, scanAfter time.Duration) {
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	mr.startLocked(now, scanAfter)
}

func (mr *mapRun) startLocked(now time.Time, scanAfter time.Duration) {
	mr.poll = mr.r.o.PollLeast
	// What could go on when the last run ended is known to nobody but a sweep.
	mr.times = times{check: now, delta: now, scan: now.Add(scanAfter), deliver: now, sweep: now}
	if mr.r.o.Compare > 0 {
		mr.times.compare = now.Add(mr.r.o.Compare / portions)
	}
}

// trusts tells whether a side reports changes of the map by itself, as far as
// can be seen: it has reported something, and nothing has been found since that
// it did not report. The caller holds Runner.mu.
func (mr *mapRun) trusts(side value.Side) bool { return mr.r.told[side] && !mr.missed[side] }

// captures and delivers tell what a status lets a map do.
func captures(s store.RunState) bool {
	return s.Status == store.StatusPaused && s.Batch == "" || delivers(s.Status)
}

func delivers(status string) bool {
	return status == store.StatusRunning || status == store.StatusCatchingUp
}

// due gives the earliest time at which there is something to do for the map.
func (mr *mapRun) due() (at time.Time, ok bool) {
	if !captures(mr.state) || mr.pending {
		return at, false
	}
	look := func(t time.Time) {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	look(mr.times.delta)
	if !mr.r.scanning {
		rests := mr.r.now().Before(mr.r.rested)
		for _, t := range []time.Time{mr.times.scan, mr.times.compare} {
			// After the rest the times decide again, so that the map comes first that
			// has waited longest: there may be more to scan than time for it.
			if rests && !t.IsZero() && t.Before(mr.r.rested) {
				t = mr.r.rested
			}
			look(t)
		}
	}
	look(mr.times.check)
	if delivers(mr.state.Status) {
		look(mr.times.deliver)
		look(mr.times.sweep)
	}
	return at, ok
}

// turn is what one task is to do for a map.
type turn struct {
	delta, scan, deliver, sweep, compare, check bool

	hinted bool // the question for changes follows a report
}

// take gives what is due and makes it not due any more; the turn says when it
// is due again.
func (mr *mapRun) take(now time.Time) turn {
	is := func(t *time.Time, may bool) bool {
		if !may || t.IsZero() || t.After(now) {
			return false
		}
		*t = time.Time{}
		return true
	}
	may := delivers(mr.state.Status)
	d := turn{
		delta: is(&mr.times.delta, true), check: is(&mr.times.check, true),
		deliver: is(&mr.times.deliver, may), sweep: is(&mr.times.sweep, may),
	}
	if !mr.r.scanning && !now.Before(mr.r.rested) {
		d.scan, d.compare = is(&mr.times.scan, true), is(&mr.times.compare, true)
		mr.r.scanning = d.scan || d.compare
	}
	if d.delta {
		d.hinted, mr.hinted = mr.hinted, false
	}
	return d
}

// soon makes a kind of work due at a time, unless it is due before.
func (mr *mapRun) soon(t *time.Time, at time.Time) {
	if t.IsZero() || at.Before(*t) {
		*t = at
	}
}

// deliverNow has the map handle what waits for it.
func (mr *mapRun) deliverNow() {
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	now := mr.r.now()
	mr.soon(&mr.times.deliver, now)
	if mr.heard.IsZero() {
		mr.heard = now
	}
	mr.r.wakeLocked()
}

// line gives an error in one line.
func line(err error) string {
	var f *diag.Failure
	if errors.As(err, &f) && len(f.List) > 0 {
		d := f.List[0]
		text := d.Summary
		if d.Detail != "" {
			text += ": " + d.Detail
		}
		return d.Code + ": " + strings.Join(strings.Fields(text), " ")
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

// isGate tells whether an initial sync ended at its gate: at its limit of errors,
// or at records that differ when they are read again.
func isGate(err error) bool {
	return tells(err, diag.CodeTooManyErrors) || tells(err, diag.CodeGateDiffers)
}

// tells tells whether an error is the diagnostic of a code.
func tells(err error, code string) bool {
	var f *diag.Failure
	return errors.As(err, &f) && len(f.List) > 0 && f.List[0].Code == code
}

// explained tells whether an error is one that a person can cause: a service
// that cannot be reached, a sign-in, a right.
func explained(err error) bool {
	var f *diag.Failure
	return errors.As(err, &f)
}
