package capture_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// weighed remembers the most observations that were stored at once, and counts
// the pairs that were walked.
type weighed struct {
	store.Store
	most, walked int
}

func (w *weighed) View(ctx context.Context, f func(store.Tx) error) error {
	return w.Store.View(ctx, func(tx store.Tx) error { return f(weighedTx{tx, w}) })
}

func (w *weighed) Update(ctx context.Context, f func(store.Tx) error) error {
	return w.Store.Update(ctx, func(tx store.Tx) error { return f(weighedTx{tx, w}) })
}

type weighedTx struct {
	store.Tx
	w *weighed
}

func (t weighedTx) AddObservations(obs []record.Observation) error {
	t.w.most = max(t.w.most, len(obs))
	return t.Tx.AddObservations(obs)
}

func (t weighedTx) Pairs(mapName string, after int64, limit int, owing bool) ([]*record.Pair, error) {
	pairs, err := t.Tx.Pairs(mapName, after, limit, owing)
	t.w.walked += len(pairs)
	return pairs, err
}

// TestWhatAScanDoesNotShowIsStoredInParts: the filter of the service leaves out
// records that are known, as after a change of it. However many they are, they
// are not gathered in memory.
func TestWhatAScanDoesNotShowIsStoredInParts(t *testing.T) {
	const customers, atOnce = 450, 200
	tn := newTown(t, customers, 1)
	w := &weighed{Store: tn.World.Env.Store}
	tn.World.Env.Store = w
	tn.FnO.OnRead = func(op, _ string) error {
		if tn.FnO.Hidden = nil; op == "Page" {
			tn.FnO.Hidden = company("usmf")
		}
		return nil
	}
	found := 0
	for done := false; !done; {
		var n int
		var err error
		if done, n, err = tn.Watcher.Scan(t.Context(), value.FnO); err != nil {
			t.Fatal(err)
		}
		found += n
	}
	if got := len(tn.seen()); got != customers || found != customers {
		t.Errorf("%d captured, %d told, want %d", got, found, customers)
	}
	if w.most > atOnce {
		t.Errorf("%d observations were stored at once, want %d at most", w.most, atOnce)
	}
	tn.listed()
}

// TestManyDeletesDoNotWalkEverythingForEachPage: a bulk delete comes in many
// pages of changes. That most of the map goes is found out once.
func TestManyDeletesDoNotWalkEverythingForEachPage(t *testing.T) {
	const customers, gone = 300, 250
	tn := newTown(t, customers, 1)
	for i := range gone {
		tn.Dataverse.Delete("accounts", tn.dv[fmt.Sprintf("US-%03d", customers-1-i)])
	}
	w := &weighed{Store: tn.World.Env.Store}
	tn.World.Env.Store = w
	tn.Dataverse.PageSize = 10
	tn.deltas()
	if got := len(tn.seen()); got != gone {
		t.Errorf("%d captured, want %d", got, gone)
	}
	if most := 10 * customers; w.walked > most {
		t.Errorf("%d pairs were walked for %d, want %d at most", w.walked, customers, most)
	}
	tn.listed()
}
