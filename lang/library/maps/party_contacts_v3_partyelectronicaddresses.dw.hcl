# Electronic addresses of parties: e-mail, telephone and the like.

map "party_contacts_v3_partyelectronicaddresses" {
  fno       = "PartyContactsV3"
  dataverse = "msdyn_partyelectronicaddresses"
  key       = ["ElectronicAddressId", "PartyNumber"]

  fields "both" {
    ElectronicAddressId = "msdyn_electronicaddressnumber"
    PartyNumber         = "msdyn_partyid.msdyn_partynumber"

    CountryRegionCode = "msdyn_internationalcallingcode"
    Description       = "msdyn_description"
    Locator           = "msdyn_locator"
    LocatorExtension  = "msdyn_locatorextension"
    IsInstantMessage  = "msdyn_isinstantmessage"
    IsMobilePhone     = "msdyn_ismobile"
    IsPrimary         = "msdyn_isprimary"
    IsPrivate         = "msdyn_isprivate"
    Purpose           = "msdyn_purpose"
  }

  field "msdyn_type" {
    fno = "Type"
    values = {
      Phone    = 192350001
      Email    = 192350002
      URL      = 192350003
      Telex    = 192350004
      Fax      = 192350005
      Facebook = 192350006
      Twitter  = 192350007
      LinkedIn = 192350008
    }
  }
}
