package handle

import (
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
)

// item is one record on its way through merge.
type item struct {
	in   merge.Input
	seqs []int64 // observations that it settles
	out  merge.Result
}

// seen gives an observation that is there.
func (it *item) seen() *record.Observation {
	if it.in.FnO != nil {
		return it.in.FnO
	}
	return it.in.Dataverse
}

// parked tells whether the record as a whole waits for another one.
func (it *item) parked() bool {
	return slices.ContainsFunc(it.out.Listed, func(l record.Listed) bool { return l.Kind == record.Parked })
}

// first tells whether dw has not dealt with the record before, apart from
// having had to wait for what it refers to.
func (it *item) first() bool {
	return it.in.Pair == nil || it.seqs == nil && it.in.Pair.Written == 0
}

func (it *item) observation(s value.Side) *record.Observation {
	if s == value.FnO {
		return it.in.FnO
	}
	return it.in.Dataverse
}

func (it *item) observe(s value.Side, o *record.Observation) {
	if s == value.FnO {
		it.in.FnO = o
	} else {
		it.in.Dataverse = o
	}
}
