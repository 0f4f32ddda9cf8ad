link "one" {
  companies = ["USMF"]
  sandbox {}
}
map "unknown" {
  extends = library.customer_v3_accounts # ERROR DW101: there is no library.customer_v3_accounts
  omit    = ["anything"]
}
map "whole" {
  extends = library # ERROR DW103: the attribute extends must name a whole library
}
map "part" {
  extends = library.customers_v3_accounts.fields # ERROR DW103: the attribute extends must name a whole library
}
map "text" {
  extends = "customers_v3_accounts" # ERROR DW016: the attribute extends must be a reference such as library.NAME, not a text
}
map "another" {
  extends = map.text # ERROR DW103: the attribute extends must name a library
}
map "elsewhere" {
  fno       = library.customers_v3_accounts # ERROR DW103: a reference such as library.NAME is not possible here
  dataverse = "accounts"
  key       = { A = "a" }
}
map "nothing" { # ERROR DW012: map "nothing" needs the attribute "fno" # ERROR DW012: map "nothing" needs the attribute "dataverse" # ERROR DW012: map "nothing" needs the attribute "key"
  omit = ["accountnumber"] # ERROR DW024: omit without extends
}
map "customers" {
  extends = library.customers_v3_accounts # ERROR DW112: the key field "CustomerAccount" is not mapped
  omit = [
    "accountnumber",
    "msdyn_creditratign", # ERROR DW113: omit names "msdyn_creditratign", which library.customers_v3_accounts does not carry
    "SalesTaxGroup", # ERROR DW113: omit names "SalesTaxGroup", which library.customers_v3_accounts does not carry
    "languageid", # ERROR DW113: omit names "languageid", which library.customers_v3_accounts does not carry
    "msdyn_customergroupid",
    "MSDYN_customergroupid", # ERROR DW121: "MSDYN_customergroupid" is listed twice in omit
    "partytype",
    "description", # ERROR DW024: omit names "description", which the map writes itself
    7, # ERROR DW016: member 9 of the attribute omit must be a text, not a number
  ]
  fields "both" {
    SalesMemo         = "description"
    PaymentDay        = "contoso_paymentday" # ERROR DW111: the F&O field "PaymentDay" is written twice
    IsOneTimeCustomer = "msdyn_onetimecustomer"
    TaxExemptNumber   = "msdyn_creditlimitismandatory" # ERROR DW111: the F&O field "TaxExemptNumber" is written twice
  }
  mastering {
    dataverse = ["msdyn_customergroupid"] # ERROR DW113: mastering names "msdyn_customergroupid", which the map does not carry
  }
}
map "companies" {
  extends   = library.customers_v3_accounts
  key       = ["CustomerAcount"] # ERROR DW112: the key field "CustomerAcount" is not mapped
  companies = ["DEMF"] # ERROR DW115: the company "DEMF" is not in link.one
  fno       = null
  dataverse = 7 # ERROR DW016: the attribute dataverse must be a text, not a number
}
