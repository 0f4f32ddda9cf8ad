# Customers that are persons, as contacts. Names and addresses come from the party.

map "customers_v3_contacts" {
  fno       = "CustomersV3"
  dataverse = "contacts"
  key       = ["CustomerAccount"]

  filter {
    fno       = "PartyType eq 'Person'"
    dataverse = "msdyn_sellable eq true and msdyn_contactpersonid ne null"
  }

  fields "both" {
    CustomerAccount = "msdyn_contactpersonid"

    IdentificationNumber = "msdyn_identificationnumber"
    PartyCountry         = "msdyn_partycountry"
    PartyState           = "msdyn_partystateprovince"
    SalesMemo            = "description"

    PartyNumber       = "msdyn_partyid.msdyn_partynumber"
    CustomerGroupId   = "msdyn_customergroupid.msdyn_groupid"
    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"
    PaymentDay        = "msdyn_paymentday.msdyn_name"
    PaymentSchedule   = "msdyn_paymentschedule.msdyn_name"
    PaymentMethod     = "msdyn_customerpaymentmethod.msdyn_name"
    SalesTaxGroup     = "msdyn_salestaxgroup.msdyn_name"
    PaymentTerms      = "msdyn_paymentterms.msdyn_name"
    ContactPersonId   = "msdyn_primarycontact.msdyn_contactforpartynumber"
  }

  constant "msdyn_sellable" {
    value = true
  }

  constant "PartyType" {
    side  = "fno"
    value = "Person"
  }
}
