package refs_test

import (
	"slices"
	"testing"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// lookupOf gives the lookup of a field of the customers.
func lookupOf(w *enginetest.World, name string) *transform.Lookup {
	w.Helper()
	for _, s := range w.Map("customers").Compiled.Slots {
		if s.Lookup != nil && (s.Name == name || s.Field.Column.Name == name) {
			return s.Lookup
		}
	}
	w.Fatalf("customers have no lookup %s", name)
	return nil
}

func resolve(w *enginetest.World, r *refs.Resolver, o refs.Options, needs ...refs.Need) refs.Answers {
	w.Helper()
	a, err := r.Resolve(w.Context(), needs, o)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// pair stores a pair of groups whose base is known.
func pair(w *enginetest.World, company, group, dataverseID, version string) {
	w.Helper()
	c := w.Map("groups").Compiled
	p := &record.Pair{Map: "groups", MapVersion: 1, Key: transform.JoinKey(company, group), Company: company,
		FnO: record.End{ID: "1" + group, Version: "1"}, Dataverse: record.End{ID: dataverseID, Version: version},
		Base: make([]record.FieldBase, len(c.Slots))}
	for i, s := range c.Slots {
		if s.IsKey && i != c.Company {
			p.Base[i] = record.FieldBase{State: record.Known, FnO: enginetest.Text(group), Dataverse: enginetest.Text(group)}
		}
	}
	w.Update(func(tx store.Tx) error { return tx.PutPairs([]*record.Pair{p}) })
}

const rowID = "00000000-0000-4000-9000-0000000000aa"

func TestPairsAreAskedBeforeTheTarget(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	pair(w, "USMF", "10", rowID, "1")
	r := refs.New(w.Env)
	l := lookupOf(w, "msdyn_customergroupid")
	a := resolve(w, r, refs.Options{Pairs: true}, refs.Need{Lookup: l, Company: "USMF", Key: "10"})
	if ref, state := a.ID(l, "usmf", "10 "); state != transform.RefKnown || ref != value.NewReference("msdyn_customergroup", rowID) {
		t.Errorf("by key: %v, %v", ref, state)
	}
	ref := value.NewReference("msdyn_customergroup", rowID)
	a = resolve(w, r, refs.Options{Pairs: true}, refs.Need{Lookup: l, Ref: ref})
	if key, state := a.Key(l, ref); state != transform.RefKnown || key != "10" {
		t.Errorf("by reference: %q, %v", key, state)
	}
	if got := w.Dataverse.Requests(); len(got) > 0 {
		t.Errorf("the target was asked although the pairs know: %v", got)
	}
	// Verify does without the pair table: the target has no such row.
	a = resolve(w, refs.New(w.Env), refs.Options{}, refs.Need{Lookup: l, Company: "USMF", Key: "10"})
	if _, state := a.ID(l, "USMF", "10"); state != transform.RefMissing {
		t.Errorf("without pairs the state is %v, want missing", state)
	}
}

func TestPairsThatAreNotConfirmedDoNotAnswer(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	pair(w, "USMF", "10", rowID, "") // its row is being written
	l := lookupOf(w, "msdyn_customergroupid")
	a := resolve(w, refs.New(w.Env), refs.Options{Pairs: true}, refs.Need{Lookup: l, Company: "USMF", Key: "10"})
	if _, state := a.ID(l, "USMF", "10"); state != transform.RefMissing {
		t.Errorf("state %v, want missing: the row may never come about", state)
	}
}

func TestTargetsAreAskedInBatchesAndByCompany(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	us := w.Group(value.Dataverse, "USMF", "10", "")
	de := w.Group(value.Dataverse, "DEMF", "10", "")
	w.Group(value.Dataverse, "", "10", "") // of no company
	w.Group(value.Dataverse, "", "30", "")
	l := lookupOf(w, "msdyn_customergroupid")
	r := refs.New(w.Env)
	a := resolve(w, r, refs.Options{Pairs: true},
		refs.Need{Lookup: l, Company: "USMF", Key: "10"}, refs.Need{Lookup: l, Company: "DEMF", Key: "10"},
		refs.Need{Lookup: l, Company: "USMF", Key: "20"}, refs.Need{Lookup: l, Company: "USMF", Key: "30"},
		refs.Need{Lookup: l, Company: "USMF", Key: "10"})
	for company, id := range map[string]string{"USMF": us, "DEMF": de} {
		if ref, state := a.ID(l, company, "10"); state != transform.RefKnown || ref != value.NewReference(l.Table, id) {
			t.Errorf("%s: %v, %v", company, ref, state)
		}
	}
	for _, key := range []string{"20", "30"} {
		if _, state := a.ID(l, "USMF", key); state != transform.RefMissing {
			t.Errorf("group %s: state %v, want missing", key, state)
		}
	}
	if _, state := a.ID(l, "USMF", "40"); state != transform.RefUnknown {
		t.Errorf("what nobody asked for has state %v", state)
	}
	if got, want := w.Dataverse.Requests(), []string{"Find msdyn_customergroups msdyn_groupid=10 10 20 30"}; len(got) == 0 || got[0] != want[0] {
		t.Errorf("requests %v, want first %v", got, want)
	}
	// What was found is remembered, what was not is asked again: it may have come.
	id := w.Group(value.Dataverse, "USMF", "20", "")
	a = resolve(w, r, refs.Options{Pairs: true}, refs.Need{Lookup: l, Company: "USMF", Key: "10"}, refs.Need{Lookup: l, Company: "USMF", Key: "20"})
	if ref, state := a.ID(l, "USMF", "20"); state != transform.RefKnown || ref != value.NewReference(l.Table, id) {
		t.Errorf("a target that has come: %v, %v", ref, state)
	}
	if got := w.Dataverse.Requests(); !slices.Equal(got, []string{"Find msdyn_customergroups msdyn_groupid=20"}) {
		t.Errorf("requests %v", got)
	}
}

func TestAmbiguousKeysAreMissing(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Group(value.Dataverse, "USMF", "10", "one")
	w.Group(value.Dataverse, "USMF", "10", "another")
	only := w.Group(value.Dataverse, "DEMF", "10", "")
	l := lookupOf(w, "msdyn_customergroupid")
	a := resolve(w, refs.New(w.Env), refs.Options{}, refs.Need{Lookup: l, Company: "USMF", Key: "10"}, refs.Need{Lookup: l, Company: "DEMF", Key: "10"})
	if ref, state := a.ID(l, "USMF", "10"); state != transform.RefMissing {
		t.Errorf("two rows of one key: %v, %v, want missing", ref, state)
	}
	if ref, state := a.ID(l, "DEMF", "10"); state != transform.RefKnown || ref != value.NewReference(l.Table, only) {
		t.Errorf("the other company: %v, %v", ref, state)
	}
}

func TestTargetsWithoutCompanyOrMap(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	l := lookupOf(w, "transactioncurrencyid")
	want := w.Ref("transactioncurrencies", "transactioncurrency", "isocurrencycode", "USD")
	a := resolve(w, refs.New(w.Env), refs.Options{Pairs: true}, refs.Need{Lookup: l, Company: "USMF", Key: "usd"}, refs.Need{Lookup: l, Ref: want})
	for _, company := range []string{"USMF", "DEMF", ""} {
		if ref, state := a.ID(l, company, "USD"); state != transform.RefKnown || ref != want {
			t.Errorf("%q: %v, %v", company, ref, state)
		}
	}
	if key, state := a.Key(l, want); state != transform.RefKnown || key != "USD" {
		t.Errorf("key %q, %v", key, state)
	}
}

func TestDeferredLookupsAskOnlyPairsInTheFirstPass(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	w.Account("USMF", "US-1", nil)
	l := lookupOf(w, "msdyn_billingaccount")
	o := refs.Options{Pairs: true, First: true, Deferred: func(l *transform.Lookup) bool { return l.Missing == "defer" }}
	need := refs.Need{Lookup: l, Company: "USMF", Key: "US-1"}
	r := refs.New(w.Env)
	if _, state := resolve(w, r, o, need).ID(l, "USMF", "US-1"); state != transform.RefMissing {
		t.Errorf("first pass: state %v, want missing", state)
	}
	if got := w.Dataverse.Requests(); len(got) > 0 {
		t.Errorf("the first pass asked %v", got)
	}
	o.First = false
	if _, state := resolve(w, r, o, need).ID(l, "USMF", "US-1"); state != transform.RefKnown {
		t.Errorf("second pass: state %v, want known", state)
	}
}

func TestRowsThatFnOLacksHaveNoKeyYet(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	id := w.Group(value.Dataverse, "USMF", "10", "")
	l := lookupOf(w, "msdyn_customergroupid")
	ref := value.NewReference(l.Table, id)
	if key, state := resolve(w, refs.New(w.Env), refs.Options{Pairs: true}, refs.Need{Lookup: l, Ref: ref}).Key(l, ref); state != transform.RefMissing {
		t.Errorf("key %q, state %v: F&O would refuse a key that it does not have yet", key, state)
	}
	// Verify compares what is there and needs no pair.
	if key, state := resolve(w, refs.New(w.Env), refs.Options{}, refs.Need{Lookup: l, Ref: ref}).Key(l, ref); state != transform.RefKnown || key != "10" {
		t.Errorf("verify: key %q, state %v", key, state)
	}
}

func TestCompanies(t *testing.T) {
	w := enginetest.New(t, enginetest.Config)
	us, gone := w.Company("USMF"), value.NewReference("cdm_company", rowID)
	codes, err := refs.New(w.Env).Companies(t.Context(), []value.Value{us, {}, gone, us})
	if err != nil || len(codes) != 1 || codes[us] != "USMF" {
		t.Errorf("codes %v, error %v", codes, err)
	}
}
