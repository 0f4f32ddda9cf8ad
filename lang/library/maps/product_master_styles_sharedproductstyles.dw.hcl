# Styles in which a product exists.

map "product_master_styles_sharedproductstyles" {
  fno       = "ProductMasterStyles"
  dataverse = "msdyn_sharedproductstyles"
  key       = ["ProductMasterNumber", "ProductStyleId"]

  fields "to_dataverse" {
    ProductMasterNumber = "msdyn_globalproduct.msdyn_productnumber"
    ProductStyleId      = "msdyn_productstyle.msdyn_productstyle"

    ReplenishmentWeight   = "msdyn_replenishmentweight"
    DisplaySequenceNumber = "msdyn_displaysequencenumber"
  }
}
