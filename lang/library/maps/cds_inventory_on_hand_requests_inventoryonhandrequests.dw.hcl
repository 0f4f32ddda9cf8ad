# Requests for stock on hand, which F&O answers with entries.

map "cds_inventory_on_hand_requests_inventoryonhandrequests" {
  fno       = "CDSInventoryOnHandRequests"
  dataverse = "msdyn_inventoryonhandrequests"
  key       = ["RequestId"]

  fields "both" {
    RequestId = "msdyn_requestid"
  }

  fields "to_fno" {
    IsATPCalculation           = "msdyn_isatpcalculation"
    OrderQuantity              = "msdyn_orderquantity"
    ReferenceNumber            = "msdyn_referencenumber"
    LineCreationSequenceNumber = "msdyn_linecreationsequencenumber"

    ProductNumber        = "msdyn_product.msdyn_productnumber"
    InventorySiteId      = "msdyn_inventorysite.msdyn_siteid"
    InventoryWarehouseId = "msdyn_inventorywarehouse.msdyn_warehouseidentifier"
  }
}
