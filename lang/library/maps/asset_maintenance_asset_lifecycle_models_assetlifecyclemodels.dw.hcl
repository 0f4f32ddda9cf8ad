# Life-cycle models of maintained assets: which state an asset has when it arrives, is stored, lent
# or returned.

map "asset_maintenance_asset_lifecycle_models_assetlifecyclemodels" {
  fno       = "AssetMaintenanceAssetLifecycleModels"
  dataverse = "msdyn_assetlifecyclemodels"
  key       = ["LifecycleModelId"]

  fields "both" {
    LifecycleModelId = "msdyn_assetlifecyclemodel_id"

    Name = "msdyn_name"

    ActiveLifecycleStateId    = "msdyn_activelifecyclestate.msdyn_assetlifecyclestate_id"
    InboundLifecycleStateId   = "msdyn_inboundlifecyclestate.msdyn_assetlifecyclestate_id"
    InStorageLifecycleStateId = "msdyn_instoragelifecyclestate.msdyn_assetlifecyclestate_id"
    OnLoanLifecycleStateId    = "msdyn_onloanlifecyclestate.msdyn_assetlifecyclestate_id"
    OutboundLifecycleStateId  = "msdyn_outboundlifecyclestate.msdyn_assetlifecyclestate_id"
    ReceivedLifecycleStateId  = "msdyn_receivedlifecyclestate.msdyn_assetlifecyclestate_id"
  }
}
