package initial_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// killed cuts a join off when a marker is reached for the n-th time; hit tells
// whether it was.
func killed(w *enginetest.World, n int) (hit bool, at string, err error) {
	ctx, kill := context.WithCancel(w.Context())
	defer kill()
	w.Env.Host.Markers = markers(func(marker string) {
		if n--; n == 0 {
			hit, at = true, marker
			kill()
		}
	})
	err = join(ctx, w, "customers")
	w.Env.Host.Markers = markers(func(string) {})
	return hit, at, err
}

// TestCutOffBesideAnExport at every marker, and goes on from there: nothing is
// lost, nothing is there twice, and no more is exported than has to be.
func TestCutOffBesideAnExport(t *testing.T) {
	want := overOData(t)
	seen := map[string]bool{}
	for n := 1; ; n++ {
		w, e := newExports(t, "package")
		hit, at, err := killed(w, n)
		if !hit {
			break
		}
		if err == nil && at != engine.MarkMapDone && at != engine.MarkWaveClosed {
			t.Fatalf("%s: was not cut off", at)
		}
		seen[at] = true
		mustJoin(w, "customers")
		equal(t, fmt.Sprintf("cut off at %s, the marker number %d", at, n), state(w, "customers"), want)
		left(w, "customers")
		// A job whose request has not left is begun under another id.
		if jobs := e.Jobs(); len(jobs) != 2 {
			t.Errorf("cut off at %s: exports %q", at, jobs)
		}
		if t.Failed() {
			break
		}
	}
	for _, m := range engine.ExportMarkers() {
		if !seen[m] {
			t.Errorf("the marker %s was not met", m)
		}
	}
}

// TestLostExport: what F&O does not know any more is exported again, and what
// had been read of it does not count twice.
func TestLostExport(t *testing.T) {
	want := overOData(t)
	again := map[int]bool{}
	for n := 1; ; n++ {
		w, e := newExports(t, "package")
		hit, at, _ := killed(w, n)
		if !hit {
			break
		}
		e.Lose()
		mustJoin(w, "customers")
		equal(t, fmt.Sprintf("lost at %s, the marker number %d", at, n), state(w, "customers"), want)
		left(w, "customers")
		again[len(e.Jobs())] = true
		if t.Failed() {
			break
		}
	}
	if !again[3] || len(again) != 2 {
		t.Errorf("numbers of exports: %v", again)
	}

	w, e := newExports(t, "package")
	e.Ended = func(string, string) { e.Lose() }
	err := join(t.Context(), w, "customers")
	if failed, ok := errors.AsType[*diag.Failure](err); !ok || failed.List[0].Code != diag.CodePackageFailed {
		t.Errorf("exports that are always lost: %v", err)
	}
	e.Ended = nil
	mustJoin(w, "customers")
	equal(t, "afterwards", state(w, "customers"), want)
}

// TestRecreatedBesideLostExports: a record that came in the place of another
// while its company is read again does not stand beside it.
func TestRecreatedBesideLostExports(t *testing.T) {
	w, e := newExports(t, "package")
	n := 0
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	w.Env.Host.Markers = markers(func(marker string) {
		w.View(func(tx store.Tx) error {
			cur, err := tx.Cursor("customers", value.FnO)
			if n == 0 && cur.Phase == "export" && strings.Contains(cur.Next, `"done":6`) {
				n = 6
				kill()
			}
			return err
		})
	})
	if err := join(ctx, w, "customers"); err == nil || n == 0 {
		t.Fatalf("was not cut off: %v", err)
	}
	w.Env.Host.Markers = markers(func(string) {})
	e.Lose()
	for _, r := range w.FnO.Rows("CustomersV3") {
		if strings.HasPrefix(r.Values["CustomerAccount"].Text(), "US-") {
			w.FnO.Delete("CustomersV3", r.ID)
			w.FnO.Put("CustomersV3", r.Values)
		}
	}
	mustJoin(w, "customers")
	same(w, "customers")
	left(w, "customers")
	if len(w.Pairs("customers")) != 15 {
		t.Errorf("%d pairs", len(w.Pairs("customers")))
	}
}

// TestFailedExport: an error where it was demanded, which odata gets past; else
// the rest is read over OData.
func TestFailedExport(t *testing.T) {
	want := overOData(t)
	fail := func(_, company string) connect.Job {
		if company == "DEMF" {
			return connect.Job{State: connect.JobFailed, Message: "The company is closed."}
		}
		return connect.Job{State: connect.JobDone}
	}
	unreadable := func() error {
		return diag.Fail(diag.Diagnostic{Code: diag.CodePackageFailed, Severity: diag.Error, Summary: "no such column"})
	}
	w, e := newExports(t, "package")
	e.Ends = fail
	for range 2 {
		err := join(t.Context(), w, "customers")
		if failed, ok := errors.AsType[*diag.Failure](err); !ok || failed.List[0].Code != diag.CodePackageFailed || failed.List[0].Detail != "The company is closed." {
			t.Fatalf("%v", err)
		}
	}
	w.Map("customers").Def.Map.Initial.ReadVia = "odata"
	mustJoin(w, "customers")
	equal(t, "over OData in the end", state(w, "customers"), want)
	left(w, "customers")

	// Once the cause is mended another export is begun, from the beginning.
	w, e = newExports(t, "package")
	e.Ends = fail
	if err := join(t.Context(), w, "customers"); err == nil {
		t.Fatal("an export that failed is none")
	}
	e.Ends = nil
	parts := 0
	e.OnNext = func(string) error {
		if parts++; parts == 2 {
			return unreadable()
		}
		return nil
	}
	if err := join(t.Context(), w, "customers"); err == nil {
		t.Fatal("a file that cannot be read is none")
	}
	mustJoin(w, "customers")
	equal(t, "once it is mended", state(w, "customers"), want)
	equal(t, "exports", e.Jobs(), []string{"CustomersV3 USMF", "CustomersV3 DEMF", "CustomersV3 DEMF", "CustomersV3 DEMF"})
	left(w, "customers")

	for what, spoil := range map[string]func(e *enginetest.Exporter){
		"a job that fails": func(e *enginetest.Exporter) { e.Ends = fail },
		"a file that cannot be read": func(e *enginetest.Exporter) {
			n := 0
			e.OnNext = func(string) error {
				if n++; n < 3 {
					return nil
				}
				return unreadable()
			}
		},
	} {
		w, e := newExports(t, "")
		slow(e)
		spoil(e)
		var notes []string
		w.Env.Progress = func(p report.Progress) {
			if p.Note != "" {
				notes = append(notes, p.Note)
			}
		}
		mustJoin(w, "customers")
		equal(t, what, state(w, "customers"), want)
		left(w, "customers")
		if all := strings.Join(notes, "\n"); !strings.Contains(all, "by exports from here on") || !strings.Contains(all, "over OData from here on") {
			t.Errorf("%s: notes %q", what, notes)
		}
	}

	w, e = newExports(t, "package")
	e.OnNext = func(string) error { return errors.New("the disk is full") }
	if err := join(t.Context(), w, "customers"); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("%v", err)
	}
}

// TestReadByExportsInParallel is for the race detector.
func TestReadByExportsInParallel(t *testing.T) {
	want := overOData(t)
	for _, way := range []string{"package", ""} {
		w, e := newExports(t, way)
		if way == "" {
			slow(e)
		}
		w.Env.Host.Scheduler = host.Real(t.TempDir()).Scheduler
		mustJoin(w, "customers")
		equal(t, way, state(w, "customers"), want)
		left(w, "customers")
		if n := len(e.Jobs()); n != 2 {
			t.Errorf("%d exports", n)
		}
	}
}
