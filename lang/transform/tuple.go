package transform

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// tuple is the F&O fields that a lookup of several fields takes as one value:
// a text of their texts, without trailing blanks, with keySeparator between
// them, or null where all are nothing.
type tuple struct {
	slot   string
	fields []*schema.Field
	at     []int // places in FnO.Columns
	fits   []fitter
	writes []bool // whether the slot writes the field; else another one does, or the key
	place  int    // in FnO.Virtual
}

// tuple makes the virtual F&O column of a lookup of several fields.
func (b *builder) tuple(s *Slot, f *model.Field, fields []*schema.Field) {
	t := &tuple{slot: s.Name, fields: fields, place: len(b.c.FnO.Virtual)}
	made := &schema.Field{Type: schema.TypeText, Readable: true, OnCreate: true, OnUpdate: true}
	var names []string
	written := false
	for _, field := range fields {
		writes := !b.hasOwnWriter(f, field)
		t.at = append(t.at, b.column(value.FnO, field))
		t.fits = append(t.fits, fit(s.Name, value.FnO, field, b.enum(field.Enum)))
		t.writes = append(t.writes, writes)
		names = append(names, field.Name)
		if writes {
			written = true
			made.OnCreate, made.OnUpdate = made.OnCreate && field.OnCreate, made.OnUpdate && field.OnUpdate
		}
	}
	made.Name = strings.Join(names, "+")
	made.OnCreate, made.OnUpdate = made.OnCreate && written, made.OnUpdate && written
	b.c.FnO.Virtual = append(b.c.FnO.Virtual, made)
	s.tuple, s.FnO = t, ^t.place // until all columns are known
	b.c.tuples = append(b.c.tuples, len(b.c.Slots))
}

// hasOwnWriter tells whether an F&O field of a lookup is written by something
// else: the company, a field of its own, or an earlier lookup.
func (b *builder) hasOwnWriter(f *model.Field, field *schema.Field) bool {
	if b.c.Company >= 0 && strings.EqualFold(field.Name, schema.CompanyField) {
		return true
	}
	before := true
	for _, o := range b.in.Map.Fields {
		if o == f {
			before = false
			continue
		}
		if o.IsConstant || !o.Direction.Sends(value.FnO) {
			continue
		}
		if strings.EqualFold(o.FnO.Name, field.Name) {
			return true
		}
		for _, t := range o.Targets {
			for _, m := range t.Match {
				if before && strings.EqualFold(m.FnO.Name, field.Name) {
					return true
				}
			}
		}
	}
	return false
}

// has tells whether an F&O field belongs to the tuple.
func (t *tuple) has(name string) bool {
	return slices.ContainsFunc(t.fields, func(f *schema.Field) bool { return strings.EqualFold(f.Name, name) })
}

// read takes the value from a record's columns.
func (t *tuple) read(vals []value.Value) value.Value {
	var b strings.Builder
	something := false
	for i, at := range t.at {
		if i > 0 {
			b.WriteString(keySeparator)
		}
		if v := vals[at]; !isBlank(v, "") {
			something = true
			b.WriteString(strings.ReplaceAll(keyText(v), keySeparator, "\ufffd"))
		}
	}
	if !something {
		return value.Value{}
	}
	return value.NewText(b.String())
}

// fit checks that the fields can hold their texts, and gives the value as it
// will be read from them.
func (t *tuple) fit(v value.Value) (value.Value, error) {
	parts, err := t.parts(v)
	if err != nil {
		return value.Value{}, err
	}
	cells := make([]value.Value, len(parts))
	whole := tuple{at: make([]int, len(parts))}
	for i, p := range parts {
		whole.at[i], cells[i] = i, p
	}
	return whole.read(cells), nil
}

// parts gives the values of the fields.
func (t *tuple) parts(v value.Value) ([]value.Value, error) {
	out := make([]value.Value, len(t.fields))
	texts := strings.Split(v.Text(), keySeparator)
	for i := range out {
		part := value.Value{}
		if i < len(texts) && texts[i] != "" {
			part = value.NewText(texts[i])
		}
		fitted, err := t.fits[i](part)
		if err != nil {
			if bad, ok := errors.AsType[*ValueError](err); ok && bad.Code == diag.CodeValueMissing {
				bad.Detail = fmt.Sprintf("F&O requires %s, and the reference gives no value for it", t.fields[i].Name)
			}
			return nil, err
		}
		out[i] = fitted
	}
	return out, nil
}

// Part is a real column of a write with its value.
type Part struct {
	Field *schema.Field
	Value value.Value
}

// Spread gives the real columns that writing v to a slot means: the one column
// of the slot, or those F&O fields of a lookup of several that no other field
// writes. It gives none for what comes by itself, the company of a parent.
func (c *Compiled) Spread(s *Slot, side value.Side, v value.Value) []Part {
	return c.AppendSpread(nil, s, side, v)
}

// AppendSpread appends what Spread gives.
func (c *Compiled) AppendSpread(out []Part, s *Slot, side value.Side, v value.Value) []Part {
	switch {
	case side == value.Dataverse && s.Dataverse >= len(c.Dataverse.Columns):
		return out
	case side == value.Dataverse || s.tuple == nil:
		return append(out, Part{Field: c.Column(s, side), Value: v})
	}
	values, err := s.tuple.parts(v)
	if err != nil {
		// Translate refuses such values; what comes from elsewhere is sent as
		// texts, for the service to judge.
		values = make([]value.Value, len(s.tuple.fields))
		for i, text := range strings.SplitN(v.Text(), keySeparator, len(values)) {
			values[i] = value.NewText(text)
		}
	}
	for i, f := range s.tuple.fields {
		if s.tuple.writes[i] {
			out = append(out, Part{Field: f, Value: values[i]})
		}
	}
	return out
}

// complete tells whether an F&O value has all texts that one of the slot's
// tables needs.
func (s *Slot) complete(v value.Value) bool {
	for i := range s.reaches {
		if s.reaches[i].key(v.Text()) != "" {
			return true
		}
	}
	return false
}
