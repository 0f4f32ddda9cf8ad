package transform

import "github.com/dualwrite/dw/lang/value"

// Trial carries generated values through single fields of a compiled map, in
// records whose other fields hold ordinary values. It is for one goroutine.
type Trial struct{ b *builder }

// NewTrial compiles a map for trials; nil where it does not compile.
func NewTrial(in Input) *Trial {
	b, c := build(in)
	if c == nil {
		return nil
	}
	return &Trial{b: b}
}

// Samples gives values that a column of a side can hold, made for the
// expressions of the map too.
func (t *Trial) Samples(side value.Side, column string) []value.Value {
	f := t.b.projection(side).Table.Field(column)
	if f == nil {
		return nil
	}
	out := t.b.samples(f)
	for _, x := range t.b.in.Map.Fields {
		if x.ToDataverse != nil || x.ToFnO != nil {
			out = append(out, near(f, literalsOf(x.ToDataverse, x.ToFnO))...)
		}
	}
	return out
}

// Carry gives what a field writes on the other side when a column of a record
// holds v: its own, or another that its expression reads. It is not ok where
// the map has no such field or refuses the value.
func (t *Trial) Carry(field string, from value.Side, column string, v value.Value) (out value.Value, ok bool) {
	at := t.b.projection(from).index(column)
	if at < 0 {
		return value.Value{}, false
	}
	for i := range t.b.c.Slots {
		if s := &t.b.c.Slots[i]; i != t.b.c.Company && s.Name == field {
			out, err := t.b.trialAt(s, from, at, v)
			return out, err == nil
		}
	}
	return value.Value{}, false
}

// Alike tells whether two values of a side of a field are taken for the same.
func (t *Trial) Alike(field string, side value.Side, x, y value.Value) bool {
	for i := range t.b.c.Slots {
		if s := &t.b.c.Slots[i]; s.Name == field {
			return t.b.alike(s, side, x, y)
		}
	}
	return x == y
}
