package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

const orders = fixture.Config + fixture.Orders

// TestOrdersAreClean: references of every shape are fine as they stand in the
// fixture; two maps fill contacts and are kept apart by their filters.
func TestOrdersAreClean(t *testing.T) {
	if ds := Check(fixture.Load(t, orders), fixture.OrderSchema()); len(ds) > 0 {
		t.Errorf("nothing is wrong, but:\n%s", fixture.Lines(ds))
	}
}

// TestRulesOfOrders plants one mistake at a time; each must be found alone, at
// its place.
func TestRulesOfOrders(t *testing.T) {
	replace := func(old, new string) string {
		if strings.Count(orders, old) != 1 {
			t.Fatalf("%q stands there %d times", old, strings.Count(orders, old))
		}
		return strings.Replace(orders, old, new, 1)
	}
	in := func(name, setting string) string { return replace(`map "`+name+`" {`, `map "`+name+"\" {\n  "+setting) }
	tests := []struct {
		name   string
		code   string
		text   string
		schema func(*schema.Catalog)
		at     string
		says   []string
	}{
		{
			name: "composite that covers no key", code: diag.CodeLookupKey,
			text: replace("      ParentCategoryName  = \"msdyn_name\"\n", ""),
			at:   `"msdyn_parent"`, says: []string{"msdyn_productcategories by msdyn_hierarchy", "msdyn_hierarchy, msdyn_name"},
		},
		{
			name: "part of a key", code: diag.CodeLookupKey,
			text: replace("CustomerGroupOfOrder = \"msdyn_group.msdyn_groupid\"", "CategoryName         = \"msdyn_other.msdyn_name\""),
			schema: func(c *schema.Catalog) {
				lines := dataverse(t, c, "salesorderdetails")
				other := *lines.Field("msdyn_category")
				other.Name = "msdyn_other"
				lines.Fields = append(lines.Fields, &other)
			},
			at: `"msdyn_other.msdyn_name"`, says: []string{"by msdyn_name"},
		},
		{
			name: "target whose match covers no key", code: diag.CodeLookupKey,
			text: replace(`{ OrderingCustomer = "msdyn_contactpersonid" }`, `{ OrderingCustomer = "fullname" }`),
			at:   `"contacts"`, says: []string{"contacts by fullname", `"customerid.msdyn_contactpersonid"`},
		},
		{
			name: "a key beyond the first hop", code: diag.CodeLookupKey,
			text:   orders,
			schema: func(c *schema.Catalog) { dataverse(t, c, "msdyn_productcategoryhierarchies").Keys = nil },
			says:   []string{"msdyn_hierarchy"},
		},
		{
			name: "nobody fills a target", code: diag.CodeNotDelivered,
			text: withoutMap(t, orders, "groups"),
			at:   `"msdyn_customergroupid.msdyn_groupid"`, says: []string{"no map of link.contoso fills msdyn_customergroups", "msdyn_customergroupid.msdyn_groupid"},
		},
		{
			name: "nobody fills a table beyond the first", code: diag.CodeNotDelivered,
			text: withoutMap(t, orders, "hierarchies"),
			at:   `"msdyn_hierarchy.msdyn_name"`, says: []string{"msdyn_productcategoryhierarchies"},
		},
		{
			name: "target of fewer companies", code: diag.CodeTargetCompanies,
			text: in("contact_persons", `companies = ["USMF"]`) + "\n# both maps fill contacts\n",
			// contacts are sent for both companies by the other map
		},
		{
			name: "all targets of fewer companies", code: diag.CodeTargetCompanies,
			text: in("orders", `companies = ["USMF"]`),
			at:   `"salesorderid.msdyn_salesordernumber"`, says: []string{"DEMF", "salesorders"},
		},
		{
			name: "two writers of contacts", code: diag.CodeTwoWriters,
			text: replace(`dataverse = "msdyn_sellable eq false"`, `dataverse = "fullname ne null"`),
			at:   `"fullname"`, says: []string{"map.contact_persons and map.contacts both write fullname of contacts"},
		},
		{
			name: "deactivate without a state", code: diag.CodeDeleteImpossible,
			text: in("lines", `deletes = { to_dataverse = "deactivate" }`),
			at:   `{ to_dataverse = "deactivate" }`, says: []string{"salesorderdetails", "statecode"},
		},
		{
			name: "deactivate where states mean more", code: diag.CodeDeleteImpossible,
			text: in("orders", `deletes = { to_dataverse = "deactivate" }`),
			schema: func(c *schema.Catalog) {
				dataverse(t, c, "salesorders").Field("statecode").Options = []schema.Option{{Value: 0, Label: "Active"}, {Value: 1, Label: "Submitted"}, {Value: 2}}
			},
			at: `{ to_dataverse = "deactivate" }`, says: []string{"salesorders", "Active, Submitted, 2"},
		},
		{
			name: "deactivate", code: diag.CodeDeleteImpossible,
			text: in("orders", `deletes = { to_dataverse = "deactivate" }`),
		},
		{
			name: "propagate to a read-only entity", code: diag.CodeDeleteImpossible,
			text:   replace("map \"lines\" {", "map \"lines\" {\n  deletes = { to_fno = \"propagate\" }"),
			schema: func(c *schema.Catalog) { fixture.Table(t, c, value.FnO, "SalesLines").ReadOnly = true },
			at:     `{ to_fno = "propagate" }`, says: []string{"SalesLines", "read-only"},
		},
		{
			name: "leaves by deactivating without a state", code: diag.CodeDeleteImpossible,
			text: in("lines", "filter {\n    fno      = \"LineNumber ne 0\"\n    on_leave = \"deactivate\"\n  }"),
			at:   `"deactivate"`, says: []string{"salesorderdetails", `"revert"`},
		},
		{
			name: "leaves by deleting what is read-only", code: diag.CodeDeleteImpossible,
			text:   in("lines", "filter {\n    dataverse = \"lineitemnumber ne 0\"\n    on_leave  = \"delete\"\n  }"),
			schema: func(c *schema.Catalog) { fixture.Table(t, c, value.FnO, "SalesLines").ReadOnly = true },
			at:     `"delete"`, says: []string{"SalesLines"},
		},
		{
			name: "owner of the organization's rows", code: diag.CodeOwnerImpossible,
			text:   in("orders", `owner = "team:Sales"`),
			schema: func(c *schema.Catalog) { dataverse(t, c, "salesorders").Ownership = "OrganizationOwned" },
			at:     `"team:Sales"`, says: []string{"OrganizationOwned"},
		},
		{
			name: "company team of a global map", code: diag.CodeOwnerImpossible,
			text: in("hierarchies", `owner = "company_team"`),
			at:   `"company_team"`, says: []string{"team:NAME"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cat := fixture.OrderSchema()
			if tt.schema != nil {
				tt.schema(cat)
			}
			var found diag.List
			for _, d := range Check(fixture.Load(t, tt.text), cat) {
				if d.Code == tt.code {
					found = append(found, d)
				} else if d.Code != diag.CodeReadOnlyTable && d.Code != diag.CodeKeyWithoutKey { // follows from what some of the tests plant
					t.Errorf("found as well: %s", fixture.Lines(diag.List{d}))
				}
			}
			if len(tt.says) == 0 {
				if len(found) > 0 {
					t.Errorf("nothing is wrong, but:\n%s", fixture.Lines(found))
				}
				return
			}
			if len(found) == 0 {
				t.Fatalf("no %s", tt.code)
			}
			d := found[0]
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

// withoutMap leaves one map out.
func withoutMap(t testing.TB, text, name string) string {
	t.Helper()
	start := strings.Index(text, `map "`+name+`"`)
	if start < 0 {
		t.Fatalf("no map %s", name)
	}
	end := start + strings.Index(text[start:], "\n}\n") + 3
	return text[:start] + text[end:]
}

// TestNotDeliveredKeepsQuiet: a map with mistakes still fills its table, and
// nothing is said where the language itself found mistakes.
func TestNotDeliveredKeepsQuiet(t *testing.T) {
	text := strings.Replace(orders, `fno       = "CustomerGroups"`, `fno       = "CustomerGrups"`, 1)
	var codes []string
	for _, d := range Check(fixture.Load(t, text), fixture.OrderSchema()) {
		codes = append(codes, d.Code)
	}
	if !slices.Equal(codes, []string{diag.CodeUnknownTable}) {
		t.Errorf("found %v", codes)
	}
	if ds := Check(fixture.Load(t, withoutMap(t, orders, "groups")), fixture.OrderSchema(), Partial()); len(ds) > 0 {
		t.Errorf("found:\n%s", fixture.Lines(ds))
	}
}
