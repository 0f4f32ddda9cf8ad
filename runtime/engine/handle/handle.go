// Package handle takes what was observed, lets merge decide and stores the
// outcome: new pairs, writes to send, records that wait or failed.
package handle

import (
	"context"
	"fmt"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/merge"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Handler handles one map.
type Handler struct {
	Env    *engine.Env
	Map    *engine.Map
	Reader *capture.Reader
	Refs   *refs.Resolver
	// First says that deferred lookups wait for a second pass.
	First bool
	// Again says that what is unhandled was seen some time ago, by records that
	// had to wait: it is read again.
	Again bool
	// Retry says that a person asks for the records again; see merge.Input.
	Retry bool
	// Holders finds the rows of a side that have some canonical keys, for records
	// that were seen on the other side only: what was seen of such a row before
	// may have been dealt with without a pair having come of it. Nil where all
	// rows of both sides are at hand: the initial sync.
	Holders func(ctx context.Context, side value.Side, keys []string) ([]record.Observation, error)
	// Absent judges pairs whose record of a side a read did not find though no
	// observation says that it was deleted: it gives the ids of those that are
	// certain to be gone. Of the others nothing is written, and their
	// observations stay until it is certain or the record is seen again. Without
	// it nothing is certain, the records are listed and no delete is carried
	// over: the initial sync.
	Absent func(ctx context.Context, side value.Side, pairs []*record.Pair) (map[int64]bool, error)

	// Room is what verdicts are built in. With it, those of one Judge are good
	// until the next one.
	Room *merge.Room

	owner    map[string][]record.FieldWrite // by company, as far as asked
	versions map[int]*transform.Compiled    // earlier ones of the map, as far as asked; nil: unknown
	asked    []refs.Need                    // see needs
}

// Outcome of a batch.
type Outcome struct {
	Intents []*record.Intent // stored, to be sent
	Handled int64            // records
	Equal   int64
	Differ  int64 // there on both sides, and not equal
	Parked  int64 // their observations stay until what they wait for arrives
	// Failed counts the records that were listed as failed, by company.
	Failed map[string]int64
}

// failed counts a record if it is among what is listed as failed.
func (o *Outcome) failed(listed []record.Listed) {
	for i := range listed {
		if listed[i].Kind != record.Failed {
			continue
		}
		if o.Failed == nil {
			o.Failed = map[string]int64{}
		}
		o.Failed[listed[i].Company]++
		return
	}
}

// Work handles keys with their unhandled observations.
func (h *Handler) Work(ctx context.Context, work []store.Work) (Outcome, error) {
	s := sorter{Handler: h, byPair: map[int64]*item{}}
	for _, w := range work {
		s.sort(w)
	}
	return h.merge(ctx, s.items, s.judged)
}

// Owed handles pairs as both sides look now: those that owe a reference, and
// those that are listed and may get on by now.
func (h *Handler) Owed(ctx context.Context, pairs []*record.Pair) (Outcome, error) {
	items := make([]*item, len(pairs))
	for i, p := range pairs {
		items[i] = &item{in: merge.Input{Pair: p}}
	}
	return h.merge(ctx, items, judged{})
}

func (h *Handler) readable(o *record.Observation) string {
	return h.Map.Compiled.ReadableKey(o.Side, o.Values, o.Company)
}

func (h *Handler) now() string {
	return h.Env.Host.Clock.Now().UTC().Format("2006-01-02T15:04:05Z")
}

// judged is what a batch comes to besides its items.
type judged struct {
	keys    []string        // of all records, those without item included
	listed  []record.Listed // to store
	settled []int64         // observations that are done with
	ended   []int64         // pairs to remove
}

// gone takes in a pair of which neither record is there: the sides agree. A
// pair that was never complete has a write of its own to end it, and where
// absences are judged one of them must be certain.
func (j *judged) gone(it *item, judges bool) {
	j.settled = append(j.settled, it.seqs...)
	p := it.in.Pair
	if p == nil || judges && it.in.FnO == nil && it.in.Dataverse == nil && p.Life == record.Linked {
		return
	}
	if p.Life != record.Linked || p.FnO.ID != "" && p.Dataverse.ID != "" {
		j.keys = append(j.keys, p.Key)
		j.ended = append(j.ended, p.ID)
	}
}

// merge judges items and stores everything in one transaction.
func (h *Handler) merge(ctx context.Context, items []*item, all judged) (Outcome, error) {
	if err := h.contested(ctx, items); err != nil {
		return Outcome{}, err
	}
	items, err := h.judge(ctx, items, &all)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Handled: int64(len(items))}
	for _, it := range items {
		all.keys = append(all.keys, it.key())
		all.listed = append(append(all.listed, it.out.Listed...), h.movedToo(it)...)
		out.failed(it.out.Listed)
		if it.parked() {
			out.Parked++
		} else {
			all.settled = append(all.settled, it.seqs...)
		}
		switch {
		case !it.first():
		case it.out.Equal:
			out.Equal++
		case present(it.in.FnO) && present(it.in.Dataverse) && len(it.aside) == 0 && !it.parked():
			out.Differ++
		}
	}
	now := h.now()
	for i := range all.listed {
		all.listed[i].At = now
	}
	if err := h.save(ctx, items, all, &out); err != nil {
		return Outcome{}, fmt.Errorf("store the outcome of a batch of map %s: %w", h.Map.Name, err)
	}
	return out, nil
}

// decide lets merge decide about the items that are not set aside.
func (h *Handler) decide(ctx context.Context, items []*item) error {
	var open []*item
	for _, it := range items {
		if len(it.aside) > 0 {
			it.out.Listed = it.aside
		} else {
			open = append(open, it)
		}
	}
	answers, err := h.Refs.Resolve(ctx, h.needs(open), refs.Options{
		Pairs: true, First: h.First,
		Deferred: func(l *transform.Lookup) bool { return l.Missing == "defer" },
	})
	if err != nil {
		return err
	}
	owners, err := h.owners(ctx, open)
	if err != nil {
		return err
	}
	lost, err := h.lost(ctx, open)
	if err != nil {
		return err
	}
	for _, it := range open {
		it.in.Map = h.Map.Compiled
		it.in.MapVersion = h.Map.Version
		it.in.Refs = answers
		it.in.NewID = h.Env.Host.Random.NewID()
		it.in.Lost = lost
		it.in.Retry = h.Retry
		it.in.Room = h.Room
		if present(it.in.FnO) {
			it.in.Extra = owners[it.in.FnO.Company]
		}
		it.out = merge.Merge(it.in)
	}
	if err := h.lookBack(ctx, open); err != nil {
		return err
	}
	for _, it := range open {
		if it.out.Ask {
			return fmt.Errorf("map %s: references of %s were not resolved", h.Map.Name, h.readable(it.seen()))
		}
	}
	return h.name(ctx, open)
}

// save stores the outcome of a batch.
func (h *Handler) save(ctx context.Context, items []*item, all judged, out *Outcome) error {
	var pairs []*record.Pair
	ended := all.ended
	for _, it := range items {
		if it.out.Unlink && it.in.Pair != nil {
			ended = append(ended, it.in.Pair.ID)
		}
		if it.out.Pair != nil && !it.out.Unlink {
			pairs = append(pairs, it.out.Pair)
		}
	}
	return h.Env.Store.Update(ctx, func(tx store.Tx) error {
		out.Intents = nil
		written, err := tx.Seq()
		if err != nil {
			return err
		}
		for _, it := range items {
			if it.out.Pair != nil && len(it.out.Intents) > 0 {
				it.out.Pair.Written = written
			}
		}
		if err := tx.DeletePairs(ended); err != nil {
			return err
		}
		if err := tx.PutPairs(pairs); err != nil {
			return err
		}
		for _, it := range items {
			for i := range it.out.Intents {
				in := &it.out.Intents[i]
				if it.out.Pair != nil {
					in.Pair = it.out.Pair.ID
				}
				in.State = record.Intended
				out.Intents = append(out.Intents, in)
			}
		}
		if err := tx.PutIntents(out.Intents); err != nil {
			return err
		}
		// What was listed about these records is judged anew by this merge.
		if err := relist(tx, h.Map.Name, all.keys, all.listed); err != nil {
			return err
		}
		if err := tx.AddTally(h.Map.Name, store.Tally{Equal: out.Equal, Differ: out.Differ}); err != nil {
			return err
		}
		return tx.DropObservations(h.Map.Name, all.settled)
	})
}

// needs collects the references that the merge of items will ask for. They are
// good until the next batch.
func (h *Handler) needs(items []*item) []refs.Need {
	h.asked = h.asked[:0]
	for _, it := range items {
		h.asked = AppendNeeds(h.asked, h.Map.Compiled, it.in.FnO)
		h.asked = AppendNeeds(h.asked, h.Map.Compiled, it.in.Dataverse)
	}
	return h.asked
}

// AppendNeeds adds the references that carrying an observation to the other
// side asks for; none where there is no observation.
func AppendNeeds(needs []refs.Need, c *transform.Compiled, o *record.Observation) []refs.Need {
	if !present(o) {
		return needs
	}
	r := transform.Record{Side: o.Side, Values: o.Values, Company: o.Company}
	c.Needs(&r, o.Side.Other(), func(l *transform.Lookup, company, key string, ref value.Value) {
		needs = append(needs, refs.Need{Lookup: l, Company: company, Key: key, Ref: ref})
	})
	return needs
}
