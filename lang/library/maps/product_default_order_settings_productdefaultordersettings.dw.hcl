# Defaults for ordering a product in a company: quantities, lead times, sites.

enum "product_default_order_settings_productdefaultordersettings_inventoryorderpromisingmethod" {
  values = {
    None               = 192350000
    SalesLeadTime      = 192350001
    ATP                = 192350002
    ATPPlusIssueMargin = 192350003
    CTP                = 192350004
  }
  otherwise = null # FullRunCTP
}

map "product_default_order_settings_productdefaultordersettings" {
  fno       = "ProductDefaultOrderSettings"
  dataverse = "msdyn_productdefaultordersettings"
  key       = ["ItemNumber"]

  fields "both" {
    ItemNumber = "msdyn_itemnumber.msdyn_itemnumber"

    InventoryATPDelayedDemandOffsetDays          = "msdyn_inventoryatpdelayeddemandoffsetdays"
    InventoryATPDelayedSupplyOffsetDays          = "msdyn_inventoryatpdelayedsupplyoffsetdays"
    InventoryATPBackwardDemandTimeFenceDays      = "msdyn_inventoryatpbackwarddemandtimefencedays"
    InventoryATPBackwardSupplyTimeFenceDays      = "msdyn_inventoryatpbackwardsupplytimefencedays"
    InventoryATPTimeFenceDays                    = "msdyn_inventoryatptimefencedays"
    MaximumInventoryOrderQuantity                = "msdyn_maximuminventoryorderquantity"
    MaximumProcurementOrderQuantity              = "msdyn_maximumprocurementorderquantity"
    MaximumSalesOrderQuantity                    = "msdyn_maximumsalesorderquantity"
    MinimumInventoryOrderQuantity                = "msdyn_minimuminventoryorderquantity"
    MinimumProcurementOrderQuantity              = "msdyn_minimumprocurementorderquantity"
    MinimumSalesOrderQuantity                    = "msdyn_minimumsalesorderquantity"
    StandardInventoryOrderQuantity               = "msdyn_standardinventoryorderquantity"
    StandardProcurementOrderQuantity             = "msdyn_standardprocurementorderquantity"
    StandardSalesOrderQuantity                   = "msdyn_standardsalesorderquantity"
    InventoryLeadTimeDays                        = "msdyn_inventoryleadtimedays"
    InventoryQuantityMultiples                   = "msdyn_inventoryquantitymultiples"
    ProcurementQuantityMultiples                 = "msdyn_procurementquantitymultiples"
    SalesQuantityMultiples                       = "msdyn_salesquantitymultiples"
    ProcurementLeadTimeDays                      = "msdyn_procurementleadtimedays"
    SalesATPDelayedDemandOffsetDays              = "msdyn_salesatpdelayeddemandoffsetdays"
    SalesATPDelayedSupplyOffsetDays              = "msdyn_salesatpdelayedsupplyoffsetdays"
    SalesATPBackwardDemandTimeFenceDays          = "msdyn_salesatpbackwarddemandtimefencedays"
    SalesATPBackwardSupplyTimeFenceDays          = "msdyn_salesatpbackwardsupplytimefencedays"
    SalesATPTimeFenceDays                        = "msdyn_salesatptimefencedays"
    SalesLeadTimeDays                            = "msdyn_salesleadtimedays"
    AreInventoryOrderPromisingDefaultsOverridden = "msdyn_areinventoryorderdefaultsoverridden"
    IsInventoryATPIncludingPlannedOrders         = "msdyn_isinventoryatpincludingplannedorders"
    IsInventoryUsingWorkingDays                  = "msdyn_isinventoryusingworkingdays"
    IsInventorySiteMandatory                     = "msdyn_isinventorysitemandatory"
    IsInventoryProcessingStopped                 = "msdyn_isinventoryprocessingstopped"
    IsProcurementUsingWorkingDays                = "msdyn_isprocurementusingworkingdays"
    IsProcurementSiteMandatory                   = "msdyn_isprocurementsitemandatory"
    IsProcurementProcessingstopped               = "msdyn_isprocurementprocessingstopped"
    AreSalesOrderPromisingDefaultsOverridden     = "msdyn_aresalesorderdefaultsoverridden"
    IsSalesATPIncludingPlannedOrders             = "msdyn_issalesatpincludingplannedorders"
    IsSalesSiteMandatory                         = "msdyn_issalessitemandatory"
    IsSalesLeadTimeOverridden                    = "msdyn_issalesleadtimeoverridden"
    IsSalesProcessingStopped                     = "msdyn_issalesprocessingstopped"
    IsInventoryWarehouseMandatory                = "msdyn_isinventorywarehousemandatory"
    IsProcurementWarehouseMandatory              = "msdyn_isprocurementwarehousemandatory"
    IsSalesWarehouseMandatory                    = "msdyn_issaleswarehousemandatory"

    InventWarehouseId      = "msdyn_inventorywarehouse.msdyn_warehouseidentifier"
    InventorySiteId        = "msdyn_inventorysite.msdyn_siteid"
    ProcurementSiteId      = "msdyn_procurementsite.msdyn_siteid"
    SalesSiteId            = "msdyn_salessite.msdyn_siteid"
    ProcurementWarehouseId = "msdyn_procurementwarehouse.msdyn_warehouseidentifier"
    SalesWarehouseId       = "msdyn_saleswarehouse.msdyn_warehouseidentifier"
  }

  field "msdyn_inventoryorderpromisingmethod" {
    fno    = "InventoryOrderPromisingMethod"
    values = enum.product_default_order_settings_productdefaultordersettings_inventoryorderpromisingmethod
  }

  field "msdyn_salesorderpromisingmethod" {
    fno    = "SalesOrderPromisingMethod"
    values = enum.product_default_order_settings_productdefaultordersettings_inventoryorderpromisingmethod
  }
}
