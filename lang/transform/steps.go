package transform

import (
	"strings"

	"github.com/dualwrite/dw/lang/value"
)

// step turns a value of one side into the other side's.
type step func(r *Record, v value.Value, refs Refs) (value.Value, error)

// comparer tells whether two values of one side mean the same.
type comparer func(a, b value.Value) bool

// filters are the compiled scopes of both sides.
type filters struct{}

func (p *Projection) index(name string) int {
	for i, c := range p.Columns {
		if strings.EqualFold(c.Name, name) {
			return i
		}
	}
	return -1
}
