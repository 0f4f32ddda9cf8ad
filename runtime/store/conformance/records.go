package conformance

import (
	"errors"
	"fmt"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

func pairsOf(h *harness, f func(store.Tx) ([]*record.Pair, error)) []*record.Pair {
	h.Helper()
	return get(h, f)
}

func testPairs(h *harness) {
	a, b, c := pair("m", "k", "1", "d1"), pair("m", "k", "2", ""), pair("other", "k", "1", "d1")
	put(h, a, b, c)
	if a.ID == 0 || b.ID <= a.ID || c.ID <= b.ID {
		h.Fatalf("ids %d, %d, %d do not rise", a.ID, b.ID, c.ID)
	}
	same(h, "by id", pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) {
		return tx.PairsByID([]int64{c.ID, a.ID, 999, a.ID})
	}), []*record.Pair{a, c})
	same(h, "by end", pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) {
		return tx.PairsByEnd("m", value.FnO, []string{"2", "1", "nobody", "2"})
	}), []*record.Pair{a, b})
	same(h, "by no end", len(pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) {
		return tx.PairsByEnd("m", value.Dataverse, []string{""})
	})), 0)
	same(h, "by key", pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) {
		return tx.PairsByKey("m", []string{"k", "K", "k"})
	}), []*record.Pair{a, b})

	b.Key, b.Dataverse.ID, b.Base, b.Written, b.MapVersion = "k2", "d2", nil, 99, 3
	put(h, b)
	same(h, "changed", pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) {
		return tx.PairsByEnd("m", value.Dataverse, []string{"d2"})
	}), []*record.Pair{b})
	same(h, "old key", pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) { return tx.PairsByKey("m", []string{"k"}) }), []*record.Pair{a})

	h.update(func(tx store.Tx) error { return tx.DeletePairs([]int64{a.ID, 12345}) })
	same(h, "count", get(h, func(tx store.Tx) (int64, error) { return tx.CountPairs("m") }), int64(1))
	same(h, "count", get(h, func(tx store.Tx) (int64, error) { return tx.CountPairs("other") }), int64(1))
	h.refused("a pair that is gone", func(tx store.Tx) error { return tx.PutPairs([]*record.Pair{a}) })
	h.refused("a pair without a map", func(tx store.Tx) error { return tx.PutPairs([]*record.Pair{{Key: "k"}}) })
	again := pair("m", "k", "1", "d1")
	put(h, again)
	if again.ID <= c.ID {
		h.Errorf("id %d was used before", again.ID)
	}
}

func testPairsWalk(h *harness) {
	var all, owing []*record.Pair
	for i := range 7 {
		p := pair("m", "k", fmt.Sprint(i), "")
		if i%3 == 0 {
			p.Base[1].State = record.Owed
			owing = append(owing, p)
		}
		all = append(all, p)
	}
	put(h, all...)
	put(h, pair("other", "k", "1", ""))
	walk := func(limit int, owing bool) (seen []*record.Pair) {
		for after := int64(0); ; {
			page := pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) { return tx.Pairs("m", after, limit, owing) })
			if len(page) == 0 {
				return seen
			}
			if limit > 0 && len(page) > limit {
				h.Fatalf("a page of %d for limit %d", len(page), limit)
			}
			seen = append(seen, page...)
			after = page[len(page)-1].ID
		}
	}
	same(h, "all", walk(2, false), all)
	same(h, "owing", walk(2, true), owing)
	same(h, "without limit", walk(0, false), all)
	owing[0].Base[1].State = record.Known
	put(h, owing[0])
	same(h, "owing after one was filled", walk(0, true), owing[1:])
}

func testPairEnds(h *harness) {
	a := pair("m", "k", "1", "d1")
	put(h, a, pair("m", "k2", "", ""), pair("m", "k3", "", ""), pair("other", "k", "1", "d1"))
	h.refused("another pair with its F&O id", func(tx store.Tx) error { return tx.PutPairs([]*record.Pair{pair("m", "x", "1", "")}) })
	h.refused("another pair with its Dataverse id", func(tx store.Tx) error { return tx.PutPairs([]*record.Pair{pair("m", "x", "", "d1")}) })
	h.refused("two of one batch", func(tx store.Tx) error {
		return tx.PutPairs([]*record.Pair{pair("m", "x", "5", ""), pair("m", "y", "5", "")})
	})
	put(h, a) // its own ids are no conflict
	a.FnO.ID = "6"
	put(h, a, pair("m", "z", "1", "d9"))
}

func testIntents(h *harness) {
	intent := func(mapName string, side value.Side, target string) *record.Intent {
		return &record.Intent{Pair: 3, Map: mapName, MapVersion: 2, Key: "k", Company: "usmf", Side: side, Op: record.Update,
			TargetID: target, TargetKey: texts("usmf", "k"), IfMatch: "W/\"1\"", State: record.Intended, Bulk: true,
			Fields: []record.FieldWrite{
				{Column: "name", Slot: 4, Old: value.NewText("a"), New: value.NewText("b"), From: value.NewText("B")},
				{Column: "ownerid", Slot: -1, New: value.NewReference("team", "6a1c6a68-0000-4000-8000-000000000001")},
			}}
	}
	a, b, c, d := intent("m", value.FnO, "1"), intent("m", value.Dataverse, "1"), intent("m", value.FnO, "2"), intent("other", value.FnO, "1")
	b.Fields, b.TargetKey, b.Bulk, b.Op = nil, nil, false, record.Create
	h.update(func(tx store.Tx) error { return tx.PutIntents([]*record.Intent{a, b, c, d}) })
	read := func(f func(store.Tx) ([]*record.Intent, error)) []*record.Intent { return get(h, f) }
	walk := func(side value.Side, after int64, limit int) []*record.Intent {
		return read(func(tx store.Tx) ([]*record.Intent, error) { return tx.Intents("m", side, after, limit) })
	}
	same(h, "both sides", walk("", 0, 0), []*record.Intent{a, b, c})
	same(h, "one side", walk(value.FnO, 0, 0), []*record.Intent{a, c})
	same(h, "after", walk("", a.ID, 1), []*record.Intent{b})
	same(h, "by target", read(func(tx store.Tx) ([]*record.Intent, error) {
		return tx.IntentsByTarget("m", value.FnO, []string{"2", "1", "2", "3"})
	}), []*record.Intent{a, c})

	h.update(func(tx store.Tx) error { return tx.SetIntentState([]int64{a.ID, c.ID, 999}, record.Answered) })
	a.State, c.State = record.Answered, record.Answered
	a.IfMatch, a.Fields = "W/\"2\"", a.Fields[:1]
	h.update(func(tx store.Tx) error { return tx.PutIntents([]*record.Intent{a}) })
	same(h, "changed", walk("", 0, 0), []*record.Intent{a, b, c})

	h.update(func(tx store.Tx) error { return tx.DeleteIntents([]int64{b.ID, a.ID, 999}) })
	same(h, "count", get(h, func(tx store.Tx) (int64, error) { return tx.CountIntents("m") }), int64(1))
	h.refused("an intent that is gone", func(tx store.Tx) error { return tx.PutIntents([]*record.Intent{a}) })
	h.refused("an intent of no side", func(tx store.Tx) error { return tx.PutIntents([]*record.Intent{{Map: "m"}}) })
}

func testListed(h *harness) {
	l := func(mapName, key string, kind record.Kind, side value.Side, field string) record.Listed {
		return record.Listed{Map: mapName, Key: key, Kind: kind, Side: side, Field: field, Record: "USMF / " + key, Company: "usmf",
			Code: "DW601", Reason: "reason", Hint: "hint", Waits: "accounts US-1", Payload: "{}", At: "2026-03-01T10:00:00Z"}
	}
	list := []record.Listed{
		l("m", "k1", record.Failed, value.FnO, ""), l("m", "k1", record.Failed, value.Dataverse, ""), l("m", "k1", record.Failed, value.FnO, "name"),
		l("m", "k1", record.Parked, value.FnO, ""), l("m", "k2", record.Failed, value.FnO, ""), l("other", "k1", record.Failed, value.FnO, ""),
	}
	h.update(func(tx store.Tx) error { return tx.PutListed(list) })
	read := func(q store.ListedQuery, after int64, limit int) []record.Listed {
		return get(h, func(tx store.Tx) ([]record.Listed, error) { return tx.Listed(q, after, limit) })
	}
	same(h, "all", read(store.ListedQuery{}, 0, 0), list)
	same(h, "of a map", read(store.ListedQuery{Map: "m"}, 0, 0), list[:5])
	same(h, "of a kind", read(store.ListedQuery{Map: "m", Kind: record.Parked}, 0, 0), list[3:4])
	same(h, "of keys", read(store.ListedQuery{Keys: []string{"k2", "k1", "k2"}}, list[3].ID, 0), list[4:])
	same(h, "a page of keys", read(store.ListedQuery{Map: "m", Kind: record.Failed, Keys: []string{"k2", "k1"}}, 0, 2), list[:2])
	same(h, "a page", read(store.ListedQuery{}, list[1].ID, 2), list[2:4])

	newer := l("m", "k1", record.Failed, value.FnO, "")
	newer.Reason, newer.Code = "another", "DW602"
	h.update(func(tx store.Tx) error { return tx.PutListed([]record.Listed{newer}) })
	newer.ID = list[0].ID
	same(h, "replaced", read(store.ListedQuery{}, 0, 1), []record.Listed{newer})
	same(h, "counts", get(h, func(tx store.Tx) (map[record.Kind]int64, error) { return tx.CountListed("m") }),
		map[record.Kind]int64{record.Failed: 4, record.Parked: 1})

	h.update(func(tx store.Tx) error { return tx.Unlist("m", []string{"k1", "k9"}, record.Parked, record.Held) })
	same(h, "after one kind was unlisted", len(read(store.ListedQuery{Map: "m"}, 0, 0)), 4)
	h.update(func(tx store.Tx) error { return tx.Unlist("m", []string{"k1"}) })
	same(h, "after all were unlisted", read(store.ListedQuery{}, 0, 0), list[4:])
	h.refused("no kind", func(tx store.Tx) error { return tx.PutListed([]record.Listed{{Map: "m", Key: "k"}}) })
}

func testTally(h *harness) {
	one := store.Tally{Read: map[value.Side]int64{value.FnO: 10}, Created: map[value.Side]int64{value.Dataverse: 2}, Equal: 3, Millis: 40}
	two := store.Tally{Read: map[value.Side]int64{value.FnO: 5, value.Dataverse: 1}, InScope: map[value.Side]int64{value.FnO: 4},
		Updated: map[value.Side]int64{value.FnO: 1}, Equal: 1}
	h.update(func(tx store.Tx) error { return errors.Join(tx.AddTally("m", one), tx.AddTally("other", one)) })
	h.update(func(tx store.Tx) error { return tx.AddTally("m", two) })
	tally := func(m string) store.Tally {
		return get(h, func(tx store.Tx) (store.Tally, error) { return tx.Tally(m) })
	}
	same(h, "sum", tally("m"), store.Tally{
		Read: map[value.Side]int64{value.FnO: 15, value.Dataverse: 1}, InScope: map[value.Side]int64{value.FnO: 4},
		Created: map[value.Side]int64{value.Dataverse: 2}, Updated: map[value.Side]int64{value.FnO: 1}, Equal: 4, Millis: 40})
	h.update(func(tx store.Tx) error { return tx.ResetTally("m") })
	same(h, "reset", tally("m"), store.Tally{})
	same(h, "another map's", tally("other"), one)
}

// testValues stores every kind of value, and texts that a codec could spoil.
func testValues(h *harness) {
	number, err := value.NewDecimal("-12345678901234567890.125")
	if err != nil {
		h.Fatal(err)
	}
	all := []value.Value{{}, value.NewText(""), value.NewText("a\x00b\x1f\"\\é😀 "), value.NewText("\xff\xfe not UTF-8"),
		value.NewInteger(-1 << 63), value.NewInteger(1<<63 - 1), number, value.NewBool(true), value.NewBool(false),
		value.NewDate(-25567), value.NewDateTime(-2208988800), value.NewSymbol("No"), value.NewOption(806380000),
		value.NewOptions([]int64{9, 1}), value.NewGuid("6A1C6A68-0000-4000-8000-000000000001"),
		value.NewReference("account", "6a1c6a68-0000-4000-8000-000000000001")}
	o := observe("m", value.FnO, "k\x00\xff", "id\x00\xff")
	o.Values = all
	o = add(h, o)[0]
	same(h, "observation", work(h, "m", "", 0)[0].FnO, []record.Observation{o})
	p := pair("m", "k", "1", "")
	p.Base = nil
	for i, v := range all {
		p.Base = append(p.Base, record.FieldBase{State: record.FieldState(i % 3), FnO: v, Dataverse: all[len(all)-1-i]})
	}
	p.FnO.Key = all
	put(h, p)
	same(h, "pair", pairsOf(h, func(tx store.Tx) ([]*record.Pair, error) { return tx.Pairs("m", 0, 0, false) }), []*record.Pair{p})
}

// testCopies checks that what goes in and what comes out is the caller's own.
func testCopies(h *harness) {
	p, o := pair("m", "k", "1", ""), observe("m", value.FnO, "k", "1")
	put(h, p)
	obs := add(h, o)
	want := work(h, "m", "", 0)
	p.Base[0].State, p.FnO.Key[0] = record.Owed, value.NewText("changed")
	obs[0].Values[0] = value.NewText("changed")
	same(h, "after the arguments changed", work(h, "m", "", 0), want)
	got := work(h, "m", "", 0)
	got[0].Pairs[0].Base[0].State, got[0].FnO[0].Values[0] = record.Owed, value.NewText("changed")
	same(h, "after a result changed", work(h, "m", "", 0), want)
}
