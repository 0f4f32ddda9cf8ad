package conformance

import (
	"fmt"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

func testLiveFields(h *harness) {
	o := observe("m", value.FnO, "k", "1")
	o.Own, o.At = true, "2026-01-02T03:04:05Z"
	add(h, o)
	w := work(h, "m", "", 0)
	if len(w) != 1 || !w[0].FnO[0].Own || w[0].FnO[0].At != o.At {
		h.Errorf("work %+v", w)
	}
	p := pair("m", "k", "1", "a")
	p.Life, p.Rounds, p.SeenAt = record.Deactivated, 2, "2026-01-02T03:04:05Z"
	put(h, p)
	same(h, "pair", pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) { return tx.PairsByID([]int64{p.ID}) }), []*record.Pair{p})
	p.Life, p.Rounds, p.SeenAt = record.Linked, 0, ""
	put(h, p)
	same(h, "pair", pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) { return tx.PairsByID([]int64{p.ID}) }), []*record.Pair{p})

	in := &record.Intent{Map: "m", Pair: p.ID, Key: "k", Side: value.FnO, Op: record.Delete, State: record.Intended,
		Note: "state", Rules: []string{"moved", "owed"}, After: "2026-01-02T03:04:05Z"}
	plain := &record.Intent{Map: "m", Pair: p.ID, Key: "k", Side: value.FnO, Op: record.Update, State: record.Intended}
	h.update(func(tx store.Tx) error { return tx.PutIntents([]*record.Intent{in, plain}) })
	same(h, "intents", get(h, func(tx store.Tx) ([]*record.Intent, error) { return tx.Intents("m", "", 0, 0) }), []*record.Intent{in, plain})
	in.Note, in.Rules = "", nil
	h.update(func(tx store.Tx) error { return tx.PutIntents([]*record.Intent{in}) })
	same(h, "intents", get(h, func(tx store.Tx) ([]*record.Intent, error) { return tx.Intents("m", "", 0, 1) }), []*record.Intent{in})
}

func testWaiting(h *harness) {
	list := []record.Listed{
		{Map: "orders", Key: "1", Kind: record.Parked, Side: value.Dataverse, WaitMap: "accounts", WaitKey: "usmf\x1fa"},
		{Map: "orders", Key: "2", Kind: record.Parked, Side: value.Dataverse, WaitMap: "accounts", WaitKey: "usmf\x1fb"},
		{Map: "contacts", Key: "1", Kind: record.OwedField, Side: value.Dataverse, WaitMap: "accounts", WaitKey: "usmf\x1fa"},
		{Map: "orders", Key: "usmf\x1fa", Kind: record.Failed, Side: value.Dataverse},
		{Map: "lines", Key: "3", Kind: record.Parked, Side: value.Dataverse, WaitMap: "contacts", WaitKey: "usmf\x1fa"},
	}
	h.update(func(tx store.Tx) error { return tx.PutListed(list) })
	for _, c := range []struct {
		q    store.ListedQuery
		want []record.Listed
	}{
		{store.ListedQuery{WaitMap: "accounts"}, []record.Listed{list[0], list[1], list[2]}},
		{store.ListedQuery{WaitMap: "accounts", Keys: []string{"usmf\x1fa"}}, []record.Listed{list[0], list[2]}},
		{store.ListedQuery{WaitMap: "accounts", Map: "orders", Keys: []string{"usmf\x1fa", "usmf\x1fa"}}, []record.Listed{list[0]}},
		{store.ListedQuery{WaitMap: "accounts", Kind: record.OwedField}, []record.Listed{list[2]}},
		{store.ListedQuery{IDs: []int64{list[3].ID, list[1].ID, 999}}, []record.Listed{list[1], list[3]}},
		{store.ListedQuery{IDs: []int64{list[3].ID, list[1].ID}, Map: "orders", Kind: record.Failed}, []record.Listed{list[3]}},
		{store.ListedQuery{Keys: []string{"1"}, IDs: []int64{list[2].ID}}, []record.Listed{list[2]}},
		{store.ListedQuery{WaitMap: "nothing"}, nil},
	} {
		same(h, fmt.Sprintf("%+v", c.q), get(h, func(tx store.Tx) ([]record.Listed, error) { return tx.Listed(c.q, 0, 0) }), c.want)
	}
}

func testChanges(h *harness) {
	one := record.Change{Map: "m", MapVersion: 3, Key: "k", Record: "K", At: "2026-01-02T03:04:05Z", After: "2026-01-02T03:04:04Z",
		Side: value.Dataverse, From: value.FnO, Op: record.Update, Field: "name", Column: "name", Rule: "moved",
		Old: value.NewText("a"), New: value.NewText("b"), Note: "revert"}
	other := record.Change{Map: "m", Key: "other", Side: value.FnO, Op: record.Create}
	changes := []record.Change{one, other}
	h.update(func(tx store.Tx) error { return tx.AddChanges(changes) })
	if one.ID = changes[0].ID; one.ID == 0 {
		h.Error("no id was set")
	}
	same(h, "history", get(h, func(tx store.Tx) ([]record.Change, error) { return tx.Changes("m", "k") }), []record.Change{one})
	same(h, "another map's history", get(h, func(tx store.Tx) ([]record.Change, error) { return tx.Changes("n", "k") }), []record.Change(nil))
	h.refused("a change without a side", func(tx store.Tx) error { return tx.AddChanges([]record.Change{{Map: "m", Key: "k"}}) })

	h.update(func(tx store.Tx) error {
		for i := range 3 * store.ChangesKept {
			c := one
			c.MapVersion = i
			if err := tx.AddChanges([]record.Change{c}); err != nil {
				return err
			}
		}
		return nil
	})
	kept := get(h, func(tx store.Tx) ([]record.Change, error) { return tx.Changes("m", "k") })
	if len(kept) != store.ChangesKept || kept[0].MapVersion != 2*store.ChangesKept || kept[len(kept)-1].MapVersion != 3*store.ChangesKept-1 {
		h.Errorf("%d lines are kept, from %d to %d", len(kept), kept[0].MapVersion, kept[len(kept)-1].MapVersion)
	}
	if n := len(get(h, func(tx store.Tx) ([]record.Change, error) { return tx.Changes("m", "other") })); n != 1 {
		h.Errorf("%d lines of another record are kept", n)
	}
}

func testCommands(h *harness) {
	pause := store.Command{Name: "pause", Map: "orders", At: "2026-01-02T03:04:05Z", By: "ann"}
	retry := store.Command{Name: "retry", Args: []string{"1", "2"}}
	h.update(func(tx store.Tx) error {
		if err := tx.AddCommand(&pause); err != nil {
			return err
		}
		return tx.AddCommand(&retry)
	})
	commands := func(after int64, limit int, waiting bool) []store.Command {
		return get(h, func(tx store.Tx) ([]store.Command, error) { return tx.Commands(after, limit, waiting) })
	}
	same(h, "waiting", commands(0, 0, true), []store.Command{pause, retry})
	same(h, "the first", commands(0, 1, true), []store.Command{pause})
	same(h, "after the first", commands(pause.ID, 0, false), []store.Command{retry})
	h.update(func(tx store.Tx) error { return tx.AnswerCommand(pause.ID, store.CommandDone, "paused") })
	same(h, "left", commands(0, 0, true), []store.Command{retry})
	pause.State, pause.Answer = store.CommandDone, "paused"
	same(h, "all", commands(0, 0, false), []store.Command{pause, retry})
	h.refused("a command without a name", func(tx store.Tx) error { return tx.AddCommand(&store.Command{}) })

	var last int64
	h.update(func(tx store.Tx) error {
		for range 2 * store.CommandsKept {
			c := store.Command{Name: "pause"}
			if err := tx.AddCommand(&c); err != nil {
				return err
			}
			if err := tx.AnswerCommand(c.ID, store.CommandDone, ""); err != nil {
				return err
			}
			last = c.ID
		}
		return nil
	})
	kept := commands(0, 0, false)
	if len(kept) != store.CommandsKept+1 || kept[0].ID != retry.ID || kept[len(kept)-1].ID != last {
		h.Errorf("%d commands are kept", len(kept))
	}
}
