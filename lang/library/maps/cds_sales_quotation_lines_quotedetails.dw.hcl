# Lines of sales quotations.

map "cds_sales_quotation_lines_quotedetails" {
  fno       = "CDSSalesQuotationLines"
  dataverse = "quotedetails"
  key       = ["LineCreationSequenceNumber", "SalesQuotationNumber"]
  company   = "quoteid.msdyn_company"

  fields "both" {
    LineCreationSequenceNumber = "sequencenumber"
    SalesQuotationNumber       = "quoteid.msdyn_quotenumber"

    AllowedOverdeliveryPercentage  = "msdyn_allowedoverdeliverypercentage"
    AllowedUnderdeliveryPercentage = "msdyn_allowedunderdeliverypercentage"
    DeliveryBuildingCompliment     = "msdyn_deliverybuildingcompliment"
    ExternalItemNumber             = "msdyn_externalitemnumber"
    FixedPriceCharges              = "msdyn_fixedpricecharges"
    LineDescription                = "msdyn_linedescription2"
    LineDiscountAmount             = "msdyn_linediscountamount"
    LineDiscountPercentage         = "msdyn_linediscountpercentage"
    MultilineDiscountAmount        = "msdyn_multilinediscountamount"
    MultilineDiscountPercentage    = "msdyn_multilinediscountpercentage"
    ProductName                    = "description"
    RequestedReceiptDate           = "msdyn_requestedreceiptdate"
    RequestedSalesQuantity         = "quantity"
    RequestedShippingDate          = "requestdeliveryby"
    SalesPrice                     = "priceperunit"
    SalesPriceQuantity             = "msdyn_salespricequantity"
    TotalDiscountAmount            = "manualdiscountamount"

    ProductNumber       = "productid.msdyn_productnumber"
    SalesUnitSymbol     = "uomid.msdyn_symbol"
    ShippingSiteId      = "msdyn_shippingsite.msdyn_siteid"
    ShippingWarehouseId = "msdyn_shippingwarehouse.msdyn_warehouseidentifier"

    DeliveryAddressCity            = "shipto_city"
    DeliveryAddressCountyId        = "msdyn_deliveryaddresscountyid"
    DeliveryAddressDescription     = "msdyn_deliveryaddressdescription"
    DeliveryAddressDistrictName    = "msdyn_deliveryaddressdistrictname"
    DeliveryAddressDunsNumber      = "msdyn_deliveryaddressdunsnumber"
    DeliveryAddressLatitude        = "msdyn_deliveryaddresslatitude"
    DeliveryAddressLocationId      = "msdyn_deliveryaddresslocationid"
    DeliveryAddressLongitude       = "msdyn_deliveryaddresslongitude"
    DeliveryAddressName            = "msdyn_deliveryaddressname"
    DeliveryAddressPostBox         = "msdyn_deliveryaddresspostbox"
    DeliveryAddressStateId         = "shipto_stateorprovince"
    DeliveryAddressStreet          = "shipto_line1"
    DeliveryAddressStreetNumber    = "shipto_line2"
    DeliveryAddressZipCode         = "shipto_postalcode"
    FormattedDeliveryAddress       = "msdyn_formatteddeliveryaddress"
    IsDeliveryAddressPrivate       = "msdyn_isdeliveryaddressprivate"
    IsDeliveryAddressOrderSpecific = "msdyn_isdeliveryaddressspecific"
  }

  fields "to_dataverse" {
    LineAmount         = ["baseamount", "extendedamount"]
    TotalChargesAmount = "msdyn_totalchargesamount"
    TotalTaxAmount     = "tax"

    CurrencyCode = "transactioncurrencyid.isocurrencycode"
  }

  field "shipto_country" {
    fno = "DeliveryAddressCountryRegionISOCode"
    values = {
      US = "united states"
      DE = "germany"
      FR = "france"
      GB = "united kingdom"
      JP = "japan"
      IN = "india"
      ES = "spain"
      NZ = "new zealand"
      AU = "australia"
      CO = "columbia" # Microsoft's spelling
      ZA = "south africa"
      BE = "belgium"
      CA = "canada"
      AT = "austria"
      TR = "turkey"
      CN = "china"
      DK = "denmark"
      SE = "sweden"
      NO = "norway"
      FI = "finland"
      EG = "egypt"
    }
    otherwise = "pass"
  }

  field "msdyn_salesquotationpromisingmethod" {
    fno = "SalesQuotationPromisingMethod"
    values = {
      None               = 192350000
      SalesLeadTime      = 192350001
      ATP                = 192350002
      ATPPlusIssueMargin = 192350003
      CTP                = 192350004
    }
    otherwise = null # FullRunCTP
  }

  field "msdyn_salesquotationstatus" {
    fno = "SalesQuotationStatus"
    values = {
      Created   = 192350000
      Sent      = 192350001
      Confirmed = 192350002
      Lost      = 192350003
      Cancelled = 192350004
      Reset     = 192350005
      Modified  = 192350006
      Submitted = 192350007
      Approved  = 192350008
      Revised   = 192350009
    }
  }

  lookup "msdyn_salesproductcategory" {
    match = {
      SalesProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
      SalesProductCategoryName          = "msdyn_name"
    }
  }

  constant "ispriceoverridden" {
    value = true
  }
}
