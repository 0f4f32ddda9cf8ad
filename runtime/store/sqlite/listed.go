package sqlite

import (
	"slices"

	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

const listedColumns = "id, map, key, kind, side, field, record, company, code, reason, hint, waits, payload, at, wait_map, wait_key"

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
		if err := t.exec("INSERT OR REPLACE INTO listed ("+listedColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			l.ID, l.Map, l.Key, string(l.Kind), string(l.Side), l.Field, l.Record, l.Company,
			l.Code, l.Reason, l.Hint, l.Waits, l.Payload, l.At, l.WaitMap, l.WaitKey); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) Listed(q store.ListedQuery, after int64, limit int) ([]record.Listed, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	if len(q.Keys) > 0 || len(q.IDs) > 0 {
		return t.listedByNames(q, after, limit)
	}
	where, args := "id > ?", []any{after}
	if q.Map != "" {
		where, args = where+" AND map = ?", append(args, q.Map)
	}
	if q.WaitMap != "" {
		where, args = where+" AND wait_map = ?", append(args, q.WaitMap)
	}
	if q.Kind != "" {
		where, args = where+" AND kind = ?", append(args, string(q.Kind))
	}
	return t.listed(where+" ORDER BY id LIMIT ?", append(args, rowLimit(limit))...)
}

// listedByNames reads key by key or id by id: there are few and any number
// would fit.
func (t *tx) listedByNames(q store.ListedQuery, after int64, limit int) ([]record.Listed, error) {
	if q.Map != "" && len(q.Keys) > 1 {
		// Most often nothing is listed of a map at all.
		var some bool
		if _, err := t.one("SELECT EXISTS (SELECT 1 FROM listed WHERE map = ?)", []any{q.Map}, []any{&some}); err != nil || !some {
			return nil, err
		}
	}
	column, names := "key", make([]any, 0, len(q.Keys)+len(q.IDs))
	if q.WaitMap != "" {
		column = "wait_key"
	}
	for _, key := range q.Keys {
		names = append(names, key)
	}
	if len(q.Keys) == 0 {
		column = "id"
		for _, id := range q.IDs {
			names = append(names, id)
		}
	}
	ids := set(q.IDs)
	var all []record.Listed
	seen := make(map[any]bool, len(names))
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		where, args := column+" = ? AND id > ?", []any{name, after}
		if q.WaitMap != "" {
			where, args = where+" AND wait_map = ?", append(args, q.WaitMap)
		}
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
	if len(ids) > 0 {
		all = slices.DeleteFunc(all, func(l record.Listed) bool { return !ids[l.ID] })
	}
	return store.FirstListed(all, limit), nil
}

func set[T comparable](of []T) map[T]bool {
	s := make(map[T]bool, len(of))
	for _, v := range of {
		s[v] = true
	}
	return s
}

func (t *tx) listed(where string, args ...any) ([]record.Listed, error) {
	var all []record.Listed
	err := t.each(func(scan func(...any) error) error {
		var l record.Listed
		if err := scan(&l.ID, &l.Map, &l.Key, &l.Kind, &l.Side, &l.Field, &l.Record, &l.Company,
			&l.Code, &l.Reason, &l.Hint, &l.Waits, &l.Payload, &l.At, &l.WaitMap, &l.WaitKey); err != nil {
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
