# Lines of purchase orders.

map "cds_purchase_order_lines_purchaseorderproducts" {
  fno       = "CDSPurchaseOrderLines"
  dataverse = "msdyn_purchaseorderproducts"
  key       = ["LineNumber", "PurchaseOrderNumber"]
  company   = "msdyn_purchaseorder.msdyn_company"

  fields "both" {
    LineNumber          = "msdyn_lineorder"
    PurchaseOrderNumber = "msdyn_purchaseorder.msdyn_name"

    RequestedDeliveryDate      = "msdyn_dateexpected"
    LineDescription            = "msdyn_description"
    OrderedPurchaseQuantity    = "msdyn_quantity"
    Barcode                    = "msdyn_barcode"
    ConfirmedShippingDate      = "msdyn_confirmedshippingdate"
    CustomerReference          = "msdyn_customerreference"
    CustomerRequisitionNumber  = "msdyn_customerrequisitionnumber"
    ExternalItemNumber         = "msdyn_externalitemnumber"
    IsPartialDeliveryPrevented = "msdyn_ispartialdeliveryprevented"
    OrderedCatchWeightQuantity = "msdyn_orderedcatchweightquantity"
    PurchasePriceQuantity      = "msdyn_purchasepricequantity"
    RequestedShippingDate      = "msdyn_requestedshippingdate"
    ConfirmedDeliveryDate      = "msdyn_confirmeddeliverydate"

    ProductNumber            = "msdyn_product.msdyn_productnumber"
    CatchWeightUnitSymbol    = "msdyn_catchweightunitsymbol.msdyn_symbol"
    ReceivingSiteId          = "msdyn_receivingsiteid.msdyn_siteid"
    RequesterPersonnelNumber = "msdyn_requesterpersonnelnumber.cdm_workernumber"
    PurchaseUnitSymbol       = "msdyn_unit.msdyn_symbol"
    ReceivingWarehouseId     = "msdyn_associatetowarehouse.msdyn_warehouseidentifier"
  }

  fields "to_dataverse" {
    LineAmount             = "msdyn_lineamount"
    PurchasePrice          = "msdyn_unitcost"
    LineDiscountAmount     = "msdyn_linediscountamount"
    LineDiscountPercentage = "msdyn_linediscountpercentage"

    CurrencyCode = "transactioncurrencyid.isocurrencycode"

    DeliveryAddressCity            = "msdyn_deliveryaddresscity"
    DeliveryAddressCountryRegionId = "msdyn_deliveryaddresscountryregionid"
    DeliveryAddressStateId         = "msdyn_deliveryaddressstate"
    DeliveryAddressStreet          = "msdyn_deliveryaddressstreet"
    DeliveryAddressStreetNumber    = "msdyn_deliveryaddressstreetnumber"
    DeliveryAddressZipCode         = "msdyn_deliveryaddresszipcode"
    FormattedDelveryAddress        = "msdyn_formatteddeliveryaddress"
    DeliveryAddressDescription     = "msdyn_deliveryaddressdescription"
    DeliveryAddressName            = "msdyn_deliveryaddressname"
  }

  field "msdyn_purchaseorderlinestatus" {
    fno       = "PurchaseOrderLineStatus"
    direction = "to_dataverse"
    values = {
      None      = 192350000
      Backorder = 192350001
      Received  = 192350002
      Invoiced  = 192350003
      Canceled  = 192350004
    }
  }

  lookup "msdyn_procurementproductcategory" {
    direction = "to_dataverse"
    match = {
      ProcurementProductCategoryName         = "msdyn_name"
      ProcurementProductCategoryHierachyName = "msdyn_hierarchy.msdyn_name"
    }
  }
}
