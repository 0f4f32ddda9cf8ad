# Legal entities as internal organizations, for hierarchies of the organization.
#
# Operating units fill the same table. What a row is stands in msdyn_type.

map "legal_entities_internalorganizations" {
  fno       = "LegalEntities"
  dataverse = "msdyn_internalorganizations"
  key       = ["PartyNumber"]

  fields "to_dataverse" {
    PartyNumber = "msdyn_partynumber"

    NameAlias     = "msdyn_namealias"
    LanguageId    = "msdyn_languageid"
    Name          = "msdyn_name"
    LegalEntityId = "msdyn_companycode"
  }

  constant "msdyn_type" {
    value = 806380000
  }
}
