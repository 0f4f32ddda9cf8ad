package transform

import (
	"strings"

	"github.com/dualwrite/dw/lang/filter"
	"github.com/dualwrite/dw/lang/value"
)

// step turns a value of one side into the other side's.
type step func(r *Record, v value.Value, refs Refs) (value.Value, error)

// filters are the compiled scopes of both sides; nil admits everything.
type filters struct {
	fno, dataverse func(vals []value.Value) bool
	service        string // the F&O one as the service takes it

	ofFnO, ofDataverse *filter.Filter
}

func (p *Projection) index(name string) int {
	for i, c := range p.Columns {
		if strings.EqualFold(c.Name, name) {
			return i
		}
	}
	return -1
}
