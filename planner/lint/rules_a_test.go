package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

// told gives the findings of some codes, a line each: code, what stands at the
// place, summary.
func told(t *testing.T, text string, cat *schema.Catalog, codes ...string) []string {
	t.Helper()
	var out []string
	for _, d := range Check(fixture.Load(t, text), cat) {
		if slices.Contains(codes, d.Code) {
			at, _, _ := strings.Cut(text[d.Subject.Start.Byte:d.Subject.End.Byte], "\n")
			out = append(out, fmt.Sprintf("%s [%s] %s", d.Code, strings.TrimSpace(at), d.Summary))
		}
	}
	return out
}

// expect compares findings with the beginnings of those that are wanted.
func expect(t *testing.T, name string, got []string, want ...string) {
	t.Helper()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		ok = strings.Contains(got[i], want[i])
	}
	if !ok {
		t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// replaced changes one part of a text, which must be there once.
func replaced(t *testing.T, text, old, with string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q stands there %d times", old, strings.Count(text, old))
	}
	return strings.Replace(text, old, with, 1)
}

// contactMap refers to accounts, and through them to customer groups.
const contactMap = `
map "contacts" {
  fno       = "Vendors"
  dataverse = "contacts"
  key       = ["VendorAccount"]
  fields "both" {
    VendorAccount = "msdyn_contactpersonid"
  }
  fields "to_dataverse" {
    CustomerAccount = "parentcustomerid.msdyn_customergroupid.msdyn_groupid"
  }
}
`

func TestTargetsAreSent(t *testing.T) {
	codes := []string{diag.CodeTargetPaused, diag.CodeTargetNotSent}
	groups := `  key       = ["CustomerGroupId"]
  fields "both" {`
	with := func(setting string) string {
		return replaced(t, fixture.Config, groups, strings.Replace(groups, "  fields", "  "+setting+"\n  fields", 1))
	}
	toFnO := replaced(t, fixture.Config, groups, strings.Replace(groups, `"both"`, `"to_fno"`, 1))
	expect(t, "all run", told(t, fixture.Config, fixture.Schema(), codes...))
	expect(t, "paused", told(t, with(`status = "paused"`), fixture.Schema(), codes...),
		`DW700 ["msdyn_customergroupid.msdyn_groupid"] msdyn_customergroupid.msdyn_groupid leads to msdyn_customergroups, whose rows are not sent: map.groups is paused`)
	expect(t, "both stand still", told(t, replaced(t, with(`status = "paused"`), `version   = "1.0.0"`, `status = "stopped"`), fixture.Schema(), codes...))
	expect(t, "only to F&O", told(t, toFnO, fixture.Schema(), codes...), "DW701")
	expect(t, "creates none", told(t, with(`creates = { to_dataverse = false }`), fixture.Schema(), codes...), "DW701")
	expect(t, "another map sends them", told(t, with(`creates = { to_dataverse = false }`)+strings.Replace(strings.Replace(vendors, `"accounts"`, `"msdyn_customergroups"`, 1),
		"  filter { dataverse = \"customertypecode eq 11\" }\n  fields \"both\" {\n    VendorAccount = \"accountnumber\"\n    VendorName    = \"name\"", "  fields \"both\" {\n    VendorAccount = \"msdyn_groupid\"", 1), fixture.Schema(), codes...))
	// Hop by hop: the group lies behind the account.
	expect(t, "behind another row", told(t, with(`status = "stopped"`)+contactMap, fixture.Schema(), codes...),
		"DW700", `DW700 ["parentcustomerid.msdyn_customergroupid.msdyn_groupid"]`)
}

// TestPolymorphicTargets: each table that a lookup may lead to is judged.
func TestPolymorphicTargets(t *testing.T) {
	cat := fixture.Schema()
	f := dataverse(t, cat, "contacts").Field("parentcustomerid")
	f.Targets = append(f.Targets, schema.Target{Table: "msdyn_customergroup", Set: "msdyn_customergroups", Navigation: "g"})
	text := replaced(t, contactMap, `  fields "to_dataverse" {
    CustomerAccount = "parentcustomerid.msdyn_customergroupid.msdyn_groupid"
  }
`, `  lookup "parentcustomerid" {
    target "accounts" { match = { CustomerAccount = "accountnumber" } }
    target "msdyn_customergroups" { match = { CustomerAccount = "msdyn_groupid" } }
  }
`)
	stopped := replaced(t, fixture.Config, `version   = "1.0.0"`, `status = "stopped"`) // the map of accounts
	expect(t, "one of two", told(t, stopped+text, cat, diag.CodeTargetPaused), "leads to accounts, whose rows are not sent: map.customers is stopped")
	groups := fixture.Config[strings.Index(fixture.Config, `map "groups"`):strings.Index(fixture.Config, `map "customers"`)]
	expect(t, "the other is not mapped", told(t, strings.Replace(stopped, groups, "", 1)+text, cat, diag.CodeTargetPaused, diag.CodeNotDelivered),
		"DW262", "fills msdyn_customergroups", "leads to accounts, whose rows")
}

// TestOwnTable says what becomes of rows whose reference waits for their own
// table.
func TestOwnTable(t *testing.T) {
	for missing, want := range map[string]string{"park": "would wait forever", "null": "nothing fills it in later", "fail": "fails"} {
		text := fixture.Edit(t, "    InvoiceAccount    = \"msdyn_billingaccount.accountnumber\"\n  }",
			"  }\n  lookup \"msdyn_billingaccount\" {\n    match   = { InvoiceAccount = \"accountnumber\" }\n    missing = \""+missing+"\"\n  }")
		ds := Check(fixture.Load(t, text), fixture.Schema())
		if len(ds) != 1 || ds[0].Code != diag.CodeSelfWait || !strings.Contains(ds[0].Detail, want) {
			t.Errorf("%s: %+v", missing, ds)
		}
	}
}

// second is a further lookup to companies.
func second() *schema.Field {
	return &schema.Field{Name: "msdyn_buyer", Type: schema.TypeLookup, OnCreate: true, OnUpdate: true, Readable: true,
		Targets: []schema.Target{{Table: schema.CompanyTable, Set: "cdm_companies", Navigation: "msdyn_Buyer"}}}
}

func TestTargetCompany(t *testing.T) {
	code := diag.CodeTargetCompany
	group := func(setting string) string {
		return replaced(t, fixture.Config, `  key       = ["CustomerGroupId"]`, "  key       = [\"CustomerGroupId\"]\n  "+setting)
	}
	expect(t, "they agree", told(t, fixture.Config, fixture.Schema(), code))
	expect(t, "no company", told(t, group("company = null"), fixture.Schema(), code), "by company, and map.groups gives them none")

	// Nothing tells which of two lookups is the company, so that the map says it
	// and those that refer to its rows do not know.
	open := fixture.Schema()
	groups := dataverse(t, open, "msdyn_customergroups")
	groups.Keys[0].Columns = []string{"msdyn_groupid"}
	company := groups.Field("msdyn_company")
	company.Name = "msdyn_seller"
	groups.Fields = append(groups.Fields, second())
	said := replaced(t, group(`company = "msdyn_seller"`), `"msdyn_customergroupid.msdyn_groupid"`, `"msdyn_customergroupid.msdyn_groupid"`)
	expect(t, "not known", told(t, said, open, code), "looks for rows of msdyn_customergroups without their company")
	matched := replaced(t, said, "    CustomerGroupId   = \"msdyn_customergroupid.msdyn_groupid\"\n", "")
	matched = replaced(t, matched, `  constant "customertypecode"`, `  lookup "msdyn_customergroupid" {
    match = {
      CustomerGroupId = "msdyn_groupid"
      dataAreaId      = "msdyn_seller.cdm_companycode"
    }
  }
  constant "customertypecode"`)
	expect(t, "matched by it", told(t, matched, open, code))

	// The schema knows one, the map of the target writes another.
	two := fixture.Schema()
	groups = dataverse(t, two, "msdyn_customergroups")
	groups.Fields = append(groups.Fields, second())
	expect(t, "another column", told(t, group(`company = "msdyn_buyer"`), two, code), "by msdyn_company, and map.groups puts their company into msdyn_buyer")
}

func TestComputedColumns(t *testing.T) {
	codes := []string{diag.CodeUnseenChanges, diag.CodeReadOnlyField}
	cat := func(source schema.Source) *schema.Catalog {
		c := fixture.Schema()
		f := dataverse(t, c, "accounts").Field("telephone1")
		f.Source, f.OnCreate, f.OnUpdate = source, false, false
		return c
	}
	read := fixture.Edit(t, "  constant \"customertypecode\"", "  fields \"to_fno\" {\n    PrimaryContactPhone = \"telephone1\"\n  }\n  constant \"customertypecode\"")
	both := fixture.Edit(t, "    OrganizationName  = \"name\"", "    OrganizationName  = \"name\"\n    PrimaryContactPhone = \"telephone1\"")
	inside := fixture.Edit(t, "  constant \"customertypecode\"", "  field \"name\" {\n    fno    = \"OrganizationName\"\n    direction = \"to_fno\"\n    to_fno = \"${value} ${record.telephone1}\"\n  }\n  constant \"customertypecode\"")
	inside = replaced(t, replaced(t, inside, "    OrganizationName  = \"name\"\n", ""), "  mastering {\n    dataverse = [\"name\"]\n  }\n", "")
	for _, source := range []schema.Source{schema.SourceCalculated, schema.SourceRollup, schema.SourceFormula, schema.SourceCurrency} {
		expect(t, string(source), told(t, read, cat(source), codes...), fmt.Sprintf(`DW712 ["telephone1"] telephone1 is a %s column`, source))
	}
	expect(t, "nobody computes it", told(t, read, cat(""), codes...))
	expect(t, "two-way", told(t, both, cat(schema.SourceRollup), codes...), "DW213")
	expect(t, "in an expression", told(t, inside, cat(schema.SourceCalculated), codes...), `DW712 [record.telephone1]`)
	filtered := fixture.Edit(t, `dataverse = "customertypecode eq 3"`, `dataverse = "customertypecode eq 3 and telephone1 ne null"`)
	expect(t, "in a filter", told(t, filtered, cat(schema.SourceRollup), codes...), "DW712 [\"customertypecode eq 3 and telephone1 ne null\"] the filter reads telephone1")
}

func TestEntitiesAndCompanies(t *testing.T) {
	codes := []string{diag.CodeGlobalEntity, diag.CodeCompanyIgnored}
	global := fixture.Schema()
	e := fixture.Table(t, global, value.FnO, "CustomerGroups")
	e.CompanySpecific, e.Key = false, []string{"CustomerGroupId"}
	expect(t, "shared entity", told(t, only(t, "groups"), global, codes...), "DW730")
	said := replaced(t, only(t, "groups"), `  key       = ["CustomerGroupId"]`, "  key       = [\"CustomerGroupId\"]\n  company   = null")
	expect(t, "meant", told(t, said, global, codes...))
	expect(t, "company left out", told(t, said, fixture.Schema(), codes...), "DW731")
	expect(t, "of one company", told(t, strings.Replace(said, `companies = ["USMF", "DEMF"]`, `companies = ["USMF"]`, 1), fixture.Schema(), codes...))
}

func TestCompaniesOfDualWrite(t *testing.T) {
	link := func(n int, setting string) string {
		var codes []string
		for i := range n {
			codes = append(codes, fmt.Sprintf("%q", fmt.Sprintf("C%03d", i)))
		}
		return replaced(t, only(t, "groups"), `  companies = ["USMF", "DEMF"]`, setting+"  companies = ["+strings.Join(codes, ", ")+"]")
	}
	code := diag.CodeTooManyCompanies
	expect(t, "as many as it takes", told(t, link(40, "  dual_write = true\n"), fixture.Schema(), code))
	expect(t, "one more", told(t, link(41, "  dual_write = true\n"), fixture.Schema(), code), `DW732 ["C040"] 41 companies`)
	expect(t, "without dual-write", told(t, link(41, ""), fixture.Schema(), code))
	expect(t, "not any more", told(t, link(41, "  dual_write = false\n"), fixture.Schema(), code))
	for _, d := range Check(fixture.Load(t, link(251, "  dual_write = true\n")), fixture.Schema()) {
		if d.Code == code && !strings.Contains(d.Detail, "40 of an initial synchronization and the 250 of a transaction") {
			t.Errorf("%+v", d)
		}
	}
}
