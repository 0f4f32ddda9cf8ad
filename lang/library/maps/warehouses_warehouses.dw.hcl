# Warehouses with address and settings.

map "warehouses_warehouses" {
  fno       = "Warehouses"
  dataverse = "msdyn_warehouses"
  key       = ["WarehouseId"]

  fields "both" {
    WarehouseId = "msdyn_warehouseidentifier"

    DefaultContainerTypeId                                  = "msdyn_defaultcontainertypeid"
    AreItemsCoveragePlannedManually                         = "msdyn_areitemscoverageplannedmanually"
    AreLaborStandardsAllowed                                = "msdyn_arelaborstandardsallowed"
    AreWarehouseLocationCheckDigitsUnique                   = "msdyn_arewarehouselocationcheckdigitsunique"
    InventoryCountingReasonCodePolicyName                   = "msdyn_inventorycountingreasoncodepolicyname"
    ExternallyLocatedWarehouseVendorAccountNumber           = "msdyn_externallylocatedwarehousevendoraccountnu"
    WarehouseWorkProcessingPolicyName                       = "msdyn_warehouseworkprocessingpolicyname"
    IsFallbackWarehouse                                     = "msdyn_isfallbackwarehouse"
    IsFinancialNegativeRetailStoreInventoryAllowed          = "msdyn_financialnegativestoreinventoryallowed"
    IsPalletMovementDuringCycleCountingAllowed              = "msdyn_palletmovementduringcyclecountingallowed"
    IsPhysicalNegativeRetailStoreInventoryAllowed           = "msdyn_physicalnegativestoreinventoryallowed"
    IsRefilledFromMainWarehouse                             = "msdyn_isrefilledfrommainwarehouse"
    IsRetailStoreWarehouse                                  = "msdyn_isretailstorewarehouse"
    MasterPlanningWorkCalendardId                           = "msdyn_masterplanningworkcalendarid"
    MaximumBatchPickingListQuantity                         = "msdyn_maximumbatchpickinglistquantity"
    MaximumPickingListLineQuantity                          = "msdyn_maximumpickinglistlinequantity"
    RetailStoreQuantityAllocationReplenismentRuleWeight     = "msdyn_storeqtyallocationreplenishmentweight"
    ShouldWarehouseLocationIdIncludeAisleId                 = "msdyn_shouldwarehouselocationincludeaisleid"
    WarehouseLocationIdBinIdFormat                          = "msdyn_warehouselocationidbinidformat"
    WarehouseLocationIdRackIdFormat                         = "msdyn_warehouselocationidrackidformat"
    WarehouseLocationIdShelfIdFormat                        = "msdyn_warehouselocationidshelfidformat"
    WarehouseName                                           = "msdyn_description"
    WarehouseSpecificDefaultInventoryStatusId               = "msdyn_warehousespecificdefaultinventorystatusid"
    ExternallyLocatedWarehouseCustomerAccountNumber         = "msdyn_externallylocatedwarehousecustomeraccount"
    AreAdvancedWarehouseManagementProcessesEnabled          = "msdyn_useadvancedwarehousemanagementprocesses"
    ArePickingListsDeliveryModeSpecific                     = "msdyn_arepickinglistsdeliverymodespecific"
    ArePickingListsShipmentSpecificOnly                     = "msdyn_arepickinglistshipmentspecificonly"
    IsBillOfLadingPrintingBeforeShipmentConfirmationEnabled = "msdyn_printbillofladingbeforeshipconfirmation"
    WillAutomaticLoadReleaseReserveInventory                = "msdyn_willautomaticloadreleaseinventory"
    WillInventoryStatusChangeRemoveBlocking                 = "msdyn_willinventorystatuschangeremoveblocking"
    WillManualLoadReleaseReserveInventory                   = "msdyn_willmanualloadreleasereserveinventory"
    WillOrderReleasingConsolidateShipments                  = "msdyn_willorderreleasingconsolidateshipments"
    WillProductionBOMsReserveWarehouseLevelOnly             = "msdyn_productionbomsreservewarehouselevel"
    WillShippingCancellationDecrementLoadQuanity            = "msdyn_shippingcanceldecrementloadquantity"
    WillWarehouseLocationIdIncludeBinIdByDefault            = "msdyn_warehouselocationidincludeblindid"
    WillWarehouseLocationIdIncludeRackIdByDefault           = "msdyn_warehouselocationincluderackidbydefault"
    WillWarehouseLocationIdIncludeShelfIdByDefault          = "msdyn_warehouselocationidincludeshelfid"

    MainRefillingWarehouseId = "msdyn_mainrefillingwarehouse.msdyn_warehouseidentifier"
    OperationalSiteId        = "msdyn_operationalsite.msdyn_siteid"
    QuarantineWarehouseId    = "msdyn_quarantinewarehouse.msdyn_warehouseidentifier"
    TransitWarehouseId       = "msdyn_transitwarehouse.msdyn_warehouseidentifier"

    PrimaryAddressBuildingCompliment        = "msdyn_primaryaddressbuildingcompliment"
    PrimaryAddressPostBox                   = "msdyn_primaryaddresspostbox"
    PrimaryAddressStreetNumber              = "msdyn_primaryaddressstreetnumber"
    IsPrimaryAddressAssigned                = "msdyn_isprimaryaddressassigned"
    PrimaryAddressCity                      = "msdyn_primaryaddresscity"
    PrimaryAddressCountryRegionId           = "msdyn_primaryaddresscountryregionid"
    PrimaryAddressCountyId                  = "msdyn_primaryaddresscountyid"
    PrimaryAddressDistrictName              = "msdyn_primaryaddressdistrictname"
    PrimaryAddressLatitude                  = "msdyn_primaryaddresslatitude"
    PrimaryAddressLongitude                 = "msdyn_primaryaddresslongitude"
    PrimaryAddressLocationRoles             = "msdyn_primaryaddresslocationroles"
    PrimaryAddressLocationSalesTaxGroupCode = "msdyn_primaryaddresslocationsalestaxgroupcode"
    PrimaryAddressStateId                   = "msdyn_primaryaddressstateid"
    PrimaryAddressStreet                    = "msdyn_primaryaddressstreet"
    PrimaryAddressZipCode                   = "msdyn_primaryaddresszipcode"
    PrimaryAddressCityInKana                = "msdyn_primaryaddresscityinkana"
    PrimaryAddressStreetInKana              = "msdyn_primaryaddressstreetinkana"
    PrimaryAddressDescription               = "msdyn_primaryaddressdescription"
    FormattedPrimaryAddress                 = "msdyn_formattedprimaryaddress"
  }

  fields "to_dataverse" {
    WarehouseId = "msdyn_name"
  }

  field "msdyn_autoupdateshipmentrule" {
    fno    = "AutoUpdateShipmentRule"
    values = { Always = false, OnQuantityDecrease = true }
  }

  field "msdyn_warehousereleasereservationrequirement" {
    fno = "WarehouseReleaseReservationRequirementRule"
    values = {
      NotApplicable           = 192350000
      AllowPartialReservation = 192350001
      RequireFullReservation  = 192350002
    }
  }

  field "msdyn_inventorystatuschangereservationremoval" {
    fno = "InventoryStatusChangeReservationRemovalLevel"
    values = {
      None               = 192350000
      Reservation        = 192350001
      MarkingReservation = 192350002
    }
  }

  field "msdyn_warehousetype" {
    fno = "WarehouseType"
    values = {
      GoodsInRoute_RU = 192350000
      Transit         = 192350001
      Quarantine      = 192350002
      Standard        = 192350003
      ITMGIT          = 192350004
      ITMUnder        = 192350005
    }
  }

  field "msdyn_rawmaterialpickinginventoryissuestatus" {
    fno    = "RawMaterialPickingInventoryIssueStatus"
    values = { Pick = false, Reserve = true }
  }
}
