# A configuration that uses everything that this version knows.
dw {
  required_version = ">= 0.1, < 2"
  state "sqlite" {
    path = ".dw/state.db"
  }
}

variable "client_secret" {
  description = "of the application"
  sensitive   = true
}

variable "companies" {
  type    = list(string)
  default = ["USMF", "DEMF"]
}

locals {
  tenant = "11111111-2222-3333-4444-555555555555"
  all    = concat(var.companies, [upper("gbsi")])
}

link "contoso" {
  fno {
    url = "https://contoso.operations.dynamics.com/"
  }
  dataverse {
    url = "https://contoso.crm.dynamics.com"
  }
  auth "client_secret" {
    tenant_id     = local.tenant
    client_id     = "app"
    client_secret = var.client_secret
  }
  companies = local.all
  receive {
    listen = "0.0.0.0:7071"
    url    = "https://sync.contoso.com/events/"
    key    = var.client_secret
  }
}

link "twins" {
  sandbox {
    seed            = 42
    records         = 500
    latency         = "60ms"
    latency_per_row = "1.5ms"
    job_start       = "2s"
    limits          = "published"
    faults          = ["429"]
    auth            = "certificate"
    companies       = ["GBSI"]
    dirt            = 3
  }
  receive {
    listen = "127.0.0.1:0"
    key    = var.client_secret
  }
  companies = ["USMF"]
}

enum "on_hold" {
  values    = { No = 806380000, Invoice = 806380001, "" = 806380002, 1099 = 806380005 }
  otherwise = "fail"
}

enum "yes_no" {
  values    = { No = false, Yes = true }
  otherwise = { to_dataverse = false, to_fno = null }
}

enum "origin" {
  values    = { SalesLeadTime = 192350000, Atp = 192350000 }
  otherwise = 192350000
  reverse   = { 192350000 = "SalesLeadTime" }
}

enum "country" {
  values    = { US = "united states", USA = "united states", "049" = "007" }
  otherwise = { to_dataverse = "pass", to_fno = "fail" }
  reverse   = { "united states" = "US", "007" = "049", "1" = "IT" }
}

enum "language" {
  values    = { "en-us" = 1033, de = 1031 }
  otherwise = "en-us"
}

map "customers" {
  link      = link.contoso
  version   = "1.2.0"
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = ["CustomerAccount"]
  company   = "msdyn_company"
  owner     = "company_team"
  companies = ["usmf"]

  filter {
    fno       = "PartyType eq 'Organization'"
    dataverse = "customertypecode eq 3"
    on_leave  = "unlink"
  }

  fields "both" {
    CustomerAccount  = "accountnumber"
    OrganizationName = "name"
    CustomerGroupId  = "msdyn_customergroupid.msdyn_groupid"
  }
  fields "both" {
    OrderedQuantity = ["quantity", "contoso_quantity", "contoso_parent.contoso_quantity"]
    RegionCode      = "territoryid.contoso_region.contoso_code"
  }
  fields "to_dataverse" {
    # dw:ignore DW203 the length is checked in F&O
    InvoiceAddressLatitude = "address2_latitude"
    NameAlias              = ["address1_line1", "address1_city"]
  }
  field "msdyn_onholdstatus" {
    fno    = "OnHoldStatus"
    values = enum.on_hold
  }
  field "msdyn_origin" {
    fno    = "Origin"
    values = { A = 1, B = 2 } # dw:ignore DW204 known
    writes = "create"
  }
  field "shipto_country" {
    fno       = "DeliveryCountry"
    values    = { US = "united states", DE = "germany" }
    otherwise = "pass"
    reverse   = { "usa" = "US" }
  }
  field "emailaddress1" {
    fno          = "PrimaryContactEmail"
    to_dataverse = lower(trimspace(value))
    to_fno       = value
  }
  field "creditlimit" {
    fno          = "CreditLimit"
    to_dataverse = record.Amount > 100.10 && company != "DEMF" ? round(value * 1.250, 2) : -1
  }
  field "description" {
    fno    = "Notes"
    to_fno = "${company}-${value}"
  }
  lookup "parentaccountid" {
    match   = { ParentAccount = "accountnumber" }
    missing = "defer"
  }
  lookup "customerid" {
    target "accounts" {
      match = { OrderingCustomer = "accountnumber" }
    }
    target "Contact" {
      match = { OrderingCustomer = "msdyn_contactpersonid", OrderingParty = "msdyn_party.msdyn_partynumber" }
    }
    missing = "park"
  }
  lookup "msdyn_salesproductcategory" {
    match = {
      CategoryName  = "msdyn_name"
      HierarchyName = "msdyn_hierarchy.msdyn_name"
    }
    direction = "to_dataverse"
    writes    = "create"
  }
  lookup "ownerpartyid" {
    target "msdyn_parties" {
      match = { PartyNumber = "msdyn_partynumber" }
    }
  }
  constant "customertypecode" {
    value = 3
  }
  constant "exchangerate" {
    value = 1.0000000000000000000000000000000000000000001
  }
  constant "LanguageId" {
    side   = "fno"
    value  = "Zoe\u0308"
    writes = "always"
  }

  together = [["address1_line1", "address1_city"]]
  creates  = { to_dataverse = true, to_fno = false }
  deletes  = { to_dataverse = "deactivate", to_fno = "ignore" }
  mastering {
    master    = "fno"
    dataverse = ["emailaddress1", "MSDYN_customergroupid", "CustomerID"]
    violation = "report"
  }
  conflict = "hold"
  initial_sync {
    winner      = "fno"
    allow_blank = true
    max_errors  = 5

    max_error_rate = 0.01

    match     = [["OrganizationName"]]
    crosswalk = "customers.csv"

    via      = "odata"
    read_via = "package"
  }
  status = "paused"
}

map "groups" {
  link      = link.twins
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = { CustomerGroupId = "msdyn_groupid" }
  company   = "msdyn_parent.msdyn_company"
  owner     = "team:Sales"
  fields "to_dataverse" {
    Description = "msdyn_description"
  }
  filter {
    fno      = "Blocked eq 'No'"
    on_leave = "revert"
  }
  deletes = { to_dataverse = "propagate", to_fno = "propagate" }
  status  = "stopped"
}

map "lines" {
  link      = link.twins
  fno       = "OrderLines"
  dataverse = "salesorderdetails"
  key       = { OrderNumber = "salesorderid.msdyn_ordernumber", LineNumber = "lineitemnumber" }
  company   = null
}

policy {
  destructive        = "approve"
  destroys           = "deny"
  unstated_master    = "deny"
  max_rows_rewritten = { approve = 10000, deny = 1000000 }
  max_minutes        = 90
}

map "standard_customers" {
  link    = link.twins
  extends = library.customers_v3_accounts
  omit    = ["msdyn_partycountry", "MSDYN_partyid", "partytype"]

  filter {
    dataverse = "customertypecode eq 3 and statecode eq 0"
  }
  fields "both" {
    OrganizationName = "name"
  }
  field "creditlimit" {
    fno          = "CreditLimit"
    to_dataverse = round(value, 2)
  }
  mastering {
    dataverse = ["description", "transactioncurrencyid"]
  }
  deletes = { to_fno = "propagate" }
}

map "standard_accounts" {
  link    = link.twins
  extends = library.main_accounts_mainaccounts
  creates = { to_fno = false }
}

map "per_company" {
  link      = link.contoso
  for_each  = { USMF = { rows = "A", live = true }, DEMF = { rows = "B", live = true }, GBSI = { rows = "C", live = false } }
  enabled   = each.value.live
  fno       = "Entity${each.value.rows}"
  dataverse = "contoso_rows"
  key       = { Id = "contoso_id" }
  companies = [each.key]
  status    = each.key == "USMF" ? "running" : "paused"

  filter {
    fno = "Kind eq '${each.value.rows}'"
  }
  field "contoso_name" {
    fno          = "Name"
    to_dataverse = "${each.key} ${value}"
  }
  constant "contoso_kind" {
    value = each.value.rows
  }
}

map "none" {
  for_each = []
  extends  = library.customers_v3_accounts
}

map "absent" {
  enabled   = length(var.companies) > 5
  fno       = "A"
  dataverse = "a"
  key       = { A = "a" }
}

module "shared" {
  source   = "./shared"
  link     = link.twins
  for_each = ["north", "south.east"]
  region   = each.key
  limits   = { high = 100, low = 1 }
}

moved {
  from = map.older
  to   = map.old["USMF"]
}

moved {
  from = map.old["USMF"]
  to   = map.per_company["USMF"]
}

moved {
  from = map.customers.telephone9
  to   = "map.customers.name"
}
