package merge

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// single decides about a record that is on one side only.
func (m *merger) single(from value.Side) {
	seen, to, p := m.observation(from), from.Other(), m.in.Pair
	same := p != nil && p.End(from).ID == seen.ID
	switch {
	case same && p.Life == record.Matched && from == value.FnO && seen.InScope:
		m.add(from) // its row has gone before it got the key
	case same && p.Life == record.Matched:
		m.list(record.Listed{Kind: record.Failed, Side: to, Code: diag.CodeKeyLost,
			Reason: fmt.Sprintf("The row was found by initial_sync, and its record in %s has gone before it got the key (id %s).", to.Title(), seen.ID),
			Hint:   "Give the row a key, or delete it."})
		m.res.Unlink = true
	case same && (p.Life != record.Linked || p.End(to).ID != ""):
		m.parted(from)
	case !seen.InScope:
		m.res.Unlink = p != nil
	default:
		m.add(from)
	}
}

// add creates a record on the other side of from, where the map does so.
func (m *merger) add(from value.Side) {
	to := from.Other()
	if !m.c.CreatesOn[to] {
		m.list(record.Listed{Kind: record.Tolerated, Side: to, Code: diag.CodeNotCreated,
			Reason: fmt.Sprintf("It is only in %s, and the map creates no records in %s.", from.Title(), to.Title()),
			Hint:   fmt.Sprintf("Create it in %s by hand, or let the map: creates, and the direction of its key fields.", to.Title())})
		return
	}
	m.create(from)
}

// create makes the intent for a new record on the other side of from.
func (m *merger) create(from value.Side) {
	c, to, seen := m.c, from.Other(), m.observation(from)
	m.pair, _ = m.linked()
	*m.pair.End(to) = record.End{}
	m.pair.Base = m.bases()
	vals := m.row(to)
	slots, constants := c.WriteSlots(to, true), c.WriteConstants(to, true)
	m.expect(to, len(slots)+len(constants)+len(m.in.Extra))
	for i := range c.Slots {
		*m.pair.Base[i].At(from) = m.current(i, from)
	}
	for _, i := range slots {
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
		if w := m.next(to, column(c, slot, to).Name, i, RuleCreate); w != nil {
			w.New, w.From = v, m.pair.Base[i].On(from)
		}
	}
	for _, k := range constants {
		if k.At >= 0 && vals[k.At].IsNull() {
			vals[k.At] = k.Value
		}
		m.write(to, record.FieldWrite{Column: k.Field.Name, Slot: -1, New: k.Value}, RuleConstant, false)
	}
	if to == value.Dataverse {
		for _, w := range m.in.Extra {
			w.Slot = -1
			m.write(to, w, RuleCreate, false)
		}
	}
	if len(m.failures)+len(m.parked) > 0 || m.res.Ask {
		return
	}
	c.Complete(to, vals, m.rec(from))
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
		Side: to, Op: op, Fields: m.writes[index(to)], Rules: m.rules[index(to)], After: m.pair.SeenAt, State: record.Intended}
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
