# Vendors and the persons to whom Contoso speaks there.

map "vendor_groups" {
  fno       = "VendorGroups"
  dataverse = "msdyn_vendorgroups"
  key       = ["VendorGroupId"]

  fields "both" {
    VendorGroupId                 = "msdyn_vendorgroup"
    Description                   = "msdyn_description"
    DefaultPaymentTermName        = "msdyn_paymentterms.msdyn_name"
    ClearingPeriodPaymentTermName = "msdyn_clearingperiodpaymentpermname.msdyn_name" # Microsoft's spelling
  }
}

map "vendors" {
  fno       = "VendorsV2"
  dataverse = "msdyn_vendors"
  key       = { VendorAccountNumber = "msdyn_vendoraccountnumber" }
  owner     = "company_team"

  filter {
    fno = "VendorPartyType eq 'Organization' or VendorPartyType eq 'Person'"
  }

  fields "both" {
    VendorOrganizationName     = "msdyn_name"
    VendorKnownAsName          = "msdyn_vendorknownasname"
    OrganizationPhoneticName   = "msdyn_organizationphoneticname"
    OrganizationNumber         = "msdyn_organizationnumber"
    OrganizationEmployeeAmount = "msdyn_numberofemployees"
    DUNSNumber                 = "msdyn_dunsnumber"
    EthnicOriginId             = "msdyn_ethnicorigin"

    PersonFirstName          = "msdyn_firstname"
    PersonMiddleName         = "msdyn_middlename"
    PersonLastName           = "msdyn_lastname"
    PersonLastNamePrefix     = "msdyn_lastnameprefix"
    PersonInitials           = "msdyn_initials"
    PersonPhoneticFirstName  = "msdyn_phoneticfirstname"
    PersonPhoneticMiddleName = "msdyn_phoneticmiddlename"
    PersonPhoneticLastName   = "msdyn_phoneticlastname"
    PersonProfessionalTitle  = "msdyn_professionatitle" # Microsoft's spelling
    PersonProfessionalSuffix = "msdyn_professionalsuffix"
    PersonHobbies            = "msdyn_hobbies"
    PersonChildrenNames      = "msdyn_childrennames"
    PersonBirthDay           = "msdyn_birthday"
    PersonBirthMonth         = "msdyn_vendorpersonbirthmonth"
    PersonBirthYear          = "msdyn_birthyear"
    PersonAnniversaryDay     = "msdyn_personanniversaryday"
    PersonAnniversaryMonth   = "msdyn_vendorpersonanniversarymonth"
    PersonAnniversaryYear    = "msdyn_anniversaryyear"

    VendorGroupId                  = "msdyn_vendorgroupid.msdyn_vendorgroup"
    CurrencyCode                   = "msdyn_currencycode.isocurrencycode"
    DefaultPaymentTermsName        = "msdyn_paymentterms.msdyn_name"
    DefaultPaymentDayName          = "msdyn_defaultpaymentdayname.msdyn_name"
    DefaultPaymentScheduleName     = "msdyn_paymentschedule.msdyn_name"
    DefaultVendorPaymentMethodName = "msdyn_vendorpaymentmethod.msdyn_name"
    SalesTaxGroupCode              = "msdyn_taxgroup.msdyn_name"

    # Who is paid: another vendor, or the vendor itself.
    InvoiceVendorAccountNumber = "msdyn_invoicevendoraccountnumber.msdyn_vendoraccountnumber"

    # The person who is called first: a contact person, who names the vendor in
    # turn. Such rings need no care: dw fills one of the references in later.
    PrimaryContactPersonId = "msdyn_vendorprimarycontactperson.msdyn_contactpersonid"

    CreditLimit                = "msdyn_vendorcreditlimit"
    CreditRating               = "msdyn_creditrating"
    OurAccountNumber           = "msdyn_ourvendoraccountnumber"
    PaymentId                  = "msdyn_paymentid"
    ArePricesIncludingSalesTax = "msdyn_priceincludessalestax"
    VendorHoldReleaseDate      = "msdyn_vendoronholdreleasedate"
    IsForeignEntity            = "msdyn_isforeignentity"
    IsOneTimeVendor            = "msdyn_isonetimevendor"
    HasOnlyTakenBids           = "msdyn_hasonlytakenbids"
    IsMinorityOwned            = "msdyn_isminorityowned"
    IsVendorLocallyOwned       = "msdyn_isvendorlocallyowned"
    IsServiceVeteranOwned      = "msdyn_isserviceveteranowned"
    IsOwnerDisabled            = "msdyn_ownerisdisabled"
    IsWomanOwner               = "msdyn_womanowner"
    IsVendorLocatedInHUBZone   = "msdyn_isvendorlocatedinhubzone"

    AddressDescription          = "msdyn_addressdescription"
    AddressLocationId           = "msdyn_addresslocationid"
    AddressStreet               = "msdyn_addressstreet"
    AddressStreetNumber         = "msdyn_addressstreetnumber"
    AddressBuildingCompliment   = "msdyn_addressbuildingcompliment"
    AddressPostBox              = "msdyn_addresspostbox"
    AddressDistrictName         = "msdyn_addressdistrictname"
    AddressCity                 = "msdyn_addresscity"
    AddressCountyId             = "msdyn_addresscountyid"
    AddressStateId              = "msdyn_addressstateid"
    AddressZipCode              = "msdyn_addresszipcode"
    AddressCountryRegionId      = "msdyn_addresscountryregionid"
    AddressCountryRegionISOCode = "msdyn_addresscountryregionisocode"

    PrimaryEmailAddress            = "msdyn_primaryemailaddress"
    PrimaryEmailAddressDescription = "msdyn_primaryemailaddressdescription"
    PrimaryPhoneNumber             = "msdyn_pimaryphonenumber" # Microsoft's spelling
    PrimaryPhoneNumberExtension    = "msdyn_primaryphonenumberextension"
    PrimaryPhoneNumberDescription  = "msdyn_primaryphonenumberdescription"
    PrimaryFaxNumber               = "msdyn_primaryfaxnumber"
    PrimaryFaxNumberExtension      = "msdyn_primaryfaxnumberextension"
    PrimaryFaxNumberDescription    = "msdyn_primaryfaxnumberdescription"
    PrimaryURL                     = "msdyn_primarycontacturl"
    PrimaryURLDescription          = "msdyn_primaryurldescription"
    PrimaryTelex                   = "msdyn_primarytelex"
    PrimaryTelexDescription        = "msdyn_primarytelexdescription"
    PrimaryTwitter                 = "msdyn_primarytwitter"
    PrimaryTwitterDescription      = "msdyn_primarytwitterdescription"
    PrimaryFacebook                = "msdyn_primaryfacebook"
    PrimaryFacebookDescription     = "msdyn_primaryfacebookdescription"
    PrimaryLinkedIn                = "msdyn_primarylinkedin"
    PrimaryLinkedInDescription     = "msdyn_primarylinkedindescription"
  }

  # F&O numbers its parties, and computes coordinates and the address in one text.
  fields "to_dataverse" {
    VendorPartyNumber       = "msdyn_vendorpartynumber"
    FormattedPrimaryAddress = "msdyn_formattedprimaryaddress"
    AddressLatitude         = "msdyn_addresslatitude"
    AddressLongitude        = "msdyn_addresslongitude"
  }

  # A text on one side, yes or no on the other. What a vendor is stays what it is:
  # F&O takes it when the vendor is created and never again.
  field "msdyn_isperson" {
    fno    = "VendorPartyType"
    writes = "create"
    values = {
      Person       = true
      Organization = false
    }
  }

  field "msdyn_onholdstatus" {
    fno    = "OnHoldStatus"
    values = enum.on_hold
  }

  together = [
    [
      "msdyn_addressstreet", "msdyn_addressstreetnumber", "msdyn_addressbuildingcompliment", "msdyn_addresspostbox", "msdyn_addressdistrictname",
      "msdyn_addresscity", "msdyn_addresscountyid", "msdyn_addressstateid", "msdyn_addresszipcode", "msdyn_addresscountryregionid",
      "msdyn_addresscountryregionisocode",
    ],
  ]

  deletes = { to_dataverse = "deactivate", to_fno = "ignore" }

  # Left out, since nobody documents their option values:
  #   LanguageId = msdyn_language, PersonGender = msdyn_gender,
  #   PersonMaritalStatus = msdyn_maritalstatus
}

# A second map that writes rows of the table contacts. Its rows are not those of
# the map "contacts": a contact is sellable (a customer) or of a vendor, and the
# filters of the two maps say so. A row that belongs to neither is left alone.

# dw:ignore DW221 numbers and addresses that Dataverse has no room for are listed, never cut
map "contact_persons" {
  fno       = "CDSContactPersonsV2"
  dataverse = "contacts"
  key       = { ContactPersonId = "msdyn_contactpersonid" }
  owner     = "company_team"

  filter {
    fno       = "AssociatedContactType eq 'Vendor'"
    dataverse = "msdyn_contactforvendor eq true and msdyn_sellable eq false and msdyn_contactpersonid ne null"
    on_leave  = "unlink"
  }

  fields "both" {
    FirstName                      = "firstname"
    MiddleName                     = "middlename"
    LastName                       = "lastname"
    EmploymentProfession           = "jobtitle"
    EmploymentDepartment           = "department"
    Notes                          = "description"
    GovernmentIdentificationNumber = "governmentid"
    SpouseName                     = "spousesname"
    IsReceivingDirectMail          = "donotemail" # as in Microsoft's map: yes is yes

    PrimaryAddressStreet          = "address1_line1"
    PrimaryAddressCity            = "address1_city"
    PrimaryAddressCountyId        = "address1_county"
    PrimaryAddressStateId         = "address1_stateorprovince"
    PrimaryAddressZipCode         = "address1_postalcode"
    PrimaryAddressCountryRegionId = "address1_country"

    PrimaryEmailAddress = "emailaddress1"
    PrimaryPhoneNumber  = "telephone1"
    PrimaryFaxNumber    = "fax"
    PrimaryURL          = "websiteurl"
  }

  # F&O numbers its parties.
  fields "to_dataverse" {
    ContactPersonPartyNumber = "msdyn_partynumber"
  }

  # The vendor is part of the key that F&O itself uses, so it never changes.
  lookup "msdyn_vendorcontactid" {
    match   = { AssociatedContactNumber = "msdyn_vendoraccountnumber" }
    writes  = "create"
    missing = "park"
  }

  field "gendercode" {
    fno    = "Gender"
    values = enum.gender
  }

  field "familystatuscode" {
    fno    = "MaritalStatus"
    values = enum.marital_status
  }

  constant "msdyn_contactforvendor" {
    value = true
  }
  constant "msdyn_sellable" {
    value = false
  }

  together = [["address1_line1", "address1_city", "address1_county", "address1_stateorprovince", "address1_postalcode", "address1_country"]]

  # Buyers enter contact persons in F&O, which numbers them. Sales may correct
  # them in Dataverse, but not make new ones; so the constant of the standard map
  # for new ones, AssociatedContactType = Vendor, is left out.
  creates = { to_dataverse = true, to_fno = false }
  deletes = { to_dataverse = "deactivate", to_fno = "ignore" }

  mastering {
    master    = "fno"
    dataverse = ["emailaddress1", "telephone1"]
  }
}
