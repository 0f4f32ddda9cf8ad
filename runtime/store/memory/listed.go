package memory

import (
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// place is what a listed record is unique by, within its map.
type place struct {
	key   string
	kind  record.Kind
	side  value.Side
	field string
}

func placeOf(l *record.Listed) place { return place{l.Key, l.Kind, l.Side, l.Field} }

func (t *tx) PutListed(list []record.Listed) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for i := range list {
		if err := store.CheckListed(&list[i]); err != nil {
			return err
		}
	}
	stored := map[string]map[place]int64{} // by map
	for i := range list {
		l := &list[i]
		all := t.listed(l.Map)
		places := stored[l.Map]
		if places == nil {
			places = make(map[place]int64, len(all))
			for id, other := range all {
				places[placeOf(&other)] = id
			}
			stored[l.Map] = places
		}
		id, ok := places[placeOf(l)]
		if !ok {
			id = t.draw()
			places[placeOf(l)] = id
		}
		l.ID = id
		all[id] = *l
	}
	return nil
}

func (t *tx) Listed(q store.ListedQuery, after int64, limit int) ([]record.Listed, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	names := t.mapNames()
	if q.Map != "" {
		names = []string{q.Map}
	}
	keys, ids := set(q.Keys), set(q.IDs)
	var found []record.Listed
	for _, name := range names {
		for _, l := range t.of(name).listed {
			key := l.Key
			if q.WaitMap != "" {
				key = l.WaitKey
			}
			if l.ID > after && (q.Kind == "" || l.Kind == q.Kind) && (q.WaitMap == "" || l.WaitMap == q.WaitMap) &&
				(len(keys) == 0 || keys[key]) && (len(ids) == 0 || ids[l.ID]) {
				found = append(found, l)
			}
		}
	}
	return store.FirstListed(found, limit), nil
}

func (t *tx) Unlist(mapName string, keys []string, kinds ...record.Kind) error {
	if err := t.usable(true); err != nil {
		return err
	}
	gone := set(keys)
	maps.DeleteFunc(t.listed(mapName), func(_ int64, l record.Listed) bool {
		return gone[l.Key] && (len(kinds) == 0 || slices.Contains(kinds, l.Kind))
	})
	return nil
}

func (t *tx) CountListed(mapName string) (map[record.Kind]int64, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	counts := map[record.Kind]int64{}
	for _, l := range t.of(mapName).listed {
		counts[l.Kind]++
	}
	return counts, nil
}
