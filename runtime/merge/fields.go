package merge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// both decides about a record that is on both sides.
func (m *merger) both() {
	m.matched = m.life() == record.Matched && m.in.Pair.Dataverse.ID == m.in.Dataverse.ID
	if !m.matched && m.keyLost() || !m.awake() || !m.inScope() {
		return
	}
	m.pair = m.newPair()
	if m.keyMoved() {
		return
	}
	m.rounds()
	m.last = m.lastWriter()
	c := m.c
	done := make([]bool, len(c.Slots))
	for i := range c.Slots {
		if done[i] {
			continue
		}
		slot := &c.Slots[i]
		switch {
		case m.pair.Life == record.Matched && slot.IsKey && i != c.Company:
			continue // agreed once it is written
		case slot.IsKey || slot.OnCreate:
			// Written at creation only; what stands there now is agreed.
			m.known(i)
			continue
		case m.emptied(i):
			// Nobody has taken the reference away: it is owed again.
			m.rebase(i, m.asSeen(i, record.Owed))
		}
		if m.pair.Base[i].State == record.Owed && m.owed(i) {
			continue
		}
		group := m.group(i)
		for _, g := range group {
			done[g] = true
		}
		m.decide(group)
	}
	if len(m.failures)+len(m.parked) > 0 || m.res.Ask {
		return
	}
	for _, to := range []value.Side{value.FnO, value.Dataverse} {
		if len(m.writes[index(to)]) > 0 {
			m.update(to)
		}
	}
}

// group gives the slots that are merged as one value with a slot, itself
// first. Keys, columns written once and owed references stand alone.
func (m *merger) group(i int) []int {
	for _, together := range m.c.Map.Together {
		if !contains(together, &m.c.Slots[i]) {
			continue
		}
		var group []int
		for j := range m.c.Slots {
			s := &m.c.Slots[j]
			if contains(together, s) && !s.IsKey && !s.OnCreate && m.pair.Base[j].State != record.Owed {
				group = append(group, j)
			}
		}
		// Owed may have been given up for the slot at hand.
		if !slices.Contains(group, i) {
			group = append(group, i)
		}
		// Values that flow in different directions cannot move as one.
		for _, j := range group {
			if m.c.Slots[j].Direction != m.c.Slots[i].Direction {
				return []int{i}
			}
		}
		return group
	}
	return []int{i}
}

func contains(columns []string, s *transform.Slot) bool {
	return slices.ContainsFunc(columns, func(name string) bool {
		return strings.EqualFold(name, s.Name) || strings.EqualFold(name, s.Field.Column.Name)
	})
}

// rights says what the sides may do with a group of fields.
type rights struct {
	master value.Side // who wins when both moved
	named  bool       // the map says so, not just a default
	sends  [2]bool    // from a side to the other, by index
	edits  [2]bool    // may be edited there
}

func (m *merger) rights(group []int) rights {
	r := rights{master: m.c.Slots[group[0]].Master, sends: [2]bool{true, true}, edits: [2]bool{true, true}}
	for _, i := range group {
		slot := &m.c.Slots[i]
		for _, from := range []value.Side{value.FnO, value.Dataverse} {
			to := from.Other()
			r.sends[index(from)] = r.sends[index(from)] && slot.Direction.Sends(to) && column(m.c, slot, to).OnUpdate
			listed := lists(m.c.Map.Mastering, to, slot)
			r.edits[index(from)] = r.edits[index(from)] && slot.Direction.Sends(to) && !listed
			r.named = r.named || listed
		}
	}
	r.named = r.named || m.c.Map.Mastering.Master != ""
	if !r.edits[index(r.master)] && r.edits[index(r.master.Other())] {
		r.master, r.named = r.master.Other(), true
	}
	return r
}

// lists tells whether mastering lists a field for a side by name.
func lists(rules model.Mastering, s value.Side, slot *transform.Slot) bool {
	names := rules.FnO
	if s == value.Dataverse {
		names = rules.Dataverse
	}
	return slices.ContainsFunc(names, func(n model.Named) bool {
		return strings.EqualFold(n.Name, slot.Name) || strings.EqualFold(n.Name, slot.Field.Column.Name)
	})
}

// same tells whether both sides of all fields of a group mean the same; asked
// is false where a reference must be asked for first.
func (m *merger) same(group []int) (equal, asked bool) {
	equal, asked = true, true
	for _, i := range group {
		ok, err := m.c.Same(&m.c.Slots[i], m.rec(value.FnO), m.rec(value.Dataverse), m.in.Refs)
		var ref *transform.RefError
		if errors.As(err, &ref) && !ref.Missing {
			m.wait(ref)
			asked = false
		}
		// What cannot be carried over is not equal; the write says why.
		equal = equal && ok && err == nil
	}
	return equal, asked
}

// decide merges a group of fields as one value.
func (m *merger) decide(group []int) {
	equal, asked := m.same(group)
	if !asked {
		return
	}
	if equal {
		for _, i := range group {
			m.known(i)
		}
		return
	}
	r := m.rights(group)
	moved, known := m.movement(group)
	switch {
	case !known:
		m.first(group, r)
	case m.last != "" && moved[index(m.last.Other())] && contested(r) && r.sends[index(m.last)]:
		m.carry(group, r, m.last, RuleLast, true, true)
	case moved[0] && moved[1]:
		m.conflict(group, r)
	case moved[0]:
		m.moved(group, r, value.FnO)
	case moved[1]:
		m.moved(group, r, value.Dataverse)
	default: // neither moved: the difference is the recorded, accepted one
		for _, i := range group {
			m.known(i)
			m.accepted(i)
		}
	}
}

// accepted lists an unmoved field if its sides differ. Whether two references
// lead to the same record is not known before that record is.
func (m *merger) accepted(i int) {
	slot := &m.c.Slots[i]
	equal, err := m.c.Same(slot, m.rec(value.FnO), m.rec(value.Dataverse), m.in.Refs)
	var ref *transform.RefError
	unknown := errors.As(err, &ref) && !m.c.IsNothing(slot, value.FnO, m.current(i, value.FnO)) && !m.c.IsNothing(slot, value.Dataverse, m.current(i, value.Dataverse))
	if !equal && !unknown {
		m.listAccepted(i)
	}
}

// first decides without a base.
func (m *merger) first(group []int, r rights) {
	from, rule := m.firstSide(r)
	// Beside void fields of a group stand known ones, which have agreed since.
	void := !slices.ContainsFunc(group, func(i int) bool {
		s := m.pair.Base[i].State
		return s != record.Void && s != record.Known
	})
	m.carry(group, r, from, rule, false, m.c.Map.Initial.AllowBlank || void)
}

// firstSide gives the side that wins without a base, and why.
func (m *merger) firstSide(r rights) (value.Side, Rule) {
	from, rule := r.master, RuleMaster
	if w := m.c.Map.Initial.Winner; !r.named && w != "" {
		from, rule = w, RuleWinner
	}
	if !r.sends[index(from)] && r.edits[index(from.Other())] {
		from = from.Other()
	}
	return from, rule
}

// moved decides where one side moved.
func (m *merger) moved(group []int, r rights, side value.Side) {
	if r.edits[index(side)] {
		m.carry(group, r, side, RuleMoved, false, true)
		return
	}
	kind := record.Held
	switch violation := m.c.Map.Mastering.Violation; {
	case violation == "", violation == "revert", violation == "report" && m.in.Retry:
		m.carry(group, r, side.Other(), RuleRevert, true, true)
		return
	case violation == "ignore":
		kind = record.Tolerated
	}
	for _, i := range group {
		if unmoved(m.c, i, side, m.current(i, side), m.pair.Base[i].On(side)) {
			m.accepted(i)
			continue
		}
		m.list(record.Listed{Kind: kind, Side: side, Field: m.c.Slots[i].Name, Code: diag.CodeWrongSide,
			Reason: fmt.Sprintf("%s was changed from %s to %s in %s, which may not change it.", column(m.c, &m.c.Slots[i], side).Name,
				show(m.pair.Base[i].On(side)), show(m.current(i, side)), side.Title()),
			Hint: fmt.Sprintf("Undo it, or make the change in %s.", side.Other().Title())})
	}
}

// conflict decides where both sides moved, to different values.
func (m *merger) conflict(group []int, r rights) {
	if m.c.Map.Conflict == "hold" && !m.in.Retry && r.edits[0] && r.edits[1] {
		for _, i := range group {
			m.list(record.Listed{Kind: record.Held, Side: r.master.Other(), Field: m.c.Slots[i].Name, Code: diag.CodeBothMoved,
				Reason: fmt.Sprintf("Both sides changed it: F&O has %s, Dataverse has %s.", show(m.current(i, value.FnO)), show(m.current(i, value.Dataverse))),
				Hint:   "Give both sides the same value, or retry the record: then the value of the field's master is taken."})
		}
		return
	}
	m.carry(group, r, r.master, RuleMaster, true, true)
}

// carry writes a group's values from one side to the other. Conflict says that
// the values written over were an edit; blank that nothing may replace them.
func (m *merger) carry(group []int, r rights, from value.Side, rule Rule, conflict, blank bool) {
	to := from.Other()
	if !r.sends[index(from)] {
		for _, i := range group {
			m.list(record.Listed{Kind: record.Tolerated, Side: to, Field: m.c.Slots[i].Name, Code: diag.CodeNotWritable,
				Reason: fmt.Sprintf("F&O has %s, Dataverse has %s, and %s of %s cannot be changed after a record is created.",
					show(m.current(i, value.FnO)), show(m.current(i, value.Dataverse)), column(m.c, &m.c.Slots[i], to).Name, to.Title())})
		}
		return
	}
	values := make([]value.Value, len(group))
	how := make([]translated, len(group))
	clears := false // something, and
	keeps := false  // nothing of it stays
	for n, i := range group {
		values[n], how[n] = m.translate(i, to)
		nothing := how[n] == asValue && m.c.IsNothing(&m.c.Slots[i], to, values[n])
		clears = clears || nothing && !m.c.IsNothing(&m.c.Slots[i], to, m.current(i, to))
		keeps = keeps || !nothing
	}
	if clears && !keeps && !blank {
		for _, i := range group {
			if m.c.IsNothing(&m.c.Slots[i], to, m.current(i, to)) {
				continue // of the group only what would be lost
			}
			m.list(record.Listed{Kind: record.Held, Side: to, Field: m.c.Slots[i].Name, Code: diag.CodeBlankOverValue,
				Reason: fmt.Sprintf("%s has %s and %s has nothing, which would replace it.", to.Title(), show(m.current(i, to)), from.Title()),
				Hint:   "Fill it in on the empty side, clear it on the other, or set allow_blank in initial_sync."})
		}
		return
	}
	for n, i := range group {
		switch how[n] {
		case asOwed:
			m.owe(i, from)
		case asValue:
			m.set(i, to, values[n], rule, conflict)
		}
	}
}

// set writes one field, unless it has the value already.
func (m *merger) set(i int, to value.Side, v value.Value, rule Rule, conflict bool) {
	slot, now := &m.c.Slots[i], m.current(i, to)
	if unmoved(m.c, i, to, now, v) {
		m.rebase(i, m.asSeen(i, record.Known))
		return
	}
	if m.pair.Base[i].State == record.OwedEdit {
		rule = RuleOwed
	}
	m.write(to, record.FieldWrite{Column: column(m.c, slot, to).Name, Slot: i, Old: now, New: v, From: m.current(i, to.Other())},
		rule, conflict)
}

// owe leaves a reference for later: it is owed until its target is there. A
// field that was agreed keeps its base, and with it what moved.
func (m *merger) owe(i int, from value.Side) {
	owed := base(record.Owed, from, m.current(i, from))
	if present(m.observation(from.Other())) {
		owed = m.asSeen(i, record.Owed)
	}
	if b := m.pair.Base[i]; b.State == record.Known || b.State == record.OwedEdit {
		owed = b
		owed.State = record.OwedEdit
	}
	m.rebase(i, owed)
	name := m.c.Slots[i].Name
	l := record.Listed{Kind: record.OwedField, Side: from.Other(), Field: name, Code: diag.CodeReferenceOwed,
		Reason: fmt.Sprintf("The record that %s refers to is not there yet.", name),
		Hint:   "It is filled in when that record arrives."}
	if n := slices.IndexFunc(m.res.Waits, func(w Wait) bool { return w.Slot == name }); n >= 0 {
		l.Waits = waitText(m.res.Waits[n])
		l.WaitMap = m.res.Waits[n].Lookup.Map
	}
	m.list(l)
}

// emptied tells whether a lookup was agreed and is empty in Dataverse now since
// the row that it referred to is gone: the service has emptied it.
func (m *merger) emptied(i int) bool {
	slot, b := &m.c.Slots[i], m.pair.Base[i]
	return b.State == record.Known && slot.Lookup != nil && slot.Direction.Sends(value.Dataverse) && m.in.Lost[b.Dataverse] &&
		m.current(i, value.Dataverse).IsNull() && unmoved(m.c, i, value.FnO, m.current(i, value.FnO), b.FnO)
}

// owed tries to fill in a reference and tells whether it has dealt with the
// slot. One that its side has given up meanwhile, or that was filled in on the
// other side, is a field like any other, without a base.
func (m *merger) owed(i int) bool {
	slot, b := &m.c.Slots[i], m.pair.Base[i]
	from, _ := m.firstSide(m.rights([]int{i}))
	switch {
	case m.c.IsNothing(slot, value.FnO, b.FnO):
		from = value.Dataverse
	case m.c.IsNothing(slot, value.Dataverse, b.Dataverse):
		from = value.FnO
	}
	to := from.Other()
	if m.c.IsNothing(slot, from, m.current(i, from)) || !unmoved(m.c, i, to, m.current(i, to), b.On(to)) || !column(m.c, slot, to).OnUpdate {
		m.rebase(i, record.FieldBase{})
		return false
	}
	equal, asked := m.same([]int{i})
	switch {
	case !asked:
		return true
	case equal:
		m.known(i)
		return true
	}
	v, how := m.translate(i, to)
	switch how {
	case asOwed:
		m.owe(i, from)
	case asValue:
		m.set(i, to, v, RuleOwed, false)
	}
	return true
}

// update makes the intent for a side that is there.
func (m *merger) update(to value.Side) {
	o := m.observation(to)
	for _, k := range m.c.WriteConstants(to, false) {
		var now value.Value
		if k.At >= 0 {
			if now = o.Values[k.At]; now == k.Value {
				continue
			}
		}
		m.write(to, record.FieldWrite{Column: k.Field.Name, Slot: -1, Old: now, New: k.Value}, RuleConstant, false)
	}
	in := m.intent(to, record.Update)
	in.TargetID, in.IfMatch = o.ID, o.Version
	in.TargetKey = m.entityKey(to, o.Values)
	in.Bulk = true // where the sender masters every field, no edit can be lost
	for _, w := range in.Fields {
		if w.Slot >= 0 {
			r := m.rights([]int{w.Slot})
			in.Bulk = in.Bulk && r.master == to.Other() && !r.edits[index(to)]
		}
	}
	in.Note = m.note(to)
	m.res.Intents = append(m.res.Intents, in)
}
