package conformance_test

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/control"
)

// killer ends the process that it belongs to at a marker.
type killer struct {
	at   string
	seen []string
}

type killed struct{ marker string }

func (k *killer) Reached(marker string) {
	k.seen = append(k.seen, marker)
	if marker == k.at {
		panic(killed{marker})
	}
}

// dying runs something that a marker cuts off, and tells whether it was.
func dying(run func()) (died bool) {
	defer func() {
		if _, ok := recover().(killed); ok {
			died = true
		}
	}()
	run()
	return false
}

// TestExportsCutOff: wherever the process dies, another one comes to the records
// with the id that was stored, and F&O carries out one export.
func TestExportsCutOff(t *testing.T) {
	home := newCity(t)
	marks := []string{connect.MarkExportStarting, connect.MarkExportStarted, connect.MarkExportFetched}
	var seen []string
	for _, mark := range append(marks, "") {
		e := newExports(t, home, 30)
		p := everything(e.groups)
		stored := false
		k := &killer{at: mark}
		h := *home.host
		h.Markers = k
		first, err := fno.New(fno.Options{URL: e.data.URL, HTTP: odata.NewHTTPClient(), Tokens: e.tokens(), Budget: e.budget(), Host: &h})
		if err != nil {
			t.Fatal(err)
		}
		died := dying(func() {
			job, err := first.Export(t.Context(), e.groups, "the id", "usmf", func() error { stored = true; return nil })
			if err != nil || job.State != connect.JobDone {
				t.Fatalf("%+v, %v", job, err)
			}
			f, err := first.OpenExport(t.Context(), p, "the id", "usmf")
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		})
		if died != (mark != "") || !stored {
			t.Fatalf("%s: died %v, the id is stored: %v", mark, died, stored)
		}
		for _, m := range k.seen {
			// A job that is fast enough is never seen under way.
			if m != connect.MarkJobPolled && !slices.Contains(seen, m) {
				seen = append(seen, m)
			}
		}
		second := e.fnoConnector().(connect.Exports)
		job, err := second.FollowExport(t.Context(), e.groups, "the id", home.host.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		want := connect.JobDone
		if mark == connect.MarkExportStarting {
			want = connect.JobUnknown
		}
		if job.State != want {
			t.Fatalf("%s: %+v", mark, job)
		}
		if job.State == connect.JobUnknown {
			if job, err = second.Export(t.Context(), e.groups, "the id", "usmf", nil); err != nil || job.State != connect.JobDone {
				t.Fatalf("%+v, %v", job, err)
			}
		}
		e.route = second
		if records := e.file(p, "the id", "usmf", 0); len(records) != 30 || e.executions() != 1 {
			t.Errorf("%s: %d records, %d executions", mark, len(records), e.executions())
		}
	}
	if !slices.Equal(seen, marks) {
		t.Errorf("markers %q", seen)
	}
}

// TestExportsOfASandbox: for every entity set of a sandbox, damaged records
// among them, an export gives the values that the data service gives.
func TestExportsOfASandbox(t *testing.T) {
	if testing.Short() {
		t.Skip("reads every entity set in two ways")
	}
	h := host.Simulated(1)
	box, err := sandbox.Start(t.Context(), sandbox.Options{
		Dir: t.TempDir(), Seed: 1, Records: 1500, Companies: []string{"USMF", "DEMF"}, Dirt: 2, NoAuth: true,
		Now: time.Now, Sleep: func(context.Context, time.Duration) {}, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = box.Stop(context.WithoutCancel(t.Context())) }() // a test that fails has said why
	at := box.Addresses()
	twin := control.Client{Address: at.Control, Key: at.ControlKey}
	c, err := fno.New(fno.Options{URL: at.FnO, HTTP: odata.NewHTTPClient(), Tokens: auth.None{}, Budget: limit.New(limit.Options{Clock: h.Clock}), Host: h})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	var sets []string
	for _, e := range facts.Entities {
		if !e.NoPackages {
			sets = append(sets, e.EntitySet)
		}
	}
	tables, _, _, err := c.Tables(t.Context(), sets)
	if err != nil {
		t.Fatal(err)
	}
	compared, types := 0, map[schema.Type]int{}
	for i := range tables {
		table := &tables[i]
		if table.Label == "" || table.AOT == "" {
			continue
		}
		if _, err := twin.CreateProject(t.Context(), control.Project{Name: fno.ExportProject(table.Set), Export: true, Entities: []string{table.Set}}); err != nil {
			t.Fatal(err)
		}
		readable := *table
		readable.Fields = slices.DeleteFunc(slices.Clone(table.Fields), func(f *schema.Field) bool { return !f.Readable })
		p := everything(&readable)
		e := &exports{packages: &packages{world: &world{t: t}, connector: c}, route: c}
		company := ""
		var companies []string
		if table.CompanySpecific {
			company = []string{"USMF", "DEMF"}[i%2]
			companies = []string{company}
		}
		rows := e.pages(p, companies...)
		if len(rows) == 0 {
			continue
		}
		sameRows(t, &readable, rows, e.exported(p, "of "+table.Set, company))
		compared += len(rows)
		for _, f := range readable.Fields {
			types[f.Type]++
		}
	}
	if compared < 400 || len(types) < 5 {
		t.Errorf("%d records, field types %v", compared, types)
	}
}
