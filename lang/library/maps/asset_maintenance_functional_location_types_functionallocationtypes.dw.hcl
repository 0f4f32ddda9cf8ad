# Types of functional locations.

map "asset_maintenance_functional_location_types_functionallocationtypes" {
  fno       = "AssetMaintenanceFunctionalLocationTypes"
  dataverse = "msdyn_functionallocationtypes"
  key       = ["FunctionalLocationTypeId"]

  fields "both" {
    FunctionalLocationTypeId = "msdyn_functionallocationtype_id"

    AllowMultipleInstalledAssets = "msdyn_allowmultipleinstalledassets"
    Name                         = "msdyn_name"
    UpdateAssetDimension         = "msdyn_updateassetdimension"

    LifecycleModelId       = "msdyn_lifecyclemodelid.msdyn_functionallocationlifecyclemodel_id"
    MaintenanceAssetTypeId = "msdyn_maintenanceassettype.msdyn_maintenanceassettypeid"
  }
}
