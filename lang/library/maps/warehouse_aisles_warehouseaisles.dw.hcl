# Aisles of warehouses.

map "warehouse_aisles_warehouseaisles" {
  fno       = "WarehouseAisles"
  dataverse = "msdyn_warehouseaisles"
  key       = ["WarehouseId", "AisleId"]

  fields "both" {
    WarehouseId = "msdyn_warehouse.msdyn_warehouseidentifier"
    AisleId     = "msdyn_aisleid"

    AisleNumber                       = "msdyn_aislenumber"
    AisleName                         = "msdyn_aislename"
    ManualStartingSortOrderCode       = "msdyn_manualstartingsortordercode"
    IsSortOrderCodeAssignedDescending = "msdyn_issortordercodeassigneddescending"
  }
}
