# Locations in warehouses.

map "warehouse_locations_inventorylocations" {
  fno       = "WarehouseLocations"
  dataverse = "msdyn_inventorylocations"
  key       = ["WarehouseId", "WarehouseLocationId"]

  fields "both" {
    WarehouseId         = "msdyn_warehouse.msdyn_warehouseidentifier"
    WarehouseLocationId = "msdyn_warehouselocationid"

    BinId                                             = "msdyn_binid"
    CheckDigits                                       = "msdyn_checkdigits"
    GenerateCheckDigits                               = "msdyn_generatecheckdigits"
    IsSortOrderCodeManual                             = "msdyn_issortordercodemanual"
    IsWarehouseLocationIdManual                       = "msdyn_iswarehouselocationidmanual"
    LastCountedUTCDateTime                            = "msdyn_lastcountedutcdatetime"
    PhysicalDepth                                     = "msdyn_physicaldepth"
    PhysicalHeight                                    = "msdyn_physicalheight"
    PhysicalHeightAboveGround                         = "msdyn_physicalheightaboveground"
    PhysicalMaximumStorageVolume                      = "msdyn_physicalmaximumstoragevolume"
    PhysicalMaximumStorageWeight                      = "msdyn_physicalmaximumstorageweight"
    PhysicalWidth                                     = "msdyn_physicalwidth"
    RackId                                            = "msdyn_rackid"
    ShelfId                                           = "msdyn_shelfid"
    WarehouseLocationProfileId                        = "msdyn_warehouselocationprofileid"
    InputWarehouseLocationBlockingCauseId             = "msdyn_inputwarehouselocationblockingcauseid"
    OutputWarehouseLocationBlockingCauseId            = "msdyn_outputwarehouselocationblockingcauseid"
    IsDefaultCreditOnlyReturnWarehouseLocation        = "msdyn_isdefaultcreditonlyreturnwarehouseloc"
    IsDefaultIssueWarehouseLocation                   = "msdyn_isdefaultissuewarehouselocation"
    IsDefaultKanbanFinishedGoodsWarehouseLocation     = "msdyn_isdefaultkanbanfinishedgoodswarehouseloc"
    IsDefaultProductionFinishedGoodsWarehouseLocation = "msdyn_isdefaultproductionfinishedgoodswhsloc"
    IsDefaultProductionInputWarehouseLocation         = "msdyn_isdefaultproductioninputwarehouseloc"
    IsDefaultReceiptWarehouseLocation                 = "msdyn_isdefaultreceiptwarehouselocation"
    IsDefaultRetailStoreReturnWarehouseLocation       = "msdyn_isdefaultretailstorereturnwarehouseloc"
    IsDefaultRetailStoreWarehouseLocation             = "msdyn_isdefaultretailstorewarehouselocation"
    IsDefaultShipmentMaintenanceWarehouseLocation     = "msdyn_isdefaultshipmentmaintenancewarehouseloc"
    IsItemInLocationMaintained                        = "msdyn_isiteminlocationmaintained"
    IsLocationActivityDateTimeMaintained              = "msdyn_islocationactivitydatetimemaintained"
    IsLocationStatusMaintained                        = "msdyn_islocationstatusmaintained"
    IsDefaultQualityMaintenanceWarehouseLocation      = "msdyn_isdefaultqualitymaintenancewarehouseloc"

    WarehouseZoneId                 = "msdyn_warehousezone.msdyn_zoneid"
    FirstAdditionalWarehouseZoneId  = "msdyn_firstadditionalwarehousezone.msdyn_zoneid"
    SecondAdditionalWarehouseZoneId = "msdyn_secondadditionalwarehousezone.msdyn_zoneid"
    ThirdAdditionalWarehouseZoneId  = "msdyn_thirdadditionalwarehousezone.msdyn_zoneid"
    ItemNumberInLocation            = "msdyn_itemnumberinlocation.msdyn_itemnumber"
  }

  fields "to_dataverse" {
    AgingDate            = "msdyn_agingdate"
    LastActivityDateTime = "msdyn_lastactivitydatetime"
  }

  field "msdyn_warehouselocationtype" {
    fno = "WarehouseLocationType"
    values = {
      Buffer             = 192350000
      Pick               = 192350001
      InputPort          = 192350002
      OutputPort         = 192350003
      InspectionLocation = 192350004
      KanbanSupermarket  = 192350005
    }
    otherwise = null # ProductionInput
  }

  field "msdyn_locationstatus" {
    fno       = "LocationStatus"
    direction = "to_dataverse"
    values = {
      Undetermined = 192350000
      Empty        = 192350001
      Picking      = 192350002
      Storage      = 192350003
    }
  }

  # The aisle is found by its warehouse too, which WarehouseId brings back already. In
  # dual-write an edit of the aisle in Dataverse flows to F&O; here it does not.
  lookup "msdyn_warehouseaisle" {
    direction = "to_dataverse"
    match = {
      WarehouseAisleId = "msdyn_aisleid"
      WarehouseId      = "msdyn_warehouse.msdyn_warehouseidentifier"
    }
  }
}
