package live_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/engine/live"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

// office is a world that is kept equal by a runner, in simulated time.
type office struct {
	*enginetest.World
	o     live.Options
	steps []func() // between two looks of the runner whether to stop
}

func newOffice(t *testing.T, config string, seed uint64) *office {
	w := enginetest.New(t, config)
	w.Env.Host = host.Simulated(seed)
	return &office{World: w, o: live.Options{Scan: 5 * time.Second, Sweep: 10 * time.Second, Match: match, EntityKey: entityKey}}
}

// match and entityKey read notices as the tests write them: the entity set, and
// the fields of the key.
func match(t *schema.Table, n connect.Notice) bool { return t.Side == n.Side && t.Set == n.Table }

func entityKey(t *schema.Table, n connect.Notice) (key []value.Value, ok bool) {
	for _, name := range t.Key {
		key = append(key, text(n.Values[name]))
	}
	return key, len(n.Values) > 0
}

// joined does the initial sync of all maps.
func (o *office) joined() *office {
	o.Helper()
	runner := initial.Runner{Env: o.Env}
	if err := runner.Join(o.Context(), o.Env.Maps, o.Env.Maps); err != nil {
		o.Fatal(err)
	}
	return o
}

// run runs for a simulated time and gives the runner.
func (o *office) run(d time.Duration) *live.Runner {
	o.Helper()
	r := live.New(o.Env, o.o)
	if err := o.runs(r, d); err != nil {
		o.Fatal(err)
	}
	return r
}

func (o *office) runs(r *live.Runner, d time.Duration) error {
	until := o.Env.Host.Clock.Now().Add(d)
	o.Env.Stopping = func() bool {
		if len(o.steps) > 0 {
			step := o.steps[0]
			o.steps = o.steps[1:]
			step()
			return false
		}
		return !o.Env.Host.Clock.Now().Before(until)
	}
	defer func() { o.Env.Stopping = nil }()
	return r.Run(o.Context())
}

func (o *office) account(number, column string) value.Value {
	return o.Dataverse.Get("accounts", "accountnumber", number, column)
}

func (o *office) customer(account, field string) value.Value {
	return o.FnO.Get("CustomersV3", "CustomerAccount", account, field)
}

func (o *office) same(what string, got, want any) {
	o.Helper()
	if got != want {
		o.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (o *office) state(name string) (s store.RunState) {
	o.Helper()
	o.World.View(func(tx store.Tx) (err error) {
		s, err = store.RunStateOf(tx, name)
		return err
	})
	return s
}

func (o *office) listed(name string, want ...string) {
	o.Helper()
	if got := o.Listed(name); !slices.Equal(got, want) {
		o.Errorf("listed for %s: %q, want %q", name, got, want)
	}
}

// idOf gives the id of the record that a column names.
func idOf(t testing.TB, s *enginetest.System, set, column, name string) string {
	t.Helper()
	for _, r := range s.Rows(set) {
		if r.Values[column] == text(name) {
			return r.ID
		}
	}
	t.Fatalf("no row of %s has %s = %s", set, column, name)
	return ""
}

// writes gives how many writes reached both systems since the last call.
func (o *office) writes() (lines []string) {
	for _, s := range []*enginetest.System{o.FnO, o.Dataverse} {
		for _, l := range s.Requests() {
			if strings.HasPrefix(l, "create") || strings.HasPrefix(l, "update") || strings.HasPrefix(l, "delete") {
				lines = append(lines, string(s.Side())+" "+l)
			}
		}
	}
	return lines
}

func TestEditsOfBothSidesArrive(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.Group(value.FnO, "USMF", "10", "Wholesale")
	for i := range 5 {
		o.Customer("USMF", fmt.Sprint("US-", i), values{"CustomerGroupId": text("10")})
	}
	o.joined()
	o.FnO.Change("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-1"), values{"OrganizationName": text("From F&O")})
	o.Dataverse.Change("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-2"), values{"name": text("From Dataverse")})
	o.Customer("DEMF", "DE-1", nil)
	o.Account("DEMF", "DE-2", nil)
	r := o.run(20 * time.Second)
	o.same("US-1", o.account("US-1", "name"), text("From F&O"))
	o.same("US-2", o.customer("US-2", "OrganizationName"), text("From Dataverse"))
	o.same("DE-1", o.account("DE-1", "name"), text("Name DE-1"))
	o.same("DE-2", o.customer("DE-2", "OrganizationName"), text("Name DE-2"))
	o.listed("customers")
	o.writes()
	o.run(60 * time.Second)
	if w := o.writes(); len(w) > 0 {
		t.Errorf("writes without an edit: %q", w)
	}
	var customers report.Live
	for _, l := range r.Status() {
		if l.Status != store.StatusRunning || l.Reason != "" {
			t.Errorf("%s is %s: %s", l.Map, l.Status, l.Reason)
		}
		if l.Map == "customers" {
			customers = l
		}
	}
	if customers.Handled < 4 || customers.Written.FnO < 2 || customers.Written.Dataverse < 2 || customers.Queued != 0 {
		t.Errorf("status %+v", customers)
	}
}

func TestDeletesArrive(t *testing.T) {
	o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, `  deletes = { to_dataverse = "propagate", to_fno = "propagate" }
  constant "customertypecode"`), 1)
	for i := range 6 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	o.FnO.Delete("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-1"))
	o.Dataverse.Delete("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-2"))
	o.run(30 * time.Second)
	if n, m := len(o.FnO.Rows("CustomersV3")), len(o.Dataverse.Rows("accounts")); n != 4 || m != 4 {
		t.Errorf("%d customers and %d accounts", n, m)
	}
	o.listed("customers")
	// Deleted and created again, on both sides in turn.
	o.FnO.Delete("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-3"))
	o.Customer("USMF", "US-3", values{"OrganizationName": text("Second")})
	o.Dataverse.Delete("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-4"))
	o.run(30 * time.Second)
	o.Account("USMF", "US-4", values{"name": text("Second")})
	o.run(30 * time.Second)
	o.same("US-3", o.account("US-3", "name"), text("Second"))
	o.same("US-4", o.customer("US-4", "OrganizationName"), text("Second"))
	o.listed("customers")
}

// TestParkedAndOwedGoOn when what they wait for arrives, without a sweep.
func TestParkedAndOwedGoOn(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.o.Sweep = time.Hour
	o.joined()
	o.Customer("USMF", "US-1", values{"CustomerGroupId": text("10"), "InvoiceAccount": text("US-2")})
	o.run(20 * time.Second)
	// A record that is not written yet owes nothing.
	o.listed("customers", "parked DW601 USMF / US-1 msdyn_customergroupid.msdyn_groupid")
	o.Group(value.FnO, "USMF", "10", "Wholesale")
	o.run(20 * time.Second)
	o.listed("customers", "owed DW602 USMF / US-1 msdyn_billingaccount.accountnumber")
	o.Customer("USMF", "US-2", nil)
	o.run(20 * time.Second)
	o.listed("customers")
	o.same("billing account", o.account("US-1", "msdyn_billingaccount"), o.Ref("accounts", "account", "accountnumber", "US-2"))
}

// TestParkedTowardsFnOGoesOn: what waits for an F&O record is not named by its
// key.
func TestParkedTowardsFnOGoesOn(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.o.Sweep = time.Hour
	o.Group(value.FnO, "USMF", "10", "Wholesale")
	o.joined()
	o.FnO.OnWrite = func(t *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Refused, Message: "closed today"}, false, t.Set == "CustomerGroups"
	}
	group := o.Group(value.Dataverse, "USMF", "20", "Retail")
	o.Account("USMF", "US-1", values{"msdyn_customergroupid": value.NewReference("msdyn_customergroup", group)})
	o.run(20 * time.Second)
	if l := o.Listed("customers"); len(l) != 1 || !strings.HasPrefix(l[0], "parked ") {
		t.Fatalf("listed %q", l)
	}
	o.FnO.OnWrite = nil
	o.Dataverse.Change("msdyn_customergroups", group, values{"msdyn_description": text("Retail too")})
	o.run(20 * time.Second)
	o.listed("customers")
	o.same("group", o.customer("US-1", "CustomerGroupId"), text("20"))
}

// TestParkedTowardsFnOGoesOnWithoutAWrite: the record that is waited for comes
// to F&O by somebody else's hand.
func TestParkedTowardsFnOGoesOnWithoutAWrite(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.o.Sweep = time.Hour
	o.Group(value.FnO, "USMF", "10", "Wholesale")
	o.joined()
	o.FnO.OnWrite = func(t *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Refused, Message: "closed"}, false, t.Set == "CustomerGroups"
	}
	group := o.Group(value.Dataverse, "USMF", "20", "Retail")
	o.Account("USMF", "US-1", values{"msdyn_customergroupid": value.NewReference("msdyn_customergroup", group)})
	arrive := func() { o.Group(value.FnO, "USMF", "20", "Retail") }
	for n := range 400 {
		o.steps = append(o.steps, func() {
			if n != 300 {
				return
			}
			if l := o.Listed("customers"); len(l) != 1 || !strings.HasPrefix(l[0], "parked ") {
				t.Errorf("listed %q", l)
			}
			o.World.View(func(tx store.Tx) error {
				l, err := tx.Listed(store.ListedQuery{WaitMap: "groups", Keys: []string{"usmf\x1f20"}}, 0, 0)
				if len(l) != 1 {
					t.Errorf("%d entries wait for the group", len(l))
				}
				return err
			})
			arrive()
		})
	}
	o.run(2 * time.Minute)
	o.listed("groups")
	o.listed("customers")
	o.same("groups in Dataverse", len(o.Dataverse.Rows("msdyn_customergroups")), 2)
	o.same("group", o.customer("US-1", "CustomerGroupId"), text("20"))
}

func TestSweepFindsWhatComesFromElsewhere(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.joined()
	o.Customer("USMF", "US-1", values{"SalesCurrencyCode": text("GBP")})
	o.run(20 * time.Second)
	o.listed("customers", "parked DW601 USMF / US-1 transactioncurrencyid.isocurrencycode")
	o.Dataverse.Put("transactioncurrencies", values{"isocurrencycode": text("GBP")})
	o.run(20 * time.Second)
	o.listed("customers")
}

// TestRunBeginsWithASweep: a run that ends as soon as it has what others wait
// for leaves it to the next one to tell them.
func TestRunBeginsWithASweep(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.o.Sweep = time.Hour
	o.joined()
	o.Customer("USMF", "US-1", values{"InvoiceAccount": text("US-2")})
	o.run(20 * time.Second)
	o.listed("customers", "owed DW602 USMF / US-1 msdyn_billingaccount.accountnumber")
	o.Customer("USMF", "US-2", nil)
	o.Env.Stopping = func() bool {
		there := false
		o.World.View(func(tx store.Tx) error {
			pairs, err := tx.PairsByKey("customers", []string{"usmf\x1fus-2"})
			there = len(pairs) > 0 && pairs[0].Dataverse.Version != ""
			return err
		})
		return there
	}
	if err := live.New(o.Env, o.o).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.listed("customers", "owed DW602 USMF / US-1 msdyn_billingaccount.accountnumber")
	o.run(20 * time.Second)
	o.listed("customers")
	o.same("billing account", o.account("US-1", "msdyn_billingaccount"), o.Ref("accounts", "account", "accountnumber", "US-2"))
}

func notice(op, set, company, key, account, id string) connect.Notice {
	return connect.Notice{Side: value.FnO, Table: set, Op: op, ID: id, Values: map[string]string{"dataAreaId": strings.ToLower(company), key: account}}
}

// TestNoticesAreHandledAtOnce, without waiting for a scan.
func TestNoticesAreHandledAtOnce(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.o.Scan, o.o.PollLeast, o.o.PollMost = time.Hour, time.Hour, time.Hour
	for i := range 4 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	r := live.New(o.Env, o.o)
	send := func(n ...connect.Notice) func() {
		return func() {
			if err := r.Notices(t.Context(), n); err != nil {
				t.Error(err)
			}
		}
	}
	one := idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-1")
	two := idOf(t, o.Dataverse, "accounts", "accountnumber", "US-2")
	nothing := func() {}
	for range 20 {
		o.steps = append(o.steps, nothing)
	}
	o.steps = append(o.steps,
		func() { o.FnO.Change("CustomersV3", one, values{"OrganizationName": text("New")}) },
		send(notice("update", "CustomersV3", "usmf", "CustomerAccount", "US-1", one), notice("update", "Unknown", "usmf", "A", "B", "1")),
		func() { o.Dataverse.Change("accounts", two, values{"name": text("New too")}) },
		send(connect.Notice{Side: value.Dataverse, Table: "accounts", Op: "update", ID: two}),
	)
	if err := o.runs(r, 3*time.Second); err != nil {
		t.Fatal(err)
	}
	o.same("US-1", o.account("US-1", "name"), text("New"))
	o.same("US-2", o.customer("US-2", "OrganizationName"), text("New too"))
	o.FnO.OnRead = func(string, string) error { return errors.New("down") }
	if err := r.Notices(t.Context(), []connect.Notice{notice("update", "CustomersV3", "usmf", "CustomerAccount", "US-1", one)}); err == nil {
		t.Error("a notice that could not be captured was accepted")
	}
}

// TestLostNoticesAreFoundByScans and those that name no record make one due.
func TestLostNoticesAreFoundByScans(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.o.Scan = time.Hour
	for i := range 3 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	r := live.New(o.Env, o.o)
	for range 30 {
		o.steps = append(o.steps, func() {})
	}
	o.steps = append(o.steps, func() {
		o.FnO.Change("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-1"), values{"OrganizationName": text("New")})
		if err := r.Notices(t.Context(), []connect.Notice{{Side: value.FnO, Table: "CustomersV3", Op: "update", ID: "1"}}); err != nil {
			t.Error(err)
		}
	})
	if err := o.runs(r, 5*time.Second); err != nil {
		t.Fatal(err)
	}
	o.same("US-1", o.account("US-1", "name"), text("New"))
}

// down is an error as connectors give them for a service that cannot be
// reached.
func down() error {
	return diag.Fail(diag.Diagnostic{Code: diag.CodeServiceOverloaded, Severity: diag.Error, Summary: "the service is not there"})
}

// TestServiceThatIsDown: the maps wait and say why, and go on when it is back.
func TestServiceThatIsDown(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.Customer("USMF", "US-1", nil)
	o.joined()
	o.FnO.OnRead = func(string, string) error { return down() }
	o.Dataverse.Change("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-1"), values{"name": text("New")})
	o.run(30 * time.Second)
	if s := o.state("customers"); !strings.Contains(s.Reason, "the service is not there") || s.Status == store.StatusStopped {
		t.Errorf("state %+v", s)
	}
	asked := len(o.FnO.Requests())
	o.FnO.OnRead = nil
	o.run(90 * time.Second)
	o.same("US-1", o.customer("US-1", "OrganizationName"), text("New"))
	if s := o.state("customers"); s.Reason != "" || s.Status != store.StatusRunning {
		t.Errorf("state %+v after %d requests", s, asked)
	}
}

// TestFaultOfOneMapStopsOnlyThat, whether it is an error that nobody can
// explain or a panic.
func TestFaultOfOneMapStopsOnlyThat(t *testing.T) {
	for name, wrong := range map[string]func() error{
		"error": func() error { return errors.New("this cannot be") },
		"panic": func() error { panic("this cannot be") },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, enginetest.Config, 1)
			o.joined()
			o.Dataverse.OnRead = func(op, set string) error {
				if op == "Changes" && set == "msdyn_customergroups" {
					return wrong()
				}
				return nil
			}
			o.Customer("USMF", "US-1", nil)
			o.run(30 * time.Second)
			if s := o.state("groups"); s.Status != store.StatusStopped || !s.Fault || !strings.Contains(s.Reason, "this cannot be") || !strings.Contains(s.Reason, diag.CodeMapFault) {
				t.Errorf("state %+v", s)
			}
			o.same("US-1", o.account("US-1", "name"), text("Name US-1"))
			// A command lets it try again.
			o.Dataverse.OnRead = nil
			o.Group(value.Dataverse, "USMF", "10", "New")
			o.command(control.Resume, "groups")
			o.run(20 * time.Second)
			o.same("group", o.FnO.Get("CustomerGroups", "CustomerGroupId", "10", "Description"), text("New"))
			if s := o.state("groups"); s.Status != store.StatusRunning {
				t.Errorf("state %+v", s)
			}
		})
	}
}

// command leaves a command for the next run and gives its number.
func (o *office) command(name, mapName string, args ...string) int64 {
	o.Helper()
	c := store.Command{Name: name, Map: mapName, Args: args, At: "2026-01-05T08:00:00Z", By: "ann"}
	o.Update(func(tx store.Tx) error { return tx.AddCommand(&c) })
	return c.ID
}

func (o *office) answer(id int64) (c store.Command) {
	o.Helper()
	o.World.View(func(tx store.Tx) error {
		all, err := tx.Commands(0, 0, false)
		for _, one := range all {
			if one.ID == id {
				c = one
			}
		}
		return err
	})
	return c
}

func TestRunEndsWithItsContext(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.Env.Host = host.Real(t.TempDir())
	o.joined()
	ctx, cancel := context.WithCancel(t.Context())
	o.Env.Progress = func(report.Progress) { cancel() } // as soon as something was done
	if err := live.New(o.Env, o.o).Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// TestRunJoinsFirst: maps whose initial sync is not done are joined, while
// others already run.
func TestRunJoinsFirst(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.Group(value.FnO, "USMF", "10", "Wholesale")
	for i := range 3 {
		o.Customer("USMF", fmt.Sprint("US-", i), values{"CustomerGroupId": text("10")})
	}
	o.run(30 * time.Second)
	if n := len(o.Dataverse.Rows("accounts")); n != 3 {
		t.Errorf("%d accounts", n)
	}
	for _, m := range o.Env.Maps {
		if s := o.state(m.Name); s.Status != store.StatusRunning {
			t.Errorf("%s: %+v", m.Name, s)
		}
	}
	o.Dataverse.Change("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-2"), values{"name": text("New")})
	o.run(10 * time.Second)
	o.same("US-2", o.customer("US-2", "OrganizationName"), text("New"))
}

// TestGateThatDiffersWaitsForAPerson: what changes values without showing it may
// go on doing so. Both sides are not read again and again.
func TestGateThatDiffersWaitsForAPerson(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.Group(value.FnO, "USMF", "10", "Wholesale")
	n := 0
	o.Dataverse.OnAnswer = func(table *schema.Table, w connect.Write) {
		if n++; table.Set == "msdyn_customergroups" {
			o.Dataverse.Slip(table.Set, w.Row.ID, values{"msdyn_description": text(fmt.Sprint("Plug-in ", n))})
		}
	}
	o.FnO.OnAnswer = func(table *schema.Table, w connect.Write) {
		if n++; table.Set == "CustomerGroups" {
			o.FnO.Slip(table.Set, o.FnO.Rows(table.Set)[0].ID, values{"Description": text(fmt.Sprint("Rule ", n))})
		}
	}
	o.run(20 * time.Minute)
	s := o.state("groups")
	if s.Status != store.StatusStopped || !s.Fault || !strings.Contains(s.Reason, "are not equal") {
		t.Errorf("state %+v", s)
	}
	read := 0
	for _, line := range o.FnO.Requests() {
		if line == "Page CustomerGroups" {
			read++
		}
	}
	if read > 3 {
		t.Errorf("F&O was read %d times", read)
	}
}

// TestStoreThatIsClosedEndsTheRun: without it no map can do anything.
func TestStoreThatIsClosedEndsTheRun(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.joined()
	for range 10 {
		o.steps = append(o.steps, func() {})
	}
	o.steps = append(o.steps, func() { _ = o.Store.Close() })
	if err := o.runs(live.New(o.Env, o.o), time.Minute); !errors.Is(err, store.ErrClosed) {
		t.Errorf("error %v", err)
	}
}
