package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

func load(t *testing.T) catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func table(c catalog.Catalog, match func(catalog.Table) bool) *catalog.Table {
	for i := range c.Tables {
		if match(c.Tables[i]) {
			return &c.Tables[i]
		}
	}
	return nil
}

func column(t *catalog.Table, name string) *catalog.Column {
	for i := range t.Columns {
		if t.Columns[i].LogicalName == name {
			return &t.Columns[i]
		}
	}
	return nil
}

func entity(c catalog.Catalog, set string) *catalog.Entity {
	for i := range c.Entities {
		if c.Entities[i].EntitySet == set {
			return &c.Entities[i]
		}
	}
	return nil
}

func property(e *catalog.Entity, name string) *catalog.Property {
	for i := range e.Properties {
		if e.Properties[i].Name == name {
			return &e.Properties[i]
		}
	}
	return nil
}

func TestEveryFieldOfTheStandardMapsResolves(t *testing.T) {
	c := load(t)
	for _, m := range standardMaps {
		e := entity(c, m.set)
		tab := table(c, func(t catalog.Table) bool { return t.EntitySet == m.table })
		if e == nil || tab == nil {
			t.Fatalf("%s or %s is missing", m.set, m.table)
		}
		for _, pair := range strings.Fields(m.fields) {
			field, path, _ := strings.Cut(pair, "=")
			if field != "" && property(e, field) == nil {
				t.Errorf("%s has no field %s", m.set, field)
			}
			if path != "" {
				resolve(t, c, tab, path)
			}
		}
	}
}

// resolve follows a path such as msdyn_customergroupid.msdyn_groupid.
func resolve(t *testing.T, c catalog.Catalog, tab *catalog.Table, path string) {
	t.Helper()
	name, rest, more := strings.Cut(path, ".")
	col := column(tab, name)
	if col == nil {
		t.Errorf("%s has no column %s", tab.LogicalName, name)
		return
	}
	if !more {
		return
	}
	if len(col.Targets) != 1 {
		t.Errorf("%s.%s has %d targets", tab.LogicalName, name, len(col.Targets))
		return
	}
	target := table(c, func(t catalog.Table) bool { return t.LogicalName == col.Targets[0].Table })
	resolve(t, c, target, rest)
}

func TestEveryAssumptionHasAProbeAndIsUsed(t *testing.T) {
	list, err := catalog.Assumptions()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 200 {
		t.Fatalf("only %d assumptions", len(list))
	}
	c := load(t) // fails on a line that would have no effect
	seen := map[string]bool{}
	for _, a := range list {
		at := a.Side + " " + a.Table + " " + a.Item + " " + a.Property
		if seen[at] {
			t.Errorf("assumed twice: %s", at)
		}
		seen[at] = true
		if !strings.Contains(a.Probe, "GET ") && !strings.Contains(a.Probe, "POST ") {
			t.Errorf("%s: the probe %q is no request", at, a.Probe)
		}
		if a.Table == catalog.Service {
			continue // how the service behaves
		}
		if a.Side == "fno" && a.Item != "" {
			p := property(entity(c, a.Table), a.Item)
			if !strings.Contains(p.Assumed, a.Probe) {
				t.Errorf("%s: the property does not carry the probe", at)
			}
		}
		if a.Property == "column" || a.Property == "lookup" {
			tab := table(c, func(t catalog.Table) bool { return t.LogicalName == a.Table })
			if col := column(tab, a.Item); col.Assumed != a.Probe {
				t.Errorf("%s: the column does not carry the probe", at)
			}
		}
	}
}

func TestTablesOfTheMapsAreTrackedAndKeyed(t *testing.T) {
	c := load(t)
	for _, m := range standardMaps {
		tab := table(c, func(t catalog.Table) bool { return t.EntitySet == m.table })
		if !tab.ChangeTracking || !tab.OptimisticConcurrency {
			t.Errorf("%s: change tracking %v, optimistic concurrency %v", tab.LogicalName, tab.ChangeTracking, tab.OptimisticConcurrency)
		}
		if len(tab.Keys) != 1 || tab.Keys[0].Status != "Active" {
			t.Errorf("%s: keys %+v", tab.LogicalName, tab.Keys)
		}
		company := companyColumn(c, tab)
		if specific := entity(c, m.set).CompanySpecific; specific != (company != "") {
			t.Errorf("%s is company-specific: %v, %s: %q", m.set, specific, m.table, company)
		}
		// The company is part of the key, or the key's parent has it.
		leader, _, _ := strings.Cut(company, ".")
		if len(tab.Keys) == 1 && company != "" && !slices.Contains(tab.Keys[0].Columns, leader) {
			t.Errorf("%s: the key %v lacks %s", tab.LogicalName, tab.Keys[0].Columns, leader)
		}
	}
}

// companyColumn gives the lookup of a table that leads to the company, a path
// where it is the parent's, "" where there is none.
func companyColumn(c catalog.Catalog, tab *catalog.Table) string {
	for _, col := range tab.Columns {
		if len(col.Targets) == 1 && col.Targets[0].Table == "cdm_company" {
			return col.LogicalName
		}
	}
	if tab.LogicalName == "salesorderdetail" {
		parent := table(c, func(t catalog.Table) bool { return t.LogicalName == "salesorder" })
		return "salesorderid." + companyColumn(c, parent)
	}
	return ""
}

// Every lookup of a standard map is a foreign key in F&O, so that the twin
// refuses what the real service refuses.
func TestLookupsAreForeignKeysInFnO(t *testing.T) {
	c := load(t)
	for _, m := range standardMaps {
		e := entity(c, m.set)
		tab := table(c, func(t catalog.Table) bool { return t.EntitySet == m.table })
		for _, pair := range strings.Fields(m.fields) {
			field, path, _ := strings.Cut(pair, "=")
			if field == "" || path == "" {
				continue
			}
			name, _, _ := strings.Cut(path, ".")
			if col := column(tab, name); len(col.Targets) > 0 && property(e, field).Related == nil {
				t.Errorf("%s.%s is no foreign key, but %s is a lookup", m.set, field, name)
			}
		}
	}
}

func TestPolymorphicLookups(t *testing.T) {
	c := load(t)
	for _, at := range []struct{ table, column, account, contact string }{
		{"salesorder", "customerid", "customerid_account", "customerid_contact"},
		{"salesorder", "msdyn_invoicecustomerid", "msdyn_invoicecustomerid_account", "msdyn_invoicecustomerid_contact"},
	} {
		tab := table(c, func(t catalog.Table) bool { return t.LogicalName == at.table })
		col := column(tab, at.column)
		want := []catalog.Target{{Table: "account", NavigationProperty: at.account}, {Table: "contact", NavigationProperty: at.contact}}
		if col.Type != "CustomerType" || !slices.Equal(col.Targets, want) {
			t.Errorf("%s.%s: %+v", at.table, at.column, col)
		}
	}
	vendor := table(c, func(t catalog.Table) bool { return t.LogicalName == "msdyn_vendor" })
	if owner := column(vendor, "ownerid"); owner.Type != "OwnerType" || len(owner.Targets) != 2 {
		t.Errorf("msdyn_vendor.ownerid: %+v", owner)
	}
}

// Contoso's own columns are assumptions that say so, and nothing else is.
func TestCustomColumnsSayThatTheyAre(t *testing.T) {
	list, err := catalog.Assumptions()
	if err != nil {
		t.Fatal(err)
	}
	custom := 0
	for _, a := range list {
		own := strings.HasPrefix(strings.ToLower(a.Item), "contoso")
		if own != strings.HasPrefix(a.Probe, "custom extension of Contoso: ") {
			t.Errorf("%s.%s: probe %q", a.Table, a.Item, a.Probe)
		}
		if own && (a.Property == "lookup" || a.Property == "property") {
			custom++
		}
	}
	if custom != 3 {
		t.Errorf("%d custom columns", custom)
	}
}

func TestWhichTablesOfferBulkMessages(t *testing.T) {
	c := load(t)
	want := map[string]bool{
		"account": true, "contact": true, "cdm_company": true, "msdyn_customergroup": true,
		"transactioncurrency": false, "uom": false, "team": false, "businessunit": false,
	}
	for name, offers := range want {
		tab := table(c, func(t catalog.Table) bool { return t.LogicalName == name })
		if got := strings.Join(tab.Messages, " ") == "CreateMultiple UpdateMultiple"; got != offers {
			t.Errorf("%s: messages %v", name, tab.Messages)
		}
	}
}

func TestSomeNavigationNamesCannotBeGuessed(t *testing.T) {
	c := load(t)
	account := table(c, func(t catalog.Table) bool { return t.LogicalName == "account" })
	for name, want := range map[string]string{
		"msdyn_company":         "msdyn_Company",
		"msdyn_customergroupid": "msdyn_CustomerGroupId",
		"transactioncurrencyid": "transactioncurrencyid",
	} {
		if got := column(account, name).Targets[0].NavigationProperty; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestFactsSurvive(t *testing.T) {
	c := load(t)
	account := table(c, func(t catalog.Table) bool { return t.LogicalName == "account" })
	if col := column(account, "address2_addresstypecode"); len(col.Options) != 1 || col.Assumed != "" {
		t.Errorf("address2_addresstypecode: %+v", col)
	}
	if col := column(account, "accountnumber"); col.MaxLength != 20 || !col.Create || !col.Update {
		t.Errorf("accountnumber: %+v", col)
	}
	if col := column(account, "ownerid"); len(col.Targets) != 2 || col.Type != "OwnerType" {
		t.Errorf("ownerid: %+v", col)
	}
	if col := column(account, "statuscode"); len(col.Options) != 2 || col.Options[1].State != 1 || col.Options[1].Label != "Inactive" {
		t.Errorf("statuscode: %+v", col)
	}
	order := table(c, func(t catalog.Table) bool { return t.LogicalName == "salesorder" })
	if col := column(order, "transactioncurrencyid"); col.Update || !col.Create {
		t.Errorf("salesorder.transactioncurrencyid: %+v", col)
	}
	if col := column(order, "totalamount"); !col.Create || col.Assumed == "" || col.Precision != 2 {
		t.Errorf("salesorder.totalamount: %+v", col)
	}
	if col := column(order, "totallineitemamount"); col.Create || !col.Update || col.Assumed != "" {
		t.Errorf("salesorder.totallineitemamount: %+v", col)
	}
	if col := column(order, "ordernumber"); col.Required != "None" || col.Update {
		t.Errorf("salesorder.ordernumber: %+v", col)
	}
	customers := entity(c, "CustomersV3")
	if customers.Sources != 11 || len(customers.Key) != 2 || customers.Key[0] != "dataAreaId" {
		t.Errorf("CustomersV3: %d sources, key %v", customers.Sources, customers.Key)
	}
	if p := property(customers, "CustomerGroupId"); !p.Mandatory || p.Related == nil || p.Related.EntitySet != "CustomerGroups" {
		t.Errorf("CustomerGroupId: %+v", p)
	}
	if p := property(customers, "OnHoldStatus"); p.Type != "CustVendorBlocked" {
		t.Errorf("OnHoldStatus: %+v", p)
	}
}
