package live_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/store"
)

// dead leaves the writes to a row without an answer; "" those to all.
func dead(id string) func(*schema.Table, connect.Write) (connect.Result, bool, bool) {
	return func(_ *schema.Table, w connect.Write) (connect.Result, bool, bool) {
		return connect.Result{Outcome: connect.Unresolved, Message: "504 Gateway Timeout"}, false, id == "" || w.Row.ID == id
	}
}

// TestWriteThatIsNeverAnswered waits as long as nothing tells that it is the
// record's fault, and holds up no other: once these are taken it is listed.
func TestWriteThatIsNeverAnswered(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	for i := range 6 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	o.Dataverse.OnWrite = dead(idOf(t, o.Dataverse, "accounts", "accountnumber", "US-1"))
	o.rename("US-1", "New 1")
	o.run(5 * time.Minute)
	o.listed("customers")
	if s := o.state("customers"); !strings.Contains(s.Reason, diag.CodeUnanswered) || s.Status == store.StatusStopped {
		t.Errorf("state %+v", s)
	}
	for i := 2; i < 5; i++ {
		o.rename(fmt.Sprint("US-", i), "New")
	}
	o.run(3 * time.Minute)
	for i := 2; i < 5; i++ {
		o.same("another record", o.account(fmt.Sprint("US-", i), "name"), text("New"))
	}
	o.listed("customers", "failed DW665 usmf / us-1")
	if s := o.state("customers"); s.Reason != "" || s.Status != store.StatusRunning {
		t.Errorf("state %+v", s)
	}
	// It is not tried for ever, and goes on when somebody says so.
	o.Dataverse.Requests()
	o.run(5 * time.Minute)
	if w := o.writes(); len(w) > 0 {
		t.Errorf("writes of a listed record: %q", w)
	}
	o.Dataverse.OnWrite = nil
	o.obeyed(o.command(control.Retry, "customers"), store.CommandDone, "1 record retried, 1 settled")
	o.same("US-1", o.account("US-1", "name"), text("New 1"))
	o.listed("customers")
}

// TestServiceThatTakesNoWrites: no record is blamed, and all arrive when it does
// again.
func TestServiceThatTakesNoWrites(t *testing.T) {
	o := newOffice(t, enginetest.Config, 1)
	for i := range 6 {
		o.Customer("USMF", fmt.Sprint("US-", i), nil)
	}
	o.joined()
	o.Dataverse.OnWrite = dead("")
	for i := range 6 {
		o.rename(fmt.Sprint("US-", i), "New")
	}
	o.Customer("USMF", "US-NEW", nil)
	o.run(10 * time.Minute)
	o.listed("customers")
	o.Dataverse.OnWrite = nil
	o.run(3 * time.Minute)
	for i := range 6 {
		o.same("name", o.account(fmt.Sprint("US-", i), "name"), text("New"))
	}
	o.same("accounts", len(o.Dataverse.Rows("accounts")), 7)
	o.listed("customers")
	if s := o.state("customers"); s.Reason != "" || s.Status != store.StatusRunning {
		t.Errorf("state %+v", s)
	}
}
