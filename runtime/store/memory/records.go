package memory

import (
	"cmp"
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// end is the id of one side of a record.
type end struct {
	side value.Side
	id   string
}

func (t *tx) AddObservations(obs []record.Observation) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for i := range obs {
		if err := store.CheckObservation(&obs[i]); err != nil {
			return err
		}
	}
	stored := map[string]map[end]int64{} // by map: which observation has an id
	for i := range obs {
		o := &obs[i]
		all := t.observations(o.Map)
		ends := stored[o.Map]
		if ends == nil {
			ends = make(map[end]int64, len(all))
			for seq, other := range all {
				ends[end{other.Side, other.ID}] = seq
			}
			stored[o.Map] = ends
		}
		at := end{o.Side, o.ID}
		delete(all, ends[at])
		o.Seq = t.draw()
		ends[at] = o.Seq
		all[o.Seq] = copyObservation(*o)
	}
	return nil
}

func (t *tx) Work(mapName, after string, limit int) ([]store.Work, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	m := t.of(mapName)
	byKey := map[string]*store.Work{}
	for _, seq := range slices.Sorted(maps.Keys(m.observations)) {
		o := m.observations[seq]
		if o.Key <= after {
			continue
		}
		w := byKey[o.Key]
		if w == nil {
			w = &store.Work{Key: o.Key}
			byKey[o.Key] = w
		}
		if o.Side == value.FnO {
			w.FnO = append(w.FnO, copyObservation(o))
		} else {
			w.Dataverse = append(w.Dataverse, copyObservation(o))
		}
	}
	var work []store.Work
	for _, key := range cut(slices.Sorted(maps.Keys(byKey)), limit) {
		work = append(work, *byKey[key])
	}
	if len(work) == 0 {
		return nil, nil
	}
	place := make(map[string]int, len(work))
	owner := map[end]int{}
	for i, w := range work {
		place[w.Key] = i
		for _, o := range slices.Concat(w.FnO, w.Dataverse) {
			owner[end{o.Side, o.ID}] = i
		}
	}
	for _, id := range slices.Sorted(maps.Keys(m.pairs)) {
		p := m.pairs[id]
		at := map[int]bool{}
		if i, ok := place[p.Key]; ok {
			at[i] = true
		}
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			if i, ok := owner[end{side, p.End(side).ID}]; ok {
				at[i] = true
			}
		}
		for i := range at {
			work[i].Pairs = append(work[i].Pairs, copyPair(p))
		}
	}
	return work, nil
}

func (t *tx) Unhandled(mapName string, side value.Side, ids []string) ([]record.Observation, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	var found []record.Observation
	all := t.of(mapName).observations
	for _, seq := range slices.Sorted(maps.Keys(all)) {
		if o := all[seq]; o.Side == side && slices.Contains(ids, o.ID) {
			o.Values = nil
			found = append(found, o)
		}
	}
	return found, nil
}

func (t *tx) DropObservations(mapName string, seqs []int64) error {
	if err := t.usable(true); err != nil {
		return err
	}
	all := t.observations(mapName)
	for _, seq := range seqs {
		delete(all, seq)
	}
	return nil
}

func (t *tx) CountObservations(mapName string) (map[value.Side]int64, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	counts := make(map[value.Side]int64, 2)
	for _, o := range t.of(mapName).observations {
		counts[o.Side]++
	}
	return counts, nil
}

func (t *tx) CountKeys(mapName, from, until string) (int64, error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	keys := map[string]bool{}
	for _, o := range t.of(mapName).observations {
		if o.Key >= from && o.Key < until {
			keys[o.Key] = true
		}
	}
	return int64(len(keys)), nil
}

func (t *tx) PutPairs(pairs []*record.Pair) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, p := range pairs {
		if err := store.CheckPair(p); err != nil {
			return err
		}
	}
	stored := map[string]map[end]int64{} // by map: which pair has an id
	for _, p := range pairs {
		all := t.pairs(p.Map)
		ends := stored[p.Map]
		if ends == nil {
			ends = make(map[end]int64, 2*len(all))
			for id, other := range all {
				ends[end{value.FnO, other.FnO.ID}] = id
				ends[end{value.Dataverse, other.Dataverse.ID}] = id
			}
			stored[p.Map] = ends
		}
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			id := p.End(side).ID
			if other := ends[end{side, id}]; id != "" && other != 0 && other != p.ID {
				return store.EndTaken(p, side)
			}
		}
		if p.ID == 0 {
			t.number(&p.ID)
		} else if err := t.replacePair(p, ends); err != nil {
			return err
		}
		all[p.ID] = copyPair(p)
		ends[end{value.FnO, p.FnO.ID}] = p.ID
		ends[end{value.Dataverse, p.Dataverse.ID}] = p.ID
	}
	return nil
}

// replacePair takes the stored version of a pair out.
func (t *tx) replacePair(p *record.Pair, ends map[end]int64) error {
	for _, name := range t.mapNames() {
		old, ok := t.of(name).pairs[p.ID]
		if !ok {
			continue
		}
		if name != p.Map {
			delete(t.pairs(name), p.ID)
			return nil
		}
		delete(ends, end{value.FnO, old.FnO.ID})
		delete(ends, end{value.Dataverse, old.Dataverse.ID})
		return nil
	}
	return store.NotStored("pair", p.ID)
}

// selectPairs gives copies of the pairs of some maps that a condition selects,
// by ID.
func (t *tx) selectPairs(names []string, want func(*record.Pair) bool) []*record.Pair {
	var found []*record.Pair
	for _, name := range names {
		for _, p := range t.of(name).pairs {
			if want(p) {
				found = append(found, copyPair(p))
			}
		}
	}
	slices.SortFunc(found, func(a, b *record.Pair) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

func set[T comparable](of []T) map[T]bool {
	s := make(map[T]bool, len(of))
	for _, v := range of {
		s[v] = true
	}
	return s
}

func (t *tx) PairsByID(ids []int64) ([]*record.Pair, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	wanted := set(ids)
	return t.selectPairs(t.mapNames(), func(p *record.Pair) bool { return wanted[p.ID] }), nil
}

func (t *tx) PairsByEnd(mapName string, side value.Side, ids []string) ([]*record.Pair, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	wanted := set(ids)
	return t.selectPairs([]string{mapName}, func(p *record.Pair) bool {
		id := p.End(side).ID
		return id != "" && wanted[id]
	}), nil
}

func (t *tx) PairsByKey(mapName string, keys []string) ([]*record.Pair, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	wanted := set(keys)
	return t.selectPairs([]string{mapName}, func(p *record.Pair) bool { return wanted[p.Key] }), nil
}

func (t *tx) Pairs(mapName string, after int64, limit int, owing bool) ([]*record.Pair, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	return cut(t.selectPairs([]string{mapName}, func(p *record.Pair) bool {
		return p.ID > after && (!owing || p.Owes())
	}), limit), nil
}

func (t *tx) CountPairs(mapName string) (int64, error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	return int64(len(t.of(mapName).pairs)), nil
}

func (t *tx) DeletePairs(ids []int64) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, name := range t.mapNames() {
		for _, id := range ids {
			if _, ok := t.of(name).pairs[id]; ok {
				delete(t.pairs(name), id)
			}
		}
	}
	return nil
}

func (t *tx) PutIntents(intents []*record.Intent) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, in := range intents {
		if err := store.CheckIntent(in); err != nil {
			return err
		}
	}
	for _, in := range intents {
		if in.ID == 0 {
			t.number(&in.ID)
		} else {
			name, ok := t.intentMap(in.ID)
			if !ok {
				return store.NotStored("intent", in.ID)
			}
			if name != in.Map {
				delete(t.intents(name), in.ID)
			}
		}
		t.intents(in.Map)[in.ID] = copyIntent(in)
	}
	return nil
}

// intentMap tells under which map an intent is stored.
func (t *tx) intentMap(id int64) (string, bool) {
	for _, name := range t.mapNames() {
		if _, ok := t.of(name).intents[id]; ok {
			return name, true
		}
	}
	return "", false
}

func (t *tx) selectIntents(mapName string, want func(*record.Intent) bool) []*record.Intent {
	var found []*record.Intent
	for _, in := range t.of(mapName).intents {
		if want(in) {
			found = append(found, copyIntent(in))
		}
	}
	slices.SortFunc(found, func(a, b *record.Intent) int { return cmp.Compare(a.ID, b.ID) })
	return found
}

func (t *tx) Intents(mapName string, side value.Side, after int64, limit int) ([]*record.Intent, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	return cut(t.selectIntents(mapName, func(in *record.Intent) bool {
		return in.ID > after && (side == "" || in.Side == side)
	}), limit), nil
}

func (t *tx) IntentsByTarget(mapName string, side value.Side, ids []string) ([]*record.Intent, error) {
	if err := t.usable(false); err != nil {
		return nil, err
	}
	wanted := set(ids)
	return t.selectIntents(mapName, func(in *record.Intent) bool { return in.Side == side && wanted[in.TargetID] }), nil
}

func (t *tx) SetIntentState(ids []int64, s record.IntentState) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, id := range ids {
		if name, ok := t.intentMap(id); ok {
			all := t.intents(name)
			in := copyIntent(all[id])
			in.State = s
			all[id] = in
		}
	}
	return nil
}

func (t *tx) DeleteIntents(ids []int64) error {
	if err := t.usable(true); err != nil {
		return err
	}
	for _, id := range ids {
		if name, ok := t.intentMap(id); ok {
			delete(t.intents(name), id)
		}
	}
	return nil
}

func (t *tx) CountIntents(mapName string) (int64, error) {
	if err := t.usable(false); err != nil {
		return 0, err
	}
	return int64(len(t.of(mapName).intents)), nil
}
