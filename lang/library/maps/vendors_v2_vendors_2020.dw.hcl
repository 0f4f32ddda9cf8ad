# Vendors, organizations and persons alike, without the party model: names, addresses and contacts
# stand on the vendor.

map "vendors_v2_vendors_2020" {
  fno       = "VendorsV2"
  dataverse = "msdyn_vendors"
  key       = ["VendorAccountNumber"]

  filter {
    fno = "VendorPartyType eq 'Organization' or VendorPartyType eq 'Person'"
  }

  fields "both" {
    VendorAccountNumber = "msdyn_vendoraccountnumber"

    VendorOrganizationName         = "msdyn_name"
    PersonFirstName                = "msdyn_firstname"
    PersonLastName                 = "msdyn_lastname"
    CreditLimit                    = "msdyn_vendorcreditlimit"
    IsForeignEntity                = "msdyn_isforeignentity"
    IsOneTimeVendor                = "msdyn_isonetimevendor"
    PersonChildrenNames            = "msdyn_childrennames"
    CreditRating                   = "msdyn_creditrating"
    DUNSNumber                     = "msdyn_dunsnumber"
    EthnicOriginId                 = "msdyn_ethnicorigin"
    PersonHobbies                  = "msdyn_hobbies"
    PersonInitials                 = "msdyn_initials"
    PersonLastNamePrefix           = "msdyn_lastnameprefix"
    PersonMiddleName               = "msdyn_middlename"
    OrganizationNumber             = "msdyn_organizationnumber"
    OurAccountNumber               = "msdyn_ourvendoraccountnumber"
    PaymentId                      = "msdyn_paymentid"
    PersonPhoneticFirstName        = "msdyn_phoneticfirstname"
    PersonPhoneticMiddleName       = "msdyn_phoneticmiddlename"
    PersonPhoneticLastName         = "msdyn_phoneticlastname"
    OrganizationPhoneticName       = "msdyn_organizationphoneticname"
    PrimaryURL                     = "msdyn_primarycontacturl"
    PrimaryEmailAddress            = "msdyn_primaryemailaddress"
    PrimaryEmailAddressDescription = "msdyn_primaryemailaddressdescription"
    PrimaryFacebook                = "msdyn_primaryfacebook"
    PrimaryFacebookDescription     = "msdyn_primaryfacebookdescription"
    PrimaryFaxNumber               = "msdyn_primaryfaxnumber"
    PrimaryFaxNumberDescription    = "msdyn_primaryfaxnumberdescription"
    PrimaryFaxNumberExtension      = "msdyn_primaryfaxnumberextension"
    PrimaryLinkedIn                = "msdyn_primarylinkedin"
    PrimaryLinkedInDescription     = "msdyn_primarylinkedindescription"
    PrimaryPhoneNumber             = "msdyn_pimaryphonenumber" # Microsoft's spelling
    PrimaryPhoneNumberDescription  = "msdyn_primaryphonenumberdescription"
    PrimaryPhoneNumberExtension    = "msdyn_primaryphonenumberextension"
    PrimaryTelex                   = "msdyn_primarytelex"
    PrimaryTelexDescription        = "msdyn_primarytelexdescription"
    PrimaryTwitter                 = "msdyn_primarytwitter"
    PrimaryTwitterDescription      = "msdyn_primarytwitterdescription"
    PrimaryURLDescription          = "msdyn_primaryurldescription"
    PersonProfessionalSuffix       = "msdyn_professionalsuffix"
    PersonProfessionalTitle        = "msdyn_professionatitle" # Microsoft's spelling
    VendorKnownAsName              = "msdyn_vendorknownasname"
    HasOnlyTakenBids               = "msdyn_hasonlytakenbids"
    IsMinorityOwned                = "msdyn_isminorityowned"
    IsVendorLocallyOwned           = "msdyn_isvendorlocallyowned"
    IsServiceVeteranOwned          = "msdyn_isserviceveteranowned"
    IsOwnerDisabled                = "msdyn_ownerisdisabled"
    IsWomanOwner                   = "msdyn_womanowner"
    PersonAnniversaryDay           = "msdyn_personanniversaryday"
    PersonAnniversaryYear          = "msdyn_anniversaryyear"
    PersonBirthDay                 = "msdyn_birthday"
    PersonBirthYear                = "msdyn_birthyear"
    OrganizationEmployeeAmount     = "msdyn_numberofemployees"
    VendorHoldReleaseDate          = "msdyn_vendoronholdreleasedate"
    VendorPartyNumber              = "msdyn_vendorpartynumber"
    IsVendorLocatedInHUBZone       = "msdyn_isvendorlocatedinhubzone"
    ArePricesIncludingSalesTax     = "msdyn_priceincludessalestax"

    VendorGroupId                  = "msdyn_vendorgroupid.msdyn_vendorgroup"
    DefaultPaymentDayName          = "msdyn_defaultpaymentdayname.msdyn_name"
    DefaultPaymentScheduleName     = "msdyn_paymentschedule.msdyn_name"
    DefaultPaymentTermsName        = "msdyn_paymentterms.msdyn_name"
    CurrencyCode                   = "msdyn_currencycode.isocurrencycode"
    DefaultVendorPaymentMethodName = "msdyn_vendorpaymentmethod.msdyn_name"
    InvoiceVendorAccountNumber     = "msdyn_invoicevendoraccountnumber.msdyn_vendoraccountnumber"
    SalesTaxGroupCode              = "msdyn_taxgroup.msdyn_name"
    PrimaryContactPersonId         = "msdyn_vendorprimarycontactperson.msdyn_contactpersonid"

    AddressBuildingCompliment   = "msdyn_addressbuildingcompliment"
    AddressCity                 = "msdyn_addresscity"
    AddressCountryRegionId      = "msdyn_addresscountryregionid"
    AddressCountryRegionISOCode = "msdyn_addresscountryregionisocode"
    AddressCountyId             = "msdyn_addresscountyid"
    AddressDescription          = "msdyn_addressdescription"
    AddressDistrictName         = "msdyn_addressdistrictname"
    FormattedPrimaryAddress     = "msdyn_formattedprimaryaddress"
    AddressPostBox              = "msdyn_addresspostbox"
    AddressStateId              = "msdyn_addressstateid"
    AddressStreet               = "msdyn_addressstreet"
    AddressStreetNumber         = "msdyn_addressstreetnumber"
    AddressZipCode              = "msdyn_addresszipcode"
    AddressLocationId           = "msdyn_addresslocationid"
  }

  fields "to_dataverse" {
    AddressLatitude  = "msdyn_addresslatitude"
    AddressLongitude = "msdyn_addresslongitude"
  }

  field "msdyn_isperson" {
    fno    = "VendorPartyType"
    values = { Person = true, Organization = false }
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

  # Left out:
  #   LanguageId = msdyn_language: nobody documents the values of the column
  #   PersonAnniversaryMonth = msdyn_vendorpersonanniversarymonth: nobody documents the values of the column
  #   PersonBirthMonth = msdyn_vendorpersonbirthmonth: nobody documents the values of the column
  #   PersonMaritalStatus = msdyn_maritalstatus: nobody documents the values of the column
  #   PersonGender = msdyn_gender: nobody documents the values of the column
}
