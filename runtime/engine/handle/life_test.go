package handle_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// joined gives a rig with one customer that both sides hold.
func joined(t *testing.T, settings string) (r *rig, fno, dataverse string) {
	t.Helper()
	r = newRig(enginetest.New(t, enginetest.Edit(t, `  mastering {
    dataverse`, settings+`  mastering {
    dataverse`)), "customers")
	fno, dataverse = r.Customer("USMF", "US-1", nil), r.Account("USMF", "US-1", nil)
	r.paired()
	return r, fno, dataverse
}

const propagate = "  deletes = { to_dataverse = \"propagate\", to_fno = \"propagate\" }\n"

// see stores observations of rows as capture would.
func (r *rig) see(side value.Side, pairs ...*record.Pair) {
	r.Helper()
	obs, err := r.Reader.Read(r.Context(), side, pairs)
	if err != nil {
		r.Fatal(err)
	}
	r.World.Update(func(tx store.Tx) error { return tx.AddObservations(obs) })
}

// confirmDeleted stores what capture does once a delete is certain.
func (r *rig) confirmDeleted(side value.Side, p *record.Pair) {
	r.Helper()
	r.World.Update(func(tx store.Tx) error {
		seq, err := tx.Seq()
		if err != nil {
			return err
		}
		return tx.AddObservations([]record.Observation{{AsOf: seq, Map: r.name, Side: side, Key: p.Key, Company: p.Company, ID: p.End(side).ID, Deleted: true}})
	})
}

func (r *rig) wants(out []*record.Intent, side value.Side, op record.Op) {
	r.Helper()
	if len(out) != 1 || out[0].Side != side || out[0].Op != op {
		r.Fatalf("intents %+v, want %s in %s", out, op, side)
	}
}

func TestCertainDeleteIsCarriedOver(t *testing.T) {
	for _, gone := range []value.Side{value.FnO, value.Dataverse} {
		r, fno, dataverse := joined(t, propagate)
		p := r.Pairs("customers")[0]
		if gone == value.FnO {
			r.FnO.Delete("CustomersV3", fno)
		} else {
			r.Dataverse.Delete("accounts", dataverse)
		}
		r.confirmDeleted(gone, p)
		r.wants(r.work().Intents, gone.Other(), record.Delete)
		if r.Queued("customers") != 0 || len(r.Pairs("customers")) != 1 {
			t.Error("the observation stays, or the pair is gone before its write is")
		}
	}
}

// TestDeleteThatIsNot: what was said to be deleted is there.
func TestDeleteThatIsNot(t *testing.T) {
	r, _, _ := joined(t, propagate)
	p := r.Pairs("customers")[0]
	r.confirmDeleted(value.FnO, p)
	if out := r.work(); len(out.Intents) != 0 {
		t.Errorf("intents %+v", out.Intents)
	}
	// And one of a record that no pair has any more.
	q := *p
	q.FnO.ID = "1"
	r.confirmDeleted(value.FnO, &q)
	if out := r.work(); len(out.Intents) != 0 || r.Queued("customers") != 0 {
		t.Errorf("intents %+v, queued %d", out.Intents, r.Queued("customers"))
	}
	r.lists()
}

// TestAbsenceIsJudged: what is not found is asked for, and waits while nobody
// is certain.
func TestAbsenceIsJudged(t *testing.T) {
	r, fno, dataverse := joined(t, propagate)
	p := r.Pairs("customers")[0]
	certain := false
	asked := 0
	r.Absent = func(_ context.Context, side value.Side, pairs []*record.Pair) (map[int64]bool, error) {
		asked++
		if side != value.FnO || len(pairs) != 1 || pairs[0].ID != p.ID {
			t.Errorf("asked for %d pairs of %s", len(pairs), side)
		}
		return map[int64]bool{p.ID: certain}, nil
	}
	r.FnO.Delete("CustomersV3", fno)
	r.Dataverse.Change("accounts", dataverse, values{"telephone1": text("9")})
	r.see(value.Dataverse, p)
	for range 2 {
		if out := r.work(); len(out.Intents) != 0 || out.Parked != 1 || r.Queued("customers") != 1 {
			t.Fatalf("outcome %+v, queued %d", out, r.Queued("customers"))
		}
		r.lists("parked DW654 usmf / us-1")
	}
	certain = true
	r.wants(r.work().Intents, value.Dataverse, record.Delete)
	if r.lists(); asked != 3 || r.Queued("customers") != 0 {
		t.Errorf("asked %d times", asked)
	}
}

// TestDeletedOnBothSides ends a pair without a word.
func TestDeletedOnBothSides(t *testing.T) {
	r, fno, dataverse := joined(t, propagate)
	p := r.Pairs("customers")[0]
	r.FnO.Delete("CustomersV3", fno)
	r.Dataverse.Delete("accounts", dataverse)
	r.confirmDeleted(value.Dataverse, p)
	r.Absent = func(context.Context, value.Side, []*record.Pair) (map[int64]bool, error) { return nil, nil }
	r.work() // F&O's is not certain yet
	r.confirmDeleted(value.FnO, p)
	if out := r.work(); len(out.Intents) != 0 || len(r.Pairs("customers")) != 0 || r.Queued("customers") != 0 {
		t.Errorf("outcome %+v, pairs %v, queued %d", out, r.Pairs("customers"), r.Queued("customers"))
	}
	r.lists()
}

// TestDeletedAndCreatedAgain: the former record's observation is still queued
// when the new one is seen.
func TestDeletedAndCreatedAgain(t *testing.T) {
	r, fno, _ := joined(t, propagate)
	p := r.Pairs("customers")[0]
	r.FnO.Change("CustomersV3", fno, values{"OrganizationName": text("Last words")})
	r.see(value.FnO, p)
	r.FnO.Delete("CustomersV3", fno)
	fresh := r.Customer("USMF", "US-1", values{"OrganizationName": text("Another")})
	q := *p
	q.FnO.ID = fresh
	r.see(value.FnO, &q)
	if n := r.Queued("customers"); n != 2 {
		t.Fatalf("%d queued", n)
	}
	r.wants(r.work().Intents, value.Dataverse, record.Update)
	if p := r.Pairs("customers")[0]; p.FnO.ID != fresh || r.Queued("customers") != 0 {
		t.Errorf("pair %+v", p)
	}
	r.lists()
}

// TestSecondRowOfAPairsKey: Dataverse takes a second row with the key. While
// the pair's own is there, they are duplicates; then it takes its place.
func TestSecondRowOfAPairsKey(t *testing.T) {
	r, _, own := joined(t, "")
	second := r.Account("USMF", "us-1", nil)
	q := &record.Pair{}
	q.Dataverse.ID = second
	r.see(value.Dataverse, q)
	if out := r.work(); len(out.Intents) != 0 {
		t.Errorf("intents %+v", out.Intents)
	}
	l := r.Listed("customers")
	if p := r.Pairs("customers")[0]; p.Dataverse.ID != own || len(l) != 1 || !strings.HasPrefix(l[0], "failed DW641") {
		t.Errorf("pair %+v, listed %q", p, l)
	}
	r.Dataverse.Delete("accounts", own)
	r.see(value.Dataverse, q)
	r.work()
	if p := r.Pairs("customers")[0]; p.Dataverse.ID != second {
		t.Errorf("pair %+v", p)
	}
	r.lists()
}

// TestRowThatLosesItsKeyOrCompany is neither deleted nor out of the scope.
func TestRowThatLosesItsKeyOrCompany(t *testing.T) {
	for _, lost := range []string{"accountnumber", "msdyn_company"} {
		r, fno, dataverse := joined(t, propagate)
		p := r.Pairs("customers")[0]
		before := r.Dataverse.Rows("accounts")[0].Values[lost]
		r.Dataverse.Change("accounts", dataverse, values{lost: {}})
		r.FnO.Change("CustomersV3", fno, values{"OrganizationName": text("New")})
		r.see(value.FnO, p)
		r.Absent = func(context.Context, value.Side, []*record.Pair) (map[int64]bool, error) {
			t.Error("it is there, and somebody is asked")
			return nil, nil
		}
		if out := r.work(); len(out.Intents) != 0 {
			t.Errorf("intents %+v", out.Intents)
		}
		r.lists("failed DW653 USMF / US-1")
		r.Dataverse.Change("accounts", dataverse, values{lost: before})
		r.see(value.Dataverse, p)
		r.wants(r.work().Intents, value.Dataverse, record.Update)
		r.lists()
	}
}

// TestRowOfTwoMaps: the last pair deletes a row that belongs to two.
func TestRowOfTwoMaps(t *testing.T) {
	config := enginetest.Edit(t, `map "customers" {`, `map "persons" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = ["CustomerAccount"]
  fields "both" { CustomerAccount = "accountnumber" }
}

map "customers" {
  deletes = { to_dataverse = "propagate" }`)
	r := newRig(enginetest.New(t, config), "customers")
	fno := r.Customer("USMF", "US-1", nil)
	r.Account("USMF", "US-1", nil)
	r.paired()
	p := r.Pairs("customers")[0]
	other := &record.Pair{Map: "persons", MapVersion: 1, Key: "usmf\x1fp-1", FnO: record.End{ID: "77", Version: "1"}, Dataverse: p.Dataverse}
	r.World.Update(func(tx store.Tx) error { return tx.PutPairs([]*record.Pair{other}) })
	r.FnO.Delete("CustomersV3", fno)
	r.confirmDeleted(value.FnO, p)
	if out := r.work(); len(out.Intents) != 0 {
		t.Fatalf("the row of another pair is deleted: %+v", out.Intents)
	}
	r.lists("tolerated DW658 USMF / US-1")
	// Its own pair sleeps, so that the other map may delete the row.
	if p := r.Pairs("customers")[0]; p.Life != record.Ignored || p.FnO.ID != "" {
		t.Errorf("pair %+v", p)
	}

	r = newRig(enginetest.New(t, config), "customers")
	fno = r.Customer("USMF", "US-1", nil)
	r.Account("USMF", "US-1", nil)
	r.paired()
	p = r.Pairs("customers")[0]
	asleep := &record.Pair{Map: "persons", MapVersion: 1, Key: "usmf\x1fp-1", Dataverse: p.Dataverse, Life: record.Ignored}
	r.World.Update(func(tx store.Tx) error { return tx.PutPairs([]*record.Pair{asleep}) })
	r.FnO.Delete("CustomersV3", fno)
	r.confirmDeleted(value.FnO, p)
	r.wants(r.work().Intents, value.Dataverse, record.Delete)
}

// TestTargetIsDeleted: Dataverse empties lookups to a row that is deleted. The
// reference is owed, and F&O keeps it.
func TestTargetIsDeleted(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	group := r.Group(value.Dataverse, "USMF", "10", "")
	ref := value.NewReference("msdyn_customergroup", group)
	r.Customer("USMF", "US-1", values{"CustomerGroupId": text("10")})
	dataverse := r.Account("USMF", "US-1", values{"msdyn_customergroupid": ref})
	r.paired()
	p := r.Pairs("customers")[0]
	r.Dataverse.Delete("msdyn_customergroups", group)
	r.Dataverse.Change("accounts", dataverse, values{"msdyn_customergroupid": {}})
	h := newRig(r.World, "customers") // its references were not asked for before
	h.First = false
	h.see(value.Dataverse, p)
	if out := h.work(); len(out.Intents) != 0 {
		t.Fatalf("intents %+v", out.Intents)
	}
	h.lists("parked DW601 USMF / US-1 msdyn_customergroupid.msdyn_groupid")
	h.View(func(tx store.Tx) error {
		l, err := tx.Listed(store.ListedQuery{Map: "customers"}, 0, 0)
		if err == nil && (l[0].WaitMap != "groups" || l[0].WaitKey != "usmf\x1f10") {
			t.Errorf("waits for %q of map %q", l[0].WaitKey, l[0].WaitMap)
		}
		return err
	})
	h.Group(value.Dataverse, "USMF", "10", "")
	h.wants(h.work().Intents, value.Dataverse, record.Update)
	// A person who empties it means it.
	r.Dataverse.Change("accounts", dataverse, values{"msdyn_customergroupid": r.Ref("msdyn_customergroups", "msdyn_customergroup", "msdyn_groupid", "10")})
	again := newRig(r.World, "customers")
	again.see(value.Dataverse, p)
	again.work()
	r.Dataverse.Change("accounts", dataverse, values{"msdyn_customergroupid": {}})
	again.see(value.Dataverse, p)
	again.wants(again.work().Intents, value.FnO, record.Update)
}

// TestBothRenamed: the pair has the new key, and nothing is listed any more.
func TestBothRenamed(t *testing.T) {
	r, fno, dataverse := joined(t, "")
	p := r.Pairs("customers")[0]
	r.FnO.Change("CustomersV3", fno, values{"CustomerAccount": text("US-9")})
	q := *p
	q.FnO.Key = []value.Value{text("usmf"), text("US-9")}
	r.see(value.FnO, &q)
	r.work()
	r.lists("failed DW609 USMF / US-9", "failed DW609 USMF / US-9") // under both keys
	if p := r.Pairs("customers")[0]; p.Key != "usmf\x1fus-1" || p.FnO.Key[1] != text("US-9") {
		t.Errorf("pair %+v", p)
	}
	// A retry of the pair finds its record under the new key.
	if out, err := r.Owed(t.Context(), r.Pairs("customers")); err != nil || len(out.Intents) > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	r.lists("failed DW609 USMF / US-9", "failed DW609 USMF / US-9")
	r.Dataverse.Change("accounts", dataverse, values{"accountnumber": text("US-9")})
	if out, err := r.Owed(t.Context(), r.Pairs("customers")); err != nil || len(out.Intents) > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	r.lists()
	if p := r.Pairs("customers")[0]; p.Key != "usmf\x1fus-9" {
		t.Errorf("pair %+v", p)
	}
}

// TestEntriesKeepTheirTime: what is found again is not news.
func TestEntriesKeepTheirTime(t *testing.T) {
	r := newRig(enginetest.New(t, enginetest.Config), "customers")
	r.Customer("USMF", "US-1", values{"CustomerGroupId": text("10"), "OrganizationName": text("A")})
	entry := func() (l record.Listed) {
		r.View(func(tx store.Tx) error {
			all, err := tx.Listed(store.ListedQuery{Map: "customers"}, 0, 0)
			if err == nil && len(all) != 1 {
				t.Fatalf("listed %+v", all)
			}
			l = all[0]
			return err
		})
		return l
	}
	r.run()
	first := entry()
	if err := r.World.Env.Host.Clock.Sleep(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	r.work()
	if again := entry(); again != first {
		t.Errorf("%+v, before %+v", again, first)
	}
	id := r.FnO.Rows("CustomersV3")[0].ID
	r.FnO.Change("CustomersV3", id, values{"CustomerGroupId": text("20")})
	r.run()
	if other := entry(); other.At == first.At || other.ID != first.ID {
		t.Errorf("%+v, before %+v", other, first)
	}
}

// TestRetryCreatesAgain: a person asks for a record whose delete was ignored.
func TestRetryCreatesAgain(t *testing.T) {
	r, fno, _ := joined(t, "  deletes = { to_dataverse = \"ignore\" }\n")
	p := r.Pairs("customers")[0]
	r.FnO.Delete("CustomersV3", fno)
	r.confirmDeleted(value.FnO, p)
	if out := r.work(); len(out.Intents) != 0 {
		t.Fatalf("intents %+v", out.Intents)
	}
	r.lists("tolerated DW610 USMF / US-1")
	if out, err := r.Owed(t.Context(), r.Pairs("customers")); err != nil || len(out.Intents) > 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	r.Retry = true
	out, err := r.Owed(t.Context(), r.Pairs("customers"))
	if err != nil {
		t.Fatal(err)
	}
	r.wants(out.Intents, value.FnO, record.Create)
	if !slices.Equal(r.Listed("customers"), nil) {
		t.Errorf("listed %q", r.Listed("customers"))
	}
}
