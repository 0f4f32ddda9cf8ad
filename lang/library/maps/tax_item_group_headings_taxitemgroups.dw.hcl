# Sales tax groups of items.

map "tax_item_group_headings_taxitemgroups" {
  fno       = "TaxItemGroupHeadings"
  dataverse = "msdyn_taxitemgroups"
  key       = ["TaxItemGroup"]

  fields "both" {
    TaxItemGroup = "msdyn_name"

    Name = "msdyn_description"
  }
}
