package conformance

import (
	"errors"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// fill stores something of every kind for a map whose version is v, and gives
// what a reader sees of it.
func fill(h *harness, name string, v int) {
	h.Helper()
	h.update(func(tx store.Tx) error {
		p := pair(name, "k", "1"+name, "2"+name)
		p.MapVersion = v
		return errors.Join(
			tx.AddObservations([]record.Observation{observe(name, value.FnO, "k", "1")}),
			tx.PutPairs([]*record.Pair{p}),
			tx.PutIntents([]*record.Intent{{Map: name, MapVersion: v, Side: value.FnO, Op: record.Update, State: record.Intended, TargetID: "1"}}),
			tx.PutListed([]record.Listed{{Map: name, Key: "k", Kind: record.Parked, Side: value.FnO, WaitMap: name, WaitKey: "z"}}),
			tx.PutHeads(name, []store.Head{{Key: "k", ID: "1", Values: texts(name)}}),
			tx.PutCursor(name, value.FnO, store.Cursor{Phase: "done", Token: name}),
			tx.AddTally(name, store.Tally{Equal: 1}),
			tx.AddChanges([]record.Change{{Map: name, MapVersion: v, Key: "k", Side: value.FnO, Op: record.Update}}),
			tx.AddCommand(&store.Command{Name: "pause", Map: name}))
	})
}

// kept reads what fill has stored, under a name.
func kept(h *harness, name string) (found []any) {
	h.Helper()
	h.view(func(tx store.Tx) error {
		work, err1 := tx.Work(name, "", 0)
		pairs, err2 := tx.PairsByEnd(name, value.FnO, []string{"1old"})
		intents, err3 := tx.IntentsByTarget(name, value.FnO, []string{"1"})
		listed, err4 := tx.Listed(store.ListedQuery{Map: name}, 0, 0)
		cursor, err5 := tx.Cursor(name, value.FnO)
		tally, err6 := tx.Tally(name)
		changes, err7 := tx.Changes(name, "k")
		heads, err8 := tx.Heads(name, "", 0)
		found = []any{work, pairs, intents, listed, cursor, tally, changes, heads}
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, err8)
	})
	return found
}

func testRenameMap(h *harness) {
	h.update(func(tx store.Tx) error {
		return errors.Join(tx.PutDeployed("contoso", deployed("old", 1)), tx.PutDeployed("contoso", deployed("old", 2)),
			tx.PutDeployed("contoso", deployed("lines", 1)))
	})
	fill(h, "old", 2)
	h.update(func(tx store.Tx) error {
		return tx.PutListed([]record.Listed{{Map: "lines", Key: "l", Kind: record.Parked, Side: value.Dataverse, WaitMap: "old", WaitKey: "k"}})
	})
	before := kept(h, "old")
	next := deployed("new", 3)
	next.Origin = plan.Origin{Kind: plan.Update, Reasons: []plan.Reason{{Code: plan.SettingsChanged, Detail: "d"}}, Tool: "1.0", Config: "sha256:0", Run: "https://ci/7", MovedFrom: "old"}
	h.update(func(tx store.Tx) error {
		shift, err := tx.RenameMap("contoso", "old", "new")
		same(h, "shift", shift, 0)
		return errors.Join(err, tx.PutDeployed("contoso", next))
	})
	after := kept(h, "new")
	for i, what := range []string{"work", "pairs", "intents", "listed", "cursor", "tally", "changes", "heads"} {
		same(h, what+" under the new name", after[i], renamed(before[i]))
	}
	same(h, "left under the old name", kept(h, "old"), kept(h, "never there"))
	waiting := get(h, func(tx store.Tx) ([]record.Listed, error) { return tx.Listed(store.ListedQuery{WaitMap: "new"}, 0, 0) })
	same(h, "what waits for the new name", len(waiting), 2)
	commands := get(h, func(tx store.Tx) ([]store.Command, error) { return tx.Commands(0, 0, true) })
	same(h, "command", commands[0].Map, "new")

	d := get(h, func(tx store.Tx) (plan.Deployed, error) { return tx.Deployed("contoso") })
	same(h, "names", names(d), []string{"lines", "new"})
	same(h, "deployed", d.Maps[1], next)
	same(h, "serial", d.Serial, int64(5))
	history := get(h, func(tx store.Tx) ([]plan.DeployedMap, error) { return tx.History("contoso", "new") })
	same(h, "history", history, []plan.DeployedMap{deployed("old", 1), deployed("old", 2), next})
	same(h, "all names", get(h, func(tx store.Tx) ([]string, error) { return tx.HistoryNames("contoso") }), []string{"lines", "new"})

	// The old name is free again.
	h.update(func(tx store.Tx) error { return tx.PutDeployed("contoso", deployed("old", 1)) })
}

// renamed gives what kept has read as it reads after old was renamed to new.
func renamed(stored any) any {
	switch list := stored.(type) {
	case []store.Work:
		for i := range list {
			for j := range list[i].FnO {
				list[i].FnO[j].Map = "new"
			}
			for _, p := range list[i].Pairs {
				p.Map = "new"
			}
		}
	case []*record.Pair:
		for _, p := range list {
			p.Map = "new"
		}
	case []*record.Intent:
		for _, in := range list {
			in.Map = "new"
		}
	case []record.Listed:
		for i := range list {
			list[i].Map, list[i].WaitMap = "new", "new"
		}
	case []record.Change:
		for i := range list {
			list[i].Map = "new"
		}
	}
	return stored
}

// A map that takes the name of one that was removed goes on after its versions.
func testRenameOnto(h *harness) {
	h.update(func(tx store.Tx) error {
		return errors.Join(
			tx.PutDeployed("contoso", deployed("new", 1)), tx.PutDeployed("contoso", deployed("new", 2)), tx.RemoveDeployed("contoso", "new", removal()),
			tx.PutDeployed("contoso", deployed("old", 1)), tx.PutDeployed("contoso", deployed("old", 2)))
	})
	fill(h, "old", 2)
	h.update(func(tx store.Tx) error {
		shift, err := tx.RenameMap("contoso", "old", "new")
		same(h, "shift", shift, 2)
		return errors.Join(err, tx.PutDeployed("contoso", deployed("new", 5)))
	})
	gone := deployed("new", 2)
	end := removal()
	gone.Removed = &end
	history := get(h, func(tx store.Tx) ([]plan.DeployedMap, error) { return tx.History("contoso", "new") })
	same(h, "history", history, []plan.DeployedMap{deployed("new", 1), gone, deployed("old", 3), deployed("old", 4), deployed("new", 5)})
	stored := kept(h, "new")
	same(h, "version of the pair", stored[1].([]*record.Pair)[0].MapVersion, 4)
	same(h, "version of the intent", stored[2].([]*record.Intent)[0].MapVersion, 4)
	same(h, "version of the change", stored[6].([]record.Change)[0].MapVersion, 4)
}

func testRenameRefused(h *harness) {
	h.update(func(tx store.Tx) error {
		return errors.Join(tx.PutDeployed("contoso", deployed("a", 1)), tx.PutDeployed("contoso", deployed("b", 1)), tx.PutDeployed("fabrikam", deployed("c", 1)))
	})
	for what, n := range map[string][3]string{
		"what is not deployed":     {"contoso", "x", "y"},
		"onto a deployed map":      {"contoso", "a", "b"},
		"onto another link's":      {"contoso", "a", "c"},
		"another link's":           {"contoso", "c", "y"},
		"to itself":                {"contoso", "a", "a"},
		"to nothing":               {"contoso", "a", ""},
		"a link that is not there": {"other", "a", "y"},
	} {
		h.refused(what, func(tx store.Tx) error {
			_, err := tx.RenameMap(n[0], n[1], n[2])
			return err
		})
	}
}
