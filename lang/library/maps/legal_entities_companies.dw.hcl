# Companies: F&O's legal entities. All company-specific rows refer to them.
#
# Companies belong to no company, so the link's list does not narrow them: a filter does, such as
# fno = "LegalEntityId eq 'USMF'" and dataverse = "cdm_companycode eq 'USMF'".

map "legal_entities_companies" {
  fno       = "LegalEntities"
  dataverse = "cdm_companies"
  key       = ["LegalEntityId"]

  fields "to_dataverse" {
    LegalEntityId = "cdm_companycode"

    Name = "cdm_name"
  }
}
