package write

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// silence is what is known of a write that was sent and not answered, and that
// has not happened as far as its row shows.
type silence struct {
	reason string
	since  time.Time // of its first attempt
	times  int       // that it was sent
	mark   int64     // writes of its side that the service had carried out when it was first not answered
}

// unanswered notes that nothing is known of a write.
func (w *Writer) unanswered(in *record.Intent, r connect.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.silent == nil {
		w.silent = map[int64]*silence{}
	}
	s := w.silent[in.ID]
	if s == nil {
		s = &silence{mark: w.taken[in.Side], since: w.Env.Host.Clock.Now()}
		w.silent[in.ID] = s
	}
	s.times++
	s.reason = r.Message
	delete(w.turned, in.ID)
}

// silence gives what is known of a write that is not answered; false for others.
func (w *Writer) silence(intent int64) (silence, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.silent[intent]; s != nil {
		return *s, true
	}
	return silence{}, false
}

// heard forgets what attempts came to before: the write was answered, or has come
// to its end.
func (w *Writer) heard(intent int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.silent, intent)
	delete(w.turned, intent)
}

// untouched tells whether a row is as it was before a write that was not
// answered: it is sent again then, on the same condition, and counted.
func (w *Writer) untouched(in *record.Intent, pair *record.Pair, row connect.Row) bool {
	if _, silent := w.silence(in.ID); !silent || in.Op != record.Update || in.State == record.Answered || pair == nil || row.ID != in.TargetID {
		return false
	}
	version := in.IfMatch
	if version == "" {
		version = pair.End(in.Side).Version
	}
	if version == "" || version != row.Version {
		return false
	}
	c := w.Map.Compiled
	return slices.ContainsFunc(in.Fields, func(f record.FieldWrite) bool { // what equals what was sent is there
		if f.Slot < 0 || f.Slot >= len(c.Slots) {
			return false
		}
		at := c.Slots[f.Slot].FnO
		if in.Side == value.Dataverse {
			at = c.Slots[f.Slot].Dataverse
		}
		return at >= 0 && at < len(row.Values) && row.Values[at] != f.New
	})
}

// unreachable tells whether an error says that a request was not answered
// however often it was sent.
func unreachable(err error) bool {
	var f *diag.Failure
	return errors.As(err, &f) && len(f.List) > 0 && f.List[0].Code == diag.CodeServiceUnreachable
}

// swallowed notes which of the writes are not answered whose results the
// connector gave with its error and not before.
func (w *Writer) swallowed(batch []*record.Intent, results []connect.Result, told map[int]bool) {
	for i, r := range results {
		if r.Outcome == connect.Unresolved && !told[i] {
			w.unanswered(batch[i], r)
		}
	}
}

// took notes that a service has carried writes out.
func (w *Writer) took(side value.Side, writes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.taken == nil {
		w.taken = map[value.Side]int64{}
	}
	w.taken[side] += writes
}

// answers tells whether a service that did not answer writes answers at all: then
// one of them may be what it cannot do.
func (w *Writer) answers(ctx context.Context, side value.Side, batch []*record.Intent) bool {
	_, projection := w.table(side)
	_, err := w.rows(ctx, side, projection, batch[:1])
	return err == nil
}

// Waits tells whether an error of Confirm says only that some writes are not
// answered. They stay open and are sent again by the next Confirm; others can go
// on meanwhile.
func Waits(err error) bool {
	var f *diag.Failure
	return errors.As(err, &f) && len(f.List) > 0 && f.List[0].Code == diag.CodeUnanswered
}

// apart looks once more what became of writes that were not answered, and sends
// those that have not happened one by one: in a call of many one of them is enough
// to leave all without an answer. Where none of the first few is taken it is not
// the records' fault, and the others are not tried.
func (w *Writer) apart(ctx context.Context) error {
	const few = 3
	quiet, _, err := w.quiet(ctx)
	if err != nil || len(quiet) == 0 {
		return err
	}
	if err := w.look(ctx); err != nil {
		return err
	}
	if quiet, _, err = w.quiet(ctx); err != nil || len(quiet) < 2 {
		return err
	}
	before := w.takenBy("")
	for i, in := range quiet {
		if err := w.Env.Stopped(ctx); err != nil {
			return err
		}
		if i == few && w.takenBy("") == before {
			break
		}
		if err := w.Send(ctx, []*record.Intent{in}); err != nil {
			return err
		}
	}
	return w.look(ctx)
}

// mostQuiet is how many writes are sent one by one before others are confirmed.
const mostQuiet = 2000

// quiet gives open writes that are not answered, and counts them by side.
func (w *Writer) quiet(ctx context.Context) (quiet []*record.Intent, n map[value.Side]int64, err error) {
	n = map[value.Side]int64{}
	err = w.openIntents(ctx, func(batch []*record.Intent) error {
		for _, in := range batch {
			if _, silent := w.silence(in.ID); silent {
				if n[in.Side]++; len(quiet) < mostQuiet {
					quiet = append(quiet, in)
				}
			}
		}
		return nil
	})
	return quiet, n, err
}

// look reads the rows of open intents and sends nothing again.
func (w *Writer) look(ctx context.Context) error {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		if err := w.readOpen(ctx, side, func([]*record.Intent) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// openIntents goes over the open intents of the map, a batch at a time.
func (w *Writer) openIntents(ctx context.Context, visit func([]*record.Intent) error) error {
	for after := int64(0); ; {
		var batch []*record.Intent
		err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			batch, err = tx.Intents(w.Map.Name, "", after, w.Env.BatchSize())
			return err
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		after = batch[len(batch)-1].ID
		if err := visit(batch); err != nil {
			return err
		}
	}
}

// takenBy counts the writes that a service has carried out; "" both.
func (w *Writer) takenBy(side value.Side) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	if side == "" {
		return w.taken[value.FnO] + w.taken[value.Dataverse]
	}
	return w.taken[side]
}

// patience is how long a write has to be without an answer before its record is
// blamed: a service may be away for a while.
const patience = 2 * time.Minute

// The time between two attempts while patience lasts.
const (
	leastPause = 50 * time.Millisecond
	mostPause  = 15 * time.Second
)

// unheard is what is known of all open writes without an answer.
type unheard struct {
	open map[value.Side]int64
	sync store.Tally // of the initial sync
}

func (w *Writer) unheard(ctx context.Context) (u unheard, err error) {
	if _, u.open, err = w.quiet(ctx); err != nil || w.Live {
		return u, err
	}
	return u, w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		u.sync, err = tx.Tally(w.Map.Name)
		return err
	})
}

// suspect tells whether it may be a record's own fault that its write is not
// answered: it was sent several times, and meanwhile the service has carried out
// others, as many as there are without an answer where these are not few. Where
// it carries none out it is not the record's fault.
func (w *Writer) suspect(in *record.Intent, u unheard) (s silence, ok bool) {
	s, silent := w.silence(in.ID)
	if !silent || s.times < maxRounds {
		return s, false
	}
	others := w.takenBy(in.Side) - s.mark
	if !w.Live {
		// An initial sync comes to its end, and another run of it may have nothing
		// left but this record.
		others = max(others, u.sync.Created[in.Side]+u.sync.Updated[in.Side])
	}
	open := u.open[in.Side]
	return s, others > 0 && (open <= fewStuck || others >= open)
}

// blame tells whether a record is to be listed since its write is not answered.
func (w *Writer) blame(in *record.Intent, u unheard) (reason string, ok bool) {
	s, ok := w.suspect(in, u)
	spent := w.Env.Host.Clock.Now().Sub(s.since)
	if !ok || spent < patience {
		return "", false
	}
	return fmt.Sprintf("%s did not answer the write, %d times in %.0f minutes, while it answered others, and nothing of it is there: %s",
		in.Side.Title(), s.times, spent.Minutes(), s.reason), true
}

// persist sends writes of suspects again, with pauses, until they are answered or
// patience ends. Only an initial sync does, when all others are done; who keeps
// maps equal has others to look after, and comes back.
func (w *Writer) persist(ctx context.Context) error {
	if w.Live {
		return nil
	}
	for pause := leastPause; ; pause = min(2*pause, mostPause) {
		quiet, _, err := w.quiet(ctx)
		if err != nil || len(quiet) == 0 {
			return err
		}
		u, err := w.unheard(ctx)
		if err != nil {
			return err
		}
		quiet = slices.DeleteFunc(quiet, func(in *record.Intent) bool {
			_, blamed := w.blame(in, u)
			_, suspect := w.suspect(in, u)
			return blamed || !suspect
		})
		if len(quiet) == 0 {
			return nil
		}
		if err := w.Env.Stopped(ctx); err != nil {
			return err
		}
		if err := w.Env.Host.Clock.Sleep(ctx, pause); err != nil {
			return err
		}
		for _, in := range quiet {
			if err := w.Send(ctx, []*record.Intent{in}); err != nil {
				return err
			}
		}
		if err := w.look(ctx); err != nil {
			return err
		}
	}
}

// waits is the error of writes that are not answered and that nobody can be
// blamed for.
func (w *Writer) waits(u unheard) error {
	side := value.Dataverse
	if u.open[value.FnO] > 0 {
		side = value.FnO
	}
	n := u.open[value.FnO] + u.open[value.Dataverse]
	what := fmt.Sprintf("%d writes", n)
	if n == 1 {
		what = "a write"
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeUnanswered, Severity: diag.Error, Summary: fmt.Sprintf("%s does not answer %s of map %s", side.Title(), what, w.Map.Name),
		Detail: "It answers reads, and nothing of the writes is there. They stay stored and are sent again.",
		Hint:   "See whether the service takes writes at all. A record that it cannot deal with is listed once it has taken others.",
	})
}
