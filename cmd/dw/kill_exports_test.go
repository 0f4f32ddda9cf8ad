package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
)

// exportsFolder makes a folder whose customers in F&O are read by exports.
func exportsFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	maps := strings.Replace(packagesMaps, `    via    = "package"`, `    read_via = "package"`, 1)
	maps = strings.Replace(maps, `    CustomerGroupId   = "tickersymbol"`, "", 1)
	for name, text := range map[string]string{"link.dw.hcl": strings.Replace(packagesLink, "500ms", "50ms", 1), "maps.dw.hcl": maps} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mustDW(t, dir, "sandbox", "project", "-export", "CustomersV3")
	return dir
}

// exports counts the exports that F&O was asked for.
func (w *twins) exports() int {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, ".dw", "sandbox", "requests.jsonl"))
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Count(string(b), "Microsoft.Dynamics.DataEntities.ExportToPackage")
}

// TestKilledInAnExport kills apply while it reads F&O by exports, at a moment of
// chance of each kind; F&O goes on with the job. The second apply goes on: no
// company is exported twice, and the end state is that of a clean run.
func TestKilledInAnExport(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the race detector sees the same code in a script")
	}
	prepared := exportsFolder(t)
	clean := serveCopy(t, prepared)
	reached := clean.counted()
	wanted, wantedState := clean.exports(), clean.state()
	clean.stop()
	if wanted != 3 {
		t.Fatalf("a clean run begins %d exports", wanted)
	}

	long := os.Getenv("DW_LONG") != ""
	markers := []string{connect.MarkExportStarted, engine.MarkPageStored}
	if long {
		markers = append(engine.ExportMarkers(), engine.MarkPageStored)
	}
	chance := rand.New(rand.NewPCG(2, 0))
	for _, marker := range markers {
		most := reached[marker]
		if most == 0 {
			t.Fatalf("a clean run never reaches %s", marker)
		}
		places := []int{1 + chance.IntN(most)}
		if long {
			// Where it is killed while an export is about to begin, the second apply
			// looks for the job for two minutes.
			for places = nil; len(places) < most; {
				places = append(places, len(places)+1)
			}
		}
		for _, n := range places {
			t.Run(fmt.Sprintf("%s/%d", marker, n), func(t *testing.T) {
				t.Parallel()
				w := serveCopy(t, prepared)
				w.killed(t, marker, n)
				w.must("apply", "-auto-approve")
				if got := w.exports(); got != wanted {
					t.Errorf("%d exports were begun, %d in a clean run", got, wanted)
				}
				sameState(t, w.state(), wantedState)
				if out := w.must("plan", "-detailed-exitcode"); !strings.Contains(out, "othing to do") {
					t.Errorf("something is left:\n%s", out)
				}
			})
		}
	}
}
