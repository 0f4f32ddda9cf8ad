# Transfer orders: stock that moves from one warehouse to another.
#
# The documentation does not name the Dataverse table; msdyn_transferorders is assumed.

map "transfer_order_headers_transferorders" {
  fno       = "TransferOrderHeaders"
  dataverse = "msdyn_transferorders"
  key       = ["TransferOrderNumber"]

  fields "both" {
    TransferOrderNumber = "msdyn_name"

    DeliveryModeCode      = "msdyn_shipvia"
    DeliveryTermsCode     = "msdyn_deliveryterm"
    RequestedReceiptDate  = "msdyn_receivedate"
    RequestedShippingDate = "msdyn_shipdate"

    ShippingWarehouseId  = "msdyn_fromwarehouse.msdyn_warehouseidentifier"
    ReceivingWarehouseId = "msdyn_towarehouse.msdyn_warehouseidentifier"
  }

  fields "to_dataverse" {
    ShippingContactPersonnelNumber  = "msdyn_shippingcontactpersonnelnumber"
    ReceivingContactPersonnelNumber = "msdyn_receivingcontactpersonnelnumber"

    TransitWarehouseId = "msdyn_transitwarehouse.msdyn_warehouseidentifier"

    ShippingAddressName             = "msdyn_shippingaddressname"
    FormattedShippingAddress        = "msdyn_formattedshippingaddress"
    ShippingAddressCity             = "msdyn_shippingaddresscity"
    ShippingAddressCountryRegionId  = "msdyn_shippingaddresscountryregionid"
    ShippingAddressCountyId         = "msdyn_shippingaddresscountyid"
    ShippingAddressDescription      = "msdyn_shippingaddressdescription"
    ShippingAddressDistrictName     = "msdyn_shippingaddressdistrictname"
    ShippingAddressDunsNumber       = "msdyn_shippingaddressdunsnumber"
    ShippingAddressLatitude         = "msdyn_shippingaddresslatitude"
    ShippingAddressLocationId       = "msdyn_shippingaddresslocationid"
    ShippingAddressLongitude        = "msdyn_shippingaddresslongitude"
    ShippingAddressPostBox          = "msdyn_shippingaddresspostbox"
    ShippingAddressStateId          = "msdyn_shippingaddressstateorprovince"
    ShippingAddressStreet           = "msdyn_shippingaddress1"
    ShippingAddressStreetNumber     = "msdyn_shippingaddress2"
    ShippingAddressTimeZone         = "msdyn_shippingaddresstimezone"
    ShippingAddressZipCode          = "msdyn_shippingaddresspostalcode"
    ReceivingAddressName            = "msdyn_receivingaddressname"
    FormattedReceivingAddress       = "msdyn_formattedreceivingaddress"
    ReceivingAddressCity            = "msdyn_receivingaddresscity"
    ReceivingAddressCountryRegionId = "msdyn_receivingaddresscountryregionid"
    ReceivingAddressCountyId        = "msdyn_receivingaddresscountyid"
    ReceivingAddressDescription     = "msdyn_receivingaddressdescription"
    ReceivingAddressDistrictName    = "msdyn_receivingaddressdistrictname"
    ReceivingAddressDunsNumber      = "msdyn_receivingaddressdunsnumber"
    ReceivingAddressLatitude        = "msdyn_receivingaddresslatitude"
    ReceivingAddressLocationId      = "msdyn_receivingaddresslocationid"
    ReceivingAddressLongitude       = "msdyn_receivingaddresslongitude"
    ReceivingAddressPostBox         = "msdyn_receivingaddresspostbox"
    ReceivingAddressStateId         = "msdyn_receivingaddressstateorprovince"
    ReceivingAddressStreet          = "msdyn_receivingaddresss1"
    ReceivingAddressStreetNumber    = "msdyn_receivingaddresss2"
    ReceivingAddressTimeZone        = "msdyn_receivingaddresstimezone"
    ReceivingAddressZipCode         = "msdyn_receivingaddresspostalcode"
  }

  # Left out:
  #   TransferOrderStatus = msdyn_transferstatus: nobody documents the values of the column
}
