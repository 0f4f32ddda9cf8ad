# Companies: F&O's legal entities. All company-specific rows refer to them.

map "legal_entities_companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]

  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"

    Name = "cdm_name"
  }
}
