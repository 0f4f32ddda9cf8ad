# Lines of transfer orders.
#
# The documentation does not name the Dataverse table; msdyn_transferorderproducts is assumed.

map "transfer_order_lines_v2_transferorderproducts" {
  fno       = "TransferOrderLinesV2"
  dataverse = "msdyn_transferorderproducts"
  key       = ["TransferOrderNumber", "LineNumber"]

  fields "both" {
    TransferOrderNumber = "msdyn_transferorder.msdyn_name"
    LineNumber          = "msdyn_lineorder"

    AllowedOverdeliveryPercentage  = "msdyn_allowedoverdeliverypercentage"
    TransferCatchWeightQuantity    = "msdyn_catchweightquantity"
    RequestedReceiptDate           = "msdyn_receivedate"
    RequestedShippingDate          = "msdyn_shipdate"
    AllowedUnderdeliveryPercentage = "msdyn_allowedunderdeliverypercentage"
    ShippingWarehouseId            = "msdyn_shippingwarehouse"
    ShippingSiteId                 = "msdyn_shippingsite"
    ShippingWarehouseLocationId    = "msdyn_shippinglocation"

    ItemNumber = "msdyn_product.msdyn_productnumber"
  }

  fields "to_dataverse" {
    ReceivedCatchWeightQuantity = "msdyn_catchweightquantityreceived"
    ScrappedCatchWeightQuantity = "msdyn_catchweightquantityscrapped"
    ShippedCatchWeightQuantity  = "msdyn_catchweightquantityshipped"
    ReceivedQuantity            = "msdyn_quantityreceived"
    ScrappedQuantity            = "msdyn_quantityscrapped"
    ShippedQuantity             = "msdyn_quantityshipped"
    TransferQuantity            = "msdyn_quantity"
    InventoryUnitSymbol         = "msdyn_unit"
  }

  # Left out:
  #   LineStatus = msdyn_linestatus: nobody documents the values of the column
}
