package initial_test

import (
	"context"
	"testing"

	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/host"
)

// TestChangedInTheMiddle: an apply is cut off, a map that it had begun is changed,
// and what follows is a plan of its own for that map and the rest of the old one
// for the others.
func TestChangedInTheMiddle(t *testing.T) {
	h := host.Simulated(5)
	w := newCity(t).newWorld(t, h, 5)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waves := 0
	h.Markers = markers(func(marker string) {
		switch {
		case marker == engine.MarkWaveClosed:
			waves++
		case marker == engine.MarkIntentsStored && waves == 2:
			cancel()
		}
	})
	if _, err := w.apply(ctx); err == nil {
		t.Fatal("apply was not cut off")
	}
	h.Markers = markers(func(string) {})
	changed := ""
	most := 3
	for _, d := range w.deployed().Maps {
		if name := d.Definition.Map.Name; d.Initial == "pending" && d.Definition.Wave == 3 && changed == "" {
			for _, m := range w.city.config.Maps {
				if m.Name == name {
					changed, m.Initial.MaxErrors, m.Initial.MaxErrorRate = name, &most, "0.5"
				}
			}
		}
	}
	if changed == "" {
		t.Fatal("no map of the third wave is pending")
	}
	for _, a := range w.plan().Actions {
		switch {
		case a.Map == changed && a.Kind != plan.Update && a.Kind != plan.Backfill:
			t.Errorf("%s: %s, want an update", a.Map, a.Kind)
		case a.Map != changed && a.Kind != plan.None && a.Kind != plan.Resume:
			t.Errorf("%s: %s", a.Map, a.Kind)
		}
	}
	w.mustApply()
	w.settled()
	for _, d := range w.deployed().Maps {
		want := 1
		if d.Definition.Map.Name == changed {
			want = 2
		}
		if d.Version != want || d.Initial != "done" {
			t.Errorf("%s is in version %d, %s", d.Definition.Map.Name, d.Version, d.Initial)
		}
	}
}
