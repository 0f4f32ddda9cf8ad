# Life-cycle states of functional locations and what each of them allows.
#
# The name of the entity set is not confirmed by any metadata that we have seen.

map "asset_maintenance_functional_location_lifecycle_states_functionallocationlifecyclestates" {
  fno       = "AssetMaintenanceFunctionalLocationLifecycleStates"
  dataverse = "msdyn_functionallocationlifecyclestates"
  key       = ["LifecycleStateId"]

  fields "both" {
    LifecycleStateId = "msdyn_functionallocationlifecyclestate_id"

    AllowDeleteLocation            = "msdyn_allowdeletelocation"
    AllowNewSubLocations           = "msdyn_allownewsublocations"
    AllowRenameLocation            = "msdyn_allowrenamelocation"
    FunctionalLocationActive       = "msdyn_functionallocationactive"
    Name                           = "msdyn_name"
    AllowInstallMaintenanceAssets  = "msdyn_allowinstallmaintenanceassets"
    CreateLocationMaintenanceAsset = "msdyn_createlocationmaintenanceasset"

    MaintenanceAssetLifecycleStateId = "msdyn_assetlifecyclestate.msdyn_assetlifecyclestate_id"
  }
}
