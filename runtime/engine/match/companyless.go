package match

import (
	"context"

	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Found is a row without company, and the record that it belongs to.
type Found struct {
	Row    record.Observation
	Record *record.Observation // as it was read
	Way    string              // "key", the title of a way, or "" for the crosswalk
}

// Untold is a row of which there is no telling; Listed says why.
type Untold struct {
	Row    string
	Listed record.Listed
}

// Visit is told what becomes of rows without company, page by page. Left are
// rows for which nothing was found.
type Visit struct {
	Found  func(context.Context, []Found) error
	Untold func([]Untold) error
	Left   func(context.Context, []record.Observation) error
}

// Companyless finds the records of rows that have no company. Such a row lies in
// the store under its KeylessKey, in scope and without company. Nothing is
// stored but in the scratch store.
func Companyless(ctx context.Context, o Options, v Visit) error {
	o.Companyless = true
	f, err := find(ctx, o)
	if err != nil {
		return err
	}
	return walk(ctx, f.Env, f.Env.Store, f.Map.Name, func(work []store.Work) error {
		var rows []record.Observation
		for _, w := range work {
			if !capture.IsKeyless(w.Key) {
				continue
			}
			for _, o := range w.Dataverse {
				if o.Company == "" {
					rows = append(rows, o)
				}
			}
		}
		if len(rows) == 0 {
			return nil
		}
		return f.visit(ctx, rows, v)
	})
}

// visit tells what was decided about some rows.
func (f *finder) visit(ctx context.Context, rows []record.Observation, v Visit) error {
	var d decisions
	if err := d.read(ctx, f.Scratch, []store.Work{{Dataverse: rows}}); err != nil {
		return err
	}
	var found []Found
	var untold []Untold
	var left []record.Observation
	for _, o := range rows {
		p := d.of(&entry{side: o.Side, id: o.ID})
		switch {
		case p == nil:
			left = append(left, o)
		case p.Life == lifeMatched:
			rec, err := f.record(ctx, p)
			if err != nil {
				return err
			}
			found = append(found, Found{Row: o, Record: rec, Way: p.SeenAt})
		default:
			u := Untold{Row: o.ID}
			err := f.Scratch.View(ctx, func(tx store.Tx) error {
				l, err := tx.Listed(store.ListedQuery{Map: decided, Keys: []string{p.Key}}, 0, 1)
				if len(l) > 0 {
					u.Listed = l[0]
				}
				return err
			})
			if err != nil {
				return err
			}
			untold = append(untold, u)
		}
	}
	if err := v.Found(ctx, found); err != nil {
		return err
	}
	if err := v.Untold(untold); err != nil {
		return err
	}
	return v.Left(ctx, left)
}

// record gives the record of a decision as it was read.
func (f *finder) record(ctx context.Context, p *record.Pair) (o *record.Observation, err error) {
	err = f.Env.Store.View(ctx, func(tx store.Tx) error {
		found, err := observed(tx, f.Map.Name, p.Key, p.FnO.ID)
		o = &found
		return err
	})
	return o, err
}
