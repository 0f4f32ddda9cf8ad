# Colours in which a product exists.

map "product_master_colors_sharedproductcolors" {
  fno       = "ProductMasterColors"
  dataverse = "msdyn_sharedproductcolors"
  key       = ["ProductMasterNumber", "ProductColorId"]

  fields "to_dataverse" {
    ProductMasterNumber = "msdyn_globalproduct.msdyn_productnumber"
    ProductColorId      = "msdyn_productcolor.msdyn_productcolorname"

    ReplenishmentWeight   = "msdyn_replenishmentweight"
    DisplaySequenceNumber = "msdyn_displaysequencenumber"
  }
}
