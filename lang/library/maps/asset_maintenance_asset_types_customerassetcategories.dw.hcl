# Types of maintained assets, which Field Service calls categories.

map "asset_maintenance_asset_types_customerassetcategories" {
  fno       = "AssetMaintenanceAssetTypes"
  dataverse = "msdyn_customerassetcategories"
  key       = ["MaintenanceAssetTypeId"]

  fields "both" {
    MaintenanceAssetTypeId = "msdyn_maintenanceassettypeid"

    Name              = "msdyn_name"
    CalculateKPITotal = "msdyn_calculatekpitotal"

    LifecycleModelId = "msdyn_lifecyclemodel.msdyn_assetlifecyclemodel_id"
  }
}
