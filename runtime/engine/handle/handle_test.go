package handle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

// rig handles one map of a world.
type rig struct {
	*enginetest.World
	name string
	*handle.Handler
}

func newRig(w *enginetest.World, name string) *rig {
	w.Helper()
	m := w.Map(name)
	r := refs.New(w.Env)
	return &rig{World: w, name: name, Handler: &handle.Handler{
		Env: w.Env, Map: m, Refs: r, Reader: &capture.Reader{Env: w.Env, Map: m, Refs: r}, First: true,
	}}
}

// run reads both sides and handles everything.
func (r *rig) run() handle.Outcome {
	r.Helper()
	r.scan()
	return r.work()
}

func (r *rig) scan() {
	r.Helper()
	r.World.Update(func(tx store.Tx) error {
		for _, s := range []value.Side{value.FnO, value.Dataverse} {
			if err := tx.PutCursor(r.name, s, store.Cursor{}); err != nil {
				return err
			}
		}
		return nil
	})
	for _, s := range []value.Side{value.FnO, value.Dataverse} {
		if err := r.Reader.Scan(r.Context(), s); err != nil {
			r.Fatal(err)
		}
	}
}

func (r *rig) work() handle.Outcome {
	r.Helper()
	var work []store.Work
	r.View(func(tx store.Tx) (err error) {
		work, err = tx.Work(r.name, "", 0)
		return err
	})
	out, err := r.Work(r.Context(), work)
	if err != nil {
		r.Fatal(err)
	}
	return out
}

// paired stores a pair of a customer and an account whose base is what both
// sides hold, as after a confirmed write.
func (r *rig) paired() *record.Pair {
	r.Helper()
	if out := r.run(); len(out.Intents) > 0 || out.Equal != 1 {
		r.Fatalf("not equal at the start: %+v, %v", out, r.Listed(r.name))
	}
	pairs := r.Pairs(r.name)
	if len(pairs) != 1 {
		r.Fatalf("%d pairs", len(pairs))
	}
	return pairs[0]
}

func (r *rig) lists(want ...string) {
	r.Helper()
	slices.Sort(want)
	if got := r.Listed(r.name); !slices.Equal(got, want) {
		r.Errorf("listed:\n got %q\nwant %q", got, want)
	}
}

func TestCreateIsStoredBeforeItIsSent(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Customer("USMF", "US-1", values{"SalesCurrencyCode": text("USD"), "InvoiceAccount": text("US-1")})
	out := r.run()
	stored := r.Intents("customers")
	if len(stored) != 1 || len(out.Intents) != 1 || stored[0].ID != out.Intents[0].ID {
		t.Fatalf("intents %+v, stored %+v", out.Intents, stored)
	}
	in, pairs := stored[0], r.Pairs("customers")
	if len(pairs) != 1 || in.Pair != pairs[0].ID || in.TargetID == "" || in.Op != record.Create || in.Side != value.Dataverse || in.State != record.Intended {
		t.Errorf("intent %+v of pairs %+v", in, pairs)
	}
	if !pairs[0].Owes() {
		t.Error("the reference to itself is not owed")
	}
	if r.Queued("customers") != 0 {
		t.Error("the observation is still queued")
	}
	if rows := r.Dataverse.Rows("accounts"); len(rows) != 0 {
		t.Errorf("handling wrote: %v", rows)
	}
	r.lists("owed DW602 USMF / US-1 msdyn_billingaccount.accountnumber")
}

func TestKeylessRowsAreListed(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	id := r.Account("USMF", "", nil)
	r.run()
	r.lists("failed DW640 row " + id)
	if r.Queued("customers") != 0 || len(r.Intents("customers")) != 0 {
		t.Error("a row without key went on")
	}
}

func TestDuplicatesFailAndNoneIsWritten(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Account("USMF", "us-1", nil)
	r.Account("USMF", "US-1 ", nil)
	r.Account("DEMF", "US-1", nil) // of another company: no duplicate
	r.Customer("USMF", "US-1", nil)
	r.Customer("DEMF", "US-1", nil)
	out := r.run()
	if len(out.Intents) != 0 || out.Equal != 1 {
		t.Errorf("outcome %+v", out)
	}
	listed := r.Listed("customers")
	if len(listed) != 1 || !strings.HasPrefix(listed[0], "failed DW641 USMF / ") {
		t.Errorf("listed %q", listed)
	}
	if r.Queued("customers") != 0 {
		t.Error("duplicates stay in the queue")
	}
}

func TestRowOutsideTheFilterHoldsItsKey(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Account("USMF", "US-1", values{"customertypecode": value.NewOption(8)})
	r.Customer("USMF", "US-1", nil)
	r.Customer("USMF", "US-2", values{"PartyType": value.NewSymbol("Person")})
	r.Account("USMF", "US-2", nil)
	if out := r.run(); len(out.Intents) != 0 {
		t.Errorf("intents %+v", out.Intents)
	}
	r.lists("failed DW642 USMF / US-1", "failed DW642 USMF / US-2")
}

func TestRowsOfNoOrOtherCompanyAreLeftAlone(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Account("", "US-1", nil)
	id := r.Dataverse.Put("cdm_companies", values{"cdm_companycode": text("FRSI")})
	r.Account("", "FR-1", values{"msdyn_company": value.NewReference("cdm_company", id)})
	r.Customer("FRSI", "FR-2", nil)
	if out := r.run(); out.Handled != 0 || r.Queued("customers") != 0 {
		t.Errorf("handled %+v, queued %d", out, r.Queued("customers"))
	}
	r.lists()
}

func TestPairThatLeavesTheScopeSleeps(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Customer("USMF", "US-1", nil)
	id := r.Account("USMF", "US-1", nil)
	r.paired()
	r.Dataverse.Change("accounts", id, values{"customertypecode": value.NewOption(8)})
	if out := r.run(); len(out.Intents) != 0 {
		t.Errorf("intents %+v", out.Intents)
	}
	if pairs := r.Pairs("customers"); len(pairs) != 1 || pairs[0].Life != record.Unlinked {
		t.Errorf("pairs: %+v", pairs[0])
	}
	r.lists("tolerated DW651 USMF / US-1")
	// What is edited meanwhile is merged when the row is back.
	r.Dataverse.Change("accounts", id, values{"customertypecode": value.NewOption(3), "name": text("Edited outside")})
	if out := r.run(); len(out.Intents) != 1 || out.Intents[0].Side != value.FnO {
		t.Errorf("intents %+v", out.Intents)
	}
	r.lists()
}

func TestMovedKeyStopsNobodyElse(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Customer("USMF", "US-1", nil)
	id := r.Account("USMF", "US-1", nil)
	r.paired()
	r.Dataverse.Change("accounts", id, values{"accountnumber": text("US-9")})
	r.Customer("USMF", "US-2", nil)
	out := r.run()
	if len(out.Intents) != 1 || out.Intents[0].Key != "usmf\x1fus-2" && out.Intents[0].Key != "USMF\x1fUS-2" {
		t.Errorf("intents %+v, want only the new customer's", out.Intents)
	}
	r.lists("failed DW609 USMF / US-1", "failed DW609 USMF / US-9")
	// The key put right, nothing is left to say.
	r.Dataverse.Change("accounts", id, values{"accountnumber": text("US-1")})
	r.run()
	for _, l := range r.Listed("customers") {
		if strings.Contains(l, "US-1") {
			t.Errorf("still listed: %s", l)
		}
	}
}

// TestRowThatTookAnotherPairsKey is the way in which a moved key could break
// the rule that a row belongs to one pair.
func TestRowThatTookAnotherPairsKey(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Customer("USMF", "US-1", nil)
	r.Customer("USMF", "US-2", nil)
	one := r.Account("USMF", "US-1", nil)
	two := r.Account("USMF", "US-2", nil)
	if out := r.run(); out.Equal != 2 {
		t.Fatalf("%+v", out)
	}
	r.Dataverse.Delete("accounts", two)
	r.Dataverse.Change("accounts", one, values{"accountnumber": text("US-2")})
	if out := r.run(); len(out.Intents) != 0 {
		t.Errorf("intents %+v", out.Intents)
	}
	l := r.Listed("customers")
	for _, key := range []string{"US-1", "US-2"} {
		if !slices.ContainsFunc(l, func(s string) bool { return strings.HasPrefix(s, "failed DW609") && strings.Contains(s, key) }) {
			t.Errorf("%s is not listed as moved: %q", key, l)
		}
	}
}

func TestNewIncarnationOfAPairIsJoinedAfresh(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	old := r.Customer("USMF", "US-1", nil)
	r.Account("USMF", "US-1", nil)
	r.paired()
	r.FnO.Delete("CustomersV3", old)
	fresh := r.Customer("USMF", "US-1", values{"OrganizationName": text("Another")})
	out := r.run()
	if len(out.Intents) != 1 || out.Intents[0].Side != value.Dataverse || out.Intents[0].Op != record.Update {
		t.Fatalf("intents %+v", out.Intents)
	}
	if p := r.Pairs("customers")[0]; p.FnO.ID != fresh {
		t.Errorf("the pair has RecId %s, want %s", p.FnO.ID, fresh)
	}
}

func TestPairGoneOnOneSide(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Customer("USMF", "US-1", nil)
	id := r.Account("USMF", "US-1", nil)
	r.paired()
	r.Dataverse.Delete("accounts", id)
	if out := r.run(); len(out.Intents) != 0 {
		t.Errorf("the deleted row is made again: %+v", out.Intents)
	}
	if l := r.Listed("customers"); len(l) != 1 || !strings.Contains(l[0], "DW6") {
		t.Errorf("listed %q", l)
	}
}

// TestOtherSideIsReadAfresh: agreed values are never taken for what is there.
func TestOtherSideIsReadAfresh(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	fno := r.Customer("USMF", "US-1", nil)
	r.Account("USMF", "US-1", values{"emailaddress1": text("a@x")})
	r.FnO.Change("CustomersV3", fno, values{"Email": text("a@x")})
	r.paired()
	r.FnO.Change("CustomersV3", fno, values{"OrganizationName": text("Renamed")})
	id := r.Dataverse.Rows("accounts")[0].ID
	r.Dataverse.Change("accounts", id, values{"emailaddress1": text("b@x")})
	// Only F&O is scanned: the edit in Dataverse is seen all the same.
	r.World.Update(func(tx store.Tx) error { return tx.PutCursor("customers", value.FnO, store.Cursor{}) })
	if err := r.Reader.Scan(t.Context(), value.FnO); err != nil {
		t.Fatal(err)
	}
	out := r.work()
	got := map[value.Side]string{}
	for _, in := range out.Intents {
		for _, f := range in.Fields {
			got[in.Side] += f.Column + "=" + f.New.String() + " "
		}
	}
	if got[value.Dataverse] != "name=Renamed " || got[value.FnO] != "Email=b@x " {
		t.Errorf("writes %v", got)
	}
}

// TestSeenBeforeTheWrite: what was seen before dw wrote is no edit.
func TestSeenBeforeTheWrite(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	fno := r.Customer("USMF", "US-1", nil)
	id := r.Account("USMF", "US-1", nil)
	p := r.paired()
	r.scan() // sees the old name
	// dw writes a new name meanwhile, which is agreed on both sides.
	r.FnO.Change("CustomersV3", fno, values{"OrganizationName": text("New")})
	r.Dataverse.Change("accounts", id, values{"name": text("New")})
	r.World.Update(func(tx store.Tx) error {
		seq, err := tx.Seq()
		if err != nil {
			return err
		}
		for i, s := range r.World.Map("customers").Compiled.Slots {
			if s.Field.Column.Name == "name" {
				p.Base[i].FnO, p.Base[i].Dataverse = text("New"), text("New")
			}
		}
		p.Written = seq
		return tx.PutPairs([]*record.Pair{p})
	})
	if out := r.work(); len(out.Intents) != 0 {
		t.Errorf("the old sight was taken for an edit: %+v", out.Intents[0])
	}
}

// TestPairGoneOnBothSides: an observation that is too old makes dw look, and
// neither side has the record.
func TestPairGoneOnBothSides(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	fno := r.Customer("USMF", "US-1", nil)
	id := r.Account("USMF", "US-1", nil)
	p := r.paired()
	r.scan()
	r.FnO.Delete("CustomersV3", fno)
	r.Dataverse.Delete("accounts", id)
	r.World.Update(func(tx store.Tx) (err error) {
		if p.Written, err = tx.Seq(); err != nil {
			return err
		}
		return tx.PutPairs([]*record.Pair{p})
	})
	if out := r.work(); len(out.Intents) != 0 {
		t.Errorf("intents %+v", out.Intents)
	}
	if n := r.Queued("customers"); n != 0 || len(r.Pairs("customers")) != 0 {
		t.Errorf("%d observations and %d pairs stay for nobody", n, len(r.Pairs("customers")))
	}
	r.lists()
}

func TestParkedRecordKeepsItsObservation(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Customer("USMF", "US-1", values{"CustomerGroupId": text("10")})
	out := r.run()
	if out.Parked != 1 || len(out.Intents) != 0 || r.Queued("customers") != 1 {
		t.Fatalf("outcome %+v, queued %d", out, r.Queued("customers"))
	}
	r.lists("parked DW601 USMF / US-1 msdyn_customergroupid.msdyn_groupid")
	// Again and again: it is listed once.
	r.work()
	r.lists("parked DW601 USMF / US-1 msdyn_customergroupid.msdyn_groupid")
	r.Group(value.Dataverse, "USMF", "10", "")
	out = r.work()
	if out.Parked != 0 || len(out.Intents) != 1 || r.Queued("customers") != 0 {
		t.Errorf("after the target came: %+v, queued %d", out, r.Queued("customers"))
	}
	r.lists()
}

func TestOwners(t *testing.T) {
	const team = "00000000-0000-4000-9000-00000000beef"
	owner := func(owner string) string {
		return enginetest.Edit(t, `constant "customertypecode"`, `owner = "`+owner+`"
  constant "customertypecode"`)
	}
	ownerOf := func(in []*record.Intent, key string) (value.Value, bool) {
		for _, i := range in {
			if !strings.EqualFold(i.Key, key) {
				continue
			}
			for _, f := range i.Fields {
				if f.Column == "ownerid" {
					return f.New, true
				}
			}
		}
		return value.Value{}, false
	}
	t.Run("of the company", func(t *testing.T) {
		r := newRig(enginetest.New(t, owner("company_team")), "customers")
		_, us := r.Company("USMF").Ref()
		r.Dataverse.Change("cdm_companies", us, values{"cdm_defaultowningteam": value.NewReference("team", team)})
		r.Customer("USMF", "US-1", nil)
		r.Customer("DEMF", "DE-1", nil)
		out := r.run()
		if v, ok := ownerOf(out.Intents, "usmf\x1fus-1"); !ok || v != value.NewReference("team", team) {
			t.Errorf("owner %v of %+v", v, out.Intents)
		}
		// DEMF has no team: its rows are the application user's.
		if v, ok := ownerOf(out.Intents, "demf\x1fde-1"); ok {
			t.Errorf("owner %v", v)
		}
		r.Dataverse.Requests()
		r.Customer("USMF", "US-2", nil)
		r.run()
		if got := r.Dataverse.Requests(); slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "cdm_companycode") }) {
			t.Errorf("the team was asked for again: %v", got)
		}
	})
	t.Run("by name", func(t *testing.T) {
		r := newRig(enginetest.New(t, owner("team:Sales")), "customers")
		id := r.Dataverse.Put("teams", values{"name": text("Sales")})
		r.Customer("USMF", "US-1", nil)
		out := r.run()
		if v, ok := ownerOf(out.Intents, "usmf\x1fus-1"); !ok || v != value.NewReference("team", id) {
			t.Errorf("owner %v of %+v", v, out.Intents)
		}
	})
	t.Run("by a name that two teams have", func(t *testing.T) {
		r := newRig(enginetest.New(t, owner("team:Sales")), "customers")
		r.Dataverse.Put("teams", values{"name": text("Sales")})
		r.Dataverse.Put("teams", values{"name": text("Sales")})
		r.Customer("USMF", "US-1", nil)
		r.scan()
		var work []store.Work
		r.View(func(tx store.Tx) (err error) {
			work, err = tx.Work("customers", "", 0)
			return err
		})
		if _, err := r.Work(t.Context(), work); err == nil || !strings.Contains(err.Error(), "Sales") {
			t.Errorf("error %v", err)
		}
		if r.Queued("customers") != 1 || len(r.Intents("customers")) != 0 {
			t.Error("the record was not left as it was")
		}
	})
}

// TestBaseOfAnEarlierVersion: fields that are mapped as before keep what was
// agreed, others are unknown, and the master decides.
func TestBaseOfAnEarlierVersion(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	r := newRig(w, "customers")
	r.Customer("USMF", "US-1", nil)
	id := r.Account("USMF", "US-1", nil)
	r.paired()
	// Version 2 does not map the currency any more; the name stays.
	w.Deploy(enginetest.Edit(t, `    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"
`, ``), 2)
	r = newRig(w, "customers")
	r.Dataverse.Change("accounts", id, values{"name": text("Edited in Dataverse")})
	out := r.run()
	// With the base kept, a name that only Dataverse changed is carried to F&O;
	// without it the master, F&O, would win.
	if len(out.Intents) != 1 || out.Intents[0].Side != value.FnO || out.Intents[0].Fields[0].New != text("Edited in Dataverse") {
		t.Fatalf("intents %+v", out.Intents)
	}
	if p := r.Pairs("customers")[0]; p.MapVersion != 2 || len(p.Base) != len(w.Map("customers").Compiled.Slots) {
		t.Errorf("pair of version %d with %d fields", p.MapVersion, len(p.Base))
	}
}

// TestBaseOfAFieldWithAnotherName: what was agreed of a field whose column was
// renamed counts under the new name, also some versions later.
func TestBaseOfAFieldWithAnotherName(t *testing.T) {
	before := strings.Replace(enginetest.Edit(t, `    Email             = "emailaddress1"
`, ``), `    dataverse = ["emailaddress1"]
`, ``, 1)
	now := strings.Replace(before, `OrganizationName  = "name"`, `OrganizationName  = "emailaddress1"`, 1)
	for moved, side := range map[bool]value.Side{true: value.FnO, false: value.Dataverse} {
		w := enginetest.New(t, before)
		r := newRig(w, "customers")
		r.Customer("USMF", "US-1", nil)
		id := r.Account("USMF", "US-1", nil)
		r.paired()
		defs := enginetest.Definitions(t, now)
		for i := range defs {
			if moved && defs[i].Map.Name == "customers" {
				defs[i].Moved = []plan.FieldMove{{From: "name", To: "emailaddress1"}}
			}
		}
		w.DeployDefinitions(defs, 2)
		w.Deploy(now, 3)
		r = newRig(w, "customers")
		r.Dataverse.Change("accounts", id, values{"emailaddress1": text("Edited in Dataverse")})
		out := r.run()
		// Without the base of the old name the master, F&O, wins.
		if len(out.Intents) != 1 || out.Intents[0].Side != side {
			t.Errorf("moved %v: intents %+v", moved, out.Intents)
		}
	}
}

func TestNothingIsStoredWhenTheStoreFails(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Customer("USMF", "US-1", nil)
	r.scan()
	var work []store.Work
	r.View(func(tx store.Tx) (err error) {
		work, err = tx.Work("customers", "", 0)
		return err
	})
	if err := r.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := r.Work(t.Context(), work); !errors.Is(err, store.ErrClosed) || len(out.Intents) > 0 {
		t.Errorf("outcome %+v, error %v", out, err)
	}
}
