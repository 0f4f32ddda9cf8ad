# Sizes that product variants can have.

map "product_sizes_productsizes" {
  fno       = "ProductSizes"
  dataverse = "msdyn_productsizes"
  key       = ["SizeId"]

  fields "to_dataverse" {
    SizeId = "msdyn_productsize"
  }
}
