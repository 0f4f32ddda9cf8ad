// Package write sends stored intents and confirms them: an intent ends only
// with a representation that came with the answer or with a read that began
// after it.
package write

import (
	"context"
	"fmt"
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

	total      atomic.Int64
	sent       atomic.Int64
	failed     atomic.Int64
	mu         sync.Mutex       // guards duplicates: both sides are written at once
	duplicates map[int64]string // intents refused as duplicates, until the row was looked at
}

// Expect says how many records are on their way, for progress.
func (w *Writer) Expect(records int64) { w.total.Store(w.sent.Load() + records) }

// Send sends intents by side, both sides at once.
func (w *Writer) Send(ctx context.Context, intents []*record.Intent) error {
	bySide := map[value.Side][]*record.Intent{}
	for _, in := range intents {
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
	t, projection := w.table(side)
	writes := make([]connect.Write, len(batch))
	for i, in := range batch {
		writes[i] = connect.Write{
			Create: in.Op == record.Create, Row: connect.RowID{ID: in.TargetID, Key: in.TargetKey},
			IfMatch: in.IfMatch, Bulk: in.Bulk, Return: projection,
		}
		for _, f := range in.Fields {
			field := t.Field(f.Column)
			if field == nil {
				return fmt.Errorf("write %s of map %s: column %s is not in its schema", side.Title(), w.Map.Name, f.Column)
			}
			writes[i].Values = append(writes[i].Values, connect.ColumnValue{Field: field, Value: f.New})
		}
	}
	var stored error
	_, err := w.Env.Connector(side).Write(ctx, t, writes, func(indexes []int, results []connect.Result) {
		w.Env.Host.Markers.Reached(engine.MarkAnswered)
		if e := w.answered(context.WithoutCancel(ctx), batch, indexes, results); e != nil && stored == nil {
			stored = e
		}
	})
	if err == nil {
		err = stored
	}
	if err != nil {
		return fmt.Errorf("write %s of map %s: %w", side.Title(), w.Map.Name, err)
	}
	return nil
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
	listed       []record.Listed
	tally        store.Tally
	again        []*record.Pair // to be read on both sides before this is stored
}

// answered stores what a service said about some writes of a batch.
func (w *Writer) answered(ctx context.Context, batch []*record.Intent, indexes []int, results []connect.Result) error {
	e := ending{}
	pairs, err := w.pairs(ctx, batch, indexes, results)
	if err != nil {
		return err
	}
	for i, at := range indexes {
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

// pairs reads the pairs of writes that came back with a representation.
func (w *Writer) pairs(ctx context.Context, batch []*record.Intent, indexes []int, results []connect.Result) (map[int64]*record.Pair, error) {
	var ids []int64
	for i, at := range indexes {
		if results[i].Row != nil {
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
	err := w.Env.Store.View(ctx, func(tx store.Tx) error {
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
		if r.Row == nil {
			e.answered = append(e.answered, in.ID)
			return
		}
		w.settle(e, in, pair, *r.Row, evidence{done: true, ours: true})
	case connect.Refused:
		w.fail(e, in, diag.CodeServiceRefused, refusal(in.Side, r), "Mend the value or the rule that refuses it, then `dw apply -again` the map.")
	case connect.Duplicate:
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.duplicates == nil {
			w.duplicates = map[int64]string{}
		}
		w.duplicates[in.ID] = refusal(in.Side, r)
	case connect.Conflict, connect.Gone, connect.Unresolved, connect.NotSent:
		// Nothing is known of the row: the confirmation reads it.
	}
}

func refusal(s value.Side, r connect.Result) string {
	if r.Code != "" {
		return fmt.Sprintf("%s refused the record (%s): %s", s.Title(), r.Code, r.Message)
	}
	return fmt.Sprintf("%s refused the record: %s", s.Title(), r.Message)
}

// settle closes an intent against a row read after it. Where a field is not as
// it was to be, the record is read again on both sides.
func (w *Writer) settle(e *ending, in *record.Intent, pair *record.Pair, row connect.Row, how evidence) {
	e.close = append(e.close, in.ID)
	if pair == nil {
		return // the map was removed or replaced meanwhile
	}
	o := record.Observation{
		AsOf: how.asOf, Map: in.Map, Side: in.Side, Key: in.Key, Company: in.Company,
		ID: row.ID, Version: row.Version, Values: row.Values, InScope: true,
	}
	s := merge.Settle(merge.SettleInput{
		Map: w.Map.Compiled, Pair: pair, Intent: in, Row: &o, Done: how.done, Ours: how.ours,
	})
	e.listed = append(e.listed, w.stamp(s.Listed)...)
	e.pairs = append(e.pairs, s.Pair)
	if s.Again {
		e.again = append(e.again, s.Pair)
	}
	count := map[value.Side]int64{in.Side: 1}
	switch {
	case in.Op == record.Create:
		add(&e.tally.Created, count)
	case s.Again:
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
	w.failed.Add(1)
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
	now := w.Env.Host.Clock.Now().UTC().Format("2006-01-02T15:04:05Z")
	for i := range l {
		l[i].At = now
	}
	return l
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

// reread looks at both sides of pairs that are not as they were to be.
func (w *Writer) reread(ctx context.Context, e *ending) error {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		obs, err := w.Reader.Read(ctx, side, e.again)
		if err != nil {
			return err
		}
		e.observations = append(e.observations, obs...)
	}
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
	if err := tx.AddObservations(e.observations); err != nil {
		return err
	}
	if err := tx.PutListed(e.listed); err != nil {
		return err
	}
	return tx.AddTally(mapName, e.tally)
}
