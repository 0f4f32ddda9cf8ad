package transform

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/diag"
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

// TestRecordsMadeFromEachOtherAgree: whatever a record of Dataverse is, the
// F&O record made from it has the same key and no difference, and so back.
func TestRecordsMadeFromEachOtherAgree(t *testing.T) {
	maps := []*Compiled{compiled(t, categoryInput()), compiled(t, orderMap()), compiled(t, lineMap())}
	w, at := shop()
	pick := func(names ...string) *rapid.Generator[value.Value] {
		var refs []value.Value
		for _, n := range names {
			refs = append(refs, at[n])
		}
		return rapid.SampledFrom(refs)
	}
	categories := pick("Sales/Bikes", "Purchase/Bikes", "Sales/Gravel", "none")
	name := rapid.StringMatching(`[A-Za-zÄöß'",%;]{1,8}( [a-z]{1,3})?`)
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(maps).Draw(t, "map")
		company := rapid.SampledFrom([]string{"USMF", "DEMF"}).Draw(t, "company")
		customer := pick(company+"/C1", company+"/P1", "none")
		all := map[string]value.Value{
			"msdyn_name": txt(name.Draw(t, "name")), "msdyn_hierarchy": pick("Sales", "Purchase").Draw(t, "hierarchy"),
			"msdyn_salesordernumber": txt(name.Draw(t, "number")), "msdyn_company": at[company],
			"customerid": customer.Draw(t, "customer"), "msdyn_invoicecustomerid": customer.Draw(t, "invoice"),
			"salesorderid": at[company+"/O1"], "sequencenumber": value.NewInteger(rapid.Int64Range(1, 99).Draw(t, "line")),
			"msdyn_salesproductcategory": categories.Draw(t, "category"), "description": txt(name.Draw(t, "text")),
		}
		if parent := categories.Draw(t, "parent"); parent.IsNull() || w.get(parent).cells["msdyn_hierarchy"] == all["msdyn_hierarchy"] {
			all["msdyn_parentproductcategory"] = parent
		}
		d := &Record{Side: value.Dataverse, Values: make([]value.Value, len(c.Dataverse.Columns))}
		for i, f := range c.Dataverse.Columns {
			d.Values[i] = all[f.Name]
		}
		full(c, d, w)
		if c.Company >= 0 {
			d.Company = company
		}
		f := carry(t, c, d, w)
		agree(t, c, f, d, w)
		agree(t, c, f, carry(t, c, f, w), w)
	})
}

func agree(t fataler, c *Compiled, f, d *Record, refs Refs) {
	a, okA := c.KeyOf(value.FnO, f.Values, f.Company)
	b, okB := c.KeyOf(value.Dataverse, d.Values, d.Company)
	if !okA || !okB || a != b {
		t.Fatalf("keys %q %v, %q %v", a, okA, b, okB)
	}
	for i := range c.Slots {
		s := &c.Slots[i]
		if same, err := c.Same(s, f, d, refs); !same || err != nil {
			t.Fatalf("%s: %q and %q differ, %v", s.Name, f.Values[s.FnO], d.Values[s.Dataverse], err)
		}
	}
}

// TestTupleRoundTrip: what is read as one value is written back as it was but
// for trailing blanks.
func TestTupleRoundTrip(t *testing.T) {
	c := compiled(t, lineMap())
	s := slotNamed(t, c, "msdyn_salesproductcategory")
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{"CategoryName": rapid.StringN(0, 20, 40).Draw(t, "name"), "CategoryHierarchy": rapid.StringN(0, 20, 40).Draw(t, "hierarchy")}
		r := rec(c, value.FnO, "USMF", cells{"CategoryName": txt(want["CategoryName"]), "CategoryHierarchy": txt(want["CategoryHierarchy"])})
		v := full(c, r, nil).Values[s.FnO]
		for _, p := range c.Spread(s, value.FnO, v) {
			text := strings.ReplaceAll(strings.TrimRight(want[p.Field.Name], " "), keySeparator, "\ufffd")
			if strings.Trim(text, " ") == "" {
				text = ""
			}
			if p.Value.String() != text || p.Value.IsNull() != (text == "") {
				t.Fatalf("%s %q is written as %q", p.Field.Name, want[p.Field.Name], p.Value)
			}
		}
		fitted, err := s.tuple.fit(v)
		if err != nil || fitted != v {
			t.Fatalf("%q fits as %q, %v", v, fitted, err)
		}
	})
}

// FuzzTuple spreads any text over the fields of a lookup: values come from
// outside.
func FuzzTuple(f *testing.F) {
	in := orderInput(entity("Lines", true, []string{"OrderNumber"}, text("OrderNumber", 20), integer("Line"), enumField("Kind", "NoYes")), "salesorders", []string{"OrderNumber"},
		line(1, "OrderNumber", "msdyn_salesordernumber"), block(2, "customerid", "accounts:", "Line=accountnumber", "Kind=name"))
	in.Enums = enums()
	c := compiled(f, in)
	s := slotNamed(f, c, "customerid")
	for _, seed := range []string{"", "1\x1fYes", "\x1f", "x\x1fno", "1\x1fMaybe\x1f3", "99999999999999999999\x1f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts := c.Spread(s, value.FnO, txt(text))
		if len(parts) != 2 {
			t.Fatalf("%d parts", len(parts))
		}
		if v, err := s.tuple.fit(txt(text)); err == nil {
			if again, err := s.tuple.fit(v); err != nil || again != v {
				t.Fatalf("%q fits as %q, then as %q (%v)", text, v, again, err)
			}
		}
		for _, l := range s.Lookups {
			if parts, ok := l.Split(text); ok && len(parts) != len(l.Parts) {
				t.Fatalf("%q splits into %q", text, parts)
			}
		}
	})
}

func TestMistakesOfLookups(t *testing.T) {
	for name, c := range map[string]struct {
		in   Input
		code string
		text string
	}{
		"unknown target":    {orderWith(block(2, "customerid", "acounts:", "Customer=accountnumber")), diag.CodeLookupTable, `"accounts"`},
		"target of another": {orderWith(block(2, "customerid", "salesorders:", "Customer=name")), diag.CodeLookupTable, "cannot refer to salesorders"},
		"table open":        {orderWith(block(2, "customerid", "Customer=name")), diag.CodeLookupTable, "several tables"},
		"target twice":      {orderWith(block(2, "customerid", "accounts:", "Customer=accountnumber", "account:", "InvoiceAccount=name")), diag.CodeLookupRepeats, "accounts twice"},
		"field twice":       {orderWith(block(2, "customerid", "accounts:", "Customer=accountnumber", "customer=name")), diag.CodeLookupRepeats, "twice"},
		"path twice":        {orderWith(block(2, "customerid", "accounts:", "Customer=accountnumber", "InvoiceAccount=AccountNumber")), diag.CodeLookupRepeats, "twice"},
		"unknown column":    {orderWith(block(2, "customerid", "accounts:", "Customer=acountnumber")), diag.CodeLookupColumn, `"customerid.accountnumber"`},
		"unknown field":     {orderWith(block(2, "customerid", "accounts:", "Custmer=accountnumber")), diag.CodeUnknownField, `"Customer"`},
		"no lookup":         {orderWith(block(2, "name", "Customer=accountnumber")), diag.CodeNotALookup, "no lookup"},
		"column twice": {orderWith(line(2, "Customer", "customerid.accountnumber"), line(3, "InvoiceAccount", "customerid.msdyn_contactpersonid")),
			diag.CodeLookupTwice, "two fields, customerid.accountnumber and customerid.msdyn_contactpersonid"},
		"types": {orderInput(entity("Headers", true, []string{"OrderNumber"}, text("OrderNumber", 20), rw("At", schema.TypeTime)), "salesorders", []string{"OrderNumber"},
			line(1, "OrderNumber", "msdyn_salesordernumber"), block(2, "customerid", "accounts:", "At=accountnumber")), diag.CodeTypes, "At (time)"},
		"part of the key": {func() Input {
			in := lineMap()
			in.Map.Key = append(in.Map.Key, model.Named{Name: "CategoryName"})
			return in
		}(), diag.CodeKeyOfPart, `Add "CategoryHierarchy" to the key.`},
		"company path": {func() Input {
			in := lineMap()
			in.Map.Company.Path = "salesorderid.name"
			return in
		}(), diag.CodeNotALookup, "name of salesorders is no lookup"},
		"company by no lookup": {func() Input {
			in := lineMap()
			in.Map.Company.Path = "description.msdyn_company"
			return in
		}(), diag.CodeCompanyColumn, "no lookup"},
		"company of a shared record": {orderInput(entity("Shared", false, []string{"No"}, text("No", 20), text("Customer", 20)), "salesorders", []string{"No"},
			line(1, "No", "msdyn_salesordernumber"), block(2, "customerid", "accounts:", "Customer=accountnumber")), diag.CodeLookupCompany, "has no company"},
	} {
		_, list := Compile(c.in)
		errs := 0
		for _, d := range list {
			if d.Severity != diag.Error {
				continue
			}
			errs++
			if text := d.Summary + " " + d.Detail + " " + d.Hint; d.Code != c.code || !strings.Contains(text, c.text) {
				t.Errorf("%s: %s %s", name, d.Code, text)
			}
		}
		if errs != 1 {
			t.Errorf("%s: %d errors: %v", name, errs, list)
		}
	}
}

func orderWith(fields ...*model.Field) Input {
	in := orderMap()
	in.Map.Fields = append(in.Map.Fields[:1:1], fields...)
	return in
}

// TestReferencesAcrossCompanies: a match may say the company itself.
func TestReferencesAcrossCompanies(t *testing.T) {
	in := orderWith(block(2, "customerid", "accounts:", "Customer=accountnumber", "InvoiceAccount=msdyn_company.cdm_companycode"))
	c := compiled(t, in)
	w, at := shop()
	s := slotNamed(t, c, "customerid")
	got, err := c.Translate(s, full(c, rec(c, value.FnO, "USMF", cells{"Customer": txt("C1"), "InvoiceAccount": txt("demf")}), nil), w)
	if err != nil || got != at["DEMF/C1"] || s.Lookup.InCompany() {
		t.Errorf("%v, %v", got, err)
	}
}

// TestAnyLookupIsJudged builds lookup blocks of any names: there is a slot or
// an error, never a panic.
func TestAnyLookupIsJudged(t *testing.T) {
	hops := []string{"customerid", "accountnumber", "msdyn_contactpersonid", "msdyn_company", "cdm_companycode", "name", "msdyn_name", "msdyn_hierarchy", "salesorderid", "x", ""}
	w, at := shop()
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(hops), 1, 3), func(p []string) string { return strings.Join(p, ".") })
		var match []string
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			if rapid.IntRange(0, 3).Draw(t, "new table") == 0 {
				match = append(match, rapid.SampledFrom([]string{"accounts:", "contact:", "salesorders:", "y:"}).Draw(t, "table"))
			}
			match = append(match, rapid.SampledFrom([]string{"Customer", "InvoiceAccount", "InvoicePerson", "OrderNumber", "dataAreaId", "Z"}).Draw(t, "field")+"="+path.Draw(t, "path"))
		}
		f := block(2, rapid.SampledFrom([]string{"customerid", "msdyn_invoicecustomerid", "msdyn_company", "name"}).Draw(t, "column"), match...)
		f.Direction = rapid.SampledFrom([]model.Direction{model.Both, model.ToDataverse, model.ToFnO}).Draw(t, "direction")
		f.Missing = rapid.SampledFrom([]string{"", "null", "defer"}).Draw(t, "missing")
		in := orderWith(f)
		if rapid.Bool().Draw(t, "in the key") {
			in.Map.Key = append(in.Map.Key, model.Named{Name: "Customer"})
		}
		if company := path.Draw(t, "company"); rapid.Bool().Draw(t, "company by path") {
			in.Map.Company = &model.Company{Path: company}
		}
		c, list := Compile(in)
		if (c == nil) != list.HasErrors() {
			t.Fatalf("compiled %v with %v", c, list)
		}
		if c == nil {
			return
		}
		var values []value.Value
		for _, name := range []string{"none", "USMF/C1", "USMF/P1", "Sales"} {
			values = append(values, at[name])
		}
		f1 := rec(c, value.FnO, "USMF", cells{})
		d1 := rec(c, value.Dataverse, "USMF", cells{})
		for i := range f1.Values[:len(c.FnO.Columns)] {
			f1.Values[i] = rapid.SampledFrom([]value.Value{{}, txt("C1"), txt(" "), txt("usmf")}).Draw(t, fmt.Sprint("fno ", i))
		}
		for i, column := range c.Dataverse.Columns {
			if d1.Values[i] = txt("C1"); column.Type == schema.TypeLookup {
				d1.Values[i] = rapid.SampledFrom(values).Draw(t, column.Name)
			}
		}
		full(c, f1, w)
		full(c, d1, w)
		c.KeyOf(value.FnO, f1.Values, "USMF")
		c.KeyOf(value.Dataverse, d1.Values, "USMF")
		c.ReadableKey(value.Dataverse, d1.Values, "USMF")
		for i := range c.Slots {
			s := &c.Slots[i]
			_, _ = c.Same(s, f1, d1, w)
			for _, r := range []*Record{f1, d1} {
				v, _ := c.Translate(s, r, w)
				c.Spread(s, r.Side.Other(), v)
				c.Column(s, r.Side)
				c.Show(s, r.Side, c.value(s, r.Side, r.Values), w)
				vals := make([]value.Value, c.projection(r.Side.Other()).Width())
				c.Complete(r.Side.Other(), vals, r)
			}
		}
	})
}
