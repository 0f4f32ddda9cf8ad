package generate

var (
	paymentDayFields = []binding{{field: "Name", column: "msdyn_name"}, {field: "Description", column: "msdyn_description"}}

	scheduleFields = []binding{
		{field: "Name", column: "msdyn_name"}, {field: "Description", column: "msdyn_description"},
		{field: "AllocationMethod", column: "msdyn_allocationmethod", as: choice, values: table(806380000, "Total", "AmountByPayment", "NumOfPayment", "Specified")},
		{field: "PaymentFrequencyUnits", column: "msdyn_paymentfrequencyunit", as: choice, values: table(806380000, "Day", "Month", "Year")},
		{field: "PaymentFrequency", column: "msdyn_paymentfrequency", as: whole}, {field: "NumberOfPayments", column: "msdyn_numberofpayments", as: whole},
		{field: "FixedPaymentAmount", column: "msdyn_fixedpaymentamount", as: amount}, {field: "MinimumPaymentAmount", column: "msdyn_minimumpaymentamount", as: amount},
		{field: "SalesTaxAllocationMethod", column: "msdyn_salestaxallocationmethod", as: choice, values: table(806380000, "Proportional", "FirstRate", "LastRate")},
		{field: "Notes", column: "msdyn_note"},
	}

	vendorMethodFields = []binding{
		{field: "Name", column: "msdyn_name"}, {field: "Description", column: "msdyn_description"},
		{field: "SumByPeriod", column: "msdyn_sumbyperiod", as: choice, values: table(806380000, "Invoice", "TransDate", "Week", "Total")},
		{field: "DiscountGracePeriodDays", column: "msdyn_discountgraceperioddays", as: whole},
		{field: "PaymentStatus", column: "msdyn_paymentstatus", as: choice, values: table(806380000, "None", "Sent", "Recieved", "Confirmed", "Rejected")},
		{field: "AllowPaymentCopies", column: "msdyn_allowpaymentcopies", as: flag},
		{field: "PaymentType", column: "msdyn_paymenttype", as: choice, values: table(806380000, "Blank", "Check", "ElectronicPayment", "PromissoryNote")},
		{field: "LastFileNumber", column: "msdyn_lastfilenumber", as: whole}, {field: "LastFileNumberToday", column: "msdyn_lastfilenumbertoday", as: whole},
		{field: "AccountType", column: "msdyn_accounttype", as: choice, values: table(806380000, "Ledger", "Cust", "Vend", "Project", "FixedAssets", "Bank")},
		{field: "BridgingPostingEnabled", column: "msdyn_bridgingposting", as: flag},
		{field: "EnablePostdatedCheckClearingPosting", column: "msdyn_postdatedcheckclearingposting", as: flag},
		{field: "PromissoryNoteDraftType", column: "msdyn_promissorynotedrafttype", as: choice,
			values: table(806380000, "NoDraft", "NoAcceptance", "Acceptance", "Promissory", "BankAcceptance")},
		{field: "DirectDebit", column: "msdyn_directdebit", as: flag},
	}

	vendorGroupFields = []binding{
		{field: "VendorGroupId", column: "msdyn_vendorgroup"}, {field: "Description", column: "msdyn_description"},
		{field: "DefaultPaymentTermName", column: "msdyn_paymentterms", as: link},
		{field: "ClearingPeriodPaymentTermName", column: "msdyn_clearingperiodpaymentpermname", as: link},
	}

	deliveryTermFields = []binding{
		{field: "TermsCode", column: "msdyn_termscode"}, {field: "IntrastatCode", column: "msdyn_intrastatcode"},
		{field: "SalesTaxLocationRole", column: "msdyn_salestaxlocationrole", as: choice, values: table(192350000, "None", "Invoice", "Delivery", "SWIFT",
			"Payment", "Service", "Home", "Other", "Business", "RemitTo", "Statement", "FixedAsset", "OneTime", "Recruit", "SMS", "Lading_W", "Unlading_W",
			"HeadCompany_IT", "StableOrganization_IT")},
		{field: "TermsDescription", column: "msdyn_termsdescription"},
		{field: "FreightChargeTerms", column: "msdyn_freightchargeterms", as: choice, values: table(192350000, "Prepaid", "Collect", "ThirdParty", "Nofreight")},
		{field: "DoRetailSalesOrdersGetTransportationChargesAdded", column: "msdyn_doretailsogettransportationchargesadded", as: flag},
		{field: "IsCashOnDelivery", column: "msdyn_iscashondelivery", as: flag},
		{field: "WillShipmentConfirmationTransferCharges", column: "msdyn_willshipmentconfirmationtransfercharges", as: flag},
	}

	deliveryModeFields = []binding{{field: "ModeCode", column: "msdyn_name"}, {field: "ModeDescription", column: "msdyn_description"}}
	taxGroupFields     = []binding{{field: "TaxGroupCode", column: "msdyn_name"}, {field: "Description", column: "msdyn_description"}}
	priceGroupFields   = []binding{{field: "GroupCode", column: "msdyn_groupcode"}, {field: "GroupName", column: "msdyn_groupname"}}
	originFields       = []binding{{field: "OriginCode", column: "msdyn_origincode"}, {field: "OriginDescription", column: "msdyn_origindescription"}}
)
