package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/drain"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/write"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// maxPasses is how many passes one turn makes: confirming writes may bring new
// observations, but others are to have their turn too.
const maxPasses = 3

// deliver handles what was captured and what may go on.
func (mr *mapRun) deliver(ctx context.Context, do turn) error {
	mr.r.mu.Lock()
	heard, release, owed := mr.heard, mr.release, mr.owed
	mr.heard, mr.release, mr.owed = time.Time{}, map[string]bool{}, map[string]bool{}
	at := mr.times.deliver
	capturedNow := !at.IsZero() && !at.After(mr.r.now())
	if capturedNow {
		mr.times.deliver = time.Time{}
	}
	mr.r.mu.Unlock()
	err := mr.deliverAll(ctx, do, do.deliver || capturedNow, release, owed)
	if err == nil {
		return mr.delivered(ctx, heard)
	}
	// What was to go on still is.
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	for key := range release {
		mr.release[key] = true
	}
	for key := range owed {
		mr.owed[key] = true
	}
	if mr.heard.IsZero() {
		mr.heard = heard
	}
	return err
}

func (mr *mapRun) deliverAll(ctx context.Context, do turn, captured bool, release, owed map[string]bool) error {
	// Writes that an earlier turn left open come first: what they did decides
	// what is left to do. Where some are not answered others go on all the same:
	// whether these are is what tells whose fault it is.
	waits := mr.drain.Writer.Confirm(ctx)
	if waits != nil && !write.Waits(waits) {
		return waits
	}
	if captured || len(release) > 0 {
		if err := mr.passes(ctx); err != nil {
			return err
		}
		waits = nil // a pass ends with confirming
	}
	if waits != nil {
		return waits
	}
	if len(release) > 0 {
		if err := mr.goOn(ctx, func(key string) bool { return release[key] }); err != nil {
			return err
		}
	}
	if len(owed) > 0 {
		if err := mr.fill(ctx, owed); err != nil {
			return err
		}
	}
	if do.sweep {
		return mr.sweep(ctx)
	}
	return nil
}

// delivered notes that everything that was captured has been handled.
func (mr *mapRun) delivered(ctx context.Context, heard time.Time) error {
	mr.r.mu.Lock()
	if !heard.IsZero() {
		mr.live.LagMillis = mr.r.now().Sub(heard).Milliseconds()
	}
	mr.r.mu.Unlock()
	err := mr.put(ctx, func(s *store.RunState) { s.Bulk = false })
	if err != nil {
		return err
	}
	return mr.say(ctx, store.StatusRunning, "")
}

// passes handles observations, those of parked records left out unless they are
// new. Where many wait they take the bulk path.
func (mr *mapRun) passes(ctx context.Context) error {
	if err := mr.choosePath(ctx); err != nil {
		return err
	}
	defer func() { mr.drain.Writer.Bulk = false }()
	for range maxPasses {
		before, err := mr.seq(ctx)
		if err != nil {
			return err
		}
		p, err := mr.drain.Pass(ctx, mr.handler(false), func(w store.Work) bool {
			seq, waits := mr.parked[w.Key]
			return !waits || newest(w) > seq
		})
		if e := mr.passed(ctx, p, before); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		if p.Handled == p.Parked {
			return nil
		}
	}
	mr.deliverNow() // the rest in another turn
	return nil
}

// choosePath takes the bulk path after a batch window and where many records
// wait, and says so.
func (mr *mapRun) choosePath(ctx context.Context) error {
	var queued map[value.Side]int64
	err := mr.r.env.Store.View(ctx, func(tx store.Tx) (err error) {
		queued, err = tx.CountObservations(mr.m.Name)
		return err
	})
	if err != nil {
		return err
	}
	mr.r.mu.Lock()
	window, status := mr.state.Bulk, mr.state.Status
	mr.r.mu.Unlock()
	waiting := queued[value.FnO] + queued[value.Dataverse] - int64(len(mr.parked))
	why := ""
	switch {
	case waiting <= 0:
		return nil
	case window:
		why = fmt.Sprintf("%d changes of a batch window", waiting)
	case mr.r.o.Bulk > 0 && waiting >= int64(mr.r.o.Bulk):
		why = fmt.Sprintf("%d changes wait and", waiting)
	default:
		return nil
	}
	mr.drain.Writer.Bulk = true
	mr.r.mu.Lock()
	mr.live.Bulk++
	mr.r.mu.Unlock()
	if err := mr.say(ctx, status, why+" go by the bulk path"); err != nil {
		return err
	}
	return mr.report(ctx, true)
}

// handler makes a handler that knows nothing of rows that have come or gone
// since.
func (mr *mapRun) handler(again bool) *handle.Handler {
	mr.r.mu.Lock()
	outdated := mr.outdated
	mr.outdated = false
	mr.r.mu.Unlock()
	if outdated {
		mr.drain.Refs.Forget()
		mr.drain.Reader.Refs.Forget()
	}
	return mr.drain.Handler(again)
}

// seq gives the store's sequence.
func (mr *mapRun) seq(ctx context.Context) (seq int64, err error) {
	err = mr.r.env.Store.View(ctx, func(tx store.Tx) error {
		seq, err = tx.Seq()
		return err
	})
	return seq, err
}

// newest gives the number of the newest observation of a record.
func newest(w store.Work) (seq int64) {
	for _, o := range w.FnO {
		seq = max(seq, o.Seq)
	}
	for _, o := range w.Dataverse {
		seq = max(seq, o.Seq)
	}
	return seq
}

// goOn lets parked records try again, as they look now.
func (mr *mapRun) goOn(ctx context.Context, which func(key string) bool) error {
	before, err := mr.seq(ctx)
	if err != nil {
		return err
	}
	p, err := mr.drain.Pass(ctx, mr.handler(true), func(w store.Work) bool { return which(w.Key) })
	if e := mr.passed(ctx, p, before); err == nil {
		err = e
	}
	return err
}

// fill fills the references that some records owe.
func (mr *mapRun) fill(ctx context.Context, keys map[string]bool) error {
	names := slices.Sorted(maps.Keys(keys))
	var pairs []*record.Pair
	before := int64(0)
	err := mr.r.env.Store.View(ctx, func(tx store.Tx) (err error) {
		if before, err = tx.Seq(); err != nil {
			return err
		}
		found, err := tx.PairsByKey(mr.m.Name, names)
		for _, p := range found {
			if p.Owes() {
				pairs = append(pairs, p)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	p, err := mr.drain.Owed(ctx, pairs)
	if e := mr.passed(ctx, p, before); err == nil {
		err = e
	}
	return err
}

// passed notes what a pass came to: which records are parked now, and what may
// go on for what it wrote.
func (mr *mapRun) passed(ctx context.Context, p drain.Passed, before int64) error {
	if len(p.Keys) == 0 {
		return nil
	}
	if err := mr.park(ctx, p, before); err != nil {
		return err
	}
	mr.r.mu.Lock()
	mr.live.Handled += p.Handled
	mr.live.Written = sum(mr.live.Written, p.Written)
	mr.r.mu.Unlock()
	return mr.r.released(ctx, mr.m, p)
}

func sum(a, b report.Sides) report.Sides {
	return report.Sides{FnO: a.FnO + b.FnO, Dataverse: a.Dataverse + b.Dataverse}
}

// park remembers which of the records that were handled wait for others. Before
// is the store's sequence before they were: what was seen of them later is new.
func (mr *mapRun) park(ctx context.Context, p drain.Passed, before int64) error {
	for _, key := range p.Keys {
		delete(mr.parked, key)
	}
	var listed, come []record.Listed
	err := mr.r.env.Store.View(ctx, func(tx store.Tx) (err error) {
		if listed, err = tx.Listed(store.ListedQuery{Map: mr.m.Name, Keys: p.Keys}, 0, 0); err != nil {
			return err
		}
		come, err = arrived(tx, listed, before)
		return err
	})
	if err != nil {
		return err
	}
	blind := map[string]bool{}
	for _, l := range listed {
		if l.Kind == record.Parked {
			mr.parked[l.Key] = before
			if l.WaitKey == "" {
				blind[l.Key] = true
			}
		}
	}
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	for _, key := range p.Keys {
		delete(mr.blind, key)
	}
	for key := range blind {
		mr.blind[key] = true
	}
	mr.r.goOn(come)
	return nil
}

// arrived gives those of listed that wait for a record which was paired while
// they were being listed: whoever paired it could not find them in the list.
func arrived(tx store.Tx, listed []record.Listed, before int64) (come []record.Listed, err error) {
	for _, l := range listed {
		if l.WaitKey == "" || l.Kind != record.Parked && l.Kind != record.OwedField {
			continue
		}
		pairs, err := tx.PairsByKey(l.WaitMap, []string{l.WaitKey})
		if err != nil {
			return nil, err
		}
		for _, p := range pairs {
			if p.ID > before || p.Written > before {
				come = append(come, l)
			}
		}
	}
	return come, nil
}

// released lets records of all maps go on that have waited for records of a
// map. What waits for a record whose key is not known goes on whenever the map
// has written to F&O. Where rows came or went, what other maps have learned of
// them holds no more.
func (r *Runner) released(ctx context.Context, m *engine.Map, p drain.Passed) error {
	var waiting []record.Listed
	err := r.env.Store.View(ctx, func(tx store.Tx) (err error) {
		waiting, err = tx.Listed(store.ListedQuery{WaitMap: m.Name, Keys: p.Keys}, 0, 0)
		return err
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.goOn(waiting)
	for _, mr := range r.maps {
		mr.outdated = mr.outdated || p.Rows && mr.needs[m.Name]
	}
	if p.Written.FnO == 0 {
		return nil
	}
	for _, mr := range r.maps {
		if len(mr.blind) > 0 && mr.needs[m.Name] {
			for key := range mr.blind {
				mr.release[key] = true
			}
			mr.soon(&mr.times.deliver, r.now())
		}
	}
	r.wakeLocked()
	return nil
}

// goOn makes maps try again what is listed as waiting.
func (r *Runner) goOn(waiting []record.Listed) {
	for _, l := range waiting {
		mr := r.find(l.Map)
		switch {
		case mr == nil:
			continue
		case l.Kind == record.OwedField:
			mr.owed[l.Key] = true
		case l.Kind == record.Parked:
			mr.release[l.Key] = true
		default:
			continue
		}
		mr.soon(&mr.times.deliver, r.now())
	}
	if len(waiting) > 0 {
		r.wakeLocked()
	}
}

func (r *Runner) find(name string) *mapRun {
	for _, mr := range r.maps {
		if mr.m.Name == name {
			return mr
		}
	}
	return nil
}

// sweepShare bounds the time that sweeps take: a sweep rests so many times as
// long as it took.
const sweepShare = 10

// sweep lets everything that waits try again: what it waits for may have come
// from where dw does not look.
func (mr *mapRun) sweep(ctx context.Context) error {
	began := mr.r.now()
	var listed map[record.Kind]int64
	before := int64(0)
	err := mr.r.env.Store.View(ctx, func(tx store.Tx) (err error) {
		if before, err = tx.Seq(); err != nil {
			return err
		}
		listed, err = tx.CountListed(mr.m.Name)
		return err
	})
	if err == nil && listed[record.Parked] > 0 {
		err = mr.goOn(ctx, func(string) bool { return true })
	}
	if err == nil && listed[record.OwedField] > 0 {
		p, e := mr.drain.Deferred(ctx)
		if err = mr.passed(ctx, p, before); e != nil {
			err = e
		}
	}
	if err == nil && listed[record.Held] > 0 {
		err = mr.watcher.Reconsider(ctx)
	}
	if err == nil && listed[record.Failed]+listed[record.Held]+listed[record.Parked] > 0 {
		err = mr.retryFailed(ctx)
	}
	if err != nil {
		return err
	}
	mr.r.mu.Lock()
	defer mr.r.mu.Unlock()
	now := mr.r.now()
	mr.times.sweep = now.Add(max(mr.r.o.Sweep, sweepShare*now.Sub(began)))
	return nil
}

// retryFailed looks again at records whose failure may be over: a delete that was
// refused since other records needed the record, those that the initial sync left
// undecided, a reference whose target went before it was written, and records that
// one read did not find, unless they are more than may be deleted without being
// approved. Those of them that are parked may have been asked for without having
// been observed: they may be back.
func (mr *mapRun) retryFailed(ctx context.Context) error {
	var keys []string
	gone := map[string][]string{} // that one read did not find, by company
	err := mr.listed(ctx, func(l record.Listed) {
		switch l.Code {
		case diag.CodeDeleteRefused, diag.CodeTargetGone, diag.CodeNotSeen, diag.CodeDeletedInSync, diag.CodeRowGone:
			keys = append(keys, l.Key)
		case diag.CodeGoneOnOneSide:
			gone[l.Company] = append(gone[l.Company], l.Key)
		}
	})
	if err == nil && len(gone) > 0 {
		var pairs int64
		err = mr.r.env.Store.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.CountPairs(mr.m.Name)
			return err
		})
		keys = append(keys, unseen(gone, pairs)...)
	}
	if err != nil || len(keys) == 0 {
		return err
	}
	found := map[string]bool{}
	for part := range slices.Chunk(keys, mr.r.env.BatchSize()) {
		some, err := mr.drain.Reader.Again(ctx, part)
		if err != nil {
			return err
		}
		maps.Copy(found, some)
	}
	nowhere, err := mr.drain.Reader.Nowhere(ctx, keys, found)
	if err != nil {
		return err
	}
	if len(nowhere) > 0 {
		err := mr.r.env.Store.Update(ctx, func(tx store.Tx) error { return tx.Unlist(mr.m.Name, nowhere) })
		if err != nil {
			return err
		}
		mr.watcher.Forget()
	}
	return mr.passes(ctx)
}

// listed calls f for the failed, parked and held records of the map.
func (mr *mapRun) listed(ctx context.Context, f func(record.Listed)) error {
	for _, kind := range []record.Kind{record.Failed, record.Parked, record.Held} {
		for after, more := int64(0), true; more; {
			var part []record.Listed
			err := mr.r.env.Store.View(ctx, func(tx store.Tx) (err error) {
				part, err = tx.Listed(store.ListedQuery{Map: mr.m.Name, Kind: kind}, after, mr.r.env.BatchSize())
				return err
			})
			if err != nil {
				return err
			}
			for _, l := range part {
				f(l)
				after = l.ID
			}
			more = len(part) > 0
		}
	}
	return nil
}

// unseen gives the keys of records that one read did not find, company by
// company as far as so few are missing that they may be looked for.
func unseen(gone map[string][]string, pairs int64) (keys []string) {
	for _, company := range slices.Sorted(maps.Keys(gone)) {
		if len(gone[company]) <= capture.FewAbsent(pairs) {
			keys = append(keys, gone[company]...)
		}
	}
	return keys
}
