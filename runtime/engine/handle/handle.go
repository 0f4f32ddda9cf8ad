// Package handle takes what was observed, lets merge decide and stores the
// outcome: new pairs, writes to send, records that wait or failed.
package handle

import (
	"context"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
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

	owner    map[string][]record.FieldWrite // by company, as far as asked
	versions map[int]*transform.Compiled    // earlier ones of the map, as far as asked; nil: unknown
}

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

// Outcome of a batch.
type Outcome struct {
	Intents []*record.Intent // stored, to be sent
	Handled int64            // records
	Equal   int64
	Failed  int64
	Parked  int64 // their observations stay until what they wait for arrives
}

// Work handles keys with their unhandled observations.
func (h *Handler) Work(ctx context.Context, work []store.Work) (Outcome, error) {
	var items []*item
	var listed []record.Listed
	var settled []int64
	var keys []string
	for _, w := range work {
		keys = append(keys, w.Key)
		it, l, seqs := h.classify(w)
		listed = append(listed, l...)
		if it == nil {
			settled = append(settled, seqs...)
			continue
		}
		items = append(items, it) // merge decides whether it waits
	}
	return h.merge(ctx, items, judged{keys: keys, listed: listed, settled: settled})
}

// Owed handles pairs that owe a reference, as both sides look now.
func (h *Handler) Owed(ctx context.Context, pairs []*record.Pair) (Outcome, error) {
	items := make([]*item, len(pairs))
	for i, p := range pairs {
		items[i] = &item{in: merge.Input{Pair: p}}
	}
	return h.merge(ctx, items, judged{})
}

// complete reads the side of known pairs that nobody has just observed: agreed
// values are never taken for what is there now.
func (h *Handler) complete(ctx context.Context, items []*item) error {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		var pairs []*record.Pair
		for _, it := range items {
			if p := it.in.Pair; p != nil && p.End(side).ID != "" && it.observation(side) == nil {
				pairs = append(pairs, p)
			}
		}
		obs, err := h.Reader.Read(ctx, side, pairs)
		if err != nil {
			return err
		}
		byKey := make(map[string]*record.Observation, len(obs))
		byID := make(map[string]*record.Observation, len(obs))
		for i := range obs {
			byKey[obs[i].Key], byID[obs[i].ID] = &obs[i], &obs[i]
		}
		for _, it := range items {
			p := it.in.Pair
			if p == nil || it.observation(side) != nil {
				continue
			}
			// The row itself, whatever its key is now; else another one that
			// has taken its place.
			if o := byID[p.End(side).ID]; o != nil {
				it.observe(side, o)
			} else {
				it.observe(side, byKey[p.Key])
			}
		}
	}
	return nil
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

// rebase carries the agreed values of pairs over from the version of the map
// under which they were agreed.
func (h *Handler) rebase(ctx context.Context, items []*item) error {
	for _, it := range items {
		p := it.in.Pair
		if p == nil || p.MapVersion == h.Map.Version {
			continue
		}
		old, err := h.version(ctx, p.MapVersion)
		if err != nil {
			return err
		}
		fresh := *p
		fresh.Base = make([]record.FieldBase, len(h.Map.Compiled.Slots))
		if old != nil {
			fresh.Base = merge.Rebase(old, h.Map.Compiled, p.Base)
		}
		fresh.MapVersion = h.Map.Version
		it.in.Pair = &fresh
	}
	return nil
}

// version gives an earlier version of the map; nil where it is not known.
func (h *Handler) version(ctx context.Context, n int) (*transform.Compiled, error) {
	if c, ok := h.versions[n]; ok {
		return c, nil
	}
	var history []plan.DeployedMap
	err := h.Env.Store.View(ctx, func(tx store.Tx) (err error) {
		history, err = tx.History(h.Env.Link, h.Map.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	if h.versions == nil {
		h.versions = map[int]*transform.Compiled{}
	}
	h.versions[n] = nil
	for _, d := range history {
		if d.Version == n {
			m, err := engine.CompileOne(d)
			if err != nil {
				return nil, err
			}
			h.versions[n] = m.Compiled
		}
	}
	return h.versions[n], nil
}

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

// gone takes in a pair of which neither record is there any more: the sides
// agree. A pair that was never complete has a write of its own to end it.
func (j *judged) gone(it *item) {
	j.settled = append(j.settled, it.seqs...)
	if p := it.in.Pair; p != nil && p.FnO.ID != "" && p.Dataverse.ID != "" {
		j.keys = append(j.keys, p.Key)
		j.ended = append(j.ended, p.ID)
	}
}

// merge resolves the references of items, merges them and stores everything
// in one transaction.
func (h *Handler) merge(ctx context.Context, items []*item, all judged) (Outcome, error) {
	if err := h.rebase(ctx, items); err != nil {
		return Outcome{}, err
	}
	if err := h.complete(ctx, items); err != nil {
		return Outcome{}, err
	}
	items = slices.DeleteFunc(items, func(it *item) bool {
		if it.seen() != nil {
			return false
		}
		all.gone(it)
		return true
	})
	answers, err := h.Refs.Resolve(ctx, h.needs(items), refs.Options{
		Pairs: true, First: h.First,
		Deferred: func(l *transform.Lookup) bool { return l.Missing == "defer" },
	})
	if err != nil {
		return Outcome{}, err
	}
	owners, err := h.owners(ctx, items)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Handled: int64(len(items)), Failed: int64(len(all.listed))}
	now := h.now()
	for _, it := range items {
		it.in.Map = h.Map.Compiled
		it.in.MapVersion = h.Map.Version
		it.in.Refs = answers
		it.in.NewID = h.Env.Host.Random.NewID()
		if it.in.FnO != nil {
			it.in.Extra = owners[it.in.FnO.Company]
		}
		if it.out = merge.Merge(it.in); it.out.Ask {
			return Outcome{}, fmt.Errorf("map %s: references of %s were not resolved", h.Map.Name, h.readable(it.seen()))
		}
		for i := range it.out.Listed {
			it.out.Listed[i].At = now
			if it.out.Listed[i].Kind == record.Failed {
				out.Failed++
			}
		}
		all.keys = append(all.keys, it.seen().Key)
		all.listed = append(all.listed, it.out.Listed...)
		if it.parked() {
			out.Parked++
		} else {
			all.settled = append(all.settled, it.seqs...)
		}
		if it.out.Equal && it.first() {
			out.Equal++
		}
	}
	if err := h.save(ctx, items, all, &out); err != nil {
		return Outcome{}, fmt.Errorf("store the outcome of a batch of map %s: %w", h.Map.Name, err)
	}
	return out, nil
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
		if err := tx.Unlist(h.Map.Name, all.keys); err != nil {
			return err
		}
		if err := tx.PutListed(all.listed); err != nil {
			return err
		}
		if err := tx.AddTally(h.Map.Name, store.Tally{Equal: out.Equal}); err != nil {
			return err
		}
		return tx.DropObservations(h.Map.Name, all.settled)
	})
}

// needs collects the references that the merge of items will ask for.
func (h *Handler) needs(items []*item) []refs.Need {
	var needs []refs.Need
	for _, it := range items {
		needs = append(needs, Needs(h.Map.Compiled, it.in.FnO)...)
		needs = append(needs, Needs(h.Map.Compiled, it.in.Dataverse)...)
	}
	return needs
}

// Needs gives the references that carrying an observation to the other side
// asks for; none where there is no observation.
func Needs(c *transform.Compiled, o *record.Observation) []refs.Need {
	if o == nil {
		return nil
	}
	var needs []refs.Need
	r := transform.Record{Side: o.Side, Values: o.Values, Company: o.Company}
	c.Needs(&r, o.Side.Other(), func(s *transform.Slot, company, key string, ref value.Value) {
		needs = append(needs, refs.Need{Lookup: s.Lookup, Company: company, Key: key, Ref: ref})
	})
	return needs
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
