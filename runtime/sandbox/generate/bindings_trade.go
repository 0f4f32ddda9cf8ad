package generate

var onHold = table(806380000, "No", "Invoice", "All", "Payment", "Requisition", "Never")

var vendorFields = []binding{
	{field: "VendorAccountNumber", column: "msdyn_vendoraccountnumber"}, {field: "VendorGroupId", column: "msdyn_vendorgroupid", as: link},
	{field: "VendorOrganizationName", column: "msdyn_name"}, {field: "VendorPartyType", column: "msdyn_isperson", as: person},
	{field: "PersonFirstName", column: "msdyn_firstname"}, {field: "PersonLastName", column: "msdyn_lastname"},
	{field: "CreditLimit", column: "msdyn_vendorcreditlimit", as: amount}, {field: "CreditRating", column: "msdyn_creditrating"},
	{field: "IsForeignEntity", column: "msdyn_isforeignentity", as: flag}, {field: "IsOneTimeVendor", column: "msdyn_isonetimevendor", as: flag},
	{field: "IsMinorityOwned", column: "msdyn_isminorityowned", as: flag}, {field: "IsVendorLocallyOwned", column: "msdyn_isvendorlocallyowned", as: flag},
	{field: "IsServiceVeteranOwned", column: "msdyn_isserviceveteranowned", as: flag}, {field: "IsOwnerDisabled", column: "msdyn_ownerisdisabled", as: flag},
	{field: "IsWomanOwner", column: "msdyn_womanowner", as: flag}, {field: "HasOnlyTakenBids", column: "msdyn_hasonlytakenbids", as: flag},
	{field: "IsVendorLocatedInHUBZone", column: "msdyn_isvendorlocatedinhubzone", as: flag},
	{field: "ArePricesIncludingSalesTax", column: "msdyn_priceincludessalestax", as: flag},
	{field: "DUNSNumber", column: "msdyn_dunsnumber"}, {field: "OurAccountNumber", column: "msdyn_ourvendoraccountnumber"},
	{field: "OrganizationNumber", column: "msdyn_organizationnumber"}, {field: "PaymentId", column: "msdyn_paymentid"},
	{field: "OrganizationEmployeeAmount", column: "msdyn_numberofemployees", as: whole},
	{field: "VendorHoldReleaseDate", column: "msdyn_vendoronholdreleasedate", as: day},
	{field: "OnHoldStatus", column: "msdyn_onholdstatus", as: choice, values: onHold},
	{field: "VendorPartyNumber", column: "msdyn_vendorpartynumber"},
	{field: "AddressStreet", column: "msdyn_addressstreet"}, {field: "AddressCity", column: "msdyn_addresscity"},
	{field: "AddressZipCode", column: "msdyn_addresszipcode"}, {field: "AddressStateId", column: "msdyn_addressstateid"},
	{field: "AddressCountyId", column: "msdyn_addresscountyid"}, {field: "AddressCountryRegionId", column: "msdyn_addresscountryregionid"},
	{field: "AddressCountryRegionISOCode", column: "msdyn_addresscountryregionisocode"},
	{field: "AddressLatitude", column: "msdyn_addresslatitude", as: position}, {field: "AddressLongitude", column: "msdyn_addresslongitude", as: position},
	{field: "PrimaryEmailAddress", column: "msdyn_primaryemailaddress"}, {field: "PrimaryPhoneNumber", column: "msdyn_pimaryphonenumber"},
	{field: "PrimaryURL", column: "msdyn_primarycontacturl"}, {field: "PrimaryFaxNumber", column: "msdyn_primaryfaxnumber"},
	{field: "CurrencyCode", column: "msdyn_currencycode", as: link}, {field: "DefaultPaymentTermsName", column: "msdyn_paymentterms", as: link},
	{field: "DefaultPaymentDayName", column: "msdyn_defaultpaymentdayname", as: link},
	{field: "DefaultPaymentScheduleName", column: "msdyn_paymentschedule", as: link},
	{field: "DefaultVendorPaymentMethodName", column: "msdyn_vendorpaymentmethod", as: link},
	{field: "SalesTaxGroupCode", column: "msdyn_taxgroup", as: link},
	{field: "InvoiceVendorAccountNumber", column: "msdyn_invoicevendoraccountnumber", as: link},
	{field: "PrimaryContactPersonId", column: "msdyn_vendorprimarycontactperson", as: link},
}

var contactPersonFields = []binding{
	{field: "ContactPersonId", column: "msdyn_contactpersonid"}, {field: "ContactPersonPartyNumber", column: "msdyn_partynumber"},
	{field: "AssociatedContactNumber", column: "msdyn_vendorcontactid", as: link},
	{field: "FirstName", column: "firstname"}, {field: "MiddleName", column: "middlename"}, {field: "LastName", column: "lastname"},
	{field: "EmploymentDepartment", column: "department"}, {field: "EmploymentProfession", column: "jobtitle"},
	{field: "Notes", column: "description"}, {field: "GovernmentIdentificationNumber", column: "governmentid"},
	{field: "IsReceivingDirectMail", column: "donotemail", as: flag}, {field: "SpouseName", column: "spousesname"},
	{field: "Gender", column: "gendercode", as: choice, values: table(1, "Male", "Female")},
	{field: "MaritalStatus", column: "familystatuscode", as: choice, values: table(1, "Single", "Married", "Divorced", "Widowhood")},
	{field: "PrimaryAddressStreet", column: "address1_line1"}, {field: "PrimaryAddressCity", column: "address1_city"},
	{field: "PrimaryAddressZipCode", column: "address1_postalcode"}, {field: "PrimaryAddressStateId", column: "address1_stateorprovince"},
	{field: "PrimaryAddressCountyId", column: "address1_county"}, {field: "PrimaryAddressCountryRegionId", column: "address1_country"},
	{field: "PrimaryEmailAddress", column: "emailaddress1"}, {field: "PrimaryPhoneNumber", column: "telephone1"},
	{field: "PrimaryFaxNumber", column: "fax"}, {field: "PrimaryURL", column: "websiteurl"},
}

// placeFields are the address of a site or warehouse.
func placeFields() []binding {
	return []binding{
		{field: "PrimaryAddressStreet", column: "msdyn_primaryaddressstreet"}, {field: "PrimaryAddressCity", column: "msdyn_primaryaddresscity"},
		{field: "PrimaryAddressZipCode", column: "msdyn_primaryaddresszipcode"}, {field: "PrimaryAddressStateId", column: "msdyn_primaryaddressstateid"},
		{field: "PrimaryAddressCountyId", column: "msdyn_primaryaddresscountyid"},
		{field: "PrimaryAddressCountryRegionId", column: "msdyn_primaryaddresscountryregionid"},
		{field: "PrimaryAddressLatitude", column: "msdyn_primaryaddresslatitude", as: position},
		{field: "PrimaryAddressLongitude", column: "msdyn_primaryaddresslongitude", as: position},
		{field: "IsPrimaryAddressAssigned", column: "msdyn_isprimaryaddressassigned", as: flag},
	}
}

func siteFields() []binding {
	return append(placeFields(), []binding{
		{field: "SiteId", column: "msdyn_siteid"}, {field: "SiteName", column: "msdyn_sitename"},
		{field: "DefaultFinancialDimensionValue", column: "msdyn_defaultfinancialdimensionvalue"},
		{field: "IsReceivingWarehouseOverrideAllowed", column: "msdyn_isreceivingwarehouseoverrideallowed", as: flag},
		{field: "WillMasterPlannedIntraSiteMovementsUseTransferJournals", column: "msdyn_masterplannedusestransferjournal", as: flag},
	}...)
}

func warehouseFields() []binding {
	list := append(placeFields(), []binding{
		{field: "WarehouseId", column: "msdyn_warehouseidentifier"}, {field: "WarehouseId", column: "msdyn_name"},
		{field: "WarehouseName", column: "msdyn_description"}, {field: "OperationalSiteId", column: "msdyn_operationalsite", as: link},
		{field: "MainRefillingWarehouseId", column: "msdyn_mainrefillingwarehouse", as: link},
		{field: "QuarantineWarehouseId", column: "msdyn_quarantinewarehouse", as: link},
		{field: "TransitWarehouseId", column: "msdyn_transitwarehouse", as: link},
		{field: "WarehouseType", column: "msdyn_warehousetype", as: choice,
			values: table(192350000, "GoodsInRoute_RU", "Transit", "Quarantine", "Standard", "ITMGIT", "ITMUnder")},
		{field: "WarehouseReleaseReservationRequirementRule", column: "msdyn_warehousereleasereservationrequirement", as: choice,
			values: table(192350000, "NotApplicable", "AllowPartialReservation", "RequireFullReservation")},
		{field: "InventoryStatusChangeReservationRemovalLevel", column: "msdyn_inventorystatuschangereservationremoval", as: choice,
			values: table(192350000, "None", "Reservation", "MarkingReservation")},
		{field: "AutoUpdateShipmentRule", column: "msdyn_autoupdateshipmentrule", as: flag, yes: "OnQuantityDecrease"},
		{field: "RawMaterialPickingInventoryIssueStatus", column: "msdyn_rawmaterialpickinginventoryissuestatus", as: flag, yes: "Reserve"},
		{field: "MaximumBatchPickingListQuantity", column: "msdyn_maximumbatchpickinglistquantity", as: whole},
		{field: "MaximumPickingListLineQuantity", column: "msdyn_maximumpickinglistlinequantity", as: whole},
	}...)
	for _, f := range []struct{ field, column string }{
		{"AreItemsCoveragePlannedManually", "areitemscoverageplannedmanually"}, {"AreLaborStandardsAllowed", "arelaborstandardsallowed"},
		{"IsFallbackWarehouse", "isfallbackwarehouse"}, {"IsRefilledFromMainWarehouse", "isrefilledfrommainwarehouse"},
		{"IsRetailStoreWarehouse", "isretailstorewarehouse"}, {"ShouldWarehouseLocationIdIncludeAisleId", "shouldwarehouselocationincludeaisleid"},
		{"AreAdvancedWarehouseManagementProcessesEnabled", "useadvancedwarehousemanagementprocesses"},
	} {
		list = append(list, binding{field: f.field, column: "msdyn_" + f.column, as: flag})
	}
	return list
}

var hierarchyFields = []binding{{field: "HierarchyName", column: "msdyn_name"}, {field: "HierarchyDescription", column: "msdyn_description"}}

var categoryFields = []binding{
	{field: "CategoryName", column: "msdyn_name"}, {field: "ProductCategoryHierarchyName", column: "msdyn_hierarchy", as: link},
	{field: "ParentProductCategoryName", column: "msdyn_parentproductcategory", as: link},
	{field: "CategoryCode", column: "msdyn_code"}, {field: "CategoryDescription", column: "msdyn_description"},
	{field: "CategoryKeywords", column: "msdyn_keywords"}, {field: "FriendlyCategoryName", column: "msdyn_friendlycategoryname"},
	{field: "ProjectCategoryName", column: "msdyn_projectcategoryname"},
	{field: "IsTangibleProduct", column: "msdyn_istangibleproduct", as: flag},
	{field: "IsCategoryInheritingParentProductAttributes", column: "msdyn_isinheritingparentproductattributes", as: flag},
	{field: "IsCategoryInheritingParentCategoryAttributes", column: "msdyn_isinheritingparentcategoryattributes", as: flag},
	{field: "CategoryRecordId", column: "msdyn_externalproductcategoryid", as: whole},
}

var globalFields = []binding{{field: "ProductNumber", column: "msdyn_productnumber"}, {field: "ProductName", column: "msdyn_productname"}}

func releasedFields() []binding {
	list := []binding{
		{field: "ItemNumber", column: "msdyn_itemnumber"}, {field: "ProductNumber", column: "msdyn_globalproduct", as: link},
		{field: "InventoryUnitSymbol", column: "msdyn_inventoryunitsymbol", as: link}, {field: "SalesUnitSymbol", column: "msdyn_salesunitsymbol", as: link},
		{field: "PurchaseUnitSymbol", column: "msdyn_purchaseunitsymbol", as: link}, {field: "BOMUnitSymbol", column: "msdyn_bomunitsymbol", as: link},
		{field: "PrimaryVendorAccountNumber", column: "msdyn_vendorid", as: link},
		{field: "AlternativeItemNumber", column: "msdyn_alternativeitemnumber", as: link},
		{field: "ProductType", column: "msdyn_producttype", as: choice, values: table(806380001, "Item", "Service")},
		{field: "CarryingCostABCCode", column: "msdyn_carryingcostabccode", as: choice, values: table(806380000, "None", "A", "B", "C")},
		{field: "MarginABCCode", column: "msdyn_marginabccode", as: choice, values: table(806380000, "None", "A", "B", "C")},
		{field: "KeyInPriceRequirementsAtPOSRegister", column: "msdyn_keyinpricerequirementsatposregister", as: choice,
			values: table(806380000, "NotMandatory", "NewPrice", "HigherEqual", "LowerEqual", "NoPrice")},
		{field: "KeyInQuantityRequirementsAtPOSRegister", column: "msdyn_keyinquantityrequirementsatposregister", as: choice,
			values: table(806380000, "NotMandatory", "KeyIn", "NotKeyIn")},
		{field: "PotencyBaseAttributeValueEntryEvent", column: "msdyn_potencybaseattributevalueentryevent", as: choice,
			values: table(806380000, "PurchProdReceipt", "Quality")},
		{field: "RawMaterialPickingPrinciple", column: "msdyn_rawmaterialpickingprinciple", as: choice, values: table(806380000, "Staging", "OrderPicking")},
		{field: "SalesPriceCalculationModel", column: "msdyn_salespricecalculationmodel", as: choice,
			values: table(806380000, "None", "Contributionratio", "PercentMarkup")},
		{field: "ScaleIndicator", column: "msdyn_scaleindicator", as: choice, values: table(806380000, "Relevant", "NotRelevant")},
		{field: "SalesPriceDate", column: "msdyn_salespricedate", as: day}, {field: "SellStartDate", column: "msdyn_sellstartdate", as: day},
		{field: "BestBeforePeriodDays", column: "msdyn_bestbeforeperioddays", as: whole}, {field: "ShelfLifePeriodDays", column: "msdyn_shelflifeperioddays", as: whole},
		{field: "WarehouseMobileDeviceDescriptionLine1", column: "msdyn_warehousemobiledevicedescriptionline1"},
	}
	for _, f := range []struct{ field, column string }{
		{"SalesPrice", "salesprice"}, {"PurchasePrice", "purchaseprice"}, {"UnitCost", "unitcost"}, {"NetProductWeight", "netproductweight"},
		{"TareProductWeight", "tareproductweight"}, {"GrossDepth", "grossdepth"}, {"GrossProductWidth", "grossproductwidth"},
		{"GrossProductHeight", "grossproductheight"}, {"ProductVolume", "productvolume"}, {"SalesOverdeliveryPercentage", "salesoverdeliverypercentage"},
	} {
		list = append(list, binding{field: f.field, column: "msdyn_" + f.column, as: amount})
	}
	return list
}

var distinctFields = []binding{
	{field: "ProductNumber", column: "msdyn_productnumber"}, {field: "ItemNumber", column: "msdyn_itemnumber"},
	{field: "ProductName", column: "name"}, {field: "ProductDescription", column: "description"},
	{field: "CurrencyCode", column: "transactioncurrencyid", as: link}, {field: "SalesUnitSymbol", column: "defaultuomid", as: link},
	{field: "SalesPrice", column: "price", as: amount}, {field: "UnitCost", column: "currentcost", as: amount},
	{field: "ProductType", column: "producttypecode", as: choice, values: map[string]int{"Item": 1, "Service": 3}},
	{field: "SalesUnitDecimalPrecision", column: "quantitydecimal", as: whole},
	{field: "IsCatchWeightProduct", column: "msdyn_iscatchweight", as: flag}, {field: "IsStockedProduct", column: "msdyn_isstockedproduct", as: flag},
	{field: "FieldServiceProductType", column: "msdyn_fieldserviceproducttype", as: choice, values: table(690970000, "Inventory", "NonInventory", "Service")},
}
