# Groups of storage dimensions: how stock of a product is kept apart.
#
# The name of the entity set is not confirmed by any metadata that we have seen.

map "storage_dimension_groups_productstoragedimensiongroups" {
  fno       = "StorageDimensionGroups"
  dataverse = "msdyn_productstoragedimensiongroups"
  key       = ["GroupName"]

  fields "both" {
    GroupName = "msdyn_groupname"

    WillSalesPriceSearchUseWarehouse               = "msdyn_willsalespricesearchusewarehouse"
    WillSalesPriceSearchUseSite                    = "msdyn_willsalespricesearchusesite"
    WillSalesPriceSearchUseInventoryStatus         = "msdyn_willsalespricesearchuseinventorystatus"
    WillPurchasePriceSearchUseWarehouse            = "msdyn_willpurchasepricesearchusewarehouse"
    WillPurchasePriceSearchUseSite                 = "msdyn_willpurchasepricesearchusesite"
    WillPurchasePriceSearchUseInventoryStatus      = "msdyn_willpurchpricesearchuseinventstatus"
    WillCoveragePlanningUseWarehouse               = "msdyn_willcoverageplanusewarehouse"
    WillCoveragePlanningUseLocation                = "msdyn_iscoverageplanenabledforlocation"
    WillCoveragePlanningUseInventoryStatus         = "msdyn_willcoverageplanuseinventorystatus"
    AreAdvancedWarehouseManagementProcessesEnabled = "msdyn_areadvancedwmprocessesenabled"
    IsWarehousePrimaryStorageDimension             = "msdyn_iswarehouseprimarystoragedimension"
    IsWarehouseMandatory                           = "msdyn_iswarehousemandatory"
    IsPhysicalInventoryEnabledForWarehouse         = "msdyn_isphysicalinventoryenabledforwarehouse"
    IsPhysicalInventoryEnabledForLocation          = "msdyn_isphysicalinventoryenabledforlocation"
    IsLocationActive                               = "msdyn_islocationactive"
    IsFinancialInventoryEnabledForWarehouse        = "msdyn_isfinancialinventoryenabledforwarehouse"
    GroupDescription                               = "msdyn_groupdescription"
    IsBlankReceiptAllowedForLocation               = "msdyn_isblankreceiptallowedforlocation"
    IsBlankIssueAllowedForLocation                 = "msdyn_isblankissueallowedforlocation"
  }
}
