# Product receipts: what vendors have delivered.

map "product_receipt_headers_purchaseorderreceipts" {
  fno       = "ProductReceiptHeaders"
  dataverse = "msdyn_purchaseorderreceipts"
  key       = ["RecordId"]

  fields "to_dataverse" {
    RecordId = "msdyn_recordid"

    ProductReceiptDate         = "msdyn_datereceived"
    ProductReceiptNumber       = "msdyn_name"
    AttentionInformation       = "msdyn_note"
    DeliveryCityInKana         = "msdyn_deliverycityinkana"
    DeliveryStreetInKana       = "msdyn_deliverystreetinkana"
    DeliveryBuildingCompliment = "msdyn_deliverybuildingcompliment"

    PurchaseOrderNumber      = "msdyn_purchaseorder.msdyn_name"
    DeliveryModeId           = "msdyn_shipvia.msdyn_name"
    DeliveryTermsId          = "msdyn_deliveryterm.msdyn_termscode"
    OrderVendorAccountNumber = "msdyn_ordervendor.msdyn_vendoraccountnumber"
    RequesterPersonnelNumber = "msdyn_requesterpersonnel.cdm_workernumber"

    DeliveryAddressLatitude        = "msdyn_deliveryaddresslatitude"
    DeliveryAddressLongitude       = "msdyn_deliveryaddresslongitude"
    IsDeliveryAddressPrivate       = "msdyn_isdeliveryaddressprivate"
    DeliveryAddressCountryRegionId = "msdyn_deliveryaddresscountryregionid"
    DeliveryAddressCountyId        = "msdyn_deliveryaddresscountyid"
    DeliveryAddressStateId         = "msdyn_deliveryaddressstateid"
    DeliveryAddressZipCode         = "msdyn_deliveryaddresszipcode"
    DeliveryAddressName            = "msdyn_deliveryaddressname"
    DeliveryAddressTimeZone        = "msdyn_deliveryaddresstimezone"
    DeliveryAddressPostBox         = "msdyn_deliveryaddresspostbox"
    DeliveryAddressStreetNumber    = "msdyn_deliveryaddressstreetnumber"
    DeliveryAddressStreet          = "msdyn_deliveryaddressstreet"
    FormattedDeliveryAddress       = "msdyn_formatteddeliveryaddress"
    DeliveryAddressLocationId      = "msdyn_deliveryaddresslocationid"
    DeliveryAddressCity            = "msdyn_deliveryaddresscity"
    DeliveryAddressDescription     = "msdyn_deliveryaddressdescription"
    DeliveryAddressDistrictName    = "msdyn_deliveryaddressdistrictname"
    DeliveryAddressDunsNumber      = "msdyn_deliveryaddressdunsnumber"
  }
}
