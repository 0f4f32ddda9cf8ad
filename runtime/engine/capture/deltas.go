package capture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// tokenAge is after how long a token is renewed though nothing has changed: the
// service forgets tokens after some days.
const tokenAge = time.Hour

// wholeAgain is the time between two reads of a whole tracked table while
// deletes of its records are held back.
const wholeAgain = time.Hour

// Tracked tells whether the changes of the Dataverse table can be asked for. If
// not, it is scanned like an F&O entity.
func (w *Watcher) Tracked() bool {
	return w.Env.Dataverse.Capabilities(w.Map.Compiled.Dataverse.Table).Changes
}

// Deltas captures what changed on Dataverse since the token, page by page: each
// is stored with the place to go on at, and the token moves with the last one.
// It gives how many observations came of it.
//
// A token that the service does not take any more begins a tracked read of the
// whole table in its place, a page a call, and stays until that is judged.
func (w *Watcher) Deltas(ctx context.Context) (int, error) {
	n := 0
	for {
		more, found, err := w.delta(ctx)
		n += found
		if err != nil || !more {
			return n, err
		}
		if err := w.Env.Stopped(ctx); err != nil {
			return n, err
		}
	}
}

// delta captures one page.
func (w *Watcher) delta(ctx context.Context) (more bool, found int, err error) {
	side := value.Dataverse
	var cur store.Cursor
	var asOf int64
	err = w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		if cur, err = tx.Cursor(w.Map.Name, side); err != nil {
			return err
		}
		asOf, err = tx.Seq()
		return err
	})
	if err != nil {
		return false, 0, err
	}
	if w.scans[side] != nil || cur.Token == "" && cur.Next == "" {
		_, found, err = w.scanPage(ctx, side)
		return false, found, err
	}
	q := w.Query(side)
	if q.Resume = cur.Next; q.Resume == "" {
		q.Resume = cur.Token
	}
	page, err := w.Env.Dataverse.Changes(ctx, q)
	if errors.Is(err, connect.ErrTokenExpired) {
		if cur.Next != "" && cur.Token != "" { // perhaps only the link between two pages
			err = w.putCursor(ctx, store.Cursor{Phase: cur.Phase, Token: cur.Token, Rows: cur.Rows})
			return err == nil, 0, err
		}
		_, found, err = w.scanPage(ctx, side)
		return false, found, err
	}
	if err != nil {
		return false, 0, fmt.Errorf("read changes of Dataverse for map %s: %w", w.Map.Name, err)
	}
	pairs, err := w.pairsOf(ctx, side, rowIDs(page.Rows))
	if err != nil {
		return false, 0, err
	}
	c, gone, err := w.changed(ctx, side, page.Rows, pairs, asOf)
	if err != nil {
		return false, 0, err
	}
	next := store.Cursor{Phase: "done", Next: page.Next, Token: page.Token, Rows: cur.Rows}
	if page.Next != "" {
		next.Token = cur.Token
	}
	if cur.Next == "" {
		w.gone = nil // a round begins
	}
	w.gone = together(w.gone, gone)
	doubtful, err := w.believed(ctx, side, w.gone)
	if err != nil {
		return false, 0, err
	}
	gone = slices.DeleteFunc(gone, func(p *record.Pair) bool { return doubtful[p.Company] })
	c.observations = append(c.observations, w.deleted(side, gone, asOf)...)
	if len(doubtful) > 0 {
		// A read of the whole table in the token's place judges what is not there.
		next, page.Next, w.gone = store.Cursor{Phase: "done", Rows: cur.Rows}, "", nil
	}
	now := w.Env.Host.Clock.Now()
	if len(page.Rows) == 0 && cur.Next == "" && page.Next == "" && now.Sub(w.tokenAt) < tokenAge {
		return false, 0, nil // the token at hand says the same
	}
	err = w.store(ctx, c, func(tx store.Tx) error { return tx.PutCursor(w.Map.Name, side, next) })
	if err != nil {
		return false, 0, err
	}
	w.tokenAt = now
	w.Env.Host.Markers.Reached(engine.MarkPageStored)
	return page.Next != "", len(c.observations), nil
}

// Reconsider begins a read of the whole table where deletes on Dataverse are
// held back and that may be over: records that cannot be seen are not reported
// as changed when they can be seen again.
func (w *Watcher) Reconsider(ctx context.Context) error {
	const side = value.Dataverse
	if !w.Tracked() || w.Scanning(side) {
		return nil
	}
	var keys []string
	for _, company := range w.parts() {
		keys = append(keys, absenceKey(side, company))
	}
	var held []record.Listed
	err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		held, err = tx.Listed(store.ListedQuery{Map: w.Map.Name, Kind: record.Held, Keys: keys}, 0, 0)
		return err
	})
	if err != nil {
		return err
	}
	for _, l := range held {
		over := w.Env.Host.Clock.Now().Sub(w.wholeAt) > wholeAgain
		if !over && l.Code == diag.CodeNothingSeen {
			over, err = w.companyReadable(ctx, side, newGroup(l.Company))
		}
		if err != nil {
			return err
		}
		if over {
			return w.putCursor(ctx, store.Cursor{Phase: "done"})
		}
	}
	return nil
}

func (w *Watcher) putCursor(ctx context.Context, c store.Cursor) error {
	return w.Env.Store.Update(ctx, func(tx store.Tx) error { return tx.PutCursor(w.Map.Name, value.Dataverse, c) })
}
