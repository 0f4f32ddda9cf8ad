package transform

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// hidden finds the values that a two-way value map does not name and that its
// otherwise makes something else of: they come back as another value, or the
// other side shows nothing for them. What the map names is judged elsewhere:
// several names of one value need a way back.
func (b *builder) hidden(s *Slot, f *model.Field, fno, dv *schema.Field, m valueMap) {
	if f.Direction != model.Both || s.forward == nil || s.backward == nil {
		return
	}
	named := func(v value.Value) bool {
		_, ok := m.forward[value.Fold(v.String())]
		return ok || b.c.IsNothing(s, value.FnO, v) || isBlank(v, s.storedZero)
	}
	b.hides(s, f.Values.ToDataverse, value.FnO, fno, b.closed(fno), named)
	named = func(v value.Value) bool { _, ok := m.backward[foldedValue(v)]; return ok || isBlank(v, "") }
	b.hides(s, f.Values.ToFnO, value.Dataverse, dv, b.closed(dv), named)
}

// closed gives all values of a field that has few; nil for others.
func (b *builder) closed(f *schema.Field) []value.Value {
	var out []value.Value
	switch f.Type {
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
	case schema.TypeBool:
		out = []value.Value{value.NewBool(true), value.NewBool(false)}
	}
	return out
}

// hides reports what an otherwise makes of the values of a side that the map
// does not name. Of a field with any number of values it is known without
// trying, unless they pass as they are.
func (b *builder) hides(s *Slot, o model.Otherwise, from value.Side, field *schema.Field, values []value.Value, named func(value.Value) bool) {
	switch o.Kind {
	case "value", "pass":
	case "null":
		// Nothing is never written over the master's value.
		if s.Master == from {
			return
		}
	default:
		return
	}
	var gone []string
	for _, v := range values {
		if !named(v) && !b.comesBack(s, from, v) {
			gone = append(gone, v.String())
		}
	}
	what := shortList(gone)
	if len(gone) == 0 {
		if values != nil || o.Kind == "pass" {
			return
		}
		what = "all values outside of the map"
	}
	to := from.Other()
	seen := "They are empty"
	switch o.Kind {
	case "value":
		seen = fmt.Sprintf("They look like %s", shown(o.Value))
	case "pass":
		seen = "They look like values that the map uses for others"
	}
	severity, harm := diag.Warning, fmt.Sprintf("%s is the master of the field: what it shows instead goes over them where records are matched or edited there.", to.Title())
	switch {
	case s.Master == from:
		severity, harm = diag.Notice, "Who works there takes such a record for another."
	case o.Kind == "null":
		severity, harm = diag.Notice, fmt.Sprintf("%s is the master of the field: the next value that is entered there goes over them.", to.Title())
	}
	b.hiding[s.Name] = true
	b.report(diag.CodeHidden, severity, rangeOr(o.Range, rangeOr(s.Field.Values.Range, s.Field.Column.Range)), fmt.Sprintf("%s: otherwise hides %s of %s", s.Name, what, field.Name),
		fmt.Sprintf("%s in %s. %s", seen, to.Title(), harm),
		`Name them in values, let such records be listed with otherwise = "fail", or map the field one way.`)
}

// comesBack tells whether a value is found again after a round trip. One that
// is refused is listed and hides nothing.
func (b *builder) comesBack(s *Slot, from value.Side, v value.Value) bool {
	there, back := s.forward, s.backward
	if from == value.Dataverse {
		there, back = back, there
	}
	over, err := there(nil, v, nil)
	if err != nil {
		return true
	}
	if over.IsNull() {
		return false
	}
	out, err := back(nil, over, nil)
	return err != nil || s.equal(out, v)
}

// shortList names a few of many.
func shortList(names []string) string {
	const most = 8
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
