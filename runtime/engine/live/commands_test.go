package live_test

import (
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
	"github.com/dualwrite/dw/runtime/engine/live"
	"github.com/dualwrite/dw/runtime/store"
)

// obeyed runs for a while and checks what was answered to a command.
func (o *office) obeyed(id int64, state store.CommandState, says string) {
	o.Helper()
	o.run(20 * time.Second)
	if c := o.answer(id); c.State != state || !strings.Contains(c.Answer, says) {
		o.Errorf("command %s: %s %q, want %s %q", c.Name, c.State, c.Answer, state, says)
	}
}

func (o *office) rename(account, name string) {
	o.Helper()
	o.FnO.Change("CustomersV3", idOf(o, o.FnO, "CustomersV3", "CustomerAccount", account), values{"OrganizationName": text(name)})
}

// pausedOffice has three joined customers, is paused, and two of them have
// changed since; a third is new.
func pausedOffice(t *testing.T) *office {
	o := newOffice(t, enginetest.Config, 1)
	for i := range 3 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	o.obeyed(o.command(control.Pause, "customers"), store.CommandDone, "is paused")
	o.rename("US-0", "New 0")
	o.rename("US-1", "New 1")
	o.Customer("USMF", "US-NEW", nil)
	o.Group(value.FnO, "USMF", "10", "Wholesale")
	o.run(20 * time.Second)
	o.same("US-0 while paused", o.account("US-0", "name"), text("Name US-0"))
	o.same("another map meanwhile", len(o.Dataverse.Rows("msdyn_customergroups")), 1)
	if s := o.state("customers"); s.Status != store.StatusPaused || s.By != "ann" {
		t.Errorf("state %+v", s)
	}
	o.same("captured while paused", o.Queued("customers"), int64(3))
	return o
}

func TestResumeCatchesUp(t *testing.T) {
	o := pausedOffice(t)
	o.obeyed(o.command(control.Resume, "customers"), store.CommandDone, "catches up")
	o.same("US-0", o.account("US-0", "name"), text("New 0"))
	o.same("US-1", o.account("US-1", "name"), text("New 1"))
	o.same("accounts", len(o.Dataverse.Rows("accounts")), 4)
	o.same("status", o.state("customers").Status, store.StatusRunning)
	o.listed("customers")
	o.obeyed(o.command(control.Resume, "customers"), store.CommandDone, "Nothing to do: map customers is ")
}

func TestResumeKeepsWhatWaited(t *testing.T) {
	o := pausedOffice(t)
	o.obeyed(o.command(control.Resume, "customers", store.ResumeKeep), store.CommandDone, "3 records that waited can be retried")
	o.same("US-0", o.account("US-0", "name"), text("Name US-0"))
	o.listed("customers", "failed DW674 USMF / US-0", "failed DW674 USMF / US-1", "failed DW674 USMF / US-NEW")
	// New edits are carried over, and bring what was kept along.
	o.rename("US-0", "Newer 0")
	o.run(20 * time.Second)
	o.same("US-0", o.account("US-0", "name"), text("Newer 0"))
	o.listed("customers", "failed DW674 USMF / US-1", "failed DW674 USMF / US-NEW")
	o.obeyed(o.command(control.Retry, "customers"), store.CommandDone, "2 records retried, 2 settled")
	o.same("US-1", o.account("US-1", "name"), text("New 1"))
	o.same("US-NEW", o.account("US-NEW", "name"), text("Name US-NEW"))
	o.listed("customers")
}

func TestDroppedTwiceIsToldOnce(t *testing.T) {
	o := pausedOffice(t)
	o.obeyed(o.command(control.Resume, "customers", store.ResumeKeep), store.CommandDone, "3 records")
	for range 2 {
		o.obeyed(o.command(control.Drop, "customers"), store.CommandDone, "3 records dropped")
	}
	o.World.View(func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: "customers"}, 0, 0)
		for _, one := range l {
			if strings.Count(one.Reason, "dropped") != 1 || !strings.Contains(one.Reason, "listed as failed") {
				t.Errorf("reason %q", one.Reason)
			}
		}
		o.same("listed", len(l), 3)
		return err
	})
}

// Several maps read one table: what none of this map's filters admits never
// waits for a person here.
func TestResumeLeavesRecordsOfOtherMapsAlone(t *testing.T) {
	for _, way := range []string{store.ResumeKeep, store.ResumeDiscard} {
		o := pausedOffice(t)
		o.Customer("USMF", "US-P", values{"PartyType": value.NewSymbol("Person")})
		o.run(20 * time.Second)
		o.same("captured while paused", o.Queued("customers"), int64(4))
		o.obeyed(o.command(control.Resume, "customers", way), store.CommandDone, "3 records")
		o.same("listed", len(o.ids("customers")), 3)
		o.same("queue", o.Queued("customers"), int64(0))
	}
}

func TestResumeDiscardsWhatWaited(t *testing.T) {
	o := pausedOffice(t)
	o.obeyed(o.command(control.Resume, "customers", store.ResumeDiscard), store.CommandDone, "stays as it is on both sides")
	tolerated := []string{"tolerated DW675 USMF / US-0", "tolerated DW675 USMF / US-1", "tolerated DW675 USMF / US-NEW"}
	o.run(60 * time.Second)
	o.same("US-0", o.account("US-0", "name"), text("Name US-0"))
	o.same("accounts", len(o.Dataverse.Rows("accounts")), 3)
	o.listed("customers", tolerated...)
	// An edit of another field leaves the difference alone.
	o.Dataverse.Change("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-0"), values{"emailaddress1": text("a@x")})
	o.run(20 * time.Second)
	o.same("email of US-0", o.customer("US-0", "Email"), text("a@x"))
	o.same("US-0", o.account("US-0", "name"), text("Name US-0"))
	// An edit of the field itself is carried over.
	o.rename("US-1", "Newest 1")
	o.run(20 * time.Second)
	o.same("US-1", o.account("US-1", "name"), text("Newest 1"))
	// And a retry takes it back.
	o.obeyed(o.command(control.Retry, "customers"), store.CommandDone, "retried")
	o.same("US-0", o.account("US-0", "name"), text("New 0"))
	o.same("US-NEW", o.account("US-NEW", "name"), text("Name US-NEW"))
	o.listed("customers")
}

func TestStopAndStartAgain(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	for i := range 3 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	o.obeyed(o.command(control.Stop, "customers"), store.CommandDone, "is stopped")
	o.rename("US-1", "New 1")
	o.FnO.Requests()
	o.run(20 * time.Second)
	if r := o.FnO.Requests(); slices.Contains(r, "Page CustomersV3") {
		t.Error("a stopped map is scanned")
	}
	o.same("queue", o.Queued("customers"), int64(0))
	o.obeyed(o.command(control.Resume, "customers"), store.CommandDone, "from the start")
	o.same("US-1", o.account("US-1", "name"), text("New 1"))
	o.same("status", o.state("customers").Status, store.StatusRunning)
	o.rename("US-2", "New 2")
	o.run(20 * time.Second)
	o.same("US-2", o.account("US-2", "name"), text("New 2"))
}

func (o *office) ids(mapName string) (ids []string) {
	o.Helper()
	o.World.View(func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: mapName}, 0, 0)
		for _, one := range l {
			ids = append(ids, fmt.Sprint(one.ID))
		}
		return err
	})
	return ids
}

// id gives the number of the entry of a record.
func (o *office) id(account string) (id string) {
	o.Helper()
	o.World.View(func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: "customers"}, 0, 0)
		for _, one := range l {
			if strings.HasSuffix(one.Key, account) {
				id = fmt.Sprint(one.ID)
			}
		}
		return err
	})
	return id
}

func TestRetryAndDrop(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	for i := range 3 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	refuse := true
	o.Dataverse.OnWrite = func(t *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Refused, Message: "a rule says no"}, false, refuse && t.Set == "accounts"
	}
	o.rename("US-0", "New 0")
	o.rename("US-1", "New 1")
	o.Customer("USMF", "US-NEW", nil)
	o.run(20 * time.Second)
	o.listed("customers", "failed DW644 usmf / us-0", "failed DW644 usmf / us-1", "failed DW644 usmf / us-new")
	// What failed is not tried again and again.
	o.writes()
	o.run(60 * time.Second)
	if w := o.writes(); len(w) > 0 {
		t.Errorf("writes %q", w)
	}
	o.obeyed(o.command(control.Retry, "", o.id("us-0")), store.CommandDone, "1 still listed")
	refuse = false
	o.obeyed(o.command(control.Retry, "", o.id("us-0"), o.id("us-new")), store.CommandDone, "2 settled")
	o.same("US-0", o.account("US-0", "name"), text("New 0"))
	o.same("US-NEW", o.account("US-NEW", "name"), text("Name US-NEW"))
	o.obeyed(o.command(control.Drop, "", o.id("us-1")), store.CommandDone, "1 record dropped")
	o.listed("customers", "tolerated DW676 usmf / us-1")
	o.run(60 * time.Second)
	o.same("US-1", o.account("US-1", "name"), text("Name US-1"))
	o.obeyed(o.command(control.Retry, "", "4711"), store.CommandRefused, diag.CodeNoSuchEntry)
	o.obeyed(o.command(control.Retry, "", "nonsense"), store.CommandRefused, "no number")
	o.obeyed(o.command(control.Retry, ""), store.CommandRefused, "no entry is named")
	o.obeyed(o.command(control.Pause, "custmers"), store.CommandRefused, `Did you mean "customers"?`)
	o.obeyed(o.command("dance", ""), store.CommandRefused, "no command")
	o.obeyed(o.command(control.Resume, "customers", "somehow"), store.CommandRefused, "cannot be resumed by")
}

// TestApprove carries out held deletes.
func TestApprove(t *testing.T) {
	o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, `  deletes = { to_dataverse = "propagate" }
  constant "customertypecode"`), 1)
	for i := range 40 {
		o.Customer("USMF", fmt.Sprintf("US-%02d", i), nil)
	}
	o.joined()
	for i := range 30 {
		o.FnO.Delete("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", fmt.Sprintf("US-%02d", i)))
	}
	o.run(20 * time.Second)
	o.same("accounts", len(o.Dataverse.Rows("accounts")), 40)
	o.listed("customers", "held DW670 USMF / all records")
	o.obeyed(o.command(control.Retry, "", o.ids("customers")...), store.CommandDone, "1 finding approved")
	o.same("accounts", len(o.Dataverse.Rows("accounts")), 10)
	o.listed("customers")
}

// TestRetryOfARecordThatIsGone ends its entry.
func TestRetryOfARecordThatIsGone(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	o.joined()
	o.Dataverse.OnWrite = func(t *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Refused, Message: "a rule says no"}, false, true
	}
	id := o.Customer("USMF", "US-1", nil)
	o.run(20 * time.Second)
	o.listed("customers", "failed DW644 usmf / us-1")
	o.FnO.Delete("CustomersV3", id)
	o.obeyed(o.command(control.Retry, "customers"), store.CommandDone, "1 settled")
	o.listed("customers")
}

// crowded has joined customers, of whom many failed and can be written by now.
func crowded(t *testing.T, many int) *office {
	o := newOffice(t, enginetest.Config, 1)
	for i := range many {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	o.obeyed(o.command(control.Pause, "customers"), store.CommandDone, "is paused")
	for i := range many {
		o.rename(fmt.Sprint("US-", i), "Mended")
	}
	o.run(20 * time.Second)
	o.obeyed(o.command(control.Resume, "customers", store.ResumeKeep), store.CommandDone, fmt.Sprint(many, " records"))
	o.Env.Batch = 3
	return o
}

func (o *office) mended() (n int) {
	for _, r := range o.Dataverse.Rows("accounts") {
		if r.Values["name"] == text("Mended") {
			n++
		}
	}
	return n
}

// TestLongRetryGoesStepByStep: it says how far it is, and what else an operator
// wants is done between two of its steps, a pause of its map too.
func TestLongRetryGoesStepByStep(t *testing.T) {
	const many = 40
	o := crowded(t, many)
	id := o.command(control.Retry, "", "all")
	other := o.command(control.Pause, "groups")
	said := map[string]bool{}
	watch := func() {
		said[o.answer(id).Answer] = true
		if o.answer(other).State == store.CommandDone && o.mended() < many {
			said["obeyed between"] = true
		}
	}
	for range 400 {
		o.steps = append(o.steps, watch)
	}
	o.run(30 * time.Second)
	o.obeyed(id, store.CommandDone, fmt.Sprintf("%d records retried, %d settled, 0 still listed", many, many))
	o.same("mended", o.mended(), many)
	if !said["retry: 3 of 40 entries"] || !said["retry: 30 of 40 entries"] || !said["obeyed between"] {
		t.Errorf("said %v", said)
	}
	o.listed("customers")
}

func TestPauseEndsALongRetry(t *testing.T) {
	const many = 40
	o := crowded(t, many)
	id := o.command(control.Retry, "customers")
	o.command(control.Pause, "customers")
	o.obeyed(id, store.CommandDone, "paused or stopped meanwhile: the rest stays listed")
	if n := o.mended(); n == 0 || n >= many || len(o.ids("customers")) != many-n {
		t.Errorf("%d are mended, %d listed", n, len(o.ids("customers")))
	}
}

// TestRetryThatARunLeaves is carried out by the next.
func TestRetryThatARunLeaves(t *testing.T) {
	const many = 40
	o := crowded(t, many)
	id := o.command(control.Retry, "customers")
	r := live.New(o.Env, o.o)
	o.Env.Stopping = func() bool { return o.mended() >= 10 }
	if err := r.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.Env.Stopping = nil
	if n := o.mended(); n >= many || o.answer(id).State != store.CommandWaits {
		t.Fatalf("%d are mended, the command %+v", n, o.answer(id))
	}
	o.obeyed(id, store.CommandDone, "0 still listed")
	o.same("mended", o.mended(), many)
	o.listed("customers")
}
