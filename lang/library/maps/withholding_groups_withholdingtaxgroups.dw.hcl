# Withholding tax groups.

map "withholding_groups_withholdingtaxgroups" {
  fno       = "WithholdingGroups"
  dataverse = "msdyn_withholdingtaxgroups"
  key       = ["WithholdingTaxGroupCode"]

  fields "both" {
    WithholdingTaxGroupCode = "msdyn_name"

    Description = "msdyn_description"
  }
}
