package capture

import (
	"context"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Report is what a side says by itself about one record: a hint to look.
type Report struct {
	ID  string        // Dataverse: guid. F&O: RecId; "" unknown
	Key []value.Value // F&O: values of the entity key; nil unknown
	// Deleted says that the side calls the record deleted, which is not true any
	// more where it came back.
	Deleted bool
}

// Reported looks at the records that a side has reported and captures them. A
// record that is not there counts as deleted where the side said so. It gives
// how many observations came of it, and whether all reports could be told: what
// could not is for a scan to find.
//
// It may run beside the watcher's other methods if the reader is its own.
func (r *Reader) Reported(ctx context.Context, side value.Side, reports []Report) (found int, all bool, err error) {
	asOf, err := r.asOf(ctx)
	if err != nil {
		return 0, false, err
	}
	pairs, err := r.reportedPairs(ctx, side, reports)
	if err != nil {
		return 0, false, err
	}
	all = true
	var ids []connect.RowID
	named := map[string]bool{} // that are asked for already
	for i, rep := range reports {
		p := pairs[i]
		id := connect.RowID{ID: rep.ID, Key: rep.Key}
		if p != nil && len(rep.Key) == 0 {
			id = connect.RowID{ID: p.End(side).ID, Key: p.End(side).Key}
		}
		if side == value.Dataverse && id.ID == "" || side == value.FnO && len(id.Key) == 0 {
			all = false
			continue
		}
		if name := nameOf(side, id); !named[name] {
			named[name], ids = true, append(ids, id)
		}
	}
	rows, err := r.readRows(ctx, side, ids)
	if err != nil {
		return 0, false, err
	}
	known, err := r.pairsOf(ctx, side, rowIDs(rows))
	if err != nil {
		return 0, false, err
	}
	c, _, err := r.changed(ctx, side, rows, known, asOf)
	if err != nil {
		return 0, false, err
	}
	gone, sure := absent(side, reports, pairs, rows)
	doubtful, err := r.believed(ctx, side, together(nil, gone))
	if err != nil {
		return 0, false, err
	}
	if len(doubtful) > 0 {
		sure = false
		gone = slices.DeleteFunc(gone, func(p *record.Pair) bool { return doubtful[p.Company] })
	}
	c.observations = append(c.observations, r.deleted(side, gone, asOf)...)
	return len(c.observations), all && sure, r.store(ctx, c, nil)
}

// nameOf gives what tells the records of reports apart.
func nameOf(side value.Side, id connect.RowID) string {
	if side == value.Dataverse {
		return id.ID
	}
	parts := make([]string, len(id.Key))
	for i, v := range id.Key {
		parts[i] = strings.ToLower(v.String())
	}
	return strings.Join(parts, "\x1f")
}

// absent gives the pairs whose records the side calls deleted and that were not
// found. It is not sure where a record was not found that is said to be there:
// it may have been deleted since, or have another key by now.
func absent(side value.Side, reports []Report, pairs []*record.Pair, rows []connect.Row) (gone []*record.Pair, sure bool) {
	there := map[string]bool{}
	for _, row := range rows {
		there[row.ID] = true
	}
	sure = true
	for i, rep := range reports {
		p := pairs[i]
		if p == nil || p.End(side).ID == "" || there[p.End(side).ID] {
			continue
		}
		there[p.End(side).ID] = true // once is enough
		if rep.Deleted {
			gone = append(gone, p)
		} else {
			sure = false
		}
	}
	return gone, sure
}

// reportedPairs finds the pair of each report, nil where there is none: by id,
// or by the key where the entity's key is the map's.
func (r *Reader) reportedPairs(ctx context.Context, side value.Side, reports []Report) ([]*record.Pair, error) {
	var ids, keys []string
	byKey := make([]string, len(reports))
	for i, rep := range reports {
		if rep.ID != "" {
			ids = append(ids, rep.ID)
		}
		if key, ok := r.keyOf(side, rep.Key); ok {
			byKey[i] = key
			keys = append(keys, key)
		}
	}
	found, err := r.pairsOf(ctx, side, ids)
	if err != nil {
		return nil, err
	}
	named := map[string]*record.Pair{}
	if len(keys) > 0 {
		err = r.Env.Store.View(ctx, func(tx store.Tx) error {
			pairs, err := tx.PairsByKey(r.Map.Name, keys)
			for _, p := range pairs {
				named[p.Key] = p
			}
			return err
		})
	}
	pairs := make([]*record.Pair, len(reports))
	for i, rep := range reports {
		if pairs[i] = found[rep.ID]; pairs[i] == nil && rep.ID == "" {
			pairs[i] = named[byKey[i]]
		}
	}
	return pairs, err
}

// keyOf gives the canonical key of an F&O record by its entity key, where that
// has all of it.
func (r *Reader) keyOf(side value.Side, key []value.Value) (string, bool) {
	c := r.Map.Compiled
	t := c.FnO.Table
	if side != value.FnO || len(key) != len(t.Key) {
		return "", false
	}
	vals := make([]value.Value, len(c.FnO.Columns))
	for i, name := range t.Key {
		if at := c.FnO.Index(name); at >= 0 {
			vals[at] = key[i]
		}
	}
	company := ""
	if c.Company >= 0 {
		if company = spelling(r.Map.Def.Companies, vals[c.Slots[c.Company].FnO].String()); company == "" {
			return "", false
		}
	}
	return c.KeyOf(side, c.Widen(side, vals, nil), company)
}
