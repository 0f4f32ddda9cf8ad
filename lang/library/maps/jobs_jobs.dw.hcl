# Jobs with title, type and function.

map "jobs_jobs" {
  fno       = "Jobs"
  dataverse = "cdm_jobs"
  key       = ["JobId"]

  fields "both" {
    JobId = "cdm_name"

    MaximumNumberOfPositions = "cdm_maximumnumberofpositions"
    AllowUnlimitedPositions  = "cdm_allowunlimitedpositions"
    Description              = "cdm_description"
    JobDescription           = "cdm_jobdescription"
    Effective                = "cdm_validfrom"
    Expiration               = "cdm_validto"
    FullTimeEquivalent       = "cdm_defaultfulltimeequivalent"

    JobTypeId  = "cdm_jobtypeid.cdm_name"
    FunctionId = "cdm_jobfunctionid.cdm_name"
  }
}
