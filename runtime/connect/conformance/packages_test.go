package conformance_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox/blob"
	fnotwin "github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// packages is an F&O twin with data management, and its connector.
type packages struct {
	*world
	twin      *fnotwin.Twin
	connector connect.Connector
	route     connect.Packages
	groups    *schema.Table
	storage   *gate.Gate
}

func newPackages(t *testing.T, home *city) *packages {
	return newPackagesAfter(t, home, 30*time.Second)
}

// newPackagesAfter has a batch server that comes after some time.
func newPackagesAfter(t *testing.T, home *city, start time.Duration) *packages {
	w := newWorld(t, home)
	p := &packages{world: w, storage: gate.New(gate.Options{Now: home.host.Clock.Now, Log: w.log})}
	server := httptest.NewUnstartedServer(nil)
	store, err := blob.Open(blob.Options{Dir: t.TempDir(), BaseURL: "http://" + server.Listener.Addr().String(), Now: home.host.Clock.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = p.storage.Wrap("blob", store)
	server.Start()
	t.Cleanup(server.Close)
	p.twin, err = fnotwin.Open(t.Context(), fnotwin.Options{
		Path: filepath.Join(t.TempDir(), "fno.db"), Entities: entities(), Enums: enums(), Random: rand.Reader,
		Storage: store, Jobs: fnotwin.JobTimes{Start: start}, Now: home.host.Clock.Now,
		Sleep: func(ctx context.Context, d time.Duration) { _ = home.host.Clock.Sleep(ctx, d) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.serve("fno", p.twin)
	t.Cleanup(func() { p.twin.Close() })
	if err := p.twin.CreateProject(t.Context(), fnotwin.Project{Name: fno.ImportProject}); err != nil {
		t.Fatal(err)
	}
	p.connector = w.fnoConnector()
	p.route = p.connector.(connect.Packages)
	p.groups = schemaOf(t, p.connector, "CustomerGroups")["CustomerGroups"]
	return p
}

// pack makes a package of rows, all of them creates or updates.
func (p *packages) pack(create bool, columns string, rows ...[]value.Value) connect.Package {
	p.t.Helper()
	fields := project(p.t, p.groups, strings.Fields(columns)...).Columns
	out, err := p.route.NewPackage(p.t.Context(), p.groups, fields)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, row := range rows {
		w := connect.Write{Create: create, Bulk: true, Row: connect.RowID{Key: []value.Value{value.NewText("USMF"), row[0]}}}
		for i, f := range fields {
			if create || i > 0 {
				w.Values = append(w.Values, connect.ColumnValue{Field: f, Value: row[i]})
			}
		}
		taken, err := out.Add(&w)
		if err != nil || !taken {
			p.t.Fatalf("%v: %v, %v", row, taken, err)
		}
	}
	return out
}

func (p *packages) job(pack connect.Package, id string) connect.Job {
	p.t.Helper()
	job, err := p.route.Import(p.t.Context(), pack, id, "usmf", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	return job
}

// executions counts the imports that F&O has carried out.
func (p *packages) executions() (n int) {
	p.t.Helper()
	if err := p.twin.DB().QueryRowContext(p.t.Context(), `SELECT count(*) FROM "DataManagementExecutionJobs"`).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

func (p *packages) read(ids ...string) []connect.Row {
	p.t.Helper()
	var keys []connect.RowID
	for _, id := range ids {
		keys = append(keys, connect.RowID{Key: []value.Value{value.NewText("usmf"), value.NewText(id)}})
	}
	rows, err := p.connector.Read(p.t.Context(), project(p.t, p.groups, "Description", "IsTaxed", "Rate", "Days", "Big", "Since", "Seen", "Ref"), keys)
	if err != nil {
		p.t.Fatal(err)
	}
	return rows
}

func testFnOPackages(t *testing.T, home *city) {
	p := newPackages(t, home)
	const all = "CustomerGroupId Description IsTaxed Rate Days Big Since Seen Ref"
	full := []value.Value{
		value.NewText("Zoë \"Q\", O'Hara;\n / \\"), value.NewSymbol("Yes"), decimal(t, "12345678901.123456"), value.NewInteger(-7), value.NewInteger(9007199254740993),
		must(value.ParseDate("1999-12-31"))(t), must(value.ParseDateTime("2026-03-01T08:30:00Z"))(t), value.NewGuid(guid(5)),
	}
	empty := make([]value.Value, len(full))
	if job := p.job(p.pack(true, all, append([]value.Value{value.NewText("Ä,'\"")}, full...), append([]value.Value{value.NewText("2")}, empty...)), "first"); job.State != connect.JobDone {
		t.Fatalf("%+v", job)
	}
	rows := p.read("Ä,'\"", "2")
	if len(rows) != 2 || !reflect.DeepEqual(rows[0].Values, full) && !reflect.DeepEqual(rows[1].Values, full) {
		t.Fatalf("%v", rows)
	}
	// An update carries the columns of its package and leaves the others.
	if job := p.job(p.pack(false, "CustomerGroupId Rate Since", []value.Value{value.NewText("Ä,'\""), decimal(t, "1"), value.Value{}}), "second"); job.State != connect.JobDone {
		t.Fatalf("%+v", job)
	}
	row := p.read("Ä,'\"")[0]
	if row.Values[0] != full[0] || row.Values[2] != decimal(t, "1") || row.Values[5].String() != "1900-01-01" {
		t.Fatalf("%v", row.Values)
	}
	for _, e := range p.log.Entries() {
		if strings.Contains(e.URL, "sig=") {
			t.Errorf("the signature stands in a log: %s", e.URL)
		}
		if strings.HasPrefix(e.URL, "/dmf/") && e.Token {
			t.Error("the token went to the storage account")
		}
	}
	// What a file cannot carry, and a key that is there already, goes another way.
	pack := p.pack(true, "CustomerGroupId Description")
	for _, c := range []struct {
		key, text string
		taken     bool
	}{{"1", "plain", true}, {"1 ", "again", false}, {"2", "a\r\nb", false}, {"3", "a\x01", false}, {"", "no key", false}, {"4", "tab\tand\nline", true}} {
		w := connect.Write{Create: true, Values: values(p.groups, "dataAreaId", value.NewText("USMF"), "CustomerGroupId", value.NewText(c.key), "Description", value.NewText(c.text))}
		if taken, err := pack.Add(&w); err != nil || taken != c.taken {
			t.Errorf("%q %q: %v, %v", c.key, c.text, taken, err)
		}
	}
	if pack.Rows() != 2 {
		t.Errorf("%d rows", pack.Rows())
	}
	if r := p.connector.Capabilities(p.groups).Package; r.Rows == 0 || r.Least() < 1000 || r.Least() > 5000 {
		t.Errorf("route %+v, from %d rows", r, r.Least())
	}
}

// testFnOPackageRows: one bad row fails alone, wherever it fails.
func testFnOPackageRows(t *testing.T, home *city) {
	p := newPackages(t, home)
	var rows [][]value.Value
	for i := range 20 {
		rows = append(rows, []value.Value{value.NewText(fmt.Sprintf("G%d", i)), value.NewText("Group"), value.NewSymbol("Yes")})
	}
	rows[7][1] = value.NewText(strings.Repeat("x", 61)) // the entity refuses it
	rows[9][2] = value.NewSymbol("Perhaps")             // it does not come into the staging table
	job := p.job(p.pack(true, "CustomerGroupId Description IsTaxed", rows...), "bad")
	if job.State != connect.JobPartly || len(job.Failed) != 2 || !strings.Contains(job.Failed[1].Message, "is longer than 60 characters") {
		t.Fatalf("%+v", job)
	}
	for i, id := range []string{"G9", "G7"} {
		key, err := p.route.PackageKey(t.Context(), p.groups, []value.Value{value.NewText("usmf"), value.NewText(id)})
		if err != nil || key != job.Failed[i].Key {
			t.Errorf("%q, want %q: %v", job.Failed[i].Key, key, err)
		}
	}
	var n int
	if err := p.twin.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM "CustomerGroups"`).Scan(&n); err != nil || n != 18 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// testFnOPackagesDisturbed: whatever happens on the way, the job is carried out
// once and its end is known.
func testFnOPackagesDisturbed(t *testing.T, home *city) {
	const action = "ImportFromPackageAsync"
	for _, f := range []gate.Fault{
		{Kind: gate.LostAnswer, PathContains: action, Count: 1}, {Kind: gate.Busy, PathContains: action, Count: 2, RetryAfter: 3},
		{Kind: gate.LostAnswer, PathContains: "GetAzureWriteUrl", Count: 1}, {Kind: gate.Down, PathContains: "GetExecutionSummaryStatus", Count: 3},
		{Kind: gate.Cut, PathContains: "/dmf/", Count: 2}, {Kind: gate.LostAnswer, PathContains: "/dmf/", Count: 1}, {Kind: gate.Down, PathContains: "/dmf/", Count: 2},
	} {
		t.Run(string(f.Kind)+" "+f.PathContains, func(t *testing.T) {
			p := newPackages(t, home)
			p.gate.Inject(f)
			p.storage.Inject(f)
			if job := p.job(p.pack(true, "CustomerGroupId Description", []value.Value{value.NewText("1"), value.NewText("One")}), "once"); job.State != connect.JobDone {
				t.Fatalf("%+v", job)
			}
			if n := p.executions(); n != 1 || len(p.read("1")) != 1 {
				t.Errorf("%d executions, rows %v", n, p.read("1"))
			}
		})
	}
	t.Run("never begun", func(t *testing.T) {
		p := newPackages(t, home)
		p.gate.Inject(gate.Fault{Kind: gate.Cut, PathContains: action, Count: -1})
		if job := p.job(p.pack(true, "CustomerGroupId Description", []value.Value{value.NewText("1"), value.NewText("One")}), "never"); job.State != connect.JobUnknown || p.executions() != 0 {
			t.Fatalf("%+v", job)
		}
	})
	t.Run("uploaded long ago", func(t *testing.T) {
		p := newPackages(t, home)
		pack := p.pack(true, "CustomerGroupId Description", []value.Value{value.NewText("1"), value.NewText("One")})
		if err := p.route.Upload(t.Context(), pack, "late"); err != nil {
			t.Fatal(err)
		}
		if err := home.host.Clock.Sleep(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if job := p.job(pack, "late"); job.State != connect.JobDone || p.executions() != 1 || len(p.read("1")) != 1 {
			t.Errorf("%+v", job)
		}
	})
	t.Run("another process follows", func(t *testing.T) {
		p := newPackages(t, home)
		p.gate.Inject(gate.Fault{Kind: gate.Denied, PathContains: "GetExecutionSummaryStatus", Count: 2})
		_, err := p.route.Import(t.Context(), p.pack(true, "CustomerGroupId Description", []value.Value{value.NewText("1"), value.NewText("One")}), "later", "usmf", nil)
		if err == nil {
			t.Fatal("the first process was not cut off")
		}
		again := p.fnoConnector().(connect.Packages)
		job, err := again.Follow(t.Context(), p.groups, "later", home.host.Clock.Now())
		if err != nil || job.State != connect.JobDone || p.executions() != 1 {
			t.Errorf("%+v, %v", job, err)
		}
		if job, err := again.Follow(t.Context(), p.groups, "nobody", home.host.Clock.Now()); err != nil || job.State != connect.JobUnknown {
			t.Errorf("%+v, %v", job, err)
		}
	})
	t.Run("storage that is away", func(t *testing.T) {
		p := newPackages(t, home)
		p.storage.Inject(gate.Fault{Kind: gate.Cut, Count: -1})
		_, err := p.route.Import(t.Context(), p.pack(true, "CustomerGroupId Description"), "away", "usmf", nil)
		failed, ok := errors.AsType[*diag.Failure](err)
		if !ok || failed.List[0].Code != diag.CodeServiceUnreachable || strings.Contains(fmt.Sprintf("%v %+v", err, failed.List), "sig=") {
			t.Errorf("%v", err)
		}
	})
}

func testFnOPackagesNeedAProject(t *testing.T, home *city) {
	p := newPackages(t, home)
	if err := p.route.PackagesReady(t.Context(), []*schema.Table{p.groups}); err != nil {
		t.Fatal(err)
	}
	if err := p.twin.DeleteProject(t.Context(), fno.ImportProject); err != nil {
		t.Fatal(err)
	}
	without := *p.groups
	without.NoPackages = true
	var codes []string
	if failed, ok := errors.AsType[*diag.Failure](p.route.PackagesReady(t.Context(), []*schema.Table{&without})); ok {
		for _, d := range failed.List {
			codes = append(codes, d.Code)
		}
	}
	if !slices.Equal(codes, []string{diag.CodeNoPackages, diag.CodeProjectMissing}) {
		t.Errorf("codes %q", codes)
	}
	_, err := p.route.Import(t.Context(), p.pack(true, "CustomerGroupId Description", []value.Value{value.NewText("1"), value.NewText("One")}), "none", "usmf", nil)
	if failed, ok := errors.AsType[*diag.Failure](err); !ok || failed.List[0].Code != diag.CodeProjectMissing {
		t.Errorf("%v", err)
	}
}

// TestFnOPackagesSideBySide: one import at a time, whoever asks.
func TestFnOPackagesSideBySide(t *testing.T) {
	home := newCityAt(t, host.Real(t.TempDir()).Clock) // one that sleeping tasks share moves too fast
	p := newPackagesAfter(t, home, 0)
	var tasks []func(context.Context) error
	for i := range 3 {
		pack := p.pack(true, "CustomerGroupId Description", []value.Value{value.NewText(fmt.Sprint(i)), value.NewText("One")})
		tasks = append(tasks, func(ctx context.Context) error {
			job, err := p.route.Import(ctx, pack, fmt.Sprintf("side %d", i), "usmf", nil)
			if err == nil && job.State != connect.JobDone {
				err = fmt.Errorf("%+v", job)
			}
			return err
		})
	}
	if err := home.host.Scheduler.Run(t.Context(), 3, tasks...); err != nil {
		t.Error(err)
	}
	for _, e := range p.log.Entries() {
		if strings.Contains(e.URL, "ImportFromPackage") && e.Status != 200 {
			t.Errorf("two imports at a time: status %d", e.Status)
		}
	}
}
