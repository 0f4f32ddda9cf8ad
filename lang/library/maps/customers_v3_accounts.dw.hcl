# Customers that are organizations, as accounts. Names and addresses come from the party.

map "customers_v3_accounts" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = ["CustomerAccount"]

  filter {
    fno       = "PartyType eq 'Organization'"
    dataverse = "customertypecode eq 3"
  }

  fields "both" {
    CustomerAccount = "accountnumber"

    CreditLimit            = "creditlimit"
    SalesMemo              = "description"
    CreditLimitIsMandatory = "msdyn_creditlimitismandatory"
    CreditRating           = "msdyn_creditrating"
    IdentificationNumber   = "msdyn_identificationnumber"
    IsOneTimeCustomer      = "msdyn_onetimecustomer"
    PartyCountry           = "msdyn_partycountry"
    PartyState             = "msdyn_partystateprovince"
    PaymentTermsBaseDays   = "msdyn_paymenttermsbasedays"
    TaxExemptNumber        = "msdyn_taxexemptnumber"

    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"
    CustomerGroupId   = "msdyn_customergroupid.msdyn_groupid"
    InvoiceAccount    = "msdyn_billingaccount.accountnumber"
    PaymentDay        = "msdyn_paymentday.msdyn_name"
    PaymentMethod     = "msdyn_customerpaymentmethod.msdyn_name"
    PaymentSchedule   = "msdyn_paymentschedule.msdyn_name"
    PaymentTerms      = "msdyn_paymentterm.msdyn_name"
    VendorAccount     = "msdyn_vendor.msdyn_vendoraccountnumber"
    PartyNumber       = "msdyn_partyid.msdyn_partynumber"
    ContactPersonId   = "msdyn_primarycontact.msdyn_contactforpartynumber"
    SalesTaxGroup     = "msdyn_salestaxgroup.msdyn_name"
  }

  field "msdyn_onholdstatus" {
    fno = "OnHoldStatus"
    values = {
      No          = 806380000
      Invoice     = 806380001
      All         = 806380002
      Payment     = 806380003
      Requisition = 806380004
      Never       = 806380005
    }
    otherwise = null # PurchOrder
  }

  constant "customertypecode" {
    value = 3
  }

  constant "PartyType" {
    side  = "fno"
    value = "Organization"
  }
}
