# Positions: the places that workers hold.

map "positions_v2_jobpositions" {
  fno       = "PositionsV2"
  dataverse = "cdm_jobpositions"
  key       = ["PositionId"]

  fields "both" {
    PositionId = "cdm_jobpositionnumber"

    Description            = "cdm_description"
    Activation             = "cdm_activation"
    AvailableForAssignment = "cdm_availableforassignment"
    FullTimeEquivalent     = "cdm_fulltimeequivalent"
    DetailEffective        = "cdm_validfrom"
    DetailExpiration       = "cdm_validto"
    Retirement             = "cdm_retirement"

    PositionTypeId = "cdm_positiontypeid.cdm_name"
    JobId          = "cdm_jobid.cdm_name"
  }
}
