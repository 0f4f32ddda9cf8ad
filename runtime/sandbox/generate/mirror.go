package generate

import (
	"cmp"
	"fmt"
)

// binding says how a field of an F&O record looks in Dataverse. This is the
// generator's own reading of the standard maps, on purpose not the one that dw
// compiles: rows that it calls equal must be found equal.
type binding struct {
	field  string
	column string
	as     as
	values map[string]int // of choice
	yes    string         // of flag: the symbol that stands for true, where that is not Yes
}

// as is how a value is converted.
type as int

const (
	text     as = iota // text; "" is null
	flag               // NoYes as a boolean
	choice             // enum symbol as a number; a symbol outside values is null
	whole              // whole number, 0 included
	amount             // decimal text; "" is null
	position           // coordinate, to Dataverse only
	link               // the GUID of the row that the world knows for the value
	symbol             // enum symbol as text
	person             // the text Person as true, Organization as false
	day                // a date without time; "" is null
	noon               // a date as a moment: noon, as F&O sends it
	country            // ISO code as the name in countries
)

func table(base int, symbols ...string) map[string]int {
	m := make(map[string]int, len(symbols))
	for i, s := range symbols {
		m[s] = base + i
	}
	return m
}

var (
	companyFields = []binding{{field: "LegalEntityId", column: "cdm_companycode"}, {field: "Name", column: "cdm_name"}}

	currencyFields = []binding{
		{field: "CurrencyCode", column: "isocurrencycode"}, {field: "Name", column: "currencyname"}, {field: "Symbol", column: "currencysymbol"},
	}

	unitFields = []binding{
		{field: "UnitSymbol", column: "msdyn_symbol"}, {field: "UnitSymbol", column: "name"},
		{field: "UnitClass", column: "msdyn_externalunitclassname", as: symbol},
		{field: "DecimalPrecision", column: "msdyn_decimalprecision", as: whole},
		{field: "IsBaseUnit", column: "msdyn_isbaseunit", as: flag}, {field: "IsSystemUnit", column: "msdyn_issystemunit", as: flag},
		{field: "SystemOfUnits", column: "msdyn_systemofunits", as: choice, values: table(192350000, "None", "Metric", "US")},
		{field: "UnitDescription", column: "msdyn_description"},
	}

	termFields = []binding{
		{field: "Name", column: "msdyn_name"}, {field: "Description", column: "msdyn_description"},
		{field: "NumberOfMonths", column: "msdyn_numberofmonth", as: whole}, {field: "CutoffDayOfMonth", column: "msdyn_cutoffdayofmonth", as: whole},
		{field: "NumberOfDays", column: "msdyn_days", as: whole},
		{field: "IsCashPayment", column: "msdyn_iscashpayment", as: flag},
		{field: "IsCertifiedCompanyCheck", column: "msdyn_iscertifiedcompanycheck", as: flag},
		{field: "IsDefaultPaymentTerm", column: "msdyn_isdefaultpaymentterm", as: flag},
		{field: "CreditCardPaymentType", column: "msdyn_creditcardpaymenttype", as: choice, values: table(806380998, "NA", "CreditCard")},
		{field: "CreditCardCreditCheckType", column: "msdyn_creditcardcreditchecktype", as: choice, values: table(806380000, "Normal", "ByPass")},
		{field: "PaymentDayName", column: "msdyn_paymentdayname", as: link}, {field: "PaymentScheduleName", column: "msdyn_paymentschedulename", as: link},
		{field: "PaymentMethodType", column: "msdyn_paymentmethodtype", as: choice,
			values: table(806380991, "Net", "CurrentMth", "CurrentQuart", "CurrentYear", "CurrentWeek", "COD", "CutOffDate")},
	}

	methodFields = []binding{
		{field: "Name", column: "msdyn_name"}, {field: "Description", column: "msdyn_description"},
		{field: "AccountType", column: "msdyn_accounttype", as: choice, values: table(806380000, "Ledger", "Cust", "Vend", "Project", "FixedAssets", "Bank")},
		{field: "PaymentType", column: "msdyn_paymenttype", as: choice,
			values: table(806380000, "Other", "ElectronicPayment", "Check", "BillOfExchange", "CreditCard")},
		{field: "PaymentStatus", column: "msdyn_paymentstatus", as: choice, values: table(806380000, "None", "Sent", "Recieved", "Confirmed", "Rejected")},
		{field: "SumByPeriod", column: "msdyn_sumbyperiod", as: choice, values: table(806380000, "Invoice", "TransDate", "Week", "Total")},
		{field: "BillOfExchangeDraftType", column: "msdyn_billofexchangedrafttype", as: choice,
			values: table(806380000, "NoDraft", "NoAcceptance", "Acceptance", "Promissory", "BankAcceptance")},
		{field: "DiscountGracePeriodDays", column: "msdyn_discountgraceperioddays", as: whole},
		{field: "LastFileNumber", column: "msdyn_lastfilenumber", as: whole}, {field: "LastFileNumberToday", column: "msdyn_lastfilenumbertoday", as: whole},
		{field: "BridgingPostingEnabled", column: "msdyn_bridgingpostingenabled", as: flag}, {field: "IsSEPA", column: "msdyn_issepa", as: flag},
		{field: "CreateAndDrawBillOfExchangeDuringInvoicePosting", column: "msdyn_invoiceupdate", as: flag},
		{field: "EnablePostdatedCheckClearingPosting", column: "msdyn_enablepostdatescheckclearingposting", as: flag},
		{field: "DirectDebit", column: "msdyn_directdebit", as: flag},
	}

	groupFields = []binding{
		{field: "CustomerGroupId", column: "msdyn_groupid"}, {field: "Description", column: "msdyn_description"},
		{field: "IsSalesTaxIncludedInPrice", column: "msdyn_issalestaxincludedinprice", as: flag},
		{field: "PaymentTermId", column: "msdyn_paymenttermid", as: link},
		{field: "ClearingPeriodPaymentTermName", column: "msdyn_clearingperiodpaymenttermname", as: link},
	}
)

// contactFields are the electronic addresses of a customer, which accounts and
// contacts have alike but for two names.
func contactFields(linkedIn, twitter string) []binding {
	list := []binding{
		{field: "PrimaryContactEmail", column: "emailaddress1"}, {field: "PrimaryContactFax", column: "fax"},
		{field: "PrimaryContactPhone", column: "telephone1"}, {field: "PrimaryContactURL", column: "websiteurl"},
		{field: "PrimaryContactTwitter", column: twitter}, {field: "PrimaryContactFacebook", column: "msdyn_primaryfacebookid"},
		{field: "PrimaryContactLinkedIn", column: linkedIn},
		{field: "PrimaryContactFaxExtension", column: "msdyn_faxextension"}, {field: "PrimaryContactPhoneExtension", column: "msdyn_telephone1extension"},
		{field: "PrimaryContactEmailDescription", column: "msdyn_emailaddress1description"},
		{field: "PrimaryContactFacebookDescription", column: "msdyn_primaryfacebookdescription"},
		{field: "PrimaryContactFaxDescription", column: "msdyn_faxdescription"},
		{field: "PrimaryContactLinkedInDescription", column: "msdyn_primarylinkedindescrption"},
		{field: "PrimaryContactPhoneDescription", column: "msdyn_telephone1description"},
		{field: "PrimaryContactTwitterDescription", column: "msdyn_primarytwitteriddescription"},
		{field: "PrimaryContactURLDescription", column: "msdyn_websiteurldescription"},
	}
	return append(list,
		binding{field: "PartyNumber", column: "msdyn_partynumber"},
		binding{field: "PartyCountry", column: "msdyn_partycountry"}, binding{field: "PartyState", column: "msdyn_partystateprovince"},
		binding{field: "IdentificationNumber", column: "msdyn_identificationnumber"},
		binding{field: "SalesMemo", column: "description"},
		binding{field: "SalesCurrencyCode", column: "transactioncurrencyid", as: link},
		binding{field: "CustomerGroupId", column: "msdyn_customergroupid", as: link},
	)
}

func addressFields(prefix, column string) []binding {
	return []binding{
		{field: prefix + "Street", column: column + "_line1"}, {field: prefix + "City", column: column + "_city"},
		{field: prefix + "County", column: column + "_county"}, {field: prefix + "State", column: column + "_stateorprovince"},
		{field: prefix + "ZipCode", column: column + "_postalcode"}, {field: prefix + "CountryRegionISOCode", column: column + "_country"},
		{field: prefix + "Latitude", column: column + "_latitude", as: position}, {field: prefix + "Longitude", column: column + "_longitude", as: position},
	}
}

func accountFields() []binding {
	list := []binding{
		{field: "CustomerAccount", column: "accountnumber"}, {field: "OrganizationName", column: "name"},
		{field: "OrganizationNumberOfEmployees", column: "numberofemployees", as: whole},
		{field: "CreditLimit", column: "creditlimit", as: amount}, {field: "CreditRating", column: "msdyn_creditrating"},
		{field: "CreditLimitIsMandatory", column: "msdyn_creditlimitismandatory", as: flag},
		{field: "IsOneTimeCustomer", column: "msdyn_onetimecustomer", as: flag},
		{field: "OnHoldStatus", column: "msdyn_onholdstatus", as: choice,
			values: table(806380000, "No", "Invoice", "All", "Payment", "Requisition", "Never")},
		{field: "PaymentTermsBaseDays", column: "msdyn_paymenttermsbasedays", as: whole},
		{field: "TaxExemptNumber", column: "msdyn_taxexemptnumber"},
		{field: "InvoiceAccount", column: "msdyn_billingaccount", as: link},
		{field: "PaymentTerms", column: "msdyn_paymentterm", as: link},
		{field: "PaymentMethod", column: "msdyn_customerpaymentmethod", as: link},
		{field: "PaymentDay", column: "msdyn_paymentday", as: link},
		{field: "PaymentSchedule", column: "msdyn_paymentschedule", as: link},
		{field: "VendorAccount", column: "msdyn_vendor", as: link},
		{field: "ContosoMainContactAccount", column: "primarycontactid", as: link},
	}
	list = append(list, addressFields("DeliveryAddress", "address1")...)
	list = append(list, addressFields("InvoiceAddress", "address2")...)
	return append(list, contactFields("msdyn_primarylinkedinid", "primarytwitterid")...)
}

func personFields() []binding {
	list := []binding{
		{field: "CustomerAccount", column: "msdyn_contactpersonid"},
		{field: "PersonFirstName", column: "firstname"}, {field: "PersonMiddleName", column: "middlename"}, {field: "PersonLastName", column: "lastname"},
		{field: "PersonProfessionalTitle", column: "jobtitle"},
		{field: "PersonGender", column: "gendercode", as: choice, values: table(1, "Male", "Female")},
		{field: "PersonMaritalStatus", column: "familystatuscode", as: choice, values: table(1, "Single", "Married", "Divorced", "Widowhood")},
		{field: "AddressPostbox", column: "address1_postofficebox"},
		{field: "ContosoEmployerAccount", column: "contoso_employeraccount", as: link},
	}
	list = append(list, addressFields("Address", "address1")...)
	list = append(list, addressFields("InvoiceAddress", "address2")...)
	list = append(list, addressFields("DeliveryAddress", "address3")...)
	return append(list, contactFields("msdyn_primaryinkedinid", "msdyn_primarytwitterid")...)
}

// record is a row of F&O by field; what is not in it is empty.
type record map[string]any

// links gives the GUIDs that a record's values of link fields stand for.
type links map[string]string

// mirror renders a record as the Dataverse row that equals it.
func mirror(fields []binding, r record, to links) map[string]any {
	row := make(map[string]any, len(fields)+6)
	for _, b := range fields {
		v, given := r[b.field]
		switch b.as {
		case flag:
			row[b.column] = v == cmp.Or(b.yes, "Yes")
		case person:
			row[b.column] = v == "Person"
		case noon:
			if given && v != "" {
				row[b.column] = fmt.Sprint(v, "T12:00:00Z")
			}
		case country:
			s, _ := v.(string)
			if name, found := countries[s]; found {
				row[b.column] = name
			}
		case choice:
			s, _ := v.(string)
			if n, found := b.values[s]; found {
				row[b.column] = n
			}
		case link:
			if id := to[b.field]; id != "" {
				row[b.column] = id
			}
		default:
			if given && v != "" {
				row[b.column] = v
			}
		}
	}
	return row
}

func noYes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// coordinate renders degrees with the five decimals that Dataverse keeps.
func coordinate(degrees float64) string { return fmt.Sprintf("%.5f", degrees) }
