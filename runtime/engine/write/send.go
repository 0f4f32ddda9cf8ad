// Package write sends stored intents and confirms them: an intent ends only
// with a representation that came with the answer or with a read that began
// after it.
package write

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Writer writes one map.
type Writer struct {
	Env    *engine.Env
	Map    *engine.Map
	Reader *capture.Reader
	// Live says that somebody else follows the changes of Dataverse: writes are
	// confirmed by reading their rows, which takes the least time for few of
	// them, and a row that is gone is left to merge. Else it is the initial sync,
	// which follows the changes itself and carries no deletes over.
	Live bool
	// Bulk says that many records are on their way though Live is set: writes to
	// Dataverse are confirmed by what changed since the token, one read for
	// thousands of them.
	Bulk bool

	// Packages has bulk writes to F&O wait until SendFull or Confirm, which send
	// them as packages; see Packages.
	Packages *Packages

	// Refused is called with the company of each record that a service refuses;
	// nil: nobody asks.
	Refused func(company string)

	total      atomic.Int64
	sent       atomic.Int64
	failed     atomic.Int64
	mu         sync.Mutex           // guards duplicates: both sides are written at once
	duplicates map[int64]string     // intents refused as duplicates, until the row was looked at
	turned     map[int64]string     // what the service said of writes that it turned away; guarded by mu
	taken      map[value.Side]int64 // writes that a service has carried out; guarded by mu
	silent     map[int64]*silence   // writes without an answer, by intent; guarded by mu
	looked     bool                 // for a job that an earlier run has left; guarded by mu
	reading    sync.Mutex           // one task at a time reads and resolves references

	settling sync.Mutex     // one task at a time says what became of writes
	inFlight map[int64]bool // writes sent and not answered, by intent; false: confirmed already; guarded by mu
	// passed has the versions in which changes have shown the rows of writes that
	// are not answered, "" where they were deleted; guarded by mu.
	passed map[int64]string
}

// Expect says how many records are on their way, for progress.
func (w *Writer) Expect(records int64) { w.total.Store(w.sent.Load() + records) }

// Progress says how many records were sent of how many.
func (w *Writer) Progress() (sent, expected int64) { return w.sent.Load(), w.total.Load() }

// Send sends intents by side, both sides at once.
func (w *Writer) Send(ctx context.Context, intents []*record.Intent) error {
	bySide := map[value.Side][]*record.Intent{}
	for _, in := range intents {
		if w.Packages.hold(in) {
			continue
		}
		bySide[in.Side] = append(bySide[in.Side], in)
	}
	var tasks []func(context.Context) error
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		if batch := bySide[side]; len(batch) > 0 {
			tasks = append(tasks, func(ctx context.Context) error { return w.sendSide(ctx, side, batch) })
		}
	}
	return w.Env.Host.Scheduler.Run(ctx, len(tasks), tasks...)
}

func (w *Writer) sendSide(ctx context.Context, side value.Side, batch []*record.Intent) error {
	t, _ := w.table(side)
	writes := make([]connect.Write, len(batch))
	for i, in := range batch {
		var err error
		if writes[i], err = w.write(in); err != nil {
			return err
		}
	}
	w.leave(batch)
	defer func() {
		all := make([]int, len(batch))
		for i := range all {
			all[i] = i
		}
		w.arrive(batch, all) // those without an answer
	}()
	var stored error
	told := map[int]bool{}
	results, err := w.Env.Connector(side).Write(ctx, t, writes, func(indexes []int, results []connect.Result) {
		w.Env.Host.Markers.Reached(engine.MarkAnswered)
		for _, i := range indexes {
			told[i] = true
		}
		if e := w.answered(context.WithoutCancel(ctx), batch, indexes, results); e != nil && stored == nil {
			stored = e
		}
	})
	if err != nil && stored == nil && unreachable(err) && w.answers(ctx, side, batch) {
		w.swallowed(batch, results, told)
		err = nil
	}
	if err == nil {
		err = stored
	}
	if err != nil {
		return fmt.Errorf("write %s of map %s: %w", side.Title(), w.Map.Name, err)
	}
	return nil
}

// write gives an intent as a connector takes it.
func (w *Writer) write(in *record.Intent) (connect.Write, error) {
	t, projection := w.table(in.Side)
	out := connect.Write{
		Create: in.Op == record.Create, Delete: in.Op == record.Delete, Row: connect.RowID{ID: in.TargetID, Key: in.TargetKey},
		IfMatch: in.IfMatch, Bulk: in.Bulk, Return: projection,
	}
	if out.Delete {
		out.Return = nil
		return out, nil
	}
	c := w.Map.Compiled
	out.Values = make([]connect.ColumnValue, 0, len(in.Fields))
	var room [1]transform.Part
	for i := range in.Fields {
		f := &in.Fields[i]
		if f.Slot >= 0 && f.Slot < len(c.Slots) && c.Column(&c.Slots[f.Slot], in.Side).Name == f.Column {
			for _, part := range c.AppendSpread(room[:0], &c.Slots[f.Slot], in.Side, f.New) {
				out.Values = append(out.Values, connect.ColumnValue{Field: part.Field, Value: part.Value})
			}
			continue
		}
		field := t.Field(f.Column)
		if field == nil {
			return out, fmt.Errorf("write %s of map %s: column %s is not in its schema", in.Side.Title(), w.Map.Name, f.Column)
		}
		out.Values = append(out.Values, connect.ColumnValue{Field: field, Value: f.New})
	}
	return out, nil
}

func (w *Writer) table(side value.Side) (*schema.Table, *transform.Projection) {
	if side == value.FnO {
		return w.Map.Compiled.FnO.Table, &w.Map.Compiled.FnO
	}
	return w.Map.Compiled.Dataverse.Table, &w.Map.Compiled.Dataverse
}

// ending is what is stored for intents that come to an end or one step closer.
type ending struct {
	pairs        []*record.Pair
	dropPairs    []int64
	close        []int64
	answered     []int64
	observations []record.Observation
	overtaken    []int64 // observations that are not to be handled any more
	listed       []record.Listed
	changes      []record.Change
	tally        store.Tally
	lost         map[value.Value]bool // references whose rows are gone
	again        []unsettled          // to be read on both sides before this is stored
}

// unsettled is a pair that is not as a write of one of its sides was to leave
// it.
type unsettled struct {
	pair *record.Pair
	side value.Side
	gone bool // the write was to follow a delete on the other side
}

// answered stores what a service said about some writes of a batch.
func (w *Writer) answered(ctx context.Context, batch []*record.Intent, indexes []int, results []connect.Result) error {
	w.settling.Lock()
	defer w.settling.Unlock()
	e := ending{}
	w.outdated(batch, indexes, results)
	pairs, err := w.pairs(ctx, batch, indexes, results)
	if err != nil {
		return err
	}
	if err := w.widenResults(ctx, batch[0].Side, results); err != nil {
		return err
	}
	for _, i := range w.arrive(batch, indexes) {
		at := indexes[i]
		w.judge(&e, batch[at], results[i], pairs[batch[at].Pair])
	}
	if err := w.store(ctx, &e); err != nil {
		return err
	}
	w.Env.Host.Markers.Reached(engine.MarkAnswersStored)
	if len(e.pairs) > 0 {
		w.Env.Host.Markers.Reached(engine.MarkBaseStored)
	}
	n := w.sent.Add(int64(len(indexes)))
	w.Env.Report(report.Progress{Map: w.Map.Name, Phase: "write", Done: n, Total: w.total.Load(), Failed: w.failed.Load()})
	return nil
}

// pairs reads the pairs of writes that can be closed at once: those that came
// back with a representation, and deletes.
func (w *Writer) pairs(ctx context.Context, batch []*record.Intent, indexes []int, results []connect.Result) (map[int64]*record.Pair, error) {
	var ids []int64
	for i, at := range indexes {
		if results[i].Row != nil || batch[at].Op == record.Delete {
			ids = append(ids, batch[at].Pair)
		}
	}
	return w.pairsByID(ctx, ids)
}

func (w *Writer) pairsByID(ctx context.Context, ids []int64) (map[int64]*record.Pair, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	byID := make(map[int64]*record.Pair, len(ids))
	err := w.Env.Store.Look(ctx, func(tx store.Tx) error {
		pairs, err := tx.PairsByID(ids)
		for _, p := range pairs {
			byID[p.ID] = p
		}
		return err
	})
	return byID, err
}

// judge turns one result into what is to be stored.
func (w *Writer) judge(e *ending, in *record.Intent, r connect.Result, pair *record.Pair) {
	switch r.Outcome {
	case connect.Done:
		w.took(in.Side, 1)
		w.heard(in.ID)
	case connect.Unresolved:
		w.unanswered(in, r)
	case connect.NotSent:
	default:
		w.heard(in.ID)
	}
	switch {
	case in.Op == record.Delete && (r.Outcome == connect.Done || r.Outcome == connect.Gone):
		w.settle(e, in, pair, nil, evidence{done: true})
	case r.Outcome == connect.Done && r.Row == nil:
		e.answered = append(e.answered, in.ID)
	case r.Outcome == connect.Done:
		w.settle(e, in, pair, r.Row, evidence{done: true, ours: true})
	case r.Outcome == connect.Refused && in.Op == record.Delete:
		w.fail(e, in, diag.CodeDeleteRefused, refusal(in.Side, r), "See what still refers to it; the delete is tried again by itself.")
	case r.Outcome == connect.Refused && r.Missing:
		w.fail(e, in, diag.CodeTargetGone, refusal(in.Side, r), "See why the record that it refers to is not there; the write is tried again by itself.")
	case r.Outcome == connect.Refused:
		w.fail(e, in, diag.CodeServiceRefused, refusal(in.Side, r), w.hint("Mend the value or the rule that refuses it"))
	case r.Outcome == connect.Duplicate:
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.duplicates == nil {
			w.duplicates = map[int64]string{}
		}
		w.duplicates[in.ID] = refusal(in.Side, r)
	case r.Outcome == connect.Conflict:
		w.turnAway(in, r)
	default: // Gone, Unresolved, NotSent
		// Nothing is known of the row: the confirmation reads it.
	}
}

// settle closes an intent against a row read after it, nil where there is
// none. Where a field is not as it was to be, the record is read again on both
// sides.
func (w *Writer) settle(e *ending, in *record.Intent, pair *record.Pair, row *connect.Row, how evidence) {
	w.heard(in.ID)
	e.close = append(e.close, in.ID)
	if pair == nil {
		return // the map was removed or replaced meanwhile
	}
	var o *record.Observation
	if row != nil {
		o = &record.Observation{
			AsOf: how.asOf, Map: in.Map, Side: in.Side, Key: in.Key, Company: in.Company,
			ID: row.ID, Version: row.Version, Values: row.Values, InScope: true,
		}
	}
	s := merge.Settle(merge.SettleInput{Map: w.Map.Compiled, Pair: pair, Intent: in, Row: o, Done: how.done, Ours: how.ours, Lost: e.lost})
	e.listed = append(e.listed, w.stamp(s.Listed)...)
	for _, c := range s.Changes {
		c.At = w.now()
		e.changes = append(e.changes, c)
	}
	if s.Ended {
		e.dropPairs = append(e.dropPairs, pair.ID)
		return
	}
	e.pairs = append(e.pairs, s.Pair)
	if s.Again {
		e.again = append(e.again, unsettled{s.Pair, in.Side, in.Op == record.Delete || in.Op == record.Deactivate})
	}
	count := map[value.Side]int64{in.Side: 1}
	switch {
	case in.Op == record.Create:
		add(&e.tally.Created, count)
	case s.Again || in.Op != record.Update:
	case w.fills(in):
		add(&e.tally.Filled, count)
	default:
		add(&e.tally.Updated, count)
	}
}

// fills tells whether an update only fills in references that had to wait.
func (w *Writer) fills(in *record.Intent) bool {
	for _, f := range in.Fields {
		if f.Slot < 0 {
			return false
		}
		if l := w.Map.Compiled.Slots[f.Slot].Lookup; l == nil || l.Missing != "defer" || !f.Old.IsNull() {
			return false
		}
	}
	return true
}

// evidence says what is known of a write besides the row.
type evidence struct {
	done bool  // the service said that it accepted it
	ours bool  // the row is the representation that came with the answer
	asOf int64 // store sequence before the row was read
}

// add sums counters a side.
func add(to *map[value.Side]int64, n map[value.Side]int64) {
	if *to == nil {
		*to = map[value.Side]int64{}
	}
	for s, v := range n {
		(*to)[s] += v
	}
}

// fail lists the record of an intent that the service will not take.
func (w *Writer) fail(e *ending, in *record.Intent, code, reason, hint string) {
	w.heard(in.ID)
	w.failed.Add(1)
	if w.Refused != nil {
		w.Refused(in.Company)
	}
	e.close = append(e.close, in.ID)
	if in.Op == record.Create {
		e.dropPairs = append(e.dropPairs, in.Pair)
	}
	e.listed = append(e.listed, w.stamp([]record.Listed{{
		Kind: record.Failed, Map: in.Map, Key: in.Key, Record: w.readable(in), Company: in.Company, Side: in.Side,
		Code: code, Reason: reason, Hint: hint, Payload: payload(in),
	}})...)
}

func (w *Writer) stamp(l []record.Listed) []record.Listed {
	now := w.now()
	for i := range l {
		l[i].At = now
	}
	return l
}

// now gives the time as it is stored.
func (w *Writer) now() string {
	return w.Env.Host.Clock.Now().UTC().Format("2006-01-02T15:04:05Z")
}

// readable gives the key of an intent's record as people read it.
func (w *Writer) readable(in *record.Intent) string {
	return transform.ReadableCanonical(in.Key)
}

// payload shows what would have been written, shortened.
func payload(in *record.Intent) string {
	const limit = 2000
	s := ""
	for i, f := range in.Fields {
		if i > 0 {
			s += ", "
		}
		s += f.Column + "=" + f.New.String()
		if len(s) > limit {
			return s[:limit] + "…"
		}
	}
	return s
}

// store writes an ending in one transaction.
func (w *Writer) store(ctx context.Context, e *ending) error {
	if err := w.reread(ctx, e); err != nil {
		return err
	}
	return w.Env.Store.Update(ctx, func(tx store.Tx) error { return e.save(tx, w.Map.Name) })
}

// reread looks at both sides of pairs that are not as they were to be. What the
// written side shows is there because of the write: nobody need have edited it.
func (w *Writer) reread(ctx context.Context, e *ending) error {
	if len(e.again) == 0 {
		return nil
	}
	w.reading.Lock()
	defer w.reading.Unlock()
	pairs := make([]*record.Pair, len(e.again))
	own := make(map[string]bool, len(e.again))
	for i, u := range e.again {
		pairs[i] = u.pair
		own[string(u.side)+u.pair.End(u.side).ID] = true
	}
	at := w.now()
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		obs, err := w.Reader.Read(ctx, side, pairs)
		if err != nil {
			return err
		}
		for _, o := range obs {
			o.Own, o.At = own[string(side)+o.ID], at
			e.observations = append(e.observations, o)
		}
	}
	e.stillGone(at)
	return nil
}

// stillGone carries the certainty on which a delete was founded over to the next
// merge: what has been deleted once does not come back under its id.
func (e *ending) stillGone(at string) {
	for _, u := range e.again {
		side := u.side.Other()
		id := u.pair.End(side).ID
		if !u.gone || id == "" || slices.ContainsFunc(e.observations, func(o record.Observation) bool { return o.Side == side && o.ID == id }) {
			continue
		}
		e.observations = append(e.observations, record.Observation{
			AsOf: u.pair.Written, Map: u.pair.Map, Side: side, Key: u.pair.Key, Company: u.pair.Company, ID: id, Deleted: true, At: at,
		})
	}
}

// widenResults makes full records of the representations that came back.
func (w *Writer) widenResults(ctx context.Context, side value.Side, results []connect.Result) error {
	var rows []connect.Row
	var at []int
	for i, r := range results {
		if r.Row != nil {
			rows, at = append(rows, *r.Row), append(at, i)
		}
	}
	if err := w.widen(ctx, side, rows); err != nil {
		return err
	}
	for n, i := range at {
		results[i].Row = &rows[n]
	}
	return nil
}

// widen makes full records of rows that a service gave.
func (w *Writer) widen(ctx context.Context, side value.Side, rows []connect.Row) error {
	if len(rows) == 0 {
		return nil
	}
	w.reading.Lock()
	defer w.reading.Unlock()
	full, err := w.Reader.Widen(ctx, side, rows)
	if err != nil {
		return err
	}
	copy(rows, full)
	return nil
}

func (e *ending) save(tx store.Tx, mapName string) error {
	if err := tx.PutPairs(e.pairs); err != nil {
		return err
	}
	if err := tx.SetIntentState(e.answered, record.Answered); err != nil {
		return err
	}
	if err := tx.DeleteIntents(e.close); err != nil {
		return err
	}
	if err := tx.DeletePairs(e.dropPairs); err != nil {
		return err
	}
	if err := tx.DropObservations(mapName, e.overtaken); err != nil {
		return err
	}
	if err := tx.AddObservations(e.observations); err != nil {
		return err
	}
	if err := tx.PutListed(e.listed); err != nil {
		return err
	}
	if err := tx.AddChanges(e.changes); err != nil {
		return err
	}
	return tx.AddTally(mapName, e.tally)
}
