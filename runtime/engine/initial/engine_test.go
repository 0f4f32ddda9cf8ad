package initial_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

// join joins maps as one wave.
func join(ctx context.Context, w *enginetest.World, names ...string) error {
	var maps []*engine.Map
	for _, n := range names {
		maps = append(maps, w.Map(n))
	}
	runner := initial.Runner{Env: w.Env}
	return runner.Wave(ctx, maps, func(context.Context, *engine.Map) error { return nil })
}

func mustJoin(w *enginetest.World, names ...string) {
	w.Helper()
	if err := join(w.Context(), w, names...); err != nil {
		w.Fatal(err)
	}
}

func sweep(w *enginetest.World) {
	w.Helper()
	runner := initial.Runner{Env: w.Env}
	if err := runner.Sweep(w.Context(), w.Env.Maps); err != nil {
		w.Fatal(err)
	}
}

func same(w *enginetest.World, name string, want ...string) {
	w.Helper()
	if got := w.Listed(name); !slices.Equal(got, want) {
		w.Errorf("listed for %s: %q, want %q", name, got, want)
	}
}

// TestParkedRecordsGoOn when what they wait for arrives, in this order: chains
// resolve in one sweep.
func TestParkedRecordsGoOn(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Customer("USMF", "US-1", values{"CustomerGroupId": text("10")})
	w.Customer("USMF", "US-2", values{"CustomerGroupId": text("99")})
	w.Customer("USMF", "US-3", nil)
	w.Group(value.FnO, "USMF", "10", "Wholesale")
	mustJoin(w, "customers") // before the groups: both wait
	if n := w.Queued("customers"); n != 2 || len(w.Listed("customers")) != 2 {
		t.Fatalf("%d queued, listed %q", n, w.Listed("customers"))
	}
	if n := len(w.Dataverse.Rows("accounts")); n != 1 {
		t.Fatalf("%d accounts: a record that waits held up another, or was written", n)
	}
	mustJoin(w, "groups")
	sweep(w)
	if v := w.Dataverse.Get("accounts", "accountnumber", "US-1", "msdyn_customergroupid"); v != w.Ref("msdyn_customergroups", "msdyn_customergroup", "msdyn_groupid", "10") {
		t.Errorf("US-1 has group %v", v)
	}
	same(w, "customers", "parked DW601 USMF / US-2 msdyn_customergroupid.msdyn_groupid")
	if w.Queued("customers") != 1 {
		t.Errorf("%d queued, want the one that waits", w.Queued("customers"))
	}
	// The target of the last one comes from nowhere; a later sweep finds it.
	w.Group(value.Dataverse, "USMF", "99", "")
	sweep(w)
	same(w, "customers")
	if w.Queued("customers") != 0 || len(w.Dataverse.Rows("accounts")) != 3 {
		t.Errorf("%d queued, %d accounts", w.Queued("customers"), len(w.Dataverse.Rows("accounts")))
	}
}

// TestParkedRecordsAreReadAgain: what has happened to them while they waited
// counts, not what was seen when they were parked.
func TestParkedRecordsAreReadAgain(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	changed := w.Customer("USMF", "US-1", values{"CustomerGroupId": text("99"), "OrganizationName": text("Old")})
	gone := w.Customer("USMF", "US-2", values{"CustomerGroupId": text("99")})
	mustJoin(w, "customers")
	w.FnO.Change("CustomersV3", changed, values{"OrganizationName": text("New")})
	w.FnO.Delete("CustomersV3", gone)
	w.Group(value.Dataverse, "USMF", "99", "")
	sweep(w)
	if name := w.Dataverse.Get("accounts", "accountnumber", "US-1", "name"); name != text("New") {
		t.Errorf("the account is called %v", name)
	}
	if n := len(w.Dataverse.Rows("accounts")); n != 1 {
		t.Errorf("%d accounts: a record that is gone was created", n)
	}
	same(w, "customers")
	if w.Queued("customers") != 0 {
		t.Errorf("%d queued", w.Queued("customers"))
	}
}

// TestReferencesToTheSameMapAreFilledLater, rings and the record itself
// included; one whose target never comes stays owed and listed.
func TestReferencesToTheSameMapAreFilledLater(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Env.Batch = 2
	for account, invoice := range map[string]string{"US-1": "US-1", "US-2": "US-3", "US-3": "US-2", "US-4": "US-9"} {
		w.Customer("USMF", account, values{"InvoiceAccount": text(invoice)})
	}
	mustJoin(w, "customers")
	for account, invoice := range map[string]string{"US-1": "US-1", "US-2": "US-3", "US-3": "US-2"} {
		if v := w.Dataverse.Get("accounts", "accountnumber", account, "msdyn_billingaccount"); v != w.Ref("accounts", "account", "accountnumber", invoice) {
			t.Errorf("%s is billed to %v", account, v)
		}
	}
	same(w, "customers", "owed DW602 USMF / US-4 msdyn_billingaccount.accountnumber")
	for _, p := range w.Pairs("customers") {
		if p.Owes() != strings.HasSuffix(p.Key, "us-4") {
			t.Errorf("%q owes: %v", p.Key, p.Owes())
		}
	}
}

// TestGate: a limit of errors stops the map and later waves; after the records
// were mended a second run goes on.
func TestGate(t *testing.T) {
	w := enginetest.New(t, enginetest.Edit(t, `map "groups" {`, `map "groups" {
  initial_sync {
    max_errors = 1
  }`))
	for i := range 5 {
		w.Group(value.FnO, "USMF", fmt.Sprint(i), "Wholesale")
	}
	keyless := w.Group(value.Dataverse, "USMF", "", "")
	refuse := func(_ *schema.Table, x connect.Write) (connect.Result, bool, bool) {
		for _, v := range x.Values {
			if v.Value == text("3") {
				return connect.Result{Outcome: connect.Refused, Message: "no"}, false, true
			}
		}
		return connect.Result{}, false, false
	}
	w.Dataverse.OnWrite = refuse
	for range 2 { // nothing mended: the second run says the same
		err := join(t.Context(), w, "groups")
		var failure *diag.Failure
		if !errors.As(err, &failure) || failure.List[0].Code != diag.CodeTooManyErrors {
			t.Fatalf("error %v", err)
		}
		if l := w.Listed("groups"); len(l) != 2 {
			t.Fatalf("listed %q", l)
		}
		if n := len(w.Dataverse.Rows("msdyn_customergroups")); n != 5 {
			t.Errorf("%d rows, want the four that did not fail and the one without key", n)
		}
	}
	// One mended is enough for this limit, and two leave nothing to list.
	w.Dataverse.OnWrite = nil
	if err := join(t.Context(), w, "groups"); err != nil {
		t.Fatal(err)
	}
	if l := w.Listed("groups"); len(l) != 1 || !strings.Contains(l[0], keyless) {
		t.Errorf("listed %q", l)
	}
	if n := len(w.Pairs("groups")); n != 5 {
		t.Errorf("%d pairs", n)
	}
	creates := 0
	for _, q := range w.Dataverse.Requests() {
		if q == "create msdyn_customergroups" {
			creates++
		}
	}
	if creates != 5 {
		t.Errorf("%d creates of five groups", creates)
	}
}

// TestRestart reads everything again, judges it anew and keeps what is agreed.
func TestRestart(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Group(value.FnO, "USMF", "10", "Wholesale")
	keyless := w.Group(value.Dataverse, "USMF", "", "")
	mustJoin(w, "groups")
	before := w.Pairs("groups")[0]
	if len(w.Listed("groups")) != 1 {
		t.Fatalf("listed %q", w.Listed("groups"))
	}
	w.Update(func(tx store.Tx) error {
		// Left in the queue, and the row behind it is no longer there.
		err := tx.AddObservations([]record.Observation{{Map: "groups", Side: value.FnO, Key: "usmf\x1fold", Company: "USMF", ID: "1", InScope: true, Values: nil}})
		if err != nil {
			return err
		}
		return initial.Restart(tx, "groups")
	})
	w.Dataverse.Delete("msdyn_customergroups", keyless)
	w.Dataverse.Requests()
	w.FnO.Requests()
	mustJoin(w, "groups")
	same(w, "groups")
	if after := w.Pairs("groups"); len(after) != 1 || after[0].ID != before.ID || after[0].Base[1] != before.Base[1] {
		t.Errorf("pair before %+v, after %+v", before, after)
	}
	for _, q := range append(w.Dataverse.Requests(), w.FnO.Requests()...) {
		if strings.HasPrefix(q, "create") || strings.HasPrefix(q, "update") {
			t.Errorf("joining again wrote: %s", q)
		}
	}
	w.View(func(tx store.Tx) error {
		tally, err := tx.Tally("groups")
		if tally.Read[value.FnO] != 1 || tally.Read[value.Dataverse] != 1 {
			t.Errorf("tally %+v counts earlier joins", tally)
		}
		return err
	})
}

// TestStop: the batches in flight are finished, no more are begun, and the next
// run goes on from there.
func TestStop(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Env.Batch = 3
	const all = 200
	for i := range all {
		w.Group(value.FnO, "USMF", fmt.Sprint(i), "Wholesale")
	}
	written := func() int { return len(w.Dataverse.Rows("msdyn_customergroups")) }
	w.Env.Stopping = func() bool { return written() >= 3 }
	if err := join(t.Context(), w, "groups"); !errors.Is(err, engine.ErrStopped) {
		t.Fatalf("error %v", err)
	}
	n := written()
	if n < 3 || n > all/2 {
		t.Errorf("%d rows were written, want the batches in flight", n)
	}
	if q := w.Queued("groups"); q != int64(all-n) {
		t.Errorf("%d queued, want the rest of %d", q, all-n)
	}
	w.Env.Stopping = nil
	mustJoin(w, "groups")
	if n := written(); n != all || len(w.Pairs("groups")) != all || len(w.Intents("groups")) != 0 {
		t.Errorf("%d rows, %d pairs, %d writes open", n, len(w.Pairs("groups")), len(w.Intents("groups")))
	}
}

// TestFailedRecordsStopNobody: without a limit the map is done, and all that
// could be written is.
func TestFailedRecordsStopNobody(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	for i := range 6 {
		w.Group(value.FnO, "USMF", fmt.Sprint(i), "Wholesale")
	}
	w.Dataverse.OnWrite = func(_ *schema.Table, x connect.Write) (connect.Result, bool, bool) {
		for _, v := range x.Values {
			if v.Value == text("2") || v.Value == text("4") {
				return connect.Result{Outcome: connect.Refused, Message: "no"}, false, true
			}
		}
		return connect.Result{}, false, false
	}
	mustJoin(w, "groups")
	same(w, "groups", "failed DW644 usmf / 2", "failed DW644 usmf / 4")
	if n := len(w.Dataverse.Rows("msdyn_customergroups")); n != 4 {
		t.Errorf("%d rows", n)
	}
}

// TestServiceThatRewritesEndsInSilence: a plug-in that changes every value is
// not fought for ever.
func TestServiceThatRewritesEndsInSilence(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Group(value.FnO, "USMF", "10", "wholesale")
	w.Dataverse.OnWrite = func(table *schema.Table, x connect.Write) (connect.Result, bool, bool) {
		for i, v := range x.Values {
			if v.Field.Name == "msdyn_description" {
				x.Values[i].Value = text(strings.ToUpper(v.Value.Text()))
			}
		}
		return connect.Result{}, false, false
	}
	mustJoin(w, "groups")
	writes := 0
	for _, q := range append(w.Dataverse.Requests(), w.FnO.Requests()...) {
		if strings.HasPrefix(q, "create") || strings.HasPrefix(q, "update") {
			writes++
		}
	}
	if writes > 3 {
		t.Errorf("%d writes of one record", writes)
	}
	if w.Queued("groups")+int64(len(w.Intents("groups"))) != 0 {
		t.Error("there is something left to do")
	}
}

// TestEditInTheMomentOfAWrite: the page of changes that confirms a write shows an
// edit of another field too, and no later page shows it again.
func TestEditInTheMomentOfAWrite(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Customer("USMF", "US-1", values{"InvoiceAccount": text("US-2")})
	w.Customer("USMF", "US-2", nil)
	w.Dataverse.Silent = true
	edits := 0
	w.Dataverse.OnAnswer = func(_ *schema.Table, x connect.Write) {
		if !x.Create && edits == 0 {
			edits++
			w.Dataverse.Change("accounts", x.Row.ID, values{"name": text("Edited"), "emailaddress1": text("new@contoso.com")})
		}
	}
	mustJoin(w, "customers")
	same(w, "customers")
	name, mail := w.FnO.Get("CustomersV3", "CustomerAccount", "US-1", "OrganizationName"), w.FnO.Get("CustomersV3", "CustomerAccount", "US-1", "Email")
	if edits != 1 || name != text("Edited") || mail != text("new@contoso.com") {
		t.Errorf("%d edits: in F&O the customer is called %v and has the mail %v", edits, name, mail)
	}
	if v := w.Dataverse.Get("accounts", "accountnumber", "US-1", "msdyn_billingaccount"); v != w.Ref("accounts", "account", "accountnumber", "US-2") {
		t.Errorf("US-1 is billed to %v", v)
	}
}
