package capture

import (
	"context"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// checked is how many known records of a company are read by a check.
const checked = 20

// enoughBlank is in how many of them a column must have become empty: one or
// two may be on their way to be merged again.
const enoughBlank = 3

// Check reads some known records of each company on both sides and names the
// columns that are empty in records that nobody has changed: the user of dw may
// have lost the right to read them. Nothing of a column that cannot be read must
// spread as an edit, so that the map should rest until it is mended. Records
// that cannot be seen any more need no rest: see Watcher.absences.
func (w *Watcher) Check(ctx context.Context) ([]string, error) {
	var troubles []string
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		pairs, err := w.sample(ctx, side)
		if err != nil {
			return nil, err
		}
		rows, err := w.readPairs(ctx, side, pairs)
		if err != nil {
			return nil, err
		}
		byID := make(map[string]connect.Row, len(rows))
		for _, row := range rows {
			byID[row.ID] = row
		}
		blank := map[string]int{}
		for _, p := range pairs {
			if row, ok := byID[p.End(side).ID]; ok && row.Version == p.End(side).Version {
				w.blanks(side, p, row, blank)
			}
		}
		for column, records := range blank {
			if records >= enoughBlank {
				troubles = append(troubles, fmt.Sprintf("%s of %s is empty in records that nobody has changed: the user may have lost the right to read the column", column, side.Title()))
			}
		}
	}
	slices.Sort(troubles)
	return troubles, nil
}

// sample gives some known pairs of each company. Companies whose records lie
// far from the first ones have fewer or none: the check is no scan.
func (w *Watcher) sample(ctx context.Context, side value.Side) ([]*record.Pair, error) {
	var sample []*record.Pair
	of := map[string]int{} // company
	const pages = 10
	after := int64(0)
	for range pages {
		var pairs []*record.Pair
		err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.Pairs(w.Map.Name, after, w.Env.BatchSize(), false)
			return err
		})
		if err != nil || len(pairs) == 0 {
			return sample, err
		}
		after = pairs[len(pairs)-1].ID
		for _, p := range pairs {
			if p.Life == record.Linked && p.End(side).Version != "" && of[p.Company] < checked {
				sample = append(sample, p)
				of[p.Company]++
			}
		}
	}
	return sample, nil
}

// blanks counts the columns that were agreed as something and are nothing in
// the very version that was agreed.
func (w *Watcher) blanks(side value.Side, p *record.Pair, row connect.Row, blank map[string]int) {
	c := w.Map.Compiled
	if p.MapVersion != w.Map.Version || len(p.Base) != len(c.Slots) {
		return
	}
	columns := w.Query(side).Projection.Columns
	for i := range c.Slots {
		s := &c.Slots[i]
		at := s.FnO
		if side == value.Dataverse {
			at = s.Dataverse
		}
		if at >= len(row.Values) || at >= len(columns) || p.Base[i].State != record.Known {
			continue
		}
		then := p.Base[i].On(side)
		if row.Values[at].IsNull() && !then.IsNull() && !c.IsNothing(s, side, then) {
			blank[columns[at].Name]++
		}
	}
}
