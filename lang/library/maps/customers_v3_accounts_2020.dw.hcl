# Customers that are organizations, as accounts, without the party model: names, addresses and
# contacts stand on the account.

map "customers_v3_accounts_2020" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = ["CustomerAccount"]

  filter {
    fno       = "PartyType eq 'Organization'"
    dataverse = "customertypecode eq 3"
  }

  fields "both" {
    CustomerAccount = "accountnumber"

    CreditLimit                       = "creditlimit"
    OrganizationName                  = "name"
    OrganizationNumberOfEmployees     = "numberofemployees"
    PrimaryContactEmail               = "emailaddress1"
    PrimaryContactFax                 = "fax"
    PrimaryContactPhone               = "telephone1"
    PrimaryContactTwitter             = "primarytwitterid"
    PrimaryContactURL                 = "websiteurl"
    SalesMemo                         = "description"
    CreditLimitIsMandatory            = "msdyn_creditlimitismandatory"
    CreditRating                      = "msdyn_creditrating"
    IdentificationNumber              = "msdyn_identificationnumber"
    IsOneTimeCustomer                 = "msdyn_onetimecustomer"
    PartyCountry                      = "msdyn_partycountry"
    PartyState                        = "msdyn_partystateprovince"
    PaymentTermsBaseDays              = "msdyn_paymenttermsbasedays"
    PrimaryContactFacebook            = "msdyn_primaryfacebookid"
    PrimaryContactFaxExtension        = "msdyn_faxextension"
    PrimaryContactLinkedIn            = "msdyn_primarylinkedinid"
    TaxExemptNumber                   = "msdyn_taxexemptnumber"
    PrimaryContactEmailDescription    = "msdyn_emailaddress1description"
    PrimaryContactFacebookDescription = "msdyn_primaryfacebookdescription"
    PrimaryContactFaxDescription      = "msdyn_faxdescription"
    PrimaryContactLinkedInDescription = "msdyn_primarylinkedindescrption" # Microsoft's spelling
    PrimaryContactPhoneDescription    = "msdyn_telephone1description"
    PrimaryContactPhoneExtension      = "msdyn_telephone1extension"
    PrimaryContactTwitterDescription  = "msdyn_primarytwitteriddescription"
    PrimaryContactURLDescription      = "msdyn_websiteurldescription"
    PartyNumber                       = "msdyn_partynumber"

    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"
    CustomerGroupId   = "msdyn_customergroupid.msdyn_groupid"
    InvoiceAccount    = "msdyn_billingaccount.accountnumber"
    PaymentDay        = "msdyn_paymentday.msdyn_name"
    PaymentMethod     = "msdyn_customerpaymentmethod.msdyn_name"
    PaymentSchedule   = "msdyn_paymentschedule.msdyn_name"
    PaymentTerms      = "msdyn_paymentterm.msdyn_name"
    VendorAccount     = "msdyn_vendor.msdyn_vendoraccountnumber"
    ContactPersonId   = "primarycontactid.msdyn_contactpersonid"

    InvoiceAddressCity                  = "address2_city"
    InvoiceAddressCountryRegionISOCode  = "address2_country"
    InvoiceAddressCounty                = "address2_county"
    InvoiceAddressState                 = "address2_stateorprovince"
    InvoiceAddressStreet                = "address2_line1"
    InvoiceAddressZipCode               = "address2_postalcode"
    DeliveryAddressCity                 = "address1_city"
    DeliveryAddressCountryRegionISOCode = "address1_country"
    DeliveryAddressCounty               = "address1_county"
    DeliveryAddressZipCode              = "address1_postalcode"
    DeliveryAddressStreet               = "address1_line1"
    DeliveryAddressState                = "address1_stateorprovince"
  }

  fields "to_dataverse" {
    InvoiceAddressLatitude   = "address2_latitude"
    InvoiceAddressLongitude  = "address2_longitude"
    DeliveryAddressLatitude  = "address1_latitude"
    DeliveryAddressLongitude = "address1_longitude"
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

  constant "LanguageId" {
    side  = "fno"
    value = "en-us"
  }

  constant "address1_addresstypecode" {
    value = 2
  }

  constant "customertypecode" {
    value = 3
  }

  constant "PartyType" {
    side  = "fno"
    value = "Organization"
  }

  # Left out:
  #   InvoiceAddress = msdyn_invoiceaddress: nobody documents the values of the column
}
