package transform

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
)

func dec(t testing.TB, s string) value.Value {
	t.Helper()
	v, err := value.NewDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func customerMap() Input {
	return input(
		line(2, "OrganizationName", "name"),
		line(3, "CustomerGroupId", "msdyn_customergroupid.msdyn_groupid"),
		line(4, "InvoiceAccount", "msdyn_billingaccount.accountnumber"),
		line(5, "CreditLimit", "creditlimit"),
		line(6, "OnHoldStatus", "msdyn_onholdstatus", values(nil, "no", 806380000, "Invoice", 806380001, "All", 806380002)),
		line(7, "IsOneTimeCustomer", "msdyn_onetimecustomer"),
		line(8, "BirthDate", "birthdate"),
		line(9, "Employees", "numberofemployees"),
	)
}

func TestCompileCustomers(t *testing.T) {
	in := customerMap()
	in.Deferred = []string{"msdyn_billingaccount.accountnumber"}
	c := compiled(t, in)
	if got := c.FnO.Columns[c.Slots[1].FnO].Name; got != "CustomerAccount" {
		t.Errorf("names keep the author's spelling: %s", got)
	}
	if c.Company != 0 || len(c.Key) != 2 || c.Key[0] != 0 || c.Key[1] != 1 || !c.Slots[1].IsKey {
		t.Errorf("company %d, key %v", c.Company, c.Key)
	}
	company := c.Slots[0].Lookup
	if company.Table != "cdm_company" || company.KeyColumn != "cdm_companycode" || company.Map != "companies" || !c.Slots[0].OnCreate {
		t.Errorf("company lookup %+v", company)
	}
	group := slotNamed(t, c, "msdyn_customergroupid.msdyn_groupid").Lookup
	if group.CompanyColumn != "msdyn_company" || group.Missing != "park" || group.PrimaryID != "msdyn_customergroupid" {
		t.Errorf("group lookup %+v", group)
	}
	if billing := slotNamed(t, c, "msdyn_billingaccount.accountnumber").Lookup; billing.Missing != "defer" || billing.Map != "customers" {
		t.Errorf("deferred lookup %+v", billing)
	}
	if !c.CreatesOn[value.FnO] || !c.CreatesOn[value.Dataverse] {
		t.Errorf("creates on %v", c.CreatesOn)
	}
}

func TestKeys(t *testing.T) {
	c := compiled(t, customerMap())
	fno := rec(c, value.FnO, "USMF", map[string]value.Value{"CustomerAccount": value.NewText("US-001 ")})
	dv := rec(c, value.Dataverse, "usmf", map[string]value.Value{"accountnumber": value.NewText("us-001")})
	a, okA := c.KeyOf(value.FnO, fno.Values, fno.Company)
	b, okB := c.KeyOf(value.Dataverse, dv.Values, dv.Company)
	if !okA || !okB || a != b || a != JoinKey("USMF", "US-001") {
		t.Errorf("keys %q %v, %q %v", a, okA, b, okB)
	}
	if got := c.ReadableKey(value.FnO, fno.Values, "USMF"); got != "USMF / US-001" {
		t.Errorf("readable key %q", got)
	}
	if _, ok := c.KeyOf(value.FnO, fno.Values, ""); ok {
		t.Error("a record without company has a key")
	}
	fno.Values[c.FnO.Index("CustomerAccount")] = value.NewText("  ")
	if _, ok := c.KeyOf(value.FnO, fno.Values, "USMF"); ok {
		t.Error("a record with a blank key field has a key")
	}
}

func TestTranslate(t *testing.T) {
	c := compiled(t, customerMap())
	refs := someRefs()
	symbol, option := value.NewSymbol, value.NewOption
	for _, k := range []struct {
		slot string
		from value.Side
		in   value.Value
		want value.Value
	}{
		{"name", value.FnO, value.NewText("Contoso"), value.NewText("Contoso")},
		{"name", value.FnO, value.NewText(""), value.Value{}},
		{"name", value.Dataverse, value.Value{}, value.Value{}},
		{"msdyn_company", value.FnO, value.NewText("usmf"), value.NewReference("cdm_company", companyID)},
		{"msdyn_company", value.Dataverse, value.NewReference("cdm_company", companyID), value.NewText("USMF")},
		{"msdyn_customergroupid.msdyn_groupid", value.FnO, value.NewText("10"), value.NewReference("msdyn_customergroup", groupID)},
		{"msdyn_customergroupid.msdyn_groupid", value.FnO, value.NewText(""), value.Value{}},
		{"msdyn_customergroupid.msdyn_groupid", value.Dataverse, value.NewReference("msdyn_customergroup", groupID), value.NewText("10")},
		{"creditlimit", value.FnO, dec(t, "100.125"), dec(t, "100.13")},
		{"creditlimit", value.FnO, dec(t, "0"), dec(t, "0")},
		{"creditlimit", value.Dataverse, dec(t, "100.12"), dec(t, "100.12")},
		{"msdyn_onholdstatus", value.FnO, symbol("No"), option(806380000)},
		{"msdyn_onholdstatus", value.FnO, symbol("invoice"), option(806380001)},
		{"msdyn_onholdstatus", value.Dataverse, option(806380002), symbol("All")},
		{"msdyn_onholdstatus", value.Dataverse, value.Value{}, value.Value{}},
		{"msdyn_onetimecustomer", value.FnO, symbol("Yes"), value.NewBool(true)},
		{"msdyn_onetimecustomer", value.FnO, symbol("No"), value.NewBool(false)},
		{"msdyn_onetimecustomer", value.Dataverse, value.NewBool(true), symbol("Yes")},
		{"birthdate", value.FnO, value.NewDate(20000), value.NewDate(20000)},
		{"birthdate", value.FnO, value.NewDate(emptyDay), value.Value{}},
		{"numberofemployees", value.FnO, value.NewInteger(0), value.NewInteger(0)},
	} {
		s := slotNamed(t, c, k.slot)
		column := c.Column(s, k.from).Name
		got, err := c.Translate(s, rec(c, k.from, "USMF", map[string]value.Value{column: k.in}), refs)
		if err != nil || got != k.want {
			t.Errorf("%s from %s: %s %q became %s %q (%v), want %s %q", k.slot, k.from, k.in.Kind(), k.in, got.Kind(), got, err, k.want.Kind(), k.want)
		}
	}
}

func TestTranslateErrors(t *testing.T) {
	in := customerMap()
	in.Map.Fields = append(in.Map.Fields, line(20, "PrimaryContactEmail", "shortname"), line(21, "LanguageId", "msdyn_required", goes(model.ToDataverse)))
	c := compiled(t, in)
	for _, k := range []struct {
		slot string
		from value.Side
		in   value.Value
		code string
	}{
		{"shortname", value.FnO, value.NewText("abcdef"), diag.CodeTooLong},
		{"shortname", value.FnO, value.NewText("abc😀😀"), diag.CodeTooLong}, // 7 UTF-16 units
		{"msdyn_required", value.FnO, value.NewText(""), diag.CodeValueMissing},
		{"creditlimit", value.FnO, dec(t, "-1"), diag.CodeOutOfRange},
		{"numberofemployees", value.FnO, value.NewInteger(1000000001), diag.CodeOutOfRange},
		{"msdyn_onholdstatus", value.FnO, value.NewSymbol("New"), diag.CodeNotInValueMap},
		{"msdyn_onholdstatus", value.Dataverse, value.NewOption(5), diag.CodeNotInValueMap},
		{"birthdate", value.Dataverse, value.NewDate(-60000), diag.CodeDateRange},
		{"birthdate", value.FnO, value.NewDate(-100000), diag.CodeDateRange},
	} {
		s := slotNamed(t, c, k.slot)
		column := c.Column(s, k.from).Name
		got, err := c.Translate(s, rec(c, k.from, "USMF", map[string]value.Value{column: k.in}), someRefs())
		ve, ok := errors.AsType[*ValueError](err)
		if !ok || ve.Code != k.code || ve.Slot != k.slot || ve.Hint == "" {
			t.Errorf("%s: %q gave %q, %#v; want %s", k.slot, k.in, got, err, k.code)
		}
	}
	billing := slotNamed(t, c, "msdyn_billingaccount.accountnumber")
	for key, missing := range map[string]bool{"gone": true, "new": false} {
		_, err := c.Translate(billing, rec(c, value.FnO, "USMF", map[string]value.Value{"InvoiceAccount": value.NewText(key)}), someRefs())
		re, ok := errors.AsType[*RefError](err)
		if !ok || re.Missing != missing || re.Key != key || re.Company != "USMF" {
			t.Errorf("reference %q: %#v", key, err)
		}
	}
	_, err := c.Translate(billing, rec(c, value.Dataverse, "USMF", map[string]value.Value{"msdyn_billingaccount": value.NewReference("contact", accountID)}), someRefs())
	if ve, ok := errors.AsType[*ValueError](err); !ok || ve.Code != diag.CodeWrongReference {
		t.Errorf("reference to another table: %v", err)
	}
}

func TestMissingNull(t *testing.T) {
	c := compiled(t, input(line(2, "InvoiceAccount", "msdyn_billingaccount.accountnumber", func(f *model.Field) { f.Missing = "null" })))
	s := slotNamed(t, c, "msdyn_billingaccount.accountnumber")
	got, err := c.Translate(s, rec(c, value.FnO, "USMF", map[string]value.Value{"InvoiceAccount": value.NewText("gone")}), someRefs())
	if err != nil || !got.IsNull() {
		t.Errorf("missing = null gives %v, %v", got, err)
	}
	if _, err := c.Translate(s, rec(c, value.FnO, "USMF", map[string]value.Value{"InvoiceAccount": value.NewText("new")}), someRefs()); err == nil {
		t.Error("a reference that nobody has asked for is taken for missing")
	}
}

func TestNeeds(t *testing.T) {
	c := compiled(t, customerMap())
	type need struct {
		lookup, company, key string
		ref                  value.Value
	}
	collect := func(r *Record, to value.Side) map[need]bool {
		got := map[need]bool{}
		c.Needs(r, to, func(l *Lookup, company, key string, ref value.Value) { got[need{l.Title(), company, key, ref}] = true })
		return got
	}
	fno := rec(c, value.FnO, "USMF", map[string]value.Value{"dataAreaId": value.NewText("usmf"), "CustomerGroupId": value.NewText("10"), "InvoiceAccount": value.NewText("")})
	got := collect(fno, value.Dataverse)
	if len(got) != 2 || !got[need{"cdm_companycode of cdm_companies", "", "usmf", value.Value{}}] || !got[need{"msdyn_groupid of msdyn_customergroups", "USMF", "10", value.Value{}}] {
		t.Errorf("needs towards Dataverse: %v", got)
	}
	ref := value.NewReference("msdyn_customergroup", groupID)
	got = collect(rec(c, value.Dataverse, "USMF", map[string]value.Value{"msdyn_customergroupid": ref}), value.FnO)
	if len(got) != 1 || !got[need{"msdyn_groupid of msdyn_customergroups", "USMF", "", ref}] {
		t.Errorf("needs towards F&O: %v", got)
	}
	if got := collect(fno, value.FnO); len(got) != 0 {
		t.Errorf("needs towards its own side: %v", got)
	}
}

func TestSame(t *testing.T) {
	c := compiled(t, customerMap())
	symbol, option := value.NewSymbol, value.NewOption
	group := value.NewReference("msdyn_customergroup", groupID)
	for _, k := range []struct {
		slot string
		fno  value.Value
		dv   value.Value
		want bool
	}{
		{"name", value.NewText("A"), value.NewText("A "), true},
		{"name", value.NewText("A"), value.NewText("a"), false},
		{"name", value.NewText(""), value.Value{}, true},
		{"name", value.NewText(""), value.NewText("x"), false},
		{"accountnumber", value.NewText("US-001"), value.NewText("us-001"), true},
		{"msdyn_customergroupid.msdyn_groupid", value.NewText("10"), group, true},
		{"msdyn_customergroupid.msdyn_groupid", value.NewText(""), value.Value{}, true},
		{"msdyn_customergroupid.msdyn_groupid", value.NewText(""), group, false},
		{"msdyn_customergroupid.msdyn_groupid", value.NewText("20"), group, false}, // 20 was not asked for; the way back tells
		{"creditlimit", dec(t, "100.125"), dec(t, "100.13"), true},
		{"creditlimit", dec(t, "100"), value.NewInteger(100), true},
		{"creditlimit", dec(t, "0"), value.Value{}, true},
		{"creditlimit", dec(t, "1"), value.Value{}, false},
		{"creditlimit", dec(t, "0"), dec(t, "5"), false},
		{"msdyn_onholdstatus", symbol("No"), value.Value{}, false}, // the map names No
		{"msdyn_onholdstatus", symbol("No"), option(806380000), true},
		{"msdyn_onholdstatus", symbol("All"), option(806380000), false},
		{"msdyn_onetimecustomer", symbol("No"), value.Value{}, true},
		{"msdyn_onetimecustomer", symbol("No"), value.NewBool(false), true},
		{"msdyn_onetimecustomer", symbol("Yes"), value.Value{}, false},
		{"birthdate", value.NewDate(emptyDay), value.Value{}, true},
		{"birthdate", value.NewDate(1), value.NewDate(1), true},
		{"birthdate", value.NewDate(1), value.NewDate(2), false},
	} {
		s := slotNamed(t, c, k.slot)
		f := rec(c, value.FnO, "USMF", map[string]value.Value{c.Column(s, value.FnO).Name: k.fno})
		d := rec(c, value.Dataverse, "USMF", map[string]value.Value{c.Column(s, value.Dataverse).Name: k.dv})
		if got, err := c.Same(s, f, d, someRefs()); err != nil || got != k.want {
			t.Errorf("%s: F&O %q, Dataverse %q: same = %v (%v), want %v", k.slot, k.fno, k.dv, got, err, k.want)
		}
	}
}

func TestIsNothing(t *testing.T) {
	in := input(
		line(2, "PartyType", "msdyn_partytype", values(func(e *model.Enum) { e.ToFnO.Kind = "null" }, "Person", "P", "Organization", "O")),
		line(3, "IsOneTimeCustomer", "msdyn_onetimecustomer"), line(4, "Employees", "numberofemployees"),
		line(5, "OnHoldStatus", "msdyn_onholdstatus", values(nil, "no", 806380000, "Invoice", 806380001, "All", 806380002)),
		line(6, "Code", "shortname", values(nil, "", "none", "x", "X")),
	)
	c := compiled(t, in)
	for _, k := range []struct {
		slot string
		side value.Side
		v    value.Value
		want bool
	}{
		{"msdyn_partytype", value.FnO, value.NewSymbol("None"), true},
		{"msdyn_partytype", value.FnO, value.NewSymbol("Person"), false},
		{"msdyn_onetimecustomer", value.FnO, value.NewSymbol("No"), false},
		{"numberofemployees", value.FnO, value.NewInteger(0), true},
		{"numberofemployees", value.Dataverse, value.NewInteger(0), false},
		{"msdyn_onholdstatus", value.FnO, value.NewSymbol("No"), false},
		{"shortname", value.FnO, value.NewText(""), false},
		{"shortname", value.Dataverse, value.NewText(" "), true},
		{"accountnumber", value.FnO, value.NewText("  "), true},
	} {
		if got := c.IsNothing(slotNamed(t, c, k.slot), k.side, k.v); got != k.want {
			t.Errorf("%s on %s: IsNothing(%q) = %v", k.slot, k.side, k.v, got)
		}
	}
}

func TestScopeAndWrites(t *testing.T) {
	in := customerMap()
	in.Map.Filter.FnO = model.Named{Name: "partytype eq 'organization'"}
	in.Map.Filter.Dataverse = model.Named{Name: "customertypecode eq 3"}
	in.Map.Fields = append(in.Map.Fields,
		&model.Field{Column: model.Named{Name: "CustomerTypeCode"}, IsConstant: true, Constant: value.NewInteger(3)},
		&model.Field{FnO: model.Named{Name: "PartyType"}, IsConstant: true, Constant: value.NewText("organization"), Writes: "always"},
	)
	c := compiled(t, in)
	if got := c.ServiceFilter(); got != "PartyType eq Microsoft.Dynamics.DataEntities.DirPartyType'Organization'" {
		t.Errorf("service filter %q", got)
	}
	f := rec(c, value.FnO, "USMF", map[string]value.Value{"PartyType": value.NewSymbol("Organization")})
	d := rec(c, value.Dataverse, "USMF", map[string]value.Value{"customertypecode": value.NewOption(3)})
	for company, want := range map[string]bool{"USMF": true, "usmf": true, "FRRT": false, "": false} {
		if c.InScope(value.FnO, f.Values, company) != want || c.InScope(value.Dataverse, d.Values, company) != want {
			t.Errorf("company %q: in scope is not %v", company, want)
		}
	}
	if c.InScope(value.Dataverse, rec(c, value.Dataverse, "USMF", nil).Values, "USMF") {
		t.Error("a row without customertypecode is in scope")
	}
	names := func(to value.Side, create bool) map[string]bool {
		m := map[string]bool{}
		for _, i := range c.WriteSlots(to, create) {
			m[c.Slots[i].Name] = true
		}
		return m
	}
	if n := names(value.Dataverse, true); !n["msdyn_company"] || !n["accountnumber"] || !n["name"] {
		t.Errorf("create writes %v", n)
	}
	if n := names(value.FnO, false); n["msdyn_company"] || n["accountnumber"] || !n["name"] {
		t.Errorf("update writes %v", n)
	}
	if k := c.WriteConstants(value.Dataverse, true); len(k) != 1 || k[0].Value != value.NewOption(3) || len(c.WriteConstants(value.Dataverse, false)) != 0 {
		t.Errorf("constants of Dataverse: %v", k)
	}
	if k := c.WriteConstants(value.FnO, false); len(k) != 1 || k[0].Value != value.NewSymbol("Organization") {
		t.Errorf("constants of F&O: %v", k)
	}
}

// TestSameReferenceOfAnotherCompany: the same key in another company is
// another row.
func TestSameReferenceOfAnotherCompany(t *testing.T) {
	const foreign = "00000000-0000-0000-0000-0000000000a2"
	for _, master := range []value.Side{value.FnO, value.Dataverse} {
		in := customerMap()
		in.Map.Mastering.Master = master
		c := compiled(t, in)
		s := slotNamed(t, c, "msdyn_customergroupid.msdyn_groupid")
		refs := someRefs()
		refs.keys[foreign] = "10"
		f := rec(c, value.FnO, "USMF", map[string]value.Value{"CustomerGroupId": value.NewText("10")})
		d := rec(c, value.Dataverse, "USMF", map[string]value.Value{"msdyn_customergroupid": value.NewReference("msdyn_customergroup", foreign)})
		if same, err := c.Same(s, f, d, refs); same || err != nil {
			t.Errorf("master %s: group 10 of another company is the same: %v, %v", master, same, err)
		}
		// Where it is not known which row the key stands for, the key decides.
		delete(refs.ids, "msdyn_customergroup/usmf/10")
		if same, err := c.Same(s, f, d, refs); !same || err != nil {
			t.Errorf("master %s: the key does not decide: %v, %v", master, same, err)
		}
		delete(refs.keys, foreign)
		if same, err := c.Same(s, f, d, refs); same || err == nil {
			t.Errorf("master %s: nothing is known of the reference, and yet: %v, %v", master, same, err)
		}
	}
}

// TestStoredMapMeansTheSame: a deployed map runs from its JSON form.
func TestStoredMapMeansTheSame(t *testing.T) {
	in := customerMap()
	in.Map.Filter.Dataverse = model.Named{Name: "customertypecode eq 3"}
	in.Map.Fields = append(in.Map.Fields,
		line(20, "Code", "description", withExpressions(call("lower", cond(bin("==", field("PartyType"), lit("Person")), lit(dec(t, "1.50")), lit(nil))), theValue)),
		&model.Field{FnO: model.Named{Name: "PartyType"}, IsConstant: true, Constant: value.NewText("Person")},
	)
	in.Map.Fields[5].Values.Values = append(in.Map.Fields[5].Values.Values, model.EnumValue{FnO: value.NewText("")})
	b, err := json.Marshal(in.Map)
	if err != nil {
		t.Fatal(err)
	}
	stored := in
	stored.Map = &model.Map{}
	if err := json.Unmarshal(b, stored.Map); err != nil {
		t.Fatal(err)
	}
	was, is := compiled(t, in), compiled(t, stored)
	r := rec(was, value.FnO, "USMF", map[string]value.Value{
		"PartyType": value.NewSymbol("Person"), "OnHoldStatus": value.NewSymbol("All"), "CustomerAccount": value.NewText("A"), "CreditLimit": dec(t, "1.005"),
	})
	for i := range was.Slots {
		a, errA := was.Translate(&was.Slots[i], r, someRefs())
		b, errB := is.Translate(&is.Slots[i], r, someRefs())
		if a != b || (errA == nil) != (errB == nil) || was.Slots[i].Name != is.Slots[i].Name {
			t.Errorf("%s: %q (%v), stored %q (%v)", was.Slots[i].Name, a, errA, b, errB)
		}
	}
	if got := is.WriteConstants(value.FnO, true); len(got) != 1 || got[0].Value != value.NewSymbol("Person") {
		t.Errorf("constants %v", got)
	}
}

// TestKeyThroughTransforms: both sides of a pair give the same key, also where
// a key field is translated.
func TestKeyThroughTransforms(t *testing.T) {
	in := input(line(2, "OnHoldStatus", "msdyn_onholdstatus", values(nil, "no", 806380000, "Invoice", 806380001, "All", 806380002)),
		line(3, "Code", "description", withExpressions(call("trimprefix", theValue, lit("C-")), &expr.Expr{Op: expr.OpConcat, Args: []*expr.Expr{lit("C-"), theValue}})),
		line(4, "Employees", "numberofemployees", goes(model.ToFnO)))
	in.Map.Fields[2].Direction = model.ToDataverse
	in.Map.Key = append(in.Map.Key, model.Named{Name: "OnHoldStatus"}, model.Named{Name: "Code"}, model.Named{Name: "Employees"})
	c := compiled(t, in)
	f := rec(c, value.FnO, "usmf", map[string]value.Value{"CustomerAccount": value.NewText("A1"), "OnHoldStatus": value.NewSymbol("All"), "Code": value.NewText("C-x"), "Employees": value.NewInteger(3)})
	d := rec(c, value.Dataverse, "USMF", map[string]value.Value{"accountnumber": value.NewText("a1"), "msdyn_onholdstatus": value.NewOption(806380002), "description": value.NewText("X"), "numberofemployees": value.NewInteger(3)})
	a, okA := c.KeyOf(value.FnO, f.Values, f.Company)
	b, okB := c.KeyOf(value.Dataverse, d.Values, d.Company)
	if want := JoinKey("USMF", "A1", "806380002", "x", "3"); !okA || !okB || a != b || a != want {
		t.Errorf("keys %q and %q, want %q", a, b, want)
	}
	f.Values[c.FnO.Index("OnHoldStatus")] = value.NewSymbol("Nonsense")
	if key, ok := c.KeyOf(value.FnO, f.Values, f.Company); ok {
		t.Errorf("an untranslatable key field gives the key %q", key)
	}
}

// TestStrayCharacters: what XML does not know is found wherever it stands.
func TestStrayCharacters(t *testing.T) {
	for text, want := range map[string]int{
		"": -1, "plain": -1, "tab\tline\r\nend": -1, "Zo\u00eb \U0001f6d2 \ufffd": -1,
		"a\x00": 1, "\x1f": 0, "Caf\u00e9\x0b": 5, "ab\ufffe": 2, "\uffff": 0,
	} {
		if got := strayCharacter(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
