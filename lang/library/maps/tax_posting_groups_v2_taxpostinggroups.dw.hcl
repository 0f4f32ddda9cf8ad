# Groups of ledger accounts to which sales tax is posted.
#
# The fields of the entity are taken from its sister entity; only the name is known for sure.

map "tax_posting_groups_v2_taxpostinggroups" {
  fno       = "TaxPostingGroupsV2"
  dataverse = "msdyn_taxpostinggroups"
  key       = ["TaxPostingGroupCode"]

  fields "both" {
    TaxPostingGroupCode = "msdyn_name"

    Description = "msdyn_description"
  }
}
