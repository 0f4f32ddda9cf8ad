# Sales orders with customer, addresses, delivery and payment.

map "cds_sales_order_headers_salesorders" {
  fno       = "CDSSalesOrderHeaders"
  dataverse = "salesorders"
  key       = ["SalesOrderNumber"]

  filter {
    dataverse = "msdyn_ordertype eq 192350000"
  }

  fields "both" {
    SalesOrderNumber = "msdyn_salesordernumber"

    ArePricesIncludingSalesTax = "msdyn_arepricesincludingsalestax"
    ConfirmedReceiptDate       = "msdyn_confirmedreceiptdate"
    ConfirmedShippingDate      = "msdyn_confirmedshippingdate"
    CustomerRequisitionNumber  = "msdyn_customerrequisitionnumber"
    DeliveryBuildingCompliment = "msdyn_deliverybuildingcompliment"
    Email                      = "emailaddress"
    IsOneTimeCustomer          = "msdyn_isonetimecustomer"
    IsSalesProcessingStopped   = "msdyn_issalesprocessingstopped"
    PaymentTermsBaseDate       = "msdyn_paymenttermsbasedate"
    QuotationNumber            = "msdyn_quotationnumber"
    RequestedReceiptDate       = "msdyn_requestedreceiptdate"
    RequestedShippingDate      = "requestdeliveryby"
    URL                        = "msdyn_url"
    CustomersOrderReference    = "msdyn_customersorderreference"

    CurrencyCode               = "transactioncurrencyid.isocurrencycode"
    ContactPersonId            = "msdyn_associatedcontact.msdyn_contactforpartynumber"
    DefaultShippingSiteId      = "msdyn_defaultshippingsite.msdyn_siteid"
    DefaultShippingWarehouseId = "msdyn_defaultshippingwarehouse.msdyn_warehouseidentifier"
    PaymentTermsName           = "msdyn_paymentterms.msdyn_name"
    PriceCustomerGroupCode     = "msdyn_pricecustomergroup.msdyn_groupcode"
    DeliveryModeCode           = "msdyn_deliverymode.msdyn_name"
    DeliveryTermsCode          = "msdyn_deliveryterms.msdyn_termscode"
    SalesOrderOriginCode       = "msdyn_salesorderorigin.msdyn_origincode"

    DeliveryAddressCity            = "shipto_city"
    DeliveryAddressStreetNumber    = "shipto_line2"
    DeliveryAddressZipCode         = "shipto_postalcode"
    DeliveryAddressStreet          = "shipto_line1"
    DeliveryAddressStateId         = "shipto_stateorprovince"
    DeliveryAddressCountyId        = "msdyn_deliveryaddresscountyid"
    DeliveryAddressDescription     = "msdyn_deliveryaddressdescription"
    DeliveryAddressDistrictName    = "msdyn_deliveryaddressdistrictname"
    DeliveryAddressDunsNumber      = "msdyn_deliveryaddressdunsnumber"
    DeliveryAddressLatitude        = "msdyn_deliveryaddresslatitude"
    DeliveryAddressLocationId      = "msdyn_deliveryaddresslocationid"
    DeliveryAddressLongitude       = "msdyn_deliveryaddresslongitude"
    DeliveryAddressName            = "msdyn_deliveryaddressname"
    DeliveryAddressPostBox         = "msdyn_deliveryaddresspostbox"
    IsDeliveryAddressOrderSpecific = "msdyn_isdeliveryaddressorderspecific"
    IsDeliveryAddressPrivate       = "msdyn_isdeliveryaddressprivate"
  }

  fields "to_dataverse" {
    SalesOrderName            = "name"
    OrderTotalAmount          = "totalamount"
    TotalDiscountAmount       = "discountamount"
    OrderTotalTaxAmount       = "totaltax"
    OrderTotalChargesAmount   = "freightamount"
    InvoiceBuildingCompliment = "msdyn_invoicebuildingcompliment"
    CurrencyCode              = "msdyn_isocurrencycode"

    InvoiceAddressCity                 = "billto_city"
    InvoiceAddressStreet               = "billto_line1"
    InvoiceAddressStreetNumber         = "billto_line2"
    InvoiceAddressCountryRegionISOCode = "billto_country"
    InvoiceAddressStateId              = "billto_stateorprovince"
    InvoiceAddressZipCode              = "billto_postalcode"
    FormattedDelveryAddress            = "msdyn_formatteddeliveryaddress"
    FormattedInvoiceAddress            = "msdyn_formattedinvoiceaddress"
    InvoiceAddressCountyId             = "msdyn_invoiceaddresscountyid"
    InvoiceAddressDistrictName         = "msdyn_invoiceaddressdistrictname"
    InvoiceAddressLatitude             = "msdyn_invoiceaddresslatitude"
    InvoiceAddressLongitude            = "msdyn_invoiceaddresslongitude"
    InvoiceAddressPostBox              = "msdyn_invoiceaddresspostbox"
    IsInvoiceAddressPrivate            = "msdyn_isinvoiceaddressprivate"
  }

  lookup "customerid" {
    target "accounts" {
      match = { OrderingCustomerAccountNumber = "accountnumber" }
    }
    target "contacts" {
      match = { OrderingCustomerAccountNumber = "msdyn_contactpersonid" }
    }
  }

  field "shipto_country" {
    fno = "DeliveryAddressCountryRegionISOCode"
    values = {
      US = "united states"
      DE = "germany"
      FR = "france"
      GB = "united kingdom"
      JP = "japan"
      IN = "india"
      ES = "spain"
      NZ = "new zealand"
      AU = "australia"
      CO = "columbia" # Microsoft's spelling
      ZA = "south africa"
      BE = "belgium"
      CA = "canada"
      AT = "austria"
      TR = "turkey"
      CN = "china"
      DK = "denmark"
      SE = "sweden"
      NO = "norway"
      FI = "finland"
      EG = "egypt"
    }
    otherwise = "pass"
  }

  lookup "msdyn_invoicecustomerid" {
    target "accounts" {
      match = { InvoiceCustomerAccountNumber = "accountnumber" }
    }
    target "contacts" {
      match = { InvoiceCustomerAccountNumber = "msdyn_contactpersonid" }
    }
  }

  field "msdyn_salesorderpromisingmethod" {
    fno = "SalesOrderPromisingMethod"
    values = {
      None               = 192350000
      SalesLeadTime      = 192350001
      ATP                = 192350002
      ATPPlusIssueMargin = 192350003
      CTP                = 192350004
    }
    otherwise = null # FullRunCTP
  }

  field "msdyn_processingstatus" {
    fno = "SalesOrderProcessingStatus"
    values = {
      Active             = 192350000
      Confirmed          = 192350001
      Picked             = 192350002
      PartiallyDelivered = 192350003
      Delivered          = 192350004
      Invoiced           = 192350005
      PartiallyInvoiced  = 192350006
      Canceled           = 192350007
    }
    otherwise = null # DeliveredPartiallyInvoiced
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

  constant "msdyn_ordertype" {
    value = 192350000
  }
}
