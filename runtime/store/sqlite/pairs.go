package sqlite

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

const pairColumns = `id, map, map_version, key, company, fno_id, fno_version, fno_key,
	dataverse_id, dataverse_version, dataverse_key, states, base, written, life, rounds, seen_at`

// pairs reads the pairs that a condition selects.
func (t *tx) pairs(where string, args ...any) ([]*record.Pair, error) {
	var pairs []*record.Pair
	err := t.each(func(scan func(...any) error) error {
		p := new(record.Pair)
		var fnoKey, dataverseKey, states, base sql.RawBytes
		err := scan(&p.ID, &p.Map, &p.MapVersion, &p.Key, &p.Company, &p.FnO.ID, &p.FnO.Version, &fnoKey,
			&p.Dataverse.ID, &p.Dataverse.Version, &dataverseKey, &states, &base, &p.Written, &p.Life, &p.Rounds, &p.SeenAt)
		if err == nil {
			p.FnO.Key, err = decodeValues(fnoKey)
		}
		if err == nil {
			p.Dataverse.Key, err = decodeValues(dataverseKey)
		}
		if err == nil {
			p.Base, err = t.on.room.decodeBase(states, base)
		}
		if err != nil {
			return fmt.Errorf("pair %d: %w", p.ID, err)
		}
		pairs = append(pairs, p)
		return nil
	}, "SELECT "+pairColumns+" FROM pairs WHERE "+where, args...)
	return pairs, err
}

func copyPair(p *record.Pair) *record.Pair {
	c := *p
	c.FnO.Key, c.Dataverse.Key, c.Base = slices.Clone(p.FnO.Key), slices.Clone(p.Dataverse.Key), slices.Clone(p.Base)
	return &c
}

func (t *tx) PutPairs(pairs []*record.Pair) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, p := range pairs {
		if err := store.CheckPair(p); err != nil {
			return err
		}
	}
	for _, p := range pairs {
		states, base := t.on.room.encodeBase(p.Base)
		fields := []any{p.Map, p.MapVersion, p.Key, p.Company,
			p.FnO.ID, p.FnO.Version, appendValues(nil, p.FnO.Key),
			p.Dataverse.ID, p.Dataverse.Version, appendValues(nil, p.Dataverse.Key),
			states, base, p.Owes(), p.Written, string(p.Life), p.Rounds, p.SeenAt, p.ID}
		if p.ID != 0 {
			n, err := t.change(`UPDATE pairs SET map = ?, map_version = ?, key = ?, company = ?,
				fno_id = ?, fno_version = ?, fno_key = ?, dataverse_id = ?, dataverse_version = ?, dataverse_key = ?,
				states = ?, base = ?, owes = ?, written = ?, life = ?, rounds = ?, seen_at = ? WHERE id = ?`, fields...)
			if err != nil {
				return endTaken(p, err)
			}
			if n == 0 {
				return store.NotStored("pair", p.ID)
			}
			continue
		}
		t.number(&p.ID)
		fields[len(fields)-1] = p.ID
		if err := t.exec(`INSERT INTO pairs (map, map_version, key, company, fno_id, fno_version, fno_key,
			dataverse_id, dataverse_version, dataverse_key, states, base, owes, written, life, rounds, seen_at, id)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, fields...); err != nil {
			return endTaken(p, err)
		}
	}
	return nil
}

// endTaken turns the refusal of a unique index into the store's own error.
func endTaken(p *record.Pair, err error) error {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		if breaksUnique(err, "pairs."+endColumn(side)) {
			return store.EndTaken(p, side)
		}
	}
	return err
}

func endColumn(side value.Side) string {
	if side == value.FnO {
		return "fno_id"
	}
	return "dataverse_id"
}

func (t *tx) PairsByID(ids []int64) ([]*record.Pair, error) {
	if len(ids) < 2 {
		return pairsBy(t, ids, "id = ?")
	}
	if err := t.usable(false); err != nil {
		return nil, err
	}
	return t.pairs("id IN (SELECT value FROM json_each(?)) ORDER BY id", t.on.room.list(ids))
}

func (t *tx) PairsByEnd(mapName string, side value.Side, ids []string) ([]*record.Pair, error) {
	c := endColumn(side)
	return pairsBy(t, ids, c+" = ? AND "+c+" <> '' AND map = ?", mapName)
}

func (t *tx) PairsByKey(mapName string, keys []string) ([]*record.Pair, error) {
	return pairsBy(t, keys, "key = ? AND map = ?", mapName)
}

// pairsBy reads the pairs that a condition selects for any of some values.
func pairsBy[T any](t *tx, of []T, where string, more ...any) ([]*record.Pair, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var all []*record.Pair
	for _, v := range of {
		pairs, err := t.pairs(where, append([]any{v}, more...)...)
		if err != nil {
			return nil, err
		}
		all = append(all, pairs...)
	}
	slices.SortFunc(all, func(a, b *record.Pair) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b *record.Pair) bool { return a.ID == b.ID }), nil
}

func (t *tx) Pairs(mapName string, after int64, limit int, owing bool) ([]*record.Pair, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	where := "map = ? AND id > ? ORDER BY id LIMIT ?"
	if owing {
		where = "owes = 1 AND " + where
	}
	return t.pairs(where, mapName, after, rowLimit(limit))
}

func (t *tx) CountPairs(mapName string) (int64, error) { return t.count("pairs", mapName) }

func (t *tx) DeletePairs(ids []int64) error { return t.deleteByID("pairs", ids) }

// count gives the number of rows of a map in a table.
func (t *tx) count(table, mapName string) (n int64, err error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	_, err = t.one("SELECT count(*) FROM "+table+" WHERE map = ?", []any{mapName}, []any{&n})
	return n, err
}

func (t *tx) deleteByID(table string, ids []int64) error {
	if err := t.usable(true); err != nil {
		return err
	}
	return t.execEach("DELETE FROM "+table+" WHERE id IN (SELECT value FROM json_each(?))", ids)
}
