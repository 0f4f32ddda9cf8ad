package xpp

import (
	"strings"
	"testing"
)

func TestFilters(t *testing.T) {
	for _, c := range []struct{ xpp, odata, back string }{
		{`((PartyType == "Organization"))`, `PartyType eq 'Organization'`, `(PartyType == "Organization")`},
		{`(AssociatedContactType = 1)`, `AssociatedContactType eq 1`, `(AssociatedContactType == 1)`},
		{`((A == "Note") || (A == "URL"))`, `A eq 'Note' or A eq 'URL'`, `((A == "Note") || (A == "URL"))`},
		{`(A == "x" || B != 'y') && C >= -1.50`, `(A eq 'x' or B ne 'y') and C ge -1.50`, `(((A == "x") || (B != "y")) && (C >= -1.50))`},
		{`(AccountType == AccountType::Customer)`, `AccountType eq 'Customer'`, `(AccountType == "Customer")`},
		{`(name like "A*")`, `startswith(name,'A')`, `(name like "A*")`},
		{`(!(name like "*A*"))`, `not (contains(name,'A'))`, `(!(name like "*A*"))`},
		{`name LIKE "*Ä'"`, `endswith(name,'Ä''')`, `(name like "*Ä'")`},
		{`name like "A"`, `name eq 'A'`, `(name == "A")`},
		{`(D <= 23\06\2021)`, `D le 2021-06-23`, `(D <= 23\06\2021)`},
		{`((n > 1000) && (n <= 2000))`, `n gt 1000 and n le 2000`, `((n > 1000) && (n <= 2000))`},
		{`a == "q\"\\" && b < 2 && c == true`, `a eq 'q"\' and b lt 2 and c eq true`, `((a == "q\"\\") && (b < 2) && (c == true))`},
		{`!!(a == 1)`, `not (not (a eq 1))`, `(!(!(a == 1)))`},
	} {
		tree, err := ParseRange(c.xpp)
		if err != nil {
			t.Errorf("%s: %v", c.xpp, err)
			continue
		}
		if got := OData(tree); got != c.odata {
			t.Errorf("%s becomes %s, not %s", c.xpp, got, c.odata)
		}
		again, err := ParseOData(c.odata)
		if err != nil {
			t.Errorf("%s: %v", c.odata, err)
			continue
		}
		if got, err := Range(again); got != c.back || err != nil {
			t.Errorf("%s goes back as %s (%v), not %s", c.odata, got, err, c.back)
		}
	}
}

func TestFiltersThatCannotBeTranslated(t *testing.T) {
	for _, text := range []string{
		"", "(", "A", "A ==", "A == B", `A == "x`, "A == 1 B == 2", `A like "a*b"`, `A like "a?"`, `T.A == 1`, "A & B", "1 == A", "A == 1-2",
		`A like 3`, `A == 32\01\2020`, `A == 1\2`, "A == X::", "(A == 1", "A == 1)", "Ä == 1", `A == "` + strings.Repeat("x", maxFilterBytes) + `"`,
		strings.Repeat("(", 300) + "A == 1" + strings.Repeat(")", 300), strings.Repeat("!", 300) + "(A == 1)",
	} {
		if c, err := ParseRange(text); err == nil {
			t.Errorf("%s is taken for %s", clip(text), OData(c))
		}
	}
	for _, text := range []string{
		"", "A", "A eq", "A eq B", "A eq 'x", "A eq 1 B eq 2", "contains(A)", "contains(A,1)", "contains(A,'x'", "contains(A;'x')", "a/any(x: x eq 1)", "null eq A",
		"A eq NoYes'Yes", "A eq Microsoft.Dynamics.DataEntities.NoYes'Yes", "not", "A in ('x')", strings.Repeat("not ", 300) + "A eq 1",
	} {
		if _, err := ParseOData(text); err == nil {
			t.Errorf("%s is taken", clip(text))
		}
	}
	for _, text := range []string{"A eq null", "contains(A,'*')"} {
		c, err := ParseOData(text)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := Range(c); err == nil {
			t.Errorf("%s becomes %s", text, s)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{`((A == "x") && !(b like "*c"))`, `A eq 'x' and not contains(b,'c')`, `D <= 23\06\2021`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParseRange(text); err == nil {
			settled(t, OData(c))
		}
		if c, err := ParseOData(text); err == nil {
			settled(t, OData(c))
		}
	})
}

// settled checks that a filter that was written is read as itself, and so is
// what it becomes in X++.
func settled(t *testing.T, text string) {
	if len(text) > maxFilterBytes {
		return
	}
	c, err := ParseOData(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if again := OData(c); again != text {
		t.Fatalf("%q becomes %q", text, again)
	}
	x, err := Range(c)
	if err != nil || len(x) > maxFilterBytes || strings.Count(x, "(") > maxFilterDepth/4 {
		return
	}
	back, err := ParseRange(x)
	if err != nil {
		t.Fatalf("%q became %q: %v", text, x, err)
	}
	if y, err := Range(back); err != nil || y != x {
		t.Fatalf("%q becomes %q (%v)", x, y, err)
	}
}

func TestOwnDataSource(t *testing.T) {
	c, err := ParseRange(`(customersv3.DataAreaId == "usmf") && (PartyType == DirPartyType::Person)`, "CustomersV3", "CustCustomerV3Entity")
	if err != nil {
		t.Fatal(err)
	}
	if got := OData(c); got != "DataAreaId eq 'usmf' and PartyType eq 'Person'" {
		t.Error(got)
	}
	if _, err := ParseRange(`(Other.DataAreaId == "usmf")`, "CustomersV3"); err == nil {
		t.Error("another data source's field is taken")
	}
}
