# Customers. One F&O entity feeds two Dataverse tables: organisations become
# accounts, persons become contacts.

map "customer_groups" {
  fno       = "CustomerGroups"
  dataverse = "msdyn_customergroups"
  key       = ["CustomerGroupId"]

  fields "both" {
    CustomerGroupId           = "msdyn_groupid"
    Description               = "msdyn_description"
    IsSalesTaxIncludedInPrice = "msdyn_issalestaxincludedinprice"

    # Lookups: the column, a dot, and the related column that identifies the
    # row. dw adds the company by itself.
    PaymentTermId                 = "msdyn_paymenttermid.msdyn_name"
    ClearingPeriodPaymentTermName = "msdyn_clearingperiodpaymenttermname.msdyn_name"
  }
}

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

# dw:ignore DW221 numbers and addresses that Dataverse has no room for are listed, never cut
map "accounts" {
  fno       = "CustomersV3"
  dataverse = "accounts"
  key       = { CustomerAccount = "accountnumber" }
  owner     = "company_team"

  filter {
    fno       = "PartyType eq 'Organization'"
    dataverse = "customertypecode eq 3"
  }

  fields "both" {
    # dw:ignore DW215 F&O numbers its parties and is the master of the number
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
    VendorAccount        = "msdyn_vendor.msdyn_vendoraccountnumber"

    # The account that pays: another account, or the account itself. A map that
    # refers to itself is written without the reference, which follows.
    InvoiceAccount = "msdyn_billingaccount.accountnumber"

    # Contoso's own: the person among the customers who speaks for this one. The
    # contact names the account in turn (below), so neither can be written whole
    # before the other: dw writes one of them first and fills the reference in.
    ContosoMainContactAccount = "primarycontactid.msdyn_contactpersonid"

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

  # A customer who is deleted in F&O keeps the history of its account: the account
  # is deactivated. The other way round nothing happens: F&O has the say.
  deletes = { to_dataverse = "deactivate", to_fno = "ignore" }

  # Left out:
  #   InvoiceAddress  = msdyn_invoiceaddress: nobody documents its option values
  #   ContactPersonId = primarycontactid.msdyn_contactpersonid: it names contact
  #   persons of customers; Contoso names a customer instead (above)

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

# Contacts in Dataverse have fewer options than F&O has members: the others are
# shown as nothing, and nothing is never written back over them.

enum "gender" {
  values = {
    Male   = 1
    Female = 2
  }
  otherwise = null # NonSpecific, Unknown
}

enum "marital_status" {
  values = {
    Single    = 1
    Married   = 2
    Divorced  = 3
    Widowhood = 4
  }
  otherwise = null # None
}

# dw:ignore DW221 numbers and addresses that Dataverse has no room for are listed, never cut
map "contacts" {
  fno       = "CustomersV3"
  dataverse = "contacts"
  key       = { CustomerAccount = "msdyn_contactpersonid" }
  owner     = "company_team"

  filter {
    fno       = "PartyType eq 'Person'"
    dataverse = "msdyn_sellable eq true and msdyn_contactpersonid ne null"
  }

  fields "both" {
    # dw:ignore DW215 F&O numbers its parties and is the master of the number
    PartyNumber             = "msdyn_partynumber"
    PersonFirstName         = "firstname"
    PersonMiddleName        = "middlename"
    PersonLastName          = "lastname"
    PersonProfessionalTitle = "jobtitle"
    SalesMemo               = "description"
    IdentificationNumber    = "msdyn_identificationnumber"
    PartyCountry            = "msdyn_partycountry"
    PartyState              = "msdyn_partystateprovince"

    CustomerGroupId   = "msdyn_customergroupid.msdyn_groupid"
    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"

    # Contoso's own: the customer for whom the person works.
    ContosoEmployerAccount = "contoso_employeraccount.accountnumber"

    AddressStreet               = "address1_line1"
    AddressCity                 = "address1_city"
    AddressCounty               = "address1_county"
    AddressState                = "address1_stateorprovince"
    AddressZipCode              = "address1_postalcode"
    AddressPostbox              = "address1_postofficebox"
    AddressCountryRegionISOCode = "address1_country"

    InvoiceAddressStreet               = "address2_line1"
    InvoiceAddressCity                 = "address2_city"
    InvoiceAddressCounty               = "address2_county"
    InvoiceAddressState                = "address2_stateorprovince"
    InvoiceAddressZipCode              = "address2_postalcode"
    InvoiceAddressCountryRegionISOCode = "address2_country"

    DeliveryAddressStreet               = "address3_line1"
    DeliveryAddressCity                 = "address3_city"
    DeliveryAddressCounty               = "address3_county"
    DeliveryAddressState                = "address3_stateorprovince"
    DeliveryAddressZipCode              = "address3_postalcode"
    DeliveryAddressCountryRegionISOCode = "address3_country"

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
    PrimaryContactTwitter             = "msdyn_primarytwitterid"
    PrimaryContactTwitterDescription  = "msdyn_primarytwitteriddescription"
    PrimaryContactFacebook            = "msdyn_primaryfacebookid"
    PrimaryContactFacebookDescription = "msdyn_primaryfacebookdescription"
    PrimaryContactLinkedIn            = "msdyn_primaryinkedinid"          # Microsoft's spelling, on contacts
    PrimaryContactLinkedInDescription = "msdyn_primarylinkedindescrption" # and here
  }

  fields "to_dataverse" {
    AddressLatitude          = "address1_latitude"
    AddressLongitude         = "address1_longitude"
    InvoiceAddressLatitude   = "address2_latitude"
    InvoiceAddressLongitude  = "address2_longitude"
    DeliveryAddressLatitude  = "address3_latitude"
    DeliveryAddressLongitude = "address3_longitude"
  }

  field "gendercode" {
    fno    = "PersonGender"
    values = enum.gender
  }

  field "familystatuscode" {
    fno    = "PersonMaritalStatus"
    values = enum.marital_status
  }

  constant "msdyn_sellable" {
    value = true
  }
  constant "address1_addresstypecode" {
    value = 3 # primary
  }
  constant "PartyType" {
    side  = "fno"
    value = "Person"
  }
  constant "LanguageId" {
    side  = "fno"
    value = "en-us"
  }
  constant "AddressLocationRoles" {
    side  = "fno"
    value = "Business"
  }

  together = [
    ["address1_line1", "address1_postofficebox", "address1_city", "address1_county", "address1_stateorprovince", "address1_postalcode", "address1_country"],
    ["address2_line1", "address2_city", "address2_county", "address2_stateorprovince", "address2_postalcode", "address2_country"],
    ["address3_line1", "address3_city", "address3_county", "address3_stateorprovince", "address3_postalcode", "address3_country"],
  ]

  deletes = { to_dataverse = "deactivate", to_fno = "ignore" }

  initial_sync {
    winner = "fno"
  }
}
