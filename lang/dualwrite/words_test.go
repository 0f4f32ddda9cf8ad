package dualwrite

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
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
		tree, err := parseXpp(c.xpp)
		if err != nil {
			t.Errorf("%s: %v", c.xpp, err)
			continue
		}
		if got := odata(tree); got != c.odata {
			t.Errorf("%s becomes %s, not %s", c.xpp, got, c.odata)
		}
		again, err := parseOData(c.odata)
		if err != nil {
			t.Errorf("%s: %v", c.odata, err)
			continue
		}
		if got, err := xpp(again); got != c.back || err != nil {
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
		if c, err := parseXpp(text); err == nil {
			t.Errorf("%s is taken for %s", clip(text), odata(c))
		}
	}
	for _, text := range []string{
		"", "A", "A eq", "A eq B", "A eq 'x", "A eq 1 B eq 2", "contains(A)", "contains(A,1)", "contains(A,'x'", "contains(A;'x')", "a/any(x: x eq 1)", "null eq A",
		"A eq NoYes'Yes", "A eq Microsoft.Dynamics.DataEntities.NoYes'Yes", "not", "A in ('x')", strings.Repeat("not ", 300) + "A eq 1",
	} {
		if _, err := parseOData(text); err == nil {
			t.Errorf("%s is taken", clip(text))
		}
	}
	for _, text := range []string{"A eq null", "contains(A,'*')"} {
		c, err := parseOData(text)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := xpp(c); err == nil {
			t.Errorf("%s becomes %s", text, s)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{`((A == "x") && !(b like "*c"))`, `A eq 'x' and not contains(b,'c')`, `D <= 23\06\2021`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseXpp(text); err == nil {
			settled(t, odata(c))
		}
		if c, err := parseOData(text); err == nil {
			settled(t, odata(c))
		}
	})
}

// settled checks that a filter that was written is read as itself, and so is
// what it becomes in X++.
func settled(t *testing.T, text string) {
	if len(text) > maxFilterBytes {
		return
	}
	c, err := parseOData(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if again := odata(c); again != text {
		t.Fatalf("%q becomes %q", text, again)
	}
	x, err := xpp(c)
	if err != nil || len(x) > maxFilterBytes || strings.Count(x, "(") > maxFilterDepth/4 {
		return
	}
	back, err := parseXpp(x)
	if err != nil {
		t.Fatalf("%q became %q: %v", text, x, err)
	}
	if y, err := xpp(back); err != nil || y != x {
		t.Fatalf("%q becomes %q (%v)", x, y, err)
	}
}

func TestCamel(t *testing.T) {
	for in, want := range map[string]string{
		"No": "no", "ATPPlusIssueMargin": "atpPlusIssueMargin", "CTP": "ctp", "FullRunCTP": "fullRunCTP", "SWIFT": "swift", "HeadCompany_IT": "headCompany_IT",
		"en-us": "en-us", "US": "us", "A": "a", "": "", "1A": "1A", "Non-Specific": "non-Specific", "SalesLeadTime": "salesLeadTime",
	} {
		if got := camel(in); got != want || camel(got) != got {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func TestSnake(t *testing.T) {
	for in, want := range map[string]string{
		"Customers V3 accounts": "customers_v3_accounts", "CDS Parties": "cds_parties", "CustVendorBlocked": "cust_vendor_blocked",
		"LedgerJournalACType": "ledger_journal_ac_type", "ABC": "abc", "SalesInvoiceV2Lines": "sales_invoice_v2_lines", "Organization hierarchy - published": "organization_hierarchy_published", "é–": "", "_a__b_": "a_b",
	} {
		if got := snake(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

// A guessed label leads back to its entity set.
func TestGuesses(t *testing.T) {
	for set, label := range map[string]string{"OwnMachineParts": "Own machine parts", "CDSParts": "CDSParts", "PartsV2": "Parts V2", "eInvoices": "eInvoices", "Parts": "Parts"} {
		if got := guessLabel(set); got != label {
			t.Errorf("%s is labelled %q, not %q", set, got, label)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.StringMatching(`[A-Za-z][A-Za-z0-9_]{0,30}`).Draw(t, "set")
		if label := guessLabel(set); guessSet(label) != set {
			t.Fatalf("%s is labelled %q, which is %s", set, label, guessSet(label))
		}
	})
}

func TestComment(t *testing.T) {
	got := comment("a\x1b[31m \u202eb\r\nc */ \u2028d\n\n" + strings.Repeat("long ", 40))
	for line := range strings.SplitSeq(strings.TrimSuffix(got, "\n"), "\n") {
		if !strings.HasPrefix(line, "# ") || len(line) > 100 {
			t.Errorf("%q", line)
		}
	}
	if strings.ContainsAny(got, "\x1b\u202e\u2028\r") {
		t.Errorf("%q", got)
	}
}
