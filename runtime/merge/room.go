package merge

import (
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
)

// Room is memory that merges build their results in, for a caller that drops
// them before it goes on: a record of 60 fields takes some 13 KB. It belongs to
// one task. The zero Room is empty and grows to what is needed between two
// calls of Reset.
type Room struct {
	bases  shelf[record.FieldBase]
	writes shelf[record.FieldWrite]
	rules  shelf[string]
	values shelf[value.Value]
}

// Reset makes the room free again. Results that were built in it must not be
// used any more.
func (r *Room) Reset() {
	r.bases.reset()
	r.writes.reset()
	r.rules.reset()
	r.values.reset()
}

// shelf hands out pieces of slices that it keeps.
type shelf[T any] struct {
	full []T // the slice that pieces are cut of
	used int // of it
	gone int // elements handed out of slices that were too small
}

// leastShelf is how many elements a shelf has room for at first.
const leastShelf = 1024

// take gives n zero elements that may be appended to without harm.
func (s *shelf[T]) take(n int) []T {
	if len(s.full)-s.used < n {
		s.gone += s.used
		s.full, s.used = make([]T, max(leastShelf, 2*len(s.full), n)), 0
	}
	piece := s.full[s.used : s.used+n : s.used+n]
	s.used += n
	return piece
}

// reset takes all pieces back. The next round finds one slice that is large
// enough for what this one took.
func (s *shelf[T]) reset() {
	if need := s.gone + s.used; s.gone > 0 && len(s.full) < need {
		s.full = make([]T, need)
	} else {
		clear(s.full[:s.used])
	}
	s.used, s.gone = 0, 0
}

// bases gives zero bases of all fields.
func (m *merger) bases() []record.FieldBase {
	if r := m.in.Room; r != nil {
		return r.bases.take(len(m.c.Slots))
	}
	return make([]record.FieldBase, len(m.c.Slots))
}

// sameBases gives a copy of a pair's bases.
func (m *merger) sameBases(old []record.FieldBase) []record.FieldBase {
	if m.in.Room == nil || len(old) != len(m.c.Slots) {
		return slices.Clone(old)
	}
	all := m.bases()
	copy(all, old)
	return all
}

// row gives the values of a record that holds nothing yet.
func (m *merger) row(to value.Side) []value.Value {
	n := projection(m.c, to).Width()
	if r := m.in.Room; r != nil {
		return r.values.take(n)
	}
	return make([]value.Value, n)
}

// expect makes room for n writes of a side.
func (m *merger) expect(to value.Side, n int) {
	if r := m.in.Room; r != nil {
		m.writes[index(to)] = r.writes.take(n)[:0]
		m.rules[index(to)] = r.rules.take(n)[:0]
		return
	}
	m.writes[index(to)] = make([]record.FieldWrite, 0, n)
	m.rules[index(to)] = make([]string, 0, n)
}
