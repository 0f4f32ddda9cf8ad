package transform

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

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
	// Other control characters are refused as text.
	runes := rapid.Rune().Filter(func(r rune) bool { return strayCharacter(string(r)) < 0 || string(r) == keySeparator })
	texts := rapid.StringOfN(runes, 0, 20, 40)
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{"CategoryName": texts.Draw(t, "name"), "CategoryHierarchy": texts.Draw(t, "hierarchy")}
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
		"unknown column":    {orderWith(block(2, "customerid", "accounts:", "Customer=acountnumber")), diag.CodeLookupColumn, `Did you mean "accountnumber"?`},
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
		"company by a path only": {func() Input {
			in := lineMap()
			in.Map.Company = nil
			return in
		}(), diag.CodeCompanyColumn, `Name the path to it: company = "salesorderid.msdyn_company"`},
		"company in no column": {func() Input {
			in := lineMap()
			in.Map.Company.Path = "msdyn_company"
			return in
		}(), diag.CodeUnknownColumn, `company = "salesorderid.msdyn_company"`},
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
