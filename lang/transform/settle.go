package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// mostChanges is how often a value may change on its way there and back before
// it is said never to settle: the engine stops a record after three rounds.
const mostChanges = 3

// settle tries the two-way slots whose functions are not each other's inverse
// by construction on generated values: after one round trip a value must stay.
// The key of a lookup is tried as if there were a row for every key.
func (b *builder) settle() {
	for i := range b.c.Slots {
		s := &b.c.Slots[i]
		if s.Direction != model.Both || s.tuple != nil || s.OnCreate || !b.lossy(s) {
			continue
		}
		worst := b.in.Trials.worst(b.trialKey(s), func() *trip { return b.worstTrip(s) })
		switch {
		case worst == nil || worst.changes == 0:
		case worst.changes < 0:
			b.fail(diag.CodeNeverSettles, b.settleRange(s), fmt.Sprintf("%s never settles: %s", s.Name, worst.trail(2*mostChanges)),
				worst.String()+". The value would change with every round between the two sides.",
				"Make the two expressions undo each other, or map the field one way.")
		case b.hiding[s.Name]:
			// Told, with all values of the kind.
		default:
			b.report(diag.CodeSettlesLater, diag.Notice, b.settleRange(s), fmt.Sprintf("%s changes values of %s: %q → %q", s.Name, worst.side.Title(), clip(worst.start().String()), clip(worst.last().String())),
				worst.String()+".", "Nothing to do if that is meant; dw accepts the two values as equal from then on.")
		}
	}
}

// worstTrip gives the first trip that never settles, else the first that
// settles after a change, else nil.
func (b *builder) worstTrip(s *Slot) *trip {
	var worst *trip
	literals := literalsOf(s.Field.ToDataverse, s.Field.ToFnO)
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		for _, v := range append(b.samples(b.c.Column(s, side)), near(b.c.Column(s, side), literals)...) {
			t := b.roundTrip(s, side, v)
			switch {
			case t == nil || t.changes == 0:
			case t.changes < 0:
				return t
			case worst == nil || t.changes > worst.changes:
				worst = t
			}
		}
	}
	return worst
}

// lossy tells whether a round trip through a slot may change a value.
func (b *builder) lossy(s *Slot) bool {
	f := s.Field
	if f.ToDataverse != nil || f.ToFnO != nil {
		return true
	}
	fno, dv := b.c.Column(s, value.FnO), b.c.Column(s, value.Dataverse)
	switch {
	case f.Values != nil:
		return len(f.Values.Reverse) > 0 || f.Values.ToDataverse.Kind != "" || f.Values.ToFnO.Kind != ""
	case fno.Type == schema.TypeTime:
		return fno.DateOnly != dv.DateOnly
	case fno.Type == schema.TypeDecimal && dv.Type == schema.TypeDecimal:
		n, known := fno.Decimals()
		m, alsoKnown := dv.Decimals()
		return known && alsoKnown && n != m
	default:
		return false
	}
}

func (b *builder) settleRange(s *Slot) diag.Range {
	if e := s.Field.ToDataverse; e != nil && !e.Range.IsZero() {
		return e.Range
	}
	if e := s.Field.ToFnO; e != nil && !e.Range.IsZero() {
		return e.Range
	}
	return s.Field.Column.Range
}

// trip is what becomes of a value on its way to the other side and back, and
// again.
type trip struct {
	side    value.Side
	values  []value.Value // on side and on the other one in turn
	changes int           // how often it comes back as another value before it stays; -1 never
	refused bool          // what it comes back as is refused on its way
}

func (t *trip) start() value.Value { return t.values[0] }

// last gives the value that stays, or as far as it was followed.
func (t *trip) last() value.Value { return t.values[(len(t.values)-1)/2*2] }

// trail shows the first values, with arrows.
func (t *trip) trail(most int) string {
	var b strings.Builder
	for i, v := range t.values {
		if i > 0 {
			b.WriteString(" → ")
		}
		if i == most {
			b.WriteString("…")
			break
		}
		fmt.Fprintf(&b, "%q", clip(v.String()))
	}
	return b.String()
}

// String tells the trip as an example.
func (t *trip) String() string {
	s := fmt.Sprintf("%q in %s becomes %q in %s, which comes back as %q", clip(t.values[0].String()), t.side.Title(), clip(t.values[1].String()), t.side.Other().Title(), clip(t.values[2].String()))
	switch {
	case t.refused:
		return s + fmt.Sprintf(", and %q is refused on its way", clip(t.last().String()))
	case t.changes == 1:
		return s + ". Then it stays"
	case t.changes > 1:
		return s + ", and so on: " + t.trail(2*mostChanges+1) + ". Then it stays"
	}
	if len(t.values) > 4 {
		s += fmt.Sprintf(", then becomes %q and comes back as %q", clip(t.values[3].String()), clip(t.values[4].String()))
	}
	return s
}

// roundTrip carries a value over and back until it stays; nil where the first
// round refuses it, so that the record is listed.
func (b *builder) roundTrip(s *Slot, side value.Side, v value.Value) *trip {
	t := &trip{side: side, values: []value.Value{v}}
	for t.changes = 0; t.changes <= mostChanges; t.changes++ {
		for _, from := range []value.Side{side, side.Other()} {
			out, err := b.trial(s, from, t.values[len(t.values)-1])
			if err != nil && len(t.values) < 3 {
				return nil
			}
			if err != nil {
				t.refused = true
				return t
			}
			t.values = append(t.values, out)
		}
		n := len(t.values)
		if b.alike(s, side, t.values[n-3], t.values[n-1]) {
			return t
		}
		if s.Field.Values != nil && t.values[n-2].IsNull() {
			// The author's otherwise makes nothing of it, and nothing is never
			// written back over what it came from.
			return t
		}
	}
	t.changes = -1
	return t
}

// alike tells whether two values of a side of a slot are taken for the same.
func (b *builder) alike(s *Slot, side value.Side, x, y value.Value) bool {
	nothing := func(v value.Value) bool {
		if side == value.FnO {
			return b.c.nothingAlike(s, v)
		}
		return b.c.IsNothing(s, side, v)
	}
	return s.equal(x, y) || nothing(x) && nothing(y)
}

// trial translates a value in a record whose other fields hold ordinary
// values, for expressions that read them.
func (b *builder) trial(s *Slot, side value.Side, v value.Value) (value.Value, error) {
	place := s.Dataverse
	if side == value.FnO {
		place = s.FnO
	}
	return b.trialAt(s, side, place, v)
}

// trialAt is trial with the value in another place of the record.
func (b *builder) trialAt(s *Slot, side value.Side, place int, v value.Value) (value.Value, error) {
	r := b.ordinary[side]
	if r == nil {
		r = &Record{Side: side, Company: "USMF"}
		for _, f := range b.projection(side).Columns {
			first := value.Value{}
			if samples := b.samples(f); len(samples) > 0 {
				first = samples[0]
			}
			r.Values = append(r.Values, first)
		}
		b.ordinary[side] = r
	}
	at := &r.Values[place]
	usual := *at
	*at = v
	out, err := b.c.Translate(s, r, &b.echo)
	*at = usual
	return out, err
}

// echo knows a row for every key.
type echo struct{ keys []string }

// ID implements Refs.
func (e *echo) ID(l *Lookup, _, key string) (value.Value, RefState) {
	at := slices.Index(e.keys, key)
	if at < 0 {
		at, e.keys = len(e.keys), append(e.keys, key)
	}
	return value.NewReference(l.Table, fmt.Sprintf("00000000-0000-0000-0000-%012d", at)), RefKnown
}

// Key implements Refs.
func (e *echo) Key(_ *Lookup, ref value.Value) (string, RefState) {
	for at := range e.keys {
		if strings.HasSuffix(ref.Guid(), fmt.Sprintf("-%012d", at)) {
			return e.keys[at], RefKnown
		}
	}
	return "", RefMissing
}
