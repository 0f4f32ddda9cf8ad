package initial_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	fnoconnect "github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/host"
	fnotwin "github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/store"
)

// viaExports gives a world in which all maps demand that F&O is read by exports.
func viaExports(t *testing.T, c *city, h *host.Host, seed uint64) *world {
	t.Helper()
	config := *c.config
	config.Maps = nil
	for _, m := range c.config.Maps {
		forced := *m
		forced.Initial.ReadVia = "package"
		config.Maps = append(config.Maps, &forced)
	}
	w := (&city{config: &config, dir: c.dir}).newWorld(t, h, seed)
	for _, m := range config.Maps {
		p := fnotwin.Project{Name: fnoconnect.ExportProject(m.FnO.Name), Export: true, Entities: []string{m.FnO.Name}}
		if err := w.sandbox.FnO().CreateProject(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// exports counts the exports that the twin was asked for.
func (w *world) exports() (n int) {
	for _, e := range w.entries() {
		if strings.Contains(e.URL, "ExportToPackage") {
			n++
		}
	}
	return n
}

// readOnce checks that each record of F&O was counted once, and that nothing of
// the exports is left.
func (w *world) readOnce() {
	w.Helper()
	w.view(func(tx store.Tx) error {
		for _, m := range w.deployed().Maps {
			name := m.Definition.Map.Name
			r := w.sandbox.Report().Of(name)
			tally, err := tx.Tally(name)
			if got, want := tally.InScope[value.FnO], int64(r.Records()-r.OnlyDataverse); got != want {
				w.Errorf("%s: %d records of F&O were read, want %d", name, got, want)
			}
			heads, err2 := tx.CountHeads(name)
			if heads != 0 {
				w.Errorf("%s: %d heads are left", name, heads)
			}
			if err := errors.Join(err, err2); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestExports: the end state of a read by exports is that of one over OData.
func TestExports(t *testing.T) {
	if testing.Short() {
		t.Skip("one task runs at a time here: nothing for the race detector")
	}
	c := newCity(t)
	calm := c.newWorld(t, host.Simulated(1), 1)
	calm.mustApply()
	want := calm.content()

	met := map[string]int{}
	h := host.Simulated(1)
	h.Markers = markers(func(marker string) { met[marker]++ })
	w := viaExports(t, c, h, 1)
	w.mustApply()
	h.Markers = markers(func(string) {})
	w.settled()
	w.createdOnce()
	w.readOnce()
	equal(t, "content", w.content(), want)
	jobs := w.exports()
	if jobs < len(w.city.config.Maps) {
		t.Errorf("%d exports of %d maps", jobs, len(w.city.config.Maps))
	}
	n := w.requests()
	w.again()
	w.mustApply()
	if l := w.notReads(n); slices.ContainsFunc(l, func(r string) bool { return !strings.Contains(r, "Microsoft.Dynamics.DataEntities") }) {
		t.Errorf("joining equal data again wrote: %v", l)
	}

	// With DW_LONG at places all over the run.
	const places = 12
	for _, mark := range append(engine.ExportMarkers(), engine.MarkPageStored) {
		from, until, step := met[mark]/2, met[mark]/2, 1
		switch {
		case met[mark] == 0:
			t.Errorf("%s is never met", mark)
		case os.Getenv("DW_LONG") != "":
			from, until, step = 1, met[mark], max(1, met[mark]/places)
		case mark == engine.MarkHeadsStored || mark == connect.MarkExportFetched:
			continue
		}
		for n := from; n <= until; n += step {
			t.Run(fmt.Sprint("cut off at ", mark, " ", n), func(t *testing.T) { cutOff(t, c, mark, n, jobs) })
		}
	}
	seedsByExports(t, c, want)
}

// cutOff cuts an apply off when it meets a marker the n-th time, and goes on.
func cutOff(t *testing.T, c *city, mark string, n, jobs int) {
	h := host.Simulated(uint64(n))
	w := viaExports(t, c, h, uint64(n))
	ctx, kill := context.WithCancel(t.Context())
	left := n
	h.Markers = markers(func(marker string) {
		if marker == mark {
			if left--; left == 0 {
				kill()
			}
		}
	})
	_, err := w.apply(ctx)
	kill()
	h.Markers = markers(func(string) {})
	w.mustApply()
	w.settled()
	w.createdOnce()
	w.readOnce()
	if got := w.exports(); got > jobs+1 || got > jobs && mark != connect.MarkExportStarting {
		t.Errorf("%d exports, %d without the interruption; %v", got, jobs, err)
	}
}

// seedsByExports disturbs applies that read by exports by faults and by cutting
// them off, and holds them to the end state of one over OData.
func seedsByExports(t *testing.T, c *city, want []string) {
	n := 1
	if os.Getenv("DW_SEEDS") != "" {
		n = seeds(t)
	}
	for seed := range n {
		for what, disturb := range map[string]func(w *world, rng *rand.Rand) func(){
			"faults": func(w *world, rng *rand.Rand) func() {
				for range 2 + rng.IntN(10) {
					f := fault(rng)
					w.sandbox.Inject(f)
					w.Logf("fault: %+v", f)
				}
				return w.sandbox.ClearFaults
			},
			"cancel": nil,
		} {
			t.Run(fmt.Sprint(what, " ", seed), func(t *testing.T) {
				w := viaExports(t, c, host.Simulated(uint64(seed)), uint64(seed))
				rng := rand.New(rand.NewPCG(uint64(seed), 9))
				for range attempts {
					ctx, cancel := context.WithCancel(t.Context())
					end := func() {}
					if disturb != nil {
						end = disturb(w, rng)
					} else {
						w.cut.arm(1+rng.IntN(250), rng.IntN(2) == 0, cancel)
					}
					_, err := w.apply(ctx)
					cancel()
					end()
					w.cut.arm(0, false, nil)
					t.Logf("apply: %v", err)
					if err == nil {
						break
					}
				}
				w.mustApply()
				w.settled()
				w.createdOnce()
				w.readOnce()
				equal(t, "content", w.content(), want)
			})
		}
	}
}
