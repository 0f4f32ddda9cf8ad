# Sales tax groups of customers and vendors.

map "tax_groups_taxgroups" {
  fno       = "TaxGroups"
  dataverse = "msdyn_taxgroups"
  key       = ["TaxGroupCode"]

  fields "both" {
    TaxGroupCode = "msdyn_name"

    Description = "msdyn_description"
  }
}
