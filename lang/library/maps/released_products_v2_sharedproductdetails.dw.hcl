# Products that are released to a company, with all their settings for purchase, sale and stock.
#
# The documentation of 2020 does not have StorageDimensionGroupName =
# msdyn_storagedimensiongroup.msdyn_groupname, TrackingDimensionGroupName =
# msdyn_trackingdimensiongroup.msdyn_groupname.

enum "released_products_v2_sharedproductdetails_carryingcostabccode" {
  values = {
    None = 806380000
    A    = 806380001
    B    = 806380002
    C    = 806380003
  }
}

map "released_products_v2_sharedproductdetails" {
  fno       = "ReleasedProductsV2"
  dataverse = "msdyn_sharedproductdetails"
  key       = ["ItemNumber"]

  fields "to_dataverse" {
    ItemNumber = "msdyn_itemnumber"

    IntrastatChargePercentage                          = "msdyn_intrastatchargepercentage"
    ApproximateSalesTaxPercentage                      = "msdyn_approximatesalestaxpercentage"
    BestBeforePeriodDays                               = "msdyn_bestbeforeperioddays"
    ConstantScrapQuantity                              = "msdyn_constantscrapquantity"
    CostChargesQuantity                                = "msdyn_costchargesquantity"
    DefaultReceivingQuantity                           = "msdyn_defaultreceivingquantity"
    FixedPurchasePriceCharges                          = "msdyn_fixedpurchasepricecharges"
    FixedSalesPriceCharges                             = "msdyn_fixedsalespricecharges"
    GrossDepth                                         = "msdyn_grossdepth"
    GrossProductHeight                                 = "msdyn_grossproductheight"
    GrossProductWidth                                  = "msdyn_grossproductwidth"
    IsDiscountPOSRegistrationProhibited                = "msdyn_isdiscountposregistrationprohibited"
    IsExemptFromAutomaticNotificationAndCancellation   = "msdyn_exemptautomaticnotificationcancel"
    IsInstallmentEligible                              = "msdyn_isinstallmenteligible"
    IsIntercompanyPurchaseUsageBlocked                 = "msdyn_isintercompanypurchaseusageblocked"
    IsIntercompanySalesUsageBlocked                    = "msdyn_isintercompanysalesusageblocked"
    IsManualDiscountPOSRegistrationProhibited          = "msdyn_ismanualdiscposregistrationprohibited"
    IsPhantom                                          = "msdyn_isphantom"
    IsPOSRegistrationBlocked                           = "msdyn_isposregistrationblocked"
    IsPOSRegistrationQuantityNegative                  = "msdyn_isposregistrationquantitynegative"
    IsPurchasePriceAutomaticallyUpdated                = "msdyn_ispurchasepriceautomaticallyupdated"
    IsPurchasePriceIncludingCharges                    = "msdyn_ispurchasepriceincludingcharges"
    IsSalesWithholdingTaxCalculated                    = "msdyn_issaleswithholdingtaxcalculated"
    IsRestrictedForCoupons                             = "msdyn_isrestrictedforcoupons"
    IsSalesPriceAdjustmentAllowed                      = "msdyn_issalespriceadjustmentallowed"
    IsSalesPriceIncludingCharges                       = "msdyn_issalespriceincludingcharges"
    IsScaleProduct                                     = "msdyn_isscaleproduct"
    IsShipAloneEnabled                                 = "msdyn_isshipaloneenabled"
    IsUnitCostProductVariantSpecific                   = "msdyn_isunitcostproductvariantspecific"
    IsVariantShelfLabelsPrintingEnabled                = "msdyn_isvariantshelflabelsprintingenabled"
    IsZeroPricePOSRegistrationAllowed                  = "msdyn_iszeropriceposregistrationallowed"
    MaximumPickQuantity                                = "msdyn_maximumpickquantity"
    MustKeyInCommentAtPOSRegister                      = "msdyn_mustkeyincommentatposregister"
    NecessaryProductionWorkingTimeSchedulingPropertyId = "msdyn_necessaryproductionworkingtimeschedulingp"
    NetProductWeight                                   = "msdyn_netproductweight"
    PackingDutyQuantity                                = "msdyn_packingdutyquantity"
    POSRegistrationActivationDate                      = "msdyn_posregistrationactivationdate"
    POSRegistrationBlockedDate                         = "msdyn_posregistrationblockeddate"
    POSRegistrationPlannedBlockedDate                  = "msdyn_posregistrationplannedblockeddate"
    PotencyBaseAttibuteTargetValue                     = "msdyn_potencybaseattibutetargetvalue"
    ProductionConsumptionDensityConversionFactor       = "msdyn_productionconsumptiondensityconversion"
    ProductionConsumptionDepthConversionFactor         = "msdyn_productionconsumptiondepthconversion"
    ProductionConsumptionHeightConversionFactor        = "msdyn_productionconsumptionheightconversion"
    ProductionConsumptionWidthConversionFactor         = "msdyn_productionconsumptionwidthconversion"
    ProductVolume                                      = "msdyn_productvolume"
    PurchaseChargesQuantity                            = "msdyn_purchasechargesquantity"
    PurchaseOverdeliveryPercentage                     = "msdyn_purchaseoverdeliverypercentage"
    PurchasePrice                                      = "msdyn_purchaseprice"
    PurchasePriceDate                                  = "msdyn_purchasepricedate"
    PurchasePricingPrecision                           = "msdyn_purchasepricingprecision"
    PurchaseUnderdeliveryPercentage                    = "msdyn_purchaseunderdeliverypercentage"
    SalesChargesQuantity                               = "msdyn_saleschargesquantity"
    SalesOverdeliveryPercentage                        = "msdyn_salesoverdeliverypercentage"
    SalesPrice                                         = "msdyn_salesprice"
    SalesPriceCalculationChargesPercentage             = "msdyn_salespricecalculationchargespercentage"
    SalesPriceCalculationContributionRatio             = "msdyn_salespricecalculationcontributionratio"
    SalesPriceDate                                     = "msdyn_salespricedate"
    SalesPricingPrecision                              = "msdyn_salespricingprecision"
    SalesUnderdeliveryPercentage                       = "msdyn_salesunderdeliverypercentage"
    SellStartDate                                      = "msdyn_sellstartdate"
    ShelfAdvicePeriodDays                              = "msdyn_shelfadviceperioddays"
    ShelfLifePeriodDays                                = "msdyn_shelflifeperioddays"
    ShipStartDate                                      = "msdyn_shipstartdate"
    TareProductWeight                                  = "msdyn_tareproductweight"
    TransferOrderOverdeliveryPercentage                = "msdyn_transferorderoverdeliverypercentage"
    TransferOrderUnderdeliveryPercentage               = "msdyn_transferorderunderdeliverypercentage"
    UnitCost                                           = "msdyn_unitcost"
    UnitCostDate                                       = "msdyn_unitcostdate"
    UnitCostQuantity                                   = "msdyn_unitcostquantity"
    VariableScrapPercentage                            = "msdyn_variablescrappercentage"
    WarehouseMobileDeviceDescriptionLine1              = "msdyn_warehousemobiledevicedescriptionline1"
    WarehouseMobileDeviceDescriptionLine2              = "msdyn_warehousemobiledevicedescriptionline2"
    WillInventoryIssueAutomaticallyReportAsFinished    = "msdyn_willinventoryissueautoreportasfinished"
    WillInventoryReceiptIgnoreFlushingPrinciple        = "msdyn_willinventoryreceiptignoreflushing"
    WillPickingWorkbenchApplyBoxingLogic               = "msdyn_willpickingworkbenchapplyboxinglogic"
    WillTotalPurchaseDiscountCalculationIncludeProduct = "msdyn_willtotalpurchdiscountcalcincludeproduct"
    WillTotalSalesDiscountCalculationIncludeProduct    = "msdyn_willtotalsalesdiscountcalcincludeproduct"
    WillWorkCenterPickingAllowNegativeInventory        = "msdyn_willworkcenterpickingallownegativeinvent"
    YieldPercentage                                    = "msdyn_yieldpercentage"
    IsUnitCostAutomaticallyUpdated                     = "msdyn_isunitcostautomaticallyupdated"
    PurchasePriceQuantity                              = "msdyn_purchasepricequantity"
    IsUnitCostIncludingCharges                         = "msdyn_isunitcostincludingcharges"
    FixedCostCharges                                   = "msdyn_fixedcostcharges"
    MinimumCatchWeightQuantity                         = "msdyn_minimumcatchweightquantity"
    MaximumCatchWeightQuantity                         = "msdyn_maximumcatchweightquantity"
    IsCatchWeightProduct                               = "msdyn_iscatchweight"

    ProductNumber                 = "msdyn_globalproduct.msdyn_productnumber"
    InventoryUnitSymbol           = "msdyn_inventoryunitsymbol.msdyn_symbol"
    SalesUnitSymbol               = "msdyn_salesunitsymbol.msdyn_symbol"
    PurchaseUnitSymbol            = "msdyn_purchaseunitsymbol.msdyn_symbol"
    AlternativeItemNumber         = "msdyn_alternativeitemnumber.msdyn_itemnumber"
    BOMUnitSymbol                 = "msdyn_bomunitsymbol.msdyn_symbol"
    CatchWeightUnitSymbol         = "msdyn_catchweightunitsymbol.msdyn_symbol"
    ComparisonPriceBaseUnitSymbol = "msdyn_comparisonpricebaseunitsymbol.msdyn_symbol"
    PrimaryVendorAccountNumber    = "msdyn_vendorid.msdyn_vendoraccountnumber"
    ProductDimensionGroupName     = "msdyn_productdimensiongroupid.msdyn_groupname"
    StorageDimensionGroupName     = "msdyn_storagedimensiongroup.msdyn_groupname"
    TrackingDimensionGroupName    = "msdyn_trackingdimensiongroup.msdyn_groupname"
  }

  field "msdyn_carryingcostabccode" {
    fno       = "CarryingCostABCCode"
    direction = "to_dataverse"
    values    = enum.released_products_v2_sharedproductdetails_carryingcostabccode
  }

  field "msdyn_keyinpricerequirementsatposregister" {
    fno       = "KeyInPriceRequirementsAtPOSRegister"
    direction = "to_dataverse"
    values = {
      NotMandatory = 806380000
      NewPrice     = 806380001
      HigherEqual  = 806380002
      LowerEqual   = 806380003
      NoPrice      = 806380004
    }
  }

  field "msdyn_keyinquantityrequirementsatposregister" {
    fno       = "KeyInQuantityRequirementsAtPOSRegister"
    direction = "to_dataverse"
    values    = { NotMandatory = 806380000, KeyIn = 806380001, NotKeyIn = 806380002 }
  }

  field "msdyn_marginabccode" {
    fno       = "MarginABCCode"
    direction = "to_dataverse"
    values    = enum.released_products_v2_sharedproductdetails_carryingcostabccode
  }

  field "msdyn_potencybaseattributevalueentryevent" {
    fno       = "PotencyBaseAttributeValueEntryEvent"
    direction = "to_dataverse"
    values    = { PurchProdReceipt = 806380000, Quality = 806380001 }
  }

  field "msdyn_producttype" {
    fno       = "ProductType"
    direction = "to_dataverse"
    values    = { Item = 806380001, Service = 806380002 }
  }

  field "msdyn_rawmaterialpickingprinciple" {
    fno       = "RawMaterialPickingPrinciple"
    direction = "to_dataverse"
    values    = { Staging = 806380000, OrderPicking = 806380001 }
  }

  field "msdyn_salespricecalculationmodel" {
    fno       = "SalesPriceCalculationModel"
    direction = "to_dataverse"
    values = {
      None              = 806380000
      Contributionratio = 806380001
      PercentMarkup     = 806380002
    }
  }

  field "msdyn_scaleindicator" {
    fno       = "ScaleIndicator"
    direction = "to_dataverse"
    values    = { Relevant = 806380000, NotRelevant = 806380001 }
  }
}
