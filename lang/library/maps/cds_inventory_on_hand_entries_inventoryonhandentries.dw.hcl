# Answers to requests for stock: quantities on hand by site, warehouse and day.

map "cds_inventory_on_hand_entries_inventoryonhandentries" {
  fno       = "CDSInventoryOnHandEntries"
  dataverse = "msdyn_inventoryonhandentries"
  key       = ["ATPDate", "InventorySiteId", "InventoryWarehouseId", "RequestId"]
  company   = "msdyn_request.msdyn_company"

  fields "both" {
    ATPDate              = "msdyn_atpdate"
    InventorySiteId      = "msdyn_inventorysite.msdyn_siteid"
    InventoryWarehouseId = "msdyn_inventorywarehouse.msdyn_warehouseidentifier"
    RequestId            = "msdyn_request.msdyn_requestid"
  }

  fields "to_dataverse" {
    AvailableOnHandQuantity   = "msdyn_availableonhandquantity"
    AvailableOrderedQuantity  = "msdyn_availableorderedquantity"
    OnHandQuantity            = "msdyn_onhandquantity"
    OnOrderQuantity           = "msdyn_onorderquantity"
    OrderedQuantity           = "msdyn_orderedquantity"
    ReservedOnHandQuantity    = "msdyn_reservedonhandquantity"
    ReservedOrderedQuantity   = "msdyn_reservedorderedquantity"
    TotalAvailableQuantity    = "msdyn_totalavailablequantity"
    ATPQuantity               = "msdyn_atpquantity"
    ProjectedIssueQuantity    = "msdyn_projectedissuequantity"
    ProjectedOnHandQuantity   = "msdyn_projectedonhandquantity"
    ProjectedReceiptQuantity  = "msdyn_projectedreceiptquantity"
    OrderQuantity             = "msdyn_orderquantity"
    UnavailableOnHandQuantity = "msdyn_unavailableonhandquantity"
  }
}
