package generate

// countries are the names that Dataverse has for the countries of addresses of
// orders.
var countries = map[string]string{
	"US": "united states", "DE": "germany", "FR": "france", "GB": "united kingdom", "JP": "japan", "IN": "india", "ES": "spain",
	"NZ": "new zealand", "AU": "australia", "ZA": "south africa", "BE": "belgium", "CA": "canada", "AT": "austria", "CN": "china",
	"DK": "denmark", "SE": "sweden", "NO": "norway", "FI": "finland", "EG": "egypt",
}

// languages are the values of the languages of orders.
var languages = map[string]int{"de": 192350004, "en-gb": 192350009, "en-us": 192350015, "fr": 192350021}

var promising = table(192350000, "None", "SalesLeadTime", "ATP", "ATPPlusIssueMargin", "CTP")

func orderFields() []binding {
	return []binding{
		{field: "SalesOrderNumber", column: "msdyn_salesordernumber"}, {field: "SalesOrderName", column: "name"},
		{field: "OrderingCustomerAccountNumber", column: "customerid", as: link},
		{field: "InvoiceCustomerAccountNumber", column: "msdyn_invoicecustomerid", as: link},
		{field: "CurrencyCode", column: "transactioncurrencyid", as: link}, {field: "CurrencyCode", column: "msdyn_isocurrencycode"},
		{field: "DeliveryAddressName", column: "msdyn_deliveryaddressname"}, {field: "DeliveryAddressStreet", column: "shipto_line1"},
		{field: "DeliveryAddressCity", column: "shipto_city"}, {field: "DeliveryAddressZipCode", column: "shipto_postalcode"},
		{field: "DeliveryAddressStateId", column: "shipto_stateorprovince"}, {field: "DeliveryAddressCountyId", column: "msdyn_deliveryaddresscountyid"},
		{field: "DeliveryAddressCountryRegionISOCode", column: "shipto_country", as: country},
		{field: "InvoiceAddressStreet", column: "billto_line1"}, {field: "InvoiceAddressCity", column: "billto_city"},
		{field: "InvoiceAddressZipCode", column: "billto_postalcode"}, {field: "InvoiceAddressStateId", column: "billto_stateorprovince"},
		{field: "InvoiceAddressCountryRegionISOCode", column: "billto_country"},
		{field: "OrderTotalAmount", column: "totalamount", as: amount}, {field: "TotalDiscountAmount", column: "discountamount", as: amount},
		{field: "OrderTotalTaxAmount", column: "totaltax", as: amount}, {field: "OrderTotalChargesAmount", column: "freightamount", as: amount},
		{field: "ArePricesIncludingSalesTax", column: "msdyn_arepricesincludingsalestax", as: flag},
		{field: "ConfirmedReceiptDate", column: "msdyn_confirmedreceiptdate", as: day}, {field: "ConfirmedShippingDate", column: "msdyn_confirmedshippingdate", as: day},
		{field: "RequestedReceiptDate", column: "msdyn_requestedreceiptdate", as: day}, {field: "RequestedShippingDate", column: "requestdeliveryby", as: noon},
		{field: "PaymentTermsBaseDate", column: "msdyn_paymenttermsbasedate", as: day},
		{field: "CustomerRequisitionNumber", column: "msdyn_customerrequisitionnumber"}, {field: "CustomersOrderReference", column: "msdyn_customersorderreference"},
		{field: "Email", column: "emailaddress"}, {field: "URL", column: "msdyn_url"}, {field: "QuotationNumber", column: "msdyn_quotationnumber"},
		{field: "IsOneTimeCustomer", column: "msdyn_isonetimecustomer", as: flag}, {field: "IsSalesProcessingStopped", column: "msdyn_issalesprocessingstopped", as: flag},
		{field: "IsDeliveryAddressOrderSpecific", column: "msdyn_isdeliveryaddressorderspecific", as: flag},
		{field: "IsDeliveryAddressPrivate", column: "msdyn_isdeliveryaddressprivate", as: flag},
		{field: "IsInvoiceAddressPrivate", column: "msdyn_isinvoiceaddressprivate", as: flag},
		{field: "PaymentTermsName", column: "msdyn_paymentterms", as: link}, {field: "PriceCustomerGroupCode", column: "msdyn_pricecustomergroup", as: link},
		{field: "DefaultShippingSiteId", column: "msdyn_defaultshippingsite", as: link},
		{field: "DefaultShippingWarehouseId", column: "msdyn_defaultshippingwarehouse", as: link},
		{field: "DeliveryModeCode", column: "msdyn_deliverymode", as: link}, {field: "DeliveryTermsCode", column: "msdyn_deliveryterms", as: link},
		{field: "SalesOrderOriginCode", column: "msdyn_salesorderorigin", as: link},
		{field: "SalesOrderPromisingMethod", column: "msdyn_salesorderpromisingmethod", as: choice, values: promising},
		{field: "SalesOrderProcessingStatus", column: "msdyn_processingstatus", as: choice, values: table(192350000, "Active", "Confirmed", "Picked",
			"PartiallyDelivered", "Delivered", "Invoiced", "PartiallyInvoiced", "Canceled")},
		{field: "LanguageId", column: "msdyn_language", as: choice, values: languages},
	}
}

func lineFields() []binding {
	return []binding{
		{field: "LineCreationSequenceNumber", column: "sequencenumber", as: whole}, {field: "SalesOrderNumber", column: "salesorderid", as: link},
		{field: "ProductNumber", column: "productid", as: link}, {field: "ProductName", column: "description"},
		{field: "SalesUnitSymbol", column: "uomid", as: link}, {field: "CurrencyCode", column: "transactioncurrencyid", as: link},
		{field: "OrderedSalesQuantity", column: "quantity", as: amount}, {field: "SalesPrice", column: "priceperunit", as: amount},
		{field: "SalesPriceQuantity", column: "msdyn_salespricequantity", as: amount},
		{field: "LineAmount", column: "extendedamount", as: amount}, {field: "LineAmount", column: "baseamount", as: amount},
		{field: "TotalDiscountAmount", column: "manualdiscountamount", as: amount}, {field: "TotalTaxAmount", column: "tax", as: amount},
		{field: "LineDiscountAmount", column: "msdyn_linediscountamount", as: amount},
		{field: "LineDiscountPercentage", column: "msdyn_linediscountpercentage", as: amount},
		{field: "SalesProductCategoryName", column: "msdyn_salesproductcategory", as: link},
		{field: "DeliveryAddressName", column: "msdyn_deliveryaddressname"}, {field: "DeliveryAddressStreet", column: "shipto_line1"},
		{field: "DeliveryAddressCity", column: "shipto_city"}, {field: "DeliveryAddressZipCode", column: "shipto_postalcode"},
		{field: "DeliveryAddressStateId", column: "shipto_stateorprovince"}, {field: "DeliveryAddressCountyId", column: "msdyn_deliveryaddresscountyid"},
		{field: "DeliveryAddressCountryRegionISOCode", column: "shipto_country", as: country},
		{field: "LineDescription", column: "msdyn_linedescription"}, {field: "ExternalItemNumber", column: "msdyn_externalitemnumber"},
		{field: "RequestedShippingDate", column: "requestdeliveryby", as: noon}, {field: "RequestedReceiptDate", column: "msdyn_requestedreceiptdate", as: day},
		{field: "ConfirmedShippingDate", column: "msdyn_confirmedshippingdate", as: day},
		{field: "IsLineStopped", column: "msdyn_islinestopped", as: flag},
		{field: "IsDeliveryAddressOrderSpecific", column: "msdyn_isdeliveryaddressspecific", as: flag},
		{field: "IsDeliveryAddressPrivate", column: "msdyn_isdeliveryaddressprivate", as: flag},
		{field: "ShippingSiteId", column: "msdyn_shippingsite", as: link}, {field: "ShippingWarehouseId", column: "msdyn_shippingwarehouse", as: link},
		{field: "DeliveryModeCode", column: "msdyn_deliverymode", as: link}, {field: "DeliveryTermsId", column: "msdyn_deliveryterms", as: link},
		{field: "SalesOrderLineStatus", column: "msdyn_linestatus", as: choice, values: table(192350000, "None", "Backorder", "Delivered", "Invoiced", "Canceled")},
		{field: "SalesOrderPromisingMethod", column: "msdyn_salesorderpromisingmethod", as: choice, values: promising},
	}
}
