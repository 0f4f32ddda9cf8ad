# Which party uses which postal address, and for what.

map "cds_party_postal_address_locations_partypostaladdresses" {
  fno       = "CDSPartyPostalAddressLocations"
  dataverse = "msdyn_partypostaladdresses"
  key       = ["LocationId", "PartyNumber"]

  fields "both" {
    LocationId  = "msdyn_postaladdresscollectionid.msdyn_location"
    PartyNumber = "msdyn_partyid.msdyn_partynumber"

    IsPrimary = "msdyn_isprimary"
    Purpose   = "msdyn_postaladdresspurposenames"
  }

  fields "to_dataverse" {
    IsLocationOwner = "msdyn_islocationowner"
  }
}
