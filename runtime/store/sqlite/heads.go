package sqlite

import (
	"fmt"

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
	for i := range heads {
		h := &heads[i]
		t.buf = appendValues(t.buf[:0], h.Values)
		if err := t.exec("INSERT OR REPLACE INTO heads (map, key, id, version, vals) VALUES (?, ?, ?, ?, ?)",
			mapName, h.Key, h.ID, h.Version, t.buf); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) HeadsByKey(mapName string, keys []string) ([]store.Head, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var found []store.Head
	for _, key := range store.InOrder(keys) {
		heads, err := t.heads("map = ? AND key = ? ORDER BY id", mapName, key)
		if err != nil {
			return nil, err
		}
		found = append(found, heads...)
	}
	return found, nil
}

func (t *tx) Heads(mapName, after string, limit int) ([]store.Head, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	return t.heads(`map = ?1 AND key > ?2 AND key IN (
		SELECT DISTINCT key FROM heads WHERE map = ?1 AND key > ?2 ORDER BY key LIMIT ?3) ORDER BY key, id`, mapName, after, rowLimit(limit))
}

// heads gives the heads that a condition selects.
func (t *tx) heads(where string, args ...any) (found []store.Head, err error) {
	err = t.each(func(scan func(...any) error) error {
		var h store.Head
		var vals []byte
		if err := scan(&h.Key, &h.ID, &h.Version, &vals); err != nil {
			return err
		}
		var err error
		if h.Values, err = decodeValues(vals); err != nil {
			return fmt.Errorf("head of record %s: %w", h.ID, err)
		}
		found = append(found, h)
		return nil
	}, "SELECT key, id, version, vals FROM heads WHERE "+where, args...)
	return found, err
}

func (t *tx) DropHeads(mapName string, keys []string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, key := range keys {
		if err := t.exec("DELETE FROM heads WHERE map = ? AND key = ?", mapName, key); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) ClearHeads(mapName string) error {
	if err := t.usable(true); err != nil {
		return err
	}
	return t.exec("DELETE FROM heads WHERE map = ?", mapName)
}

func (t *tx) CountHeads(mapName string) (n int64, err error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	_, err = t.one("SELECT count(*) FROM heads WHERE map = ?", []any{mapName}, []any{&n})
	return n, err
}
