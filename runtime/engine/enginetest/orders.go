package enginetest

import (
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Orders is a configuration with the harder shapes of references: categories
// whose key is behind a lookup, contacts that two maps deliver, orders of
// customers of two tables, and lines whose company is their order's.
const Orders = `link "contoso" {
  sandbox {}
  companies = ["USMF", "DEMF"]
}

map "companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]
  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"
  }
}

map "hierarchies" {
  fno       = "Hierarchies"
  dataverse = "msdyn_productcategoryhierarchies"
  key       = ["HierarchyName"]
  fields "both" {
    HierarchyName = "msdyn_name"
  }
}

map "categories" {
  fno       = "Categories"
  dataverse = "msdyn_productcategories"
  key       = ["CategoryName", "HierarchyName"]
  fields "both" {
    CategoryName  = "msdyn_name"
    HierarchyName = "msdyn_hierarchy.msdyn_name"
    Code          = "msdyn_code"
  }
  lookup "msdyn_parentproductcategory" {
    match = {
      ParentName      = "msdyn_name"
      ParentHierarchy = "msdyn_hierarchy.msdyn_name"
    }
    missing = "park"
  }
}

map "customers" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = ["CustomerAccount"]
  filter {
    fno = "PartyType eq 'Organization'"
  }
  fields "both" {
    CustomerAccount  = "accountnumber"
    OrganizationName = "name"
  }
  constant "PartyType" {
    side  = "fno"
    value = "Organization"
  }
}

map "person_customers" {
  fno       = "CustomersV3"
  dataverse = "contacts"
  key       = ["CustomerAccount"]
  filter {
    fno       = "PartyType eq 'Person'"
    dataverse = "msdyn_sellable eq true"
  }
  fields "both" {
    CustomerAccount  = "msdyn_contactpersonid"
    OrganizationName = "fullname"
  }
  constant "PartyType" {
    side  = "fno"
    value = "Person"
  }
  constant "msdyn_sellable" { value = true }
}

map "contact_persons" {
  fno       = "ContactPersons"
  dataverse = "contacts"
  key       = ["ContactPersonId"]
  filter {
    dataverse = "msdyn_sellable eq false"
  }
  fields "both" {
    ContactPersonId = "msdyn_contactpersonid"
    Name            = "fullname"
  }
  constant "msdyn_sellable" { value = false }
}

map "orders" {
  fno       = "SalesOrderHeaders"
  dataverse = "salesorders"
  key       = ["OrderNumber"]
  fields "both" {
    OrderNumber = "msdyn_salesordernumber"
    OrderName   = "name"
  }
  lookup "customerid" {
    target "accounts" { match = { Customer = "accountnumber" } }
    target "contacts" { match = { Customer = "msdyn_contactpersonid" } }
  }
}

map "lines" {
  fno       = "SalesOrderLines"
  dataverse = "salesorderdetails"
  key       = ["OrderNumber", "LineNumber"]
  company   = "salesorderid.msdyn_company"
  fields "both" {
    OrderNumber = "salesorderid.msdyn_salesordernumber"
    LineNumber  = "sequencenumber"
    LineText    = "description"
  }
  lookup "msdyn_salesproductcategory" {
    match = {
      CategoryName      = "msdyn_name"
      CategoryHierarchy = "msdyn_hierarchy.msdyn_name"
    }
  }
}
`

// orderTables are the tables of Orders beyond those of Config.
func orderTables() []schema.Table {
	company := lookup("msdyn_company", "cdm_company", "cdm_companies")
	customer := lookup("customerid", "account", "accounts")
	customer.Targets = append(customer.Targets, schema.Target{Table: "contact", Set: "contacts", Navigation: "customerid_contact"})
	return []schema.Table{
		entity("Hierarchies", false, "HierarchyName", text("HierarchyName")),
		keyed("Categories", false, []string{"CategoryName", "HierarchyName"}, text("CategoryName"), text("HierarchyName"), text("ParentName"), text("ParentHierarchy"), text("Code")),
		entity("ContactPersons", true, "ContactPersonId", text("ContactPersonId"), text("Name")),
		entity("SalesOrderHeaders", true, "OrderNumber", text("OrderNumber"), text("OrderName"), text("Customer")),
		keyed("SalesOrderLines", true, []string{"OrderNumber", "LineNumber"}, text("OrderNumber"), column("LineNumber", schema.TypeInteger), text("LineText"),
			text("CategoryName"), text("CategoryHierarchy")),
		table("msdyn_productcategoryhierarchies", "msdyn_productcategoryhierarchy", text("msdyn_name")),
		table("msdyn_productcategories", "msdyn_productcategory", text("msdyn_name"), text("msdyn_code"),
			lookup("msdyn_hierarchy", "msdyn_productcategoryhierarchy", "msdyn_productcategoryhierarchies"),
			lookup("msdyn_parentproductcategory", "msdyn_productcategory", "msdyn_productcategories")),
		table("contacts", "contact", text("msdyn_contactpersonid"), text("fullname"), column("msdyn_sellable", schema.TypeBool), company),
		table("salesorders", "salesorder", text("msdyn_salesordernumber"), text("name"), company, customer),
		table("salesorderdetails", "salesorderdetail", column("sequencenumber", schema.TypeInteger), text("description"),
			lookup("salesorderid", "salesorder", "salesorders"), lookup("msdyn_salesproductcategory", "msdyn_productcategory", "msdyn_productcategories")),
	}
}

// PutRef puts a row into Dataverse and gives the reference to it. With a
// company it gets that one's lookup.
func (w *World) PutRef(set, table, company string, v Values) value.Value {
	w.Helper()
	cells := Values{}
	for name, x := range v {
		cells[name] = x
	}
	if company != "" {
		cells["msdyn_company"] = w.Company(company)
	}
	return value.NewReference(table, w.Dataverse.Put(set, cells))
}

// PutFnO puts a record into F&O. With a company it gets dataAreaId, in lower
// case as F&O has it.
func (w *World) PutFnO(set, company string, v Values) string {
	cells := Values{}
	for name, x := range v {
		cells[name] = x
	}
	if company != "" {
		cells["dataAreaId"] = Text(strings.ToLower(company))
	}
	return w.FnO.Put(set, cells)
}
