# Manufacturers of maintained assets, which F&O keeps as asset products.

map "asset_maintenance_products_manufacturers" {
  fno       = "AssetMaintenanceProducts"
  dataverse = "msdyn_manufacturers"
  key       = ["ProductId"]

  fields "both" {
    ProductId = "msdyn_manufacturer_id"

    Description = "msdyn_description"
  }
}
