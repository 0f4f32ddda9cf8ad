// Package conformance holds the tests that every store must pass.
package conformance

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// Open gives a new, empty store that is closed when the test ends.
type Open func(t testing.TB) store.Store

// Run tests one kind of store.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(*harness)
	}{
		{"meta", testMeta},
		{"deployed", testDeployed},
		{"deployed again after a removal", testRedeployed},
		{"deployed is refused", testDeployedRefused},
		{"remove deployed", testRemoveDeployed},
		{"rename a map", testRenameMap},
		{"rename onto a history", testRenameOnto},
		{"rename is refused", testRenameRefused},
		{"lock", testLock},
		{"lease", testLease},
		{"sequence", testSequence},
		{"cursors", testCursors},
		{"observations replace", testObservationsReplace},
		{"observations are refused", testObservationsRefused},
		{"heads", testHeads},
		{"heads in pages", testHeadsPages},
		{"work", testWork},
		{"work in pages", testWorkPages},
		{"pairs", testPairs},
		{"pairs walk", testPairsWalk},
		{"pairs are unique by end", testPairEnds},
		{"intents", testIntents},
		{"listed", testListed},
		{"tally", testTally},
		{"what live sync keeps of records", testLiveFields},
		{"waiting", testWaiting},
		{"changes", testChanges},
		{"commands", testCommands},
		{"every kind of value", testValues},
		{"rollback", testRollback},
		{"rollback on panic", testPanic},
		{"views do not write", testReadOnly},
		{"an ended transaction", testEnded},
		{"a cancelled context", testCancelled},
		{"views beside an update", testConcurrent},
		{"copies", testCopies},
		{"closed", testClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.test(&harness{T: t, s: open(t)})
		})
	}
}

// harness runs transactions and fails the test when one fails.
type harness struct {
	*testing.T
	s store.Store
}

func (h *harness) update(f func(store.Tx) error) {
	h.Helper()
	if err := h.s.Update(context.Background(), f); err != nil {
		h.Fatalf("update: %v", err)
	}
}

func (h *harness) view(f func(store.Tx) error) {
	h.Helper()
	if err := h.s.View(context.Background(), f); err != nil {
		h.Fatalf("view: %v", err)
	}
}

// refused runs an update that must fail with ErrInvalid.
func (h *harness) refused(what string, f func(store.Tx) error) {
	h.Helper()
	if err := h.s.Update(context.Background(), f); !errors.Is(err, store.ErrInvalid) {
		h.Errorf("%s: error %v, want ErrInvalid", what, err)
	}
}

// get reads one thing in a view.
func get[T any](h *harness, f func(store.Tx) (T, error)) (got T) {
	h.Helper()
	h.view(func(tx store.Tx) (err error) {
		got, err = f(tx)
		return err
	})
	return got
}

func same(h *harness, what string, got, want any) {
	h.Helper()
	if !reflect.DeepEqual(got, want) {
		h.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func texts(vs ...string) []value.Value {
	var list []value.Value
	for _, v := range vs {
		list = append(list, value.NewText(v))
	}
	return list
}

func observe(mapName string, side value.Side, key, id string) record.Observation {
	return record.Observation{Map: mapName, Side: side, Key: key, ID: id, AsOf: 1, Company: "usmf",
		Version: "W/\"" + id + "\"", Values: texts(key, id), InScope: true}
}

func add(h *harness, obs ...record.Observation) []record.Observation {
	h.Helper()
	h.update(func(tx store.Tx) error { return tx.AddObservations(obs) })
	return obs
}

func pair(mapName, key, fno, dataverse string) *record.Pair {
	return &record.Pair{Map: mapName, MapVersion: 2, Key: key, Company: "usmf",
		FnO:       record.End{ID: fno, Version: "f1", Key: texts("usmf", key)},
		Dataverse: record.End{ID: dataverse, Version: "d1"},
		Base: []record.FieldBase{
			{State: record.Known, FnO: value.NewText(key), Dataverse: value.NewText(key)},
			{State: record.Unknown, FnO: value.NewInteger(1)},
		},
		Written: 7}
}

func put(h *harness, pairs ...*record.Pair) {
	h.Helper()
	h.update(func(tx store.Tx) error { return tx.PutPairs(pairs) })
}

func deployed(name string, version int) plan.DeployedMap {
	return plan.DeployedMap{
		Definition: plan.Definition{Map: &model.Map{Name: name, Link: "contoso", Version: "1.0",
			Key: []model.Named{{Name: "CustomerAccount"}}, Fields: []*model.Field{{
				Column: model.Named{Name: "name"}, FnO: model.Named{Name: "Name"}, Direction: model.Both}}}, Wave: 2},
		Version: version, Status: "initializing", Initial: "pending", At: "2026-03-01T10:00:00Z", By: "ada"}
}

// removal is the end of maps in these tests.
func removal() plan.Removal {
	return plan.Removal{At: "2026-03-02T11:00:00Z", By: "eve", Run: "https://ci/7"}
}

func names(d plan.Deployed) (list []string) {
	for i := range d.Maps {
		list = append(list, store.NameOf(&d.Maps[i]))
	}
	return list
}

func testMeta(h *harness) {
	h.update(func(tx store.Tx) error {
		if text, err := tx.Meta("absent"); text != "" || err != nil {
			h.Errorf("absent meta is %q, %v", text, err)
		}
		return errors.Join(tx.SetMeta("environment", "one"), tx.SetMeta("environment", "two"), tx.SetMeta("user", "dw"))
	})
	same(h, "meta", get(h, func(tx store.Tx) (string, error) { return tx.Meta("environment") }), "two")
	same(h, "meta", get(h, func(tx store.Tx) (string, error) { return tx.Meta("user") }), "dw")
}

func testDeployed(h *harness) {
	empty := get(h, func(tx store.Tx) (plan.Deployed, error) { return tx.Deployed("contoso") })
	if empty.Link != "contoso" || empty.Lineage == "" || empty.Serial != 0 || len(empty.Maps) != 0 {
		h.Errorf("a new store has deployed %+v", empty)
	}
	second := deployed("b", 2)
	second.Definition.Wave = 5
	h.update(func(tx store.Tx) error {
		return errors.Join(tx.PutDeployed("contoso", deployed("b", 1)), tx.PutDeployed("contoso", deployed("a", 1)),
			tx.PutDeployed("contoso", second), tx.PutDeployed("fabrikam", deployed("c", 1)))
	})
	d := get(h, func(tx store.Tx) (plan.Deployed, error) { return tx.Deployed("contoso") })
	same(h, "names", names(d), []string{"a", "b"})
	same(h, "serial", d.Serial, int64(3))
	same(h, "lineage", d.Lineage, empty.Lineage)
	same(h, "newest version", d.Maps[1], second)

	done := deployed("b", 2)
	done.Definition.Wave, done.Status, done.Initial, done.By = 9, "running", "done", "eve"
	h.update(func(tx store.Tx) error { return tx.PutDeployed("contoso", done) })
	d = get(h, func(tx store.Tx) (plan.Deployed, error) { return tx.Deployed("contoso") })
	want := second
	want.Status, want.Initial = "running", "done"
	same(h, "after a change of status", d.Maps[1], want)
	same(h, "serial", d.Serial, int64(4))
	history := get(h, func(tx store.Tx) ([]plan.DeployedMap, error) { return tx.History("contoso", "b") })
	same(h, "history", history, []plan.DeployedMap{deployed("b", 1), want})

	// Who knows a definition gets the one that it has; all others are read.
	known := want.Definition
	known.Companies = []string{} // as good as none
	other := d.Maps[0].Definition
	other.Wave++
	digests := plan.NewDigester()
	knowing := get(h, func(tx store.Tx) (plan.Deployed, error) {
		return tx.DeployedKnowing("contoso", map[string]*plan.Definition{digests.Definition(&known): &known, digests.Definition(&other): &other})
	})
	if knowing.Maps[1].Definition.Companies == nil {
		h.Errorf("a definition that was known has been read")
	}
	knowing.Maps[1].Definition.Companies = want.Definition.Companies
	same(h, "what is deployed to who knows a part of it", knowing, d)
}

func testRedeployed(h *harness) {
	h.update(func(tx store.Tx) error {
		return errors.Join(tx.PutDeployed("contoso", deployed("a", 1)), tx.PutDeployed("contoso", deployed("a", 2)),
			tx.RemoveDeployed("contoso", "a", removal()))
	})
	h.refused("a version that was used", func(tx store.Tx) error { return tx.PutDeployed("contoso", deployed("a", 2)) })
	h.update(func(tx store.Tx) error { return tx.PutDeployed("contoso", deployed("a", 3)) })
	d := get(h, func(tx store.Tx) (plan.Deployed, error) { return tx.Deployed("contoso") })
	same(h, "serial", d.Serial, int64(4))
	same(h, "maps", d.Maps, []plan.DeployedMap{deployed("a", 3)})
	same(h, "history", len(get(h, func(tx store.Tx) ([]plan.DeployedMap, error) { return tx.History("contoso", "a") })), 3)
}

func testDeployedRefused(h *harness) {
	h.update(func(tx store.Tx) error { return tx.PutDeployed("contoso", deployed("a", 1)) })
	h.refused("a gap", func(tx store.Tx) error { return tx.PutDeployed("contoso", deployed("a", 3)) })
	h.refused("a first version of 2", func(tx store.Tx) error { return tx.PutDeployed("contoso", deployed("b", 2)) })
	h.refused("another link", func(tx store.Tx) error { return tx.PutDeployed("fabrikam", deployed("a", 1)) })
	h.refused("no definition", func(tx store.Tx) error { return tx.PutDeployed("contoso", plan.DeployedMap{Version: 1}) })
	d := get(h, func(tx store.Tx) (plan.Deployed, error) { return tx.Deployed("contoso") })
	same(h, "serial", d.Serial, int64(1))
}

func testRemoveDeployed(h *harness) {
	for _, m := range []string{"a", "b"} {
		h.update(func(tx store.Tx) error {
			return errors.Join(
				tx.PutDeployed("contoso", deployed(m, 1)),
				tx.AddObservations([]record.Observation{observe(m, value.FnO, "k", "1")}),
				tx.PutPairs([]*record.Pair{pair(m, "k", "1", "2")}),
				tx.PutIntents([]*record.Intent{{Map: m, Side: value.FnO, Op: record.Update, State: record.Intended}}),
				tx.PutListed([]record.Listed{{Map: m, Key: "k", Kind: record.Failed}}),
				tx.PutHeads(m, []store.Head{{Key: "k", ID: "1"}}),
				tx.PutCursor(m, value.FnO, store.Cursor{Phase: "done"}),
				tx.AddTally(m, store.Tally{Equal: 1}))
		})
	}
	h.update(func(tx store.Tx) error {
		return errors.Join(tx.RemoveDeployed("contoso", "a", removal()), tx.RemoveDeployed("contoso", "never deployed", removal()))
	})
	d := get(h, func(tx store.Tx) (plan.Deployed, error) { return tx.Deployed("contoso") })
	same(h, "names", names(d), []string{"b"})
	same(h, "serial", d.Serial, int64(3))
	one := func(link, name string) *plan.DeployedMap {
		return get(h, func(tx store.Tx) (*plan.DeployedMap, error) { return tx.DeployedMap(link, name) })
	}
	same(h, "one map", *one("contoso", "b"), d.Maps[0])
	same(h, "absent maps", []*plan.DeployedMap{one("contoso", "a"), one("contoso", "c"), one("other", "b")}, []*plan.DeployedMap{nil, nil, nil})
	for m, left := range map[string]int64{"a": 0, "b": 1} {
		h.view(func(tx store.Tx) error {
			pairs, err1 := tx.CountPairs(m)
			intents, err2 := tx.CountIntents(m)
			observations, err3 := tx.CountObservations(m)
			listed, err4 := tx.CountListed(m)
			cursor, err5 := tx.Cursor(m, value.FnO)
			tally, err6 := tx.Tally(m)
			heads, err8 := tx.CountHeads(m)
			same(h, "left of "+m, []int64{pairs, intents, observations[value.FnO], listed[record.Failed], tally.Equal, heads},
				[]int64{left, left, left, left, left, left})
			same(h, "cursor of "+m, cursor != store.Cursor{}, left == 1)
			history, err7 := tx.History("contoso", m)
			same(h, "history of "+m, len(history), 1)
			return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8)
		})
	}
}

func testSequence(h *harness) {
	seq := func() int64 { return get(h, func(tx store.Tx) (int64, error) { return tx.Seq() }) }
	before := seq()
	same(h, "seq of a second view", seq(), before)
	obs := add(h, observe("m", value.FnO, "k", "1"), observe("m", value.FnO, "k2", "2"))
	if !(before < obs[0].Seq && obs[0].Seq < obs[1].Seq) {
		h.Errorf("after %d observations have %d and %d", before, obs[0].Seq, obs[1].Seq)
	}
	if seq() < obs[1].Seq {
		h.Errorf("seq %d is below the last observation's %d", seq(), obs[1].Seq)
	}
	asked := seq()
	var written int64
	h.update(func(tx store.Tx) (err error) { written, err = tx.Seq(); return err })
	if written <= asked {
		h.Errorf("an update drew %d, a view before it saw %d", written, asked)
	}
	if later := seq(); later < written {
		h.Errorf("a view after the update sees %d, the update drew %d", later, written)
	}
}

func testCursors(h *harness) {
	zero := get(h, func(tx store.Tx) (store.Cursor, error) { return tx.Cursor("m", value.FnO) })
	same(h, "absent cursor", zero, store.Cursor{})
	c := store.Cursor{Phase: "scan", Next: "https://x/?$skiptoken=1", Token: "t", Rows: 500}
	h.update(func(tx store.Tx) error {
		return errors.Join(tx.PutCursor("m", value.FnO, store.Cursor{Phase: "scan"}), tx.PutCursor("m", value.FnO, c),
			tx.PutCursor("m", value.Dataverse, store.Cursor{Phase: "done"}))
	})
	same(h, "cursor", get(h, func(tx store.Tx) (store.Cursor, error) { return tx.Cursor("m", value.FnO) }), c)
	same(h, "cursor", get(h, func(tx store.Tx) (store.Cursor, error) { return tx.Cursor("m", value.Dataverse) }), store.Cursor{Phase: "done"})
	h.refused("a cursor of no side", func(tx store.Tx) error { return tx.PutCursor("m", "", c) })
}

func work(h *harness, mapName, after string, limit int) []store.Work {
	return get(h, func(tx store.Tx) ([]store.Work, error) { return tx.Work(mapName, after, limit) })
}

func keys(w []store.Work) (list []string) {
	for _, one := range w {
		list = append(list, one.Key)
	}
	return list
}

func testObservationsReplace(h *harness) {
	first := add(h, observe("m", value.FnO, "k", "1"), observe("m", value.Dataverse, "k", "1"), observe("other", value.FnO, "k", "1"))
	renamed := observe("m", value.FnO, "k2", "1")
	renamed.Deleted, renamed.InScope, renamed.Values = true, false, nil
	second := add(h, renamed)
	w := work(h, "m", "", 0)
	same(h, "keys", keys(w), []string{"k", "k2"})
	same(h, "dataverse's of k", w[0].Dataverse, first[1:2])
	same(h, "fno's of k", len(w[0].FnO), 0)
	same(h, "fno's of k2", w[1].FnO, second)
	twice := add(h, observe("m", value.FnO, "k3", "9"), observe("m", value.FnO, "k4", "9"))
	same(h, "the last of a batch stands", work(h, "m", "k2", 0)[0].FnO, twice[1:])
	unhandled := get(h, func(tx store.Tx) ([]record.Observation, error) {
		return tx.Unhandled("m", value.FnO, []string{"9", "1", "8"})
	})
	for i := range twice {
		twice[i].Values = nil
	}
	same(h, "unhandled", unhandled, []record.Observation{second[0], twice[1]})
	same(h, "unhandled of nothing", get(h, func(tx store.Tx) (int, error) {
		none, err := tx.Unhandled("m", value.FnO, nil)
		return len(none), err
	}), 0)
	h.update(func(tx store.Tx) error { return tx.DropObservations("m", []int64{second[0].Seq, first[2].Seq, 12345}) })
	counts := get(h, func(tx store.Tx) (map[value.Side]int64, error) { return tx.CountObservations("m") })
	same(h, "counts", counts, map[value.Side]int64{value.FnO: 1, value.Dataverse: 1})
	same(h, "another map keeps its own", keys(work(h, "other", "", 0)), []string{"k"})
	for until, want := range map[string]int64{"k": 0, "k\x00": 1, "k4": 1, "l": 2} {
		same(h, "keys before "+until, get(h, func(tx store.Tx) (int64, error) { return tx.CountKeys("m", "k", until) }), want)
	}
}

func testObservationsRefused(h *harness) {
	for what, spoil := range map[string]func(*record.Observation){
		"map":  func(o *record.Observation) { o.Map = "" },
		"side": func(o *record.Observation) { o.Side = "left" },
		"key":  func(o *record.Observation) { o.Key = "" },
		"id":   func(o *record.Observation) { o.ID = "" },
	} {
		o := observe("m", value.FnO, "k", "1")
		spoil(&o)
		h.refused(what, func(tx store.Tx) error {
			return tx.AddObservations([]record.Observation{observe("m", value.FnO, "good", "2"), o})
		})
	}
	same(h, "work", len(work(h, "m", "", 0)), 0)
}

func testWork(h *harness) {
	byKey, byFnO, byDataverse, none := pair("m", "k", "10", "10d"), pair("m", "old key", "1", ""), pair("m", "x", "", "2"), pair("m", "y", "77", "78")
	both := pair("m", "z2", "30", "40")
	put(h, byKey, byFnO, byDataverse, none, both, pair("other", "k", "1", "2"))
	obs := add(h,
		observe("m", value.Dataverse, "k", "2"), observe("m", value.FnO, "k", "1"), observe("m", value.FnO, "k", "3"),
		observe("m", value.FnO, "z1", "30"), observe("m", value.Dataverse, "z2", "40"))
	w := work(h, "m", "", 0)
	same(h, "keys", keys(w), []string{"k", "z1", "z2"})
	same(h, "fno", w[0].FnO, obs[1:3])
	same(h, "dataverse", w[0].Dataverse, obs[:1])
	same(h, "pairs of k", w[0].Pairs, []*record.Pair{byKey, byFnO, byDataverse})
	same(h, "pair of z1", w[1].Pairs, []*record.Pair{both})
	same(h, "pair of z2", w[2].Pairs, []*record.Pair{both})
	if w[1].Pairs[0] == w[2].Pairs[0] {
		h.Error("two keys share one pair in memory")
	}
}

func testWorkPages(h *harness) {
	var all []string
	for _, k := range []string{"b", "a\x1fz", "a", "Z", "é", "a b", "\x1f"} {
		add(h, observe("m", value.FnO, k, "f"+k), observe("m", value.Dataverse, k, "d"+k))
		all = append(all, k)
	}
	slices.Sort(all)
	var seen []string
	for after := ""; ; {
		w := work(h, "m", after, 3)
		if len(w) == 0 {
			break
		}
		for _, one := range w {
			same(h, "both sides of "+one.Key, len(one.FnO)+len(one.Dataverse), 2)
		}
		seen = append(seen, keys(w)...)
		after = w[len(w)-1].Key
	}
	same(h, "keys in pages", seen, all)
}
