package live_test

import (
	"fmt"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/store"
)

// TestSeedsByExports lets people edit both sides at random while the initial sync
// reads F&O by exports: between the keys, the export and the rest, and between
// any two requests, some of which fail. Processes are cut off, exports are lost.
// What such a read gets wrong of records that were edited meanwhile live sync
// finds: when people fall silent, both sides are equal and nothing more is
// written.
func TestSeedsByExports(t *testing.T) {
	for seed := range seeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := byExports(t, uint64(seed))
			s.settle()
		})
	}
}

// byExports joins all maps while things go wrong.
func byExports(t *testing.T, seed uint64) *simulation {
	s := founded(t, seed)
	e := enginetest.NewExporter(s.FnO, s.Env.Host)
	s.Env.FnO = e
	for _, m := range s.Env.Maps {
		m.Def.Map.Initial.ReadVia = "package"
	}
	for i := range simulated { // each is created once
		s.edits[fmt.Sprint("groups g", i)]++
		s.edits[fmt.Sprint("customers us-", i)]++
	}
	s.troubled()
	edits := func(string, string) {
		for range s.rng.IntN(6) {
			s.edit()
		}
		if s.rng.IntN(8) == 0 {
			s.recreate()
		}
	}
	e.Begin, e.Ended = edits, edits
	e.Doubtful = func(string, enginetest.Values) bool { return s.chance(10) }
	s.trouble = true
	for attempt := 0; ; attempt++ {
		if attempt == 8 {
			s.trouble, s.state.dead = false, false
		}
		err := s.join()
		s.note("join: %v", err)
		if err == nil {
			break
		}
		if attempt >= 8 {
			t.Fatal(err)
		}
		s.state.dead = false
		s.edit()
		if s.chance(20) {
			e.Lose()
		}
	}
	s.trouble = false
	if len(e.Jobs()) == 0 {
		t.Error("nothing was exported")
	}
	return s
}

// join does the initial syncs that are pending, as a new process would.
func (s *simulation) join() error {
	var d plan.Deployed
	s.World.View(func(tx store.Tx) (err error) {
		d, err = tx.Deployed(enginetest.Link)
		return err
	})
	runner := initial.Runner{Env: s.Env}
	return runner.Join(s.Context(), initial.Pending(d, s.Env.Maps), s.Env.Maps)
}

// recreate has another record come in the place of one.
func (s *simulation) recreate() {
	rows := s.FnO.Rows("CustomersV3")
	if len(rows) == 0 {
		return
	}
	r := rows[s.rng.IntN(len(rows))]
	s.FnO.Delete("CustomersV3", r.ID)
	s.n++
	r.Values["OrganizationName"] = text(fmt.Sprint("made ", s.n))
	s.FnO.Put("CustomersV3", r.Values)
	s.edits["customers "+value.Fold(keyText(value.FnO, "CustomersV3", r.Values))] += 2
	s.note("recreated %v", r.Values["CustomerAccount"])
}
