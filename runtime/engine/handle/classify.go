package handle

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// classify turns the observations of a key into one merge, or into listed
// failures where several rows of a side claim the key.
func (h *Handler) classify(w store.Work) (*item, []record.Listed, []int64) {
	var seqs []int64
	for _, o := range append(w.FnO[:len(w.FnO):len(w.FnO)], w.Dataverse...) {
		seqs = append(seqs, o.Seq)
	}
	fno, out := inScope(w.FnO)
	dv, outDV := inScope(w.Dataverse)
	out = append(out, outDV...)
	if len(fno) > 1 || len(dv) > 1 {
		return nil, h.duplicates(fno, dv), seqs
	}
	it := &item{seqs: seqs}
	it.in.Pair = h.pairOf(w)
	if moved := h.moved(it.in.Pair, w.Pairs, fno, dv); moved != nil {
		return nil, []record.Listed{*moved}, seqs
	}
	if len(fno) == 1 && !stale(&fno[0], it.in.Pair) {
		it.in.FnO = &fno[0]
	}
	if len(dv) == 1 && !stale(&dv[0], it.in.Pair) {
		it.in.Dataverse = &dv[0]
	}
	if it.in.FnO == nil && it.in.Dataverse == nil && it.in.Pair == nil {
		return nil, nil, seqs
	}
	// Of a pair both sides are known: merge decides about one that has left the
	// scope.
	if blocked := h.blocked(it, out); blocked != nil && it.in.Pair == nil {
		return nil, []record.Listed{*blocked}, seqs
	}
	return it, nil, seqs
}

// stale tells whether a record was written by dw after it was seen: then it
// has to be read again, and what was seen is no value.
func stale(o *record.Observation, p *record.Pair) bool { return p != nil && o.AsOf < p.Written }

// pairOf gives the pair of a key, its base in the terms of the map version
// that runs now.
func (h *Handler) pairOf(w store.Work) *record.Pair {
	for _, p := range w.Pairs {
		if p.Key == w.Key {
			return p
		}
	}
	return nil
}

// moved lists a row that belongs to the pair of another key: its key was
// changed. Keys are never carried over, and a row is in one pair only.
func (h *Handler) moved(own *record.Pair, pairs []*record.Pair, seen ...[]record.Observation) *record.Listed {
	for _, obs := range seen {
		for i := range obs {
			o := &obs[i]
			for _, p := range pairs {
				if p == own || p.End(o.Side).ID != o.ID {
					continue
				}
				return &record.Listed{
					Kind: record.Failed, Map: h.Map.Name, Key: o.Key, Company: o.Company, Side: o.Side.Other(), Code: diag.CodeKeyMoved,
					Record: h.readable(o),
					Reason: fmt.Sprintf("The row in %s was agreed as %s before; keys are not carried over (id %s).", o.Side.Title(), transform.ReadableCanonical(p.Key), o.ID),
					Hint:   "Give it its key back, or give the record the new key on the other side too, then `dw apply -again` the map.",
					At:     h.now(),
				}
			}
		}
	}
	return nil
}

// blocked lists a record that would be created where a row outside of the
// scope already holds its key.
func (h *Handler) blocked(it *item, outside []record.Observation) *record.Listed {
	for _, o := range outside {
		other := it.in.FnO
		if o.Side == value.FnO {
			other = it.in.Dataverse
		}
		if other == nil || it.in.FnO != nil && it.in.Dataverse != nil {
			continue
		}
		return &record.Listed{
			Kind: record.Failed, Map: h.Map.Name, Key: o.Key, Company: o.Company, Side: o.Side, Code: diag.CodeKeyOutside,
			Record: h.readable(other),
			Reason: fmt.Sprintf("A row with this key exists in %s, but the map's filter does not admit it (id %s).", o.Side.Title(), o.ID),
			Hint:   "Change that row so that the filter admits it, change its key, or narrow the filter of the other side.",
			At:     h.now(),
		}
	}
	return nil
}

// duplicates lists every row of a key that several rows of one side claim.
func (h *Handler) duplicates(sides ...[]record.Observation) []record.Listed {
	var l []record.Listed
	for _, obs := range sides {
		if len(obs) < 2 {
			continue
		}
		ids := ""
		for i, o := range obs {
			if i > 0 {
				ids += ", "
			}
			ids += o.ID
		}
		l = append(l, record.Listed{
			Kind: record.Failed, Map: h.Map.Name, Key: obs[0].Key, Company: obs[0].Company, Side: obs[0].Side, Code: diag.CodeDuplicateKey,
			Record: h.readable(&obs[0]),
			Reason: fmt.Sprintf("%d rows in %s have this key once case and trailing blanks are ignored (%s); none of them was written.", len(obs), obs[0].Side.Title(), ids),
			Hint:   "Merge or rename the duplicates, then `dw apply -again` the map.",
			At:     h.now(),
		})
	}
	return l
}

func inScope(obs []record.Observation) (in, out []record.Observation) {
	for _, o := range obs {
		if o.InScope {
			in = append(in, o)
		} else if !o.Deleted {
			out = append(out, o)
		}
	}
	return in, out
}
