package verify_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/engine/initial"
)

var orderMaps = []string{"companies", "hierarchies", "categories", "customers", "person_customers", "contact_persons", "orders", "lines"}

// sync joins all maps in the order of their waves.
func sync(w *enginetest.World) {
	w.Helper()
	for wave := 1; wave <= 5; wave++ {
		var maps []*engine.Map
		for _, name := range orderMaps {
			if m := w.Map(name); m.Def.Wave == wave {
				maps = append(maps, m)
			}
		}
		if len(maps) == 0 {
			continue
		}
		runner := initial.Runner{Env: w.Env}
		if err := runner.Wave(w.Context(), maps, func(context.Context, *engine.Map) error { return nil }); err != nil {
			w.Fatal(err)
		}
	}
}

// equal fails where verify finds anything, and counts the records.
func equal(w *enginetest.World) (records int64) {
	w.Helper()
	for _, name := range orderMaps {
		m := run(w, name, nil, 0)
		records += m.Equal
		for _, d := range m.Details {
			w.Errorf("%s: %+v; listed %q", name, d, w.Listed(name))
		}
	}
	return records
}

// sell puts orders of both companies with lines into F&O: of customers, of
// persons, of contact persons.
func sell(w *enginetest.World) {
	whole := func(n int64) value.Value { return value.NewInteger(n) }
	for _, h := range []string{"Sales", "Purchase"} {
		w.PutFnO("Hierarchies", "", values{"HierarchyName": text(h)})
		w.PutFnO("Categories", "", values{"CategoryName": text("Bikes"), "HierarchyName": text(h), "Code": text(h + "-B")})
		w.PutFnO("Categories", "", values{"CategoryName": text("Gravel"), "HierarchyName": text(h), "ParentName": text("Bikes"), "ParentHierarchy": text(h)})
	}
	for _, company := range []string{"USMF", "DEMF"} {
		w.PutFnO("CustomersV3", company, values{"CustomerAccount": text("C1"), "OrganizationName": text("Org"), "PartyType": value.NewSymbol("Organization")})
		w.PutFnO("CustomersV3", company, values{"CustomerAccount": text("C2"), "OrganizationName": text("Jo"), "PartyType": value.NewSymbol("Person")})
		w.PutFnO("ContactPersons", company, values{"ContactPersonId": text("P1"), "Name": text("Kim")})
		for i, customer := range []string{"C1", "C2", "P1", ""} {
			number := text(fmt.Sprint("O", i))
			w.PutFnO("SalesOrderHeaders", company, values{"OrderNumber": number, "Customer": text(customer), "OrderName": text("for " + customer)})
			w.PutFnO("SalesOrderLines", company, values{"OrderNumber": number, "LineNumber": whole(1), "CategoryName": text("Bikes"), "CategoryHierarchy": text("Sales")})
			w.PutFnO("SalesOrderLines", company, values{"OrderNumber": number, "LineNumber": whole(2), "CategoryName": text("Gravel"), "CategoryHierarchy": text("Purchase")})
			w.PutFnO("SalesOrderLines", company, values{"OrderNumber": number, "LineNumber": whole(3), "LineText": text("no category")})
		}
	}
}

// TestOrdersReachTheOtherSide from F&O, and what came about in Dataverse comes
// back to an empty F&O: references, keys and companies behind them are the same.
func TestOrdersReachTheOtherSide(t *testing.T) {
	for _, silent := range []bool{false, true} {
		t.Run(fmt.Sprint("silent ", silent), func(t *testing.T) { ordersReachTheOtherSide(t, silent) })
	}
}

// ordersReachTheOtherSide does so with services that answer writes with rows,
// or without, so that every write is confirmed by a read.
func ordersReachTheOtherSide(t *testing.T, silent bool) {
	there := enginetest.New(t, enginetest.Orders)
	there.FnO.Silent, there.Dataverse.Silent = silent, silent
	there.Env.Batch, there.FnO.PageSize, there.Dataverse.PageSize = 7, 5, 5
	sell(there)
	sync(there)
	const records = 2 + 2 + 4 + 2*(3+4+12) // companies, hierarchies, categories, and of each company
	if got := equal(there); got != records {
		t.Errorf("%d records are equal, want %d", got, records)
	}
	if got := len(there.Dataverse.Rows("salesorderdetails")); got != 24 {
		t.Errorf("%d lines in Dataverse", got)
	}

	back := enginetest.New(t, enginetest.Orders)
	back.FnO.Silent = silent
	back.Dataverse = there.Dataverse
	back.Env.Dataverse = there.Dataverse
	sync(back)
	if got := equal(back); got != records {
		t.Errorf("%d records are equal on the way back, want %d", got, records)
	}
	var lines []string
	for _, r := range back.FnO.Rows("SalesOrderLines") {
		v := r.Values
		lines = append(lines, fmt.Sprintf("%s %s %s %s/%s", v["dataAreaId"], v["OrderNumber"], v["LineNumber"], v["CategoryHierarchy"], v["CategoryName"]))
	}
	slices.Sort(lines)
	if want := []string{"DEMF O0 1 Sales/Bikes", "DEMF O0 2 Purchase/Gravel", "DEMF O0 3 /"}; len(lines) != 24 || !slices.Equal(lines[:3], want) {
		t.Errorf("%d lines, first %q", len(lines), lines[:min(3, len(lines))])
	}
	// A second time nothing is written.
	back.FnO.Requests()
	back.Dataverse.Requests()
	sync(back)
	for _, q := range append(back.FnO.Requests(), back.Dataverse.Requests()...) {
		if len(q) > 6 && (q[:6] == "create" || q[:6] == "update") {
			t.Errorf("written again: %s", q)
		}
	}
}

// TestDifferencesOfReferencesAreReadable names keys, not ids.
func TestDifferencesOfReferencesAreReadable(t *testing.T) {
	w := enginetest.New(t, enginetest.Orders)
	sell(w)
	sync(w)
	rowID := func(set string, is values) string {
		for _, r := range w.Dataverse.Rows(set) {
			fits := true
			for name, v := range is {
				fits = fits && r.Values[name] == v
			}
			if fits {
				return r.ID
			}
		}
		t.Fatalf("no row of %s is %v", set, is)
		return ""
	}
	order := rowID("salesorders", values{"msdyn_company": w.Company("USMF"), "msdyn_salesordernumber": text("O0")})
	line := rowID("salesorderdetails", values{"salesorderid": value.NewReference("salesorder", order), "sequencenumber": value.NewInteger(1)})
	contact := rowID("contacts", values{"msdyn_company": w.Company("USMF"), "msdyn_contactpersonid": text("P1")})
	sales := w.Ref("msdyn_productcategoryhierarchies", "msdyn_productcategoryhierarchy", "msdyn_name", "Sales")
	gravel := rowID("msdyn_productcategories", values{"msdyn_name": text("Gravel"), "msdyn_hierarchy": sales})
	w.Dataverse.Change("salesorderdetails", line, values{"msdyn_salesproductcategory": value.NewReference("msdyn_productcategory", gravel)})
	w.Dataverse.Change("salesorders", order, values{"customerid": value.NewReference("contact", contact)})
	if got, want := lines(run(w, "lines", nil, 0)), []string{"field  USMF / O0 / 1 msdyn_salesproductcategory Bikes / Sales|Gravel / Sales"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := lines(run(w, "orders", nil, 0)), []string{"field  USMF / O0 customerid C1|P1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
