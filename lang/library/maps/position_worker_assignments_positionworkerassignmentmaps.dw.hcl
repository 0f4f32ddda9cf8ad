# Which worker holds which position, and when.

map "position_worker_assignments_positionworkerassignmentmaps" {
  fno       = "PositionWorkerAssignments"
  dataverse = "cdm_positionworkerassignmentmaps"
  key       = ["PositionId", "ValidFrom", "ValidTo"]

  fields "both" {
    PositionId = "cdm_jobpositionid.cdm_jobpositionnumber"
    ValidFrom  = "cdm_validfrom"
    ValidTo    = "cdm_validto"

    PersonnelNumber = "cdm_workerid.cdm_workernumber"
  }
}
