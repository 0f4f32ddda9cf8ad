# Lines of sales orders.

map "cds_sales_order_lines_salesorderdetails" {
  fno       = "CDSSalesOrderLines"
  dataverse = "salesorderdetails"
  key       = ["LineCreationSequenceNumber", "SalesOrderNumber"]
  company   = "salesorderid.msdyn_company"

  fields "both" {
    LineCreationSequenceNumber = "sequencenumber"
    SalesOrderNumber           = "salesorderid.msdyn_salesordernumber"

    OrderedSalesQuantity           = "quantity"
    ProductName                    = "description"
    TotalDiscountAmount            = "manualdiscountamount"
    SalesPrice                     = "priceperunit"
    IsLineStopped                  = "msdyn_islinestopped"
    AllowedOverdeliveryPercentage  = "msdyn_allowedoverdeliverypercentage"
    AllowedUnderdeliveryPercentage = "msdyn_allowedunderdeliverypercentage"
    ConfirmedShippingDate          = "msdyn_confirmedshippingdate"
    ConfirmedReceiptDate           = "msdyn_confirmedreceiptdate"
    DeliveryBuildingCompliment     = "msdyn_deliverybuildingcompliment"
    ExternalItemNumber             = "msdyn_externalitemnumber"
    FixedPriceCharges              = "msdyn_fixedpricecharges"
    LineDescription                = "msdyn_linedescription"
    LineDiscountAmount             = "msdyn_linediscountamount"
    LineDiscountPercentage         = "msdyn_linediscountpercentage"
    MultilineDiscountAmount        = "msdyn_multilinediscountamount"
    MultilineDiscountPercentage    = "msdyn_multilinediscountpercentage"
    RequestedReceiptDate           = "msdyn_requestedreceiptdate"
    RequestedShippingDate          = "requestdeliveryby"
    SalesPriceQuantity             = "msdyn_salespricequantity"

    ProductNumber       = "productid.msdyn_productnumber"
    SalesUnitSymbol     = "uomid.msdyn_symbol"
    ShippingSiteId      = "msdyn_shippingsite.msdyn_siteid"
    ShippingWarehouseId = "msdyn_shippingwarehouse.msdyn_warehouseidentifier"
    DeliveryModeCode    = "msdyn_deliverymode.msdyn_name"
    DeliveryTermsId     = "msdyn_deliveryterms.msdyn_termscode"

    DeliveryAddressCity            = "shipto_city"
    DeliveryAddressZipCode         = "shipto_postalcode"
    DeliveryAddressStateId         = "shipto_stateorprovince"
    DeliveryAddressStreet          = "shipto_line1"
    DeliveryAddressStreetNumber    = "shipto_line2"
    IsDeliveryAddressOrderSpecific = "msdyn_isdeliveryaddressspecific"
    IsDeliveryAddressPrivate       = "msdyn_isdeliveryaddressprivate"
    DeliveryAddressCountyId        = "msdyn_deliveryaddresscountyid"
    DeliveryAddressDescription     = "msdyn_deliveryaddressdescription"
    DeliveryAddressDistrictName    = "msdyn_deliveryaddressdistrictname"
    DeliveryAddressDunsNumber      = "msdyn_deliveryaddressdunsnumber"
    DeliveryAddressLatitude        = "msdyn_deliveryaddresslatitude"
    DeliveryAddressLocationId      = "msdyn_deliveryaddresslocationid"
    DeliveryAddressLongitude       = "msdyn_deliveryaddresslongitude"
    DeliveryAddressName            = "msdyn_deliveryaddressname"
    DeliveryAddressPostBox         = "msdyn_deliveryaddresspostbox"
    FormattedDeliveryAddress       = "msdyn_formatteddeliveryaddress"
  }

  fields "to_dataverse" {
    LineAmount         = ["extendedamount", "baseamount"]
    TotalTaxAmount     = "tax"
    TotalChargesAmount = "msdyn_totalchargesamount"

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

  field "msdyn_linestatus" {
    fno       = "SalesOrderLineStatus"
    direction = "to_dataverse"
    values = {
      None      = 192350000
      Backorder = 192350001
      Delivered = 192350002
      Invoiced  = 192350003
      Canceled  = 192350004
    }
  }

  field "msdyn_salesorderpromisingmethod" {
    fno = "SalesOrderPromisingMethod"
    values = {
      None               = 192350000
      SalesLeadTime      = 192350001
      ATP                = 192350002
      ATPPlusIssueMargin = 192350003
      CTP                = 192350004
    }
    otherwise = null # FullRunCTP
  }

  lookup "msdyn_salesproductcategory" {
    match = {
      SalesProductCategoryName          = "msdyn_name"
      SalesProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
    }
  }

  constant "ispriceoverridden" {
    value = true
  }
}
