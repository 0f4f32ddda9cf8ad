package sqlite

import (
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"

	"github.com/dualwrite/dw/lang/value"
)

const changeColumns = "id, map, map_version, key, record, at, after, side, from_side, op, field, column, rule, vals, note"

func (t *tx) AddChanges(changes []record.Change) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for i := range changes {
		if err := store.CheckChange(&changes[i]); err != nil {
			return err
		}
	}
	type place struct{ name, key string }
	touched := make(map[place]bool)
	for i := range changes {
		c := &changes[i]
		c.ID = t.draw()
		touched[place{c.Map, c.Key}] = true
		t.buf = appendValues(t.buf[:0], []value.Value{c.Old, c.New})
		if err := t.exec("INSERT INTO changes ("+changeColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			c.ID, c.Map, c.MapVersion, c.Key, c.Record, c.At, c.After, sideNumber(c.Side), sideNumber(c.From),
			string(c.Op), c.Field, c.Column, c.Rule, t.buf, c.Note); err != nil {
			return err
		}
	}
	for p := range touched {
		if err := t.exec(`DELETE FROM changes WHERE map = ?1 AND key = ?2 AND id <= (
			SELECT id FROM changes WHERE map = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)`, p.name, p.key, store.ChangesKept); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) Changes(mapName, key string) ([]record.Change, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var all []record.Change
	err := t.each(func(scan func(...any) error) error {
		var c record.Change
		var side, from int
		var vals []byte
		if err := scan(&c.ID, &c.Map, &c.MapVersion, &c.Key, &c.Record, &c.At, &c.After, &side, &from,
			&c.Op, &c.Field, &c.Column, &c.Rule, &vals, &c.Note); err != nil {
			return err
		}
		c.Side, c.From = sideOf(side), sideOf(from)
		vs, err := decodeValues(vals)
		if err != nil {
			return err
		}
		if len(vs) == 2 {
			c.Old, c.New = vs[0], vs[1]
		}
		all = append(all, c)
		return nil
	}, "SELECT "+changeColumns+" FROM changes WHERE map = ? AND key = ? ORDER BY id", mapName, key)
	return all, err
}
