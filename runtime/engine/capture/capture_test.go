package capture_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

func reader(w *enginetest.World, name string) *capture.Reader {
	return &capture.Reader{Env: w.Env, Map: w.Map(name), Refs: refs.New(w.Env)}
}

func cursor(w *enginetest.World, name string, s value.Side) (c store.Cursor) {
	w.Helper()
	w.View(func(tx store.Tx) (err error) {
		c, err = tx.Cursor(name, s)
		return err
	})
	return c
}

// TestScanGoesOnWhereItStopped: a stop comes between two pages; what is stored
// is not read again.
func TestScanGoesOnWhereItStopped(t *testing.T) {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		w := enginetest.New(t, enginetest.Config)
		system, set := w.FnO, "CustomerGroups"
		if side == value.Dataverse {
			system, set = w.Dataverse, "msdyn_customergroups"
		}
		for i := range 10 {
			w.Group(side, "USMF", fmt.Sprint(i), "")
		}
		system.PageSize = 3
		pages := func() (n int) {
			for _, q := range system.Requests() {
				if q == "Page "+set {
					n++
				}
			}
			return n
		}
		asked := 0
		w.Env.Stopping = func() bool { asked++; return asked > 2 }
		if err := reader(w, "groups").Scan(t.Context(), side); !errors.Is(err, engine.ErrStopped) {
			t.Fatalf("error %v", err)
		}
		if n, c := w.Queued("groups"), cursor(w, "groups", side); n != 6 || c.Rows != 6 || c.Phase != "scan" || c.Next == "" || c.Token != "" {
			t.Fatalf("%s: %d observations, cursor %+v", side, n, c)
		}
		if n := pages(); n != 3 { // one was asked for beside
			t.Errorf("%d pages were read, want 3", n)
		}
		w.Env.Stopping = nil
		if err := reader(w, "groups").Scan(t.Context(), side); err != nil {
			t.Fatal(err)
		}
		c := cursor(w, "groups", side)
		if n := w.Queued("groups"); n != 10 || c.Rows != 10 || c.Phase != "done" || (c.Token != "") != (side == value.Dataverse) {
			t.Errorf("%s: %d observations, cursor %+v", side, n, c)
		}
		if n := pages(); n != 2 {
			t.Errorf("%d further pages were read, want 2", n)
		}
		// A complete scan is not repeated.
		if err := reader(w, "groups").Scan(t.Context(), side); err != nil || pages() != 0 {
			t.Errorf("read again, error %v", err)
		}
		w.View(func(tx store.Tx) error {
			tally, err := tx.Tally("groups")
			if tally.Read[side] != 10 || tally.InScope[side] != 10 {
				t.Errorf("%s: tally %+v", side, tally)
			}
			return err
		})
	}
}

func TestObserve(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	r := reader(w, "customers")
	other := w.Dataverse.Put("cdm_companies", values{"cdm_companycode": text("FRSI")})
	w.Account("USMF", "us-1 ", nil)
	w.Account("USMF", "US-2", values{"customertypecode": value.NewOption(8)})
	w.Account("", "US-3", nil)
	w.Account("", "US-4", values{"msdyn_company": value.NewReference("cdm_company", other)})
	keyless := w.Account("DEMF", "", nil)
	w.Account("DEMF", "", values{"customertypecode": value.NewOption(8)}) // outside and without key: nobody's
	if err := r.Scan(t.Context(), value.Dataverse); err != nil {
		t.Fatal(err)
	}
	var got []string
	w.View(func(tx store.Tx) error {
		work, err := tx.Work("customers", "", 0)
		for _, x := range work {
			for _, o := range x.Dataverse {
				got = append(got, fmt.Sprintf("%q %s in scope %v", o.Key, o.Company, o.InScope))
			}
		}
		return err
	})
	slices.Sort(got)
	if want := []string{`"usmf\x1fus-1" USMF in scope true`, `"usmf\x1fus-2" USMF in scope false`}; !slices.Equal(got, want) {
		t.Errorf("observed %q, want %q", got, want)
	}
	w.View(func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: "customers"}, 0, 0)
		if err == nil && (len(l) != 1 || l[0].Kind != record.Failed || !strings.Contains(l[0].Record, keyless) || l[0].Company != "DEMF" || l[0].Side != value.FnO) {
			t.Errorf("listed %+v", l)
		}
		tally, err := tx.Tally("customers")
		if tally.Read[value.Dataverse] != 6 || tally.InScope[value.Dataverse] != 2 {
			t.Errorf("tally %+v", tally)
		}
		return err
	})
}

func TestQueryOfFnO(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	q := reader(w, "customers").Query(value.FnO)
	if !slices.Equal(q.Companies, []string{"USMF", "DEMF"}) || !strings.Contains(q.Filter, "Organization") {
		t.Errorf("query %+v", q)
	}
	if q := reader(w, "companies").Query(value.FnO); len(q.Companies) != 0 {
		t.Errorf("a global entity is asked by company: %+v", q)
	}
}

// TestReadLeavesOutWhatIsGone and does not ask for ends that were never there.
func TestReadLeavesOutWhatIsGone(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	r := reader(w, "groups")
	id := w.Group(value.Dataverse, "USMF", "10", "")
	pairs := []*record.Pair{
		{Map: "groups", Key: "usmf\x1f10", Dataverse: record.End{ID: id}},
		{Map: "groups", Key: "usmf\x1f20", Dataverse: record.End{ID: "00000000-0000-4000-9000-00000000dead"}},
		{Map: "groups", Key: "usmf\x1f30"},
	}
	obs, err := r.Read(t.Context(), value.Dataverse, pairs)
	if err != nil || len(obs) != 1 || obs[0].ID != id || obs[0].Key != "usmf\x1f10" || !obs[0].InScope {
		t.Errorf("observed %+v, error %v", obs, err)
	}
	w.Dataverse.Requests()
	if obs, err := r.Read(t.Context(), value.Dataverse, pairs[2:]); err != nil || len(obs) != 0 || len(w.Dataverse.Requests()) != 0 {
		t.Errorf("observed %+v, error %v, or asked for nothing", obs, err)
	}
}

// TestAsOfIsTakenBeforeTheRequest: a write that is stored while a page is read
// must not look older than the page.
func TestAsOfIsTakenBeforeTheRequest(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Group(value.Dataverse, "USMF", "10", "")
	r := reader(w, "groups")
	if err := r.Scan(t.Context(), value.Dataverse); err != nil {
		t.Fatal(err)
	}
	w.Update(func(tx store.Tx) error {
		written, err := tx.Seq()
		if err != nil {
			return err
		}
		work, err := tx.Work("groups", "", 0)
		if err == nil && work[0].Dataverse[0].AsOf >= written {
			t.Errorf("seen as of %d, though a later write has %d", work[0].Dataverse[0].AsOf, written)
		}
		return err
	})
}
