package initial_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// TestClean: equal end states, counts as generated, and silence afterwards.
func TestClean(t *testing.T) {
	w := newCity(t).newWorld(t, host.Simulated(1), 1)
	out := w.mustApply()
	w.settled()
	w.createdOnce()
	for _, m := range out.Maps {
		want := w.sandbox.Report().Of(m.Map)
		if got, want := m.Created, (report.Sides{FnO: int64(want.OnlyDataverse), Dataverse: int64(want.OnlyFnO)}); got != want {
			t.Errorf("%s: created %+v, want %+v", m.Map, got, want)
		}
		if m.Equal != int64(want.Equal) {
			t.Errorf("%s: %d found equal, want %d", m.Map, m.Equal, want.Equal)
		}
	}
	n := w.requests()
	if again := w.mustApply(); !again.Nothing {
		t.Error("the second apply found something to do")
	}
	if l := w.notReads(n); len(l) > 0 {
		t.Errorf("the second apply wrote: %v", l)
	}
	n = w.requests()
	w.again()
	w.mustApply()
	if l := w.notReads(n); len(l) > 0 {
		t.Errorf("joining equal data again wrote: %v", l)
	}
	w.settled()
}

// TestCutOffInTheSweep cuts an apply off when the references that the end of all
// waves fills in are stored as writes and none of them has been sent.
func TestCutOffInTheSweep(t *testing.T) {
	h := host.Simulated(1)
	w := newCity(t).newWorld(t, h, 1)
	waves := map[int]bool{}
	for _, a := range w.plan().Actions {
		waves[a.Wave] = true
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	closed := 0
	h.Markers = markers(func(marker string) {
		switch {
		case marker == engine.MarkWaveClosed:
			closed++
		case marker == engine.MarkDeferredStored && closed == len(waves):
			cancel()
		}
	})
	if _, err := w.apply(ctx); ctx.Err() == nil || err == nil {
		t.Fatalf("apply was not cut off: %v", err)
	}
	h.Markers = markers(func(string) {})
	w.mustApply()
	w.settled()
}

// markers calls itself.
type markers func(string)

func (m markers) Reached(marker string) { m(marker) }

// TestReal runs with what a release runs with: parallel tasks, tokens, a store
// in a file.
func TestReal(t *testing.T) {
	c := newCity(t)
	st, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "state.db"), Role: sqlite.Engine, NewID: host.Simulated(3).Random.NewID})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	o := c.options(t.TempDir(), 3)
	o.NoAuth = false
	w := c.world(t, host.Real(t.TempDir()), o, st)
	w.mustApply()
	w.settled()
	w.createdOnce()
	for _, e := range w.sandbox.Log().Entries() {
		if e.Twin != sandbox.EntraTwin && !e.Token {
			t.Errorf("a request without a token: %s %s", e.Method, e.URL)
		}
	}
	n := w.requests()
	w.again()
	w.mustApply()
	if l := w.notReads(n); len(l) > 0 {
		t.Errorf("joining equal data again wrote: %v", l)
	}
}

// seeds is how many seeds to run: few in a hurry, DW_SEEDS for long runs.
func seeds(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("DW_SEEDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("DW_SEEDS=%q is no number of seeds", text)
		}
		return n
	}
	if testing.Short() {
		return 1
	}
	return 2
}

// TestSeeds disturbs applies by faults of the twins and by cutting them off,
// and holds the last, undisturbed one to the end state of a clean run.
func TestSeeds(t *testing.T) {
	c := newCity(t)
	for seed := range seeds(t) {
		t.Run(fmt.Sprintf("faults %d", seed), func(t *testing.T) { testFaults(t, c, uint64(seed)) })
		t.Run(fmt.Sprintf("cancel %d", seed), func(t *testing.T) { testCancel(t, c, uint64(seed)) })
	}
}

// attempts is how often an apply may end with an error before the twins are
// left in peace.
const attempts = 5

func testFaults(t *testing.T, c *city, seed uint64) {
	w := c.newWorld(t, host.Simulated(seed), seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range attempts {
		for range 2 + rng.IntN(10) {
			f := fault(rng)
			w.sandbox.Inject(f)
			t.Logf("fault: %+v", f)
		}
		_, err := w.apply(t.Context())
		t.Logf("apply: %v", err)
		if err == nil {
			break
		}
	}
	w.sandbox.ClearFaults()
	w.mustApply()
	w.settled()
	w.createdOnce()
}

// fault makes a fault for some request of an apply. Now and then it lasts for
// longer than a client tries.
func fault(rng *rand.Rand) gate.Fault {
	kinds := []gate.Kind{gate.Busy, gate.Down, gate.Cut, gate.LostAnswer, gate.LostAnswer, gate.Slow}
	f := gate.Fault{Kind: kinds[rng.IntN(len(kinds))], Count: 1 + rng.IntN(3), From: 1 + rng.IntN(60)}
	f.Twin = []string{sandbox.DataverseTwin, sandbox.FnOTwin}[rng.IntN(2)]
	if rng.IntN(3) > 0 {
		f.Method = []string{"POST", "PATCH", "POST"}[rng.IntN(3)]
		f.From = 1 + rng.IntN(20)
	}
	if rng.IntN(6) == 0 {
		f.Count = 12
	}
	switch f.Kind {
	case gate.Busy:
		f.RetryAfter = rng.IntN(2)
	case gate.Slow:
		f.Delay = time.Millisecond
	}
	return f
}

func testCancel(t *testing.T, c *city, seed uint64) {
	w := c.newWorld(t, host.Simulated(seed), seed)
	rng := rand.New(rand.NewPCG(seed, 2))
	for range attempts {
		ctx, cancel := context.WithCancel(t.Context())
		n, before := 1+rng.IntN(250), rng.IntN(2) == 0
		w.cut.arm(n, before, cancel)
		_, err := w.apply(ctx)
		cancel()
		t.Logf("cut at request %d (before it: %v): %v", n, before, err)
		if err == nil {
			break
		}
	}
	w.cut.arm(0, false, nil)
	w.mustApply()
	w.settled()
	w.createdOnce()
}
