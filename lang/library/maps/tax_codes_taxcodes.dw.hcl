# Sales tax codes, by their code only.
#
# The name of the entity set is not confirmed by any metadata that we have seen.

map "tax_codes_taxcodes" {
  fno       = "TaxCodes"
  dataverse = "msdyn_taxcodes"
  key       = ["TaxCode"]

  fields "to_dataverse" {
    TaxCode = "msdyn_name"
  }
}
