package merge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
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

	Done bool // the service said that it accepted the write
	Ours bool // Row is exactly what the write left: its representation, or its version

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
	// Listed has the rewrites that leave the sides apart, as tolerated. At is
	// left to the caller.
	Listed []record.Listed
}

// Rewrite is a value that the service replaced by its own.
type Rewrite struct {
	Field       string
	Sent, Found value.Value
}

// Settle closes an intent, whatever is known of how the write ended: a field
// that equals what was sent is agreed; one that equals what was there before
// was not written; anything else is the service's own rewrite where it is
// certain that nobody else wrote, or an edit from outside, which the next
// merge deals with. A service that accepts a write and shows the value of
// before once more is not fought: its value is accepted and listed.
func Settle(in SettleInput) SettleResult {
	p := *in.Pair
	p.Base = slices.Clone(p.Base)
	if in.Written != 0 {
		p.Written = in.Written
	}
	if !present(in.Row) {
		return SettleResult{Pair: &p, Missing: true, Again: true}
	}
	side := in.Intent.Side
	m := &merger{c: in.Map, seen: in.Row, pair: &p, in: Input{Map: in.Map}}
	*p.End(side) = record.End{ID: in.Row.ID, Version: in.Row.Version, Key: m.entityKey(side, in.Row.Values)}
	s := &settling{SettleInput: in, merger: m, side: side}
	if in.Intent.MapVersion != p.MapVersion || len(p.Base) != len(in.Map.Slots) {
		// The map has changed since: what was written means nothing by its slots.
		return SettleResult{Pair: &p, Again: true}
	}
	written := make([]bool, len(in.Map.Slots))
	for _, w := range in.Intent.Fields {
		if w.Slot >= 0 && w.Slot < len(written) {
			written[w.Slot] = true
			s.field(w)
		}
	}
	if in.Intent.Op == record.Create && s.born() {
		// What was not sent at creation is agreed as it stands.
		for i := range written {
			if b := p.Base[i]; !written[i] && b.State == record.Unknown {
				s.agree(i, b.On(side.Other()))
			}
		}
	}
	return SettleResult{Pair: &p, Again: s.again, Rewritten: s.rewritten, Listed: m.res.Listed}
}

// settling carries the closing of one intent.
type settling struct {
	SettleInput
	*merger
	side      value.Side
	again     bool
	rewritten []Rewrite
}

// born tells whether the row is certainly the one that the intent created.
func (s *settling) born() bool {
	return s.Done || s.side == value.Dataverse && s.Row.ID == s.Intent.TargetID
}

// agree makes a field's base the value as found, with the other side's value
// that belongs to it.
func (s *settling) agree(i int, other value.Value) {
	found := s.Row.Values[place(&s.c.Slots[i], s.side)]
	b := record.FieldBase{State: record.Known, FnO: found, Dataverse: other}
	if s.side == value.Dataverse {
		b.FnO, b.Dataverse = other, found
	}
	s.pair.Base[i] = b
}

func (s *settling) field(w record.FieldWrite) {
	slot := &s.c.Slots[w.Slot]
	found := s.Row.Values[place(slot, s.side)]
	old := s.pair.Base[w.Slot]
	switch {
	case unmoved(s.c, w.Slot, s.side, found, w.New):
		s.agree(w.Slot, w.From)
	case s.Done && s.Ours:
		s.rewrite(w, found)
	case s.Done && found == w.Old && (old.State != record.Known || old.On(s.side) != w.Old):
		// Before the write it stood there too, and not by an agreement: it is
		// the service that puts it there.
		s.rewrite(w, found)
		s.list(record.Listed{Kind: record.Tolerated, Side: s.side, Field: slot.Name, Code: diag.CodeServerKeeps,
			Reason: fmt.Sprintf("%s accepted %s for %s and keeps %s.", s.side.Title(), show(w.New), w.Column, show(found)),
			Hint:   "See which rule of the service sets the column; take the field out of the map or make the value on the other side agree."})
	default:
		s.again = true
	}
}

func (s *settling) rewrite(w record.FieldWrite, found value.Value) {
	s.rewritten = append(s.rewritten, Rewrite{Field: s.c.Slots[w.Slot].Name, Sent: w.New, Found: found})
	s.agree(w.Slot, w.From)
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
