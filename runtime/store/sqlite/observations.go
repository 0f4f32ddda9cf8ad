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

func (t *tx) AddObservations(obs []record.Observation) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for i := range obs {
		if err := store.CheckObservation(&obs[i]); err != nil {
			return err
		}
	}
	for i := range obs {
		o := &obs[i]
		t.buf = appendValues(t.buf[:0], o.Values)
		o.Seq = t.draw()
		if err := t.exec(`INSERT OR REPLACE INTO observations (seq, as_of, map, side, key, company, id, version, in_scope, deleted, vals, own, at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			o.Seq, o.AsOf, o.Map, sideNumber(o.Side), o.Key, o.Company, o.ID, o.Version, o.InScope, o.Deleted, t.buf, o.Own, o.At); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) Work(mapName, after string, limit int) ([]store.Work, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var work []store.Work
	byKey := make(map[string]int)
	err := t.each(func(scan func(...any) error) error {
		var key string
		if err := scan(&key); err != nil {
			return err
		}
		byKey[key] = len(work)
		work = append(work, store.Work{Key: key})
		return nil
	}, "SELECT DISTINCT key FROM observations WHERE map = ? AND key > ? ORDER BY key LIMIT ?", mapName, after, rowLimit(limit))
	if err != nil || len(work) == 0 {
		return nil, err
	}
	last := work[len(work)-1].Key

	type end struct {
		side value.Side
		id   string
	}
	byEnd := make(map[end]int)
	err = t.each(func(scan func(...any) error) error {
		o := record.Observation{Map: mapName}
		var side int
		var vals sql.RawBytes
		if err := scan(&o.Seq, &o.AsOf, &side, &o.Key, &o.Company, &o.ID, &o.Version, &o.InScope, &o.Deleted, &vals, &o.Own, &o.At); err != nil {
			return err
		}
		o.Side = sideOf(side)
		var err error
		if o.Values, err = decodeValues(vals); err != nil {
			return fmt.Errorf("observation %d: %w", o.Seq, err)
		}
		w := &work[byKey[o.Key]]
		if o.Side == value.FnO {
			w.FnO = append(w.FnO, o)
		} else {
			w.Dataverse = append(w.Dataverse, o)
		}
		byEnd[end{o.Side, o.ID}] = byKey[o.Key]
		return nil
	}, `SELECT seq, as_of, side, key, company, id, version, in_scope, deleted, vals, own, at
		FROM observations WHERE map = ? AND key > ? AND key <= ? ORDER BY key, seq`, mapName, after, last)
	if err != nil {
		return nil, err
	}

	pairs, err := t.pairs(`id IN (
		SELECT p.id FROM pairs p JOIN observations o ON p.map = o.map AND p.key = o.key
			WHERE o.map = ?1 AND o.key > ?2 AND o.key <= ?3
		UNION SELECT p.id FROM pairs p JOIN observations o ON p.map = o.map AND p.fno_id = o.id AND p.fno_id <> ''
			WHERE o.map = ?1 AND o.key > ?2 AND o.key <= ?3 AND o.side = 1
		UNION SELECT p.id FROM pairs p JOIN observations o ON p.map = o.map AND p.dataverse_id = o.id AND p.dataverse_id <> ''
			WHERE o.map = ?1 AND o.key > ?2 AND o.key <= ?3 AND o.side = 2
		) ORDER BY id`, mapName, after, last)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		at := make(map[int]bool, 3)
		if i, ok := byKey[p.Key]; ok {
			at[i] = true
		}
		if i, ok := byEnd[end{value.FnO, p.FnO.ID}]; ok {
			at[i] = true
		}
		if i, ok := byEnd[end{value.Dataverse, p.Dataverse.ID}]; ok {
			at[i] = true
		}
		given := false
		for i := range at {
			own := p
			if given { // each key's work has pairs of its own
				own = copyPair(p)
			}
			given = true
			work[i].Pairs = append(work[i].Pairs, own)
		}
	}
	return work, nil
}

func (t *tx) Unhandled(mapName string, side value.Side, ids []string) ([]record.Observation, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var found []record.Observation
	for _, id := range ids {
		err := t.each(func(scan func(...any) error) error {
			o := record.Observation{Map: mapName, Side: side, ID: id}
			if err := scan(&o.Seq, &o.AsOf, &o.Key, &o.Company, &o.Version, &o.InScope, &o.Deleted, &o.Own, &o.At); err != nil {
				return err
			}
			found = append(found, o)
			return nil
		}, `SELECT seq, as_of, key, company, version, in_scope, deleted, own, at
			FROM observations WHERE map = ? AND side = ? AND id = ?`, mapName, sideNumber(side), id)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(found, func(a, b record.Observation) int { return cmp.Compare(a.Seq, b.Seq) })
	return found, nil
}

func (t *tx) DropObservations(mapName string, seqs []int64) error {
	if err := t.usable(true); err != nil {
		return err
	}
	// The sign keeps SQLite from going through all observations of the map.
	return t.execEach("DELETE FROM observations WHERE seq IN (SELECT value FROM json_each(?)) AND +map = ?", seqs, mapName)
}

func (t *tx) CountObservations(mapName string) (map[value.Side]int64, error) {
	counts := make(map[value.Side]int64, 2)
	if err := t.usable(false); err != nil {
		return nil, err
	}
	err := t.each(func(scan func(...any) error) error {
		var side int
		var n int64
		if err := scan(&side, &n); err != nil {
			return err
		}
		counts[sideOf(side)] = n
		return nil
	}, "SELECT side, count(*) FROM observations WHERE map = ? GROUP BY side", mapName)
	return counts, err
}

func (t *tx) CountKeys(mapName, from, until string) (n int64, err error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	err = t.each(func(scan func(...any) error) error { return scan(&n) },
		"SELECT count(DISTINCT key) FROM observations WHERE map = ? AND key >= ? AND key < ?", mapName, from, until)
	return n, err
}
