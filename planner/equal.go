package planner

import (
	"reflect"

	"github.com/dualwrite/dw/planner/plan"
)

// comparer tells whether two definitions say the same word for word, which
// spares a plan without changes the comparison fact by fact. Places in files and
// what else is not stored do not count, and an empty list is as good as none.
type comparer struct {
	stored map[reflect.Type][]int // the members of a struct that are stored
}

func newComparer() *comparer { return &comparer{stored: map[reflect.Type][]int{}} }

func (c *comparer) same(a, b *plan.Definition) bool {
	return c.equal(reflect.ValueOf(a), reflect.ValueOf(b))
}

func (c *comparer) equal(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() && b.IsNil()
		}
		return a.Pointer() == b.Pointer() || c.equal(a.Elem(), b.Elem())
	case reflect.Struct:
		for _, i := range c.members(a.Type()) {
			if !c.equal(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !c.equal(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.Len() != b.Len() {
			return false
		}
		for _, key := range a.MapKeys() {
			other := b.MapIndex(key)
			if !other.IsValid() || !c.equal(a.MapIndex(key), other) {
				return false
			}
		}
		return true
	case reflect.String:
		return a.String() == b.String()
	case reflect.Bool:
		return a.Bool() == b.Bool()
	default:
		return a.Equal(b)
	}
}

// members gives the members of a struct that JSON would have, and all of those
// that only their own package sees: a value of a record.
func (c *comparer) members(t reflect.Type) []int {
	out, known := c.stored[t]
	if known {
		return out
	}
	for i := range t.NumField() {
		if t.Field(i).Tag.Get("json") != "-" {
			out = append(out, i)
		}
	}
	c.stored[t] = out
	return out
}
