package initial_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// organizations is the filter of the customers in F&O.
const organizations = `map "customers" {
  filter {
    fno      = "PartyType eq 'Organization'"
    on_leave = "unlink"
  }`

// newExports has some customers in two companies, one of them no organization.
func newExports(t testing.TB, readVia string) (*enginetest.World, *enginetest.Exporter) {
	t.Helper()
	config := enginetest.Config
	if !strings.Contains(config, "PartyType eq") {
		config = enginetest.Edit(t, `map "customers" {`, organizations)
	}
	w := enginetest.New(t, config)
	e := enginetest.NewExporter(w.FnO, w.Env.Host)
	e.Admits = func(_ string, v values) bool { return v["PartyType"] == value.NewSymbol("Organization") }
	w.Env.FnO, w.Env.Batch = e, 3
	w.FnO.PageSize, w.Dataverse.PageSize = 4, 4
	for i := range 9 {
		w.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	for i := range 5 {
		w.Customer("DEMF", fmt.Sprint("DE-", i), nil)
	}
	w.Customer("USMF", "US-PERSON", values{"PartyType": value.NewSymbol("Person")})
	w.Account("USMF", "US-3", values{"emailaddress1": text("three@contoso.com")})
	w.Account("USMF", "US-99", nil)
	for _, m := range w.Env.Maps {
		m.Def.Map.Initial.ReadVia = readVia
	}
	return w, e
}

// state is what a join leaves behind, in terms that do not depend on ids.
func state(w *enginetest.World, name string) (lines []string) {
	w.Helper()
	byID := map[string]enginetest.Row{}
	for _, r := range w.FnO.Rows("CustomersV3") {
		byID[r.ID] = r
	}
	for _, p := range w.Pairs(name) {
		lines = append(lines, fmt.Sprintf("%q %s %s v%s of %v", p.Key, p.Life, p.FnO.ID, p.FnO.Version, byID[p.FnO.ID].Values["CustomerAccount"]))
	}
	for _, r := range w.Dataverse.Rows("accounts") {
		lines = append(lines, fmt.Sprintf("%v %v %v %v", r.Values["accountnumber"], r.Values["name"], r.Values["emailaddress1"], r.Values["msdyn_billingaccount"].IsNull()))
	}
	w.View(func(tx store.Tx) error {
		tally, err := tx.Tally(name)
		tally.Millis = 0
		lines = append(lines, fmt.Sprintf("%+v", tally))
		return err
	})
	lines = append(lines, w.Listed(name)...)
	slices.Sort(lines)
	return lines
}

// left checks that a join by exports leaves nothing of itself.
func left(w *enginetest.World, name string) {
	w.Helper()
	w.View(func(tx store.Tx) error {
		heads, err := tx.CountHeads(name)
		cur, err2 := tx.Cursor(name, value.FnO)
		if heads != 0 || cur.Phase != "done" || cur.Next != "" {
			w.Errorf("%d heads are left, and the cursor %+v", heads, cur)
		}
		return errors.Join(err, err2)
	})
	if in, n := w.Intents(name), w.Queued(name); len(in) > 0 || n > 0 {
		w.Errorf("%d writes and %d observations are left", len(in), n)
	}
}

// scanRequests gives, later, what was asked of F&O until all of a map was read.
func scanRequests(w *enginetest.World) *[]string {
	requests := new([]string)
	done := false
	w.FnO.Requests()
	w.Env.Host.Markers = markers(func(string) {
		if !done {
			*requests = append(*requests, w.FnO.Requests()...)
		}
		w.View(func(tx store.Tx) error {
			cur, err := tx.Cursor("customers", value.FnO)
			done = cur.Phase == "done"
			return err
		})
	})
	return requests
}

// overOData is the state after a join page by page.
func overOData(t *testing.T) []string {
	t.Helper()
	w, e := newExports(t, "odata")
	mustJoin(w, "customers")
	if jobs := e.Jobs(); len(jobs) > 0 {
		t.Errorf("exports %q though pages are demanded", jobs)
	}
	return state(w, "customers")
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestReadByExports: the same as over OData, and of records their keys alone come
// over OData.
func TestReadByExports(t *testing.T) {
	w, e := newExports(t, "package")
	requests := scanRequests(w)
	w.Env.Stopping = func() bool { return false }
	var phases []string
	w.Env.Progress = func(p report.Progress) {
		if p.Side == value.FnO && !slices.Contains(phases, p.Phase) {
			phases = append(phases, p.Phase)
		}
	}
	mustJoin(w, "customers")
	equal(t, "by exports", state(w, "customers"), overOData(t))
	equal(t, "exports", e.Jobs(), []string{"CustomersV3 USMF", "CustomersV3 DEMF"})
	equal(t, "phases", phases[:3], []string{"keys", "export", "read"})
	equal(t, "requests", *requests, []string{"Page CustomersV3", "Page CustomersV3", "Page CustomersV3", "Page CustomersV3", "Page CustomersV3"})
	left(w, "customers")
}

// TestReadByExportsWithoutCompanies: there is one export.
func TestReadByExportsWithoutCompanies(t *testing.T) {
	w, e := newExports(t, "package")
	w.Dataverse.Delete("cdm_companies", w.Dataverse.Rows("cdm_companies")[1].ID)
	mustJoin(w, "companies")
	equal(t, "exports", e.Jobs(), []string{"LegalEntities"})
	if n := len(w.Pairs("companies")); n != 2 {
		t.Errorf("%d pairs", n)
	}
	left(w, "companies")
}

// TestEditsBesideAnExport: whatever people do while F&O exports, each record is
// read once and as it was after its key was read.
func TestEditsBesideAnExport(t *testing.T) {
	us := func(e *enginetest.Exporter, account string) string {
		for _, r := range e.Rows("CustomersV3") {
			if r.Values["CustomerAccount"] == text(account) {
				return r.ID
			}
		}
		return ""
	}
	for _, c := range []struct {
		what          string
		begin         func(w *enginetest.World, e *enginetest.Exporter) // after the keys, before the export
		ended         func(w *enginetest.World, e *enginetest.Exporter) // after the export, before the rest
		accounts      string                                            // "+name" and "-name", from those of US-0 to US-8
		named         string                                            // "US-1 name"
		read, inScope int64                                             // more than without edits
		reads         int                                               // records that are read by their keys
	}{
		{what: "nothing"},
		{what: "edited before", named: "US-1 New", begin: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Change("CustomersV3", us(e, "US-1"), values{"OrganizationName": text("New")})
		}},
		{what: "edited after", named: "US-1 Name US-1", ended: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Change("CustomersV3", us(e, "US-1"), values{"OrganizationName": text("New")})
		}},
		{what: "deleted before", accounts: "-US-1", read: -1, inScope: -1, reads: 1, begin: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Delete("CustomersV3", us(e, "US-1"))
		}},
		{what: "created before", accounts: "+US-X", read: 1, inScope: 1, reads: 1, begin: func(w *enginetest.World, e *enginetest.Exporter) {
			w.Customer("USMF", "US-X", nil)
		}},
		{what: "created after", ended: func(w *enginetest.World, e *enginetest.Exporter) { w.Customer("USMF", "US-X", nil) }},
		{what: "created out of scope", begin: func(w *enginetest.World, e *enginetest.Exporter) {
			w.Customer("USMF", "US-X", values{"PartyType": value.NewSymbol("Person")})
		}},
		{what: "created and deleted", reads: 1, begin: func(w *enginetest.World, e *enginetest.Exporter) { w.Customer("USMF", "US-X", nil) },
			ended: func(w *enginetest.World, e *enginetest.Exporter) { e.Delete("CustomersV3", us(e, "US-X")) }},
		{what: "renamed", accounts: "-US-1 +US-X", reads: 2, begin: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Change("CustomersV3", us(e, "US-1"), values{"CustomerAccount": text("US-X")})
		}},
		{what: "into the scope", accounts: "+US-PERSON", read: 1, inScope: 1, reads: 1, begin: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Change("CustomersV3", us(e, "US-PERSON"), values{"PartyType": value.NewSymbol("Organization")})
		}},
		{what: "out of the scope", accounts: "-US-1", inScope: -1, begin: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Change("CustomersV3", us(e, "US-1"), values{"PartyType": value.NewSymbol("Person")})
		}},
		{what: "doubtful", named: "US-1 New", reads: 1, begin: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Doubtful = func(_ string, v values) bool { return v["CustomerAccount"] == text("US-1") }
		}, ended: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Change("CustomersV3", us(e, "US-1"), values{"OrganizationName": text("New")})
		}},
		{what: "a key of two heads", named: "US-1 Name US-1", reads: 1, begin: func(w *enginetest.World, e *enginetest.Exporter) {
			w.Update(func(tx store.Tx) error {
				return tx.PutHeads("customers", []store.Head{{Key: "usmf\x1fus-1\x1f", ID: "77", Values: []value.Value{text("usmf"), text("US-1")}}})
			})
		}},
		{what: "not in the file", named: "US-1 Name US-1", reads: 1, begin: func(w *enginetest.World, e *enginetest.Exporter) {
			e.Hidden = func(set string, v values) bool { return v["CustomerAccount"] == text("US-1") }
		}, ended: func(w *enginetest.World, e *enginetest.Exporter) { e.Hidden = nil }},
	} {
		t.Run(c.what, func(t *testing.T) {
			w, e := newExports(t, "package")
			hook := func(f func(*enginetest.World, *enginetest.Exporter)) func(string, string) {
				return func(_, company string) {
					if f != nil && company == "USMF" {
						f(w, e)
					}
				}
			}
			e.Begin, e.Ended = hook(c.begin), hook(c.ended)
			requests := scanRequests(w)
			mustJoin(w, "customers")
			left(w, "customers")
			want := map[string]bool{"US-99": true}
			for i := range 9 {
				want[fmt.Sprint("US-", i)] = true
			}
			for _, x := range strings.Fields(c.accounts) {
				want[x[1:]] = x[0] == '+'
			}
			for _, r := range w.Dataverse.Rows("accounts") {
				number := r.Values["accountnumber"].Text()
				if strings.HasPrefix(number, "US-") && !want[number] {
					t.Errorf("there is an account %s, or two", number)
				}
				delete(want, number)
			}
			for number, there := range want {
				if there {
					t.Errorf("there is no account %s", number)
				}
			}
			if number, name, ok := strings.Cut(c.named, " "); ok && w.Dataverse.Get("accounts", "accountnumber", number, "name") != text(name) {
				t.Errorf("%s is named %v", number, w.Dataverse.Get("accounts", "accountnumber", number, "name"))
			}
			reads := 0
			for _, q := range *requests {
				var n int
				if _, err := fmt.Sscanf(q, "Read CustomersV3 %d", &n); err == nil {
					reads += n
				}
			}
			w.View(func(tx store.Tx) error {
				tally, err := tx.Tally("customers")
				if got, want := tally.Read[value.FnO], 14+c.read; got != want {
					t.Errorf("%d read, want %d", got, want)
				}
				if got, want := tally.InScope[value.FnO], 14+c.inScope; got != want {
					t.Errorf("%d in scope, want %d", got, want)
				}
				return err
			})
			if reads != c.reads {
				t.Errorf("%d records were read by their keys, want %d", reads, c.reads)
			}
		})
	}
}

// slow makes pages of full records so slow that exports pay.
func slow(e *enginetest.Exporter) {
	e.PerRow, e.PerKey = time.Hour, time.Millisecond
	e.Cost.PerRow = 20 * time.Second // or it would not pay for so few records
}

// TestAuto chooses exports where pages turn out to be slow, and only there.
func TestAuto(t *testing.T) {
	want := overOData(t)
	for _, c := range []struct {
		what   string
		set    func(w *enginetest.World, e *enginetest.Exporter)
		jobs   string
		counts int
	}{
		{"pages are fast", func(_ *enginetest.World, e *enginetest.Exporter) {}, "", 0},
		{"pages are slow", func(_ *enginetest.World, e *enginetest.Exporter) { slow(e) }, "CustomersV3 USMF, CustomersV3 DEMF", 2},
		{"keys are as slow", func(_ *enginetest.World, e *enginetest.Exporter) { slow(e); e.PerKey = e.PerRow }, "", 2},
		{"as long as exports", func(_ *enginetest.World, e *enginetest.Exporter) { slow(e); e.PerRow = 40 * time.Second }, "", 2},
		{"an export takes long to begin", func(_ *enginetest.World, e *enginetest.Exporter) { slow(e); e.Cost.Start = 10 * time.Hour }, "", 2},
		{"the project is missing", func(_ *enginetest.World, e *enginetest.Exporter) {
			slow(e)
			e.NotReady = diag.Fail(diag.Diagnostic{Code: diag.CodeProjectMissing, Summary: "no project"})
		}, "", 2},
		{"not offered", func(_ *enginetest.World, e *enginetest.Exporter) { slow(e); e.Cost = connect.ExportRoute{} }, "", 0},
		{"odata is demanded", func(w *enginetest.World, e *enginetest.Exporter) {
			slow(e)
			w.Map("customers").Def.Map.Initial.ReadVia = "odata"
		}, "", 0},
		{"slow from the second company on", func(w *enginetest.World, e *enginetest.Exporter) {
			slow(e)
			per := e.PerRow
			e.PerRow = 0
			e.OnRead = func(string, string) error {
				w.View(func(tx store.Tx) error {
					cur, err := tx.Cursor("customers", value.FnO)
					if strings.Contains(cur.Next, `"company":1`) {
						e.PerRow = 10 * per
					}
					return err
				})
				return nil
			}
		}, "CustomersV3 DEMF", 2},
	} {
		t.Run(c.what, func(t *testing.T) {
			w, e := newExports(t, "")
			for i := range 3 {
				w.Customer("DEMF", fmt.Sprint("DF-", i), nil)
			}
			w.FnO.PageSize = 2
			c.set(w, e)
			requests := scanRequests(w)
			note := ""
			w.Env.Progress = func(p report.Progress) {
				if strings.Contains(p.Note, "from here on") {
					note = p.Note
				}
			}
			mustJoin(w, "customers")
			if got := strings.Join(e.Jobs(), ", "); got != c.jobs {
				t.Errorf("exports %q, want %q", got, c.jobs)
			}
			counts := 0
			for _, q := range *requests {
				if strings.HasPrefix(q, "Count") {
					counts++
				}
			}
			if counts != c.counts {
				t.Errorf("%d counts, want %d", counts, c.counts)
			}
			if (note != "") != (c.jobs != "") {
				t.Errorf("note %q", note)
			}
			left(w, "customers")
			reference, _ := newExports(t, "odata")
			for i := range 3 {
				reference.Customer("DEMF", fmt.Sprint("DF-", i), nil)
			}
			mustJoin(reference, "customers")
			equal(t, "state", state(w, "customers"), state(reference, "customers"))
		})
	}

	t.Run("cut off", func(t *testing.T) {
		for n := 1; ; n++ {
			w, e := newExports(t, "")
			slow(e)
			hit, at, _ := killed(w, n)
			if !hit {
				break
			}
			e.PerRow = 0 // whatever is the case by now
			mustJoin(w, "customers")
			equal(t, fmt.Sprintf("cut off at %s, the marker number %d", at, n), state(w, "customers"), want)
			left(w, "customers")
			if n > 3 && len(e.Jobs()) != 2 {
				t.Errorf("cut off at %s, the marker number %d: the decision is forgotten", at, n)
			}
		}
	})

	t.Run("few records of a company", func(t *testing.T) {
		w, e := newExports(t, "")
		slow(e)
		e.Cost.PerRow = 2 * time.Second // 60/2/4 = 7 records
		mustJoin(w, "customers")
		equal(t, "state", state(w, "customers"), want)
		equal(t, "exports", e.Jobs(), []string{"CustomersV3 USMF"})
	})
}

// TestDemandedExportsThatCannotBe are errors.
func TestDemandedExportsThatCannotBe(t *testing.T) {
	w, e := newExports(t, "package")
	e.NotReady = diag.Fail(diag.Diagnostic{Code: diag.CodeProjectMissing, Summary: "no project"})
	if err := join(t.Context(), w, "customers"); !errors.Is(err, e.NotReady) {
		t.Errorf("without the project: %v", err)
	}
	code := func(err error) string {
		if failed, ok := errors.AsType[*diag.Failure](err); ok {
			return failed.List[0].Code
		}
		return fmt.Sprint(err)
	}
	w, e = newExports(t, "package")
	e.Cost = connect.ExportRoute{}
	if err := join(t.Context(), w, "customers"); code(err) != diag.CodeNoPackages {
		t.Errorf("of an entity that is not offered: %v", err)
	}
	w, _ = newExports(t, "package")
	w.Map("customers").Def.Companies = nil
	if err := join(t.Context(), w, "customers"); code(err) != diag.CodeNoPackages {
		t.Errorf("of companies that are not known: %v", err)
	}
	w, _ = newExports(t, "package")
	w.Env.FnO = w.FnO // a connector without exports
	if err := join(t.Context(), w, "customers"); code(err) != diag.CodeNoPackages {
		t.Errorf("of a connector without exports: %v", err)
	}
}

// TestStopsWhileItWaits: nobody waits for an export that can be fetched later.
func TestStopsWhileItWaits(t *testing.T) {
	w, e := newExports(t, "package")
	stop, ask := context.WithCancel(t.Context())
	w.Env.Stop, w.Env.Stopping = stop, func() bool { return stop.Err() != nil }
	real := host.Real(t.TempDir())
	e.Host = &host.Host{Clock: real.Clock, Markers: w.Env.Host.Markers, Random: real.Random, Scheduler: w.Env.Host.Scheduler}
	e.Cost.Start = time.Hour // and nobody waits for it
	note := ""
	w.Env.Progress = func(p report.Progress) { note = p.Note }
	e.Ended = func(string, string) { ask() }
	if err := join(t.Context(), w, "customers"); !errors.Is(err, engine.ErrStopped) {
		t.Fatalf("%v", err)
	}
	if !strings.Contains(note, "F&O goes on with the export of USMF") {
		t.Errorf("the last note is %q", note)
	}
	w.Env.Stop, w.Env.Stopping, e.Ended, e.Host = nil, nil, nil, w.Env.Host
	mustJoin(w, "customers")
	equal(t, "afterwards", state(w, "customers"), overOData(t))
	equal(t, "exports", e.Jobs(), []string{"CustomersV3 USMF", "CustomersV3 DEMF"})

	// Between two parts of a file, too.
	w, e = newExports(t, "package")
	stopping := false
	w.Env.Stopping = func() bool { return stopping }
	parts := 0
	e.OnNext = func(string) error {
		parts++
		stopping = parts == 2 // it is read while the first one is stored
		return nil
	}
	if err := join(t.Context(), w, "customers"); !errors.Is(err, engine.ErrStopped) {
		t.Fatalf("%v", err)
	}
	w.View(func(tx store.Tx) error {
		cur, err := tx.Cursor("customers", value.FnO)
		if !strings.Contains(cur.Next, `"done":3`) {
			t.Errorf("the part in flight is not stored: %s", cur.Next)
		}
		return err
	})
	stopping, e.OnNext = false, nil
	mustJoin(w, "customers")
	equal(t, "afterwards", state(w, "customers"), overOData(t))
}

// TestRestartForgetsHeads: a read that begins anew has no heads of the one before.
func TestRestartForgetsHeads(t *testing.T) {
	w, e := newExports(t, "package")
	heads := func() (n int64) {
		w.View(func(tx store.Tx) (err error) {
			n, err = tx.CountHeads("customers")
			return err
		})
		return n
	}
	for n := 1; heads() == 0; n++ {
		w, e = newExports(t, "package")
		if hit, _, _ := killed(w, n); !hit {
			t.Fatal("never has a head")
		}
	}
	w.Update(func(tx store.Tx) error { return initial.Restart(tx, "customers") })
	if n := heads(); n != 0 {
		t.Errorf("%d heads are left", n)
	}
	mustJoin(w, "customers")
	equal(t, "afterwards", state(w, "customers"), overOData(t))
	if n := len(e.Jobs()); n != 2 {
		t.Errorf("%d exports", n)
	}
}

// TestVersionsThatDependOnFields: where F&O's version is not that of the whole
// record, writes on condition of one that came with the key are turned away once
// and go out again.
func TestVersionsThatDependOnFields(t *testing.T) {
	w, _ := newExports(t, "package")
	w.FnO.Narrow = true
	mustJoin(w, "customers")
	same(w, "customers")
	left(w, "customers")
	if v := w.FnO.Get("CustomersV3", "CustomerAccount", "US-3", "Email"); v != text("three@contoso.com") {
		t.Errorf("US-3 has the mail %v in F&O", v)
	}
	if n := len(w.Dataverse.Rows("accounts")); n != 15 {
		t.Errorf("%d accounts", n)
	}
}
