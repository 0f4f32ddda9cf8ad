# Lines of product receipts.
#
# The fields of the entity are taken from its sister entity; only the name is known for sure.

map "product_receipt_lines_purchaseorderreceiptproducts" {
  fno       = "ProductReceiptLines"
  dataverse = "msdyn_purchaseorderreceiptproducts"
  key       = ["RecordId"]

  fields "to_dataverse" {
    RecordId = "msdyn_recordid"

    ExpectedDeliveryDate       = "msdyn_expecteddeliverydate"
    ExternalItemNumber         = "msdyn_externalitemnumber"
    ItemBatchNumber            = "msdyn_itembatchnumber"
    ItemSerialNumber           = "msdyn_itemserialnumber"
    LineDescription            = "msdyn_linedescription"
    OrderedPurchaseQuantity    = "msdyn_orderedpurchasequantity"
    ProductReceiptDate         = "msdyn_productreceiptdate"
    ProductReceiptNumber       = "msdyn_productreceiptnumber"
    ReceivedInventoryQuantity  = "msdyn_receivedinventoryquantity"
    ReceivedInventoryStatusId  = "msdyn_receivedinventorystatusid"
    ReceivedPurchaseQuantity   = "msdyn_quantity"
    RemainingInventoryQuantity = "msdyn_remaininginventoryquantity"
    RemainingPurchaseQuantity  = "msdyn_remainingpurchasequantity"

    ProductReceiptHeaderRecordId = "msdyn_purchaseorderreceipt.msdyn_recordid"
    PurchaseOrderNumber          = "msdyn_purchaseorder.msdyn_name"
    PurchaseUnitSymbol           = "msdyn_purchaseunitsymbol.msdyn_symbol"
    ReceivingSiteId              = "msdyn_receivingsiteid.msdyn_siteid"
    ReceivingWarehouseId         = "msdyn_associatetowarehouse.msdyn_warehouseidentifier"
    ProductNumber                = "msdyn_product.msdyn_productnumber"

    DeliveryAddressCountryRegionId = "msdyn_deliveryaddresscountryregionid"
    DeliveryAddressCountyId        = "msdyn_deliveryaddresscountyid"
    DeliveryAddressStateId         = "msdyn_deliveryaddressstateid"
  }

  lookup "msdyn_procurementproductcategory" {
    direction = "to_dataverse"
    match = {
      ProcurementProductCategoryName          = "msdyn_name"
      ProcurementProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
    }
  }

  lookup "msdyn_purchaseorderproduct" {
    direction = "to_dataverse"
    match = {
      PurchaseOrderLineNumber = "msdyn_lineorder"
      PurchaseOrderNumber     = "msdyn_purchaseorder.msdyn_name"
    }
  }

  lookup "msdyn_receivingwarehouselocation" {
    direction = "to_dataverse"
    match = {
      ReceivingWarehouseLocationId = "msdyn_warehouselocationid"
      ReceivingWarehouseId         = "msdyn_warehouse.msdyn_warehouseidentifier"
    }
  }
}
