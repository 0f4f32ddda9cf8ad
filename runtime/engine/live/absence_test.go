package live_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
)

// TestEditsWaitForRecordsThatCannotBeSeen: while the user of dw may not read the
// other record, edits wait, however many they are; nothing is deleted, and they go
// on by themselves.
func TestEditsWaitForRecordsThatCannotBeSeen(t *testing.T) {
	for _, deletes := range []string{"propagate", "ignore"} {
		t.Run(deletes, func(t *testing.T) {
			const customers = 40
			o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, fmt.Sprintf(`  deletes = { to_dataverse = %q, to_fno = %[1]q }
  constant "customertypecode"`, deletes)), 1)
			for i := range customers {
				o.Customer("USMF", fmt.Sprint("US-", i), nil)
			}
			o.joined()
			usmf := o.Company("USMF")
			edit := func(side value.Side, n int, name string) {
				for i := range n {
					number := fmt.Sprint("US-", i)
					if side == value.FnO {
						o.FnO.Change("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", number), values{"OrganizationName": text(name)})
					} else {
						o.Dataverse.Change("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", number), values{"name": text(name)})
					}
				}
			}
			equal := func(n int, name string) {
				t.Helper()
				for i := range n {
					number := fmt.Sprint("US-", i)
					o.same(number+" in Dataverse", o.account(number, "name"), text(name))
					o.same(number+" in F&O", o.customer(number, "OrganizationName"), text(name))
				}
				o.listed("customers")
			}
			// F&O shows nothing of the company.
			o.FnO.Hidden = func(set string, v values) bool { return set == "CustomersV3" }
			edit(value.Dataverse, 30, "From Dataverse")
			o.run(time.Minute)
			o.same("customers", len(o.FnO.Rows("CustomersV3")), customers)
			o.same("accounts", len(o.Dataverse.Rows("accounts")), customers)
			if n := o.Queued("customers"); n != 30 {
				t.Errorf("%d observations wait", n)
			}
			o.FnO.Hidden = nil
			o.run(time.Minute)
			equal(30, "From Dataverse")
			// And the other way.
			o.Dataverse.Hidden = func(set string, v values) bool { return set == "accounts" && v["msdyn_company"] == usmf }
			edit(value.FnO, 25, "From F&O")
			o.run(time.Minute)
			o.Dataverse.Hidden = nil
			o.run(time.Minute)
			equal(25, "From F&O")
			o.writes()
			o.run(time.Minute)
			if w := o.writes(); len(w) > 0 {
				t.Errorf("writes without an edit: %q", w)
			}
		})
	}
}

// TestEditOfARecordThatHasGone: that the other record was deleted is found out by
// a scan, and decides then.
func TestEditOfARecordThatHasGone(t *testing.T) {
	o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, `  deletes = { to_dataverse = "ignore", to_fno = "propagate" }
  constant "customertypecode"`), 1)
	for i := range 3 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	o.o.Scan = time.Minute
	o.run(2 * time.Second) // the first scan
	o.FnO.Delete("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-1"))
	o.Dataverse.Change("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-1"), values{"name": text("Edited")})
	var before []string
	o.steps = append(o.steps, func() {})
	for range 200 {
		o.steps = append(o.steps, func() {
			if l := o.Listed("customers"); len(l) > 0 && len(before) == 0 {
				before = l
			}
		})
	}
	o.run(3 * time.Minute)
	if len(before) != 1 || before[0] != "parked DW654 usmf / us-1" {
		t.Errorf("listed before the scan: %q", before)
	}
	o.listed("customers", "tolerated DW610 USMF / US-1")
	o.same("accounts", len(o.Dataverse.Rows("accounts")), 3)
}

// TestGoneBeforeItWasHandled: of a row that was captured and deleted while its map
// paused, nothing is made on the other side, where nobody would delete it again.
func TestGoneBeforeItWasHandled(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1).joined()
	o.command(control.Pause, "customers")
	row := o.Account("USMF", "US-1", nil)
	o.Account("USMF", "US-2", nil)
	o.run(20 * time.Second)
	o.same("waiting", o.Queued("customers"), int64(2))
	o.Dataverse.Delete("accounts", row)
	o.run(20 * time.Second)
	o.command(control.Resume, "customers")
	o.run(20 * time.Second)
	o.same("customers", len(o.FnO.Rows("CustomersV3")), 1)
	o.same("name of the other", o.customer("US-2", "OrganizationName"), o.account("US-2", "name"))
	o.same("waiting", o.Queued("customers"), int64(0))
	o.listed("customers")
}

// TestDeletedWhileJoining: the initial sync lists it, and live synchronisation does
// what the map's deletes say.
func TestDeletedWhileJoining(t *testing.T) {
	for victim, listed := range map[string]string{
		"US-1": "failed DW643 usmf / us-1", // nothing was to be written
		"US-2": "failed DW646 usmf / us-2", // found by the write
	} {
		t.Run(listed, func(t *testing.T) {
			o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, `  deletes = { to_fno = "propagate" }
  constant "customertypecode"`), 1)
			for _, name := range []string{"US-1", "US-2", "US-3"} {
				o.Customer("USMF", name, nil)
			}
			o.Account("USMF", "US-1", nil)
			o.Account("USMF", "US-2", values{"name": text("Old")})
			o.Account("USMF", "US-3", values{"name": text("Old")})
			o.Dataverse.Silent = true // writes are confirmed by asking what has changed
			o.Dataverse.OnRead = func(op, set string) error {
				if op == "Changes" && set == "accounts" {
					o.Dataverse.OnRead = nil
					o.Dataverse.Delete("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", victim))
				}
				return nil
			}
			o.joined()
			o.listed("customers", listed)
			o.run(time.Minute)
			o.listed("customers")
			o.same("customers", len(o.FnO.Rows("CustomersV3")), 2)
			o.same("accounts", len(o.Dataverse.Rows("accounts")), 2)
		})
	}
}

// TestTargetGoneBeforeTheWriteIsConfirmed: the service empties a lookup when it
// deletes the row; that is neither a value of its own nor an edit.
func TestTargetGoneBeforeTheWriteIsConfirmed(t *testing.T) {
	o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, `  deletes = { to_fno = "propagate" }
  constant "customertypecode"`), 1)
	for _, name := range []string{"US-1", "US-2", "US-3"} {
		o.Customer("USMF", name, nil)
	}
	o.joined()
	o.run(20 * time.Second)
	target := idOf(t, o.Dataverse, "accounts", "accountnumber", "US-2")
	o.Dataverse.Silent = true
	o.Dataverse.OnAnswer = func(table *schema.Table, w connect.Write) {
		if table.Set == "accounts" {
			o.Dataverse.OnAnswer = nil
			o.Dataverse.Delete("accounts", target)
		}
	}
	o.FnO.Change("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", "US-1"), values{"InvoiceAccount": text("US-2")})
	o.run(time.Minute)
	o.listed("customers", "owed DW602 USMF / US-1 msdyn_billingaccount.accountnumber")
	o.same("invoice account", o.customer("US-1", "InvoiceAccount"), text("US-2"))
	o.Customer("USMF", "US-2", nil)
	o.run(time.Minute)
	o.listed("customers")
	o.same("billing account", o.account("US-1", "msdyn_billingaccount"), value.NewReference("account", idOf(t, o.Dataverse, "accounts", "accountnumber", "US-2")))
}
