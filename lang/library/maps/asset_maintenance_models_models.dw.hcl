# Models of maintained assets by manufacturer.

map "asset_maintenance_models_models" {
  fno       = "AssetMaintenanceModels"
  dataverse = "msdyn_models"
  key       = ["ProductId", "ModelId"]

  fields "both" {
    ProductId = "msdyn_manufacturer.msdyn_manufacturer_id"
    ModelId   = "msdyn_model_id"

    Description = "msdyn_description"

    MaintenanceAssetTypeId = "msdyn_maintenanceassettype.msdyn_maintenanceassettypeid"
  }
}
