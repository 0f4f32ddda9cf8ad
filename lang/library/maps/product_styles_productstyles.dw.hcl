# Styles that product variants can have.

map "product_styles_productstyles" {
  fno       = "ProductStyles"
  dataverse = "msdyn_productstyles"
  key       = ["StyleId"]

  fields "to_dataverse" {
    StyleId = "msdyn_productstyle"
  }
}
