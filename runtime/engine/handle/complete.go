package handle

import (
	"context"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// refresh reads again what was seen some time ago, before it is acted upon:
// rows may have changed or gone since.
func (h *Handler) refresh(ctx context.Context, items []*item) error {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		var ends []*record.Pair
		for _, it := range items {
			if o := it.observation(side); o != nil {
				p := &record.Pair{Key: o.Key}
				*p.End(side) = record.End{ID: o.ID}
				if side == value.FnO {
					p.FnO.Key = h.Map.Compiled.EntityKey(o.Values)
				}
				ends = append(ends, p)
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
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		var pairs []*record.Pair
		for _, it := range items {
			if p := it.in.Pair; p != nil && p.End(side).ID != "" && it.observation(side) == nil {
				pairs = append(pairs, p)
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
		for _, it := range items {
			p := it.in.Pair
			if p == nil || it.observation(side) != nil {
				continue
			}
			// The row itself, whatever its key is now; else another one that
			// has taken its place.
			if o := byID[p.End(side).ID]; o != nil {
				it.observe(side, o)
			} else {
				it.observe(side, byKey[p.Key])
			}
		}
	}
	return nil
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
	for _, d := range history {
		if d.Version == n {
			m, err := engine.CompileOne(d)
			if err != nil {
				return nil, err
			}
			h.versions[n] = m.Compiled
		}
	}
	return h.versions[n], nil
}
