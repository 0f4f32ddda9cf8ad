# Postal addresses with the time for which they are valid.

map "cds_postal_address_history_v2_postaladdresses" {
  fno       = "CDSPostalAddressHistoryV2"
  dataverse = "msdyn_postaladdresses"
  key       = ["ValidFrom", "LocationId"]

  fields "both" {
    ValidFrom  = "msdyn_validfrom"
    LocationId = "msdyn_postaladdresscollectionid.msdyn_location"

    ValidTo            = "msdyn_validto"
    Description        = "msdyn_name"
    Street             = "msdyn_street"
    StreetNumber       = "msdyn_streetnumber"
    City               = "msdyn_city"
    State              = "msdyn_state"
    CountryRegionId    = "msdyn_countryregionid"
    ZipCode            = "msdyn_zipcode"
    County             = "msdyn_county"
    DistrictName       = "msdyn_district"
    BuildingCompliment = "msdyn_buildingcompliment"
    PostBox            = "msdyn_postbox"
  }
}
