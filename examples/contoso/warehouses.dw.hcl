# Sites and the warehouses that stand there.

map "sites" {
  fno       = "OperationalSites"
  dataverse = "msdyn_operationalsites"
  key       = ["SiteId"]

  fields "both" {
    SiteId                                                 = "msdyn_siteid"
    SiteName                                               = "msdyn_sitename"
    DefaultFinancialDimensionValue                         = "msdyn_defaultfinancialdimensionvalue"
    DefaultInventoryStatusId                               = "msdyn_defaultinventorystatusid"
    TaxBranchCode                                          = "msdyn_taxbranchcode"
    FiscalEstablishmentId                                  = "msdyn_fiscalestablishmentid"
    IsReceivingWarehouseOverrideAllowed                    = "msdyn_isreceivingwarehouseoverrideallowed"
    WillMasterPlannedIntraSiteMovementsUseTransferJournals = "msdyn_masterplannedusestransferjournal"

    PrimaryAddressDescription               = "msdyn_primaryaddressdescription"
    PrimaryAddressStreet                    = "msdyn_primaryaddressstreet"
    PrimaryAddressStreetNumber              = "msdyn_primaryaddressstreetnumber"
    PrimaryAddressStreetInKana              = "msdyn_primaryaddressstreetinkana"
    PrimaryAddressBuildingCompliment        = "msdyn_primaryaddressbuildingcompliment"
    PrimaryAddressPostBox                   = "msdyn_primaryaddresspostbox"
    PrimaryAddressDistrictName              = "msdyn_primaryaddressdistrictname"
    PrimaryAddressCity                      = "msdyn_primaryaddresscity"
    PrimaryAddressCityInKana                = "msdyn_primaryaddresscityinkana"
    PrimaryAddressCountyId                  = "msdyn_primaryaddresscountyid"
    PrimaryAddressStateId                   = "msdyn_primaryaddressstateid"
    PrimaryAddressZipCode                   = "msdyn_primaryaddresszipcode"
    PrimaryAddressCountryRegionId           = "msdyn_primaryaddresscountryregionid"
    PrimaryAddressLocationRoles             = "msdyn_primaryaddresslocationrole"
    PrimaryAddressLocationSalesTaxGroupCode = "msdyn_primaryaddresslocationsalestaxgroupcode"
    IsPrimaryAddressAssigned                = "msdyn_isprimaryaddressassigned"
  }

  # F&O computes these from the address; Dataverse only shows them.
  fields "to_dataverse" {
    FormattedPrimaryAddress = "msdyn_formattedprimaryaddress"
    PrimaryAddressLatitude  = "msdyn_primaryaddresslatitude"
    PrimaryAddressLongitude = "msdyn_primaryaddresslongitude"
  }

  together = [
    [
      "msdyn_primaryaddressstreet", "msdyn_primaryaddressstreetnumber", "msdyn_primaryaddressbuildingcompliment", "msdyn_primaryaddresspostbox",
      "msdyn_primaryaddressdistrictname", "msdyn_primaryaddresscity", "msdyn_primaryaddresscountyid", "msdyn_primaryaddressstateid",
      "msdyn_primaryaddresszipcode", "msdyn_primaryaddresscountryregionid",
    ],
  ]
}

map "warehouses" {
  fno       = "Warehouses"
  dataverse = "msdyn_warehouses"
  key       = ["WarehouseId"]

  fields "both" {
    WarehouseId       = ["msdyn_warehouseidentifier", "msdyn_name"] # the first column goes both ways, the second only shows it
    WarehouseName     = "msdyn_description"
    OperationalSiteId = "msdyn_operationalsite.msdyn_siteid"

    # Three references to other warehouses, or to the warehouse itself. Rows are
    # written without them, and the references follow when their targets are there.
    MainRefillingWarehouseId = "msdyn_mainrefillingwarehouse.msdyn_warehouseidentifier"
    QuarantineWarehouseId    = "msdyn_quarantinewarehouse.msdyn_warehouseidentifier"
    TransitWarehouseId       = "msdyn_transitwarehouse.msdyn_warehouseidentifier"

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

    PrimaryAddressDescription               = "msdyn_primaryaddressdescription"
    PrimaryAddressStreet                    = "msdyn_primaryaddressstreet"
    PrimaryAddressStreetNumber              = "msdyn_primaryaddressstreetnumber"
    PrimaryAddressStreetInKana              = "msdyn_primaryaddressstreetinkana"
    PrimaryAddressBuildingCompliment        = "msdyn_primaryaddressbuildingcompliment"
    PrimaryAddressPostBox                   = "msdyn_primaryaddresspostbox"
    PrimaryAddressDistrictName              = "msdyn_primaryaddressdistrictname"
    PrimaryAddressCity                      = "msdyn_primaryaddresscity"
    PrimaryAddressCityInKana                = "msdyn_primaryaddresscityinkana"
    PrimaryAddressCountyId                  = "msdyn_primaryaddresscountyid"
    PrimaryAddressStateId                   = "msdyn_primaryaddressstateid"
    PrimaryAddressZipCode                   = "msdyn_primaryaddresszipcode"
    PrimaryAddressCountryRegionId           = "msdyn_primaryaddresscountryregionid"
    PrimaryAddressLocationRoles             = "msdyn_primaryaddresslocationroles"
    PrimaryAddressLocationSalesTaxGroupCode = "msdyn_primaryaddresslocationsalestaxgroupcode"
    IsPrimaryAddressAssigned                = "msdyn_isprimaryaddressassigned"
  }

  # F&O computes these from the address; Dataverse only shows them.
  fields "to_dataverse" {
    FormattedPrimaryAddress = "msdyn_formattedprimaryaddress"
    PrimaryAddressLatitude  = "msdyn_primaryaddresslatitude"
    PrimaryAddressLongitude = "msdyn_primaryaddresslongitude"
  }

  field "msdyn_autoupdateshipmentrule" {
    fno = "AutoUpdateShipmentRule"
    values = {
      Always             = false
      OnQuantityDecrease = true
    }
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
    fno = "RawMaterialPickingInventoryIssueStatus"
    values = {
      Pick    = false
      Reserve = true
    }
  }

  together = [
    [
      "msdyn_primaryaddressstreet", "msdyn_primaryaddressstreetnumber", "msdyn_primaryaddressbuildingcompliment", "msdyn_primaryaddresspostbox",
      "msdyn_primaryaddressdistrictname", "msdyn_primaryaddresscity", "msdyn_primaryaddresscountyid", "msdyn_primaryaddressstateid",
      "msdyn_primaryaddresszipcode", "msdyn_primaryaddresscountryregionid",
    ],
  ]
}
