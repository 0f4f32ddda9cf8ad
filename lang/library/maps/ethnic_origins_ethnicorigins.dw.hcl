# Ethnic origins, as human resources lists them.

map "ethnic_origins_ethnicorigins" {
  fno       = "EthnicOrigins"
  dataverse = "cdm_ethnicorigins"
  key       = ["EthnicOriginId"]

  fields "both" {
    EthnicOriginId = "cdm_name"

    Description = "cdm_description"
  }
}
