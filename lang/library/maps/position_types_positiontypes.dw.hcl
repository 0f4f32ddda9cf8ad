# Types of positions, such as full time.
#
# The documentation writes "blank" for the last value of the classification; None is meant, as it
# seems.

map "position_types_positiontypes" {
  fno       = "PositionTypes"
  dataverse = "cdm_positiontypes"
  key       = ["PositionTypeId"]

  fields "both" {
    PositionTypeId = "cdm_name"

    Description = "cdm_description"
  }

  field "cdm_classification" {
    fno    = "Classification"
    values = { FullTime = 754400000, PartTime = 754400001, None = 754400002 }
  }
}
