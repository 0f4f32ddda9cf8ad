package match

import (
	"context"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// decisions are what was decided about the records and rows of a page, before
// and now. They lie in the scratch store as pairs: of what belongs together, or
// with one end where there is no telling.
type decisions struct {
	byEnd   map[string]*record.Pair
	changed []*record.Pair
	gone    []int64
	listed  []record.Listed
	over    []string // keys of failures that are none any more
}

// read takes in what was decided about the records and rows of a page, and about
// those that they were matched with.
func (d *decisions) read(ctx context.Context, scratch store.Store, work []store.Work) error {
	d.byEnd = map[string]*record.Pair{}
	ids := map[value.Side][]string{}
	for _, w := range work {
		for _, o := range append(w.FnO[:len(w.FnO):len(w.FnO)], w.Dataverse...) {
			ids[o.Side] = append(ids[o.Side], o.ID)
		}
	}
	return scratch.View(ctx, func(tx store.Tx) error {
		for side, list := range ids {
			pairs, err := tx.PairsByEnd(decided, side, list)
			if err != nil {
				return err
			}
			for _, p := range pairs {
				if at := d.byEnd[endOf(p)]; at != nil {
					continue // one pair, found by both of its ends
				}
				d.put(p)
			}
		}
		return nil
	})
}

func endOf(p *record.Pair) string {
	if p.FnO.ID != "" {
		return string(value.FnO) + p.FnO.ID
	}
	return string(value.Dataverse) + p.Dataverse.ID
}

func (d *decisions) put(p *record.Pair) {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		if id := p.End(side).ID; id != "" {
			d.byEnd[string(side)+id] = p
		}
	}
}

// of gives what was decided about a record or row; nil: nothing.
func (d *decisions) of(e *entry) *record.Pair { return d.byEnd[string(e.side)+e.id] }

// drop takes back what was decided about an entry.
func (d *decisions) drop(e *entry) {
	p := d.of(e)
	if p == nil {
		return
	}
	if p.Life != lifeMatched {
		d.over = append(d.over, p.Key)
		d.listed = slices.DeleteFunc(d.listed, func(l record.Listed) bool { return l.Key == p.Key })
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		delete(d.byEnd, string(side)+p.End(side).ID)
	}
	d.changed = slices.DeleteFunc(d.changed, func(o *record.Pair) bool { return o == p })
	if p.ID != 0 {
		d.gone = append(d.gone, p.ID)
	}
}

// match notes that a record and a row belong together; title names the way, ""
// the crosswalk.
func (d *decisions) match(rec, row *entry, title string) {
	d.drop(rec)
	d.drop(row)
	p := &record.Pair{
		Map: decided, Key: rec.key, Company: rec.company, Life: lifeMatched, Written: rec.seq, SeenAt: title,
		FnO: record.End{ID: rec.id, Key: rec.entity, Version: rec.readable}, Dataverse: record.End{ID: row.id, Version: row.key},
	}
	d.put(p)
	d.changed = append(d.changed, p)
}

// fail notes that there is no telling about a record or row.
func (d *decisions) fail(e *entry, l record.Listed) { d.fails(e, l, lifeFailed) }

// contradict is fail for good.
func (d *decisions) contradict(e *entry, l record.Listed) { d.fails(e, l, lifeContradicted) }

func (d *decisions) fails(e *entry, l record.Listed, life record.Life) {
	d.drop(e)
	p := &record.Pair{Map: decided, Key: e.key, Company: e.company, Life: life, Written: e.seq}
	*p.End(e.side) = record.End{ID: e.id, Version: e.key}
	d.put(p)
	d.changed = append(d.changed, p)
	l.Map, l.Key = decided, e.key
	d.listed = append(d.listed, l)
}

func (d *decisions) save(ctx context.Context, scratch store.Store) error {
	if len(d.changed)+len(d.gone) == 0 {
		return nil
	}
	return scratch.Update(ctx, func(tx store.Tx) error {
		if err := tx.DeletePairs(d.gone); err != nil {
			return err
		}
		if err := tx.Unlist(decided, d.over); err != nil {
			return err
		}
		if err := tx.PutPairs(d.changed); err != nil {
			return err
		}
		return tx.PutListed(d.listed)
	})
}
