# Modes of delivery.

map "transportation_modes_shipvias" {
  fno       = "TransportationModes"
  dataverse = "msdyn_shipvias"
  key       = ["ModeCode"]

  fields "both" {
    ModeCode = "msdyn_name"

    ModeDescription = "msdyn_description"
  }
}
