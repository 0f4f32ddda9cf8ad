package filter

import (
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// truth is SQL's: a comparison with null is neither true nor false, and a row
// is admitted only where the whole filter is true.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

// eval is a part of a filter bound to a projection.
type eval func(vals []value.Value) truth

// Bind gives the filter as a function over rows. Index gives the place of a
// column in a row by the name that Columns gives; it must know them all.
//
// Both services compare texts without case; F&O besides without trailing
// blanks. Comparison excludes null, so `x ne 'a'` and `not (x eq 'a')` admit
// no row without a value, and only `x eq null` does. On F&O a text that is
// null is the empty text.
func (f *Filter) Bind(index func(column string) int) func(vals []value.Value) bool {
	e := f.bind(f.root, index)
	return func(vals []value.Value) bool { return e(vals) == yes }
}

func (f *Filter) bind(n node, index func(string) int) eval {
	switch n := n.(type) {
	case and:
		terms := f.bindAll(n.terms, index)
		return func(vals []value.Value) truth {
			t := yes
			for _, e := range terms {
				if t = min(t, e(vals)); t == no {
					break
				}
			}
			return t
		}
	case or:
		terms := f.bindAll(n.terms, index)
		return func(vals []value.Value) truth {
			t := no
			for _, e := range terms {
				if t = max(t, e(vals)); t == yes {
					break
				}
			}
			return t
		}
	case not:
		e := f.bind(n.term, index)
		return func(vals []value.Value) truth { return yes - e(vals) }
	default:
		c := n.(compare)
		return f.bindCompare(c, index(c.field.Name))
	}
}

func (f *Filter) bindAll(nodes []node, index func(string) int) []eval {
	out := make([]eval, len(nodes))
	for i, n := range nodes {
		out[i] = f.bind(n, index)
	}
	return out
}

func (f *Filter) bindCompare(c compare, i int) eval {
	if c.literal.IsNull() {
		wanted := c.op == opEq
		return func(vals []value.Value) truth { return truthOf(vals[i].IsNull() == wanted) }
	}
	switch c.field.Type {
	case schema.TypeText:
		return f.bindText(c, i)
	case schema.TypeEnum:
		return bindEqual(c.op, i, func(v value.Value) bool { return strings.EqualFold(v.Text(), c.literal.Text()) })
	case schema.TypeLookup, schema.TypeGuid:
		return bindEqual(c.op, i, func(v value.Value) bool { return v.Guid() == c.literal.Guid() })
	default:
		return func(vals []value.Value) truth {
			order, ok := value.Compare(vals[i], c.literal)
			if !ok {
				return unknown
			}
			return truthOf(holds(c.op, order))
		}
	}
}

// bindEqual compares by equality; null is neither equal nor unequal.
func bindEqual(o op, i int, equal func(value.Value) bool) eval {
	return func(vals []value.Value) truth {
		if vals[i].IsNull() {
			return unknown
		}
		return truthOf(equal(vals[i]) == (o == opEq))
	}
}

func (f *Filter) bindText(c compare, i int) eval {
	fno := f.table.Side == value.FnO
	normal := func(s string) string {
		if fno {
			return value.Fold(s)
		}
		// A blank that is not trailing guards those that are.
		folded := value.Fold(s + "\x00")
		return folded[:len(folded)-1]
	}
	want := normal(c.literal.Text())
	var match func(string) bool
	switch {
	case c.op == opContains:
		match = func(s string) bool { return strings.Contains(s, want) }
	case c.op == opStartsWith:
		match = func(s string) bool { return strings.HasPrefix(s, want) }
	case c.op == opEndsWith:
		match = func(s string) bool { return strings.HasSuffix(s, want) }
	case fno && c.op == opEq && strings.Contains(want, "*"):
		parts := strings.Split(want, "*")
		match = func(s string) bool { return wildcard(s, parts) }
	default:
		equal := c.op == opEq
		match = func(s string) bool { return (s == want) == equal }
	}
	return func(vals []value.Value) truth {
		v := vals[i]
		if v.IsNull() && !fno {
			return unknown
		}
		return truthOf(match(normal(v.Text())))
	}
}

// wildcard tells whether s consists of the parts with any text between them.
func wildcard(s string, parts []string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return true
}

func holds(o op, order int) bool {
	switch o {
	case opEq:
		return order == 0
	case opNe:
		return order != 0
	case opGt:
		return order > 0
	case opGe:
		return order >= 0
	case opLt:
		return order < 0
	default:
		return order <= 0
	}
}

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}
