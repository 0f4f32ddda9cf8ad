package snapshot_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/library"
	"github.com/dualwrite/dw/lang/library/snapshot"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// TestCatalog looks at what the two files make together.
func TestCatalog(t *testing.T) {
	cat, err := snapshot.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if accounts := cat.Table(value.Dataverse, "accounts"); accounts == nil || !accounts.HasKey([]string{"msdyn_company", "accountnumber"}) ||
		accounts.Field("creditlimit") == nil || accounts.Field("creditlimit").Type != schema.TypeDecimal {
		t.Errorf("accounts: %+v", accounts)
	}
	if customers := cat.Table(value.FnO, "CustomersV3"); customers == nil || !slices.Equal(customers.Key, []string{"dataAreaId", "CustomerAccount"}) || !customers.CompanySpecific {
		t.Errorf("CustomersV3: %+v", customers)
	}
	types := []schema.Type{schema.TypeText, schema.TypeInteger, schema.TypeDecimal, schema.TypeBool, schema.TypeTime, schema.TypeEnum,
		schema.TypeChoice, schema.TypeLookup, schema.TypeGuid, schema.TypeOther}
	for _, table := range slices.Concat(cat.FnO, cat.Dataverse) {
		if table.Side == value.FnO && len(table.Key) == 0 {
			t.Errorf("%s has no key", table.Set)
		}
		for _, f := range table.Fields {
			if !slices.Contains(types, f.Type) {
				t.Errorf("%s.%s is of the type %q", table.Set, f.Name, f.Type)
			}
			if f.Type == schema.TypeEnum && cat.Enum(f.Enum) == nil {
				t.Errorf("%s.%s is of the unknown enum %q", table.Set, f.Name, f.Enum)
			}
			if f.Type == schema.TypeLookup && len(f.Targets) == 0 {
				t.Errorf("%s.%s refers to nothing", table.Set, f.Name)
			}
		}
	}
}

// TestAssumptionsAreNeeded finds assumptions that no map has a use for: they
// would stay when the maps change.
func TestAssumptionsAreNeeded(t *testing.T) {
	list, err := snapshot.Assumptions()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, e := range library.List() {
		text, _ := library.Source(e.Name)
		for _, word := range regexp.MustCompile(`\w+`).FindAllString(string(text), -1) {
			named[word] = true
		}
	}
	for _, s := range list {
		switch s.Property {
		case "field", "column", "lookup":
		default:
			continue
		}
		common := []string{s.Table + "id", "statecode", "statuscode", "dataAreaId", "msdyn_company", "msdyn_companyid", "msdyn_associatedcompanyid", schema.CompanyCode}
		if !named[s.Item] && !slices.Contains(common, s.Item) {
			t.Errorf("no map names %s of %s", s.Item, s.Table)
		}
	}
}

// TestDocs holds the counts in docs/library.md to the files. DW_UPDATE=1 writes
// them again.
func TestDocs(t *testing.T) {
	const page = "../../../docs/library.md"
	facts, err := snapshot.Facts()
	if err != nil {
		t.Fatal(err)
	}
	assumed, err := snapshot.Assumptions()
	if err != nil {
		t.Fatal(err)
	}
	count := func(list []snapshot.Statement, properties ...string) int {
		n := 0
		for _, s := range list {
			if slices.Contains(properties, s.Property) {
				n++
			}
		}
		return n
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d maps.\n\n| what | published | assumed |\n| --- | --- | --- |\n", len(library.List()))
	for _, row := range []struct {
		what       string
		properties []string
	}{
		{"F&O entities", []string{"entity"}},
		{"F&O fields", []string{"field"}},
		{"members of F&O enums", []string{"member"}},
		{"Dataverse tables", []string{"table"}},
		{"columns that are no lookups", []string{"column"}},
		{"lookup columns and their targets", []string{"lookup"}},
		{"alternate keys", []string{"key"}},
		{"required columns that the server fills", []string{"filled"}},
	} {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", row.what, count(facts, row.properties...), count(assumed, row.properties...))
	}
	fmt.Fprintf(&b, "| together | %d | %d |\n", len(facts), len(assumed))
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	counts := regexp.MustCompile(`(?s)(<!-- counts: .*? -->\n\n).*?(\n<!-- end -->)`)
	want := counts.ReplaceAllString(string(text), "${1}"+b.String()+"${2}")
	if !counts.MatchString(string(text)) {
		t.Fatalf("%s has no place for the counts", page)
	}
	if os.Getenv("DW_UPDATE") != "" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Errorf("%s is out of date; the counts are\n%s", page, b.String())
	}
}
