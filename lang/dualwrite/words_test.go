package dualwrite

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

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
