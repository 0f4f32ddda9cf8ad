package merge

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// single decides about a record that is on one side only.
func (m *merger) single(from value.Side) {
	seen, to := m.observation(from), from.Other()
	p := m.in.Pair
	if !seen.InScope {
		m.res.Unlink = p != nil
		return
	}
	if p != nil && p.End(to).ID != "" && p.End(from).ID == seen.ID {
		m.gone(to)
		return
	}
	if !m.c.CreatesOn[to] {
		m.list(record.Listed{Kind: record.Tolerated, Side: to, Code: diag.CodeNotCreated,
			Reason: fmt.Sprintf("It is only in %s, and the map creates no records in %s.", from.Title(), to.Title()),
			Hint:   fmt.Sprintf("Create it in %s by hand, or let the map: creates, and the direction of its key fields.", to.Title())})
		return
	}
	m.create(from)
}

// gone lists a record whose other half was deleted. The pair stays: the record
// must not be created again by mistake.
func (m *merger) gone(side value.Side) {
	deletes := m.c.Map.Deletes.ToFnO
	if side == value.FnO {
		deletes = m.c.Map.Deletes.ToDataverse
	}
	kind := record.Held
	if deletes == "ignore" {
		kind = record.Tolerated
	}
	m.list(record.Listed{Kind: kind, Side: side, Code: diag.CodeGoneOnOneSide,
		Reason: fmt.Sprintf("It was deleted in %s and is still in %s.", side.Title(), side.Other().Title()),
		Hint:   "Delete it on the other side too, or restore it."})
}

// create makes the intent for a new record on the other side of from.
func (m *merger) create(from value.Side) {
	c, to, seen := m.c, from.Other(), m.observation(from)
	m.pair = m.newPair()
	*m.pair.End(to) = record.End{}
	m.pair.Base = make([]record.FieldBase, len(c.Slots))
	vals := make([]value.Value, len(projection(c, to).Columns))
	for i := range c.Slots {
		m.pair.Base[i] = base(record.Unknown, from, m.current(i, from))
	}
	for _, i := range c.WriteSlots(to, true) {
		slot := &c.Slots[i]
		v, how := m.translate(i, to)
		switch {
		case how == asOwed:
			m.owe(i, from)
			continue
		case how == asNone:
			continue
		}
		at := place(slot, to)
		if vals[at].IsNull() {
			vals[at] = v
		}
		if v.IsNull() && slot.Lookup != nil && to == value.Dataverse {
			continue // a new row refers to nothing unless it is told to
		}
		m.write(to, record.FieldWrite{Column: column(c, slot, to).Name, Slot: i, New: v, From: m.current(i, from)}, slot.Name, RuleCreate, false)
	}
	for _, k := range c.WriteConstants(to, true) {
		if at := projection(c, to).Index(k.Field.Name); at >= 0 && vals[at].IsNull() {
			vals[at] = k.Value
		}
		m.write(to, record.FieldWrite{Column: k.Field.Name, Slot: -1, New: k.Value}, k.Field.Name, RuleConstant, false)
	}
	if to == value.Dataverse {
		for _, w := range m.in.Extra {
			w.Slot = -1
			m.write(to, w, w.Column, RuleCreate, false)
		}
	}
	if len(m.failures)+len(m.parked) > 0 || m.res.Ask {
		return
	}
	if !c.InScope(to, vals, seen.Company) {
		m.fail(to, "", diag.CodeOtherScope,
			fmt.Sprintf("The record would not pass the map's filter of %s, so that it would be outside the map as soon as it is written", to.Title()),
			"Change the record, or make the two filters of the map admit the same records.")
		return
	}
	in := m.intent(to, record.Create)
	if to == value.Dataverse {
		in.TargetID = m.in.NewID
	} else {
		in.TargetKey = m.entityKey(to, vals)
	}
	for _, k := range c.Key {
		if slot := &c.Slots[k]; c.IsNothing(slot, to, vals[place(slot, to)]) {
			m.fail(to, slot.Name, diag.CodeNoKeyForCreate, fmt.Sprintf("The key column %s would be empty", column(c, slot, to).Name),
				fmt.Sprintf("Fill it in %s.", from.Title()))
		}
	}
	for i, v := range in.TargetKey {
		if name := c.FnO.Table.Key[i]; v.IsNull() && len(m.failures) == 0 {
			m.fail(to, name, diag.CodeNoKeyForCreate, fmt.Sprintf("The map gives no value for %s, part of the key of %s", name, c.FnO.Table.Set),
				"Map the field, or give it a constant.")
		}
	}
	in.Bulk = true // nobody else can have changed what is not there
	m.res.Intents = append(m.res.Intents, in)
}

// intent gives a write with what all writes have.
func (m *merger) intent(to value.Side, op record.Op) record.Intent {
	return record.Intent{Map: m.c.Map.Name, MapVersion: m.in.MapVersion, Pair: m.pair.ID, Key: m.seen.Key, Company: m.seen.Company,
		Side: to, Op: op, Fields: m.writes[index(to)], State: record.Intended}
}

// base gives a base that has a value on one side.
func base(state record.FieldState, s value.Side, v value.Value) record.FieldBase {
	b := record.FieldBase{State: state}
	if s == value.FnO {
		b.FnO = v
	} else {
		b.Dataverse = v
	}
	return b
}
