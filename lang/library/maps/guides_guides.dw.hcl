# Guides of Dynamics 365 Guides, so that F&O can refer to them.

map "guides_guides" {
  fno       = "Guides"
  dataverse = "msmrw_guides"
  key       = ["IntegrationKey"]

  fields "to_fno" {
    IntegrationKey = "msmrw_integrationkey"

    Name           = "msmrw_name"
    SchemaVersion  = "msmrw_schemaversion"
    GuideID        = "msmrw_guideid"
    CreatedOn      = "createdon"
    LastModifiedOn = "modifiedon"
  }
}
