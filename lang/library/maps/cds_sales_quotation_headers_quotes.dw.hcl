# Sales quotations with customer, addresses, delivery and payment.

map "cds_sales_quotation_headers_quotes" {
  fno       = "CDSSalesQuotationHeaders"
  dataverse = "quotes"
  key       = ["SalesQuotationNumber"]

  filter {
    dataverse = "msdyn_ordertype eq 192350000 and statecode eq 0"
  }

  fields "both" {
    SalesQuotationNumber = "msdyn_quotenumber"

    CustomersReference             = "msdyn_customersreference"
    SalesQuotationName             = "name"
    ArePricesIncludingSalesTax     = "msdyn_arepricesincludingsalestax"
    CustomerRequisitionNumber      = "msdyn_customerrequisitionnumber"
    DeliveryBuildingCompliment     = "msdyn_deliverybuildingcompliment"
    ReceiptDateRequested           = "msdyn_requestedreceiptdate"
    RequestedShippingDate          = "requestdeliveryby"
    SalesQuotationConfirmationDate = "msdyn_salesquotationconfirmationdate"
    SalesQuotationExpiryDate       = "msdyn_salesquotationexpirydate"
    SalesQuotationFollowUpDate     = "msdyn_salesquotationfollowupdate"
    TotalDiscountPercentage        = "msdyn_totaldiscountpercentage"
    URL                            = "msdyn_url"
    Email                          = "emailaddress"

    CurrencyCode               = "transactioncurrencyid.isocurrencycode"
    ContactPersonId            = "msdyn_associatedcontact.msdyn_contactforpartynumber"
    DefaultShippingSiteId      = "msdyn_defaultshippingsite.msdyn_siteid"
    DefaultShippingWarehouseId = "msdyn_defaultshippingwarehouse.msdyn_warehouseidentifier"
    GeneratedSalesOrderNumber  = "msdyn_generatedsalesordernumber.msdyn_salesordernumber"
    PaymentTermsName           = "msdyn_paymentterms.msdyn_name"
    PriceCustomerGroupCode     = "msdyn_pricecustomergroup.msdyn_groupcode"
    OperatingUnitPartyNumber   = "msdyn_operatingunit.msdyn_partynumber"

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
    QuotationTotalAmount        = "totalamount"
    TotalDiscountAmount         = "discountamount"
    QuotationTotalTaxAmount     = "totaltax"
    QuotationTotalChargesAmount = "freightamount"
    InvoiceBuildingCompliment   = "msdyn_invoicebuildingcompliment"
    CurrencyCode                = "msdyn_isocurrencycode"

    InvoiceAddressCity                 = "billto_city"
    InvoiceAddressStreet               = "billto_line1"
    InvoiceAddressStreetNumber         = "billto_line2"
    InvoiceAddressCountryRegionISOCode = "billto_country"
    InvoiceAddressStateId              = "billto_stateorprovince"
    InvoiceAddressZipCode              = "billto_postalcode"
    FormattedDeliveryAddress           = "msdyn_formatteddeliveryaddress"
    FormattedInvoiceAddress            = "msdyn_formattedinvoiceaddress"
    InvoiceAddressCountryRegionId      = "msdyn_invoiceaddresscountryregionid"
    InvoiceAddressCountyId             = "msdyn_invoiceaddresscountyid"
    InvoiceAddressDistrictName         = "msdyn_invoiceaddressdistrictname"
    InvoiceAddressLatitude             = "msdyn_invoiceaddresslatitude"
    InvoiceAddressLongitude            = "msdyn_invoiceaddresslongitude"
    InvoiceAddressPostBox              = "msdyn_invoiceaddresspostbox"
    IsInvoiceAddressPrivate            = "msdyn_isinvoiceaddressprivate"
  }

  lookup "customerid" {
    target "accounts" {
      match = { RequestingCustomerAccountNumber = "accountnumber" }
    }
    target "contacts" {
      match = { RequestingCustomerAccountNumber = "msdyn_contactpersonid" }
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

  field "msdyn_salesquotationstatus" {
    fno = "SalesQuotationStatus"
    values = {
      Created   = 192350000
      Sent      = 192350001
      Confirmed = 192350002
      Lost      = 192350003
      Cancelled = 192350004
      Reset     = 192350005
      Modified  = 192350006
      Submitted = 192350007
      Approved  = 192350008
      Revised   = 192350009
    }
  }

  constant "msdyn_ordertype" {
    value = 192350000
  }
}
