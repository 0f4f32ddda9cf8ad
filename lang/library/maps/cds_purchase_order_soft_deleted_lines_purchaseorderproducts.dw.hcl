# Marks lines of purchase orders that F&O has deleted.
#
# It fills one column of rows that the map of purchase order lines has created.

map "cds_purchase_order_soft_deleted_lines_purchaseorderproducts" {
  fno       = "CDSPurchaseOrderSoftDeletedLines"
  dataverse = "msdyn_purchaseorderproducts"
  key       = ["PurchaseOrderNumber", "LineNumber"]
  company   = "msdyn_purchaseorder.msdyn_company"

  fields "to_dataverse" {
    PurchaseOrderNumber = "msdyn_purchaseorder.msdyn_name"
    LineNumber          = "msdyn_lineorder"

    IsDeleted = "msdyn_issoftdeletedinscm"
  }

  creates = { to_dataverse = false, to_fno = false }
}
