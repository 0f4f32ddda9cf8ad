package verify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/engine/verify"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// joined is a world with n customers on both sides, as dw has joined them.
func joined(t *testing.T, n int) *enginetest.World {
	w := enginetest.New(t, enginetest.Config)
	w.FnO.Now, w.Dataverse.Now = w.Env.Host.Clock.Now, w.Env.Host.Clock.Now
	w.Group(value.FnO, "USMF", "10", "Wholesale")
	w.Group(value.FnO, "USMF", "20", "Retail")
	for i := range n {
		w.Customer([]string{"USMF", "DEMF"}[i%2], fmt.Sprintf("C%03d", i), values{"Email": text("old@x")})
	}
	runner := initial.Runner{Env: w.Env}
	for _, name := range []string{"companies", "groups", "customers"} {
		m := w.Map(name)
		if err := runner.Wave(w.Context(), []*engine.Map{m}, func(context.Context, *engine.Map) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	w.FnO.Requests()
	w.Dataverse.Requests()
	return w
}

// with verifies the customers with options.
func with(w *enginetest.World, change func(*verify.Options)) (report.MapVerify, []verify.Finding) {
	w.Helper()
	env := *w.Env
	env.Store = memory.New("scratch")
	var found []verify.Finding
	o := verify.Options{Env: &env, Maps: []*engine.Map{w.Map("customers")}, State: w.Store, Found: func(_ context.Context, f verify.Finding) error {
		found = append(found, f)
		return nil
	}}
	change(&o)
	v, err := verify.Run(w.Context(), o)
	if err != nil {
		w.Fatal(err)
	}
	if len(v.Maps) == 0 {
		return report.MapVerify{}, nil
	}
	m := v.Maps[0]
	if m.Compared != m.Equal+m.Explained+m.Findings || m.Findings != int64(len(found)) {
		w.Errorf("the counts do not add up: %+v, %d found", m, len(found))
	}
	return m, found
}

func idOf(t testing.TB, s *enginetest.System, set, column, is string) string {
	for _, r := range s.Rows(set) {
		if r.Values[column] == text(is) {
			return r.ID
		}
	}
	t.Fatalf("no row of %s has %s = %q", set, column, is)
	return ""
}

func account(w *enginetest.World, number string) string {
	return idOf(w, w.Dataverse, "accounts", "accountnumber", number)
}
func customer(w *enginetest.World, number string) string {
	return idOf(w, w.FnO, "CustomersV3", "CustomerAccount", number)
}

func pair(w *enginetest.World, key string) *record.Pair {
	w.Helper()
	for _, p := range w.Pairs("customers") {
		if p.Key == key {
			return p
		}
	}
	w.Fatalf("no pair %q", key)
	return nil
}

// TestWhoMoved: the pair says which side has moved a field since both agreed on
// it, and what that was; without the state nothing is said.
func TestWhoMoved(t *testing.T) {
	w := joined(t, 8)
	w.FnO.Change("CustomersV3", customer(w, "C000"), values{"OrganizationName": text("By F&O")})
	w.Dataverse.Change("accounts", account(w, "C001"), values{"name": text("By Dataverse")})
	w.FnO.Change("CustomersV3", customer(w, "C002"), values{"OrganizationName": text("One")})
	w.Dataverse.Change("accounts", account(w, "C002"), values{"name": text("Two")})
	w.FnO.Change("CustomersV3", customer(w, "C003"), values{"OrganizationName": text("Same")})
	w.Dataverse.Change("accounts", account(w, "C003"), values{"name": text("Same")})
	w.Update(func(tx store.Tx) error { // as agreed, though it differs
		p := pair(w, "usmf\x1fc004")
		for i, s := range w.Map("customers").Compiled.Slots {
			if s.Name == "name" {
				p.Base[i].Dataverse = text("Agreed")
			}
		}
		return tx.PutPairs(append(w.Pairs("customers")[:0:0], p))
	})
	w.Dataverse.Slip("accounts", pair(w, "usmf\x1fc004").Dataverse.ID, values{"name": text("Agreed")})
	m, _ := with(w, func(*verify.Options) {})
	moved := map[string]report.Movement{}
	for _, d := range m.Details {
		moved[d.Record] = d.Moved
		if d.Base == nil || d.Base.FnO != "Name "+d.Record[len("USMF / "):] {
			t.Errorf("%s: base %+v", d.Record, d.Base)
		}
	}
	want := map[string]report.Movement{
		"USMF / C000": report.MovedFnO, "DEMF / C001": report.MovedDataverse, "USMF / C002": report.MovedBoth, "USMF / C004": report.MovedNeither,
	}
	if fmt.Sprint(moved) != fmt.Sprint(want) || m.Kinds[report.KindField] != 4 {
		t.Errorf("moved %v, want %v; kinds %v", moved, want, m.Kinds)
	}
	for _, d := range func() []report.Difference {
		m, _ := with(w, func(o *verify.Options) { o.State = nil })
		return m.Details
	}() {
		if d.Moved != "" || d.Base != nil || d.Paired {
			t.Errorf("without a state: %+v", d)
		}
	}
}

// TestGoneRecords: what is missing is told from what was there before, and pairs
// without any record are orphans.
func TestGoneRecords(t *testing.T) {
	w := joined(t, 6)
	w.Dataverse.Delete("accounts", account(w, "C000"))
	w.FnO.Delete("CustomersV3", customer(w, "C001"))
	w.FnO.Delete("CustomersV3", customer(w, "C002"))
	w.Dataverse.Delete("accounts", account(w, "C002"))
	w.Customer("USMF", "NEW", nil)
	for _, running := range []bool{false, true} {
		m, found := with(w, func(o *verify.Options) { o.Running = running })
		var got []string
		for _, d := range m.Details {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s %v", d.Kind, d.Side, d.Record, d.Paired)))
		}
		slices.Sort(got)
		want := []string{"missing dataverse USMF / C000 true", "missing dataverse USMF / NEW false", "missing fno DEMF / C001 true", "orphan  usmf / c002 true"}
		if !slices.Equal(got, want) {
			t.Errorf("running %v: %q, want %q", running, got, want)
		}
		for _, f := range found {
			if !f.Seen || f.Key == "" || f.Began == 0 {
				t.Errorf("%+v", f)
			}
		}
	}
}

// TestReferencesToNothing are orphans, and owed ones that are still empty have a
// kind of their own.
func TestReferencesToNothing(t *testing.T) {
	w := joined(t, 2)
	w.FnO.Slip("CustomersV3", customer(w, "C000"), values{"CustomerGroupId": text("99")})
	w.Customer("USMF", "OWES", values{"InvoiceAccount": text("nobody")})
	env := *w.Env
	runner := initial.Runner{Env: &env}
	w.Update(func(tx store.Tx) error { return initial.Restart(tx, "customers") })
	w.FnO.Slip("CustomersV3", customer(w, "C000"), values{"CustomerGroupId": text("")})
	if err := runner.Wave(t.Context(), []*engine.Map{w.Map("customers")}, func(context.Context, *engine.Map) error { return nil }); err != nil {
		t.Fatal(err)
	}
	w.FnO.Slip("CustomersV3", customer(w, "C000"), values{"CustomerGroupId": text("99")})
	m, _ := with(w, func(*verify.Options) {})
	if got, want := lines(m), []string{"orphan dataverse USMF / C000 msdyn_customergroupid.msdyn_groupid 99|", "owed dataverse USMF / OWES msdyn_billingaccount.accountnumber nobody|"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if m.Owed != 1 || m.Kinds[report.KindOrphan] != 1 || m.Explained != 1 {
		t.Errorf("%+v", m)
	}
}

// TestOneCompany compares the records of one company only.
func TestOneCompany(t *testing.T) {
	w := joined(t, 10)
	w.Dataverse.Delete("accounts", account(w, "C001"))
	w.Dataverse.Change("accounts", account(w, "C002"), values{"name": text("x")})
	m, _ := with(w, func(o *verify.Options) { o.Company = "DEMF" })
	if got := lines(m); len(got) != 1 || m.Compared != 5 || !strings.Contains(got[0], "DEMF / C001") {
		t.Errorf("%q, %+v", got, m)
	}
	if m, _ := with(w, func(o *verify.Options) { o.Company, o.Maps = "DEMF", []*engine.Map{w.Map("companies")} }); m.Map != "" {
		t.Errorf("a map without companies: %+v", m)
	}
}

// TestSampleIsCheapAndRepeatable: the same seed chooses the same keys, another
// one others, and with a state no table is read.
func TestSampleIsCheapAndRepeatable(t *testing.T) {
	w := joined(t, 60)
	for _, r := range w.Dataverse.Rows("accounts") {
		w.Dataverse.Change("accounts", r.ID, values{"name": text("moved")})
	}
	keys := func(state store.Store, seed uint64) (out []string) {
		m, found := with(w, func(o *verify.Options) { o.Sample, o.Seed, o.State = 7, seed, state })
		if m.Compared != 7 {
			t.Errorf("compared %d", m.Compared)
		}
		for _, f := range found {
			out = append(out, f.Key)
			if f.Seen {
				t.Error("a sample has seen everything")
			}
		}
		return out
	}
	w.FnO.Requests()
	w.Dataverse.Requests()
	one := keys(w.Store, 3)
	for _, q := range append(w.FnO.Requests(), w.Dataverse.Requests()...) {
		if strings.HasPrefix(q, "Page ") {
			t.Errorf("a table was read: %s", q)
		}
	}
	if again := keys(w.Store, 3); !slices.Equal(one, again) {
		t.Errorf("%q, then %q", one, again)
	}
	if other := keys(w.Store, 4); slices.Equal(one, other) {
		t.Error("two seeds choose the same keys")
	}
	bare := keys(nil, 3)
	if again := keys(nil, 3); !slices.Equal(bare, again) {
		t.Errorf("without a state %q, then %q", bare, again)
	}
	// What is on one side only is found without a state.
	w.FnO.Delete("CustomersV3", customer(w, "C000"))
	m, _ := with(w, func(o *verify.Options) { o.Sample, o.Seed, o.State = 60, 1, nil })
	if !slices.Contains(lines(m), "missing fno USMF / C000  |") || m.Compared != 60 {
		t.Errorf("%+v", m.Kinds)
	}
}

// TestSince compares what was edited since a time, on either side; where a side
// does not say when, it is told.
func TestSince(t *testing.T) {
	w := joined(t, 12)
	clock := w.Env.Host.Clock
	if err := clock.Sleep(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	w.Dataverse.Slip("accounts", account(w, "C005"), values{"name": text("not told")})
	since := clock.Now()
	w.Dataverse.Change("accounts", account(w, "C000"), values{"name": text("x")})
	w.FnO.Change("CustomersV3", customer(w, "C001"), values{"OrganizationName": text("y")})
	w.FnO.Put("CustomersV3", values{"dataAreaId": text("usmf"), "CustomerAccount": text("NEW"), "PartyType": value.NewSymbol("Organization")})
	modified := func(m *engine.Map, side value.Side) *schema.Field {
		if side == value.FnO {
			return m.Def.FnO.Modified()
		}
		return m.Def.Dataverse.Modified()
	}
	m, _ := with(w, func(o *verify.Options) { o.Since, o.Modified = since, modified })
	want := []string{"field  DEMF / C001 name y|Name C001", "field  USMF / C000 name Name C000|x", "missing dataverse USMF / NEW  |"}
	if got := lines(m); !slices.Equal(got, want) || m.Compared != 3 || len(m.Notes) > 0 {
		t.Errorf("%q, want %q; %+v", got, want, m)
	}
	m, _ = with(w, func(o *verify.Options) {
		o.Since, o.Modified = since, func(m *engine.Map, side value.Side) *schema.Field {
			if side == value.FnO {
				return nil
			}
			return modified(m, side)
		}
	})
	if got := lines(m); !slices.Equal(got, want[1:2]) || len(m.Notes) != 1 {
		t.Errorf("%q, %q", got, m.Notes)
	}

	// Dataverse says which rows are gone, as long as it takes the token; F&O does
	// not.
	w.Dataverse.Delete("accounts", account(w, "C003"))
	w.FnO.Delete("CustomersV3", customer(w, "C004"))
	since = clock.Now().Add(time.Hour)
	asked := func(o *verify.Options) { o.Since, o.Modified = since, modified }
	if m, _ = with(w, asked); !slices.Equal(lines(m), []string{"missing dataverse DEMF / C003  |"}) || !slices.Equal(m.DeletesUnseen, []value.Side{value.FnO}) {
		t.Errorf("%q, unseen %v", lines(m), m.DeletesUnseen)
	}
	w.Dataverse.Expired = true
	if m, _ = with(w, asked); len(lines(m)) > 0 || !slices.Equal(m.DeletesUnseen, []value.Side{value.FnO, value.Dataverse}) {
		t.Errorf("%q, unseen %v", lines(m), m.DeletesUnseen)
	}
}

// TestCompanyIsAskedFor: of the rows of Dataverse only those of the company that
// is compared are read, tracked by nobody.
func TestCompanyIsAskedFor(t *testing.T) {
	w := joined(t, 12)
	w.Dataverse.Change("accounts", account(w, "C000"), values{"name": text("x")})
	w.Dataverse.Change("accounts", account(w, "C001"), values{"name": text("y")})
	w.Dataverse.Requests()
	m, _ := with(w, func(o *verify.Options) { o.Company = "DEMF" })
	if want := []string{"field  DEMF / C001 name Name C001|y"}; !slices.Equal(lines(m), want) || m.Rows.Dataverse != m.Rows.FnO || m.Rows.FnO == 0 {
		t.Errorf("%q, want %q: %+v", lines(m), want, m)
	}
	asked := 0
	for _, q := range w.Dataverse.Requests() {
		if strings.HasPrefix(q, "Page accounts") {
			asked++
			if q != "Page accounts msdyn_company" {
				t.Errorf("asked %q", q)
			}
		}
	}
	if asked == 0 {
		t.Error("no page was read")
	}
}

// TestOnItsWay: while an engine runs, a difference that is gone a moment later is
// none; one that stays is told.
func TestOnItsWay(t *testing.T) {
	w := joined(t, 6)
	w.Env.Batch = 2
	w.FnO.Change("CustomersV3", customer(w, "C000"), values{"OrganizationName": text("new")})
	w.FnO.Change("CustomersV3", customer(w, "C001"), values{"OrganizationName": text("stays")})
	w.Customer("USMF", "NEW", nil)
	reads := 0
	w.Dataverse.OnRead = func(op, set string) error {
		if op == "Read" && set == "accounts" {
			if reads++; reads == 2 {
				w.Dataverse.OnRead = nil
				w.Dataverse.Change("accounts", account(w, "C000"), values{"name": text("new")})
				w.Account("USMF", "NEW", nil)
			}
		}
		return nil
	}
	m, _ := with(w, func(o *verify.Options) { o.Running = true })
	if got, want := lines(m), []string{"field  DEMF / C001 name stays|Name C001"}; !slices.Equal(got, want) || m.Settled != 2 {
		t.Errorf("%q, want %q; %+v", got, want, m)
	}
}

// TestBehindALongQueue: what a running engine has read and not handled yet is
// explained, however long it takes; a paused one leaves it as it is.
func TestBehindALongQueue(t *testing.T) {
	w := joined(t, 4)
	w.FnO.Change("CustomersV3", customer(w, "C000"), values{"OrganizationName": text("new")})
	w.FnO.Change("CustomersV3", customer(w, "C001"), values{"OrganizationName": text("nobody has read it")})
	p := pair(w, "usmf\x1fc000")
	w.Update(func(tx store.Tx) error {
		return tx.AddObservations([]record.Observation{{Map: "customers", Side: value.FnO, Key: p.Key, Company: p.Company, ID: p.FnO.ID}})
	})
	running := func(o *verify.Options) { o.Running = true }
	m, found := with(w, running)
	if m.Findings != 1 || m.Explained != 1 || len(found) != 1 || !strings.Contains(found[0].Key, "c001") {
		t.Errorf("%d findings, %d explained: %+v", m.Findings, m.Explained, m.Details)
	}
	w.Update(func(tx store.Tx) error {
		return store.PutRunState(tx, "customers", store.RunState{Status: store.StatusPaused})
	})
	if m, _ = with(w, running); m.Findings != 2 {
		t.Errorf("%d findings of a paused map", m.Findings)
	}
	w.Update(func(tx store.Tx) error { return store.PutRunState(tx, "customers", store.RunState{}) })
	if m, _ = with(w, func(*verify.Options) {}); m.Findings != 2 {
		t.Errorf("%d findings while nothing runs", m.Findings)
	}
}
