# Colours that product variants can have.

map "product_colors_productcolors" {
  fno       = "ProductColors"
  dataverse = "msdyn_productcolors"
  key       = ["ColorId"]

  fields "to_dataverse" {
    ColorId = "msdyn_productcolorname"
  }
}
