package generate

var paymentDays = []named{
	{"15", "On the 15th"}, {"EOM", "Last day of the month"}, {"MON", "Mondays"}, {"1_15", "The 1st and the 15th"},
	{"FRI", "Freitags – wöchentlich"}, {"10", "On the 10th"},
}

// paymentSchedules: allocation, frequency, number, amounts, tax.
var paymentSchedules = []struct {
	name, description, method, unit string
	every, payments                 int
	fixed, least                    string
	tax, notes                      string
}{
	{"3INST", "Three instalments", "NumOfPayment", "Month", 1, 3, "", "50.00", "Proportional", ""},
	{"MONTHLY", "Fixed amount each month", "AmountByPayment", "Month", 1, 0, "500.00", "", "FirstRate", "Agreed with the bank"},
	{"YEARLY", "Once a year", "Total", "Year", 1, 1, "", "", "LastRate", ""},
	{"WEEKLY", "Every seven days", "NumOfPayment", "Day", 7, 12, "", "10.50", "Proportional", "Ratenzahlung für Kleinkunden"},
}

var vendorMethods = []struct{ name, description, kind, account, status, period, draft string }{
	{"CHECK", "Check", "Check", "Bank", "None", "Invoice", "NoDraft"},
	{"ELEC", "Electronic payment", "ElectronicPayment", "Bank", "Sent", "Total", "NoDraft"},
	{"DEBIT", "Direct debit – Lastschrift", "ElectronicPayment", "Bank", "Recieved", "Week", "NoDraft"},
	{"PROM", "Promissory note", "PromissoryNote", "Vend", "None", "Invoice", "Promissory"},
	{"PETTY", "Petty cash", "Check", "Ledger", "Sent", "TransDate", "NoDraft"},
}

var vendorGroups = []named{
	{"10", "Parts vendors"}, {"20", "Services"}, {"30", "Other vendors"}, {"40", "Intercompany vendors"}, {"50", "Taxi and travel"},
	{"60", "Öffentliche Stellen"}, {"70", "Freight forwarders"}, {"80", "Sub-contractors"},
}

var deliveryTerms = []struct{ code, description, intrastat, role, freight string }{
	{"FOB", "Free on board", "FOB", "Delivery", "Collect"}, {"CIF", "Cost, insurance and freight", "CIF", "Delivery", "Prepaid"},
	{"COD", "Cash on delivery", "", "Invoice", "Collect"}, {"EXW", "Ex works – ab Werk", "EXW", "Business", "ThirdParty"},
	{"DDP", "Delivered duty paid", "DDP", "Delivery", "Prepaid"}, {"DAP", "Delivered at place", "DAP", "Other", "Nofreight"},
}

var deliveryModes = []named{
	{"10", "Air"}, {"20", "Ocean"}, {"30", "Truck"}, {"40", "Rail – Schiene"}, {"50", "Pick-up"}, {"60", "Express 'next day'"}, {"70", "Parcel"},
}

var taxGroups = []named{
	{"AR-DOM", "Domestic customers"}, {"AR-EXP", "Export"}, {"AP-DOM", "Domestic vendors"}, {"EU", "Innergemeinschaftlich"}, {"NOTAX", "Exempt"},
}

var priceGroups = []named{
	{"RETAIL", "Retail prices"}, {"WHOLE", "Wholesale prices"}, {"STAFF", "Employees"}, {"VIP", "Key accounts, \"VIP\""}, {"PROMO", "Campaigns"},
}

var orderOrigins = []named{
	{"PHONE", "By telephone"}, {"WEB", "Online shop"}, {"FAIR", "Trade fair – Messe"}, {"EDI", "Electronic data interchange"}, {"REP", "Sales representative"},
}

// Words that products and vendors are named with.
var (
	adjectives = []string{"Oak", "Steel", "Compact", "Folding", "Wireless", "Garden", "Kids'", "Premium", "Light", "Heavy-duty", "Classic", "Ergonomic", "Bambus", "Rustic", "Smart", "Outdoor"}
	goods      = []string{"desk", "chair", "lamp", "cable 2 m", "headset", "tent", "toolbox", "rucksack", "shelf", "monitor 27\"", "kettle", "notebook", "gloves", "drill", "blanket", "Tischuhr"}
	supplies   = []string{"Parts", "Components", "Freight", "Steel Works", "Packaging", "Office Supplies", "Cleaning", "Timber", "Electronics", "Software", "Druckerei", "Catering"}
)
