# Numbers and names of all products and their variants, across companies.

map "all_products_globalproducts" {
  fno       = "AllProducts"
  dataverse = "msdyn_globalproducts"
  key       = ["ProductNumber"]

  fields "to_dataverse" {
    ProductNumber = "msdyn_productnumber"

    ProductName = "msdyn_productname"
  }
}
