package handle

import (
	"context"
	"slices"

	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Verdict is what merge makes of one record, before anything of it is stored
// or sent.
type Verdict struct {
	Key            string
	FnO, Dataverse *record.Observation  // as merged; nil: not there
	Result         merge.Result         // why a record did not get to merge stands in Listed
	Claims         []record.Observation // rows without a pair that have the key, of both sides
	Outside        []record.Observation // rows out of scope that have the key
	Parked         bool                 // waits for another record
	Seqs           []int64              // its observations
}

// Judge lets merge decide about keys with their unhandled observations as Work
// does, and stores nothing. It gives the observations that nothing follows from
// beside the verdicts.
func (h *Handler) Judge(ctx context.Context, work []store.Work) (verdicts []Verdict, settled []int64, err error) {
	if h.Room != nil {
		h.Room.Reset()
	}
	s := sorter{Handler: h, byPair: map[int64]*item{}}
	for _, w := range work {
		s.sort(w)
	}
	items, err := h.judge(ctx, s.items, &s.judged)
	if err != nil {
		return nil, nil, err
	}
	verdicts = make([]Verdict, len(items))
	for i, it := range items {
		verdicts[i] = Verdict{Key: it.key(), FnO: it.in.FnO, Dataverse: it.in.Dataverse, Result: it.out, Claims: it.rivals, Outside: it.outside, Parked: it.parked(), Seqs: it.seqs}
		if verdicts[i].Key == "" && len(it.rivals) > 0 { // several rows claim it, none was chosen
			verdicts[i].Key = it.rivals[0].Key
		}
	}
	return verdicts, s.judged.settled, nil
}

// judge reads what is missing, resolves the references of items and merges
// them. Items of which nothing is there are taken in by all and left out.
func (h *Handler) judge(ctx context.Context, items []*item, all *judged) ([]*item, error) {
	if err := h.rebase(ctx, items); err != nil {
		return nil, err
	}
	if err := h.counterparts(ctx, items); err != nil {
		return nil, err
	}
	if err := h.choose(ctx, items); err != nil {
		return nil, err
	}
	if h.Again {
		if err := h.refresh(ctx, items); err != nil {
			return nil, err
		}
	}
	if err := h.complete(ctx, items); err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(items, func(it *item) bool {
		if len(it.aside) > 0 || it.seen() != nil {
			return false
		}
		all.gone(it, h.Absent != nil)
		return true
	})
	return items, h.decide(ctx, items)
}
