package bind

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/internal/fixture"
)

const orders = fixture.Config + fixture.Orders

// TestResolveTargets: names in targets, matches and company paths come out in
// the schema's spelling; those that the schema does not have stay.
func TestResolveTargets(t *testing.T) {
	text := strings.NewReplacer(
		`target "accounts"`, `target "ACCOUNT"`, `target "contacts"`, `target "Contacts"`,
		`match = { OrderingCustomer = "msdyn_contactpersonid" }`, `match = { orderingcustomer = "Msdyn_ContactPersonId", Gone = "Gone" }`,
		`HierarchyName = "msdyn_hierarchy.msdyn_name"`+"\n    }\n  }\n  fields", `hierarchyname = "MSDYN_hierarchy.MSDYN_name"`+"\n    }\n  }\n  fields",
		`company   = "salesorderid.msdyn_company"`, `company   = "SalesOrderId.Msdyn_Company"`,
	).Replace(orders)
	b, problems := bound(t, text, fixture.OrderSchema())
	if problems != "" {
		t.Fatal(problems)
	}
	f := b.find(t, "orders").field("customerid")
	var got []string
	for _, x := range f.Targets {
		for _, m := range x.Match {
			got = append(got, x.Table.Name+" "+m.FnO.Name+"="+strings.Join(m.Path, "."))
		}
	}
	if want := []string{"accounts OrderingCustomer=accountnumber", "contacts OrderingCustomer=msdyn_contactpersonid", "contacts Gone=Gone"}; !slices.Equal(got, want) {
		t.Errorf("targets %q, want %q", got, want)
	}
	lines := b.find(t, "lines")
	if p := lines.field("msdyn_category").Targets[0].Match[1]; p.FnO.Name != "HierarchyName" || !slices.Equal(p.Path, []string{"msdyn_hierarchy", "msdyn_name"}) {
		t.Errorf("match %+v", p)
	}
	if c := lines.Resolved.Company; c.Path != "salesorderid.msdyn_company" {
		t.Errorf("company %+v", c)
	}
	if s := b.find(t, "orders").Source.Fields; s[len(s)-1].Targets[0].Table.Name != "ACCOUNT" {
		t.Error("the author's map was changed")
	}
}

func TestOrderOfOrders(t *testing.T) {
	b, problems := bound(t, orders, fixture.OrderSchema())
	if problems != "" {
		t.Fatal(problems)
	}
	want := [][]string{
		{"companies", "currencies", "hierarchies"},
		{"categories", "contacts", "groups"},
		{"customers"},
		{"contact_persons"},
		{"orders"}, // after both maps that fill contacts
		{"lines"},
	}
	if !reflect.DeepEqual(b.Order.Waves, want) {
		t.Errorf("waves %v, want %v", b.Order.Waves, want)
	}
	if d := b.find(t, "categories").Deferred; !slices.Equal(d, []string{"msdyn_parent"}) {
		t.Errorf("categories defers %v", d)
	}
	lines := b.find(t, "lines")
	if want := map[string][]string{
		"salesorder": {"orders"}, "cdm_company": {"companies"}, "msdyn_productcategory": {"categories"},
		"msdyn_productcategoryhierarchy": {"hierarchies"}, "msdyn_customergroup": {"groups"},
	}; !reflect.DeepEqual(lines.Delivers, want) {
		t.Errorf("lines: delivers %v, want %v", lines.Delivers, want)
	}
	if got := b.find(t, "orders").Delivers["contact"]; !slices.Equal(got, []string{"contact_persons", "contacts"}) {
		t.Errorf("contacts are delivered by %v", got)
	}
}

// TestStatedParkStays: where the author wants rows to wait for their parents,
// nothing is deferred.
func TestStatedParkStays(t *testing.T) {
	text := strings.Replace(orders, "ParentHierarchyName = \"msdyn_hierarchy.msdyn_name\"\n    }\n", "ParentHierarchyName = \"msdyn_hierarchy.msdyn_name\"\n    }\n    missing = \"park\"\n", 1)
	b, problems := bound(t, text, fixture.OrderSchema())
	if problems != "" {
		t.Fatal(problems)
	}
	if d := b.find(t, "categories").Deferred; len(d) > 0 {
		t.Errorf("categories defers %v", d)
	}
	if len(b.Order.Loops) != 1 || b.Order.Loops[0].Field != "msdyn_parent" {
		t.Errorf("loops %+v", b.Order.Loops)
	}
}

// TestRingOfOrders: a reference that is part of a key, leads to the company or
// is required is never the one that waits.
func TestRingOfOrders(t *testing.T) {
	ring := strings.Replace(orders, `    Remark           = ["name", "description"]`, `    Remark           = ["name", "msdyn_line.msdyn_text"]`, 1)
	cat := fixture.OrderSchema()
	sales := fixture.Table(t, cat, value.Dataverse, "salesorders")
	line := *sales.Field("customerid")
	line.Name, line.Targets = "msdyn_line", []schema.Target{{Table: "salesorderdetail", Set: "salesorderdetails", Navigation: "msdyn_line"}}
	sales.Fields = append(sales.Fields, &line)
	b, problems := bound(t, ring, cat)
	if problems != "" {
		t.Fatal(problems)
	}
	if d := b.find(t, "orders").Deferred; !slices.Equal(d, []string{"msdyn_line.msdyn_text"}) {
		t.Errorf("orders defers %v", d)
	}
	if d := b.find(t, "lines").Deferred; len(d) > 0 {
		t.Errorf("lines defers %v", d)
	}

	// A field of a composite lookup that F&O requires holds it in place.
	fixture.Table(t, cat, value.FnO, "ProductCategories").Field("ParentHierarchyName").Required = true
	b, _ = bound(t, ring, cat)
	if d := b.find(t, "categories").Deferred; len(d) > 0 {
		t.Errorf("categories defers %v", d)
	}

	sales.Field("msdyn_line").Required = true
	cfg := fixture.Load(t, ring)
	_, ds := Link(cfg, cfg.Links[0], cat)
	if len(ds) != 1 || ds[0].Code != "DW251" || !strings.Contains(ds[0].Summary, "map.lines -> map.orders -> map.lines") {
		t.Errorf("ring: %s", fixture.Lines(ds))
	}
}

// TestNeedsHopByHop: tables beyond the first are asked for as soon as the one
// before them is known.
func TestNeedsHopByHop(t *testing.T) {
	text := strings.Replace(orders, `map "lines" {`, "map \"lines\" {\n  owner = \"team:Sales\"", 1)
	cfg := fixture.Load(t, text)
	cfg.Maps = slices.DeleteFunc(cfg.Maps, func(m *model.Map) bool { return m.Name != "lines" })
	full := fixture.OrderSchema()
	known := &schema.Catalog{}
	var rounds []string
	for {
		_, dv := Needs(cfg, "contoso", known)
		var fresh []string
		for _, name := range dv {
			if known.Table(value.Dataverse, name) == nil {
				fresh = append(fresh, name)
			}
		}
		if len(fresh) == 0 {
			break
		}
		for _, name := range fresh {
			known.Dataverse = append(known.Dataverse, *fixture.Table(t, full, value.Dataverse, full.Table(value.Dataverse, name).Set))
		}
		rounds = append(rounds, strings.Join(fresh, " "))
	}
	want := []string{
		"salesorderdetails", "msdyn_customergroup msdyn_productcategory salesorder team", "cdm_company msdyn_productcategoryhierarchy",
	}
	if !slices.Equal(rounds, want) {
		t.Errorf("asked for %q, want %q", rounds, want)
	}
}
