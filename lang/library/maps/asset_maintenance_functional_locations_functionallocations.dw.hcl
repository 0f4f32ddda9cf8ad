# Functional locations: the places in which assets are installed, as a tree.

map "asset_maintenance_functional_locations_functionallocations" {
  fno       = "AssetMaintenanceFunctionalLocations"
  dataverse = "msdyn_functionallocations"
  key       = ["FunctionalLocationId"]

  fields "both" {
    FunctionalLocationId = "msdyn_functionallocation_id"

    InventoryLocationId = "msdyn_inventorylocationid"
    InventorySiteId     = "msdyn_inventorysiteid"
    Name                = "msdyn_name"
    Notes               = "msdyn_notes"

    ParentFunctionalLocationId         = "msdyn_parentfunctionallocation.msdyn_functionallocation_id"
    FunctionalLocationLifecycleStateId = "msdyn_functionallocationlifecyclestate.msdyn_functionallocationlifecyclestate_id"
    FunctionalLocationTypeId           = "msdyn_functionallocationtype.msdyn_functionallocationtype_id"
  }
}
