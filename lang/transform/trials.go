package transform

import (
	"fmt"
	"strconv"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Trials remembers what became of generated values, so that fields of the same
// types and expressions are tried once for all maps. The zero value is ready; a
// nil one remembers nothing. It is for one goroutine.
type Trials struct{ known map[string]*trip }

// worst gives the outcome of a key, trying where it is not known. An empty key
// is tried each time.
func (t *Trials) worst(key string, try func() *trip) *trip {
	if t == nil || key == "" {
		return try()
	}
	out, known := t.known[key]
	if !known {
		out = try()
		if t.known == nil {
			t.known = map[string]*trip{}
		}
		t.known[key] = out
	}
	return out
}

// trialKey names everything that the trial of a slot depends on; "" where it
// depends on other fields of the record, or where nothing is remembered.
func (b *builder) trialKey(s *Slot) string {
	f := s.Field
	if b.in.Trials == nil || readsRecord(f.ToDataverse) || readsRecord(f.ToFnO) {
		return ""
	}
	key := appendExpr(appendExpr(make([]byte, 0, 256), f.ToDataverse), f.ToFnO)
	if f.Values != nil {
		key = fmt.Appendf(key, "%p ", f.Values) // maps that share an enum share its trial
	}
	key = b.appendField(b.appendField(key, b.c.Column(s, value.FnO)), b.c.Column(s, value.Dataverse))
	key = strconv.AppendBool(strconv.AppendBool(key, s.IsKey), b.c.Company >= 0)
	if s.Lookup != nil {
		key = append(key, s.Lookup.Title()...)
	}
	return string(key)
}

// appendField adds what decides which values a field can hold.
func (b *builder) appendField(key []byte, f *schema.Field) []byte {
	key = append(append(append(key, f.Type...), ' '), f.Enum...)
	key = strconv.AppendInt(append(key, ' '), int64(f.MaxLength), 10)
	if n, known := f.Decimals(); known {
		key = strconv.AppendInt(append(key, '.'), int64(n), 10)
	}
	if f.Scale != nil {
		key = append(key, 's') // numbers are rounded to it
	}
	key = append(append(append(append(key, ' '), f.Min...), ' '), f.Max...)
	key = strconv.AppendBool(strconv.AppendBool(key, f.DateOnly), f.Required)
	for _, o := range f.Options {
		key = strconv.AppendInt(append(key, ' '), o.Value, 10)
	}
	return append(key, '\n')
}

// appendExpr adds an expression.
func appendExpr(key []byte, e *expr.Expr) []byte {
	if e == nil {
		return append(key, '-', '\n')
	}
	key = append(append(append(key, e.Op...), ' '), e.Name...)
	if e.Op == expr.OpLiteral {
		key = append(strconv.AppendInt(append(key, ' '), int64(e.Literal.Kind()), 10), ' ')
		key = strconv.AppendQuote(key, e.Literal.String())
	}
	key = append(key, '(')
	for _, a := range e.Args {
		key = appendExpr(key, a)
	}
	return append(key, ')', '\n')
}

func readsRecord(e *expr.Expr) bool {
	found := false
	e.Walk(func(x *expr.Expr) { found = found || x.Op == expr.OpRecord })
	return found
}
