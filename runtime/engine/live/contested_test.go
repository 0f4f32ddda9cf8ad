package live_test

import (
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
)

// TestDuplicatesAreNotForgotten: once rows are listed as duplicates, nothing of
// their record is written before somebody has parted them, whichever of them is
// edited or deleted meanwhile.
func TestDuplicatesAreNotForgotten(t *testing.T) {
	const listed = "failed DW641 USMF / US-1"
	deletes := enginetest.Edit(t, `  constant "customertypecode"`, `  deletes = { to_dataverse = "propagate", to_fno = "propagate" }
  constant "customertypecode"`)
	// doubled has a customer that both sides hold, and a second account of it.
	doubled := func(t *testing.T) (o *office, customer, first, second string) {
		o = newOffice(t, deletes, 1)
		customer = o.Customer("USMF", "US-1", nil)
		o.Customer("USMF", "US-2", nil) // or else all records would be gone at once
		o.joined()
		o.run(20 * time.Second)
		first = idOf(t, o.Dataverse, "accounts", "accountnumber", "US-1")
		second = o.Account("USMF", "US-1", values{"name": text("Second")})
		o.run(20 * time.Second)
		o.listed("customers", listed)
		o.writes()
		return o, customer, first, second
	}
	quiet := func(t *testing.T, o *office) {
		t.Helper()
		o.run(20 * time.Second)
		o.listed("customers", listed)
		if w := o.writes(); len(w) > 0 {
			t.Errorf("written: %q", w)
		}
	}
	retry := func(o *office) {
		o.command(control.Retry, "", o.ids("customers")...)
		o.run(time.Minute)
		o.listed("customers")
	}
	t.Run("edited in F&O", func(t *testing.T) {
		o, customer, _, second := doubled(t)
		o.FnO.Change("CustomersV3", customer, values{"OrganizationName": text("New")})
		quiet(t, o)
		o.Dataverse.Delete("accounts", second)
		retry(o)
		o.same("name", o.account("US-1", "name"), text("New"))
	})
	t.Run("edited in Dataverse", func(t *testing.T) {
		o, _, first, _ := doubled(t)
		o.Dataverse.Change("accounts", first, values{"name": text("New")})
		quiet(t, o)
		o.Dataverse.Delete("accounts", first)
		retry(o)
		o.same("name", o.account("US-1", "name"), o.customer("US-1", "OrganizationName"))
	})
	t.Run("deleted in F&O", func(t *testing.T) {
		o, customer, first, _ := doubled(t)
		o.FnO.Delete("CustomersV3", customer)
		quiet(t, o)
		o.Dataverse.Delete("accounts", first)
		retry(o)
		o.same("name", o.customer("US-1", "OrganizationName"), text("Second"))
	})
	t.Run("deleted in F&O, the second one too", func(t *testing.T) {
		o, customer, _, second := doubled(t)
		o.FnO.Delete("CustomersV3", customer)
		quiet(t, o)
		o.Dataverse.Delete("accounts", second)
		retry(o)
		o.same("accounts", len(o.Dataverse.Rows("accounts")), 1) // of the other customer
	})
	t.Run("never paired", func(t *testing.T) {
		o := newOffice(t, deletes, 1).joined()
		first := o.Account("USMF", "US-1", nil)
		second := o.Account("USMF", "US-1", nil)
		o.run(20 * time.Second)
		o.listed("customers", listed)
		o.writes()
		o.Dataverse.Change("accounts", first, values{"name": text("New")})
		quiet(t, o)
		o.Customer("USMF", "US-1", nil)
		quiet(t, o)
		o.Dataverse.Delete("accounts", second)
		retry(o)
		o.same("records", len(o.FnO.Rows("CustomersV3"))*10+len(o.Dataverse.Rows("accounts")), 11)
		o.same("name", o.account("US-1", "name"), o.customer("US-1", "OrganizationName"))
	})
}
