package conformance

import (
	"context"
	"errors"
	"reflect"
	"sync"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

var errStop = errors.New("stop")

// everything writes something by every method that writes.
func everything(tx store.Tx) error {
	return errors.Join(
		tx.SetMeta("name", "text"),
		tx.PutDeployed("contoso", deployed("m", 1)),
		tx.PutCursor("m", value.FnO, store.Cursor{Phase: "scan"}),
		tx.AddObservations([]record.Observation{observe("m", value.FnO, "k", "1")}),
		tx.PutPairs([]*record.Pair{pair("m", "k", "1", "")}),
		tx.PutIntents([]*record.Intent{{Map: "m", Side: value.FnO, State: record.Intended}}),
		tx.PutListed([]record.Listed{{Map: "m", Key: "k", Kind: record.Failed}}),
		tx.AddTally("m", store.Tally{Equal: 1}))
}

// untouched checks that nothing of everything is stored.
func untouched(h *harness) {
	h.Helper()
	h.view(func(tx store.Tx) error {
		meta, err1 := tx.Meta("name")
		d, err2 := tx.Deployed("contoso")
		cursor, err3 := tx.Cursor("m", value.FnO)
		w, err4 := tx.Work("m", "", 0)
		pairs, err5 := tx.CountPairs("m")
		intents, err6 := tx.CountIntents("m")
		listed, err7 := tx.Listed(store.ListedQuery{}, 0, 0)
		tally, err8 := tx.Tally("m")
		history, err9 := tx.History("contoso", "m")
		seq, err10 := tx.Seq()
		if meta != "" || d.Serial != 0 || len(d.Maps)+len(w)+len(listed)+len(history) != 0 || cursor != (store.Cursor{}) ||
			pairs+intents+tally.Equal+seq != 0 {
			h.Errorf("something is stored: %q %+v %+v %v %d %d %v %+v %v %d", meta, d, cursor, w, pairs, intents, listed, tally, history, seq)
		}
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10)
	})
}

func testRollback(h *harness) {
	p, in := pair("m", "k2", "2", ""), &record.Intent{Map: "m", Side: value.FnO}
	err := h.s.Update(context.Background(), func(tx store.Tx) error {
		if err := errors.Join(everything(tx), tx.PutPairs([]*record.Pair{p}), tx.PutIntents([]*record.Intent{in})); err != nil {
			return err
		}
		if p.ID == 0 || in.ID == 0 {
			h.Error("no ids inside the transaction")
		}
		return errStop
	})
	if !errors.Is(err, errStop) {
		h.Errorf("error %v, want the function's own", err)
	}
	untouched(h)
	if p.ID != 0 || in.ID != 0 {
		h.Errorf("ids %d and %d outlive the transaction", p.ID, in.ID)
	}
	put(h, p)
	h.update(everything)
	err = h.s.Update(context.Background(), func(tx store.Tx) error {
		return errors.Join(tx.RemoveDeployed("contoso", "m", removal()), tx.Unlist("m", []string{"k"}), tx.ResetTally("m"), errStop)
	})
	if !errors.Is(err, errStop) {
		h.Errorf("error %v, want the function's own", err)
	}
	same(h, "pairs after a removal was undone", get(h, func(tx store.Tx) (int64, error) { return tx.CountPairs("m") }), int64(2))
	same(h, "tally", get(h, func(tx store.Tx) (store.Tally, error) { return tx.Tally("m") }).Equal, int64(1))
}

func testPanic(h *harness) {
	func() {
		defer func() {
			if recover() == nil {
				h.Error("the panic is gone")
			}
		}()
		_ = h.s.Update(context.Background(), func(tx store.Tx) error {
			if err := everything(tx); err != nil {
				h.Error(err)
			}
			panic("boom")
		})
	}()
	untouched(h)
	h.update(everything)
}

func testReadOnly(h *harness) {
	h.view(func(tx store.Tx) error {
		for what, err := range map[string]error{
			"SetMeta":          tx.SetMeta("a", "b"),
			"PutDeployed":      tx.PutDeployed("contoso", deployed("m", 1)),
			"RenameMap":        rename(tx),
			"PutLock":          tx.PutLock(store.Lock{Owner: "ada"}),
			"RemoveDeployed":   tx.RemoveDeployed("contoso", "m", removal()),
			"PutCursor":        tx.PutCursor("m", value.FnO, store.Cursor{}),
			"AddObservations":  tx.AddObservations([]record.Observation{observe("m", value.FnO, "k", "1")}),
			"DropObservations": tx.DropObservations("m", []int64{1}),
			"PutPairs":         tx.PutPairs([]*record.Pair{pair("m", "k", "", "")}),
			"DeletePairs":      tx.DeletePairs([]int64{1}),
			"PutIntents":       tx.PutIntents([]*record.Intent{{Map: "m", Side: value.FnO}}),
			"SetIntentState":   tx.SetIntentState([]int64{1}, record.Answered),
			"DeleteIntents":    tx.DeleteIntents([]int64{1}),
			"PutListed":        tx.PutListed([]record.Listed{{Map: "m", Kind: record.Failed}}),
			"Unlist":           tx.Unlist("m", []string{"k"}),
			"AddTally":         tx.AddTally("m", store.Tally{}),
			"ResetTally":       tx.ResetTally("m"),
		} {
			if !errors.Is(err, store.ErrReadOnly) {
				h.Errorf("%s in a view: %v, want ErrReadOnly", what, err)
			}
		}
		return nil
	})
	untouched(h)
}

func testEnded(h *harness) {
	var kept store.Tx
	h.update(func(tx store.Tx) error { kept = tx; return nil })
	if err := kept.SetMeta("a", "b"); !errors.Is(err, store.ErrEnded) {
		h.Errorf("a write after the end: %v, want ErrEnded", err)
	}
	h.view(func(tx store.Tx) error { kept = tx; return nil })
	if _, err := kept.Work("m", "", 1); !errors.Is(err, store.ErrEnded) {
		h.Errorf("a read after the end: %v, want ErrEnded", err)
	}
}

func testCancelled(h *harness) {
	ctx, cancel := context.WithCancel(context.Background())
	err := h.s.Update(ctx, func(tx store.Tx) error {
		if err := everything(tx); err != nil {
			return err
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		h.Errorf("an update cancelled before its commit: %v", err)
	}
	untouched(h)
	if err := h.s.Update(ctx, everything); !errors.Is(err, context.Canceled) {
		h.Errorf("an update under a cancelled context: %v", err)
	}
	for what, read := range readings(h) {
		if err := read(ctx, func(store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
			h.Errorf("a %s under a cancelled context: %v", what, err)
		}
	}
	h.update(everything)
}

// testConcurrent reads while an update is open: views see the state before it,
// also those that end after it.
func testConcurrent(h *harness) {
	put(h, pair("m", "k", "1", ""))
	count := func(tx store.Tx) int64 {
		n, err := tx.CountPairs("m")
		if err != nil {
			h.Error(err)
		}
		return n
	}
	h.view(func(old store.Tx) error {
		h.update(func(tx store.Tx) error {
			if err := tx.PutPairs([]*record.Pair{pair("m", "k2", "2", "")}); err != nil {
				return err
			}
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					err := h.s.View(context.Background(), func(v store.Tx) error {
						if n := count(v); n != 1 {
							h.Errorf("a view beside the update counts %d", n)
						}
						return nil
					})
					if err != nil {
						h.Error(err)
					}
				})
			}
			wg.Wait()
			return nil
		})
		if n := count(old); n != 1 {
			h.Errorf("a view from before the update counts %d", n)
		}
		return nil
	})
	var wg sync.WaitGroup
	for range 8 { // updates wait for each other
		wg.Go(func() {
			for range 5 {
				err := h.s.Update(context.Background(), func(tx store.Tx) error { return tx.AddTally("m", store.Tally{Equal: 1}) })
				if err != nil {
					h.Error(err)
				}
			}
		})
	}
	for range 8 { // and looks see only what is whole
		wg.Go(func() {
			for range 5 {
				err := h.s.Look(context.Background(), func(tx store.Tx) error {
					if err := tx.PutPairs([]*record.Pair{pair("m", "k9", "9", "")}); !errors.Is(err, store.ErrReadOnly) {
						h.Errorf("a look that writes: %v, want ErrReadOnly", err)
					}
					if n := count(tx); n != 2 {
						h.Errorf("a look counts %d", n)
					}
					return nil
				})
				if err != nil {
					h.Error(err)
				}
			}
		})
	}
	wg.Wait()
	same(h, "tally", get(h, func(tx store.Tx) (store.Tally, error) { return tx.Tally("m") }).Equal, int64(40))
}

// readings gives the ways to read.
func readings(h *harness) map[string]func(context.Context, func(store.Tx) error) error {
	return map[string]func(context.Context, func(store.Tx) error) error{"view": h.s.View, "look": h.s.Look}
}

func testClosed(h *harness) {
	if err := h.s.Close(); err != nil {
		h.Fatal(err)
	}
	for what, read := range readings(h) {
		if err := read(context.Background(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
			h.Errorf("a %s of a closed store: %v, want ErrClosed", what, err)
		}
	}
	if err := h.s.Update(context.Background(), func(store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
		h.Errorf("an update of a closed store: %v, want ErrClosed", err)
	}
}

// sameError tells whether two stores failed alike.
func sameError(a, b error) bool {
	for _, known := range []error{store.ErrInvalid, store.ErrReadOnly, store.ErrEnded, errStop} {
		if errors.Is(a, known) != errors.Is(b, known) {
			return false
		}
	}
	return (a == nil) == (b == nil)
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

func rename(tx store.Tx) error {
	_, err := tx.RenameMap("contoso", "m", "n")
	return err
}
