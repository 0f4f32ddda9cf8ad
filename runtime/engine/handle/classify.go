package handle

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// sides in the order in which everything is done for both.
var sides = [2]value.Side{value.FnO, value.Dataverse}

func index(s value.Side) int {
	if s == value.FnO {
		return 0
	}
	return 1
}

// sorter turns the observations of keys into items for merge. Of a pair there
// is one item, whatever keys its rows were seen with.
type sorter struct {
	*Handler
	items  []*item
	byPair map[int64]*item
	judged judged
}

// sort takes the observations of one key.
func (s *sorter) sort(w store.Work) {
	s.judged.keys = append(s.judged.keys, w.Key)
	byEnd := map[string]*record.Pair{}
	var own *record.Pair
	for _, p := range w.Pairs {
		for _, side := range sides {
			if id := p.End(side).ID; id != "" {
				byEnd[string(side)+id] = p
			}
		}
		if p.Key == w.Key {
			own = p
		}
	}
	var rest, out []record.Observation // of no pair
	var moved *record.Observation
	for _, o := range append(w.FnO[:len(w.FnO):len(w.FnO)], w.Dataverse...) {
		o.Values = s.full(&o)
		p := byEnd[string(o.Side)+o.ID]
		switch {
		case p != nil:
			s.ofPair(p, o)
			if p.Key != w.Key {
				moved = &o
			}
		case o.Deleted: // what no pair knows is not missed
			s.judged.settled = append(s.judged.settled, o.Seq)
		case o.InScope:
			rest = append(rest, o)
		default:
			out = append(out, o)
		}
	}
	if own != nil {
		s.newRecords(own, append(rest, out...))
		return
	}
	s.unpaired(rest, out, moved)
}

// full gives an observation's values with a place for each virtual column.
func (s *sorter) full(o *record.Observation) []value.Value {
	if o.Deleted {
		return nil
	}
	return s.Map.Compiled.Widen(o.Side, o.Values, nil)
}

// of gives the item of a pair.
func (s *sorter) of(p *record.Pair) *item {
	it := s.byPair[p.ID]
	if it == nil {
		it = &item{}
		it.in.Pair = p
		s.byPair[p.ID], s.items = it, append(s.items, it)
	}
	return it
}

// ofPair takes an observation of a row that belongs to a pair.
func (s *sorter) ofPair(p *record.Pair, o record.Observation) {
	it := s.of(p)
	it.seqs = append(it.seqs, o.Seq)
	switch {
	case o.Deleted:
		it.gone[index(o.Side)] = true
	case stale(&o, p): // written by dw since: it is read again
	default:
		it.observe(o.Side, &o)
	}
}

// newRecords takes rows with the key of a pair that are not its own: they may
// have taken the place of its own.
func (s *sorter) newRecords(p *record.Pair, obs []record.Observation) {
	it := s.of(p)
	for _, o := range obs {
		it.seqs = append(it.seqs, o.Seq)
		if !stale(&o, p) {
			it.rivals = append(it.rivals, o)
		}
	}
}

// unpaired takes the rows of a key that has no pair yet.
func (s *sorter) unpaired(rest, out []record.Observation, moved *record.Observation) {
	if len(rest) == 0 {
		s.settle(out)
		return
	}
	it := &item{}
	for _, o := range rest {
		it.rivals = append(it.rivals, o)
		it.seqs = append(it.seqs, o.Seq)
	}
	for _, o := range out {
		it.seqs = append(it.seqs, o.Seq)
	}
	it.outside, it.moved = out, moved
	s.items = append(s.items, it)
}

func (s *sorter) settle(obs []record.Observation) {
	for _, o := range obs {
		s.judged.settled = append(s.judged.settled, o.Seq)
	}
}

// stale tells whether a record was written by dw after it was seen: then it
// has to be read again, and what was seen is no value.
func stale(o *record.Observation, p *record.Pair) bool { return p != nil && o.AsOf < p.Written }

// counterparts looks for rows with the key of records that are known and were
// seen on the other side only: none may be created beside them.
func (h *Handler) counterparts(ctx context.Context, items []*item) error {
	if h.Holders == nil {
		return nil
	}
	for _, side := range sides {
		byKey := map[string]*item{}
		var keys []string
		for _, it := range items {
			if key, alone := it.alone(side); alone && byKey[key] == nil {
				byKey[key], keys = it, append(keys, key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		found, err := h.Holders(ctx, side, keys)
		if err != nil {
			return err
		}
		others, err := h.otherPairs(ctx, side, found)
		if err != nil {
			return err
		}
		for i := range found {
			o, it := &found[i], byKey[found[i].Key]
			switch {
			case others[o.ID]:
				it.moved = o
			case o.InScope:
				it.rivals = append(it.rivals, *o)
			default:
				it.outside = append(it.outside, *o)
			}
		}
	}
	return nil
}

// contested adds the other rows that claim the keys of records listed as
// duplicates: they were seen before and are not observed again when one of them,
// or their counterpart, changes. Without them the record would go on with a row
// of which nobody has said that it is the right one, and the rest be forgotten.
func (h *Handler) contested(ctx context.Context, items []*item) error {
	byKey := make(map[string]*item, len(items))
	for _, it := range items {
		if key := it.claimed(); key != "" {
			byKey[key] = it
		}
	}
	if len(byKey) == 0 {
		return nil
	}
	var listed []record.Listed
	err := h.Env.Store.Look(ctx, func(tx store.Tx) (err error) {
		listed, err = tx.Listed(store.ListedQuery{Map: h.Map.Name, Kind: record.Failed, Keys: slices.Sorted(maps.Keys(byKey))}, 0, 0)
		return err
	})
	if err != nil {
		return err
	}
	for _, side := range sides {
		var keys []string
		for _, l := range listed {
			if l.Code == diag.CodeDuplicateKey && l.Side == side {
				keys = append(keys, l.Key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		found, err := h.Reader.Holders(ctx, side, keys)
		if err != nil {
			return err
		}
		paired, err := h.otherPairs(ctx, side, found)
		if err != nil {
			return err
		}
		for _, o := range found {
			it := byKey[o.Key]
			seen := func(r record.Observation) bool { return r.Side == side && r.ID == o.ID }
			if !paired[o.ID] && !slices.ContainsFunc(it.rivals, seen) && !slices.ContainsFunc(it.outside, seen) {
				it.rivals = append(it.rivals, o)
			}
		}
	}
	return nil
}

// otherPairs tells which rows belong to pairs.
func (h *Handler) otherPairs(ctx context.Context, side value.Side, obs []record.Observation) (map[string]bool, error) {
	paired := map[string]bool{}
	if len(obs) == 0 {
		return paired, nil
	}
	ids := make([]string, len(obs))
	for i, o := range obs {
		ids[i] = o.ID
	}
	err := h.Env.Store.Look(ctx, func(tx store.Tx) error {
		pairs, err := tx.PairsByEnd(h.Map.Name, side, ids)
		for _, p := range pairs {
			paired[p.End(side).ID] = true
		}
		return err
	})
	return paired, err
}

// choose decides which of several rows that claim a key are merged, and sets
// items aside for which there is no telling.
func (h *Handler) choose(ctx context.Context, items []*item) error {
	if err := h.dropGone(ctx, items); err != nil {
		return err
	}
	for _, it := range items {
		for _, side := range sides {
			var claims []record.Observation
			for _, o := range it.rivals {
				if o.Side == side {
					claims = append(claims, o)
				}
			}
			h.claim(it, side, claims)
		}
		if it.in.Pair == nil && len(it.aside) == 0 {
			h.blocked(it)
		}
	}
	return nil
}

// dropGone reads again the rows that compete for a key, with the row of the
// pair that has it: those that are no longer there do not count.
func (h *Handler) dropGone(ctx context.Context, items []*item) error {
	for _, side := range sides {
		var ends []*record.Pair
		for _, it := range items {
			if h.competing(it, side) {
				ends = append(ends, h.claimants(it, side)...)
			}
		}
		obs, err := h.Reader.Read(ctx, side, ends)
		if err != nil {
			return err
		}
		there := make(map[string]*record.Observation, len(obs))
		for i := range obs {
			there[obs[i].ID] = &obs[i]
		}
		for _, it := range items {
			if !h.competing(it, side) {
				continue
			}
			it.rivals = slices.DeleteFunc(it.rivals, func(o record.Observation) bool { return o.Side == side && there[o.ID] == nil })
			if p := it.in.Pair; p != nil {
				it.observe(side, there[p.End(side).ID])
			}
		}
	}
	return nil
}

// competing tells whether more than one row of a side claims an item's key.
func (h *Handler) competing(it *item, side value.Side) bool {
	n := 0
	for _, o := range it.rivals {
		if o.Side == side {
			n++
		}
	}
	return n > 1 || n == 1 && it.in.Pair != nil && it.in.Pair.End(side).ID != ""
}

// claimants gives the ends of all rows of a side that claim an item's key.
func (h *Handler) claimants(it *item, side value.Side) (ends []*record.Pair) {
	for _, o := range it.rivals {
		if o.Side == side {
			ends = append(ends, h.end(&o))
		}
	}
	if it.in.Pair != nil && it.in.Pair.End(side).ID != "" {
		ends = append(ends, it.in.Pair)
	}
	return ends
}

// end gives a row as a reader asks for it.
func (h *Handler) end(o *record.Observation) *record.Pair {
	p := &record.Pair{Key: o.Key}
	*p.End(o.Side) = record.End{ID: o.ID, Key: h.entityKey(o)}
	return p
}

func (h *Handler) entityKey(o *record.Observation) []value.Value {
	if o.Side != value.FnO {
		return nil
	}
	return h.Map.Compiled.EntityKey(o.Values)
}

// claim gives an item the row of a side that claims its key.
func (h *Handler) claim(it *item, side value.Side, claims []record.Observation) {
	own := it.observation(side)
	if own != nil && (it.in.Pair == nil || own.Key != it.in.Pair.Key) {
		own = nil
	}
	inScope := slices.DeleteFunc(slices.Clone(claims), func(o record.Observation) bool { return !o.InScope })
	switch {
	case len(inScope) > 1, len(inScope) == 1 && own != nil && own.InScope:
		if own != nil {
			inScope = append(inScope, *own)
		}
		it.aside = append(it.aside, h.duplicates(inScope))
	case own != nil || len(claims) == 0:
	case len(inScope) == 1:
		it.observe(side, &inScope[0])
	case it.in.Pair != nil && it.in.Pair.End(side).ID == "" && it.in.Pair.Life != record.Linked:
		it.observe(side, &claims[len(claims)-1]) // back, though not in scope
	}
}

// blocked sets an item aside that would create a record whose key is held
// already, by a row outside of the scope or by one whose key was changed.
func (h *Handler) blocked(it *item) {
	seen := it.seen()
	if seen == nil || present(it.in.FnO) && present(it.in.Dataverse) {
		return
	}
	l := record.Listed{Kind: record.Failed, Map: h.Map.Name, Key: seen.Key, Company: seen.Company, Side: seen.Side.Other(), Record: h.readable(seen)}
	if o := it.moved; o != nil && o.Side != seen.Side {
		l.Code = diag.CodeKeyMoved
		l.Reason = fmt.Sprintf("The row in %s that has this key now is agreed under another one; keys are not carried over (id %s).", o.Side.Title(), o.ID)
		l.Hint = "Give that row its key back, or this record another one."
		it.aside = append(it.aside, l)
		return
	}
	for _, o := range it.outside {
		if o.Side == seen.Side {
			continue
		}
		l.Code = diag.CodeKeyOutside
		l.Reason = fmt.Sprintf("A row with this key exists in %s, but the map's filter does not admit it (id %s).", o.Side.Title(), o.ID)
		l.Hint = "Change that row so that the filter admits it, change its key, or narrow the filter of the other side."
		it.aside = append(it.aside, l)
		return
	}
}

// duplicates lists every row of a key that several rows of one side claim.
func (h *Handler) duplicates(obs []record.Observation) record.Listed {
	slices.SortFunc(obs, func(a, b record.Observation) int { return cmp.Compare(a.ID, b.ID) })
	ids := ""
	for i, o := range obs {
		if i > 0 {
			ids += ", "
		}
		ids += o.ID
	}
	return record.Listed{
		Kind: record.Failed, Map: h.Map.Name, Key: obs[0].Key, Company: obs[0].Company, Side: obs[0].Side, Code: diag.CodeDuplicateKey,
		Record: h.readable(&obs[0]),
		Reason: fmt.Sprintf("%d rows in %s have this key once case and trailing blanks are ignored (%s); none of them was written.", len(obs), obs[0].Side.Title(), ids),
		Hint:   "Merge or rename the duplicates, then retry the record.",
	}
}

// movedToo lists a record whose key was changed on one side under its new key
// as well: there it looks like a record of its own.
func (h *Handler) movedToo(it *item) (l []record.Listed) {
	for _, entry := range it.out.Listed {
		if entry.Code != diag.CodeKeyMoved || entry.Kind != record.Failed {
			continue
		}
		for _, side := range sides {
			o := it.observation(side)
			if !present(o) || o.Key == "" || o.Key == entry.Key {
				continue
			}
			too := entry
			too.Key, too.Record, too.Payload = o.Key, h.readable(o), ""
			too.Side = side.Other()
			too.Reason = fmt.Sprintf("The row in %s was agreed as %s before; keys are not carried over (id %s).", side.Title(), transform.ReadableCanonical(entry.Key), o.ID)
			too.WaitMap, too.WaitKey = h.Map.Name, entry.Key
			l = append(l, too)
		}
	}
	return l
}
