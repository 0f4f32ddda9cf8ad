# The customers that are measured: the map of the example without references of
# the map to itself, since the loop that dw is compared with sends no second pass.

enum "on_hold" {
  values = {
    No          = 806380000
    Invoice     = 806380001
    All         = 806380002
    Payment     = 806380003
    Requisition = 806380004
    Never       = 806380005
  }
  otherwise = null # PurchOrder, which is for vendors: shown as nothing
}

map "customers" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = { CustomerAccount = "accountnumber" }

  filter {
    fno       = "PartyType eq 'Organization'"
    dataverse = "customertypecode eq 3"
  }

  fields "both" {
    PartyNumber                   = "msdyn_partynumber"
    OrganizationName              = "name"
    OrganizationNumberOfEmployees = "numberofemployees"
    SalesMemo                     = "description"
    IdentificationNumber          = "msdyn_identificationnumber"
    TaxExemptNumber               = "msdyn_taxexemptnumber"
    PartyCountry                  = "msdyn_partycountry"
    PartyState                    = "msdyn_partystateprovince"

    CustomerGroupId      = "msdyn_customergroupid.msdyn_groupid"
    SalesCurrencyCode    = "transactioncurrencyid.isocurrencycode"
    PaymentTerms         = "msdyn_paymentterm.msdyn_name"
    PaymentMethod        = "msdyn_customerpaymentmethod.msdyn_name"
    PaymentTermsBaseDays = "msdyn_paymenttermsbasedays"
    PaymentDay           = "msdyn_paymentday.msdyn_name"
    PaymentSchedule      = "msdyn_paymentschedule.msdyn_name"

    CreditLimit            = "creditlimit"
    CreditLimitIsMandatory = "msdyn_creditlimitismandatory"
    CreditRating           = "msdyn_creditrating"
    IsOneTimeCustomer      = "msdyn_onetimecustomer"

    DeliveryAddressStreet               = "address1_line1"
    DeliveryAddressCity                 = "address1_city"
    DeliveryAddressCounty               = "address1_county"
    DeliveryAddressState                = "address1_stateorprovince"
    DeliveryAddressZipCode              = "address1_postalcode"
    DeliveryAddressCountryRegionISOCode = "address1_country"

    InvoiceAddressStreet               = "address2_line1"
    InvoiceAddressCity                 = "address2_city"
    InvoiceAddressCounty               = "address2_county"
    InvoiceAddressState                = "address2_stateorprovince"
    InvoiceAddressZipCode              = "address2_postalcode"
    InvoiceAddressCountryRegionISOCode = "address2_country"

    PrimaryContactEmail               = "emailaddress1"
    PrimaryContactEmailDescription    = "msdyn_emailaddress1description"
    PrimaryContactPhone               = "telephone1"
    PrimaryContactPhoneExtension      = "msdyn_telephone1extension"
    PrimaryContactPhoneDescription    = "msdyn_telephone1description"
    PrimaryContactFax                 = "fax"
    PrimaryContactFaxExtension        = "msdyn_faxextension"
    PrimaryContactFaxDescription      = "msdyn_faxdescription"
    PrimaryContactURL                 = "websiteurl"
    PrimaryContactURLDescription      = "msdyn_websiteurldescription"
    PrimaryContactTwitter             = "primarytwitterid"
    PrimaryContactTwitterDescription  = "msdyn_primarytwitteriddescription"
    PrimaryContactFacebook            = "msdyn_primaryfacebookid"
    PrimaryContactFacebookDescription = "msdyn_primaryfacebookdescription"
    PrimaryContactLinkedIn            = "msdyn_primarylinkedinid"
    PrimaryContactLinkedInDescription = "msdyn_primarylinkedindescrption" # Microsoft's spelling
  }

  # F&O computes coordinates from its addresses; Dataverse only shows them.
  fields "to_dataverse" {
    DeliveryAddressLatitude  = "address1_latitude"
    DeliveryAddressLongitude = "address1_longitude"
    InvoiceAddressLatitude   = "address2_latitude"
    InvoiceAddressLongitude  = "address2_longitude"
  }

  field "msdyn_onholdstatus" {
    fno    = "OnHoldStatus"
    values = enum.on_hold
  }

  # Written when dw creates the record, never again.
  constant "customertypecode" {
    value = 3 # customer
  }
  constant "address1_addresstypecode" {
    value = 2 # ship to
  }
  constant "PartyType" {
    side  = "fno"
    value = "Organization"
  }
  constant "LanguageId" {
    side  = "fno"
    value = "en-us"
  }

  # An address is one value: a street of one side is never joined with a city of
  # the other.
  together = [
    ["address1_line1", "address1_city", "address1_county", "address1_stateorprovince", "address1_postalcode", "address1_country"],
    ["address2_line1", "address2_city", "address2_county", "address2_stateorprovince", "address2_postalcode", "address2_country"],
  ]

  # Sales works in Dataverse and knows whom to write and to call; everything
  # else is the business of F&O.
  mastering {
    master    = "fno"
    dataverse = ["emailaddress1", "telephone1"]
  }

  initial_sync {
    winner = "fno"
  }
}

