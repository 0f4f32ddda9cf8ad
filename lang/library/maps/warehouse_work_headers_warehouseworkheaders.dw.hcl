# Work in warehouses: who does what, and how long it took.

map "warehouse_work_headers_warehouseworkheaders" {
  fno       = "WarehouseWorkHeaders"
  dataverse = "msdyn_warehouseworkheaders"
  key       = ["WarehouseWorkId"]

  fields "to_dataverse" {
    WarehouseWorkId = "msdyn_warehouseworkid"

    ActualProcessingTimeSeconds                     = "msdyn_actualprocessingtimeseconds"
    EstimatedProcessingTimeSeconds                  = "msdyn_estimatedprocessingtimeseconds"
    IsWarehouseWorkBlocked                          = "msdyn_iswarehouseworkblocked"
    IsWarehouseWorkerManuallyAssigned               = "msdyn_iswarehouseworkermanuallyassigned"
    WarehouseWorkCancelledDateTime                  = "msdyn_warehouseworkcancelleddatetime"
    WarehouseWorkClosedDateTime                     = "msdyn_warehouseworkcloseddatetime"
    WarehouseWorkProcessingStartDateTime            = "msdyn_warehouseworkprocessingstartdatetime"
    WarehouseWorkPriority                           = "msdyn_warehouseworkpriority"
    ContainerId                                     = "msdyn_containerid"
    WarehouseWorkLockingWarehouseMobileDeviceUserId = "msdyn_warehouseworklockingmobiledeviceuserid"
    TargetLicensePlateNumber                        = "msdyn_targetlicenseplatenumber"
    WaveId                                          = "msdyn_waveid"
    WarehouseWorkCancellingUserId                   = "msdyn_warehouseworkcancellinguserid"
    WarehouseWorkManuallyCompletingUserId           = "msdyn_warehouseworkmanuallycompletinguserid"
    WarehouseWorkPoolId                             = "msdyn_warehouseworkpoolid"

    WarehouseId     = "msdyn_warehouse.msdyn_warehouseidentifier"
    InventorySiteId = "msdyn_inventorysite.msdyn_siteid"
  }

  field "msdyn_warehouseworkstatus" {
    fno       = "WarehouseWorkStatus"
    direction = "to_dataverse"
    values = {
      Open      = 192350000
      InProcess = 192350001
      Skipped   = 192350002
      Closed    = 192350003
      Cancelled = 192350004
      Combined  = 192350005
    }
    otherwise = null # PendingReview
  }

  field "msdyn_warehouseworkordertype" {
    fno       = "WarehouseWorkOrderType"
    direction = "to_dataverse"
    values = {
      QualityOrder           = 192350021
      None                   = 192350000
      Purch                  = 192350001
      Sales                  = 192350002
      ProdPick               = 192350003
      ProdPut                = 192350004
      ProdProcessPut         = 192350005
      TransferIssue          = 192350006
      TransferReceipt        = 192350007
      Invent                 = 192350008
      WorkCancel             = 192350009
      CycleCount             = 192350010
      Replenishment          = 192350011
      ReturnOrder            = 192350012
      KanbanPut              = 192350013
      KanbanPick             = 192350014
      CycleCountAccepted     = 192350015
      PackedContainerPicking = 192350016
      SortedInventoryPicking = 192350017
      CrossDocking           = 192350018
      QualityInQualityCheck  = 192350019
      QualityItemSampling    = 192350020
    }
    otherwise = null # Packing, ITMGoodsInTransit, OutboundShipmentOrder, InboundShipmentOrder
  }
}
