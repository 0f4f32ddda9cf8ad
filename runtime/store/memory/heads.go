package memory

import (
	"cmp"
	"maps"
	"slices"

	"github.com/dualwrite/dw/runtime/store"
)

func (t *tx) PutHeads(mapName string, heads []store.Head) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for i := range heads {
		if err := store.CheckHead(mapName, &heads[i]); err != nil {
			return err
		}
	}
	for _, h := range heads {
		h.Values = values(h.Values)
		t.headsOf(mapName)[headID{h.Key, h.ID}] = h
	}
	return nil
}

// selectHeads gives copies of the heads of a map that a condition selects, in
// their order.
func (t *tx) selectHeads(mapName string, want func(key string) bool) []store.Head {
	var found []store.Head
	for at, h := range t.of(mapName).heads {
		if want(at.key) {
			h.Values = values(h.Values)
			found = append(found, h)
		}
	}
	slices.SortFunc(found, func(a, b store.Head) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID)) })
	return found
}

func (t *tx) HeadsByKey(mapName string, keys []string) ([]store.Head, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	wanted := set(keys)
	return t.selectHeads(mapName, func(key string) bool { return wanted[key] }), nil
}

func (t *tx) Heads(mapName, after string, limit int) ([]store.Head, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var keys []string
	for at := range t.of(mapName).heads {
		if at.key > after {
			keys = append(keys, at.key)
		}
	}
	wanted := set(cut(store.InOrder(keys), limit))
	return t.selectHeads(mapName, func(key string) bool { return wanted[key] }), nil
}

func (t *tx) DropHeads(mapName string, keys []string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	gone := set(keys)
	maps.DeleteFunc(t.headsOf(mapName), func(at headID, _ store.Head) bool { return gone[at.key] })
	return nil
}

func (t *tx) ClearHeads(mapName string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	clear(t.headsOf(mapName))
	return nil
}

func (t *tx) CountHeads(mapName string) (int64, error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	return int64(len(t.of(mapName).heads)), nil
}
