# Marks lines of purchase orders that F&O has deleted.

map "cds_purchase_order_soft_deleted_lines_purchaseorderproducts" {
  fno       = "CDSPurchaseOrderSoftDeletedLines"
  dataverse = "msdyn_purchaseorderproducts"
  key       = ["PurchaseOrderNumber", "LineNumber"]

  fields "to_dataverse" {
    PurchaseOrderNumber = "msdyn_purchaseorder.msdyn_name"
    LineNumber          = "msdyn_lineorder"

    IsDeleted = "msdyn_issoftdeletedinscm"
  }
}
