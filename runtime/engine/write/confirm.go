package write

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// maxRounds bounds how often a write that did not take effect is sent again.
const maxRounds = 3

// Confirm ends all open intents of the map: in the initial sync first by what
// changed since the token (one read for thousands of rows), then by reading the
// rest row by row. Writes that did not happen are sent again under the same id.
func (w *Writer) Confirm(ctx context.Context) error {
	for round := 0; ; round++ {
		if err := w.sendPackages(ctx); err != nil {
			return err
		}
		open, err := w.open(ctx)
		if err != nil || open == 0 {
			return err
		}
		if round == maxRounds || round > 0 && w.allSilent(open) {
			return w.giveUp(ctx)
		}
		if !w.Live || w.Bulk {
			if err := w.confirmByChanges(ctx); err != nil {
				return err
			}
		}
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			if err := w.confirmByReading(ctx, side); err != nil {
				return err
			}
		}
	}
}

// ConfirmSome ends open intents by what changed since the token, as far as that
// goes, while others are on their way.
func (w *Writer) ConfirmSome(ctx context.Context) error {
	if w.Live {
		return nil
	}
	return w.confirmByChanges(ctx)
}

func (w *Writer) open(ctx context.Context) (n int64, err error) {
	err = w.Env.Store.View(ctx, func(tx store.Tx) error {
		n, err = tx.CountIntents(w.Map.Name)
		return err
	})
	return n, err
}

// confirmByChanges follows Dataverse's token. Rows that answer an intent close
// it; all others are observations like any.
func (w *Writer) confirmByChanges(ctx context.Context) error {
	if !w.Env.Dataverse.Capabilities(w.Map.Compiled.Dataverse.Table).Changes {
		return nil
	}
	for {
		var cur store.Cursor
		var asOf int64
		var waiting []*record.Intent
		err := w.Env.Store.Look(ctx, func(tx store.Tx) (err error) {
			if cur, err = tx.Cursor(w.Map.Name, value.Dataverse); err != nil {
				return err
			}
			if waiting, err = tx.Intents(w.Map.Name, value.Dataverse, 0, 1); err != nil {
				return err
			}
			asOf, err = tx.Seq()
			return err
		})
		if err != nil || cur.Token == "" && cur.Next == "" || len(waiting) == 0 && cur.Next == "" {
			return err
		}
		q := w.Reader.Query(value.Dataverse)
		if q.Resume = cur.Next; q.Resume == "" {
			q.Resume = cur.Token
		}
		page, err := w.Env.Dataverse.Changes(ctx, q)
		if errors.Is(err, connect.ErrTokenExpired) {
			return w.withoutToken(ctx, cur)
		}
		if err != nil {
			return fmt.Errorf("read changes of Dataverse for map %s: %w", w.Map.Name, err)
		}
		next := store.Cursor{Phase: "done", Next: page.Next, Token: page.Token, Rows: cur.Rows}
		if page.Next != "" {
			next.Token = cur.Token
		}
		if w.Live && slices.ContainsFunc(page.Rows, func(r connect.Row) bool { return r.Deleted }) {
			// Who follows the changes decides about deletes; the token stays. The
			// rows of open intents are read.
			return nil
		}
		if err := w.takePage(ctx, page.Rows, asOf, cur, next); err != nil {
			return err
		}
		if page.Next == "" {
			return nil
		}
	}
}

// withoutToken gives up a token that the service does not take any more. The
// rows of open intents are read one by one then; other changes are found by
// the next full read, since the map has no token to go on from.
func (w *Writer) withoutToken(ctx context.Context, cur store.Cursor) error {
	return w.Env.Store.Update(ctx, func(tx store.Tx) error {
		return tx.PutCursor(w.Map.Name, value.Dataverse, store.Cursor{Phase: cur.Phase, Rows: cur.Rows})
	})
}

// takePage stores a page of changes, part by part: each needs its writes in
// memory. The token behind the page is stored with the last part; where a run is
// cut off before, the page is read again, and rows whose writes are confirmed are
// then observations of what is agreed.
func (w *Writer) takePage(ctx context.Context, rows []connect.Row, asOf int64, cur, next store.Cursor) error {
	part := w.Env.BatchSize()
	for ; len(rows) > part; rows = rows[part:] {
		if err := w.takeChanges(ctx, rows[:part], asOf, cur); err != nil {
			return err
		}
	}
	return w.takeChanges(ctx, rows, asOf, next)
}

// takeChanges stores changes with the cursor that they leave.
func (w *Writer) takeChanges(ctx context.Context, rows []connect.Row, asOf int64, next store.Cursor) error {
	w.settling.Lock()
	defer w.settling.Unlock()
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	intents, pairs, err := w.byTarget(ctx, value.Dataverse, ids)
	if err != nil {
		return err
	}
	if err := w.widen(ctx, value.Dataverse, rows); err != nil {
		return err
	}
	e := ending{}
	var sent []outcome
	for _, row := range rows {
		if in := intents[row.ID]; in != nil && !row.Deleted {
			sent = append(sent, outcome{in, row})
		}
	}
	if e.lost, err = w.lost(ctx, sent); err != nil {
		return err
	}
	var others []connect.Row
	for _, row := range rows {
		switch in := intents[row.ID]; {
		case in == nil:
			others = append(others, row)
		case w.flying(in.ID) && (row.Deleted || in.Op != record.Create):
			// Whether this is the row before or after the write is not known: it
			// is read once the answer is there, unless that shows the very same.
			w.pass(in.ID, row.Version)
		case w.flying(in.ID):
			// A row with an id that dw has chosen is there by that write alone.
			w.landed(in.ID)
			w.settle(&e, in, pairs[in.Pair], &row, evidence{done: true, asOf: asOf})
			others = append(others, e.edited(row)...)
		case row.Deleted && in.Op == record.Delete:
			w.settle(&e, in, pairs[in.Pair], nil, evidence{done: true})
		case !row.Deleted && (in.Op == record.Create || in.Op == record.Update):
			w.settle(&e, in, pairs[in.Pair], &row, evidence{done: in.State == record.Answered, asOf: asOf})
			others = append(others, e.edited(row)...)
		}
	}
	obs, err := w.others(ctx, &e, others, asOf)
	if err != nil {
		return err
	}
	var gone []string
	for _, o := range obs {
		if o.Deleted {
			gone = append(gone, o.ID)
		} else if o.Key != "" {
			e.observations = append(e.observations, o)
		}
	}
	if err := w.listDeleted(ctx, &e, gone, asOf); err != nil {
		return err
	}
	if err := w.reread(ctx, &e); err != nil {
		return err
	}
	err = w.Env.Store.Update(ctx, func(tx store.Tx) error {
		if err := e.save(tx, w.Map.Name); err != nil {
			return err
		}
		return tx.PutCursor(w.Map.Name, value.Dataverse, next)
	})
	if err == nil {
		w.Env.Host.Markers.Reached(engine.MarkBaseStored)
		w.Env.Report(report.Progress{Map: w.Map.Name, Phase: "confirm", Done: int64(len(e.close)), Total: w.total.Load(), Failed: w.failed.Load()})
	}
	return err
}

// edited gives a row of a page of changes once more where settling its write has
// shown that somebody has edited another of its fields: the token moves past it.
func (e *ending) edited(row connect.Row) []connect.Row {
	if n := len(e.pairs); n > 0 && e.pairs[n-1].Dataverse.ID == row.ID && e.pairs[n-1].Dataverse.Version != row.Version {
		return []connect.Row{row}
	}
	return nil
}

// others gives observations of rows that answer no intent.
func (w *Writer) others(ctx context.Context, e *ending, rows []connect.Row, asOf int64) ([]record.Observation, error) {
	if !w.Live {
		return w.Reader.Observe(ctx, value.Dataverse, rows, asOf)
	}
	obs, listed, err := w.Reader.Changed(ctx, value.Dataverse, rows, asOf)
	e.listed = append(e.listed, listed...)
	return obs, err
}

// listDeleted lists rows that disappeared while their map was being joined: what
// to do about deletes is decided by live synchronisation. Those of which nothing
// was made yet count as if they had never been there.
func (w *Writer) listDeleted(ctx context.Context, e *ending, ids []string, asOf int64) error {
	if len(ids) == 0 {
		return nil
	}
	paired := map[string]bool{}
	err := w.Env.Store.View(ctx, func(tx store.Tx) error {
		pairs, err := tx.PairsByEnd(w.Map.Name, value.Dataverse, ids)
		for _, p := range pairs {
			paired[p.Dataverse.ID] = true
			e.listed = append(e.listed, w.stamp([]record.Listed{{
				Kind: record.Failed, Map: p.Map, Key: p.Key, Company: p.Company, Side: value.FnO, Code: diag.CodeDeletedInSync,
				Record: w.readable(&record.Intent{Key: p.Key}),
				Reason: "The row was deleted in Dataverse during the initial sync.",
				Hint:   "`dw run` decides about it as the map's deletes say; without it, delete or restore the record by hand.",
			}})...)
		}
		return err
	})
	if err != nil {
		return err
	}
	over, err := w.Reader.Overtaken(ctx, value.Dataverse, ids, asOf)
	for _, o := range over {
		if paired[o.ID] {
			e.overtaken = append(e.overtaken, o.Seq) // to be judged as if it were there it would hide the delete
		} else {
			e.observations = append(e.observations, o)
		}
	}
	return err
}

// byTarget finds open intents by the rows they write, with their pairs.
func (w *Writer) byTarget(ctx context.Context, side value.Side, ids []string) (map[string]*record.Intent, map[int64]*record.Pair, error) {
	intents := map[string]*record.Intent{}
	var pairIDs []int64
	err := w.Env.Store.Look(ctx, func(tx store.Tx) error {
		found, err := tx.IntentsByTarget(w.Map.Name, side, ids)
		for _, in := range found {
			intents[in.TargetID] = in
			pairIDs = append(pairIDs, in.Pair)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	pairs, err := w.pairsByID(ctx, pairIDs)
	return intents, pairs, err
}

// confirmByReading reads the rows of open intents of a side and sends the writes
// that did not happen again.
func (w *Writer) confirmByReading(ctx context.Context, side value.Side) error {
	return w.readOpen(ctx, side, func(again []*record.Intent) error { return w.Send(ctx, again) })
}

// readOpen reads the rows of open intents of a side, a batch at a time, and hands
// on the writes that did not happen.
func (w *Writer) readOpen(ctx context.Context, side value.Side, missed func([]*record.Intent) error) error {
	after := int64(0)
	for {
		var batch []*record.Intent
		var asOf int64
		err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			if batch, err = tx.Intents(w.Map.Name, side, after, w.Env.BatchSize()); err != nil {
				return err
			}
			asOf, err = tx.Seq()
			return err
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		after = batch[len(batch)-1].ID
		again, err := w.readBack(ctx, side, batch, asOf)
		if err != nil {
			return err
		}
		if err := missed(again); err != nil {
			return err
		}
	}
}

// readBack reads the rows of a batch of open intents and closes those that can
// be closed.
func (w *Writer) readBack(ctx context.Context, side value.Side, batch []*record.Intent, asOf int64) ([]*record.Intent, error) {
	_, projection := w.table(side)
	var values, states []*record.Intent
	var pairIDs []int64
	for _, in := range batch {
		pairIDs = append(pairIDs, in.Pair)
		if in.Op == record.Deactivate || in.Op == record.Activate {
			states = append(states, in)
		} else {
			values = append(values, in)
		}
	}
	pairs, err := w.pairsByID(ctx, pairIDs)
	if err != nil {
		return nil, err
	}
	rows, err := w.rows(ctx, side, projection, values)
	if err != nil {
		return nil, err
	}
	if err := w.widen(ctx, side, rows); err != nil {
		return nil, err
	}
	var e ending
	var resend []*record.Intent
	found := w.match(side, rows)
	var sent []outcome
	for _, in := range values {
		if row, there := found[w.name(side, in)]; there {
			sent = append(sent, outcome{in, row})
		}
	}
	if e.lost, err = w.lost(ctx, sent); err != nil {
		return nil, err
	}
	for _, in := range values {
		row, there := found[w.name(side, in)]
		if w.ends(&e, in, pairs[in.Pair], row, there, asOf) {
			resend = append(resend, in)
		}
	}
	again, err := w.readStates(ctx, &e, states, pairs, asOf)
	if err != nil {
		return nil, err
	}
	resend = append(resend, again...)
	if err := w.store(ctx, &e); err != nil {
		return nil, err
	}
	if len(e.pairs) > 0 {
		w.Env.Host.Markers.Reached(engine.MarkBaseStored)
	}
	return resend, nil
}

// rows reads the rows of intents.
func (w *Writer) rows(ctx context.Context, side value.Side, p *transform.Projection, batch []*record.Intent) ([]connect.Row, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	ids := make([]connect.RowID, len(batch))
	for i, in := range batch {
		ids[i] = connect.RowID{ID: in.TargetID, Key: in.TargetKey}
	}
	rows, err := w.Env.Connector(side).Read(ctx, p, ids)
	if err != nil {
		return nil, fmt.Errorf("read back %s of map %s: %w", side.Title(), w.Map.Name, err)
	}
	return rows, nil
}

// ends closes an intent by its row as it is now, and tells whether it is to be
// sent again instead.
func (w *Writer) ends(e *ending, in *record.Intent, pair *record.Pair, row connect.Row, there bool, asOf int64) (resend bool) {
	answered := in.State == record.Answered
	w.mu.Lock()
	refused, duplicate := w.duplicates[in.ID]
	delete(w.duplicates, in.ID)
	w.mu.Unlock()
	switch {
	case in.Op == record.Delete && there && row.ID == in.TargetID && row.Version == in.IfMatch, there && w.untouched(in, pair, row):
		return true // nothing has happened to it
	case in.Op == record.Delete && there && row.ID == in.TargetID:
		w.settle(e, in, pair, &row, evidence{asOf: asOf})
	case in.Op == record.Delete:
		w.settle(e, in, pair, nil, evidence{done: true, asOf: asOf})
	case there && in.Op == record.Update && row.ID != in.TargetID:
		w.settle(e, in, pair, nil, evidence{asOf: asOf}) // another record has taken its place
	case there:
		w.settle(e, in, pair, &row, evidence{done: answered, asOf: asOf})
	case duplicate:
		w.fail(e, in, diag.CodeKeyTaken, refused, w.hint("Another row holds the same key: merge or rename one of them"))
	case in.Op == record.Update && w.Live:
		w.settle(e, in, pair, nil, evidence{asOf: asOf}) // whether it was deleted is found out before merge is asked
	case in.Op == record.Update:
		w.fail(e, in, diag.CodeRowGone, fmt.Sprintf("The row to update is no longer in %s.", in.Side.Title()), "`dw run` decides about it as the map's deletes say; without it, `dw apply -again` joins the map's records afresh.")
	case answered:
		w.fail(e, in, diag.CodeRowVanished, fmt.Sprintf("%s accepted the record, but it is not there.", in.Side.Title()), w.hint("Look for a plug-in or a user that deletes it"))
	default:
		return true
	}
	return false
}

// stateColumn is the column of a Dataverse row's state.
const stateColumn = "statecode"

// readStates closes writes of state and status by the state that their rows
// have now, which no map reads, and gives back those that did not happen.
func (w *Writer) readStates(ctx context.Context, e *ending, batch []*record.Intent, pairs map[int64]*record.Pair, asOf int64) (resend []*record.Intent, err error) {
	if len(batch) == 0 {
		return nil, nil
	}
	t, _ := w.table(value.Dataverse)
	field := t.Field(stateColumn)
	if field == nil {
		return nil, fmt.Errorf("map %s: %s has no column %s", w.Map.Name, t.Set, stateColumn)
	}
	rows, err := w.rows(ctx, value.Dataverse, &transform.Projection{Table: t, Columns: []*schema.Field{field}}, batch)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*connect.Row, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	for _, in := range batch {
		row := byID[in.TargetID]
		reached := row != nil && len(in.Fields) > 0 && row.Values[0] == in.Fields[0].New
		switch {
		case row == nil || reached || in.State == record.Answered || row.Version != in.IfMatch:
			w.settle(e, in, pairs[in.Pair], row, evidence{done: reached || in.State == record.Answered, asOf: asOf})
		default:
			resend = append(resend, in)
		}
	}
	return resend, nil
}

// match indexes rows by the name under which an intent finds its own.
func (w *Writer) match(side value.Side, rows []connect.Row) map[string]connect.Row {
	found := make(map[string]connect.Row, len(rows))
	c := w.Map.Compiled
	for _, r := range rows {
		if side == value.Dataverse {
			found[r.ID] = r
			continue
		}
		company := ""
		if c.Company >= 0 {
			company = r.Values[c.Slots[c.Company].FnO].String()
		}
		if key, ok := c.KeyOf(side, r.Values, company); ok {
			found[key] = r
		}
	}
	return found
}

// name is the name of an intent's row in match.
func (w *Writer) name(side value.Side, in *record.Intent) string {
	if side == value.Dataverse {
		return in.TargetID
	}
	return in.Key
}
