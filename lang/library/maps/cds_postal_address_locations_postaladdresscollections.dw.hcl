# Locations: what stays the same when an address changes.

map "cds_postal_address_locations_postaladdresscollections" {
  fno       = "CDSPostalAddressLocations"
  dataverse = "msdyn_postaladdresscollections"
  key       = ["LocationId"]

  fields "both" {
    LocationId = "msdyn_location"

    Description = "msdyn_description"
  }
}
