# Life-cycle states of maintained assets.

map "asset_maintenance_asset_lifecycle_states_assetlifecyclestates" {
  fno       = "AssetMaintenanceAssetLifecycleStates"
  dataverse = "msdyn_assetlifecyclestates"
  key       = ["LifecycleStateId"]

  fields "both" {
    LifecycleStateId = "msdyn_assetlifecyclestate_id"

    DeleteOpenCalendarLines = "msdyn_deleteopencalendarlines"
    Line                    = "msdyn_line"
    MaintenanceAssetActive  = "msdyn_maintenanceassetactive"
    Name                    = "msdyn_name"
  }
}
