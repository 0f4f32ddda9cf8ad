package repair

import (
	"context"
	"slices"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// dry is a state that is read as it is and never changed: what would be stored
// is kept aside. The engine's own code decides on it what it would do. Merge alone
// could be asked by handle.Handler.Judge; but here capture is asked too, which
// finds records, forgets pairs and lists, and what matters of merge is what it
// comes to (writes, ends, lists), which Judge leaves to who asks.
type dry struct {
	state store.Store

	observations []record.Observation
	intents      []*record.Intent
	listed       []record.Listed
	ended        map[int64]bool // pairs
	forgotten    map[int64]bool // of them: before anything was decided
}

func newDry(state store.Store) *dry {
	return &dry{state: state, ended: map[int64]bool{}, forgotten: map[int64]bool{}}
}

// View implements store.Store.
func (d *dry) View(ctx context.Context, f func(store.Tx) error) error {
	return d.state.View(ctx, func(tx store.Tx) error { return f(&dryTx{Tx: tx, d: d}) })
}

// Look implements store.Store.
func (d *dry) Look(ctx context.Context, f func(store.Tx) error) error { return d.View(ctx, f) }

// Update implements store.Store. A method that is not kept aside below is
// refused by the View underneath.
func (d *dry) Update(ctx context.Context, f func(store.Tx) error) error { return d.View(ctx, f) }

// Close implements store.Store. The state belongs to others.
func (d *dry) Close() error { return nil }

// work gives what was captured, by keys, with the pairs as they are.
func (d *dry) work(ctx context.Context, mapName string) (work []store.Work, err error) {
	at := map[string]int{}
	var keys []string
	rows := map[value.Side][]string{}
	for i, o := range d.observations {
		o.Seq = int64(i + 1)
		if _, ok := at[o.Key]; !ok {
			at[o.Key] = len(work)
			work, keys = append(work, store.Work{Key: o.Key}), append(keys, o.Key)
		}
		w := &work[at[o.Key]]
		if o.Side == value.FnO {
			w.FnO = append(w.FnO, o)
		} else {
			w.Dataverse = append(w.Dataverse, o)
		}
		rows[o.Side] = append(rows[o.Side], o.ID)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	err = d.View(ctx, func(tx store.Tx) error {
		pairs, err := tx.PairsByKey(mapName, keys)
		if err != nil {
			return err
		}
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			more, err := tx.PairsByEnd(mapName, side, rows[side])
			if err != nil {
				return err
			}
			pairs = append(pairs, more...)
		}
		for i := range work {
			d.pairs(&work[i], pairs)
		}
		return nil
	})
	return work, err
}

// pairs gives a key the pairs that have it or one of its rows.
func (d *dry) pairs(w *store.Work, pairs []*record.Pair) {
	for _, p := range pairs {
		mine := p.Key == w.Key
		for _, o := range append(w.FnO[:len(w.FnO):len(w.FnO)], w.Dataverse...) {
			mine = mine || p.End(o.Side).ID == o.ID
		}
		if mine && !slices.ContainsFunc(w.Pairs, func(x *record.Pair) bool { return x.ID == p.ID }) {
			w.Pairs = append(w.Pairs, p)
		}
	}
}

// dryTx is one transaction of it.
type dryTx struct {
	store.Tx
	d *dry
}

func (t *dryTx) there(pairs []*record.Pair, err error) ([]*record.Pair, error) {
	return slices.DeleteFunc(pairs, func(p *record.Pair) bool { return t.d.forgotten[p.ID] }), err
}

func (t *dryTx) PairsByID(ids []int64) ([]*record.Pair, error) { return t.there(t.Tx.PairsByID(ids)) }

func (t *dryTx) PairsByEnd(mapName string, side value.Side, ids []string) ([]*record.Pair, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return t.there(t.Tx.PairsByEnd(mapName, side, ids))
}

func (t *dryTx) PairsByKey(mapName string, keys []string) ([]*record.Pair, error) {
	return t.there(t.Tx.PairsByKey(mapName, keys))
}

func (t *dryTx) AddObservations(obs []record.Observation) error {
	t.d.observations = append(t.d.observations, obs...)
	return nil
}

func (t *dryTx) PutIntents(in []*record.Intent) error {
	t.d.intents = append(t.d.intents, in...)
	return nil
}

func (t *dryTx) PutListed(l []record.Listed) error {
	t.d.listed = append(t.d.listed, l...)
	return nil
}

func (t *dryTx) DeletePairs(ids []int64) error {
	for _, id := range ids {
		t.d.ended[id] = true
	}
	return nil
}

func (t *dryTx) PutPairs([]*record.Pair) error                    { return nil }
func (t *dryTx) DropObservations(string, []int64) error           { return nil }
func (t *dryTx) Unlist(string, []string, ...record.Kind) error    { return nil }
func (t *dryTx) AddTally(string, store.Tally) error               { return nil }
func (t *dryTx) AddChanges([]record.Change) error                 { return nil }
func (t *dryTx) SetMeta(string, string) error                     { return nil }
func (t *dryTx) PutCursor(string, value.Side, store.Cursor) error { return nil }
func (t *dryTx) SetIntentState([]int64, record.IntentState) error { return nil }
func (t *dryTx) DeleteIntents([]int64) error                      { return nil }
