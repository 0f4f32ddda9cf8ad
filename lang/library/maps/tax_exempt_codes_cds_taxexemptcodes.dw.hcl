# Reasons for being exempt from sales tax.
#
# The name of the entity set is not confirmed by any metadata that we have seen.

map "tax_exempt_codes_cds_taxexemptcodes" {
  fno       = "TaxExemptCodesCDS"
  dataverse = "msdyn_taxexemptcodes"
  key       = ["Name"]

  fields "both" {
    Name = "msdyn_name"

    Description = "msdyn_description"
  }
}
