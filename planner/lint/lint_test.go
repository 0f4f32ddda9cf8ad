package lint

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

const vendors = `
map "vendors" {
  fno       = "Vendors"
  dataverse = "accounts"
  key       = ["VendorAccount"]
  filter { dataverse = "customertypecode eq 11" }
  fields "both" {
    VendorAccount = "accountnumber"
    VendorName    = "name"
  }
  constant "customertypecode" { value = 11 }
}
`

func dataverse(t testing.TB, c *schema.Catalog, set string) *schema.Table {
	return fixture.Table(t, c, value.Dataverse, set)
}

func TestCleanConfiguration(t *testing.T) {
	if ds := Check(fixture.Load(t, fixture.Config+vendors), fixture.Schema(), WithCompanies([]string{"usmf", "demf"})); len(ds) > 0 {
		t.Errorf("nothing is wrong, but:\n%s", fixture.Lines(ds))
	}
}

// TestRules plants one mistake at a time; each must be found alone, at its
// place.
func TestRules(t *testing.T) {
	tests := []struct {
		name   string
		code   string
		text   string
		schema func(*schema.Catalog)
		opts   []Option
		at     string // what stands at the place
		says   []string
	}{
		{
			name: "unknown table", code: diag.CodeUnknownTable, text: fixture.Edit(t, `"CustomersV3"`, `"CustomerV3"`),
			at: `"CustomerV3"`, says: []string{`Did you mean "CustomersV3"`},
		},
		{
			name: "lookup target", code: diag.CodeLookupTarget,
			text:   fixture.Edit(t, `OrganizationName  = "name"`, "OrganizationName  = \"name\"\n    PrimaryContactPhone = \"primarycontactid.msdyn_contactpersonid\""),
			schema: func(c *schema.Catalog) { c.Dataverse = without(c.Dataverse, "contacts") },
			at:     `"primarycontactid.msdyn_contactpersonid"`, says: []string{"contact"},
		},
		{
			name: "lookup by a column without key", code: diag.CodeLookupKey,
			text: fixture.Edit(t, `"msdyn_customergroupid.msdyn_groupid"`, `"msdyn_customergroupid.msdyn_description"`),
			at:   `"msdyn_customergroupid.msdyn_description"`, says: []string{"msdyn_description", `"msdyn_customergroupid.msdyn_groupid"`},
		},
		{
			name: "key without alternate key", code: diag.CodeKeyWithoutKey, text: fixture.Config,
			schema: func(c *schema.Catalog) {
				dataverse(t, c, "cdm_companies").Keys[0].Columns = []string{"cdm_companycode", "cdm_name"}
			},
			at: `"LegalEntityId"`, says: []string{"cdm_companycode"},
		},
		{
			name: "alternate key not active", code: diag.CodeKeyWithoutKey, text: only(t, "groups"),
			schema: func(c *schema.Catalog) { dataverse(t, c, "msdyn_customergroups").Keys[0].Status = "Pending" },
			at:     `"CustomerGroupId"`, says: []string{"dw_key", "Pending"},
		},
		{
			name: "change tracking", code: diag.CodeChangeTracking, text: fixture.Config,
			schema: func(c *schema.Catalog) { dataverse(t, c, "transactioncurrencies").ChangeTracking = false },
			at:     `"transactioncurrencies"`,
		},
		{
			name: "key goes one way", code: diag.CodeKeyOneWay,
			text: fixture.Edit(t, "  fields \"both\" {\n    CurrencyCode = \"isocurrencycode\"\n", "  fields \"to_dataverse\" {\n    CurrencyCode = \"isocurrencycode\"\n  }\n  fields \"both\" {\n"),
			at:   "CurrencyCode", says: []string{"F&O", "creates = { to_fno = false }"},
		},
		{
			name: "required column", code: diag.CodeRequiredColumn, text: fixture.Config,
			schema: func(c *schema.Catalog) { dataverse(t, c, "accounts").Field("telephone1").Required = true },
			at:     `"accounts"`, says: []string{"telephone1"},
		},
		{
			name: "two writers", code: diag.CodeTwoWriters, text: fixture.Config + strings.Replace(strings.Replace(vendors, "eq 11", "ne 11", 1), "value = 11", "value = 3", 1),
			at: `"name"`, says: []string{"map.customers and map.vendors both write name of accounts"},
		},
		{
			name: "unknown company", code: diag.CodeUnknownCompany, text: fixture.Config, opts: []Option{WithCompanies([]string{"DEMX", "USMF"})},
			at: `"DEMF"`, says: []string{`Did you mean "DEMX"`},
		},
		{
			name: "self-reference that waits", code: diag.CodeSelfWait,
			text: fixture.Edit(t, "    InvoiceAccount    = \"msdyn_billingaccount.accountnumber\"\n  }", "  }\n  lookup \"msdyn_billingaccount\" {\n    match   = { InvoiceAccount = \"accountnumber\" }\n    missing = \"park\"\n  }"),
			says: []string{`missing = "park" is set`},
		},
		{
			name: "read-only table", code: diag.CodeReadOnlyTable, text: fixture.Config,
			schema: func(c *schema.Catalog) { fixture.Table(t, c, value.FnO, "Currencies").ReadOnly = true },
			at:     `"Currencies"`,
		},
		{
			name: "mistake inside a map", code: diag.CodeUnknownField, text: fixture.Edit(t, `    Description     =`, `    Descripton     =`),
			at: "Descripton", says: []string{`"Description"`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cat := fixture.Schema()
			if tt.schema != nil {
				tt.schema(cat)
			}
			ds := Check(fixture.Load(t, tt.text), cat, tt.opts...)
			if len(ds) != 1 || ds[0].Code != tt.code {
				t.Fatalf("want one %s, found:\n%s", tt.code, fixture.Lines(ds))
			}
			d := ds[0]
			if d.Detail == "" || d.Hint == "" {
				t.Errorf("it does not say why or what to do: %+v", d)
			}
			if got := tt.text[d.Subject.Start.Byte:d.Subject.End.Byte]; tt.at != "" && !strings.HasPrefix(got, tt.at) {
				t.Errorf("it points at %q, want %q", got, tt.at)
			}
			for _, want := range tt.says {
				if !strings.Contains(d.Summary+" "+d.Detail+" "+d.Hint, want) {
					t.Errorf("%q is not said: %+v", want, d)
				}
			}
		})
	}
}

// only gives the configuration with just one map and what it refers to by
// company.
func only(t testing.TB, name string) string {
	t.Helper()
	head := fixture.Config[:strings.Index(fixture.Config, `map "currencies"`)]
	start := strings.Index(fixture.Config, `map "`+name+`"`)
	end := start + strings.Index(fixture.Config[start:], "\n}\n") + 3
	return head + fixture.Config[start:end]
}

func without(tables []schema.Table, set string) []schema.Table {
	return slices.DeleteFunc(tables, func(t schema.Table) bool { return t.Set == set })
}

// TestAllAtOnce: independent mistakes are found in one run, sorted by place.
func TestAllAtOnce(t *testing.T) {
	text := strings.NewReplacer(
		`"CustomersV3"`, `"CustomerV3"`, `"currencyname"`, `"currencynam"`, `"LegalEntities"`, `"LegalEntity"`,
	).Replace(fixture.Config + strings.Replace(vendors, "VendorName ", "VendorNam ", 1))
	cat := fixture.Schema()
	dataverse(t, cat, "msdyn_customergroups").ChangeTracking = false
	var codes []string
	for _, d := range Check(fixture.Load(t, text), cat, WithCompanies([]string{"USMF"})) {
		codes = append(codes, d.Code)
	}
	want := []string{"DW259", "DW250", "DW202", "DW255", "DW250", "DW201"}
	if !slices.Equal(codes, want) {
		t.Errorf("found %v, want %v", codes, want)
	}
}

func TestNotes(t *testing.T) {
	required := func() *schema.Catalog {
		cat := fixture.Schema()
		dataverse(t, cat, "accounts").Field("telephone1").Required = true
		return cat
	}
	tests := []struct {
		name, note string
		cat        *schema.Catalog
		want       []string
	}{
		{"silences", "# dw:ignore DW257 filled by a plug-in", required(), nil},
		{"without reason", "# dw:ignore DW257", required(), []string{"DW257", "DW291"}},
		{"another code", "# dw:ignore DW258 why not", required(), []string{"DW257", "DW290"}},
		{"nothing to silence", "# dw:ignore DW257 filled by a plug-in", fixture.Schema(), []string{"DW290"}},
		{"no such code", "# dw:ignore DW299 who knows", fixture.Schema(), []string{"DW290"}},
		{"not lint's", "# dw:ignore DW101 the language judges it", fixture.Schema(), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := fixture.Edit(t, `map "customers" {`, tt.note+"\nmap \"customers\" {")
			var codes []string
			for _, d := range Check(fixture.Load(t, text), tt.cat) {
				codes = append(codes, d.Code)
			}
			slices.Sort(codes)
			if !slices.Equal(codes, tt.want) {
				t.Errorf("found %v, want %v", codes, tt.want)
			}
		})
	}
	t.Run("not judged where not everything could be checked", func(t *testing.T) {
		text := fixture.Edit(t, `map "customers" {`, "# dw:ignore DW257 filled by a plug-in\nmap \"customers\" {")
		if ds := Check(fixture.Load(t, text), fixture.Schema(), Partial()); len(ds) > 0 {
			t.Errorf("found:\n%s", fixture.Lines(ds))
		}
		text = strings.Replace(text, `"CustomersV3"`, `"Nowhere"`, 1)
		if ds := Check(fixture.Load(t, text), fixture.Schema()); len(ds) != 1 || ds[0].Code != diag.CodeUnknownTable {
			t.Errorf("found:\n%s", fixture.Lines(ds))
		}
	})
	t.Run("errors stay", func(t *testing.T) {
		text := strings.Replace(fixture.Edit(t, `map "customers" {`, "# dw:ignore DW250 it will come\nmap \"customers\" {"), `"CustomersV3"`, `"Nowhere"`, 1)
		ds := Check(fixture.Load(t, text), fixture.Schema())
		if len(ds) != 2 || ds[0].Code != diag.CodeNoteRefused || ds[1].Code != diag.CodeUnknownTable {
			t.Errorf("found:\n%s", fixture.Lines(ds))
		}
	})
}

func TestFiltersKeepApart(t *testing.T) {
	tests := []struct {
		a, b  string
		apart bool
	}{
		{"customertypecode eq 3", "customertypecode eq 11", true},
		{"customertypecode eq 3", "customertypecode eq 3", false},
		{"customertypecode eq 3", "customertypecode ne 3", true},
		{"customertypecode ne 3", "customertypecode ne 11", true}, // it has no third choice
		{"customertypecode eq 3 or name eq 'x'", "customertypecode eq 11", false},
		{"(customertypecode eq 3) and (name eq 'a or b')", "telephone1 eq null and customertypecode eq 11", true},
		{"name eq 'a'", "name eq 'A'", false},
		{"not (customertypecode eq 3)", "customertypecode eq 11", false},
		{"customertypecode eq 3 and (name eq 'a' or name eq 'b')", "name eq 'c'", true},
		{"startswith(name,'a')", "name eq 'b'", true},
		{"name eq 'it''s (a)'", "name eq 'it''s (b)'", true},
		{"customertypecode eq 3 and name ne null", "name eq null", true},
		{"startswith(name,'US-')", "startswith(name,'DE-') or name eq null", true},
		{"startswith(name,'US-')", "contains(name,'DE-')", false},
		{"not (customertypecode eq 3)", "customertypecode eq 3 and name eq 'x'", true},
	}
	for _, tt := range tests {
		text := strings.Replace(fixture.Config, "customertypecode eq 3", tt.a, 1) + strings.Replace(vendors, "customertypecode eq 11", tt.b, 1)
		found := slices.ContainsFunc(Check(fixture.Load(t, text), fixture.Schema()), func(d diag.Diagnostic) bool { return d.Code == diag.CodeTwoWriters })
		if found == tt.apart {
			t.Errorf("%q and %q: kept apart %v, want %v", tt.a, tt.b, !found, tt.apart)
		}
	}
}

// TestCompaniesKeepApart: maps of different companies never meet.
func TestCompaniesKeepApart(t *testing.T) {
	text := fixture.Edit(t, `version   = "1.0.0"`, `companies = ["USMF"]`) +
		strings.Replace(vendors, `filter { dataverse = "customertypecode eq 11" }`, `companies = ["DEMF"]`, 1)
	if ds := Check(fixture.Load(t, text), fixture.Schema()); len(ds) > 0 {
		t.Errorf("found:\n%s", fixture.Lines(ds))
	}
}

func BenchmarkThousandMaps(b *testing.B) {
	cfg, cat := fixture.Many(b, 1000, 10)
	for b.Loop() {
		if ds := Check(cfg, cat); ds.HasErrors() {
			b.Fatal(fixture.Lines(ds))
		}
	}
}

// TestManyMapsOnOneTable: filters that ask for different values of one column,
// on either side, are not compared pair by pair.
func TestManyMapsOnOneTable(t *testing.T) {
	var b strings.Builder
	b.WriteString(fixture.Config)
	const many = 60
	for i := range many {
		fmt.Fprintf(&b, "map \"m%02d\" {\n  fno = \"CustomersV3\"\n  dataverse = \"accounts\"\n  key = [\"CustomerAccount\"]\n"+
			"  filter { fno = \"CustomerGroupId eq '10' and PartyType eq 'Person' and OrganizationName eq '%d'\" }\n  fields \"to_dataverse\" {\n    CustomerAccount = \"accountnumber\"\n    OrganizationName = \"name\"\n  }\n}\n", i, i)
	}
	cfg := fixture.Load(t, b.String())
	bound, _ := bind.Link(cfg, cfg.Links[0], fixture.Schema())
	var maps []*bind.Map
	for _, m := range bound.Maps {
		if strings.HasPrefix(m.Source.Name, "m") {
			maps = append(maps, m)
		}
	}
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		compared := 0
		scopes{}.pairs(maps, side, func(_, _ *bind.Map) bool { compared++; return false })
		if len(maps) != many || compared > many {
			t.Errorf("%d maps of %s are compared %d times", len(maps), side, compared)
		}
	}
	for _, d := range Check(cfg, fixture.Schema()) {
		if d.Code == diag.CodeTwoWriters {
			t.Errorf("found %s", d.Summary)
		}
	}
	alike := fixture.Load(t, strings.ReplaceAll(b.String(), " and OrganizationName eq", " and OrganizationName ne"))
	found := 0
	for _, d := range Check(alike, fixture.Schema()) {
		if d.Code == diag.CodeTwoWriters {
			found++
		}
	}
	if found == 0 || found > many*mostPartners {
		t.Errorf("%d findings about %d maps that meet", found, many)
	}
}
