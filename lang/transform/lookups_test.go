package transform

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// shop is a small Dataverse: two companies, two hierarchies that both have a
// category "Bikes", customers and persons of whom one number is taken twice.
func shop() (w rows, at map[string]value.Value) {
	w, at = rows{}, map[string]value.Value{}
	for _, code := range []string{"USMF", "DEMF"} {
		at[code] = w.put("cdm_company", cells{"cdm_companycode": txt(code)})
	}
	for _, h := range []string{"Sales", "Purchase"} {
		at[h] = w.put("msdyn_productcategoryhierarchy", cells{"msdyn_name": txt(h)})
		at[h+"/Bikes"] = w.put("msdyn_productcategory", cells{"msdyn_name": txt("Bikes"), "msdyn_hierarchy": at[h]})
	}
	at["Sales/Gravel"] = w.put("msdyn_productcategory", cells{"msdyn_name": txt("Gravel"), "msdyn_hierarchy": at["Sales"], "msdyn_parentproductcategory": at["Sales/Bikes"]})
	at["lost"] = w.put("msdyn_productcategory", cells{"msdyn_name": txt("Lost")})
	for _, code := range []string{"USMF", "DEMF"} {
		at[code+"/C1"] = w.put("account", cells{"accountnumber": txt("C1"), "msdyn_company": at[code]})
		at[code+"/P1"] = w.put("contact", cells{"msdyn_contactpersonid": txt("P1"), "msdyn_company": at[code]})
		at[code+"/O1"] = w.put("salesorder", cells{"msdyn_salesordernumber": txt("O1"), "msdyn_company": at[code]})
	}
	at["both account"] = w.put("account", cells{"accountnumber": txt("X9"), "msdyn_company": at["USMF"]})
	at["both contact"] = w.put("contact", cells{"msdyn_contactpersonid": txt("x9"), "msdyn_company": at["USMF"]})
	at["homeless"] = w.put("salesorder", cells{"msdyn_salesordernumber": txt("O7")})
	return w, at
}

func TestCompositeLookup(t *testing.T) {
	c := compiled(t, lineMap())
	w, at := shop()
	s := slotNamed(t, c, "msdyn_salesproductcategory")
	if got := s.Lookup.Title(); got != "msdyn_hierarchy.msdyn_name + msdyn_name of msdyn_productcategories" || s.Lookup.KeyColumn != "msdyn_hierarchy" {
		t.Errorf("title %q", got)
	}
	if s.Lookup.Map != "categories" || s.Lookup.CompanyColumn != "" || s.Lookup.InCompany() || len(s.Lookups) != 1 || s.Lookups[0] != s.Lookup {
		t.Errorf("lookup %+v", s.Lookup)
	}
	if f := c.Column(s, value.FnO); f.Name != "CategoryHierarchy+CategoryName" || !f.OnUpdate || !f.OnCreate {
		t.Errorf("made-up field %+v", f)
	}
	r := full(c, rec(c, value.FnO, "USMF", cells{"CategoryName": txt("bikes "), "CategoryHierarchy": txt("Purchase")}), nil)
	got, err := c.Translate(s, r, w)
	if err != nil || got != at["Purchase/Bikes"] {
		t.Errorf("towards Dataverse %v, %v", got, err)
	}
	var asked []string
	c.Needs(r, value.Dataverse, func(l *Lookup, company, key string, _ value.Value) {
		asked = append(asked, l.Table+" "+company+" "+key)
	})
	if want := []string{"msdyn_productcategory  Purchase\x1fbikes"}; !reflect.DeepEqual(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	back := full(c, rec(c, value.Dataverse, "USMF", cells{"msdyn_salesproductcategory": at["Sales/Bikes"]}), w)
	v, err := c.Translate(s, back, w)
	if err != nil || v != txt("Sales\x1fBikes") {
		t.Errorf("towards F&O %q, %v", v, err)
	}
	parts := c.Spread(s, value.FnO, v)
	if len(parts) != 2 || parts[0].Field.Name != "CategoryHierarchy" || parts[0].Value != txt("Sales") || parts[1].Field.Name != "CategoryName" || parts[1].Value != txt("Bikes") {
		t.Errorf("spread %+v", parts)
	}
	for _, p := range c.Spread(s, value.FnO, value.Value{}) {
		if !p.Value.IsNull() {
			t.Errorf("nothing spreads to %v", p)
		}
	}
	if got := c.Spread(s, value.Dataverse, at["lost"]); len(got) != 1 || got[0].Field.Name != "msdyn_salesproductcategory" || got[0].Value != at["lost"] {
		t.Errorf("spread to Dataverse %+v", got)
	}
	if got := c.Show(s, value.Dataverse, at["Sales/Bikes"], w); got != "Sales / Bikes" {
		t.Errorf("shown as %q", got)
	}
	if got := c.Show(s, value.FnO, txt("\x1fBikes"), w); got != "Bikes" {
		t.Errorf("shown as %q", got)
	}
	if got := c.Show(s, value.Dataverse, at["lost"], w); got != at["lost"].String() {
		t.Errorf("a row without key is shown as %q", got)
	}
	// Same key, another row.
	r = full(c, rec(c, value.FnO, "USMF", cells{"CategoryName": txt("BIKES"), "CategoryHierarchy": txt("sales")}), nil)
	for ref, want := range map[value.Value]bool{at["Sales/Bikes"]: true, at["Purchase/Bikes"]: false, {}: false} {
		other := full(c, rec(c, value.Dataverse, "USMF", cells{"msdyn_salesproductcategory": ref}), w)
		if same, err := c.Same(s, r, other, w); err != nil || same != want {
			t.Errorf("same as %v: %v, %v", ref, same, err)
		}
	}
}

// TestHalfAKeyIsNothing: a row is told by all fields together; F&O fills the
// hierarchy in by itself.
func TestHalfAKeyIsNothing(t *testing.T) {
	c := compiled(t, lineMap())
	w, at := shop()
	s := slotNamed(t, c, "msdyn_salesproductcategory")
	none := full(c, rec(c, value.Dataverse, "USMF", nil), w)
	for _, half := range []cells{{"CategoryHierarchy": txt("Sales")}, {"CategoryName": txt("Bikes"), "CategoryHierarchy": txt(" ")}, {}} {
		r := full(c, rec(c, value.FnO, "USMF", half), nil)
		v := r.Values[s.FnO]
		if out, err := c.Translate(s, r, w); err != nil || !out.IsNull() || !c.IsNothing(s, value.FnO, v) {
			t.Errorf("%v becomes %v, %v", half, out, err)
		}
		if same, err := c.Same(s, r, none, w); !same || err != nil {
			t.Errorf("%v differs from nothing (%v)", half, err)
		}
		if len(half) == 0 && !v.IsNull() {
			t.Errorf("nothing is %q", v)
		}
		c.Needs(r, value.Dataverse, func(l *Lookup, _, key string, _ value.Value) { t.Errorf("%s asked for %q", l.Title(), key) })
	}
	some := full(c, rec(c, value.Dataverse, "USMF", cells{"msdyn_salesproductcategory": at["Sales/Bikes"]}), w)
	if same, _ := c.Same(s, full(c, rec(c, value.FnO, "USMF", cells{"CategoryHierarchy": txt("Sales")}), nil), some, w); same {
		t.Error("half a key equals a reference")
	}
}

func TestPolymorphicLookup(t *testing.T) {
	c := compiled(t, orderMap())
	w, at := shop()
	s := slotNamed(t, c, "customerid")
	if len(s.Lookups) != 2 || s.Lookups[1].Map != "persons" || !reflect.DeepEqual(s.Lookups[1].Maps, []string{"persons", "contacts"}) || s.Lookups[0].CompanyColumn != "msdyn_company" {
		t.Fatalf("lookups %+v", s.Lookups)
	}
	if f := c.Column(s, value.FnO); f.Name != "Customer" || s.FnO >= len(c.FnO.Columns) {
		t.Errorf("one F&O field needs no virtual column: %+v", f)
	}
	for _, k := range []struct {
		company, key string
		want         value.Value
	}{
		{"USMF", "C1", at["USMF/C1"]}, {"DEMF", "c1", at["DEMF/C1"]}, {"DEMF", "P1", at["DEMF/P1"]}, {"USMF", "X9", at["both account"]}, {"USMF", "", value.Value{}},
	} {
		got, err := c.Translate(s, full(c, rec(c, value.FnO, k.company, cells{"Customer": txt(k.key)}), nil), w)
		if err != nil || got != k.want {
			t.Errorf("%s in %s is %v (%v), want %v", k.key, k.company, got, err, k.want)
		}
	}
	_, err := c.Translate(s, full(c, rec(c, value.FnO, "DEMF", cells{"Customer": txt("X9")}), nil), w)
	missing, ok := errors.AsType[*RefError](err)
	if !ok || !missing.Missing || missing.Lookup.Table != "account" || missing.Key != "X9" || missing.Company != "DEMF" || len(missing.Others) != 1 ||
		!strings.Contains(err.Error(), `no accounts has accountnumber = "X9", and no contacts has msdyn_contactpersonid = "X9"`) {
		t.Errorf("%v", err)
	}
	// Nobody has asked the second table yet.
	_, err = c.Translate(s, rec(c, value.FnO, "USMF", cells{"Customer": txt("US-9")}), known{ids: map[string]string{"account/usmf/us-9": ""}})
	if missing, ok := errors.AsType[*RefError](err); !ok || missing.Missing || missing.Lookup.Table != "contact" {
		t.Errorf("%v", err)
	}
	var asked []string
	c.Needs(full(c, rec(c, value.FnO, "USMF", cells{"Customer": txt("X9"), "InvoicePerson": txt("P1")}), nil), value.Dataverse,
		func(l *Lookup, company, key string, _ value.Value) {
			asked = append(asked, l.Table+" "+company+" "+key)
		})
	if want := []string{"account USMF X9", "contact USMF X9", "contact USMF P1"}; !reflect.DeepEqual(asked, want) {
		t.Errorf("asked %q", asked)
	}
	for ref, want := range map[value.Value]string{at["USMF/C1"]: "C1", at["both contact"]: "x9"} {
		got, err := c.Translate(s, full(c, rec(c, value.Dataverse, "USMF", cells{"customerid": ref}), w), w)
		if err != nil || got != txt(want) {
			t.Errorf("%v is %q in F&O, %v", ref, got, err)
		}
	}
	if _, err := c.Translate(s, rec(c, value.Dataverse, "USMF", cells{"customerid": at["Sales"]}), w); err == nil || !strings.Contains(err.Error(), "accounts or contacts") {
		t.Errorf("a third table: %v", err)
	}
	// A number that both tables have may mean either.
	f := full(c, rec(c, value.FnO, "USMF", cells{"Customer": txt("X9")}), nil)
	for ref, want := range map[value.Value]bool{at["both account"]: true, at["both contact"]: true, at["USMF/C1"]: false, at["USMF/P1"]: false} {
		if same, err := c.Same(s, f, full(c, rec(c, value.Dataverse, "USMF", cells{"customerid": ref}), w), w); same != want || err != nil {
			t.Errorf("same as %v: %v, %v", ref, same, err)
		}
	}
}

// TestPolymorphicByFields: each table has an F&O field of its own; writing one
// clears the other.
func TestPolymorphicByFields(t *testing.T) {
	c := compiled(t, orderMap())
	w, at := shop()
	s := slotNamed(t, c, "msdyn_invoicecustomerid")
	for ref, want := range map[value.Value][2]value.Value{at["USMF/C1"]: {txt("C1"), {}}, at["USMF/P1"]: {{}, txt("P1")}} {
		v, err := c.Translate(s, full(c, rec(c, value.Dataverse, "USMF", cells{"msdyn_invoicecustomerid": ref}), w), w)
		if err != nil {
			t.Fatal(err)
		}
		parts := c.Spread(s, value.FnO, v)
		if len(parts) != 2 || parts[0].Value != want[0] || parts[1].Value != want[1] {
			t.Errorf("%v spreads to %+v", ref, parts)
		}
		r := full(c, rec(c, value.FnO, "USMF", cells{"InvoiceAccount": parts[0].Value, "InvoicePerson": parts[1].Value}), nil)
		if back, err := c.Translate(s, r, w); err != nil || back != ref {
			t.Errorf("%v comes back as %v, %v", ref, back, err)
		}
	}
}

func TestKeyLookup(t *testing.T) {
	c := compiled(t, categoryInput())
	w, at := shop()
	f := full(c, rec(c, value.FnO, "", cells{"CategoryName": txt("gravel "), "HierarchyName": txt("SALES"), "ParentName": txt("Bikes")}), nil)
	narrow := rec(c, value.Dataverse, "", cells{"msdyn_name": txt("Gravel"), "msdyn_hierarchy": at["Sales"], "msdyn_parentproductcategory": at["Sales/Bikes"]})
	if _, ok := c.KeyOf(value.Dataverse, narrow.Values, ""); ok {
		t.Error("a key is known without the row that it depends on")
	}
	if s, ref, ok := c.Unresolved(narrow.Values[:len(c.Dataverse.Columns)]); !ok || s.Name != "msdyn_hierarchy.msdyn_name" || ref != at["Sales"] {
		t.Errorf("unresolved %v %v %v", s, ref, ok)
	}
	var asked []value.Value
	ask := func(l *Lookup, ref value.Value) {
		if l.Table != "msdyn_productcategoryhierarchy" {
			t.Errorf("asked %s", l.Title())
		}
		asked = append(asked, ref)
	}
	c.WidenNeeds(value.Dataverse, narrow.Values[:len(c.Dataverse.Columns)], ask)
	if len(asked) != 1 || asked[0] != at["Sales"] {
		t.Errorf("asked %v", asked)
	}
	d := full(c, narrow, w)
	asked = nil
	if c.WidenNeeds(value.Dataverse, d.Values, ask); len(asked) != 0 {
		t.Errorf("a full record asks for %v", asked)
	}
	if again := c.Widen(value.Dataverse, d.Values, nil); !reflect.DeepEqual(again, d.Values) {
		t.Errorf("widened again: %v", again)
	}
	a, okA := c.KeyOf(value.FnO, f.Values, "")
	b, okB := c.KeyOf(value.Dataverse, d.Values, "")
	if !okA || !okB || a != b || a != JoinKey("Sales", "Gravel") {
		t.Errorf("keys %q %v, %q %v", a, okA, b, okB)
	}
	if got := c.ReadableKey(value.Dataverse, d.Values, ""); got != "Sales / Gravel" {
		t.Errorf("readable %q", got)
	}
	if _, _, ok := c.Unresolved(d.Values); ok {
		t.Error("a full record has unresolved references")
	}
	for i := range c.Slots {
		if same, err := c.Same(&c.Slots[i], f, d, w); !same || err != nil {
			t.Errorf("%s differs, %v", c.Slots[i].Name, err)
		}
	}
	// The hierarchy is the key's: the parent's lookup reads it and never writes it.
	parent := slotNamed(t, c, "msdyn_parentproductcategory")
	if got := c.Spread(parent, value.FnO, txt("Bikes\x1fSales")); len(got) != 1 || got[0].Field.Name != "ParentName" || got[0].Value != txt("Bikes") {
		t.Errorf("the parent is written as %+v", got)
	}
	if column := c.Column(parent, value.FnO); !column.OnUpdate {
		t.Error("the parent cannot be changed")
	}
	// A record that is about to be created has its key before it exists.
	vals := make([]value.Value, c.Dataverse.Width())
	c.Complete(value.Dataverse, vals, f)
	vals[c.Dataverse.Index("msdyn_name")] = txt("Gravel")
	if key, ok := c.KeyOf(value.Dataverse, vals, ""); !ok || key != a {
		t.Errorf("the new row has key %q, %v", key, ok)
	}
}

func TestKeyOfSeveralFieldsBehindOneLookup(t *testing.T) {
	in := lineMap()
	in.Map.Key = []model.Named{{Name: "CategoryName"}, {Name: "LineNumber"}, {Name: "CategoryHierarchy"}}
	c := compiled(t, in)
	w, at := shop()
	if len(c.Key) != 3 { // company, lookup, line
		t.Fatalf("key %v", c.Key)
	}
	f := full(c, rec(c, value.FnO, "USMF", cells{"CategoryName": txt("Bikes"), "CategoryHierarchy": txt("Sales"), "LineNumber": value.NewInteger(1)}), nil)
	d := full(c, rec(c, value.Dataverse, "USMF", cells{"msdyn_salesproductcategory": at["Sales/Bikes"], "sequencenumber": value.NewInteger(1)}), w)
	a, okA := c.KeyOf(value.FnO, f.Values, "USMF")
	b, okB := c.KeyOf(value.Dataverse, d.Values, "USMF")
	if !okA || !okB || a != b {
		t.Errorf("keys %q %v, %q %v", a, okA, b, okB)
	}
	if got := c.ReadableKey(value.FnO, f.Values, "USMF"); got != "USMF / Sales / Bikes / 1" {
		t.Errorf("readable %q", got)
	}
	f = full(c, rec(c, value.FnO, "USMF", cells{"CategoryHierarchy": txt("Sales"), "LineNumber": value.NewInteger(1)}), nil)
	if key, ok := c.KeyOf(value.FnO, f.Values, "USMF"); ok {
		t.Errorf("half a key is a key: %q", key)
	}
}

func TestCompanyByPath(t *testing.T) {
	c := compiled(t, lineMap())
	w, at := shop()
	company := &c.Slots[c.Company]
	if company.Name != "salesorderid.msdyn_company" || company.Lookup != nil || c.CompanyLookup() == nil || c.CompanyLookup().Table != "cdm_company" {
		t.Errorf("company %+v", company)
	}
	if !c.CreatesOn[value.Dataverse] || !c.CreatesOn[value.FnO] {
		t.Errorf("creates %v", c.CreatesOn)
	}
	for _, i := range c.WriteSlots(value.Dataverse, true) {
		if i == c.Company {
			t.Error("the company is written although the parent brings it")
		}
	}
	if got := c.Spread(company, value.Dataverse, txt("USMF")); got != nil {
		t.Errorf("the company spreads to %+v", got)
	}
	d := full(c, rec(c, value.Dataverse, "", cells{"salesorderid": at["DEMF/O1"], "sequencenumber": value.NewInteger(3)}), w)
	if got := d.Values[company.Dataverse]; got != txt("DEMF") {
		t.Fatalf("company %q", got)
	}
	d.Company = "DEMF"
	f := carry(t, c, d, w)
	if got := f.Values[c.FnO.Index("dataAreaId")]; got != txt("DEMF") {
		t.Errorf("dataAreaId %q", got)
	}
	back := carry(t, c, f, w)
	if got := back.Values[c.Dataverse.Index("salesorderid")]; got != at["DEMF/O1"] {
		t.Errorf("order %v, want that of DEMF", got)
	}
	a, okA := c.KeyOf(value.FnO, f.Values, "DEMF")
	b, okB := c.KeyOf(value.Dataverse, d.Values, "DEMF")
	if !okA || !okB || a != b || a != JoinKey("DEMF", "O1", "3") {
		t.Errorf("keys %q %v, %q %v", a, okA, b, okB)
	}
	if same, err := c.Same(company, f, d, w); !same || err != nil {
		t.Errorf("companies differ, %v", err)
	}
	d = full(c, rec(c, value.Dataverse, "", cells{"salesorderid": at["homeless"]}), w)
	if _, _, unresolved := c.Unresolved(d.Values); unresolved || !d.Values[company.Dataverse].IsNull() {
		t.Errorf("an order without company gives %q", d.Values[company.Dataverse])
	}
	vals := make([]value.Value, c.Dataverse.Width())
	if c.Complete(value.Dataverse, vals, f); vals[company.Dataverse] != txt("DEMF") {
		t.Errorf("a new line is of company %q", vals[company.Dataverse])
	}
}

// TestKeysInThePairTable: how the map that delivers a target has its rows.
func TestKeysInThePairTable(t *testing.T) {
	lines, categories, orders := compiled(t, lineMap()), compiled(t, categoryInput()), compiled(t, orderMap())
	category, order := slotNamed(t, lines, "msdyn_salesproductcategory").Lookup, slotNamed(t, lines, "salesorderid.msdyn_salesordernumber").Lookup
	if key, ok := categories.KeyFor(category, "USMF", "Sales\x1fBikes"); !ok || key != JoinKey("Sales", "Bikes") {
		t.Errorf("category %q, %v", key, ok)
	}
	if key, ok := orders.KeyFor(order, "usmf", "o1"); !ok || key != JoinKey("USMF", "O1") {
		t.Errorf("order %q, %v", key, ok)
	}
	if _, ok := orders.KeyFor(category, "USMF", "a\x1fb"); ok {
		t.Error("another table's key")
	}
	byName := *order
	byName.Parts = []LookupPart{{Column: "name", Type: schema.TypeText}}
	if _, ok := orders.KeyFor(&byName, "USMF", "o1"); ok {
		t.Error("a column outside of the key")
	}
	w, at := shop()
	base := func(c *Compiled, f, d *Record) func(int) (value.Value, value.Value, bool) {
		return func(i int) (value.Value, value.Value, bool) {
			return f.Values[c.Slots[i].FnO], d.Values[c.Slots[i].Dataverse], true
		}
	}
	f := full(categories, rec(categories, value.FnO, "", cells{"CategoryName": txt("Bikes"), "HierarchyName": txt("Sales")}), nil)
	d := full(categories, rec(categories, value.Dataverse, "", cells{"msdyn_name": txt("Bikes"), "msdyn_hierarchy": at["Sales"]}), w)
	if key, ok := categories.KeyFrom(category, "", base(categories, f, d)); !ok || key != "Sales\x1fBikes" {
		t.Errorf("key of a category %q, %v", key, ok)
	}
	if _, ok := categories.KeyFrom(category, "", func(int) (a, b value.Value, ok bool) { return }); ok {
		t.Error("a key of unknown values")
	}
	companyPath := lines.derived[0].reaches[0].lookup
	if key, ok := orders.KeyFrom(companyPath, "USMF", base(orders, nil, nil)); !ok || key != "USMF" {
		t.Errorf("company of an order %q, %v", key, ok)
	}
}
