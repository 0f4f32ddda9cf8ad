# Sizes in which a product exists.

map "product_master_sizes_sharedproductsizes" {
  fno       = "ProductMasterSizes"
  dataverse = "msdyn_sharedproductsizes"
  key       = ["ProductMasterNumber", "ProductSizeId"]

  fields "to_dataverse" {
    ProductMasterNumber = "msdyn_globalproduct.msdyn_productnumber"
    ProductSizeId       = "msdyn_productsize.msdyn_productsize"

    ReplenishmentWeight   = "msdyn_replenishmentweight"
    DisplaySequenceNumber = "msdyn_displaysequencenumber"
  }
}
