package sqlite

import (
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

const listedColumns = "id, map, key, kind, side, field, record, company, code, reason, hint, waits, payload, at"

func (t *tx) PutListed(list []record.Listed) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for i := range list {
		if err := store.CheckListed(&list[i]); err != nil {
			return err
		}
	}
	for i := range list {
		l := &list[i]
		found, err := t.one("SELECT id FROM listed WHERE map = ? AND key = ? AND kind = ? AND side = ? AND field = ?",
			[]any{l.Map, l.Key, string(l.Kind), string(l.Side), l.Field}, []any{&l.ID})
		if err != nil {
			return err
		}
		if !found {
			l.ID = t.draw()
		}
		if err := t.exec("INSERT OR REPLACE INTO listed ("+listedColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			l.ID, l.Map, l.Key, string(l.Kind), string(l.Side), l.Field, l.Record, l.Company,
			l.Code, l.Reason, l.Hint, l.Waits, l.Payload, l.At); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) Listed(q store.ListedQuery, after int64, limit int) ([]record.Listed, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	if len(q.Keys) > 0 {
		return t.listedByKeys(q, after, limit)
	}
	where, args := "id > ?", []any{after}
	if q.Map != "" {
		where, args = where+" AND map = ?", append(args, q.Map)
	}
	if q.Kind != "" {
		where, args = where+" AND kind = ?", append(args, string(q.Kind))
	}
	return t.listed(where+" ORDER BY id LIMIT ?", append(args, rowLimit(limit))...)
}

// listedByKeys reads key by key: there are few and any number would fit.
func (t *tx) listedByKeys(q store.ListedQuery, after int64, limit int) ([]record.Listed, error) {
	var all []record.Listed
	seen := make(map[string]bool, len(q.Keys))
	for _, key := range q.Keys {
		if seen[key] {
			continue
		}
		seen[key] = true
		where, args := "key = ? AND id > ?", []any{key, after}
		if q.Map != "" {
			where, args = where+" AND map = ?", append(args, q.Map)
		}
		if q.Kind != "" {
			where, args = where+" AND kind = ?", append(args, string(q.Kind))
		}
		some, err := t.listed(where, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return store.FirstListed(all, limit), nil
}

func (t *tx) listed(where string, args ...any) ([]record.Listed, error) {
	var all []record.Listed
	err := t.each(func(scan func(...any) error) error {
		var l record.Listed
		if err := scan(&l.ID, &l.Map, &l.Key, &l.Kind, &l.Side, &l.Field, &l.Record, &l.Company,
			&l.Code, &l.Reason, &l.Hint, &l.Waits, &l.Payload, &l.At); err != nil {
			return err
		}
		all = append(all, l)
		return nil
	}, "SELECT "+listedColumns+" FROM listed WHERE "+where, args...)
	return all, err
}

func (t *tx) Unlist(mapName string, keys []string, kinds ...record.Kind) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, key := range keys {
		if len(kinds) == 0 {
			if err := t.exec("DELETE FROM listed WHERE map = ? AND key = ?", mapName, key); err != nil {
				return err
			}
			continue
		}
		for _, kind := range kinds {
			if err := t.exec("DELETE FROM listed WHERE map = ? AND key = ? AND kind = ?", mapName, key, string(kind)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) CountListed(mapName string) (map[record.Kind]int64, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	counts := make(map[record.Kind]int64)
	err := t.each(func(scan func(...any) error) error {
		var kind record.Kind
		var n int64
		if err := scan(&kind, &n); err != nil {
			return err
		}
		counts[kind] = n
		return nil
	}, "SELECT kind, count(*) FROM listed WHERE map = ? GROUP BY kind", mapName)
	return counts, err
}
