package merge

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// SettleInput is an intent with what was seen of its row afterwards. Nothing
// of it is changed.
type SettleInput struct {
	Map    *transform.Compiled
	Pair   *record.Pair
	Intent *record.Intent

	// Row is the written side as a read that began after the write saw it, or
	// as the representation that came with the answer. Nil or Deleted: no such
	// row is there.
	Row *record.Observation

	// Done: the service said that it accepted the write. Of a state it may be
	// that the row was read and has it.
	Done bool
	Ours bool // Row is exactly what the write left: its representation, or its version

	// Lost are references of Dataverse whose rows are not there any more: the
	// service has emptied the lookups that had them.
	Lost map[value.Value]bool

	Written int64 // store sequence, for the pair; 0 leaves it
}

// SettleResult is what is known now. The intent has come to its end: it is to
// be deleted with the pair stored.
type SettleResult struct {
	Pair *record.Pair
	// Missing: the row is not there. After a create this means that it did not
	// come about.
	Missing bool
	// Again: a field is not as it was to be. The record is to be read on both
	// sides and merged again.
	Again bool
	// Rewritten are fields for which the service keeps another value than the
	// one that it accepted.
	Rewritten []Rewrite
	// Listed has those of Rewritten that stay, as tolerated differences, and the
	// row that was deactivated; a merge lists them too. At is left to the caller.
	Listed []record.Listed
	// Ended: the pair is over, since its last record was deleted.
	Ended bool
	// Changes are the lines of the record's history for what has been written.
	// At is left to the caller.
	Changes []record.Change
}

// Rewrite is a value that the service replaced by its own.
type Rewrite struct {
	Field       string
	Sent, Found value.Value
}

// Settle closes an intent, whatever is known of how the write ended:
//
//   - A field that equals what was sent, or means the same, is agreed.
//   - Where the write was not accepted for certain, any other field keeps its
//     base, and the next merge decides.
//   - Where it was, a field that still has its old value is kept by the service
//     against the write: the difference is accepted and listed, never fought.
//     But a lookup that is empty since the row it led to is gone was written, and
//     the next merge waits for another such row.
//   - A third value in exactly the row that the write left is the service's own.
//     Where that side may edit the field it goes to the other side, else it is
//     accepted and listed.
//   - A third value in a row read later came after the write: what was sent is
//     agreed, and the next merge sees an edit.
//   - Where a field that was not written is not as agreed, the row's version is
//     not the agreed one.
//
// A delete ends the pair once its row is not there; a row that still is goes
// through another merge. A state is reached once the service said so or the row
// has it: the pair's life follows, and an activated row is merged again.
func Settle(in SettleInput) SettleResult {
	p := *in.Pair
	p.Base = slices.Clone(p.Base)
	if in.Written != 0 {
		p.Written = in.Written
	}
	side := in.Intent.Side
	m := &merger{c: in.Map, pair: &p}
	s := &settling{SettleInput: in, merger: m, side: side}
	switch {
	case in.Intent.Op == record.Delete:
		return s.deleted()
	case !present(in.Row):
		return SettleResult{Pair: &p, Missing: true, Again: true}
	}
	m.seen = in.Row
	if in.Intent.Op == record.Deactivate || in.Intent.Op == record.Activate {
		return s.state()
	}
	*p.End(side) = record.End{ID: in.Row.ID, Version: in.Row.Version, Key: m.entityKey(side, in.Row.Values)}
	if p.Life == record.Matched && side == value.Dataverse {
		if key, ok := in.Map.KeyOf(side, in.Row.Values, in.Intent.Company); ok && key == p.Key {
			p.Life = record.Linked
		}
	}
	if in.Intent.MapVersion != p.MapVersion || len(p.Base) != len(in.Map.Slots) {
		// The map has changed since: what was written means nothing by its slots.
		return SettleResult{Pair: &p, Again: true}
	}
	if in.Intent.Op == record.Create {
		s.changed(record.FieldWrite{Slot: -1}, string(RuleCreate))
	}
	written := make([]bool, len(in.Map.Slots))
	for n, w := range in.Intent.Fields {
		applied := s.accepted()
		if w.Slot >= 0 && w.Slot < len(written) {
			written[w.Slot] = true
			applied = s.field(w)
		}
		if applied && in.Intent.Op == record.Update {
			s.changed(w, ruleAt(in.Intent, n))
		}
	}
	if in.Intent.Op == record.Create && s.accepted() {
		for i := range written {
			if !written[i] && p.Base[i].State == record.Unknown {
				s.unsent(i)
			}
		}
	}
	for i := range written {
		// A version stands for a whole row: with an edit of another field in it,
		// which is yet to be seen, the row is not the agreed one.
		if !written[i] && p.Base[i].State == record.Known && !unmoved(in.Map, i, side, s.found(i), p.Base[i].On(side)) {
			p.End(side).Version = in.Pair.End(side).Version
		}
	}
	switch {
	case s.again && s.accepted():
		p.Rounds++ // somebody answers what dw writes: the service, or a user in that moment
	case s.accepted() && in.Intent.Op == record.Update && s.stayed():
		p.Rounds = 0 // it was a user, then: what a service answers it answers each time
	}
	return SettleResult{Pair: &p, Again: s.again, Rewritten: s.rewritten, Listed: m.res.Listed, Changes: s.changes}
}

// stayed tells whether every field that was sent has the value that was sent.
func (s *settling) stayed() bool {
	return len(s.rewritten) == 0 && slices.ContainsFunc(s.Intent.Fields, func(w record.FieldWrite) bool { return w.Slot >= 0 })
}

// ruleAt gives the rule of an intent's n-th field.
func ruleAt(in *record.Intent, n int) string {
	if n < len(in.Rules) {
		return in.Rules[n]
	}
	return ""
}

// settling carries the closing of one intent.
type settling struct {
	SettleInput
	*merger
	side      value.Side
	again     bool
	rewritten []Rewrite
	changes   []record.Change
}

// deleted closes a delete.
func (s *settling) deleted() SettleResult {
	if present(s.Row) {
		return SettleResult{Pair: s.pair, Again: true}
	}
	s.changed(record.FieldWrite{Slot: -1}, ruleAt(s.Intent, 0))
	return SettleResult{Pair: s.pair, Missing: true, Ended: true, Changes: s.changes}
}

// state closes a write of state and status.
func (s *settling) state() SettleResult {
	p := s.pair
	p.Dataverse.ID, p.Dataverse.Version = s.Row.ID, s.Row.Version
	if !s.Done {
		return SettleResult{Pair: p, Again: true}
	}
	rule := ruleAt(s.Intent, 0)
	s.changed(record.FieldWrite{Slot: -1}, rule)
	switch {
	case s.Intent.Op == record.Activate:
		p.Life = record.Linked
		return SettleResult{Pair: p, Again: true, Changes: s.changes}
	case rule == string(RuleLeft):
		p.Life = record.Left
		s.listLeft(value.FnO, whyLeft)
	default:
		p.Life, p.FnO, p.Rounds = record.Deactivated, record.End{}, 0
		voided(p)
		s.listDeactivated()
	}
	return SettleResult{Pair: p, Listed: s.res.Listed, Changes: s.changes}
}

// changed adds a line to the record's history: a field, or, with Slot -1 and no
// column, the record as a whole.
func (s *settling) changed(w record.FieldWrite, rule string) {
	in := s.Intent
	c := record.Change{Map: in.Map, MapVersion: in.MapVersion, Key: in.Key, Record: transform.ReadableCanonical(in.Key),
		After: in.After, Side: s.side, Op: in.Op, Column: w.Column, Field: w.Column, Rule: rule, Old: w.Old, New: w.New, Note: in.Note}
	if w.Slot >= 0 {
		c.Field = s.c.Slots[w.Slot].Name
	}
	if w.Slot >= 0 || w.Column == "" {
		c.From = s.side.Other() // constants are the map's
	}
	s.changes = append(s.changes, c)
}

// accepted tells whether the service certainly took the write over: it said
// so, or the row has the id that was chosen for it.
func (s *settling) accepted() bool {
	return s.Done || s.Intent.Op == record.Create && s.side == value.Dataverse && s.Row.ID == s.Intent.TargetID
}

// agree makes a field's base a value of the written side, with the other
// side's value that belongs to it.
func (s *settling) agree(i int, here, other value.Value) {
	b := record.FieldBase{State: record.Known, FnO: here, Dataverse: other}
	if s.side == value.Dataverse {
		b.FnO, b.Dataverse = other, here
	}
	s.pair.Base[i] = b
}

func (s *settling) found(i int) value.Value {
	return s.Row.Values[place(&s.c.Slots[i], s.side)]
}

// field agrees on one field that was sent and tells whether the service took
// it.
func (s *settling) field(w record.FieldWrite) bool {
	found := s.found(w.Slot)
	switch {
	case unmoved(s.c, w.Slot, s.side, found, w.New) || s.means(w, found):
		s.agree(w.Slot, found, w.From)
	case !s.accepted():
		s.again = true
		return false
	case s.Lost[w.New] && found.IsNull():
		s.agree(w.Slot, w.New, w.From)
		s.again = true
	case s.Ours && found != w.Old && s.rights([]int{w.Slot}).edits[index(s.side)]:
		// The service gave the field a value of its own, a number say. That is
		// an edit of a side that may edit: it goes to the other side.
		s.rewritten = append(s.rewritten, Rewrite{Field: s.c.Slots[w.Slot].Name, Sent: w.New, Found: found})
		s.agree(w.Slot, w.New, w.From)
		s.again = true
	case s.Ours || found == w.Old:
		s.rewritten = append(s.rewritten, Rewrite{Field: s.c.Slots[w.Slot].Name, Sent: w.New, Found: found})
		s.agree(w.Slot, found, w.From)
		s.listAccepted(w.Slot)
	default:
		s.agree(w.Slot, w.New, w.From)
		s.again = true
	}
	return true
}

// means tells whether a value found means what was sent, though it is written
// in another way. Expressions that need the rest of the record cannot tell.
func (s *settling) means(w record.FieldWrite, found value.Value) bool {
	slot := &s.c.Slots[w.Slot]
	rec := func(side value.Side, v value.Value) *transform.Record {
		r := &transform.Record{Side: side, Company: s.pair.Company, Values: make([]value.Value, projection(s.c, side).Width())}
		r.Values[place(slot, side)] = v
		return r
	}
	fno, dataverse := rec(s.side, found), rec(s.side.Other(), w.From)
	if s.side == value.Dataverse {
		fno, dataverse = dataverse, fno
	}
	same, err := s.c.Same(slot, fno, dataverse, nil)
	return same && err == nil
}

// unsent agrees on a field that a create did not send: it does not flow to
// that side, or it is a reference to nothing. Where the sides differ in it the
// difference stays, and is listed.
func (s *settling) unsent(i int) {
	slot, other, found := &s.c.Slots[i], s.pair.Base[i].On(s.side.Other()), s.found(i)
	flows := slot.Direction.Sends(s.side) && column(s.c, slot, s.side).OnCreate
	if flows && !s.Ours && !s.c.IsNothing(slot, s.side, found) {
		// The new row had nothing there; somebody has filled it since.
		s.agree(i, value.Value{}, other)
		s.again = true
		return
	}
	s.agree(i, found, other)
	if !slot.OnCreate && s.differs(i) {
		s.listAccepted(i)
	}
}

// differs tells whether a field that is agreed is different on the two sides for
// certain. Nothing is known here of two references that lead somewhere, nor of
// expressions, which may need the rest of the record.
func (s *settling) differs(i int) bool {
	slot, b := &s.c.Slots[i], s.pair.Base[i]
	if slot.Field == nil || slot.Field.ToDataverse != nil || slot.Field.ToFnO != nil {
		return false
	}
	fno, dataverse := s.c.IsNothing(slot, value.FnO, b.FnO), s.c.IsNothing(slot, value.Dataverse, b.Dataverse)
	if fno || dataverse || slot.Lookup != nil {
		return fno != dataverse
	}
	return !s.means(record.FieldWrite{Slot: i, From: b.On(s.side.Other())}, b.On(s.side))
}

// Rebase carries a base from one version of a map to another: fields that are
// mapped as before keep theirs, all others are unknown.
func Rebase(from, to *transform.Compiled, old []record.FieldBase) []record.FieldBase {
	fresh := make([]record.FieldBase, len(to.Slots))
	if len(old) != len(from.Slots) {
		return fresh
	}
	for i := range to.Slots {
		for j := range from.Slots {
			if to.Slots[i].Name == from.Slots[j].Name && sameSlot(&to.Slots[i], &from.Slots[j]) {
				fresh[i] = old[j]
			}
		}
	}
	return fresh
}

// sameSlot tells whether two versions of a map carry a field's values over
// alike. When it is written and what becomes of missing targets do not count.
func sameSlot(a, b *transform.Slot) bool {
	if (a.Lookup == nil) != (b.Lookup == nil) || a.Lookup != nil && (a.Lookup.Table != b.Lookup.Table || a.Lookup.KeyColumn != b.Lookup.KeyColumn) {
		return false
	}
	x, errX := mapping(a.Field)
	y, errY := mapping(b.Field)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// mapping gives what a field does to values in its JSON form, which leaves out
// the places in the files.
func mapping(f *model.Field) ([]byte, error) {
	plain := *f
	plain.Writes, plain.Missing = "", ""
	return json.Marshal(plain)
}
