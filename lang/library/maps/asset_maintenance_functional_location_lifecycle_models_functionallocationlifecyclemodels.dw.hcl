# Life-cycle models of functional locations.
#
# The name of the entity set is not confirmed by any metadata that we have seen.

map "asset_maintenance_functional_location_lifecycle_models_functionallocationlifecyclemodels" {
  fno       = "AssetMaintenanceFunctionalLocationLifecycleModels"
  dataverse = "msdyn_functionallocationlifecyclemodels"
  key       = ["LifecycleModelId"]

  fields "both" {
    LifecycleModelId = "msdyn_functionallocationlifecyclemodel_id"

    Name = "msdyn_name"
  }
}
