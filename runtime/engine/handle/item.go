package handle

import (
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
)

// item is one record on its way through merge.
type item struct {
	in   merge.Input
	seqs []int64 // observations that it settles
	out  merge.Result

	gone    [2]bool              // by side: its row is certain to be deleted
	rivals  []record.Observation // rows that are not its pair's and claim its key
	outside []record.Observation // rows out of scope that hold its key
	moved   *record.Observation  // a row of another pair that has its key now

	// aside says why it does not get to merge; waits that its observations stay.
	aside []record.Listed
	waits bool
}

func present(o *record.Observation) bool { return o != nil && !o.Deleted }

// seen gives an observation that is there.
func (it *item) seen() *record.Observation {
	switch {
	case present(it.in.FnO):
		return it.in.FnO
	case present(it.in.Dataverse):
		return it.in.Dataverse
	default:
		return nil
	}
}

// key gives the canonical key under which the record is known.
func (it *item) key() string {
	if it.in.Pair != nil {
		return it.in.Pair.Key
	}
	if o := it.seen(); o != nil {
		return o.Key
	}
	return ""
}

// claimed gives the key of the record, whether or not it is known yet which row
// it is.
func (it *item) claimed() string {
	if key := it.key(); key != "" || len(it.rivals) == 0 {
		return key
	}
	return it.rivals[0].Key
}

// alone gives the key of a record of which nothing is known on a side and nothing
// was seen there.
func (it *item) alone(side value.Side) (key string, alone bool) {
	if p := it.in.Pair; p != nil {
		if p.End(side).ID != "" || it.observation(side) != nil {
			return "", false
		}
		key = p.Key
	}
	for _, list := range [][]record.Observation{it.rivals, it.outside} {
		for _, o := range list {
			if o.Side == side {
				return "", false
			}
			key = o.Key
		}
	}
	return key, key != ""
}

// parked tells whether the record as a whole waits for another one.
func (it *item) parked() bool {
	return it.waits || slices.ContainsFunc(it.out.Listed, func(l record.Listed) bool { return l.Kind == record.Parked })
}

// stopped tells whether the record was found never to settle.
func (it *item) stopped() bool {
	return slices.ContainsFunc(it.out.Listed, func(l record.Listed) bool { return l.Code == diag.CodeStopped })
}

// does tells whether an intent of one of the operations came of it.
func (it *item) does(ops ...record.Op) bool {
	return slices.ContainsFunc(it.out.Intents, func(in record.Intent) bool { return slices.Contains(ops, in.Op) })
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
