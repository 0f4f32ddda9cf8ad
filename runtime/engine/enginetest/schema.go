package enginetest

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Tables is the schema of both sides, made anew for each caller.
func Tables() []schema.Table {
	company := lookup("msdyn_company", "cdm_company", "cdm_companies")
	tables := []schema.Table{
		entity("LegalEntities", false, "LegalEntityId", text("LegalEntityId"), text("Name")),
		entity("CustomerGroups", true, "CustomerGroupId", text("CustomerGroupId"), text("Description"), modified("ModifiedDateTime")),
		entity("CustomersV3", true, "CustomerAccount", text("CustomerAccount"), text("OrganizationName"), text("Email"),
			text("CustomerGroupId"), text("SalesCurrencyCode"), text("InvoiceAccount"), partyType(), modified("ModifiedDateTime")),
		table("cdm_companies", "cdm_company", text("cdm_companycode"), text("cdm_name"), lookup("cdm_defaultowningteam", "team", "teams")),
		table("msdyn_customergroups", "msdyn_customergroup", text("msdyn_groupid"), text("msdyn_description"), company, modified("modifiedon")),
		table("accounts", "account", text("accountnumber"), text("name"), text("emailaddress1"), company,
			lookup("msdyn_customergroupid", "msdyn_customergroup", "msdyn_customergroups"),
			lookup("transactioncurrencyid", "transactioncurrency", "transactioncurrencies"),
			lookup("msdyn_billingaccount", "account", "accounts"), lookup("ownerid", "team", "teams"), customerType(),
			choice("statecode", 0, 1), choice("statuscode", 1, 2), modified("modifiedon")),
		table("transactioncurrencies", "transactioncurrency", text("isocurrencycode")),
		table("teams", "team", text("name")),
	}
	tables = append(tables, orderTables()...)
	keys := map[string][]string{
		"cdm_companies": {"cdm_companycode"}, "msdyn_customergroups": {"msdyn_groupid", "msdyn_company"},
		"accounts": {"accountnumber", "msdyn_company"}, "transactioncurrencies": {"isocurrencycode"},
		"contacts": {"msdyn_contactpersonid", "msdyn_company"}, "salesorders": {"msdyn_salesordernumber", "msdyn_company"},
		"msdyn_productcategoryhierarchies": {"msdyn_name"}, "msdyn_productcategories": {"msdyn_name", "msdyn_hierarchy"},
		"salesorderdetails": {"salesorderid", "sequencenumber"},
	}
	for i, t := range tables {
		if k := keys[t.Set]; k != nil {
			tables[i].Keys = []schema.Key{{Name: "k", Columns: k, Status: "Active"}}
		}
	}
	return tables
}

func column(name string, t schema.Type) *schema.Field {
	return &schema.Field{Name: name, Type: t, OnCreate: true, OnUpdate: true, Readable: true}
}

func text(name string) *schema.Field {
	f := column(name, schema.TypeText)
	f.MaxLength = 50
	return f
}

func lookup(name, target, set string) *schema.Field {
	f := column(name, schema.TypeLookup)
	f.Targets = []schema.Target{{Table: target, Set: set, Navigation: name}}
	return f
}

// modified is a column that a service keeps by itself.
func modified(name string) *schema.Field {
	f := column(name, schema.TypeTime)
	f.OnCreate, f.OnUpdate = false, false
	return f
}

func partyType() *schema.Field {
	f := column("PartyType", schema.TypeEnum)
	f.Enum = "PartyType"
	return f
}

func customerType() *schema.Field { return choice("customertypecode", 3, 8) }

func choice(name string, options ...int64) *schema.Field {
	f := column(name, schema.TypeChoice)
	for _, o := range options {
		f.Options = append(f.Options, schema.Option{Value: o})
	}
	return f
}

func entity(set string, companySpecific bool, key string, fields ...*schema.Field) schema.Table {
	return keyed(set, companySpecific, []string{key}, fields...)
}

func keyed(set string, companySpecific bool, key []string, fields ...*schema.Field) schema.Table {
	t := schema.Table{Side: value.FnO, Set: set, Name: strings.TrimSuffix(set, "s"), Key: key, CompanySpecific: companySpecific}
	if companySpecific {
		t.Key = append([]string{"dataAreaId"}, key...)
		fields = append(fields, text("dataAreaId"))
	}
	for i := range fields {
		if slices.Contains(t.Key, fields[i].Name) {
			fields[i].IsKey, fields[i].OnUpdate = true, false
		}
	}
	t.Fields = sorted(fields)
	return t
}

func table(set, name string, fields ...*schema.Field) schema.Table {
	id := column(name+"id", schema.TypeGuid)
	id.OnUpdate = false
	return schema.Table{
		Side: value.Dataverse, Set: set, Name: name, PrimaryID: id.Name, Ownership: "UserOwned", ChangeTracking: true,
		OptimisticConcurrency: true, Fields: sorted(append(fields, id)),
	}
}

func sorted(fields []*schema.Field) []*schema.Field {
	slices.SortFunc(fields, func(a, b *schema.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields
}
