package transform

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// collisions finds key fields whose value map or expression makes the same key
// of different values, so that two records become one row. All members of an
// enum are tried, of other types generated values.
func (b *builder) collisions() {
	for _, k := range b.c.Key {
		s := &b.c.Slots[k]
		f := s.Field
		if k == b.c.Company || s.tuple != nil || s.Lookup != nil || f.Values == nil && f.ToDataverse == nil && f.ToFnO == nil {
			continue
		}
		from := value.FnO
		if !s.Direction.Sends(value.Dataverse) {
			from = value.Dataverse
		}
		column := b.c.Column(s, from)
		if x, y, both, ok := b.collide(s, from, column); ok {
			b.report(diag.CodeKeyCollides, diag.Warning, b.settleRange(s), fmt.Sprintf("%s of two records may be one: %q and %q both become %q", s.Name, clip(x.String()), clip(y.String()), clip(both.String())),
				fmt.Sprintf("It is part of the key of %s. Records of %s that differ only in it are taken for one, and each overwrites the other in %s.", b.in.Map.Address(), from.Title(), from.Other().Title()),
				"Carry the key over as it is, or make it of all that tells records apart.")
		}
	}
}

// collide gives two values of a key field that become the same one.
func (b *builder) collide(s *Slot, from value.Side, column *schema.Field) (x, y, both value.Value, ok bool) {
	type origin struct{ from, to value.Value }
	seen := map[string]origin{}
	for _, v := range b.keySamples(s, from, column) {
		out, err := b.trial(s, from, v)
		if err != nil || out.IsNull() {
			continue // such a record is listed
		}
		key := value.Fold(out.String())
		before, twice := seen[key]
		if !twice {
			seen[key] = origin{v, out}
			continue
		}
		if fold(before.from) != fold(v) {
			return before.from, v, out, true
		}
	}
	return x, y, both, false
}

// fold gives the text by which a key value differs from others: neither case
// nor blanks around it count.
func fold(v value.Value) string { return value.Fold(strings.TrimSpace(v.String())) }

// keySamples gives values of a key field: all there are, those that a value map
// names, or generated ones, texts with others that differ in their last letters.
func (b *builder) keySamples(s *Slot, from value.Side, column *schema.Field) []value.Value {
	if all := b.closed(column); all != nil {
		return all
	}
	var out []value.Value
	if s.Field.Values != nil {
		for _, e := range s.Field.Values.Values {
			v := e.FnO
			if from == value.Dataverse {
				v = e.Dataverse
			}
			if v.String() != "" {
				out = append(out, v)
			}
		}
		return out
	}
	samples := append(b.samples(column), near(column, literalsOf(s.Field.ToDataverse, s.Field.ToFnO))...)
	for _, v := range samples {
		if isBlank(v, "") {
			continue
		}
		out = append(out, v)
		if column.Type != schema.TypeText {
			continue
		}
		for _, end := range []string{"1", "2"} {
			if longer := v.Text() + end; column.MaxLength == 0 || utf16Length(longer) <= column.MaxLength {
				out = append(out, value.NewText(longer))
			}
		}
	}
	return out
}
