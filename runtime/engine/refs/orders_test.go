package refs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

type values = enginetest.Values

var text = enginetest.Text

// slotOf gives a slot of a map by its name.
func slotOf(w *enginetest.World, m, name string) *transform.Slot {
	w.Helper()
	c := w.Map(m).Compiled
	for i := range c.Slots {
		if c.Slots[i].Name == name {
			return &c.Slots[i]
		}
	}
	w.Fatalf("%s have no field %s", m, name)
	return nil
}

// shop puts two hierarchies with a category "Bikes" each.
func shop(w *enginetest.World) map[string]value.Value {
	at := map[string]value.Value{}
	for _, h := range []string{"Sales", "Purchase"} {
		at[h] = w.PutRef("msdyn_productcategoryhierarchies", "msdyn_productcategoryhierarchy", "", values{"msdyn_name": text(h)})
		at[h+"/Bikes"] = w.PutRef("msdyn_productcategories", "msdyn_productcategory", "", values{"msdyn_name": text("Bikes"), "msdyn_hierarchy": at[h]})
	}
	at["orphan"] = w.PutRef("msdyn_productcategories", "msdyn_productcategory", "", values{"msdyn_name": text("Bikes")})
	w.Dataverse.Requests()
	return at
}

func TestCompositeKeysAskTheTarget(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	at := shop(w)
	l := slotOf(w, "lines", "msdyn_salesproductcategory").Lookup
	r := refs.New(w.Env)
	a := resolve(w, r, refs.Options{Pairs: true},
		refs.Need{Lookup: l, Company: "USMF", Key: "Bikes\x1fSales"}, refs.Need{Lookup: l, Company: "USMF", Key: "bikes\x1fPURCHASE"},
		refs.Need{Lookup: l, Company: "USMF", Key: "Bikes\x1fNowhere"}, refs.Need{Lookup: l, Company: "USMF", Key: "Cars\x1fSales"}, refs.Need{Lookup: l, Key: "Bikes"})
	for key, want := range map[string]value.Value{"Bikes\x1fSales": at["Sales/Bikes"], "Bikes\x1fPurchase": at["Purchase/Bikes"]} {
		if ref, state := a.ID(l, "DEMF", key); state != transform.RefKnown || ref != want {
			t.Errorf("%q: %v, %v", key, ref, state)
		}
	}
	for _, key := range []string{"Bikes\x1fNowhere", "Cars\x1fSales", "Bikes"} {
		if ref, state := a.ID(l, "", key); state != transform.RefMissing {
			t.Errorf("%q: %v, %v, want missing", key, ref, state)
		}
	}
	// One request for all hierarchies, one for all categories.
	if got, want := w.Dataverse.Requests(), []string{
		"Find msdyn_productcategoryhierarchies msdyn_name=Sales PURCHASE Nowhere", "Find msdyn_productcategories msdyn_name=Bikes bikes Cars",
	}; !slices.Equal(got, want) {
		t.Errorf("requests %q", got)
	}
}

func TestKeysOfRowsBehindOthers(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	at := shop(w)
	l := slotOf(w, "lines", "msdyn_salesproductcategory").Lookup
	var needs []refs.Need
	for _, name := range []string{"Sales/Bikes", "Purchase/Bikes", "orphan"} {
		needs = append(needs, refs.Need{Lookup: l, Ref: at[name]})
	}
	for _, o := range []refs.Options{{}, {Pairs: true, Any: true}} {
		a := resolve(w, refs.New(w.Env), o, needs...)
		for name, want := range map[string]string{"Sales/Bikes": "Bikes\x1fSales", "Purchase/Bikes": "Bikes\x1fPurchase"} {
			if key, state := a.Key(l, at[name]); state != transform.RefKnown || key != want {
				t.Errorf("%+v %s: %q, %v", o, name, key, state)
			}
		}
		if key, state := a.Key(l, at["orphan"]); state != transform.RefMissing {
			t.Errorf("a category without hierarchy has key %q, %v", key, state)
		}
		if got := w.Dataverse.Requests(); len(got) != 2 {
			t.Errorf("requests %q", got)
		}
	}
	// F&O has none of these categories yet: it would refuse their keys.
	a := resolve(w, refs.New(w.Env), refs.Options{Pairs: true}, needs...)
	if key, state := a.Key(l, at["Sales/Bikes"]); state != transform.RefMissing {
		t.Errorf("key %q, %v", key, state)
	}
}

// link stores a pair whose base is what both records say.
func link(w *enginetest.World, name, company string, f, d values, version string) value.Value {
	w.Helper()
	m := w.Map(name)
	c := m.Compiled
	ref := w.PutRef(c.Dataverse.Table.Set, c.Dataverse.Table.Name, company, d)
	p := &record.Pair{Map: name, MapVersion: m.Version, Company: company, FnO: record.End{ID: "1" + ref.Guid(), Version: version},
		Dataverse: record.End{ID: ref.Guid(), Version: "1"}, Base: make([]record.FieldBase, len(c.Slots))}
	side := func(s value.Side, v values) []value.Value {
		var vals []value.Value
		columns := c.FnO.Columns
		if s == value.Dataverse {
			columns = c.Dataverse.Columns
		}
		for _, f := range columns {
			vals = append(vals, v[f.Name])
		}
		return c.Widen(s, vals, nil)
	}
	fv, dv := side(value.FnO, f), side(value.Dataverse, d)
	for i := range c.Slots {
		p.Base[i] = record.FieldBase{State: record.Known, FnO: fv[c.Slots[i].FnO]}
		if at := c.Slots[i].Dataverse; at < len(dv) {
			p.Base[i].Dataverse = dv[at]
		}
	}
	key, ok := c.KeyOf(value.FnO, fv, company)
	if !ok {
		w.Fatalf("a record of %s without key", name)
	}
	p.Key = key
	w.Update(func(tx store.Tx) error { return tx.PutPairs([]*record.Pair{p}) })
	w.Dataverse.Requests()
	return ref
}

func TestPairsAnswerForKeysBehindLookups(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	at := shop(w)
	bikes := link(w, "categories", "", values{"CategoryName": text("Bikes"), "HierarchyName": text("Sales")},
		values{"msdyn_name": text("Bikes"), "msdyn_hierarchy": at["Sales"]}, "1")
	order := link(w, "orders", "DEMF", values{"OrderNumber": text("O1")}, values{"msdyn_salesordernumber": text("O1")}, "1")
	category := slotOf(w, "lines", "msdyn_salesproductcategory").Lookup
	number := slotOf(w, "lines", "salesorderid.msdyn_salesordernumber").Lookup
	r := refs.New(w.Env)
	a := resolve(w, r, refs.Options{Pairs: true}, refs.Need{Lookup: category, Company: "DEMF", Key: "BIKES\x1fSales"}, refs.Need{Lookup: number, Company: "DEMF", Key: "o1"},
		refs.Need{Lookup: category, Ref: bikes}, refs.Need{Lookup: number, Ref: order})
	if ref, state := a.ID(category, "", "Bikes\x1fsales"); state != transform.RefKnown || ref != bikes {
		t.Errorf("category %v, %v", ref, state)
	}
	if ref, state := a.ID(number, "demf", "O1"); state != transform.RefKnown || ref != order {
		t.Errorf("order %v, %v", ref, state)
	}
	if key, state := a.Key(category, bikes); state != transform.RefKnown || key != "Bikes\x1fSales" {
		t.Errorf("key of the category %q, %v", key, state)
	}
	if key, state := a.Key(number, order); state != transform.RefKnown || key != "O1" {
		t.Errorf("key of the order %q, %v", key, state)
	}
	// The company of a line is its order's.
	var company *transform.Lookup
	c := w.Map("lines").Compiled
	vals := make([]value.Value, len(c.Dataverse.Columns))
	vals[c.Dataverse.Index("salesorderid")] = order
	c.WidenNeeds(value.Dataverse, vals, func(l *transform.Lookup, ref value.Value) {
		if l.Parts[0].Via != nil {
			company = l
		}
	})
	if company == nil {
		t.Fatal("nobody asks for the company")
	}
	a = resolve(w, r, refs.Options{Pairs: true, Any: true}, refs.Need{Lookup: company, Ref: order})
	if key, state := a.Key(company, order); state != transform.RefKnown || key != "DEMF" {
		t.Errorf("company %q, %v", key, state)
	}
	if got := w.Dataverse.Requests(); len(got) > 0 {
		t.Errorf("the target was asked although the pairs know: %v", got)
	}
}

// TestRowsThatAreStillBeingWrittenToFnO have a key of their own, but none that
// F&O takes.
func TestRowsThatAreStillBeingWrittenToFnO(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	order := link(w, "orders", "USMF", values{"OrderNumber": text("O1")}, values{"msdyn_salesordernumber": text("O1")}, "")
	number := slotOf(w, "lines", "salesorderid.msdyn_salesordernumber").Lookup
	need := refs.Need{Lookup: number, Ref: order}
	r := refs.New(w.Env)
	a := resolve(w, r, refs.Options{Pairs: true, Any: true}, need)
	if key, state := a.Key(number, order); state != transform.RefKnown || key != "O1" {
		t.Errorf("its own key %q, %v", key, state)
	}
	a = resolve(w, r, refs.Options{Pairs: true}, need)
	if key, state := a.Key(number, order); state != transform.RefMissing {
		t.Errorf("F&O would be sent %q, %v", key, state)
	}
}

func TestSeveralMapsDeliverATable(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	person := link(w, "person_customers", "USMF", values{"CustomerAccount": text("C7")}, values{"msdyn_contactpersonid": text("C7")}, "1")
	contact := link(w, "contact_persons", "USMF", values{"ContactPersonId": text("P1")}, values{"msdyn_contactpersonid": text("P1")}, "1")
	s := slotOf(w, "orders", "customerid")
	accounts, contacts := s.Lookups[0], s.Lookups[1]
	r := refs.New(w.Env)
	var needs []refs.Need
	for _, key := range []string{"C7", "P1"} {
		needs = append(needs, refs.Need{Lookup: accounts, Company: "USMF", Key: key}, refs.Need{Lookup: contacts, Company: "USMF", Key: key})
	}
	needs = append(needs, refs.Need{Lookup: contacts, Ref: person}, refs.Need{Lookup: contacts, Ref: contact})
	a := resolve(w, r, refs.Options{Pairs: true}, needs...)
	for key, want := range map[string]value.Value{"C7": person, "P1": contact} {
		if ref, state := a.ID(contacts, "USMF", key); state != transform.RefKnown || ref != want {
			t.Errorf("%s: %v, %v", key, ref, state)
		}
		if _, state := a.ID(accounts, "USMF", key); state != transform.RefMissing {
			t.Errorf("account %s: %v", key, state)
		}
		if got, state := a.Key(contacts, want); state != transform.RefKnown || got != key {
			t.Errorf("key %q, %v", got, state)
		}
	}
	// Two rows of one key are nobody's.
	link(w, "contact_persons", "USMF", values{"ContactPersonId": text("C7")}, values{"msdyn_contactpersonid": text("C7")}, "1")
	a = resolve(w, refs.New(w.Env), refs.Options{Pairs: true}, refs.Need{Lookup: contacts, Company: "USMF", Key: "C7"})
	if ref, state := a.ID(contacts, "USMF", "C7"); state != transform.RefMissing {
		t.Errorf("%v, %v, want missing", ref, state)
	}
}

// TestOneBatchAsksForARowAndForTheWayToIt: whichever comes first.
func TestOneBatchAsksForARowAndForTheWayToIt(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	at := shop(w)
	category, hierarchy := slotOf(w, "lines", "msdyn_salesproductcategory").Lookup, slotOf(w, "categories", "msdyn_hierarchy.msdyn_name").Lookup
	needs := []refs.Need{{Lookup: category, Key: "Bikes\x1fSales"}, {Lookup: hierarchy, Key: "Sales"}, {Lookup: hierarchy, Key: "None"}, {Lookup: category, Key: "Bikes\x1fNone"}}
	for range 2 {
		slices.Reverse(needs)
		a := resolve(w, refs.New(w.Env), refs.Options{Pairs: true}, needs...)
		if ref, state := a.ID(category, "", "Bikes\x1fSales"); state != transform.RefKnown || ref != at["Sales/Bikes"] {
			t.Errorf("category %v, %v", ref, state)
		}
		if ref, state := a.ID(hierarchy, "", "Sales"); state != transform.RefKnown || ref != at["Sales"] {
			t.Errorf("hierarchy %v, %v", ref, state)
		}
		if _, state := a.ID(hierarchy, "", "None"); state != transform.RefMissing {
			t.Errorf("no hierarchy: %v", state)
		}
		if _, state := a.ID(category, "", "Bikes\x1fNone"); state != transform.RefMissing {
			t.Errorf("no category: %v", state)
		}
		if got := w.Dataverse.Requests(); len(got) > 3 {
			t.Errorf("requests %q", got)
		}
	}
}

func TestPathWithoutAColumnOfItsOwn(t *testing.T) {
	config := strings.Replace(enginetest.Orders, `      CategoryName      = "msdyn_name"
      CategoryHierarchy = "msdyn_hierarchy.msdyn_name"
    }
  }
}
`, `      CategoryHierarchy = "msdyn_hierarchy.msdyn_name"
    }
  }
}
`, 1)
	w := enginetest.New(t, config)
	sales := w.PutRef("msdyn_productcategoryhierarchies", "msdyn_productcategoryhierarchy", "", values{"msdyn_name": text("Sales")})
	only := w.PutRef("msdyn_productcategories", "msdyn_productcategory", "", values{"msdyn_name": text("Bikes"), "msdyn_hierarchy": sales})
	l := slotOf(w, "lines", "msdyn_salesproductcategory.msdyn_hierarchy.msdyn_name").Lookup
	a := resolve(w, refs.New(w.Env), refs.Options{Pairs: true}, refs.Need{Lookup: l, Key: "Sales"})
	if ref, state := a.ID(l, "", "sales"); state != transform.RefKnown || ref != only {
		t.Errorf("%v, %v", ref, state)
	}
	w.PutRef("msdyn_productcategories", "msdyn_productcategory", "", values{"msdyn_name": text("Cars"), "msdyn_hierarchy": sales})
	a = resolve(w, refs.New(w.Env), refs.Options{Pairs: true}, refs.Need{Lookup: l, Key: "Sales"})
	if ref, state := a.ID(l, "", "Sales"); state != transform.RefMissing {
		t.Errorf("two categories of one hierarchy: %v, %v", ref, state)
	}
}

func TestForget(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	at := shop(w)
	l := slotOf(w, "categories", "msdyn_hierarchy.msdyn_name").Lookup
	r := refs.New(w.Env)
	need := refs.Need{Lookup: l, Key: "Sales"}
	resolve(w, r, refs.Options{}, need)
	w.Dataverse.Delete("msdyn_productcategoryhierarchies", at["Sales"].Guid())
	if ref, state := resolve(w, r, refs.Options{}, need).ID(l, "", "Sales"); state != transform.RefKnown {
		t.Errorf("%v, %v: what was found is kept", ref, state)
	}
	r.Forget()
	if ref, state := resolve(w, r, refs.Options{}, need).ID(l, "", "Sales"); state != transform.RefMissing {
		t.Errorf("%v, %v: what was forgotten is asked again", ref, state)
	}
}

func TestCompaniesOfMapsByPath(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	w.Env.Maps = slices.DeleteFunc(w.Env.Maps, func(m *engine.Map) bool { return m.Name != "lines" && m.Name != "companies" })
	us := w.Company("USMF")
	codes, err := refs.New(w.Env).Companies(t.Context(), []value.Value{us})
	if err != nil || codes[us] != "USMF" {
		t.Errorf("codes %v, error %v", codes, err)
	}
}
