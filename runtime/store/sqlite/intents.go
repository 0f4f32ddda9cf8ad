package sqlite

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

const intentColumns = `id, pair, map, map_version, key, company, side, op, target_id, target_key, if_match, fields, state, bulk, note, rules, after`

// intents reads the intents that a condition selects.
func (t *tx) intents(where string, args ...any) ([]*record.Intent, error) {
	var intents []*record.Intent
	err := t.each(func(scan func(...any) error) error {
		in := new(record.Intent)
		var side int
		var key, fields sql.RawBytes
		var rules string
		err := scan(&in.ID, &in.Pair, &in.Map, &in.MapVersion, &in.Key, &in.Company, &side, &in.Op,
			&in.TargetID, &key, &in.IfMatch, &fields, &in.State, &in.Bulk, &in.Note, &rules, &in.After)
		if err == nil {
			in.TargetKey, err = decodeValues(key)
		}
		if err == nil {
			in.Fields, err = t.on.room.decodeFields(fields)
		}
		if err != nil {
			return fmt.Errorf("intent %d: %w", in.ID, err)
		}
		in.Side = sideOf(side)
		if rules != "" {
			in.Rules = strings.Split(rules, ",")
		}
		intents = append(intents, in)
		return nil
	}, "SELECT "+intentColumns+" FROM intents WHERE "+where, args...)
	return intents, err
}

func (t *tx) PutIntents(intents []*record.Intent) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, in := range intents {
		if err := store.CheckIntent(in); err != nil {
			return err
		}
	}
	for _, in := range intents {
		fields := []any{in.Pair, in.Map, in.MapVersion, in.Key, in.Company, sideNumber(in.Side), string(in.Op),
			in.TargetID, appendValues(nil, in.TargetKey), in.IfMatch, t.on.room.encodeFields(in.Fields), string(in.State), in.Bulk,
			in.Note, strings.Join(in.Rules, ","), in.After, in.ID}
		if in.ID != 0 {
			n, err := t.change(`UPDATE intents SET pair = ?, map = ?, map_version = ?, key = ?, company = ?, side = ?, op = ?,
				target_id = ?, target_key = ?, if_match = ?, fields = ?, state = ?, bulk = ?, note = ?, rules = ?, after = ? WHERE id = ?`, fields...)
			if err != nil {
				return err
			}
			if n == 0 {
				return store.NotStored("intent", in.ID)
			}
			continue
		}
		t.number(&in.ID)
		fields[len(fields)-1] = in.ID
		if err := t.exec(`INSERT INTO intents (pair, map, map_version, key, company, side, op,
			target_id, target_key, if_match, fields, state, bulk, note, rules, after, id)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, fields...); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) Intents(mapName string, side value.Side, after int64, limit int) ([]*record.Intent, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	if side == "" {
		return t.intents("map = ? AND id > ? ORDER BY id LIMIT ?", mapName, after, rowLimit(limit))
	}
	if limit == 1 {
		// Whether there is one at all is asked often, beside very many of the other
		// side: the index by target knows that.
		return t.intents("id = (SELECT min(id) FROM intents INDEXED BY intents_target WHERE map = ? AND side = ? AND id > ?)", mapName, sideNumber(side), after)
	}
	// The sign keeps SQLite from the index by target, which has another order.
	return t.intents("map = ? AND +side = ? AND id > ? ORDER BY id LIMIT ?", mapName, sideNumber(side), after, rowLimit(limit))
}

func (t *tx) IntentsByTarget(mapName string, side value.Side, ids []string) ([]*record.Intent, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var all []*record.Intent
	if list, ok := t.on.room.listNames(ids); ok && len(ids) > 1 {
		var err error
		if all, err = t.intents("map = ? AND side = ? AND target_id IN (SELECT value FROM json_each(?))", mapName, sideNumber(side), list); err != nil {
			return nil, err
		}
	} else {
		for _, id := range ids {
			intents, err := t.intents("map = ? AND side = ? AND target_id = ?", mapName, sideNumber(side), id)
			if err != nil {
				return nil, err
			}
			all = append(all, intents...)
		}
	}
	slices.SortFunc(all, func(a, b *record.Intent) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b *record.Intent) bool { return a.ID == b.ID }), nil
}

func (t *tx) SetIntentState(ids []int64, s record.IntentState) error {
	if err := t.usable(true); err != nil {
		return err
	}
	// One by one: SQLite copies the pages that an update of several rows touches,
	// to be able to undo it alone.
	for _, id := range ids {
		if err := t.exec("UPDATE intents SET state = ? WHERE id = ?", string(s), id); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) DeleteIntents(ids []int64) error { return t.deleteByID("intents", ids) }

func (t *tx) CountIntents(mapName string) (int64, error) { return t.count("intents", mapName) }
