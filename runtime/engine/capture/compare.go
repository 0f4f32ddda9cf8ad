package capture

import (
	"context"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Compare reads the contents of the next n pairs on both sides and captures those
// that are not as agreed though their version is: computed, calculated and
// virtual columns, and edits that went past the application. What it captures is
// an observation like any: merge decides. It begins again after the last pair and
// goes on where an earlier process was; looked is how many it looked at.
func (w *Watcher) Compare(ctx context.Context, n int) (looked int, found map[value.Side]int, err error) {
	var round store.Round
	var pairs []*record.Pair
	var asOf int64
	err = w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		if round, err = store.RoundOf(tx, w.Map.Name); err != nil {
			return err
		}
		if pairs, err = tx.Pairs(w.Map.Name, round.After, n, false); err != nil {
			return err
		}
		asOf, err = tx.Seq()
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	found = map[value.Side]int{}
	var all captured
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		c, err := w.compareOn(ctx, side, pairs, asOf)
		if err != nil {
			return 0, nil, err
		}
		all.add(c)
		found[side] = len(c.observations)
	}
	now := w.Env.Host.Clock.Now().UTC().Format(time.RFC3339)
	if round.Began == "" {
		round.Began = now
	}
	round.Looked += int64(len(pairs))
	round.Found += int64(len(all.observations))
	if len(pairs) > 0 {
		round.After = pairs[len(pairs)-1].ID
	}
	// The round that ended stays in sight while the next one goes on.
	if len(pairs) < n {
		round = store.Round{Ended: now, LastBegan: round.Began, LastLooked: round.Looked, LastFound: round.Found}
	}
	err = w.store(ctx, all, func(tx store.Tx) error { return store.PutRound(tx, w.Map.Name, round) })
	return len(pairs), found, err
}

// compareOn reads one side of pairs.
func (w *Watcher) compareOn(ctx context.Context, side value.Side, pairs []*record.Pair, asOf int64) (captured, error) {
	rows, err := w.readPairs(ctx, side, pairs)
	if err != nil || len(rows) == 0 {
		return captured{}, err
	}
	byID := make(map[string]*record.Pair, len(pairs))
	for _, p := range pairs {
		byID[p.End(side).ID] = p
	}
	wide, err := w.Widen(ctx, side, rows)
	if err != nil {
		return captured{}, err
	}
	var moved []connect.Row
	for i, row := range rows {
		if p := byID[row.ID]; p != nil && w.differs(side, p, wide[i]) {
			moved = append(moved, row)
		}
	}
	return w.seen(ctx, side, moved, byID, asOf)
}

// differs tells whether a row, with full values, has other ones than were
// agreed.
func (w *Watcher) differs(side value.Side, p *record.Pair, row connect.Row) bool {
	c := w.Map.Compiled
	if p.MapVersion != w.Map.Version || len(p.Base) != len(c.Slots) {
		return true
	}
	for i := range c.Slots {
		s := &c.Slots[i]
		if p.Base[i].State != record.Known {
			continue
		}
		at := s.FnO
		if side == value.Dataverse {
			at = s.Dataverse
		}
		if at >= len(row.Values) {
			continue
		}
		now, then := row.Values[at], p.Base[i].On(side)
		if side == value.Dataverse && c.IsNothing(s, side, now) && row.Version == p.End(side).Version {
			continue // more likely a column that the user of dw may not read any more
		}
		if now != then && !(c.IsNothing(s, side, now) && c.IsNothing(s, side, then)) {
			return true
		}
	}
	return false
}
