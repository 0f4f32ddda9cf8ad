package capture

import (
	"context"
	"errors"
	"fmt"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// scan is a walk over all rows of one side that looks for rows whose version is
// not the agreed one, and for pairs whose row is not there.
type scan struct {
	began int64 // store's sequence before the first request
	next  string
	rows  int64
	seen  Set // pairs
}

// Scanning tells whether a scan of a side has begun and not ended.
func (w *Watcher) Scanning(side value.Side) bool { return w.scans[side] != nil }

// Anew drops scans in progress: what their pages showed is out of date.
func (w *Watcher) Anew() { w.scans = map[value.Side]*scan{} }

// Scan reads the next page of a scan of a side, or the first. On F&O the pages
// have keys and versions only, and what is not as agreed is read in full; where
// that shows that versions depend on what is read, pages are read in full. After
// the last page it judges what it did not see (see Watcher.absences). A scan
// that fails begins again: what it did not get to see says nothing.
//
// done tells that this was the last page; found is how many observations came
// of it.
func (w *Watcher) Scan(ctx context.Context, side value.Side) (done bool, found int, err error) {
	return w.scanPage(ctx, side)
}

func (w *Watcher) scanPage(ctx context.Context, side value.Side) (done bool, found int, err error) {
	done, found, err = w.nextPage(ctx, side)
	s := w.scans[side]
	if err != nil || done {
		delete(w.scans, side)
	}
	if err == nil {
		return done, found, nil
	}
	err = fmt.Errorf("scan %s for map %s: %w", side.Title(), w.Map.Name, err)
	if s != nil && s.rows > 0 && ctx.Err() == nil {
		err = errors.Join(err, w.scanFailed(ctx, side, s.rows, err))
	}
	return done, found, err
}

func (w *Watcher) nextPage(ctx context.Context, side value.Side) (done bool, found int, err error) {
	asOf, err := w.asOf(ctx)
	if err != nil {
		return false, 0, err
	}
	s := w.scans[side]
	if s == nil {
		s = &scan{began: asOf, seen: Set{}}
		w.scans[side] = s
	}
	q := w.scanQuery(side)
	q.Resume = s.next
	page, err := w.Env.Connector(side).Page(ctx, q)
	if err != nil {
		return false, 0, err
	}
	s.rows += int64(len(page.Rows))
	pairs, err := w.pairsOf(ctx, side, rowIDs(page.Rows))
	if err != nil {
		return false, 0, err
	}
	var moved, strange []connect.Row
	for _, row := range page.Rows {
		p := pairs[row.ID]
		switch {
		case p == nil && w.judged.has(side, row):
		case p == nil:
			strange, moved = append(strange, row), append(moved, row)
		default:
			s.seen.Add(p.ID)
			if row.Version == "" || p.End(side).Version != row.Version {
				moved = append(moved, row)
			}
		}
	}
	c, err := w.inFull(ctx, side, moved, pairs, asOf)
	if err != nil {
		return false, 0, err
	}
	if page.Next == "" {
		absent, err := w.absences(ctx, side, s)
		if err != nil {
			return false, 0, err
		}
		c.add(absent)
	}
	var last func(store.Tx) error
	if page.Next == "" && side == value.Dataverse && page.Token != "" {
		// Only now is what the old token stood for judged as a whole.
		last = func(tx store.Tx) error {
			return tx.PutCursor(w.Map.Name, side, store.Cursor{Phase: "done", Token: page.Token, Rows: s.rows})
		}
	}
	if err := w.store(ctx, c, last); err != nil {
		return false, 0, err
	}
	w.judged.add(side, strange)
	if s.next = page.Next; s.next == "" && side == value.Dataverse {
		w.wholeAt = w.Env.Host.Clock.Now()
	}
	n := len(c.observations) + c.stored
	if n > 0 {
		w.Env.Host.Markers.Reached(engine.MarkPageStored)
	}
	return page.Next == "", n, nil
}

// scanQuery asks for all rows: on F&O by key and version, on Dataverse, where a
// page has to be a tracked one to give a new token, in full.
func (w *Watcher) scanQuery(side value.Side) connect.Query {
	q := w.Query(side)
	if side == value.FnO && !w.wide {
		q.Projection = KeysOf(q.Projection.Table)
	}
	return q
}

// KeysOf gives the projection of an entity that has its key only; of a
// Dataverse table it has no column, since rows come with their ids.
func KeysOf(t *schema.Table) *transform.Projection {
	p := &transform.Projection{Table: t}
	if t.Side == value.Dataverse {
		return p
	}
	for _, name := range t.Key {
		if f := t.Field(name); f != nil {
			p.Columns = append(p.Columns, f)
		}
	}
	return p
}

// inFull gives observations of rows of a scan that are not as agreed. Rows of
// F&O that have gone since their page was read are left to the next scan.
func (w *Watcher) inFull(ctx context.Context, side value.Side, rows []connect.Row, pairs map[string]*record.Pair, asOf int64) (captured, error) {
	if side == value.Dataverse || w.wide {
		return w.seen(ctx, side, rows, pairs, asOf)
	}
	ids := make([]connect.RowID, len(rows))
	for i, row := range rows {
		ids[i] = connect.RowID{ID: row.ID, Key: row.Values}
	}
	full, err := w.readRows(ctx, side, ids)
	if err != nil {
		return captured{}, err
	}
	// Another record may have taken a key since.
	more := make([]string, 0, len(full))
	for _, row := range full {
		if pairs[row.ID] == nil {
			more = append(more, row.ID)
		}
	}
	known, err := w.pairsOf(ctx, side, more)
	if err != nil {
		return captured{}, err
	}
	for id, p := range known {
		pairs[id] = p
	}
	full, same := w.moved(full, pairs)
	if same > 1 && 2*same > len(rows) {
		// They are as agreed though their keys came with other versions: that
		// F&O's version does not depend on the fields asked for is documented
		// nowhere.
		w.wide = true
	}
	return w.seen(ctx, side, full, pairs, asOf)
}

// moved leaves out rows of F&O that are in the version that was agreed, and
// counts them.
func (w *Watcher) moved(rows []connect.Row, pairs map[string]*record.Pair) (left []connect.Row, same int) {
	left = rows[:0]
	for _, row := range rows {
		if p := pairs[row.ID]; p != nil && row.Version != "" && p.End(value.FnO).Version == row.Version {
			same++
			continue
		}
		left = append(left, row)
	}
	return left, same
}
