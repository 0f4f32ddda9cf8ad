# Customers that are persons, as contacts, without the party model: names, addresses and contacts
# stand on the contact.

map "customers_v3_contacts_2020" {
  fno       = "CustomersV3"
  dataverse = "contacts"
  key       = ["CustomerAccount"]

  filter {
    fno       = "PartyType eq 'Person'"
    dataverse = "msdyn_sellable eq true and msdyn_contactpersonid ne null"
  }

  fields "both" {
    CustomerAccount = "msdyn_contactpersonid"

    PartyNumber                       = "msdyn_partynumber"
    PersonFirstName                   = "firstname"
    PersonLastName                    = "lastname"
    PersonMiddleName                  = "middlename"
    PersonProfessionalTitle           = "jobtitle"
    PrimaryContactEmail               = "emailaddress1"
    PrimaryContactEmailDescription    = "msdyn_emailaddress1description"
    PrimaryContactFax                 = "fax"
    PrimaryContactFaxDescription      = "msdyn_faxdescription"
    PrimaryContactFaxExtension        = "msdyn_faxextension"
    IdentificationNumber              = "msdyn_identificationnumber"
    PartyCountry                      = "msdyn_partycountry"
    PartyState                        = "msdyn_partystateprovince"
    PrimaryContactFacebook            = "msdyn_primaryfacebookid"
    PrimaryContactFacebookDescription = "msdyn_primaryfacebookdescription"
    PrimaryContactLinkedIn            = "msdyn_primaryinkedinid"          # Microsoft's spelling
    PrimaryContactLinkedInDescription = "msdyn_primarylinkedindescrption" # Microsoft's spelling
    PrimaryContactPhone               = "telephone1"
    PrimaryContactPhoneDescription    = "msdyn_telephone1description"
    PrimaryContactPhoneExtension      = "msdyn_telephone1extension"
    PrimaryContactTwitter             = "msdyn_primarytwitterid"
    PrimaryContactTwitterDescription  = "msdyn_primarytwitteriddescription"
    PrimaryContactURL                 = "websiteurl"
    PrimaryContactURLDescription      = "msdyn_websiteurldescription"
    SalesMemo                         = "description"

    CustomerGroupId   = "msdyn_customergroupid.msdyn_groupid"
    SalesCurrencyCode = "transactioncurrencyid.isocurrencycode"

    AddressCity                         = "address1_city"
    AddressCountryRegionISOCode         = "address1_country"
    AddressCounty                       = "address1_county"
    AddressState                        = "address1_stateorprovince"
    AddressStreet                       = "address1_line1"
    AddressZipCode                      = "address1_postalcode"
    AddressPostbox                      = "address1_postofficebox"
    InvoiceAddressCity                  = "address2_city"
    InvoiceAddressCountryRegionISOCode  = "address2_country"
    InvoiceAddressCounty                = "address2_county"
    InvoiceAddressState                 = "address2_stateorprovince"
    InvoiceAddressStreet                = "address2_line1"
    InvoiceAddressZipCode               = "address2_postalcode"
    DeliveryAddressCity                 = "address3_city"
    DeliveryAddressCountryRegionISOCode = "address3_country"
    DeliveryAddressCounty               = "address3_county"
    DeliveryAddressState                = "address3_stateorprovince"
    DeliveryAddressStreet               = "address3_line1"
    DeliveryAddressZipCode              = "address3_postalcode"
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
    fno = "PersonGender"
    values = {
      Male   = 1
      Female = 2
    }
    otherwise = null # NonSpecific
  }

  field "familystatuscode" {
    fno = "PersonMaritalStatus"
    values = {
      Single    = 1
      Married   = 2
      Divorced  = 3
      Widowhood = 4
    }
  }

  constant "msdyn_sellable" {
    value = true
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

  constant "address1_addresstypecode" {
    value = 3
  }
}
