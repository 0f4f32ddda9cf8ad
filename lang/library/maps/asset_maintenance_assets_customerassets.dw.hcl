# Maintained assets with purchase, warranty and the place where they stand.

map "asset_maintenance_assets_customerassets" {
  fno       = "AssetMaintenanceAssets"
  dataverse = "msdyn_customerassets"
  key       = ["MaintenanceAssetId"]

  fields "both" {
    MaintenanceAssetId = "msdyn_maintenanceassetid"

    AcquisitionCost      = "msdyn_acquisitioncost"
    AcquisitionDate      = "msdyn_acquisitiondate"
    ActiveFrom           = "msdyn_activefrom"
    ActiveTo             = "msdyn_activeto"
    ModelYear            = "msdyn_modelyear"
    Name                 = "msdyn_name"
    Notes                = "msdyn_notes"
    PurchaseOrderId      = "msdyn_purchaseorderid"
    ReplacementDate      = "msdyn_replacementdate"
    ReplacementValue     = "msdyn_replacementvalue"
    SerialID             = "msdyn_serialid"
    VendAccount          = "msdyn_vendaccount"
    WarrantyDateFromVend = "msdyn_warrantydatefromvend"
    WrkCtrId             = "msdyn_wrkctrid"
    FixedAssetId         = "msdyn_fixedassetid"

    FunctionalLocationId             = "msdyn_functionallocation.msdyn_functionallocation_id"
    MaintenanceAssetLifecycleStateId = "msdyn_assetlifecyclestate.msdyn_assetlifecyclestate_id"
    WarrantyId                       = "msdyn_warranty.msdyn_warranty_id"
    ParentMaintenanceAssetId         = "msdyn_parentasset.msdyn_maintenanceassetid"
    MaintenanceAssetTypeId           = "msdyn_customerassetcategory.msdyn_maintenanceassettypeid"
    ProductId                        = "msdyn_manufacturer.msdyn_manufacturer_id"
  }

  lookup "msdyn_model" {
    match = {
      ModelId        = "msdyn_model_id"
      ModelProductId = "msdyn_manufacturer.msdyn_manufacturer_id"
    }
  }
}
