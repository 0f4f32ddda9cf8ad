package conformance_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/fno"
	fnotwin "github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// exports is an F&O twin with rows and export projects, and its connector.
type exports struct {
	*packages
	route connect.Exports
}

// texts are what people and programs put into text fields.
var texts = []string{
	"", "plain", "Zoë \"Q\", O'Hara;", "two\nlines", "tab\there", " blank in front", "\"", "\"\"", ",", "a,b\nc\"d", "1,5", "=SUM(A1)", "007", "🦊 ῾Ελλάς 中文", "null", "NULL", "\ufeffmark", "2026-03-01",
}

// changed are texts that a file is not known to carry over unchanged.
var changed = []string{"two\r\nlines", "alone\rhere", "\x01", "lost \ufffd"}

// pick gives field values of every kind, by the number of the row.
func pick(r *rand.Rand, n int) map[string]any {
	row := map[string]any{"CustomerGroupId": fmt.Sprintf("G%04d", n), "Description": texts[n%len(texts)]}
	one := func(name string, choices ...any) { row[name] = choices[r.IntN(len(choices))] }
	one("IsTaxed", nil, "No", "Yes")
	one("Zone", nil, "GMT")
	one("Rate", nil, "0", "-1.5", "12345678901.12345", "100", "0.00001", "0.1234567890123456", "-9999999999999999")
	one("Days", nil, 0, -7, 2147483647, -2147483648)
	one("Big", nil, int64(9007199254740993), int64(-9223372036854775808), int64(9223372036854775807))
	one("Since", nil, "1900-01-01", "1999-12-31", "2154-12-31", "2024-02-29")
	one("Seen", nil, "1900-01-01T00:00:00Z", "2026-03-01T08:30:00Z", "2154-12-31T23:59:59Z", "2026-03-29T01:59:59Z")
	one("Ref", nil, guid(5), "00000000-0000-0000-0000-000000000000")
	if n%17 == 0 {
		row["Description"] = changed[n/17%len(changed)]
	}
	return row
}

func newExports(t *testing.T, home *city, rows int) *exports {
	p := newPackages(t, home)
	e := &exports{packages: p, route: p.connector.(connect.Exports)}
	r := rand.New(rand.NewPCG(1, uint64(rows)))
	for i, company := range []string{"usmf", "demf"} {
		var all []map[string]any
		for n := range rows {
			row := pick(r, n+i)
			row["dataAreaId"] = company
			all = append(all, row)
		}
		if err := p.twin.Load(t.Context(), "CustomerGroups", all); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.twin.Load(t.Context(), "Currencies", []map[string]any{{"CurrencyCode": "EUR", "Name": "Euro"}, {"CurrencyCode": "USD", "Name": "US dollar"}}); err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"CustomerGroups", "Currencies"} {
		e.project(set, set)
	}
	return e
}

func (e *exports) project(set string, entities ...string) {
	e.t.Helper()
	if err := e.twin.CreateProject(e.t.Context(), fnotwin.Project{Name: fno.ExportProject(set), Export: true, Entities: entities}); err != nil {
		e.t.Fatal(err)
	}
}

// everything reads all fields of a table.
func everything(table *schema.Table) *transform.Projection {
	return &transform.Projection{Table: table, Columns: table.Fields}
}

// exported has a company exported and reads the file.
func (e *exports) exported(p *transform.Projection, id, company string) []connect.Exported {
	e.t.Helper()
	job, err := e.route.Export(e.t.Context(), p.Table, id, company, nil)
	if err != nil || job.State != connect.JobDone {
		e.t.Fatalf("%+v, %v", job, err)
	}
	return e.file(p, id, company, 0)
}

func (e *exports) file(p *transform.Projection, id, company string, skip int64) (out []connect.Exported) {
	e.t.Helper()
	f, err := e.route.OpenExport(e.t.Context(), p, id, company)
	if err != nil {
		e.t.Fatal(err)
	}
	defer f.Close()
	if err := f.Skip(skip); err != nil {
		e.t.Fatal(err)
	}
	for {
		some, err := f.Next(7)
		if err != nil {
			e.t.Fatal(err)
		}
		if len(some) == 0 {
			return out
		}
		out = append(out, some...)
	}
}

func (e *exports) pages(p *transform.Projection, companies ...string) (out []connect.Row) {
	e.t.Helper()
	for q := (connect.Query{Projection: p, Companies: companies}); ; {
		page, err := e.connector.Page(e.t.Context(), q)
		if err != nil {
			e.t.Fatal(err)
		}
		out = append(out, page.Rows...)
		if q.Resume = page.Next; q.Resume == "" {
			return out
		}
	}
}

// sameRows compares what an export gives with what the data service gives.
func sameRows(t *testing.T, table *schema.Table, rows []connect.Row, records []connect.Exported) {
	t.Helper()
	byKey := map[string]connect.Row{}
	for _, row := range rows {
		key := make([]value.Value, len(table.Key))
		for i, name := range table.Key {
			at := slices.IndexFunc(table.Fields, func(f *schema.Field) bool { return f.Name == name })
			key[i] = row.Values[at]
		}
		byKey[fmt.Sprint(key)] = row
	}
	if len(byKey) != len(records) {
		t.Fatalf("%s: %d records, %d rows", table.Set, len(records), len(byKey))
	}
	for _, record := range records {
		row, ok := byKey[fmt.Sprint(record.Key)]
		if !ok {
			t.Fatalf("%s: no row has the key %v", table.Set, record.Key)
		}
		for i, f := range table.Fields {
			if record.Values[i] != row.Values[i] {
				t.Errorf("%s %v: %s is %#v by the export and %#v by the data service", table.Set, record.Key, f.Name, record.Values[i], row.Values[i])
			}
		}
	}
}

// testFnOExports: an export gives the values that the data service gives.
func testFnOExports(t *testing.T, home *city) {
	e := newExports(t, home, 120)
	p := everything(e.groups)
	for _, company := range []string{"USMF", "demf"} {
		rows, records := e.pages(p, company), e.exported(p, "all of "+company, company)
		sameRows(t, e.groups, rows, records)
		inOrder := slices.IsSortedFunc(records, func(a, b connect.Exported) int { return strings.Compare(a.Key[1].Text(), b.Key[1].Text()) })
		if inOrder || records[0].Key[0].Text() != strings.ToLower(company) {
			t.Errorf("the twin gives records of %v in the order of their keys: %v", records[0].Key, inOrder)
		}
		at := slices.IndexFunc(e.groups.Fields, func(f *schema.Field) bool { return f.Name == "Description" })
		for _, r := range records {
			if want := slices.Contains(changed, r.Values[at].Text()); want && !r.Doubtful {
				t.Errorf("%q passes for sure", r.Values[at].Text())
			}
		}
		if again := e.file(p, "all of "+company, company, 33); !reflect.DeepEqual(again, records[33:]) {
			t.Error("the same file has its records in another order")
		}
	}
	currencies := schemaOf(t, e.connector, "Currencies")["Currencies"]
	sameRows(t, currencies, e.pages(everything(currencies)), e.exported(everything(currencies), "currencies", ""))
	// A company without records, and a projection without the key.
	if records := e.exported(p, "none", "gbsi"); len(records) != 0 {
		t.Errorf("%d records of a company without any", len(records))
	}
	records := e.file(project(t, e.groups, "Days", "dataAreaId"), "all of demf", "DEMF", 0)
	if len(records) != 120 || len(records[0].Values) != 2 || records[0].Values[1] != value.NewText("demf") || len(records[0].Key) != 2 {
		t.Errorf("%d records, the first %+v", len(records), records[0])
	}
	if r := e.connector.Capabilities(e.groups).Export; r.Start != time.Minute || r.PerRow == 0 {
		t.Errorf("route %+v", r)
	}
	for _, entry := range e.log.Entries() {
		if strings.Contains(entry.URL, "sig=") || strings.HasPrefix(entry.URL, "/dmf/") && entry.Token {
			t.Errorf("the signature is told, or a token went to the storage account: %+v", entry)
		}
	}
}

// testFnOExportsDisturbed: whatever happens on the way, the job is carried out
// once and its file is read in full.
func testFnOExportsDisturbed(t *testing.T, home *city) {
	const action, address = "ExportToPackageAsync", "GetExportedPackageUrl"
	for _, f := range []gate.Fault{
		{Kind: gate.LostAnswer, PathContains: action}, {Kind: gate.Busy, PathContains: action, Count: 2, RetryAfter: 3}, {Kind: gate.Failed, PathContains: action, Count: 2},
		{Kind: gate.HalfAnswer, PathContains: action}, {Kind: gate.Down, PathContains: action},
		{Kind: gate.Down, PathContains: "GetExecutionSummaryStatus", Count: 3}, {Kind: gate.Failed, PathContains: "GetExecutionSummaryStatus"},
		{Kind: gate.LostAnswer, PathContains: address, Count: 2}, {Kind: gate.Failed, PathContains: address}, {Kind: gate.Busy, PathContains: address, RetryAfter: 1},
		{Kind: gate.Cut, PathContains: "/dmf/", Count: 3}, {Kind: gate.LostAnswer, PathContains: "/dmf/"}, {Kind: gate.HalfAnswer, PathContains: "/dmf/", Count: 9},
		{Kind: gate.Down, PathContains: "/dmf/", Count: 2}, {Kind: gate.Failed, PathContains: "/dmf/", Count: 2}, {Kind: gate.Busy, PathContains: "/dmf/", Count: 2, RetryAfter: 7},
	} {
		t.Run(string(f.Kind)+" "+f.PathContains, func(t *testing.T) {
			e := newExports(t, home, 40)
			e.gate.Inject(f)
			e.storage.Inject(f)
			p := everything(e.groups)
			job, err := e.route.Export(t.Context(), p.Table, "once", "usmf", nil)
			if f.Kind == gate.Down && f.PathContains == action && err == nil && job.State == connect.JobUnknown {
				// A gateway that is down does not say whether it has passed the request on.
				job, err = e.route.Export(t.Context(), p.Table, "once", "usmf", nil)
			}
			if err != nil || job.State != connect.JobDone {
				t.Fatalf("%+v, %v", job, err)
			}
			e.t = t
			if records := e.file(p, "once", "usmf", 0); len(records) != 40 || e.executions() != 1 {
				t.Errorf("%d records, %d executions", len(records), e.executions())
			}
		})
	}
	t.Run("never begun", func(t *testing.T) {
		e := newExports(t, home, 1)
		e.gate.Inject(gate.Fault{Kind: gate.Cut, PathContains: action, Count: -1})
		job, err := e.route.Export(t.Context(), e.groups, "never", "usmf", nil)
		if err != nil || job.State != connect.JobUnknown || e.executions() != 0 {
			t.Fatalf("%+v, %v", job, err)
		}
	})
	t.Run("another process follows", func(t *testing.T) {
		e := newExports(t, home, 3)
		e.gate.Inject(gate.Fault{Kind: gate.Denied, PathContains: "GetExecutionSummaryStatus", Count: 2})
		if _, err := e.route.Export(t.Context(), e.groups, "later", "usmf", nil); err == nil {
			t.Fatal("the first process was not cut off")
		}
		again := e.fnoConnector().(connect.Exports)
		job, err := again.FollowExport(t.Context(), e.groups, "later", home.host.Clock.Now())
		if err != nil || job.State != connect.JobDone || e.executions() != 1 {
			t.Errorf("%+v, %v", job, err)
		}
		if job, err := again.FollowExport(t.Context(), e.groups, "nobody", home.host.Clock.Now()); err != nil || job.State != connect.JobUnknown {
			t.Errorf("%+v, %v", job, err)
		}
		if _, err := again.OpenExport(t.Context(), everything(e.groups), "nobody", "usmf"); !errors.Is(err, connect.ErrExportGone) {
			t.Errorf("%v", err)
		}
	})
	t.Run("beside an import", func(t *testing.T) {
		e := newExports(t, home, 3)
		pack := e.pack(true, "CustomerGroupId Description", []value.Value{value.NewText("new"), value.NewText("One")})
		var inner connect.Job
		if _, err := e.packages.route.Import(t.Context(), pack, "in", "usmf", func() (err error) {
			inner, err = e.route.Export(t.Context(), e.groups, "out", "usmf", nil)
			return err
		}); err != nil || inner.State != connect.JobDone {
			t.Errorf("%+v, %v", inner, err)
		}
	})
	t.Run("storage that is away", func(t *testing.T) {
		e := newExports(t, home, 1)
		if _, err := e.route.Export(t.Context(), e.groups, "away", "usmf", nil); err != nil {
			t.Fatal(err)
		}
		e.storage.Inject(gate.Fault{Kind: gate.Cut, Count: -1})
		_, err := e.route.OpenExport(t.Context(), everything(e.groups), "away", "usmf")
		failed, ok := errors.AsType[*diag.Failure](err)
		if !ok || failed.List[0].Code != diag.CodeServiceUnreachable || strings.Contains(fmt.Sprintf("%v %+v", err, failed.List), "sig=") {
			t.Errorf("%v", err)
		}
	})
}

func testFnOExportsNeedAProject(t *testing.T, home *city) {
	e := newExports(t, home, 1)
	currencies := schemaOf(t, e.connector, "Currencies")["Currencies"]
	both := []*schema.Table{e.groups, currencies}
	if err := e.route.ExportsReady(t.Context(), both); err != nil {
		t.Fatal(err)
	}
	codes := func(tables ...*schema.Table) (codes, text []string) {
		if failed, ok := errors.AsType[*diag.Failure](e.route.ExportsReady(t.Context(), tables)); ok {
			for _, d := range failed.List {
				codes, text = append(codes, d.Code), append(text, d.Summary+" "+d.Detail+" "+d.Hint)
			}
		}
		return codes, text
	}
	without := *e.groups
	without.NoPackages = true
	if err := e.twin.DeleteProject(t.Context(), fno.ExportProject("Currencies")); err != nil {
		t.Fatal(err)
	}
	if got, text := codes(&without, currencies); !slices.Equal(got, []string{diag.CodeNoPackages, diag.CodeProjectMissing}) || !strings.Contains(text[1], "dw sandbox project -export Currencies") {
		t.Errorf("%q %q", got, text)
	}
	if _, err := e.route.Export(t.Context(), currencies, "none", "", nil); err == nil || !strings.Contains(err.Error(), "dw-export-Currencies") {
		t.Errorf("%v", err)
	}
	for _, c := range []struct {
		entities []string
		says     string
	}{
		{[]string{"Currencies", "CustomerGroups"}, `Beside "Currencies" it holds "Customer groups"`}, {[]string{"CustomerGroups"}, `It holds "Customer groups" and not "Currencies"`},
	} {
		e.project("Currencies", c.entities...)
		if got, text := codes(currencies); !slices.Equal(got, []string{diag.CodeProjectContents}) || !strings.Contains(text[0], c.says) {
			t.Errorf("%q: %q %q", c.entities, got, text)
		}
	}
	if err := e.twin.CreateProject(t.Context(), fnotwin.Project{Name: fno.ExportProject("Currencies")}); err != nil {
		t.Fatal(err)
	}
	if got, text := codes(currencies); !slices.Equal(got, []string{diag.CodeProjectContents}) || !strings.Contains(text[0], "not a project for exports") {
		t.Errorf("%q %q", got, text)
	}
}
