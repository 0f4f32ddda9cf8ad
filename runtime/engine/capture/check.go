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

// Check reads some known records of each company on both sides and tells what
// the user of dw cannot see any more, a sentence each: a company, or a column
// that is empty in records that nobody has changed. Fewer rows or nothing in a
// column must never spread as edits, so that the map should rest until it is
// mended. None: all is well.
func (w *Watcher) Check(ctx context.Context) ([]string, error) {
	var troubles []string
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		byCompany, err := w.sample(ctx, side)
		if err != nil {
			return nil, err
		}
		var all []*record.Pair
		for _, pairs := range byCompany {
			all = append(all, pairs...)
		}
		rows, err := w.readPairs(ctx, side, all)
		if err != nil {
			return nil, err
		}
		byID := make(map[string]connect.Row, len(rows))
		for _, row := range rows {
			byID[row.ID] = row
		}
		blank := map[string]int{}
		for company, pairs := range byCompany {
			there := 0
			for _, p := range pairs {
				row, ok := byID[p.End(side).ID]
				if !ok {
					continue
				}
				there++
				if row.Version == p.End(side).Version {
					w.blanks(side, p, row, blank)
				}
			}
			if there == 0 && len(pairs) >= 2 {
				troubles = append(troubles, fmt.Sprintf("none of %d known records%s can be read in %s", len(pairs), of(company), side.Title()))
			}
		}
		for column, records := range blank {
			if records < enoughBlank {
				continue
			}
			troubles = append(troubles, fmt.Sprintf("%s of %s is empty in records that nobody has changed: the user may have lost the right to read the column", column, side.Title()))
		}
	}
	slices.Sort(troubles)
	return troubles, nil
}

func of(company string) string {
	if company == "" {
		return ""
	}
	return " of company " + company
}

// sample gives some known pairs of each company. Companies whose records lie
// far from the first ones have fewer or none: the check is no scan.
func (w *Watcher) sample(ctx context.Context, side value.Side) (map[string][]*record.Pair, error) {
	byCompany := map[string][]*record.Pair{}
	const pages = 10
	after := int64(0)
	for range pages {
		var pairs []*record.Pair
		err := w.Env.Store.View(ctx, func(tx store.Tx) (err error) {
			pairs, err = tx.Pairs(w.Map.Name, after, w.Env.BatchSize(), false)
			return err
		})
		if err != nil || len(pairs) == 0 {
			return byCompany, err
		}
		after = pairs[len(pairs)-1].ID
		for _, p := range pairs {
			if p.Life == record.Linked && p.End(side).Version != "" && len(byCompany[p.Company]) < checked {
				byCompany[p.Company] = append(byCompany[p.Company], p)
			}
		}
	}
	return byCompany, nil
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
