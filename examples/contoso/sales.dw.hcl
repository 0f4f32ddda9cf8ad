# Orders and what they need besides customers, products and warehouses.

map "price_customer_groups" {
  fno       = "PriceCustomerGroups"
  dataverse = "msdyn_pricecustomergroups"
  key       = ["GroupCode"]

  fields "both" {
    GroupCode = "msdyn_groupcode"
    GroupName = "msdyn_groupname"
  }
}

map "order_origins" {
  fno       = "SalesOrderOriginCodes"
  dataverse = "msdyn_salesorderorigins"
  key       = ["OriginCode"]

  fields "both" {
    OriginCode        = "msdyn_origincode"
    OriginDescription = "msdyn_origindescription"
  }
}

map "delivery_modes" {
  fno       = "TransportationModes"
  dataverse = "msdyn_shipvias"
  key       = ["ModeCode"]

  fields "both" {
    ModeCode        = "msdyn_name"
    ModeDescription = "msdyn_description"
  }
}

map "delivery_terms" {
  fno       = "DeliveryTerms"
  dataverse = "msdyn_termsofdeliveries"
  key       = ["TermsCode"]

  fields "both" {
    TermsCode        = "msdyn_termscode"
    TermsDescription = "msdyn_termsdescription"
    IntrastatCode    = "msdyn_intrastatcode"
    IsCashOnDelivery = "msdyn_iscashondelivery"

    DoRetailSalesOrdersGetTransportationChargesAdded = "msdyn_doretailsogettransportationchargesadded"
    WillShipmentConfirmationTransferCharges          = "msdyn_willshipmentconfirmationtransfercharges"
  }

  field "msdyn_salestaxlocationrole" {
    fno = "SalesTaxLocationRole"
    values = {
      None                  = 192350000
      Invoice               = 192350001
      Delivery              = 192350002
      SWIFT                 = 192350003
      Payment               = 192350004
      Service               = 192350005
      Home                  = 192350006
      Other                 = 192350007
      Business              = 192350008
      RemitTo               = 192350009
      Statement             = 192350010
      FixedAsset            = 192350011
      OneTime               = 192350012
      Recruit               = 192350013
      SMS                   = 192350014
      Lading_W              = 192350015
      Unlading_W            = 192350016
      HeadCompany_IT        = 192350017
      StableOrganization_IT = 192350018
    }
    otherwise = null # payroll, Russian and Indian locations
  }

  field "msdyn_freightchargeterms" {
    fno = "FreightChargeTerms"
    values = {
      Prepaid    = 192350000
      Collect    = 192350001
      ThirdParty = 192350002
      Nofreight  = 192350003
    }
    otherwise = null # ConsigneeParty
  }
}

# Countries are codes in F&O and words in Dataverse. Those that are not listed pass
# as they are, in both directions.

enum "country" {
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

# Three F&O values become one option: reverse says which of them it becomes when it
# comes back. Any other language is an error: someone has to add it here.

enum "language" {
  values = {
    ""        = 192350015 # nothing entered: English as in the United States
    ar        = 192350000
    "ar-ae"   = 192350001
    cs        = 192350002
    da        = 192350003
    de        = 192350004
    "de-at"   = 192350005
    "de-ch"   = 192350006
    "en-au"   = 192350007
    "en-ca"   = 192350008
    "en-gb"   = 192350009
    "en-ie"   = 192350010
    "en-in"   = 192350011
    "en-my"   = 192350012
    "en-nz"   = 192350013
    "en-sg"   = 192350014
    "en-us"   = 192350015
    "en-za"   = 192350016
    es        = 192350017
    "es-mx"   = 192350018
    et        = 192350019
    fi        = 192350020
    fr        = 192350021
    "fr-be"   = 192350022
    "fr-ca"   = 192350023
    "fr-ch"   = 192350024
    hu        = 192350025
    is        = 192350026
    it        = 192350027
    "it-ch"   = 192350028
    ja        = 192350029
    lt        = 192350030
    lv        = 192350031
    "nb-no"   = 192350032
    nl        = 192350033
    "nl-be"   = 192350034
    pl        = 192350035
    "pt-br"   = 192350036
    ru        = 192350037
    sv        = 192350038
    th        = 192350039
    tr        = 192350040
    "zh-hans" = 192350041
  }
  otherwise = "fail"
  reverse = {
    192350015 = "en-us"
  }
}

enum "promising_method" {
  values = {
    None               = 192350000
    SalesLeadTime      = 192350001
    ATP                = 192350002
    ATPPlusIssueMargin = 192350003
    CTP                = 192350004
    FullRunCTP         = 192350004 # Dataverse has one option for both
  }
  reverse = {
    192350004 = "CTP"
  }
}

map "sales_orders" {
  fno       = "CDSSalesOrderHeaders"
  dataverse = "salesorders"
  key       = { SalesOrderNumber = "msdyn_salesordernumber" }
  owner     = "company_team"

  # Work based orders, of projects, are none of F&O's sales orders.
  filter {
    dataverse = "msdyn_ordertype eq 192350000"
    on_leave  = "unlink"
  }

  # The customer is an account or a contact. Targets stand in order of precedence.
  # An order belongs to one customer for good: F&O does not let it change.
  lookup "customerid" {
    target "accounts" {
      match = { OrderingCustomerAccountNumber = "accountnumber" }
    }
    target "contacts" {
      match = { OrderingCustomerAccountNumber = "msdyn_contactpersonid" }
    }
    writes  = "create"
    missing = "park"
  }

  lookup "msdyn_invoicecustomerid" {
    target "accounts" {
      match = { InvoiceCustomerAccountNumber = "accountnumber" }
    }
    target "contacts" {
      match = { InvoiceCustomerAccountNumber = "msdyn_contactpersonid" }
    }
  }

  fields "both" {
    CustomersOrderReference   = "msdyn_customersorderreference"
    CustomerRequisitionNumber = "msdyn_customerrequisitionnumber"
    Email                     = "emailaddress"
    URL                       = "msdyn_url"
    QuotationNumber           = "msdyn_quotationnumber"

    PaymentTermsName           = "msdyn_paymentterms.msdyn_name"
    PaymentTermsBaseDate       = "msdyn_paymenttermsbasedate"
    PriceCustomerGroupCode     = "msdyn_pricecustomergroup.msdyn_groupcode"
    DeliveryModeCode           = "msdyn_deliverymode.msdyn_name"
    DeliveryTermsCode          = "msdyn_deliveryterms.msdyn_termscode"
    SalesOrderOriginCode       = "msdyn_salesorderorigin.msdyn_origincode"
    DefaultShippingSiteId      = "msdyn_defaultshippingsite.msdyn_siteid"
    DefaultShippingWarehouseId = "msdyn_defaultshippingwarehouse.msdyn_warehouseidentifier"

    # dw:ignore DW220 the day counts; Dataverse keeps a time of day with it
    RequestedShippingDate      = "requestdeliveryby"
    RequestedReceiptDate       = "msdyn_requestedreceiptdate"
    ConfirmedShippingDate      = "msdyn_confirmedshippingdate"
    ConfirmedReceiptDate       = "msdyn_confirmedreceiptdate"
    ArePricesIncludingSalesTax = "msdyn_arepricesincludingsalestax"
    IsOneTimeCustomer          = "msdyn_isonetimecustomer"
    IsSalesProcessingStopped   = "msdyn_issalesprocessingstopped"

    DeliveryAddressName            = "msdyn_deliveryaddressname"
    DeliveryAddressDescription     = "msdyn_deliveryaddressdescription"
    DeliveryAddressStreet          = "shipto_line1"
    DeliveryAddressStreetNumber    = "shipto_line2"
    DeliveryBuildingCompliment     = "msdyn_deliverybuildingcompliment"
    DeliveryAddressPostBox         = "msdyn_deliveryaddresspostbox"
    DeliveryAddressDistrictName    = "msdyn_deliveryaddressdistrictname"
    DeliveryAddressCity            = "shipto_city"
    DeliveryAddressCountyId        = "msdyn_deliveryaddresscountyid"
    DeliveryAddressStateId         = "shipto_stateorprovince"
    DeliveryAddressZipCode         = "shipto_postalcode"
    DeliveryAddressLocationId      = "msdyn_deliveryaddresslocationid"
    DeliveryAddressDunsNumber      = "msdyn_deliveryaddressdunsnumber"
    DeliveryAddressLatitude        = "msdyn_deliveryaddresslatitude"
    DeliveryAddressLongitude       = "msdyn_deliveryaddresslongitude"
    IsDeliveryAddressOrderSpecific = "msdyn_isdeliveryaddressorderspecific"
    IsDeliveryAddressPrivate       = "msdyn_isdeliveryaddressprivate"
  }

  field "shipto_country" {
    fno    = "DeliveryAddressCountryRegionISOCode"
    values = enum.country
  }

  # dw:ignore DW220 where F&O has no language, English stands for it
  field "msdyn_language" {
    fno    = "LanguageId"
    values = enum.language
  }

  # dw:ignore DW220 Dataverse does not tell the two kinds of CTP apart
  field "msdyn_salesorderpromisingmethod" {
    fno    = "SalesOrderPromisingMethod"
    values = enum.promising_method
  }

  # The currency of an order is given once: Dataverse converts all its amounts by
  # the rate of that moment.
  field "transactioncurrencyid.isocurrencycode" {
    fno    = "CurrencyCode"
    writes = "create"
  }

  # What F&O computes, and where it sends the invoice.
  fields "to_dataverse" {
    CurrencyCode            = "msdyn_isocurrencycode"
    SalesOrderName          = "name"
    OrderTotalAmount        = "totalamount"
    OrderTotalTaxAmount     = "totaltax"
    OrderTotalChargesAmount = "freightamount"
    TotalDiscountAmount     = "discountamount"

    InvoiceAddressStreet               = "billto_line1"
    InvoiceAddressStreetNumber         = "billto_line2"
    InvoiceBuildingCompliment          = "msdyn_invoicebuildingcompliment"
    InvoiceAddressPostBox              = "msdyn_invoiceaddresspostbox"
    InvoiceAddressDistrictName         = "msdyn_invoiceaddressdistrictname"
    InvoiceAddressCity                 = "billto_city"
    InvoiceAddressCountyId             = "msdyn_invoiceaddresscountyid"
    InvoiceAddressStateId              = "billto_stateorprovince"
    InvoiceAddressZipCode              = "billto_postalcode"
    InvoiceAddressCountryRegionISOCode = "billto_country"
    InvoiceAddressLatitude             = "msdyn_invoiceaddresslatitude"
    InvoiceAddressLongitude            = "msdyn_invoiceaddresslongitude"
    IsInvoiceAddressPrivate            = "msdyn_isinvoiceaddressprivate"
    FormattedDelveryAddress            = "msdyn_formatteddeliveryaddress" # F&O's spelling
    FormattedInvoiceAddress            = "msdyn_formattedinvoiceaddress"
  }

  # F&O computes the status from its journals, so it goes one way. It has one
  # member more than Dataverse has options.
  field "msdyn_processingstatus" {
    fno       = "SalesOrderProcessingStatus"
    direction = "to_dataverse"
    values = {
      Active                     = 192350000
      Confirmed                  = 192350001
      Picked                     = 192350002
      PartiallyDelivered         = 192350003
      Delivered                  = 192350004
      Invoiced                   = 192350005
      PartiallyInvoiced          = 192350006
      DeliveredPartiallyInvoiced = 192350006
      Canceled                   = 192350007
    }
  }

  constant "msdyn_ordertype" {
    value = 192350000 # item based
  }

  together = [
    [
      "shipto_line1", "shipto_line2", "msdyn_deliverybuildingcompliment", "msdyn_deliveryaddresspostbox", "msdyn_deliveryaddressdistrictname",
      "shipto_city", "msdyn_deliveryaddresscountyid", "shipto_stateorprovince", "shipto_postalcode", "shipto_country",
    ],
  ]

  # An order that is deleted in F&O is deleted in Dataverse too. Nobody deletes
  # orders of F&O from the outside.
  deletes = { to_dataverse = "propagate", to_fno = "ignore" }

  # Sales enters what the customer says; everything else is the business of F&O.
  mastering {
    master = "fno"
    dataverse = [
      "msdyn_customersorderreference", "msdyn_customerrequisitionnumber", "emailaddress", "msdyn_url",
      "requestdeliveryby", "msdyn_requestedreceiptdate",
    ]
    violation = "revert"
  }

  # Left out: ContactPersonId = msdyn_associatedcontact.msdyn_contactforpartynumber,
  # whose lookup leads to a map that this folder does not have; pricelevelid, which
  # the server fills.
}

map "sales_order_lines" {
  fno       = "CDSSalesOrderLines"
  dataverse = "salesorderdetails"
  key       = ["SalesOrderNumber", "LineCreationSequenceNumber"]

  # Lines have no company column of their own: theirs is that of their order.
  company = "salesorderid.msdyn_company"

  fields "both" {
    SalesOrderNumber           = "salesorderid.msdyn_salesordernumber"
    LineCreationSequenceNumber = "sequencenumber"
    ProductNumber              = "productid.msdyn_productnumber"
    SalesUnitSymbol            = "uomid.msdyn_symbol"
    ProductName                = "description"
    LineDescription            = "msdyn_linedescription"
    ExternalItemNumber         = "msdyn_externalitemnumber"

    OrderedSalesQuantity           = "quantity"
    SalesPrice                     = "priceperunit"
    SalesPriceQuantity             = "msdyn_salespricequantity"
    TotalDiscountAmount            = "manualdiscountamount"
    LineDiscountAmount             = "msdyn_linediscountamount"
    LineDiscountPercentage         = "msdyn_linediscountpercentage"
    MultilineDiscountAmount        = "msdyn_multilinediscountamount"
    MultilineDiscountPercentage    = "msdyn_multilinediscountpercentage"
    FixedPriceCharges              = "msdyn_fixedpricecharges"
    AllowedOverdeliveryPercentage  = "msdyn_allowedoverdeliverypercentage"
    AllowedUnderdeliveryPercentage = "msdyn_allowedunderdeliverypercentage"

    ShippingSiteId      = "msdyn_shippingsite.msdyn_siteid"
    ShippingWarehouseId = "msdyn_shippingwarehouse.msdyn_warehouseidentifier"
    DeliveryModeCode    = "msdyn_deliverymode.msdyn_name"
    DeliveryTermsId     = "msdyn_deliveryterms.msdyn_termscode"
    # dw:ignore DW220 the day counts; Dataverse keeps a time of day with it
    RequestedShippingDate = "requestdeliveryby"
    RequestedReceiptDate  = "msdyn_requestedreceiptdate"
    ConfirmedShippingDate = "msdyn_confirmedshippingdate"
    ConfirmedReceiptDate  = "msdyn_confirmedreceiptdate"
    IsLineStopped         = "msdyn_islinestopped"

    DeliveryAddressName            = "msdyn_deliveryaddressname"
    DeliveryAddressDescription     = "msdyn_deliveryaddressdescription"
    DeliveryAddressStreet          = "shipto_line1"
    DeliveryAddressStreetNumber    = "shipto_line2"
    DeliveryBuildingCompliment     = "msdyn_deliverybuildingcompliment"
    DeliveryAddressPostBox         = "msdyn_deliveryaddresspostbox"
    DeliveryAddressDistrictName    = "msdyn_deliveryaddressdistrictname"
    DeliveryAddressCity            = "shipto_city"
    DeliveryAddressCountyId        = "msdyn_deliveryaddresscountyid"
    DeliveryAddressStateId         = "shipto_stateorprovince"
    DeliveryAddressZipCode         = "shipto_postalcode"
    DeliveryAddressLocationId      = "msdyn_deliveryaddresslocationid"
    DeliveryAddressDunsNumber      = "msdyn_deliveryaddressdunsnumber"
    DeliveryAddressLatitude        = "msdyn_deliveryaddresslatitude"
    DeliveryAddressLongitude       = "msdyn_deliveryaddresslongitude"
    IsDeliveryAddressOrderSpecific = "msdyn_isdeliveryaddressspecific"
    IsDeliveryAddressPrivate       = "msdyn_isdeliveryaddressprivate"
  }

  # What F&O computes of a line. Its amount stands in two columns.
  fields "to_dataverse" {
    LineAmount               = ["extendedamount", "baseamount"]
    TotalTaxAmount           = "tax"
    TotalChargesAmount       = "msdyn_totalchargesamount"
    FormattedDeliveryAddress = "msdyn_formatteddeliveryaddress"
  }

  # The currency is that of the order, and as constant as there.
  field "transactioncurrencyid.isocurrencycode" {
    fno       = "CurrencyCode"
    direction = "to_dataverse"
    writes    = "create"
  }

  # One column, two F&O fields: the name of a category says little without its
  # hierarchy.
  lookup "msdyn_salesproductcategory" {
    match = {
      SalesProductCategoryName          = "msdyn_name"
      SalesProductCategoryHierarchyName = "msdyn_hierarchy.msdyn_name"
    }
  }

  field "shipto_country" {
    fno    = "DeliveryAddressCountryRegionISOCode"
    values = enum.country
  }

  # dw:ignore DW220 Dataverse does not tell the two kinds of CTP apart
  field "msdyn_salesorderpromisingmethod" {
    fno    = "SalesOrderPromisingMethod"
    values = enum.promising_method
  }

  field "msdyn_linestatus" {
    fno       = "SalesOrderLineStatus"
    direction = "to_dataverse"
    values = {
      None      = 192350000
      Backorder = 192350001
      Delivered = 192350002
      Invoiced  = 192350003
      Canceled  = 192350004
    }
  }

  # Prices come from F&O's agreements, not from Dataverse's price lists.
  constant "ispriceoverridden" {
    value = true
  }

  together = [
    ["quantity", "uomid.msdyn_symbol"],
    [
      "shipto_line1", "shipto_line2", "msdyn_deliverybuildingcompliment", "msdyn_deliveryaddresspostbox", "msdyn_deliveryaddressdistrictname",
      "shipto_city", "msdyn_deliveryaddresscountyid", "shipto_stateorprovince", "shipto_postalcode", "shipto_country",
    ],
  ]

  # A line goes with its counterpart, on whichever side it is deleted.
  deletes = { to_dataverse = "propagate", to_fno = "propagate" }

  # Quantities and dates are agreed with the customer, where sales works.
  mastering {
    master    = "fno"
    dataverse = ["quantity", "uomid", "requestdeliveryby", "msdyn_requestedreceiptdate"]
    violation = "revert"
  }
}
