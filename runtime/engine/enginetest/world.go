// Package enginetest is what tests of the engine share: a small link of three
// maps over two systems in memory that answer as the test tells them.
package enginetest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// Link is the name of the link.
const Link = "contoso"

// Config is its configuration.
const Config = `link "contoso" {
  sandbox {}
  companies = ["USMF", "DEMF"]
}

map "companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]
  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"
    Name          = "cdm_name"
  }
}

map "groups" {
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = ["CustomerGroupId"]
  fields "both" {
    CustomerGroupId = "msdyn_groupid"
    Description     = "msdyn_description"
  }
}

map "customers" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = ["CustomerAccount"]
  filter {
    fno       = "PartyType eq 'Organization'"
    dataverse = "customertypecode eq 3"
  }
  fields "both" {
    CustomerAccount   = "accountnumber"
    OrganizationName  = "name"
    Email             = "emailaddress1"
    CustomerGroupId   = "msdyn_customergroupid.msdyn_groupid"
    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"
    InvoiceAccount    = "msdyn_billingaccount.accountnumber"
  }
  constant "customertypecode" { value = 3 }
  constant "PartyType" {
    side  = "fno"
    value = "Organization"
  }
  mastering {
    dataverse = ["emailaddress1"]
  }
}
`

// Edit replaces one part of Config, which must be there once.
func Edit(t testing.TB, old, new string) string {
	t.Helper()
	if strings.Count(Config, old) != 1 {
		t.Fatalf("%q stands in the configuration %d times", old, strings.Count(Config, old))
	}
	return strings.Replace(Config, old, new, 1)
}

// World is the link with its systems and a store in memory.
type World struct {
	testing.TB
	FnO, Dataverse *System
	Store          store.Store
	Env            *engine.Env
}

// New makes a world with both companies in Dataverse, USMF and DEMF, and two
// currencies. The maps of the configuration are deployed as version 1, their
// initial sync pending; an empty configuration deploys none.
func New(t testing.TB, config string) *World {
	t.Helper()
	w := &World{TB: t, FnO: NewSystem(value.FnO), Dataverse: NewSystem(value.Dataverse), Store: memory.New("lineage")}
	w.Env = &engine.Env{Host: host.Simulated(1), Store: w.Store, FnO: w.FnO, Dataverse: w.Dataverse, Link: Link}
	if config != "" {
		w.Deploy(config, 1)
	}
	for _, code := range []string{"USMF", "DEMF"} {
		w.FnO.Put("LegalEntities", Values{"LegalEntityId": Text(code), "Name": Text(code)})
		w.Dataverse.Put("cdm_companies", Values{"cdm_companycode": Text(code), "cdm_name": Text(code)})
	}
	for _, code := range []string{"USD", "EUR"} {
		w.Dataverse.Put("transactioncurrencies", Values{"isocurrencycode": Text(code)})
	}
	return w
}

// Text is short for a text value.
func Text(s string) value.Value { return value.NewText(s) }

// Deploy stores all maps of a configuration as a version.
func (w *World) Deploy(config string, version int) {
	w.Helper()
	w.DeployDefinitions(Definitions(w, config), version)
}

// DeployDefinitions stores maps as a version.
func (w *World) DeployDefinitions(defs []plan.Definition, version int) {
	w.Helper()
	w.Update(func(tx store.Tx) error {
		for _, def := range defs {
			d := plan.DeployedMap{Definition: def, Version: version, Status: "initializing", Initial: "pending"}
			if err := tx.PutDeployed(Link, d); err != nil {
				return err
			}
		}
		return nil
	})
	w.Env.Maps = w.compiled()
}

// Definitions gives the maps of a configuration as the planner would.
func Definitions(t testing.TB, config string) (defs []plan.Definition) {
	t.Helper()
	cfg, list := lang.Load(fstest.MapFS{"main.dw.hcl": {Data: []byte(config)}}, lang.Options{})
	if list.HasErrors() {
		t.Fatal(list)
	}
	for _, m := range cfg.Maps {
		defs = append(defs, define(m))
	}
	return defs
}

// compiled gives the deployed maps in the order of their waves.
func (w *World) compiled() []*engine.Map {
	w.Helper()
	var d plan.Deployed
	w.View(func(tx store.Tx) (err error) {
		d, err = tx.Deployed(Link)
		return err
	})
	maps, err := engine.Compile(d.Maps)
	if err != nil {
		w.Fatal(err)
	}
	slices.SortFunc(maps, func(a, b *engine.Map) int { return a.Def.Wave - b.Def.Wave })
	return maps
}

// Map gives a deployed map.
func (w *World) Map(name string) *engine.Map {
	w.Helper()
	m := w.Env.Map(name)
	if m == nil {
		w.Fatalf("no map %s", name)
	}
	return m
}

// View reads the store.
func (w *World) View(f func(store.Tx) error) {
	w.Helper()
	if err := w.Store.View(context.Background(), f); err != nil {
		w.Fatal(err)
	}
}

// Update changes the store.
func (w *World) Update(f func(store.Tx) error) {
	w.Helper()
	if err := w.Store.Update(context.Background(), f); err != nil {
		w.Fatal(err)
	}
}

// Listed gives what is listed for a map, a line each: "failed DW641 USMF / A
// field".
func (w *World) Listed(mapName string) (lines []string) {
	w.Helper()
	w.View(func(tx store.Tx) error {
		listed, err := tx.Listed(store.ListedQuery{Map: mapName}, 0, 0)
		for _, l := range listed {
			lines = append(lines, strings.TrimSpace(string(l.Kind)+" "+l.Code+" "+l.Record+" "+l.Field))
		}
		return err
	})
	slices.Sort(lines)
	return lines
}

// Pairs gives all pairs of a map.
func (w *World) Pairs(mapName string) (pairs []*record.Pair) {
	w.Helper()
	w.View(func(tx store.Tx) (err error) {
		pairs, err = tx.Pairs(mapName, 0, 0, false)
		return err
	})
	return pairs
}

// Intents gives the open writes of a map.
func (w *World) Intents(mapName string) (in []*record.Intent) {
	w.Helper()
	w.View(func(tx store.Tx) (err error) {
		in, err = tx.Intents(mapName, "", 0, 0)
		return err
	})
	return in
}

// Queued counts the observations of a map that were not handled.
func (w *World) Queued(mapName string) (n int64) {
	w.Helper()
	w.View(func(tx store.Tx) error {
		by, err := tx.CountObservations(mapName)
		n = by[value.FnO] + by[value.Dataverse]
		return err
	})
	return n
}

// Company gives the reference to a company's row in Dataverse.
func (w *World) Company(code string) value.Value {
	w.Helper()
	return w.Ref("cdm_companies", "cdm_company", "cdm_companycode", code)
}

// Ref gives the reference to a Dataverse row that a column names.
func (w *World) Ref(set, table, column, text string) value.Value {
	w.Helper()
	for _, r := range w.Dataverse.Rows(set) {
		if r.Values[column] == Text(text) {
			return value.NewReference(table, r.ID)
		}
	}
	w.Fatalf("no row of %s has %s = %q", set, column, text)
	return value.Value{}
}

// Group puts a customer group into F&O or Dataverse and gives its id.
func (w *World) Group(s value.Side, company, id, description string) string {
	w.Helper()
	if s == value.FnO {
		return w.FnO.Put("CustomerGroups", Values{"dataAreaId": Text(strings.ToLower(company)), "CustomerGroupId": Text(id), "Description": Text(description)})
	}
	v := Values{"msdyn_groupid": Text(id), "msdyn_description": Text(description)}
	if company != "" {
		v["msdyn_company"] = w.Company(company)
	}
	return w.Dataverse.Put("msdyn_customergroups", v)
}

// Customer puts a customer into F&O; more columns come on top.
func (w *World) Customer(company, account string, more Values) string {
	v := Values{"dataAreaId": Text(strings.ToLower(company)), "CustomerAccount": Text(account), "OrganizationName": Text("Name " + account),
		"PartyType": value.NewSymbol("Organization")}
	for name, x := range more {
		v[name] = x
	}
	return w.FnO.Put("CustomersV3", v)
}

// Account puts an account into Dataverse; more columns come on top.
func (w *World) Account(company, number string, more Values) string {
	w.Helper()
	v := Values{"accountnumber": Text(number), "name": Text("Name " + number), "customertypecode": value.NewOption(3)}
	if company != "" {
		v["msdyn_company"] = w.Company(company)
	}
	for name, x := range more {
		v[name] = x
	}
	return w.Dataverse.Put("accounts", v)
}

func define(m *model.Map) plan.Definition {
	tables := map[string]*schema.Table{}
	for _, t := range Tables() {
		tables[t.Set] = &t
	}
	d := plan.Definition{Map: m, FnO: tables[m.FnO.Name], Dataverse: tables[m.Dataverse.Name],
		Delivers: plan.Delivers{"cdm_company": {"companies"}, "msdyn_customergroup": {"groups"}, "account": {"customers"},
			"contact": {"person_customers", "contact_persons"}, "msdyn_productcategoryhierarchy": {"hierarchies"}, "msdyn_productcategory": {"categories"},
			"salesorder": {"orders"}}}
	for _, set := range []string{"accounts", "cdm_companies", "contacts", "msdyn_customergroups", "msdyn_productcategories", "msdyn_productcategoryhierarchies",
		"salesorders", "teams", "transactioncurrencies"} {
		d.Targets = append(d.Targets, *tables[set])
	}
	d.Enums = []schema.Enum{{Name: "PartyType", Members: []schema.Member{{Name: "None"}, {Name: "Organization", Value: 1}, {Name: "Person", Value: 2}}}}
	d.Wave = map[string]int{"companies": 1, "groups": 2, "customers": 3,
		"hierarchies": 1, "categories": 2, "person_customers": 2, "contact_persons": 2, "orders": 4, "lines": 5}[m.Name]
	if d.FnO.CompanySpecific {
		d.Companies = []string{"USMF", "DEMF"}
	}
	if m.Name == "customers" {
		d.Deferred = []string{"msdyn_billingaccount.accountnumber"}
	}
	return d
}
