package merge

import (
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// keyLost lists a pair's row that has lost its key or company.
func (m *merger) keyLost() bool {
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		o := m.observation(s)
		if _, ok := m.c.KeyOf(s, o.Values, o.Company); ok || m.in.Pair == nil || m.in.Pair.End(s).ID != o.ID {
			continue
		}
		m.seen = m.observation(s.Other())
		m.pair = m.asleep(m.in.Pair.Life)
		m.list(record.Listed{Kind: record.Failed, Side: s, Code: diag.CodeKeyLost,
			Reason: fmt.Sprintf("Its row in %s has no value any more in a column of the integration key (id %s).", s.Title(), o.ID),
			Hint:   "Give the row its key and company back, or delete it."})
		return true
	}
	return false
}

// keyMoved lists a record whose key is not the same on both sides. Keys are
// never overwritten.
func (m *merger) keyMoved() bool {
	fno, okFnO := m.c.KeyOf(value.FnO, m.in.FnO.Values, m.in.FnO.Company)
	dataverse, okDataverse := m.c.KeyOf(value.Dataverse, m.in.Dataverse.Values, m.in.Dataverse.Company)
	if okFnO && okDataverse && fno == dataverse {
		return false
	}
	if m.matched && okFnO {
		m.giveKey()
		return false
	}
	if m.in.Pair != nil {
		m.pair.Key = m.in.Pair.Key
	}
	m.fail(value.Dataverse, "", diag.CodeKeyMoved, fmt.Sprintf("Its key is %s in F&O and %s in Dataverse",
		m.c.ReadableKey(value.FnO, m.in.FnO.Values, m.in.FnO.Company),
		m.c.ReadableKey(value.Dataverse, m.in.Dataverse.Values, m.in.Dataverse.Company)),
		"Give it the same key on both sides.")
	return true
}

// giveKey writes the record's key to a row that was found by other means. The
// pair stays matched until the row is seen with it.
func (m *merger) giveKey() {
	const to = value.Dataverse
	m.pair.Life = record.Matched
	for _, i := range m.c.Key {
		slot := &m.c.Slots[i]
		if i == m.c.Company {
			continue
		}
		if !slot.Direction.Sends(to) || !column(m.c, slot, to).OnUpdate {
			m.fail(to, slot.Name, diag.CodeKeyMoved, fmt.Sprintf("The row was found by initial_sync, but its key column %s cannot be written", column(m.c, slot, to).Name),
				"Give the row the record's key in Dataverse.")
			continue
		}
		v, how := m.translate(i, to)
		if how == asValue && v != m.current(i, to) {
			m.write(to, record.FieldWrite{Column: column(m.c, slot, to).Name, Slot: i, Old: m.current(i, to), New: v, From: m.current(i, value.FnO)},
				RuleMatched, false)
		}
	}
}

// awake wakes a sleeping pair both of whose records are there and tells
// whether the merge goes on.
func (m *merger) awake() bool {
	fno, dataverse := m.in.FnO, m.in.Dataverse
	life := m.life()
	if life != record.Linked && m.in.Pair.Dataverse.ID != dataverse.ID {
		return true // another row than the one that was put to sleep
	}
	switch life {
	case record.Deactivated:
		if !fno.InScope {
			m.pair = m.asleep(record.Deactivated)
			m.listDeactivated()
			return false
		}
	case record.Left:
		if !fno.InScope {
			m.pair = m.asleep(record.Left)
			if dataverse.InScope {
				m.listLeft(value.FnO, whyLeft)
			}
			return false
		}
	case record.Unlinked:
		if fno.InScope != dataverse.InScope {
			out := value.FnO
			if fno.InScope {
				out = value.Dataverse
			}
			m.unlink(out, diag.CodeLeftScope, "")
			return false
		}
		return true // inScope ends it where neither is
	default:
		return true
	}
	m.state(record.Activate, RuleBack)
	if life == record.Deactivated {
		m.pair.FnO = record.End{ID: fno.ID, Version: fno.Version, Key: m.entityKey(value.FnO, fno.Values)}
	}
	return false
}

// inScope deals with records that a side's filter or company list excludes,
// and tells whether the merge goes on.
func (m *merger) inScope() bool {
	fno, dataverse, linked := m.in.FnO, m.in.Dataverse, m.in.Pair != nil
	if fno.InScope && dataverse.InScope {
		return true
	}
	if !fno.InScope && !dataverse.InScope {
		m.res.Unlink = linked
		return false
	}
	out := value.FnO
	if fno.InScope {
		out = value.Dataverse
	}
	if m.life() == record.Matched {
		linked, m.res.Unlink = false, true // nothing has been agreed
	}
	if !linked {
		m.list(record.Listed{Kind: record.Failed, Side: out, Code: diag.CodeOtherScope,
			Reason: fmt.Sprintf("In %s the map's filter or companies exclude the record with this key; in %s they do not.", out.Title(), out.Other().Title()),
			Hint:   "Change the record so that both sides are in scope or neither is, or narrow the filter of the other side."})
		return false
	}
	switch leave := m.c.Map.Filter.OnLeave; {
	case m.life() == record.Ignored:
		m.unlink(out, diag.CodeLeftScope, "") // it came back, but not into the scope
	case leave == "revert":
		m.revert(out)
	case leave == "delete":
		m.remove(out.Other(), RuleLeft, false)
	case leave == "deactivate" && out == value.FnO:
		m.remove(value.Dataverse, RuleLeft, true)
	case leave == "deactivate":
		m.unlink(out, diag.CodeLeftScope, "F&O records have no state to deactivate")
	default:
		m.unlink(out, diag.CodeLeftScope, "")
	}
	return false
}

// unlink lets a pair sleep one of whose records has left the scope.
func (m *merger) unlink(out value.Side, code, why string) {
	m.pair = m.asleep(record.Unlinked)
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		if o := m.observation(s); o.ID != m.pair.End(s).ID {
			// Another record: nothing was agreed with it.
			*m.pair.End(s) = record.End{ID: o.ID, Version: o.Version, Key: m.entityKey(s, o.Values)}
			voided(m.pair)
		}
	}
	if why == "" {
		why = "nothing is carried over until it is back"
	}
	m.listLeft(out, why)
	m.res.Listed[len(m.res.Listed)-1].Code = code
}

// whyLeft is said of a record that left and whose row was deactivated.
const whyLeft = "its Dataverse row was deactivated for that"

func (m *merger) listLeft(out value.Side, why string) {
	m.list(record.Listed{Kind: record.Tolerated, Side: out, Code: diag.CodeLeftScope,
		Reason: fmt.Sprintf("In %s it has left the map's filter or companies; in %s it has not: %s.", out.Title(), out.Other().Title(), why),
		Hint:   "Change it so that both sides are in scope or neither is."})
}

// revert brings a record that has left the scope back by undoing what was
// edited there: one field where that is enough, else all of them.
func (m *merger) revert(out value.Side) {
	o := m.observation(out)
	m.pair = m.newPair()
	edits := m.undoable(out)
	admits := func(edits []record.FieldWrite) bool {
		vals := slices.Clone(o.Values)
		for _, w := range edits {
			vals[m.indexOf(out, w)] = w.New
		}
		return m.c.InScope(out, vals, o.Company)
	}
	enough := edits
	for i := range edits {
		if admits(edits[i : i+1]) {
			enough = edits[i : i+1]
			break
		}
	}
	if len(enough) == 0 || !admits(enough) {
		m.pair = m.asleep(record.Linked)
		m.list(record.Listed{Kind: record.Held, Side: out, Code: diag.CodeNoRevert,
			Reason: fmt.Sprintf("In %s it has left the map's filter or companies, and no mapped field can be set back to undo that.", out.Title()),
			Hint:   fmt.Sprintf("Change it so that the filter of %s admits it again, or let on_leave be \"unlink\".", out.Title())})
		return
	}
	for _, w := range enough {
		m.write(out, w, RuleRevert, true)
	}
	m.rounds()
	in := m.intent(out, record.Update)
	in.TargetID, in.IfMatch, in.TargetKey, in.Note = o.ID, o.Version, m.entityKey(out, o.Values), NoteRevert
	m.res.Intents = append(m.res.Intents, in)
}

// undoable gives the writes that would undo the edits of one side: fields that
// moved since they were agreed, and constants.
func (m *merger) undoable(s value.Side) (edits []record.FieldWrite) {
	for i := range m.c.Slots {
		slot, b, now := &m.c.Slots[i], m.pair.Base[i], m.current(i, s)
		f := column(m.c, slot, s)
		if b.State == record.Known && !slot.IsKey && f.OnUpdate && !unmoved(m.c, i, s, now, b.On(s)) {
			edits = append(edits, record.FieldWrite{Column: f.Name, Slot: i, Old: now, New: b.On(s), From: b.On(s.Other())})
		}
	}
	for _, k := range m.c.Constants[s] {
		at := projection(m.c, s).Index(k.Field.Name)
		if at < 0 || !k.Field.OnUpdate {
			continue
		}
		if now := m.observation(s).Values[at]; now != k.Value {
			edits = append(edits, record.FieldWrite{Column: k.Field.Name, Slot: -1, Old: now, New: k.Value})
		}
	}
	return edits
}

// indexOf gives the place of a write's column among the values of a side.
func (m *merger) indexOf(s value.Side, w record.FieldWrite) int {
	if w.Slot >= 0 {
		return place(&m.c.Slots[w.Slot], s)
	}
	return projection(m.c, s).Index(w.Column)
}
