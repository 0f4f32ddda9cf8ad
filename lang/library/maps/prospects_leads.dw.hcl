# Prospects of commerce between businesses, as leads.

map "prospects_leads" {
  fno       = "Prospects"
  dataverse = "leads"
  key       = ["ProspectId"]

  filter {
    fno       = "IsB2BProspect eq 'Yes'"
    dataverse = "msdyn_b2bcommerceprospect eq true"
  }

  fields "both" {
    ProspectId = "msdyn_prospectid"

    ProspectName                   = "fullname"
    PrimaryPhoneNumber             = "telephone1"
    PrimaryPhoneNumberExtension    = "msdyn_telephone1extension"
    PrimaryPhoneNumberDescription  = "description"
    PrimaryEmailAddress            = "emailaddress1"
    PrimaryEmailAddressDescription = "msdyn_emailaddress1description"
    PrimaryURL                     = "websiteurl"
    PrimaryURLDescription          = "msdyn_websiteurldescription"
    CompanyName                    = "companyname"
    CompanySize                    = "numberofemployees"
    PrimaryFaxNumber               = "fax"
    PrimaryFaxNumberDescription    = "msdyn_faxdescription"
    PrimaryFaxNumberExtension      = "msdyn_faxextension"
    IsB2BProspect                  = "msdyn_b2bcommerceprospect"

    ProspectPartyNumber                   = "msdyn_partyid.msdyn_partynumber"
    CurrencyCode                          = "transactioncurrencyid.isocurrencycode"
    CustomerGroupId                       = "msdyn_customergroupid.msdyn_groupid"
    SalesTaxGroupCode                     = "msdyn_salestaxgroup.msdyn_name"
    RetailChannelOperatingUnitPartyNumber = "msdyn_retailchannel.msdyn_partynumber"

    AddressCity                 = "address1_city"
    AddressCountryRegionISOCode = "address1_country"
    AddressCountyId             = "address1_county"
    AddressStateId              = "address1_stateorprovince"
    AddressStreet               = "address1_line1"
    AddressZipCode              = "address1_postalcode"
    AddressPostBox              = "address1_postofficebox"
    AddressLatitude             = "address1_latitude"
    AddressLongitude            = "address1_longitude"
  }

  field "msdyn_b2bprospectstatus" {
    fno = "B2BProspectStatus"
    values = {
      Pending  = 192350000
      Approved = 192350001
      Rejected = 192350002
    }
    otherwise = null # Unknown
  }

  constant "AddressLocationRoles" {
    side  = "fno"
    value = "Business"
  }

  constant "address1_addresstypecode" {
    value = 1
  }
}
