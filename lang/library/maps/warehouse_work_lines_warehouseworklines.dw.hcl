# Lines of work in warehouses: picks and puts.

map "warehouse_work_lines_warehouseworklines" {
  fno       = "WarehouseWorkLines"
  dataverse = "msdyn_warehouseworklines"
  key       = ["WarehouseWorkId", "WorkLineNumber"]

  fields "to_dataverse" {
    WarehouseWorkId = "msdyn_warehousework.msdyn_warehouseworkid"
    WorkLineNumber  = "msdyn_worklinenumber"

    ActualProcessingTimeSeconds           = "msdyn_actualprocessingtimeseconds"
    EstimatedProcessingTimeSeconds        = "msdyn_estimatedprocessingtimeseconds"
    FEFOItemBatchNumber                   = "msdyn_fefoitembatchnumber"
    RemainingHandlingQuantity             = "msdyn_remaininghandlingquantity"
    HandlingQuantity                      = "msdyn_handlingquantity"
    IsWorkLineMandatory                   = "msdyn_isworklinemandatory"
    RemainingWorkQuantity                 = "msdyn_remainingworkquantity"
    WorkQuantity                          = "msdyn_workquantity"
    IsReplenishmentNeeded                 = "msdyn_isreplenishmentneeded"
    SortOrderCode                         = "msdyn_sortordercode"
    WarehouseWorkClosedDateTime           = "msdyn_warehouseworkcloseddatetime"
    WarehouseWorkProcessingStartDateTime  = "msdyn_warehouseworkprocessingstartdatetime"
    IsWorkExecutionStopped                = "msdyn_isworkexecutionstopped"
    ExtraHandlingQuantity                 = "msdyn_extrahandlingquantity"
    CapturedWeight                        = "msdyn_capturedweight"
    ContainerId                           = "msdyn_containerid"
    ProcessingWarehouseMobileDeviceUserId = "msdyn_processingwarehousemobiledeviceuserid"
    ItemBatchNumber                       = "msdyn_itembatchnumber"
    InventoryOwnerId                      = "msdyn_inventoryownerid"
    ItemSerialNumber                      = "msdyn_itemserialnumber"
    InventoryStatusId                     = "msdyn_inventorystatusid"
    LicensePlateNumber                    = "msdyn_licenseplatenumber"

    WorkQuantityUnitSymbol = "msdyn_workquantityunit.msdyn_symbol"
    WarehouseId            = "msdyn_warehouse.msdyn_warehouseidentifier"
    InventorySiteId        = "msdyn_inventorysite.msdyn_siteid"
    ItemNumber             = "msdyn_item.msdyn_itemnumber"
    WarehouseZoneId        = "msdyn_warehousezone.msdyn_zoneid"
    ProductConfigurationId = "msdyn_productconfiguration.msdyn_productconfiguration"
    ProductColorId         = "msdyn_productcolor.msdyn_productcolorname"
    ProductSizeId          = "msdyn_productsize.msdyn_productsize"
    ProductStyleId         = "msdyn_productstyle.msdyn_productstyle"
  }

  field "msdyn_warehouseworkstatus" {
    fno       = "WarehouseWorkStatus"
    direction = "to_dataverse"
    values = {
      Open          = 192350000
      InProcess     = 192350001
      PendingReview = 192350002
      Skipped       = 192350003
      Closed        = 192350004
      Cancelled     = 192350005
      Combined      = 192350006
    }
  }

  field "msdyn_warehouseworktype" {
    fno       = "WarehouseWorkType"
    direction = "to_dataverse"
    values = {
      None                     = 192350000
      Pick                     = 192350001
      Put                      = 192350002
      Count                    = 192350003
      Adjustment               = 192350004
      Custom                   = 192350005
      Quarantine               = 192350006
      LicensePlateBuild        = 192350007
      Print                    = 192350008
      StatusChange             = 192350009
      PackToNestedLicensePlate = 192350010
      QualityCheck             = 192350011
    }
  }

  lookup "msdyn_warehouselocation" {
    direction = "to_dataverse"
    match = {
      WarehouseLocationId = "msdyn_warehouselocationid"
      WarehouseId         = "msdyn_warehouse.msdyn_warehouseidentifier"
    }
  }
}
