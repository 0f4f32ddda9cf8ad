package control_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

// desk is a joined link whose operator gives commands while nothing runs.
type desk struct{ *enginetest.World }

func newDesk(t *testing.T, customers int) *desk {
	d := &desk{enginetest.New(t, enginetest.Config)}
	d.Group(value.FnO, "USMF", "10", "Wholesale")
	for i := range customers {
		d.Customer("USMF", fmt.Sprint("US-", i), values{"CustomerGroupId": text("10")})
	}
	runner := initial.Runner{Env: d.Env}
	if err := runner.Join(t.Context(), d.Env.Maps, d.Env.Maps); err != nil {
		t.Fatal(err)
	}
	return d
}

// command carries one out and gives its answer, or its diagnostic's code.
func (d *desk) command(name, mapName string, args ...string) (answer, code string) {
	d.Helper()
	answer, err := control.Execute(d.Context(), d.Env, store.Command{Name: name, Map: mapName, Args: args, By: "ann"})
	var f *diag.Failure
	switch {
	case errors.As(err, &f):
		return answer, f.List[0].Code
	case err != nil:
		d.Fatal(err)
	}
	return answer, ""
}

// does carries a command out that must not be refused.
func (d *desk) does(name, mapName string, args ...string) string {
	d.Helper()
	answer, code := d.command(name, mapName, args...)
	if code != "" || answer == "" {
		d.Fatalf("%s %s %q: %q, %s", name, mapName, args, answer, code)
	}
	return answer
}

func (d *desk) refuses(want, name, mapName string, args ...string) {
	d.Helper()
	if answer, code := d.command(name, mapName, args...); code != want {
		d.Errorf("%s %s %q: %q, code %q, want %s", name, mapName, args, answer, code, want)
	}
}

func (d *desk) state(mapName string) (s store.RunState) {
	d.Helper()
	d.World.View(func(tx store.Tx) (err error) {
		s, err = store.RunStateOf(tx, mapName)
		return err
	})
	return s
}

func (d *desk) deployed(mapName string) (m plan.DeployedMap) {
	d.Helper()
	d.World.View(func(tx store.Tx) error {
		found, err := tx.DeployedMap(enginetest.Link, mapName)
		if found != nil {
			m = *found
		}
		return err
	})
	return m
}

// rename edits a customer in F&O and captures that.
func (d *desk) rename(account, name string) {
	d.Helper()
	for _, r := range d.FnO.Rows("CustomersV3") {
		if r.Values["CustomerAccount"] == text(account) {
			d.FnO.Change("CustomersV3", r.ID, values{"OrganizationName": text(name)})
		}
	}
	d.capture()
}

// capture reads all of F&O's customers as a scan would.
func (d *desk) capture() {
	d.Helper()
	w := capture.NewWatcher(&capture.Reader{Env: d.Env, Map: d.Map("customers"), Refs: refs.New(d.Env)})
	for done := false; !done; {
		var err error
		if done, _, err = w.Scan(d.Context(), value.FnO); err != nil {
			d.Fatal(err)
		}
	}
}

func (d *desk) name(number string) string {
	return d.Dataverse.Get("accounts", "accountnumber", number, "name").String()
}

func (d *desk) entries(kind record.Kind) (ids []string) {
	d.Helper()
	d.World.View(func(tx store.Tx) error {
		listed, err := tx.Listed(store.ListedQuery{Kind: kind}, 0, 0)
		for _, l := range listed {
			ids = append(ids, fmt.Sprint(l.ID))
		}
		return err
	})
	return ids
}

func (d *desk) lists(want ...string) {
	d.Helper()
	if got := d.Listed("customers"); !slices.Equal(got, want) {
		d.Errorf("listed %q, want %q", got, want)
	}
}

func TestPause(t *testing.T) {
	d := newDesk(t, 2)
	d.does(control.Pause, "customers")
	if s := d.state("customers"); s.Status != store.StatusPaused || s.Override != store.StatusPaused || s.By != "ann" {
		t.Errorf("%+v", s)
	}
	if s := d.state("groups"); s.Override != "" {
		t.Errorf("another map: %+v", s)
	}
	before := d.state("customers")
	if d.does(control.Pause, "customers"); d.state("customers") != before {
		t.Errorf("paused twice: %+v", d.state("customers"))
	}
	d.does(control.Pause, "")
	for _, m := range d.Env.Maps {
		if s := d.state(m.Name); s.Override != store.StatusPaused {
			t.Errorf("%s: %+v", m.Name, s)
		}
	}
	d.does(control.Resume, "")
	for _, m := range d.Env.Maps {
		if s := d.state(m.Name); s.Override != store.StatusRunning || s.Status != store.StatusCatchingUp {
			t.Errorf("%s: %+v", m.Name, s)
		}
	}
	d.refuses(diag.CodeBadCommand, control.Pause, "nobody")
	d.refuses(diag.CodeBadCommand, "dance", "customers")
	d.refuses(diag.CodeBadCommand, control.Resume, "customers", "somehow")
}

// TestResumeWays: what waited is handled, kept as failures or left alone.
func TestResumeWays(t *testing.T) {
	paused := func(t *testing.T) *desk {
		d := newDesk(t, 3)
		d.does(control.Pause, "customers")
		d.rename("US-0", "New 0")
		d.Customer("USMF", "US-NEW", nil)
		d.capture()
		if n := d.Queued("customers"); n != 2 {
			t.Fatalf("%d wait", n)
		}
		return d
	}
	t.Run("catch up", func(t *testing.T) {
		d := paused(t)
		d.does(control.Resume, "customers")
		if n := d.Queued("customers"); n != 2 {
			t.Errorf("%d wait", n)
		}
		d.lists()
	})
	t.Run("keep", func(t *testing.T) {
		d := paused(t)
		d.does(control.Resume, "customers", store.ResumeKeep)
		d.lists("failed DW674 USMF / US-0", "failed DW674 USMF / US-NEW")
		if n := d.Queued("customers"); n != 0 {
			t.Errorf("%d wait", n)
		}
		d.capture() // what was kept is nothing new to a scan
		if n := d.Queued("customers"); n != 0 {
			t.Errorf("%d wait after a scan", n)
		}
		d.does(control.Retry, "customers")
		if d.lists(); d.name("US-0") != "New 0" || d.name("US-NEW") != "Name US-NEW" {
			t.Errorf("names %q and %q", d.name("US-0"), d.name("US-NEW"))
		}
	})
	t.Run("discard", func(t *testing.T) {
		d := paused(t)
		d.does(control.Resume, "customers", store.ResumeDiscard)
		d.lists("tolerated DW675 USMF / US-0", "tolerated DW675 USMF / US-NEW")
		if n := d.Queued("customers"); n != 0 || d.name("US-0") != "Name US-0" {
			t.Errorf("%d wait, name %q", n, d.name("US-0"))
		}
		d.does(control.Retry, "customers")
		if d.lists(); d.name("US-0") != "New 0" || d.name("US-NEW") != "Name US-NEW" {
			t.Errorf("names %q and %q", d.name("US-0"), d.name("US-NEW"))
		}
	})
	t.Run("only what was paused", func(t *testing.T) {
		d := newDesk(t, 1)
		d.rename("US-0", "New 0")
		d.command(control.Resume, "customers", store.ResumeDiscard)
		if n := d.Queued("customers"); n != 1 {
			t.Errorf("%d wait of a map that runs", n)
		}
	})
}

func TestStop(t *testing.T) {
	d := newDesk(t, 1)
	d.does(control.Stop, "customers")
	d.World.View(func(tx store.Tx) error {
		for _, side := range []value.Side{value.FnO, value.Dataverse} {
			if c, err := tx.Cursor("customers", side); err != nil || c != (store.Cursor{}) {
				t.Errorf("cursor of %s: %+v, %v", side, c, err)
			}
		}
		return nil
	})
	if s := d.state("customers"); s.Status != store.StatusStopped {
		t.Errorf("%+v", s)
	}
	d.does(control.Resume, "customers")
	if m, s := d.deployed("customers"), d.state("customers"); m.Initial != "pending" || s.Status != store.StatusInitializing || len(d.Pairs("customers")) != 1 {
		t.Errorf("initial %s, %+v, %d pairs", m.Initial, s, len(d.Pairs("customers")))
	}
	// A map that is to be joined cannot be paused, but stopped.
	d.refuses(diag.CodeBadCommand, control.Pause, "customers")
	d.does(control.Stop, "customers")
}

// TestResumeAfterAFault tries again and reads nothing afresh.
func TestResumeAfterAFault(t *testing.T) {
	d := newDesk(t, 1)
	d.World.Update(func(tx store.Tx) error {
		return store.PutRunState(tx, "customers", store.RunState{Status: store.StatusStopped, Fault: true, Reason: "DW673"})
	})
	d.does(control.Resume, "customers")
	if m, s := d.deployed("customers"), d.state("customers"); m.Initial != "done" || s.Fault || s.Status != store.StatusCatchingUp || s.Reason != "" {
		t.Errorf("initial %s, %+v", m.Initial, s)
	}
}

// TestRetryOfSeveralMaps goes by waves: what a later map needs is there by then.
func TestRetryOfSeveralMaps(t *testing.T) {
	d := newDesk(t, 1)
	d.World.Update(func(tx store.Tx) error {
		return tx.PutListed([]record.Listed{
			{Kind: record.Failed, Map: "customers", Key: "usmf\x1fus-new", Record: "USMF / US-NEW", Company: "USMF", Side: value.Dataverse, Code: diag.CodeServiceRefused},
			{Kind: record.Failed, Map: "groups", Key: "usmf\x1f20", Record: "USMF / 20", Company: "USMF", Side: value.Dataverse, Code: diag.CodeServiceRefused},
			{Kind: record.Failed, Map: "removed", Key: "x", Record: "x", Side: value.Dataverse, Code: diag.CodeServiceRefused},
		})
	})
	d.Group(value.FnO, "USMF", "20", "Retail")
	d.Customer("USMF", "US-NEW", values{"CustomerGroupId": text("20")})
	names, err := control.Begin(d.Env, store.Command{Name: control.Retry, Args: []string{"all"}}).Maps(t.Context())
	if err != nil || !slices.Equal(names, []string{"groups"}) {
		t.Errorf("the first step concerns %q, %v", names, err)
	}
	answer := d.does(control.Retry, "", "all")
	if !strings.Contains(answer, "customers") || !strings.Contains(answer, "groups") || strings.Contains(answer, "removed") {
		t.Errorf("answer %q", answer)
	}
	if d.lists(); len(d.Listed("groups")) != 0 || d.name("US-NEW") != "Name US-NEW" {
		t.Errorf("groups %q, name %q", d.Listed("groups"), d.name("US-NEW"))
	}
	if got := d.Dataverse.Get("accounts", "accountnumber", "US-NEW", "msdyn_customergroupid"); got != d.Ref("msdyn_customergroups", "msdyn_customergroup", "msdyn_groupid", "20") {
		t.Errorf("group %v", got)
	}
}

// TestRetryKeepsWhatIsStillWrong and is told by numbers or kinds.
func TestRetryKeepsWhatIsStillWrong(t *testing.T) {
	d := newDesk(t, 1)
	d.Customer("USMF", "US-NEW", values{"CustomerGroupId": text("30")})
	d.World.Update(func(tx store.Tx) error {
		return tx.PutListed([]record.Listed{{Kind: record.Failed, Map: "customers", Key: "usmf\x1fus-new", Company: "USMF", Side: value.Dataverse, Code: diag.CodeServiceRefused}})
	})
	d.does(control.Retry, "customers", "kind=failed")
	d.lists("parked DW601 USMF / US-NEW msdyn_customergroupid.msdyn_groupid")
	if n := d.Queued("customers"); n != 1 {
		t.Errorf("%d wait: it would not go on by itself", n)
	}
	d.Group(value.Dataverse, "USMF", "30", "New")
	d.does(control.Retry, "", d.entries(record.Parked)...)
	d.lists()
}

// TestDrop accepts both sides as they are until the next edit.
func TestDrop(t *testing.T) {
	d := newDesk(t, 2)
	d.rename("US-0", "Kept apart")
	d.World.Update(func(tx store.Tx) error {
		return tx.PutListed([]record.Listed{
			{Kind: record.Held, Map: "customers", Key: "usmf\x1fus-0", Record: "USMF / US-0", Company: "USMF", Side: value.Dataverse, Field: "name", Code: diag.CodeBothMoved},
			{Kind: record.Failed, Map: "customers", Key: "usmf\x1fnever", Record: "USMF / NEVER", Company: "USMF", Side: value.Dataverse, Code: diag.CodeServiceRefused},
		})
	})
	d.does(control.Drop, "", d.entries(record.Held)...)
	d.does(control.Drop, "", d.entries(record.Failed)...)
	if n := d.Queued("customers"); n != 0 || d.name("US-0") != "Name US-0" {
		t.Errorf("%d wait, name %q", n, d.name("US-0"))
	}
	for _, l := range d.Listed("customers") {
		if !strings.HasPrefix(l, "tolerated DW676") {
			t.Errorf("listed %q", l)
		}
	}
	for _, p := range d.Pairs("customers") {
		for _, b := range p.Base {
			if b.State != record.Known && p.Key == "usmf\x1fus-0" {
				t.Errorf("base %+v", p.Base)
			}
		}
	}
	// The next edit is carried over.
	d.rename("US-0", "Later")
	d.does(control.Retry, "customers")
	if d.name("US-0") != "Later" {
		t.Errorf("name %q", d.name("US-0"))
	}
}

func TestApprove(t *testing.T) {
	d := newDesk(t, 30)
	for _, r := range d.FnO.Rows("CustomersV3")[:25] {
		d.FnO.Delete("CustomersV3", r.ID)
	}
	d.capture()
	d.lists("held DW670 USMF / all records")
	ids := d.entries(record.Held)
	d.does(control.Approve, "", ids...)
	d.capture()
	if n := d.Queued("customers"); n != 25 {
		t.Errorf("%d deletes are captured", n)
	}
	d.lists()
	d.World.Update(func(tx store.Tx) error {
		return tx.PutListed([]record.Listed{{Kind: record.Failed, Map: "customers", Key: "usmf\x1fus-0", Side: value.Dataverse, Code: diag.CodeServiceRefused}})
	})
	d.refuses(diag.CodeBadCommand, control.Approve, "", d.entries(record.Failed)...)
}

// TestUnknownEntries are said, and nothing is done.
func TestUnknownEntries(t *testing.T) {
	d := newDesk(t, 1)
	for _, name := range []string{control.Retry, control.Drop, control.Approve} {
		d.refuses(diag.CodeNoSuchEntry, name, "", "4711")
		d.refuses(diag.CodeBadCommand, name, "", "many")
		d.refuses(diag.CodeBadCommand, name, "")
		d.refuses(diag.CodeBadCommand, name, "nobody")
		names, err := control.Begin(d.Env, store.Command{Name: name, Args: []string{"4711"}}).Maps(t.Context())
		if err != nil || len(names) != 0 {
			t.Errorf("%s of an unknown entry concerns %q, %v", name, names, err)
		}
	}
}

// TestCommandThatIsCutOff: a service that cannot be asked leaves the work to be
// done again.
func TestCommandThatIsCutOff(t *testing.T) {
	d := newDesk(t, 1)
	d.rename("US-0", "New 0")
	d.World.Update(func(tx store.Tx) error {
		return tx.PutListed([]record.Listed{{Kind: record.Failed, Map: "customers", Key: "usmf\x1fus-0", Side: value.Dataverse, Code: diag.CodeServiceRefused}})
	})
	down := errors.New("down")
	for _, op := range []string{"Read", "Find"} {
		d.Dataverse.OnRead = func(asked, _ string) error {
			if asked == op {
				return down
			}
			return nil
		}
		_, err := control.Execute(t.Context(), d.Env, store.Command{Name: control.Retry, Map: "customers"})
		if op == "Read" && !errors.Is(err, down) {
			t.Errorf("%s fails: error %v", op, err)
		}
	}
	d.Dataverse.OnRead = nil
	d.does(control.Retry, "customers", "all")
	if d.name("US-0") != "New 0" {
		t.Errorf("name %q", d.name("US-0"))
	}
}
