package handle

import (
	"context"
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// lookBack merges items again for which merge has to know more than most need:
// the history of records that are written, and whether a row that would be
// deleted or deactivated belongs to pairs of other maps.
func (h *Handler) lookBack(ctx context.Context, items []*item) error {
	var again, ending []*item
	for _, it := range items {
		removes := it.does(record.Delete, record.Deactivate)
		if removes {
			ending = append(ending, it)
		}
		if removes || it.in.Pair != nil && !h.First && (it.does(record.Update) || it.stopped()) {
			again = append(again, it)
		}
	}
	if len(again) == 0 {
		return nil
	}
	err := h.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		for _, it := range again {
			if it.in.History, err = tx.Changes(h.Map.Name, it.key()); err != nil {
				return err
			}
		}
		return h.shared(tx, ending)
	})
	if err != nil {
		return err
	}
	for _, it := range again {
		if len(it.in.History) > 0 || len(it.in.Shared) > 0 {
			it.out = merge.Merge(it.in)
		}
	}
	return nil
}

// shared finds out which rows that are about to be deleted or deactivated
// belong to pairs of other maps of the same table, both of whose records live.
func (h *Handler) shared(tx store.Tx, items []*item) error {
	for _, side := range sides {
		byID := map[string]*item{}
		var ids []string
		for _, it := range items {
			for _, in := range it.out.Intents {
				if in.Side == side && in.Op != record.Update {
					byID[in.TargetID], ids = it, append(ids, in.TargetID)
				}
			}
		}
		for _, m := range h.Env.Maps {
			if len(ids) == 0 || m.Name == h.Map.Name || tableOf(m.Compiled, side) != tableOf(h.Map.Compiled, side) {
				continue
			}
			pairs, err := tx.PairsByEnd(m.Name, side, ids)
			if err != nil {
				return err
			}
			for _, p := range pairs {
				it := byID[p.End(side).ID]
				if it == nil || p.Life != record.Linked || p.End(side.Other()).ID == "" {
					continue
				}
				it.in.Shared = map[value.Side]bool{side: true}
			}
		}
	}
	return nil
}

func tableOf(c *transform.Compiled, side value.Side) string {
	if side == value.FnO {
		return c.FnO.Table.Set
	}
	return c.Dataverse.Table.Set
}

// lost gives those references of agreed pairs whose rows are gone, as far as
// they matter: where the lookup was emptied in Dataverse. A service empties the
// lookups of a row that it deletes.
func (h *Handler) lost(ctx context.Context, items []*item) (map[value.Value]bool, error) {
	c := h.Map.Compiled
	var emptied []value.Value
	for _, it := range items {
		p := it.in.Pair
		if p == nil || !present(it.in.Dataverse) || len(p.Base) != len(c.Slots) {
			continue
		}
		for i := range c.Slots {
			b := p.Base[i].Dataverse
			if c.Slots[i].Lookup != nil && b.Kind() == value.Reference && it.in.Dataverse.Values[c.Slots[i].Dataverse].IsNull() {
				emptied = append(emptied, b)
			}
		}
	}
	return refs.Lost(ctx, h.Env, emptied)
}

// name says in what is listed for items which record of which map each waits
// for.
func (h *Handler) name(ctx context.Context, items []*item) error {
	keys, err := h.rowKeys(ctx, items)
	if err != nil {
		return err
	}
	for _, it := range items {
		for i := range it.out.Listed {
			l := &it.out.Listed[i]
			w := waitOf(it, l)
			if w == nil {
				continue
			}
			company, text := w.Company, w.Key
			if text == "" {
				text, _ = keys.Key(w.Lookup, w.Ref)
				if seen := it.seen(); seen != nil {
					company = seen.Company
				}
			}
			l.WaitMap, l.WaitKey = h.delivers(w.Lookup, company, text, l.WaitMap)
		}
	}
	return nil
}

// waitOf gives what an entry waits for; nil where that is nothing or unknown.
func waitOf(it *item, l *record.Listed) *merge.Wait {
	if l.Kind != record.Parked && l.Kind != record.OwedField {
		return nil
	}
	n := slices.IndexFunc(it.out.Waits, func(w merge.Wait) bool { return w.Slot == l.Field })
	if n < 0 {
		return nil
	}
	return &it.out.Waits[n]
}

// rowKeys finds the keys of the Dataverse rows that entries wait for: F&O does
// not have their records yet.
func (h *Handler) rowKeys(ctx context.Context, items []*item) (refs.Answers, error) {
	var needs []refs.Need
	for _, it := range items {
		for i := range it.out.Listed {
			if w := waitOf(it, &it.out.Listed[i]); w != nil && w.Key == "" && !w.Ref.IsNull() && len(w.Lookup.Maps) > 0 {
				needs = append(needs, refs.Need{Lookup: w.Lookup, Ref: w.Ref})
			}
		}
	}
	if len(needs) == 0 {
		return refs.Answers{}, nil
	}
	return h.Refs.Resolve(ctx, needs, refs.Options{Pairs: true, Any: true})
}

// delivers gives the map that delivers the record of a lookup's key and the
// record's canonical key there; otherwise and no key where no map is known to.
func (h *Handler) delivers(l *transform.Lookup, company, text, otherwise string) (mapName, key string) {
	for _, name := range l.Maps {
		m := h.Env.Map(name)
		if m == nil || text == "" {
			continue
		}
		if key, ok := m.Compiled.KeyFor(l, company, text); ok {
			return name, key
		}
	}
	return otherwise, ""
}

// relist puts what is listed now for the keys in place of what was. Entries
// that say the same as before keep their number and time.
func relist(tx store.Tx, mapName string, keys []string, listed []record.Listed) error {
	if len(keys) == 0 {
		return tx.PutListed(listed)
	}
	before, err := tx.Listed(store.ListedQuery{Map: mapName, Keys: keys}, 0, 0)
	if err != nil {
		return err
	}
	type place struct {
		key   string
		kind  record.Kind
		side  value.Side
		field string
	}
	at := func(l *record.Listed) place { return place{l.Key, l.Kind, l.Side, l.Field} }
	now := make(map[place]*record.Listed, len(listed))
	for i := range listed {
		now[at(&listed[i])] = &listed[i]
	}
	over := map[string]bool{}  // keys something of which holds no more
	cured := map[string]bool{} // keys that were listed as moved and are not any more
	for _, old := range before {
		l := now[at(&old)]
		if l == nil {
			over[old.Key] = true
			if old.Code == diag.CodeKeyMoved {
				cured[old.Key] = true
			}
			continue
		}
		same := *l
		same.ID, same.At = old.ID, old.At
		if same == old {
			l.At = old.At
		}
	}
	if err := unlistMoved(tx, mapName, cured); err != nil {
		return err
	}
	if len(over) > 0 {
		gone := make([]string, 0, len(over))
		for key := range over {
			gone = append(gone, key)
		}
		slices.Sort(gone)
		if err := tx.Unlist(mapName, gone); err != nil {
			return err
		}
	}
	return tx.PutListed(listed)
}

// unlistMoved removes what was listed, under keys that they had for a while,
// for records whose key is right again.
func unlistMoved(tx store.Tx, mapName string, cured map[string]bool) error {
	if len(cured) == 0 {
		return nil
	}
	listed, err := tx.Listed(store.ListedQuery{Map: mapName, Kind: record.Failed, WaitMap: mapName, Keys: slices.Sorted(maps.Keys(cured))}, 0, 0)
	if err != nil {
		return err
	}
	var keys []string
	for _, l := range listed {
		if l.Code == diag.CodeKeyMoved {
			keys = append(keys, l.Key)
		}
	}
	return tx.Unlist(mapName, keys)
}
