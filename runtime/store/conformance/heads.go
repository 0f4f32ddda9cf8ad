package conformance

import (
	"errors"
	"slices"

	"github.com/dualwrite/dw/runtime/store"
)

func head(key, id, version string) store.Head {
	return store.Head{Key: key, ID: id, Version: version, Values: texts("usmf", key)}
}

func putHeads(h *harness, mapName string, heads ...store.Head) {
	h.Helper()
	h.update(func(tx store.Tx) error { return tx.PutHeads(mapName, heads) })
}

func heads(h *harness, mapName, after string, limit int) []store.Head {
	h.Helper()
	return get(h, func(tx store.Tx) ([]store.Head, error) { return tx.Heads(mapName, after, limit) })
}

func testHeads(h *harness) {
	a, b, twin, other := head("a", "1", "v1"), head("b", "2", "v1"), head("b", "10", "v1"), head("a", "1", "of n")
	putHeads(h, "m", b, a, twin)
	putHeads(h, "n", other)
	a.Version = "v2"
	putHeads(h, "m", head("a", "1", "older, of the same batch"), a)
	byKey := func(keys ...string) []store.Head {
		return get(h, func(tx store.Tx) ([]store.Head, error) { return tx.HeadsByKey("m", keys) })
	}
	same(h, "by keys", byKey("b", "a", "absent", "a"), []store.Head{a, twin, b})
	same(h, "by an absent key", byKey("absent"), []store.Head(nil))
	same(h, "all", heads(h, "m", "", 0), []store.Head{a, twin, b})
	count := func(m string) int64 { return get(h, func(tx store.Tx) (int64, error) { return tx.CountHeads(m) }) }
	same(h, "count", count("m"), int64(3))
	h.update(func(tx store.Tx) error { return tx.DropHeads("m", []string{"b", "absent"}) })
	same(h, "after both of b are dropped", heads(h, "m", "", 0), []store.Head{a})
	same(h, "of another map", heads(h, "n", "", 0), []store.Head{other})
	h.update(func(tx store.Tx) error { return tx.ClearHeads("m") })
	same(h, "cleared", []int64{count("m"), count("n")}, []int64{0, 1})

	for what, spoilt := range map[string]store.Head{"key": head("", "1", "v"), "id": head("a", "", "v")} {
		h.refused("no "+what, func(tx store.Tx) error { return tx.PutHeads("m", []store.Head{a, spoilt}) })
	}
	h.refused("no map", func(tx store.Tx) error { return tx.PutHeads("", []store.Head{a}) })
	same(h, "of refused batches", count("m"), int64(0))
	err := h.s.View(h.Context(), func(tx store.Tx) error {
		for _, err := range []error{tx.PutHeads("m", nil), tx.DropHeads("m", nil), tx.ClearHeads("m")} {
			if !errors.Is(err, store.ErrReadOnly) {
				h.Errorf("a view writes heads: %v", err)
			}
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
}

func testHeadsPages(h *harness) {
	var all []store.Head
	for _, key := range []string{"b", "a\x1fz", "a", "Z", "é", "a b", "\x1f"} {
		all = append(all, head(key, "1"+key, "v"), head(key, "2"+key, "v"))
	}
	putHeads(h, "m", all...)
	slices.SortFunc(all, func(a, b store.Head) int { return slices.Compare([]string{a.Key, a.ID}, []string{b.Key, b.ID}) })
	var seen []store.Head
	for after := ""; ; {
		page := heads(h, "m", after, 3)
		if len(page) == 0 {
			break
		}
		if len(page) > 6 {
			h.Errorf("%d heads of three key texts", len(page))
		}
		seen = append(seen, page...)
		after = page[len(page)-1].Key
	}
	same(h, "heads in pages", seen, all)
}
