# Categories, and products in three steps, as F&O knows them: a product exists
# once, is released to companies, and is sold there in variants. Products flow to
# Dataverse only, as in Microsoft's standard maps.

map "category_hierarchies" {
  fno       = "ProductCategoryHierarchies"
  dataverse = "msdyn_productcategoryhierarchies"
  key       = ["HierarchyName"]

  fields "both" {
    HierarchyName        = "msdyn_name"
    HierarchyDescription = "msdyn_description"
  }
}

map "product_categories" {
  fno       = "ProductCategories"
  dataverse = "msdyn_productcategories"

  # The name of a category is unique within its hierarchy only, so a lookup is
  # part of the key.
  key = ["CategoryName", "ProductCategoryHierarchyName"]

  fields "both" {
    CategoryName                 = "msdyn_name"
    ProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
    FriendlyCategoryName         = "msdyn_friendlycategoryname"
    CategoryCode                 = "msdyn_code"
    CategoryDescription          = "msdyn_description"
    CategoryKeywords             = "msdyn_keywords"
    ProjectCategoryName          = "msdyn_projectcategoryname"
    ExternalId                   = "msdyn_integrationid"
    IsTangibleProduct            = "msdyn_istangibleproduct"

    IsCategoryInheritingParentProductAttributes  = "msdyn_isinheritingparentproductattributes"
    IsCategoryInheritingParentCategoryAttributes = "msdyn_isinheritingparentcategoryattributes"
  }

  # F&O's own id of the category; nobody else can know it.
  fields "to_dataverse" {
    CategoryRecordId = "msdyn_externalproductcategoryid"
  }

  # The parent is found by its name and, over one more hop, that of its hierarchy.
  # A category without its parent would stand in the wrong place, so it waits:
  # trees are written from the root downwards. Roots have no parent.
  # dw:ignore DW260 no category is its own parent
  lookup "msdyn_parentproductcategory" {
    match = {
      ParentProductCategoryName          = "msdyn_name"
      ParentProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
    }
    missing = "park"
  }

  deletes = { to_dataverse = "deactivate", to_fno = "ignore" }
}

map "global_products" {
  fno       = "AllProducts"
  dataverse = "msdyn_globalproducts"
  key       = ["ProductNumber"]

  fields "to_dataverse" {
    ProductNumber = "msdyn_productnumber"
    ProductName   = "msdyn_productname"
  }
}

map "released_products" {
  fno       = "ReleasedProductsV2"
  dataverse = "msdyn_sharedproductdetails"
  key       = ["ItemNumber"]

  fields "to_dataverse" {
    ItemNumber = "msdyn_itemnumber"

    AlternativeItemNumber         = "msdyn_alternativeitemnumber.msdyn_itemnumber"
    BOMUnitSymbol                 = "msdyn_bomunitsymbol.msdyn_symbol"
    CatchWeightUnitSymbol         = "msdyn_catchweightunitsymbol.msdyn_symbol"
    ComparisonPriceBaseUnitSymbol = "msdyn_comparisonpricebaseunitsymbol.msdyn_symbol"
    InventoryUnitSymbol           = "msdyn_inventoryunitsymbol.msdyn_symbol"
    PrimaryVendorAccountNumber    = "msdyn_vendorid.msdyn_vendoraccountnumber"
    ProductNumber                 = "msdyn_globalproduct.msdyn_productnumber"
    PurchaseUnitSymbol            = "msdyn_purchaseunitsymbol.msdyn_symbol"
    SalesUnitSymbol               = "msdyn_salesunitsymbol.msdyn_symbol"

    ApproximateSalesTaxPercentage                      = "msdyn_approximatesalestaxpercentage"
    BestBeforePeriodDays                               = "msdyn_bestbeforeperioddays"
    ConstantScrapQuantity                              = "msdyn_constantscrapquantity"
    CostChargesQuantity                                = "msdyn_costchargesquantity"
    DefaultReceivingQuantity                           = "msdyn_defaultreceivingquantity"
    FixedCostCharges                                   = "msdyn_fixedcostcharges"
    FixedPurchasePriceCharges                          = "msdyn_fixedpurchasepricecharges"
    FixedSalesPriceCharges                             = "msdyn_fixedsalespricecharges"
    GrossDepth                                         = "msdyn_grossdepth"
    GrossProductHeight                                 = "msdyn_grossproductheight"
    GrossProductWidth                                  = "msdyn_grossproductwidth"
    IntrastatChargePercentage                          = "msdyn_intrastatchargepercentage"
    MaximumCatchWeightQuantity                         = "msdyn_maximumcatchweightquantity"
    MaximumPickQuantity                                = "msdyn_maximumpickquantity"
    MinimumCatchWeightQuantity                         = "msdyn_minimumcatchweightquantity"
    NecessaryProductionWorkingTimeSchedulingPropertyId = "msdyn_necessaryproductionworkingtimeschedulingp"
    NetProductWeight                                   = "msdyn_netproductweight"
    PackingDutyQuantity                                = "msdyn_packingdutyquantity"
    PotencyBaseAttibuteTargetValue                     = "msdyn_potencybaseattibutetargetvalue"
    ProductVolume                                      = "msdyn_productvolume"
    ProductionConsumptionDensityConversionFactor       = "msdyn_productionconsumptiondensityconversion"
    ProductionConsumptionDepthConversionFactor         = "msdyn_productionconsumptiondepthconversion"
    ProductionConsumptionHeightConversionFactor        = "msdyn_productionconsumptionheightconversion"
    ProductionConsumptionWidthConversionFactor         = "msdyn_productionconsumptionwidthconversion"
    PurchaseChargesQuantity                            = "msdyn_purchasechargesquantity"
    PurchaseOverdeliveryPercentage                     = "msdyn_purchaseoverdeliverypercentage"
    PurchasePrice                                      = "msdyn_purchaseprice"
    PurchasePriceQuantity                              = "msdyn_purchasepricequantity"
    PurchasePricingPrecision                           = "msdyn_purchasepricingprecision"
    PurchaseUnderdeliveryPercentage                    = "msdyn_purchaseunderdeliverypercentage"
    SalesChargesQuantity                               = "msdyn_saleschargesquantity"
    SalesOverdeliveryPercentage                        = "msdyn_salesoverdeliverypercentage"
    SalesPrice                                         = "msdyn_salesprice"
    SalesPriceCalculationChargesPercentage             = "msdyn_salespricecalculationchargespercentage"
    SalesPriceCalculationContributionRatio             = "msdyn_salespricecalculationcontributionratio"
    SalesPricingPrecision                              = "msdyn_salespricingprecision"
    SalesUnderdeliveryPercentage                       = "msdyn_salesunderdeliverypercentage"
    ShelfAdvicePeriodDays                              = "msdyn_shelfadviceperioddays"
    ShelfLifePeriodDays                                = "msdyn_shelflifeperioddays"
    TareProductWeight                                  = "msdyn_tareproductweight"
    TransferOrderOverdeliveryPercentage                = "msdyn_transferorderoverdeliverypercentage"
    TransferOrderUnderdeliveryPercentage               = "msdyn_transferorderunderdeliverypercentage"
    UnitCost                                           = "msdyn_unitcost"
    UnitCostQuantity                                   = "msdyn_unitcostquantity"
    VariableScrapPercentage                            = "msdyn_variablescrappercentage"
    WarehouseMobileDeviceDescriptionLine1              = "msdyn_warehousemobiledevicedescriptionline1"
    WarehouseMobileDeviceDescriptionLine2              = "msdyn_warehousemobiledevicedescriptionline2"
    YieldPercentage                                    = "msdyn_yieldpercentage"

    POSRegistrationActivationDate     = "msdyn_posregistrationactivationdate"
    POSRegistrationBlockedDate        = "msdyn_posregistrationblockeddate"
    POSRegistrationPlannedBlockedDate = "msdyn_posregistrationplannedblockeddate"
    PurchasePriceDate                 = "msdyn_purchasepricedate"
    SalesPriceDate                    = "msdyn_salespricedate"
    SellStartDate                     = "msdyn_sellstartdate"
    ShipStartDate                     = "msdyn_shipstartdate"
    UnitCostDate                      = "msdyn_unitcostdate"

    IsCatchWeightProduct                               = "msdyn_iscatchweight"
    IsDiscountPOSRegistrationProhibited                = "msdyn_isdiscountposregistrationprohibited"
    IsExemptFromAutomaticNotificationAndCancellation   = "msdyn_exemptautomaticnotificationcancel"
    IsInstallmentEligible                              = "msdyn_isinstallmenteligible"
    IsIntercompanyPurchaseUsageBlocked                 = "msdyn_isintercompanypurchaseusageblocked"
    IsIntercompanySalesUsageBlocked                    = "msdyn_isintercompanysalesusageblocked"
    IsManualDiscountPOSRegistrationProhibited          = "msdyn_ismanualdiscposregistrationprohibited"
    IsPOSRegistrationBlocked                           = "msdyn_isposregistrationblocked"
    IsPOSRegistrationQuantityNegative                  = "msdyn_isposregistrationquantitynegative"
    IsPhantom                                          = "msdyn_isphantom"
    IsPurchasePriceAutomaticallyUpdated                = "msdyn_ispurchasepriceautomaticallyupdated"
    IsPurchasePriceIncludingCharges                    = "msdyn_ispurchasepriceincludingcharges"
    IsRestrictedForCoupons                             = "msdyn_isrestrictedforcoupons"
    IsSalesPriceAdjustmentAllowed                      = "msdyn_issalespriceadjustmentallowed"
    IsSalesPriceIncludingCharges                       = "msdyn_issalespriceincludingcharges"
    IsSalesWithholdingTaxCalculated                    = "msdyn_issaleswithholdingtaxcalculated"
    IsScaleProduct                                     = "msdyn_isscaleproduct"
    IsShipAloneEnabled                                 = "msdyn_isshipaloneenabled"
    IsUnitCostAutomaticallyUpdated                     = "msdyn_isunitcostautomaticallyupdated"
    IsUnitCostIncludingCharges                         = "msdyn_isunitcostincludingcharges"
    IsUnitCostProductVariantSpecific                   = "msdyn_isunitcostproductvariantspecific"
    IsVariantShelfLabelsPrintingEnabled                = "msdyn_isvariantshelflabelsprintingenabled"
    IsZeroPricePOSRegistrationAllowed                  = "msdyn_iszeropriceposregistrationallowed"
    MustKeyInCommentAtPOSRegister                      = "msdyn_mustkeyincommentatposregister"
    WillInventoryIssueAutomaticallyReportAsFinished    = "msdyn_willinventoryissueautoreportasfinished"
    WillInventoryReceiptIgnoreFlushingPrinciple        = "msdyn_willinventoryreceiptignoreflushing"
    WillPickingWorkbenchApplyBoxingLogic               = "msdyn_willpickingworkbenchapplyboxinglogic"
    WillTotalPurchaseDiscountCalculationIncludeProduct = "msdyn_willtotalpurchdiscountcalcincludeproduct"
    WillTotalSalesDiscountCalculationIncludeProduct    = "msdyn_willtotalsalesdiscountcalcincludeproduct"
    WillWorkCenterPickingAllowNegativeInventory        = "msdyn_willworkcenterpickingallownegativeinvent"
  }

  field "msdyn_carryingcostabccode" {
    fno       = "CarryingCostABCCode"
    direction = "to_dataverse"
    values = {
      None = 806380000
      A    = 806380001
      B    = 806380002
      C    = 806380003
    }
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
    values = {
      NotMandatory = 806380000
      KeyIn        = 806380001
      NotKeyIn     = 806380002
    }
  }

  field "msdyn_marginabccode" {
    fno       = "MarginABCCode"
    direction = "to_dataverse"
    values = {
      None = 806380000
      A    = 806380001
      B    = 806380002
      C    = 806380003
    }
  }

  field "msdyn_potencybaseattributevalueentryevent" {
    fno       = "PotencyBaseAttributeValueEntryEvent"
    direction = "to_dataverse"
    values = {
      PurchProdReceipt = 806380000
      Quality          = 806380001
    }
  }

  field "msdyn_producttype" {
    fno       = "ProductType"
    direction = "to_dataverse"
    values = {
      Item    = 806380001
      Service = 806380002
    }
  }

  field "msdyn_rawmaterialpickingprinciple" {
    fno       = "RawMaterialPickingPrinciple"
    direction = "to_dataverse"
    values = {
      Staging      = 806380000
      OrderPicking = 806380001
    }
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
    values = {
      Relevant    = 806380000
      NotRelevant = 806380001
    }
  }

  # Left out, since their lookups lead to maps that this folder does not have:
  #   ProductDimensionGroupName  = msdyn_productdimensiongroupid.msdyn_groupname
  #   StorageDimensionGroupName  = msdyn_storagedimensiongroup.msdyn_groupname
  #   TrackingDimensionGroupName = msdyn_trackingdimensiongroup.msdyn_groupname
}

# What order lines name. One row a variant and company.

map "products" {
  fno       = "CDSReleasedDistinctProducts"
  dataverse = "products"
  key       = ["ProductNumber"]

  fields "to_dataverse" {
    ProductNumber             = "msdyn_productnumber"
    ItemNumber                = "msdyn_itemnumber"
    ProductName               = "name"
    ProductDescription        = "description"
    SalesPrice                = "price"
    UnitCost                  = "currentcost"
    SalesUnitDecimalPrecision = "quantitydecimal"
    IsCatchWeightProduct      = "msdyn_iscatchweight"
    IsStockedProduct          = "msdyn_isstockedproduct"

    CurrencyCode    = "transactioncurrencyid.isocurrencycode"
    SalesUnitSymbol = "defaultuomid.msdyn_symbol"
  }

  field "producttypecode" {
    fno       = "ProductType"
    direction = "to_dataverse"
    values = {
      Item    = 1
      Service = 3
    }
  }

  field "msdyn_fieldserviceproducttype" {
    fno       = "FieldServiceProductType"
    direction = "to_dataverse"
    values = {
      Inventory    = 690970000
      NonInventory = 690970001
      Service      = 690970002
    }
    otherwise = null # NotAvailable
  }

  # A product that is gone in F&O stays: old orders name it. Dataverse retires
  # products by an action of its own, which is up to a person.
  deletes = { to_dataverse = "ignore" }

  # Left out: ProductColorId, ProductConfigurationId, ProductSizeId and
  # ProductStyleId, whose lookups lead to maps that this folder does not have;
  # defaultuomscheduleid, productnumber and productstructure, which the server
  # fills.
}
