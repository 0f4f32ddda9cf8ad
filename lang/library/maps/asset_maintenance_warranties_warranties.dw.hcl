# Warranties of maintained assets.

map "asset_maintenance_warranties_warranties" {
  fno       = "AssetMaintenanceWarranties"
  dataverse = "msdyn_warranties"
  key       = ["WarrantyId"]

  fields "both" {
    WarrantyId = "msdyn_warranty_id"

    Name = "msdyn_name"
  }
}
