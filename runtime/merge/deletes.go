package merge

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// parted decides about the record that remains of a pair.
func (m *merger) parted(from value.Side) {
	seen, gone, p := m.observation(from), from.Other(), m.in.Pair
	certain := m.observation(gone) != nil // and then Deleted, since it is not there
	switch {
	case p.Life == record.Ignored && m.in.Retry:
		m.add(from)
	case p.Life == record.Ignored && !seen.InScope:
		m.res.Unlink = true
	case p.Life == record.Ignored:
		m.ignore(gone, diag.CodeGoneOnOneSide, "")
	case p.Life == record.Deactivated && from == value.FnO:
		// It came back, and its deactivated row has gone since.
		m.add(from)
	case p.Life == record.Deactivated:
		m.pair = m.asleep(record.Deactivated)
		m.listDeactivated()
	case !certain:
		m.notFound(gone)
	case !seen.InScope:
		m.res.Unlink = true
	case p.Life != record.Linked:
		// What was out of the scope has gone; the other side keeps its record.
		m.ignore(gone, diag.CodeGoneOnOneSide, "")
	default:
		m.deleted(gone)
	}
}

// notFound lists a record whose other half a read did not find. Nothing
// follows from that: it may be there, unseen.
func (m *merger) notFound(side value.Side) {
	kind := record.Held
	if m.deletes(side.Other()) == "ignore" {
		kind = record.Tolerated
	}
	m.list(record.Listed{Kind: kind, Side: side, Code: diag.CodeGoneOnOneSide,
		Reason: fmt.Sprintf("It was agreed on both sides, is still in %s and is not found in %s.", side.Other().Title(), side.Title()),
		Hint:   "Live synchronisation carries deletes over once they are certain; or restore the record."})
}

// deletes says what becomes of a side's record when the other one is deleted.
func (m *merger) deletes(side value.Side) string {
	if side == value.FnO {
		if d := m.c.Map.Deletes.ToFnO; d != "" && d != "deactivate" {
			return d
		}
		return "ignore"
	}
	switch d := m.c.Map.Deletes.ToDataverse; {
	case d != "":
		return d
	case m.c.Dataverse.Table.Field(stateColumn) != nil:
		return "deactivate"
	default:
		return "ignore"
	}
}

// deleted decides about a pair whose record on one side was deleted.
func (m *merger) deleted(gone value.Side) {
	stays := gone.Other()
	policy, edited := m.deletes(stays), m.edited(stays)
	switch {
	case policy == "ignore":
		m.ignore(gone, diag.CodeGoneOnOneSide, "")
	case edited && m.c.Map.Conflict == "hold" && !m.in.Retry:
		m.pair = m.asleep(record.Linked)
		m.list(record.Listed{Kind: record.Held, Side: gone, Code: diag.CodeDeleteOrEdit,
			Reason: fmt.Sprintf("It was deleted in %s and changed in %s.", gone.Title(), stays.Title()),
			Hint:   fmt.Sprintf("Delete it in %s too, or create it again in %s; or retry the record: then the map's master decides.", stays.Title(), gone.Title())})
	case edited && m.master() == stays && m.c.CreatesOn[gone]:
		m.create(stays)
	default:
		m.remove(stays, RuleDeleted, policy == "deactivate")
	}
}

// master gives the map's master.
func (m *merger) master() value.Side {
	if s := m.c.Map.Mastering.Master; s != "" {
		return s
	}
	return value.FnO
}

// edited tells whether a side's record has moved since it was agreed.
func (m *merger) edited(s value.Side) bool {
	p := m.in.Pair
	if p.MapVersion != m.in.MapVersion || len(p.Base) != len(m.c.Slots) {
		return false
	}
	for i := range m.c.Slots {
		b := p.Base[i]
		agreed := b.State == record.Known || b.State == record.OwedEdit
		if agreed && !m.c.Slots[i].IsKey && !unmoved(m.c, i, s, m.current(i, s), b.On(s)) {
			return true
		}
	}
	return false
}

// ignore lets a pair sleep one of whose records was deleted, and lists the
// other: it stays as it is, and is not created again.
func (m *merger) ignore(gone value.Side, code, why string) {
	stays := gone.Other()
	m.pair = m.asleep(record.Ignored)
	*m.pair.End(gone), m.pair.Rounds = record.End{}, 0
	voided(m.pair)
	if why == "" {
		why = "the map leaves the other record alone"
	}
	m.list(record.Listed{Kind: record.Tolerated, Side: gone, Code: code,
		Reason: fmt.Sprintf("It was deleted in %s and is still in %s: %s.", gone.Title(), stays.Title(), why),
		Hint:   fmt.Sprintf("Delete it in %s too, or create it again in %s: by hand, or by a retry of this entry.", stays.Title(), gone.Title())})
}

// remove makes the write that deletes or deactivates a side's record, since
// the other one was deleted or has left the scope. Where that cannot be the
// pair sleeps, and the entry says why.
func (m *merger) remove(side value.Side, rule Rule, deactivate bool) {
	code, why := "", ""
	switch {
	case m.in.Shared[side]:
		code, why = diag.CodeSharedRow, "records of other maps need it too"
	case deactivate && !m.hasState():
		code, why = diag.CodeNoState, "its table has no state that simply means inactive"
	case !deactivate && projection(m.c, side).Table.ReadOnly:
		code, why = diag.CodeNoDelete, "its table cannot be written"
	}
	switch {
	case code != "" && rule == RuleDeleted:
		m.ignore(side.Other(), code, why)
	case code != "":
		m.unlink(side.Other(), code, why)
	case deactivate:
		m.state(record.Deactivate, rule)
	default:
		m.pair = m.asleep(m.in.Pair.Life)
		o := m.observation(side)
		in := m.intent(side, record.Delete)
		in.TargetID, in.IfMatch, in.TargetKey = o.ID, o.Version, m.entityKey(side, o.Values)
		in.Rules = []string{string(rule)}
		if rule == RuleLeft {
			in.Note = NoteLeft
		}
		m.res.Intents = append(m.res.Intents, in)
	}
}

// The columns of a Dataverse row's state, and the values that most tables have
// for active and inactive, by the documentation of the table definitions.
const (
	stateColumn  = "statecode"
	statusColumn = "statuscode"

	activeState, activeStatus     = 0, 1
	inactiveState, inactiveStatus = 1, 2
)

// hasState tells whether the Dataverse table knows active and inactive and no
// other state: an order, say, has several that mean neither.
func (m *merger) hasState() bool {
	state := m.c.Dataverse.Table.Field(stateColumn)
	if state == nil {
		return false
	}
	for _, o := range state.Options {
		if o.Value != activeState && o.Value != inactiveState {
			return false
		}
	}
	return true
}

// state makes the write that deactivates or activates the Dataverse row. The
// pair's life follows when the write is settled.
func (m *merger) state(op record.Op, rule Rule) {
	m.pair = m.asleep(m.in.Pair.Life)
	code, status := int64(activeState), int64(activeStatus)
	if op == record.Deactivate {
		code, status = inactiveState, inactiveStatus
	}
	in := m.intent(value.Dataverse, op)
	o := m.in.Dataverse
	in.TargetID, in.IfMatch, in.Note = o.ID, o.Version, NoteState
	in.Fields = []record.FieldWrite{{Column: stateColumn, Slot: -1, New: value.NewOption(code)}}
	in.Rules = []string{string(rule)}
	// A table with a status of its own for inactive gets the state's default
	// from the service.
	if hasOption(m.c.Dataverse.Table.Field(statusColumn), status) {
		in.Fields = append(in.Fields, record.FieldWrite{Column: statusColumn, Slot: -1, New: value.NewOption(status)})
		in.Rules = append(in.Rules, string(rule))
	}
	m.res.Intents = append(m.res.Intents, in)
}

func hasOption(f *schema.Field, v int64) bool {
	if f == nil {
		return false
	}
	for _, o := range f.Options {
		if o.Value == v {
			return true
		}
	}
	return false
}

// listDeactivated lists the row that remains of a deleted record.
func (m *merger) listDeactivated() {
	m.list(record.Listed{Kind: record.Tolerated, Side: value.FnO, Code: diag.CodeDeactivated,
		Reason: "It was deleted in F&O, and its Dataverse row was deactivated for that.",
		Hint:   "The row is activated when a record with this key comes back to F&O."})
}
