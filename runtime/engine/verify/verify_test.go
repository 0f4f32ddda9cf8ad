package verify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/engine/verify"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

type values = enginetest.Values

var text = enginetest.Text

// run verifies one map with a scratch store of its own.
func run(w *enginetest.World, name string, state store.Store, limit int) report.MapVerify {
	w.Helper()
	env := *w.Env
	env.Store = memory.New("scratch")
	v, err := verify.Run(w.Context(), verify.Options{Env: &env, Maps: []*engine.Map{w.Map(name)}, State: state, Limit: limit})
	if err != nil {
		w.Fatal(err)
	}
	m := v.Maps[0]
	if m.Compared != m.Equal+m.Explained+m.Findings {
		w.Errorf("the counts do not add up: %+v", m)
	}
	return m
}

// lines gives the differences: "kind side record field F&O|Dataverse".
func lines(m report.MapVerify) (out []string) {
	for _, d := range m.Details {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s|%s", d.Kind, d.Side, d.Record, d.Field, d.FnO, d.Dataverse)))
	}
	slices.Sort(out)
	return out
}

func TestDifferencesAreNamed(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Group(value.Dataverse, "USMF", "10", "")
	w.Group(value.Dataverse, "USMF", "20", "")
	ref := func(group string) value.Value {
		return w.Ref("msdyn_customergroups", "msdyn_customergroup", "msdyn_groupid", group)
	}
	w.Customer("USMF", "equal", values{"CustomerGroupId": text("10")})
	w.Account("USMF", "EQUAL", values{"name": text("Name equal"), "msdyn_customergroupid": ref("10")})
	w.Customer("USMF", "differ", values{"CustomerGroupId": text("10"), "Email": text("a@x")})
	w.Account("USMF", "differ", values{"msdyn_customergroupid": ref("20"), "emailaddress1": text("b@x")})
	w.Customer("USMF", "only-fno", nil)
	w.Account("USMF", "only-dv", nil)
	w.Customer("USMF", "double", nil)
	one := w.Account("USMF", "double", nil)
	two := w.Account("USMF", "Double ", nil)
	keyless := w.Account("DEMF", "", nil)
	// None of these is in scope.
	w.Customer("FRSI", "other-company", nil)
	w.Account("", "no-company", nil)
	w.Customer("USMF", "person", values{"PartyType": value.NewSymbol("Person")})
	w.Account("USMF", "prospect", values{"customertypecode": value.NewOption(8)})

	for _, size := range []int{1, 3, 500} {
		w.Env.Batch, w.FnO.PageSize, w.Dataverse.PageSize = size, size, size
		m := run(w, "customers", nil, 0)
		want := []string{
			"duplicate  USMF / double  " + w.FnO.Rows("CustomersV3")[3].ID + "|" + one + ", " + two,
			"field  USMF / differ emailaddress1 a@x|b@x",
			"field  USMF / differ msdyn_customergroupid.msdyn_groupid 10|20",
			"missing dataverse USMF / only-fno  |",
			"missing fno USMF / only-dv  |",
		}
		got := lines(m)
		unreadable := slices.IndexFunc(got, func(s string) bool { return strings.HasPrefix(s, "unreadable dataverse row "+keyless) })
		if unreadable < 0 {
			t.Errorf("the row without key is not named: %q", got)
		} else {
			got = slices.Delete(got, unreadable, unreadable+1)
		}
		if !slices.Equal(got, want) {
			t.Errorf("differences\n got %q\nwant %q", got, want)
		}
		if m.Compared != 6 || m.Equal != 1 || m.Findings != 5 || m.Rows != (report.Sides{FnO: 4, Dataverse: 6}) {
			t.Errorf("counts %+v", m)
		}
	}
	if m := run(w, "customers", nil, 2); len(m.Details) != 2 || !m.Truncated || m.Findings != 5 {
		t.Errorf("with a limit: %+v", m)
	}
	if m := run(w, "customers", nil, 6); len(m.Details) != 6 || m.Truncated {
		t.Errorf("with a limit that all fit in: %+v", m)
	}
}

// TestFieldsWrittenOnceAreNotCompared: they may go apart after the creation.
func TestFieldsWrittenOnceAreNotCompared(t *testing.T) {
	w := enginetest.New(t, enginetest.Edit(t, `    Description     = "msdyn_description"
  }`, `  }
  field "msdyn_description" {
    fno    = "Description"
    writes = "create"
  }`))
	w.Group(value.FnO, "USMF", "10", "Wholesale")
	w.Group(value.Dataverse, "USMF", "10", "Edited later")
	if m := run(w, "groups", nil, 0); m.Equal != 1 {
		t.Errorf("differences %q", lines(m))
	}
}

// TestStateExplains: what is listed is no finding, whatever it is listed for;
// without the state it is one.
func TestStateExplains(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Customer("USMF", "parked", values{"CustomerGroupId": text("10")})
	w.Customer("USMF", "owed", values{"InvoiceAccount": text("nobody")})
	w.Customer("USMF", "failed", values{"Email": text("refused@x")})
	w.Customer("USMF", "blank", nil)
	w.Account("USMF", "blank", values{"name": text("Name blank"), "transactioncurrencyid": w.Ref("transactioncurrencies", "transactioncurrency", "isocurrencycode", "USD")})
	w.Account("DEMF", "", nil)
	w.Account("USMF", "twice", nil)
	w.Account("USMF", "TWICE", nil)
	w.Customer("USMF", "too-long-for-its-column", values{"OrganizationName": text(strings.Repeat("x", 51))})
	w.Dataverse.OnWrite = func(_ *schema.Table, x connect.Write) (connect.Result, bool, bool) {
		for _, v := range x.Values {
			if v.Value == text("refused@x") {
				return connect.Result{Outcome: connect.Refused, Message: "no"}, false, true
			}
		}
		return connect.Result{}, false, false
	}
	runner := initial.Runner{Env: w.Env}
	if err := runner.Wave(t.Context(), []*engine.Map{w.Map("customers")}, func(context.Context, *engine.Map) error { return nil }); err != nil {
		t.Fatal(err)
	}
	m := run(w, "customers", w.Store, 0)
	for _, d := range m.Details {
		if d.Explained == "" {
			t.Errorf("not explained: %+v; listed %q", d, w.Listed("customers"))
		}
	}
	if m.Findings != 0 || m.Explained != 7 {
		t.Errorf("counts %+v", m)
	}
	if m := run(w, "customers", nil, 0); m.Findings != 7 || m.Explained != 0 {
		t.Errorf("without state: %+v", m)
	}
	// A field that is explained does not excuse another one.
	id := ""
	for _, r := range w.Dataverse.Rows("accounts") {
		if r.Values["accountnumber"] == text("owed") {
			id = r.ID
		}
	}
	w.Dataverse.Change("accounts", id, values{"name": text("Damaged")})
	m = run(w, "customers", w.Store, 0)
	if m.Findings != 1 || m.Explained != 6 {
		t.Errorf("after a damage: %+v", m)
	}
	for _, d := range m.Details {
		if d.Record == "USMF / owed" && (d.Explained == "") != (d.Field == "name") {
			t.Errorf("%+v", d)
		}
	}
}

// TestStateIsNotTouched: verify only reads, both systems and the state.
func TestStateIsNotTouched(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Customer("USMF", "US-1", nil)
	run(w, "customers", w.Store, 0)
	if w.Queued("customers") != 0 || len(w.Listed("customers")) != 0 {
		t.Error("the state has changed")
	}
	for _, q := range append(w.Dataverse.Requests(), w.FnO.Requests()...) {
		if !strings.HasPrefix(q, "Page ") && !strings.HasPrefix(q, "Find ") {
			t.Errorf("verify sent %s", q)
		}
	}
}
