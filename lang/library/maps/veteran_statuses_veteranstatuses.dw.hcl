# Kinds of veterans, as human resources lists them.

map "veteran_statuses_veteranstatuses" {
  fno       = "VeteranStatuses"
  dataverse = "cdm_veteranstatuses"
  key       = ["VeteranStatusId"]

  fields "both" {
    VeteranStatusId = "cdm_name"

    Description        = "cdm_description"
    IsProtectedVeteran = "cdm_isprotectedveteran"
  }
}
