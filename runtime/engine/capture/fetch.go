package capture

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Again reads the records of canonical keys afresh on both sides and captures
// them, whatever was made of them before. What becomes of a record of a pair that
// is not there says Gone. It gives the keys of which it found something.
func (r *Reader) Again(ctx context.Context, keys []string) (found map[string]bool, err error) {
	asOf, err := r.asOf(ctx)
	if err != nil {
		return nil, err
	}
	all, absent, err := r.fetch(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		gone, err := r.Gone(ctx, side, absent[side])
		if err == nil {
			err = r.refused(ctx, side, absent[side], gone)
		}
		if err != nil {
			return nil, err
		}
		certain := slices.DeleteFunc(absent[side], func(p *record.Pair) bool { return !gone[p.ID] })
		all.observations = append(all.observations, r.deleted(side, certain, asOf)...)
	}
	found = map[string]bool{}
	for _, o := range all.observations {
		found[o.Key] = true
	}
	return found, r.store(ctx, all, nil)
}

// refused adds to gone those of absent whose delete on a side was certain before:
// the other side has refused to follow it.
func (r *Reader) refused(ctx context.Context, side value.Side, absent []*record.Pair, gone map[int64]bool) error {
	if len(absent) == 0 {
		return nil
	}
	keys := make([]string, len(absent))
	for i, p := range absent {
		keys[i] = p.Key
	}
	return r.Env.Store.View(ctx, func(tx store.Tx) error {
		listed, err := tx.Listed(store.ListedQuery{Map: r.Map.Name, Kind: record.Failed, Keys: keys}, 0, 0)
		for _, l := range listed {
			for _, p := range absent {
				if l.Code == diag.CodeDeleteRefused && l.Side == side.Other() && l.Key == p.Key {
					gone[p.ID] = true
				}
			}
		}
		return err
	})
}

// Holders reads the rows of a side that have one of some canonical keys, in or
// out of scope, and stores nothing. It finds none where the key has no column of
// text on that side.
func (r *Reader) Holders(ctx context.Context, side value.Side, keys []string) ([]record.Observation, error) {
	wanted := make(map[string]bool, len(keys))
	for _, key := range keys {
		wanted[key] = true
	}
	asOf, err := r.asOf(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := r.byKey(ctx, side, wanted)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	obs, err := r.Observe(ctx, side, rows, asOf)
	return slices.DeleteFunc(obs, func(o record.Observation) bool { return !wanted[o.Key] }), err
}

// Nowhere gives those of keys that Again has not found and of which there is no
// pair either: there is no such record any more. Keys that cannot be looked for
// on both sides are left out.
func (r *Reader) Nowhere(ctx context.Context, keys []string, found map[string]bool) ([]string, error) {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		if _, column := r.keyColumn(side); column == nil {
			return nil, nil
		}
	}
	var gone []string
	for _, key := range keys {
		if !found[key] && !IsKeyless(key) {
			gone = append(gone, key)
		}
	}
	if len(gone) == 0 {
		return nil, nil
	}
	err := r.Env.Store.View(ctx, func(tx store.Tx) error {
		pairs, err := tx.PairsByKey(r.Map.Name, gone)
		for _, p := range pairs {
			gone = slices.DeleteFunc(gone, func(key string) bool { return key == p.Key })
		}
		return err
	})
	return gone, err
}

// Sight is a record as it is on both sides; nil where it is not there or where
// several rows have its key.
type Sight struct{ FnO, Dataverse *record.Observation }

// Sights looks at the records of canonical keys on both sides and stores
// nothing.
func (r *Reader) Sights(ctx context.Context, keys []string) (map[string]Sight, error) {
	all, _, err := r.fetch(ctx, keys)
	if err != nil {
		return nil, err
	}
	type place struct {
		key  string
		side value.Side
	}
	times := map[place]int{}
	sights := map[string]Sight{}
	for i := range all.observations {
		o := &all.observations[i]
		at := place{o.Key, o.Side}
		if times[at]++; times[at] > 1 {
			o = nil
		}
		s := sights[at.key]
		if at.side == value.FnO {
			s.FnO = o
		} else {
			s.Dataverse = o
		}
		sights[at.key] = s
	}
	return sights, nil
}

// fetch reads records by their pairs, or by their key where there is none; it
// gives the pairs whose records are not there.
func (r *Reader) fetch(ctx context.Context, keys []string) (all captured, absent map[value.Side][]*record.Pair, err error) {
	var pairs []*record.Pair
	err = r.Env.Store.View(ctx, func(tx store.Tx) error {
		pairs, err = tx.PairsByKey(r.Map.Name, keys)
		return err
	})
	if err != nil {
		return all, nil, err
	}
	absent = map[value.Side][]*record.Pair{}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		c, gone, err := r.fetchOn(ctx, side, keys, pairs)
		if err != nil {
			return all, nil, err
		}
		all.add(c)
		absent[side] = gone
	}
	return all, absent, nil
}

func (r *Reader) fetchOn(ctx context.Context, side value.Side, keys []string, pairs []*record.Pair) (c captured, absent []*record.Pair, err error) {
	known := map[string]bool{}
	var mine []*record.Pair
	for _, p := range pairs {
		if p.End(side).ID != "" {
			known[p.Key] = true
			mine = append(mine, p)
		}
	}
	asOf, err := r.asOf(ctx)
	if err != nil {
		return c, nil, err
	}
	if c, absent, err = r.look(ctx, side, mine); err != nil {
		return c, nil, err
	}
	for _, p := range absent {
		known[p.Key] = false // another record may have its key
	}
	wanted := map[string]bool{}
	for _, key := range keys {
		if !known[key] {
			wanted[key] = true
		}
	}
	rows, err := r.byKey(ctx, side, wanted)
	if err != nil || len(rows) == 0 {
		return c, absent, err
	}
	others, err := r.pairsOf(ctx, side, rowIDs(rows))
	if err != nil {
		return c, nil, err
	}
	more, err := r.seen(ctx, side, rows, others, asOf)
	if err != nil {
		return c, nil, err
	}
	taken := map[string]bool{}
	for _, o := range c.observations {
		taken[o.ID] = true
	}
	for _, o := range more.observations {
		if wanted[o.Key] && !taken[o.ID] {
			c.observations = append(c.observations, o)
		}
	}
	return c, absent, nil
}

// Finds tells whether rows of a side can be looked for by canonical keys.
func (r *Reader) Finds(side value.Side) bool {
	_, column := r.keyColumn(side)
	return column != nil
}

// byKey reads the rows of a side that may have one of some canonical keys: those
// with the same text in one column of the key. It finds none where the key has
// no column of text on that side.
func (r *Reader) byKey(ctx context.Context, side value.Side, keys map[string]bool) ([]connect.Row, error) {
	c := r.Map.Compiled
	at, column := r.keyColumn(side)
	if column == nil || len(keys) == 0 {
		return nil, nil
	}
	byCompany := map[string][]value.Value{}
	var order []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		parts := strings.Split(key, "\x1f")
		if len(parts) != len(c.Key) {
			continue
		}
		company := ""
		if side == value.FnO && c.Company >= 0 && c.Key[0] == c.Company {
			company = parts[0]
		}
		if byCompany[company] == nil {
			order = append(order, company)
		}
		byCompany[company] = append(byCompany[company], value.NewText(parts[at]))
	}
	var ids []connect.RowID
	for _, company := range order {
		q := connect.FindQuery{Table: r.Query(side).Projection.Table, Column: column.Name, Values: byCompany[company], Company: company}
		if side == value.FnO {
			q.Columns = q.Table.Key
		}
		rows, err := r.Env.Connector(side).Find(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			ids = append(ids, connect.RowID{ID: row.ID, Key: row.Values})
		}
	}
	return r.readRows(ctx, side, ids)
}

// keyColumn gives a column of text of the key on a side, and its place in
// canonical keys.
func (r *Reader) keyColumn(side value.Side) (int, *schema.Field) {
	c := r.Map.Compiled
	columns := r.Query(side).Projection.Columns
	for n, k := range c.Key {
		s := &c.Slots[k]
		at := s.FnO
		if side == value.Dataverse {
			at = s.Dataverse
		}
		if k != c.Company && at < len(columns) && columns[at].Type == schema.TypeText {
			return n, columns[at]
		}
	}
	return -1, nil
}
