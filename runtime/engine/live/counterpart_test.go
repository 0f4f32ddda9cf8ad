package live_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/live"
)

// TestRecordsOfAKeyMeet however long ago one of them was dealt with: none is
// created beside another one of its key.
func TestRecordsOfAKeyMeet(t *testing.T) {
	refuse := func(set string) func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
		return func(t *schema.Table, w connect.Write) (connect.Result, bool, bool) {
			return connect.Result{Outcome: connect.Refused, Message: "closed"}, false, t.Set == set && w.Create
		}
	}
	count := func(o *office, fno, dataverse int) {
		t.Helper()
		o.same("customers", len(o.FnO.Rows("CustomersV3")), fno)
		o.same("accounts", len(o.Dataverse.Rows("accounts")), dataverse)
	}
	t.Run("refused by F&O", func(t *testing.T) {
		o := newOffice(t, enginetest.Config, 1).joined()
		o.FnO.OnWrite = refuse("CustomersV3")
		o.Account("USMF", "US-1", values{"emailaddress1": text("a@x")})
		o.run(20 * time.Second)
		o.listed("customers", "failed DW644 usmf / us-1")
		o.Customer("USMF", "US-1", nil)
		o.run(20 * time.Second)
		count(o, 1, 1)
		o.same("mail", o.customer("US-1", "Email"), text("a@x"))
		o.listed("customers")
	})
	t.Run("refused by Dataverse", func(t *testing.T) {
		o := newOffice(t, enginetest.Config, 1).joined()
		o.Dataverse.OnWrite = refuse("accounts")
		o.Customer("USMF", "US-1", values{"OrganizationName": text("First")})
		o.run(20 * time.Second)
		o.Account("USMF", "US-1", nil)
		o.run(20 * time.Second)
		count(o, 1, 1)
		o.same("name", o.account("US-1", "name"), text("First"))
		o.listed("customers")
	})
	t.Run("out of the scope", func(t *testing.T) {
		o := newOffice(t, enginetest.Config, 1).joined()
		id := o.Account("USMF", "US-1", values{"customertypecode": value.NewOption(8)})
		o.run(20 * time.Second)
		o.Customer("USMF", "US-1", nil)
		o.run(20 * time.Second)
		count(o, 1, 1)
		o.listed("customers", "failed DW642 USMF / US-1")
		o.Dataverse.Change("accounts", id, values{"customertypecode": value.NewOption(3)})
		o.run(20 * time.Second)
		count(o, 1, 1)
		o.listed("customers")
	})
	t.Run("only one side creates", func(t *testing.T) {
		o := newOffice(t, enginetest.Edit(t, `  constant "customertypecode"`, `  creates = { to_dataverse = true, to_fno = false }
  constant "customertypecode"`), 1).joined()
		o.Account("USMF", "US-1", nil)
		o.run(20 * time.Second)
		o.listed("customers", "tolerated DW603 USMF / US-1")
		o.Customer("USMF", "US-1", nil)
		o.run(20 * time.Second)
		count(o, 1, 1)
		o.listed("customers")
	})
	t.Run("kept as a failure", func(t *testing.T) {
		o := newOffice(t, enginetest.Config, 1).joined()
		o.command("pause", "customers")
		o.Account("USMF", "US-1", nil)
		o.run(20 * time.Second)
		o.command("resume", "customers", "keep")
		o.Customer("USMF", "US-1", nil)
		o.run(20 * time.Second)
		count(o, 1, 1)
	})
}

// TestStormOfReports: many reports about few records cost one look at each, and
// all edits arrive.
func TestStormOfReports(t *testing.T) {
	const customers, reports = 40, 10_000
	o := newOffice(t, enginetest.Config, 1)
	for i := range customers {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	o.o.Scan, o.o.ScanTold = time.Hour, time.Hour
	r := live.New(o.Env, o.o)
	o.steps = make([]func(), 30)
	for i := range o.steps {
		o.steps[i] = func() {}
	}
	o.steps = append(o.steps, func() {
		var storm []connect.Notice
		for i := range reports {
			account := fmt.Sprint("US-", i%customers)
			id := idOf(t, o.FnO, "CustomersV3", "CustomerAccount", account)
			if i < customers {
				o.FnO.Change("CustomersV3", id, values{"OrganizationName": text("New " + account)})
			}
			storm = append(storm, notice("update", "CustomersV3", "usmf", "CustomerAccount", account, id))
		}
		o.FnO.Requests()
		if err := r.Notices(o.Context(), storm); err != nil {
			t.Error(err)
		}
		if asked := o.FnO.Requests(); len(asked) != 1 || asked[0] != fmt.Sprint("Read CustomersV3 ", customers) {
			t.Errorf("asked %q", asked)
		}
	})
	if err := o.runs(r, 20*time.Second); err != nil {
		t.Fatal(err)
	}
	for i := range customers {
		account := fmt.Sprint("US-", i)
		o.same(account, o.account(account, "name"), text("New "+account))
	}
}
