# Purchase orders with vendor, delivery and totals.

map "purchase_order_headers_v2_purchaseorders" {
  fno       = "PurchaseOrderHeadersV2"
  dataverse = "msdyn_purchaseorders"
  key       = ["PurchaseOrderNumber"]

  fields "both" {
    PurchaseOrderNumber = "msdyn_name"

    RequestedDeliveryDate      = "msdyn_dateexpected"
    AccountingDate             = "msdyn_accountingdate"
    ArePricesIncludingSalesTax = "msdyn_arepriceincludingsalestax"
    CashDiscountCode           = "msdyn_cashdiscountcode"
    CashDiscountPercentage     = "msdyn_cashdiscountpercentage"
    Email                      = "msdyn_email"
    ReasonCode                 = "msdyn_reasoncode"
    ReasonComment              = "msdyn_reasoncomment"
    TotalDiscountPercentage    = "msdyn_totaldiscountpercentage"
    URL                        = "msdyn_url"
    VendorOrderReference       = "msdyn_vendororderreference"
    ConfirmedDeliveryDate      = "msdyn_confirmeddeliverydate"

    PaymentTermsName            = "msdyn_paymentterm.msdyn_name"
    DefaultReceivingWarehouseId = "msdyn_receivetowarehouse.msdyn_warehouseidentifier"
    ContactPersonId             = "msdyn_contactpersonid.msdyn_contactpersonid"
    CurrencyCode                = "transactioncurrencyid.isocurrencycode"
    DefaultReceivingSiteId      = "msdyn_defaultreceivingsiteid.msdyn_siteid"
    DeliveryTermsId             = "msdyn_deliveryterm.msdyn_termscode"
    OrdererPersonnelNumber      = "msdyn_ordererpersonnelnumber.cdm_workernumber"
    VendorPaymentMethodName     = "msdyn_vendorpaymentmethod.msdyn_name"
    OrderVendorAccountNumber    = "msdyn_vendor.accountnumber"
    DeliveryModeId              = "msdyn_shipvia.msdyn_name"
    InvoiceVendorAccountNumber  = "msdyn_invoicevendoraccount.accountnumber"
  }

  fields "to_dataverse" {
    AttentionInformation                 = "msdyn_attentioninformation"
    IsChangeManagementActive             = "msdyn_ischangemanagementactive"
    IsDeliveredDirectly                  = "msdyn_isdeliverydirectly"
    VendorPaymentMethodSpecificationName = "msdyn_vendorpaymentmethodspecificationname"
    DeliveryBuildingCompliment           = "msdyn_deliverybuildingcompliment"

    DeliveryAddressName                 = "msdyn_addressname"
    DeliveryAddressCity                 = "msdyn_city"
    DeliveryAddressCountryRegionISOCode = "msdyn_country"
    DeliveryAddressStateId              = "msdyn_stateorprovince"
    DeliveryAddressZipCode              = "msdyn_postalcode"
    DeliveryAddressStreet               = "msdyn_address1"
    InvoiceAddressStreetNumber          = "msdyn_invoiceaddressstreetnumber"
    DeliveryAddressLongitude            = "msdyn_longitude"
    DeliveryAddressLatitude             = "msdyn_latitude"
    DeliveryAddressCountryRegionId      = "msdyn_deliveryaddresscountryregionid"
    DeliveryAddressCountyId             = "msdyn_deliveryaddresscountyid"
    DeliveryAddressDescription          = "msdyn_deliveryaddressdescription"
    DeliveryAddressDistrictName         = "msdyn_deliveryaddressdistrictname"
    DeliveryAddressDunsNumber           = "msdyn_deliveryaddressdunsnumber"
    DeliveryAddressLocationId           = "msdyn_deliveryaddresslocationid"
    DeliveryAddressPostBox              = "msdyn_deliveryaddresspostbox"
    DeliveryAddressTimeZone             = "msdyn_deliveryaddresstimezone"
    FormattedDeliveryAddress            = "msdyn_formatteddeliveryaddress"
    FormattedInvoiceAddress             = "msdyn_formattedinvoiceaddress"
    InvoiceAddressCity                  = "msdyn_invoiceaddresscity"
    InvoiceAddressCountryRegionId       = "msdyn_invoiceaddresscountryregionid"
    InvoiceAddressCounty                = "msdyn_invoiceaddresscounty"
    InvoiceAddressState                 = "msdyn_invoiceaddressstate"
    InvoiceAddressStreet                = "msdyn_invoiceaddressstreet"
    DeliveryAddressStreetNumber         = "msdyn_address2"
    InvoiceAddressZipCode               = "msdyn_invoiceaddresszipcode"
  }

  field "msdyn_language" {
    fno = "LanguageId"
    values = {
      ar      = 192350000
      ar-ae   = 192350001
      cs      = 192350002
      da      = 192350003
      de      = 192350004
      de-at   = 192350005
      de-ch   = 192350006
      en-au   = 192350007
      en-gb   = 192350009
      en-ie   = 192350010
      en-in   = 192350011
      en-ca   = 192350008
      en-my   = 192350012
      en-nz   = 192350013
      en-sg   = 192350014
      en-us   = 192350015
      en-za   = 192350016
      es      = 192350017
      es-mx   = 192350018
      et      = 192350019
      fi      = 192350020
      fr      = 192350021
      fr-be   = 192350022
      fr-ca   = 192350023
      fr-ch   = 192350024
      hu      = 192350025
      is      = 192350026
      it      = 192350027
      it-ch   = 192350028
      ja      = 192350029
      lt      = 192350030
      lv      = 192350031
      nb-no   = 192350032
      nl      = 192350033
      nl-be   = 192350034
      pl      = 192350035
      pt-br   = 192350036
      ru      = 192350037
      sv      = 192350038
      th      = 192350039
      tr      = 192350040
      zh-hans = 192350041
    }
  }

  field "msdyn_documentapprovalstatus" {
    fno       = "DocumentApprovalStatus"
    direction = "to_dataverse"
    values = {
      Draft            = 192350000
      InReview         = 192350001
      Rejected         = 192350002
      Approved         = 192350003
      InExternalReview = 192350004
      Finalized        = 192350005
      Confirmed        = 192350006
    }
  }

  field "msdyn_purchaseorderstatus" {
    fno       = "PurchaseOrderStatus"
    direction = "to_dataverse"
    values = {
      None      = 192350000
      Backorder = 192350001
      Received  = 192350002
      Invoiced  = 192350003
      Canceled  = 192350004
    }
  }
}
