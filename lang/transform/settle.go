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

// settle tries the two-way slots whose functions are not each other's inverse
// by construction on generated values: after one round trip a value must stay.
// The key of a lookup is tried as if there were a row for every key.
func (b *builder) settle() {
	for i := range b.c.Slots {
		s := &b.c.Slots[i]
		if s.Direction != model.Both || s.tuple != nil || s.OnCreate || !b.lossy(s) {
			continue
		}
		worst := b.worstTrip(s)
		switch {
		case worst == nil || worst.settled == 0:
		case worst.settled < 0:
			b.fail(diag.CodeNeverSettles, b.settleRange(s), fmt.Sprintf("%s never settles", s.Name),
				worst.String()+". The value would change with every round between the two sides.",
				"Make the two expressions undo each other, or map the field one way.")
		default:
			b.report(diag.CodeSettlesLater, diag.Notice, b.settleRange(s), fmt.Sprintf("%s changes values of %s", s.Name, worst.side.Title()),
				worst.String()+".", "Nothing to do if that is meant; dw accepts the two values as equal from then on.")
		}
	}
}

// worstTrip gives the first trip that never settles, else the first that
// settles after a change, else nil.
func (b *builder) worstTrip(s *Slot) *trip {
	var worst *trip
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		for _, v := range b.samples(b.c.Column(s, side)) {
			t := b.roundTrip(s, side, v)
			switch {
			case t == nil || t.settled == 0:
			case t.settled < 0:
				return t
			case worst == nil:
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
		return fno.Scale != nil && dv.Scale != nil && *fno.Scale != *dv.Scale
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

// trip is what became of a value on its way to the other side and back.
type trip struct {
	side           value.Side
	start          value.Value
	over           value.Value
	back           value.Value
	overAgain, end value.Value
	settled        int // 0 at once, 1 after a change, -1 never
}

// String tells the trip as an example.
func (t *trip) String() string {
	s := fmt.Sprintf("%q in %s becomes %q in %s, which comes back as %q", t.start, t.side.Title(), t.over, t.side.Other().Title(), t.back)
	if t.settled < 0 {
		s += fmt.Sprintf(", then becomes %q and comes back as %q", t.overAgain, t.end)
	}
	return s
}

// roundTrip carries a value over and back twice; nil where a step refuses it.
func (b *builder) roundTrip(s *Slot, side value.Side, v value.Value) *trip {
	t := &trip{side: side, start: v}
	var err error
	for _, leg := range []struct {
		from value.Side
		in   *value.Value
		out  *value.Value
	}{{side, &t.start, &t.over}, {side.Other(), &t.over, &t.back}, {side, &t.back, &t.overAgain}, {side.Other(), &t.overAgain, &t.end}} {
		if *leg.out, err = b.trial(s, leg.from, *leg.in); err != nil {
			return nil
		}
	}
	alike := func(x, y value.Value) bool {
		nothing := func(v value.Value) bool {
			if side == value.FnO {
				return b.c.nothingAlike(s, v)
			}
			return b.c.IsNothing(s, side, v)
		}
		return s.equal(x, y) || nothing(x) && nothing(y)
	}
	switch {
	case alike(t.start, t.back):
	case s.Field.Values != nil && t.over.IsNull():
		// The author's otherwise makes nothing of it, and nothing is never
		// written back over what it came from.
	case alike(t.back, t.end):
		t.settled = 1
	default:
		t.settled = -1
	}
	return t
}

// trial translates a value in a record whose other fields hold ordinary
// values, for expressions that read them.
func (b *builder) trial(s *Slot, side value.Side, v value.Value) (value.Value, error) {
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
	place := s.Dataverse
	if side == value.FnO {
		place = s.FnO
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

// samples gives values that a field can hold, an ordinary one first.
func (b *builder) samples(f *schema.Field) []value.Value {
	var out []value.Value
	switch f.Type {
	case schema.TypeText:
		for _, s := range []string{"Abc Def", "", "a", "A", "US-001", " lead", "trail ", "a-b_c.d", "ÄÖß é", "0", "00042", "x@Y.Z", strings.Repeat("W", min(max(f.MaxLength, 1), 64))} {
			if f.MaxLength == 0 || utf16Length(s) <= f.MaxLength {
				out = append(out, value.NewText(s))
			}
		}
	case schema.TypeInteger:
		for _, n := range []int64{42, 0, 1, -1, 7, 1000} {
			out = append(out, value.NewInteger(n))
		}
	case schema.TypeDecimal:
		scale := 2
		if f.Scale != nil {
			scale = *f.Scale
		}
		for _, text := range []string{"12.5", "0", "1", "-1.5", "0.01", "0.005", "12345.678901234"} {
			if v, err := value.NewDecimal(text); err == nil {
				out = append(out, v.Round(scale))
			}
		}
	case schema.TypeBool:
		out = append(out, value.NewBool(true), value.NewBool(false))
	case schema.TypeTime:
		for _, text := range []string{"2026-03-01T12:00:00Z", "1999-12-31T23:59:59Z", "2024-02-29T00:00:00Z"} {
			v, err := value.ParseDateTime(text)
			if f.DateOnly {
				v, err = value.ParseDate(text)
			}
			if err == nil {
				out = append(out, v)
			}
		}
	case schema.TypeEnum:
		if e := b.enum(f.Enum); e != nil {
			for _, m := range e.Members {
				out = append(out, value.NewSymbol(m.Name))
			}
		}
	case schema.TypeChoice:
		for _, o := range f.Options {
			out = append(out, value.NewOption(o.Value))
		}
	case schema.TypeGuid:
		out = append(out, value.NewGuid("0f8fad5b-d9cb-469f-a165-70867728950e"))
	}
	return out
}
