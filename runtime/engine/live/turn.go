package live

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/store"
)

// maxFaults is how often in a row a turn may end with an error that dw has no
// explanation for until its map is stopped.
const maxFaults = 3

// checkAgain is the time between two checks of what the user of dw may see, and
// troubled between two of them while something is wrong.
const (
	checkAgain = time.Hour
	troubled   = 30 * time.Second
)

// renewAfter is after how long what is known of references is asked for again.
const renewAfter = time.Minute

// turn does what is due for a map and says when the next is.
func (r *Runner) turn(ctx context.Context, mr *mapRun, do turn) error {
	err := mr.guarded(ctx, do)
	r.mu.Lock()
	r.occupy(mr, false)
	if do.scan || do.compare {
		r.scanning = false
	}
	r.wakeLocked()
	r.mu.Unlock()
	switch {
	case errors.Is(err, store.ErrClosed):
		return err
	case err == nil:
		mr.failures, mr.faults = 0, 0
		return mr.report(ctx, false)
	case errors.Is(err, engine.ErrStopped) || ctx.Err() != nil:
		return nil
	}
	return mr.stumble(ctx, do, err)
}

// guarded is one turn; a panic in it is an error like others.
func (mr *mapRun) guarded(ctx context.Context, do turn) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{value: p, stack: string(debug.Stack())}
		}
	}()
	return mr.do(ctx, do)
}

// panicked is a fault of dw.
type panicked struct {
	value any
	stack string
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v at %s", p.value, place(p.stack)) }

// place gives the function that panicked.
func place(stack string) string {
	_, rest, _ := strings.Cut(stack, "panic(")
	for l := range strings.SplitSeq(rest, "\n") {
		if strings.Contains(l, "dualwrite/dw") && !strings.HasPrefix(l, "\t") {
			return l
		}
	}
	return "an unknown place"
}

// stumble says what becomes of a map whose turn ended with an error: it rests
// for a while, longer each time, or stops where the error is a fault of dw.
func (mr *mapRun) stumble(ctx context.Context, do turn, cause error) error {
	mr.failures++
	var p *panicked
	if explained(cause) {
		mr.faults = 0
	} else {
		mr.faults++
	}
	if mr.faults >= maxFaults || errors.As(cause, &p) {
		if err := mr.fault(ctx, cause); err != nil {
			return err
		}
		return mr.report(ctx, true)
	}
	mr.r.mu.Lock()
	again := mr.r.now().Add(pauseAfter(mr.failures))
	mr.times.each(func(t *time.Time) {
		if !t.IsZero() && t.Before(again) {
			*t = again
		}
	})
	// What the turn did not get done is due again.
	for _, k := range []struct {
		was bool
		at  *time.Time
	}{{do.delta, &mr.times.delta}, {do.scan, &mr.times.scan}, {do.sweep, &mr.times.sweep}, {do.compare, &mr.times.compare}, {do.check, &mr.times.check}, {true, &mr.times.deliver}} {
		if k.was {
			mr.soon(k.at, again)
		}
	}
	status := mr.state.Status
	mr.r.mu.Unlock()
	if err := mr.say(ctx, status, line(cause)); err != nil {
		return err
	}
	return mr.report(ctx, true)
}

// do is the turn itself.
func (mr *mapRun) do(ctx context.Context, do turn) error {
	now := mr.r.now()
	if now.Sub(mr.renewed) > renewAfter {
		mr.drain.Reader.Refs = refs.New(mr.r.env)
		mr.renewed = now
	}
	// References are asked for afresh each turn: a target may be another row by
	// now.
	mr.drain.Refs = refs.New(mr.r.env)
	if do.check {
		rest, err := mr.check(ctx)
		if err != nil || rest {
			return err
		}
	}
	// Each kind of capture goes on where another cannot.
	var errs []error
	if do.delta {
		errs = append(errs, mr.deltas(ctx, do.hinted))
	}
	if do.scan {
		errs = append(errs, mr.scan(ctx))
	}
	if do.compare {
		errs = append(errs, mr.compare(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	status := mr.status()
	switch {
	case !delivers(status):
		return mr.say(ctx, status, "")
	case mr.gather && !mr.gathered(do):
		return mr.say(ctx, status, "what changed in the batch window is being captured")
	}
	return mr.deliver(ctx, do)
}

// gathered tells whether all that changed in a batch window is captured: the
// scan that began after it is complete, and so are Dataverse's changes.
func (mr *mapRun) gathered(do turn) bool {
	if do.scan && len(mr.sides) == 0 && !mr.watcher.Scanning(value.Dataverse) {
		mr.gather = false
		mr.deliverNow()
		return true
	}
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	mr.soon(&mr.times.scan, mr.r.now())
	if do.sweep {
		mr.soon(&mr.times.sweep, mr.r.now().Add(mr.r.o.Sweep))
	}
	return false
}

// check looks whether the user of dw still sees what it must; if not, the map
// rests.
func (mr *mapRun) check(ctx context.Context) (rest bool, err error) {
	troubles, err := mr.watcher.Check(ctx)
	if err != nil {
		return false, err
	}
	again := checkAgain
	if len(troubles) > 0 {
		again = troubled
	}
	mr.r.mu.Lock()
	at := mr.r.now().Add(again)
	mr.times.check = at
	if len(troubles) > 0 {
		mr.times = times{check: at, delta: at, scan: at, deliver: at, sweep: at}
		if mr.r.o.Compare > 0 {
			mr.times.compare = at
		}
	}
	status := mr.state.Status
	mr.r.mu.Unlock()
	if len(troubles) == 0 {
		return false, nil
	}
	return true, mr.say(ctx, status, "it rests, since "+strings.Join(troubles, "; "))
}

// captured notes observations and has them handled.
func (mr *mapRun) captured(side value.Side, n int) {
	if n == 0 {
		return
	}
	mr.r.mu.Lock()
	mr.live.Observed.Add(side, int64(n))
	mr.r.mu.Unlock()
	mr.deliverNow()
}

// deltas captures changes on Dataverse. hinted says that it has reported some.
func (mr *mapRun) deltas(ctx context.Context, hinted bool) error {
	if !mr.watcher.Tracked() {
		return nil // it is scanned
	}
	n, err := mr.watcher.Deltas(ctx)
	if err != nil {
		return err
	}
	mr.captured(value.Dataverse, n)
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	if n > 0 && !hinted {
		mr.missed[value.Dataverse] = true // until its report comes after all
	}
	most := mr.r.o.PollMost
	if mr.trusts(value.Dataverse) {
		most = mr.r.o.PollTold
	}
	if n > 0 || mr.watcher.Scanning(value.Dataverse) {
		mr.poll = mr.r.o.PollLeast
	} else {
		mr.poll = min(mr.poll*3/2, most)
	}
	mr.soon(&mr.times.delta, mr.r.now().Add(mr.poll))
	return nil
}

// scan reads a page of a scan of F&O, then, where Dataverse does not tell its
// changes, of that.
func (mr *mapRun) scan(ctx context.Context) error {
	if len(mr.sides) == 0 {
		mr.sides = []value.Side{value.FnO}
		if !mr.watcher.Tracked() {
			mr.sides = append(mr.sides, value.Dataverse)
		}
	}
	began, side := mr.r.now(), mr.sides[0]
	done, n, err := mr.watcher.Scan(ctx, side)
	mr.rest(began, 1)
	if err != nil {
		mr.sides = nil
		return err
	}
	mr.captured(side, n)
	if done {
		mr.sides = mr.sides[1:]
	}
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	if n > 0 {
		mr.missed[side] = true
	}
	next := mr.r.now()
	switch {
	case len(mr.sides) > 0:
	case mr.trusts(value.FnO) && mr.watcher.Tracked():
		next = next.Add(mr.r.o.ScanTold)
	default:
		next = next.Add(mr.r.o.Scan)
	}
	mr.soon(&mr.times.scan, next)
	return nil
}

// scanShare bounds the time that F&O spends on scans: they rest so many times as
// long as the last request took.
const scanShare = 4

// rest keeps all maps from scanning for a while after some requests.
func (mr *mapRun) rest(began time.Time, requests int) {
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	now := mr.r.now()
	mr.r.rested = now.Add(max(time.Duration(requests)*mr.r.o.ScanRest, scanShare*now.Sub(began)))
}

// perRequest is about how many records one request finds by their keys.
const perRequest = 50

// compare compares a slice of the contents of both sides.
func (mr *mapRun) compare(ctx context.Context) error {
	var pairs int64
	err := mr.r.env.Store.View(ctx, func(tx store.Tx) (err error) {
		pairs, err = tx.CountPairs(mr.m.Name)
		return err
	})
	if err != nil {
		return err
	}
	began := mr.r.now()
	looked, found, err := mr.watcher.Compare(ctx, min(int(pairs/portions)+1, mr.r.env.BatchSize()))
	mr.rest(began, 1+looked/perRequest)
	if err != nil {
		return err
	}
	for side, n := range found {
		mr.captured(side, n)
	}
	wait := mr.r.o.Compare / portions
	if pairs > 0 && looked > 0 {
		wait = min(wait, mr.r.o.Compare/time.Duration(pairs)*time.Duration(looked))
	}
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	mr.times.compare = mr.r.now().Add(wait)
	return nil
}
