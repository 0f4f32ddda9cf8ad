package handle

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// refresh reads again what was seen some time ago, before it is acted upon:
// rows may have changed or gone since.
func (h *Handler) refresh(ctx context.Context, items []*item) error {
	for _, side := range sides {
		var ends []*record.Pair
		for _, it := range items {
			if o := it.observation(side); o != nil {
				ends = append(ends, h.end(o))
			}
		}
		obs, err := h.Reader.Read(ctx, side, ends)
		if err != nil {
			return err
		}
		byID := make(map[string]*record.Observation, len(obs))
		for i := range obs {
			byID[obs[i].ID] = &obs[i]
		}
		for _, it := range items {
			if o := it.observation(side); o != nil {
				it.observe(side, byID[o.ID])
			}
		}
	}
	return nil
}

// complete reads the side of known pairs that nobody has just observed: agreed
// values are never taken for what is there now.
func (h *Handler) complete(ctx context.Context, items []*item) error {
	for _, side := range sides {
		var asked []*item
		var pairs []*record.Pair
		for _, it := range items {
			if p := it.in.Pair; p != nil && p.End(side).ID != "" && it.observation(side) == nil {
				asked, pairs = append(asked, it), append(pairs, p)
			}
		}
		obs, err := h.Reader.Read(ctx, side, pairs)
		if err != nil {
			return err
		}
		byKey := make(map[string]*record.Observation, len(obs))
		byID := make(map[string]*record.Observation, len(obs))
		for i := range obs {
			byKey[obs[i].Key], byID[obs[i].ID] = &obs[i], &obs[i]
		}
		var absent []*item
		for _, it := range asked {
			p := it.in.Pair
			// The row itself, whatever its key is now; else another one that
			// has taken its place.
			switch {
			case byID[p.End(side).ID] != nil:
				it.observe(side, byID[p.End(side).ID])
			case byKey[p.Key] != nil:
				it.observe(side, byKey[p.Key])
			case it.gone[index(side)]:
				it.observe(side, deleted(p, side))
			default:
				absent = append(absent, it)
			}
		}
		if err := h.absent(ctx, side, absent); err != nil {
			return err
		}
	}
	return nil
}

// deleted gives the observation of a pair's record that is certain to be gone.
func deleted(p *record.Pair, side value.Side) *record.Observation {
	return &record.Observation{Map: p.Map, Side: side, Key: p.Key, Company: p.Company, ID: p.End(side).ID, Deleted: true}
}

// absent judges items whose record of a side was not found. It may be there
// and have lost what makes it a record of the map; else whoever judges absences
// is asked.
func (h *Handler) absent(ctx context.Context, side value.Side, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	ids := make([]connect.RowID, len(items))
	for i, it := range items {
		end := it.in.Pair.End(side)
		ids[i] = connect.RowID{ID: end.ID, Key: end.Key}
	}
	rows, err := h.Env.Connector(side).Read(ctx, h.Reader.Query(side).Projection, ids)
	if err != nil {
		return fmt.Errorf("read records of map %s in %s: %w", h.Map.Name, side.Title(), err)
	}
	byID := make(map[string]connect.Row, len(rows))
	for _, r := range rows {
		byID[r.ID] = r
	}
	var unseen []*item
	var pairs []*record.Pair
	for _, it := range items {
		p := it.in.Pair
		if row, there := byID[p.End(side).ID]; there {
			o := &record.Observation{Map: p.Map, Side: side, Key: p.Key, ID: row.ID, Version: row.Version,
				Values: h.Map.Compiled.Widen(side, row.Values, nil)}
			if p.Life == record.Matched { // it lacks no more than its key
				o.Company, o.InScope = p.Company, h.Map.Compiled.InScope(side, o.Values, p.Company)
			}
			it.observe(side, o)
			continue
		}
		unseen, pairs = append(unseen, it), append(pairs, p)
	}
	if len(pairs) == 0 || h.Absent == nil {
		return nil
	}
	gone, err := h.Absent(ctx, side, pairs)
	if err != nil {
		return err
	}
	for _, it := range unseen {
		if p := it.in.Pair; gone[p.ID] {
			it.observe(side, deleted(p, side))
		} else if it.seen() != nil || it.observation(side.Other()) == nil && side == value.FnO {
			it.unseen(side)
		}
	}
	return nil
}

// unseen sets an item aside whose record of a side cannot be seen now.
func (it *item) unseen(side value.Side) {
	p := it.in.Pair
	it.waits = true
	it.aside = append(it.aside, record.Listed{
		Kind: record.Parked, Map: p.Map, Key: p.Key, Record: transform.ReadableCanonical(p.Key), Company: p.Company, Side: side, Code: diag.CodeNotSeen,
		Reason: fmt.Sprintf("It was agreed on both sides and is not found in %s now, but it is not certain that it was deleted.", side.Title()),
		Hint:   "It goes on by itself once it is seen again or is certain to be deleted; see whether the user of dw may still read it.",
	})
}

// rebase carries the agreed values of pairs over from the version of the map
// under which they were agreed.
func (h *Handler) rebase(ctx context.Context, items []*item) error {
	for _, it := range items {
		p := it.in.Pair
		if p == nil || p.MapVersion == h.Map.Version {
			continue
		}
		old, err := h.version(ctx, p.MapVersion)
		if err != nil {
			return err
		}
		fresh := *p
		fresh.Base = make([]record.FieldBase, len(h.Map.Compiled.Slots))
		if old != nil {
			fresh.Base = merge.Rebase(old, h.Map.Compiled, p.Base)
		}
		fresh.MapVersion = h.Map.Version
		it.in.Pair = &fresh
	}
	return nil
}

// version gives an earlier version of the map; nil where it is not known.
func (h *Handler) version(ctx context.Context, n int) (*transform.Compiled, error) {
	if c, ok := h.versions[n]; ok {
		return c, nil
	}
	var history []plan.DeployedMap
	err := h.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		history, err = tx.History(h.Env.Link, h.Map.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	if h.versions == nil {
		h.versions = map[int]*transform.Compiled{}
	}
	h.versions[n] = nil
	for i, d := range history {
		if d.Version == n {
			// Fields that have other names since are looked for under these.
			for _, later := range history[i+1:] {
				if later.Version > h.Map.Version {
					break
				}
				renamed, _ := d.Definition.Renamed(nil, later.Definition.Moved)
				d.Definition = *renamed
			}
			m, err := engine.CompileOne(d)
			if err != nil {
				return nil, err
			}
			h.versions[n] = m.Compiled
		}
	}
	return h.versions[n], nil
}
