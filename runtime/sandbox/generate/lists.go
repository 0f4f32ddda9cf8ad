package generate

// currencies of F&O; those that Dataverse has beforehand come first.
var currencies = []struct{ code, name, symbol string }{
	{"USD", "US Dollar", "$"}, {"EUR", "Euro", "€"}, {"GBP", "Pound Sterling", "£"},
	{"CHF", "Swiss Franc", "CHF"}, {"JPY", "Japanese Yen", "¥"}, {"DKK", "Danish Krone", "kr."},
	{"SEK", "Swedish Krona", "kr"}, {"NOK", "Norwegian Krone", "kr"}, {"PLN", "Polish Złoty", "zł"},
	{"CZK", "Czech Koruna", "Kč"}, {"HUF", "Hungarian Forint", "Ft"}, {"CAD", "Canadian Dollar", "C$"},
	{"AUD", "Australian Dollar", "A$"}, {"NZD", "New Zealand Dollar", "NZ$"}, {"MXN", "Mexican Peso", "Mex$"},
	{"BRL", "Brazilian Real", "R$"}, {"INR", "Indian Rupee", "₹"}, {"CNY", "Chinese Yuan", "¥"},
	{"HKD", "Hong Kong Dollar", "HK$"}, {"SGD", "Singapore Dollar", "S$"}, {"KRW", "South Korean Won", "₩"},
	{"TRY", "Turkish Lira", "₺"}, {"ZAR", "South African Rand", "R"}, {"ILS", "Israeli New Shekel", "₪"},
	{"AED", "UAE Dirham", "AED"}, {"SAR", "Saudi Riyal", "SAR"}, {"THB", "Thai Baht", "฿"},
	{"MYR", "Malaysian Ringgit", "RM"}, {"IDR", "Indonesian Rupiah", "Rp"}, {"PHP", "Philippine Peso", "₱"},
	{"RON", "Romanian Leu", "lei"}, {"BGN", "Bulgarian Lev", "лв."}, {"ISK", "Icelandic Króna", "kr"},
	{"UAH", "Ukrainian Hryvnia", "₴"}, {"KZT", "Kazakhstani Tenge", "₸"}, {"CLP", "Chilean Peso", "CLP$"},
	{"COP", "Colombian Peso", "COL$"}, {"PEN", "Peruvian Sol", "S/"}, {"EGP", "Egyptian Pound", "E£"},
	{"VND", "Vietnamese Đồng", "₫"},
}

// units of F&O: symbol, class, decimals, whether base unit of the class and of
// the system, system of units.
var units = []struct {
	symbol, class string
	decimals      int
	base, system  bool
	of            string
	description   string
}{
	{"ea", "Quantity", 0, true, true, "None", "Each"}, {"kg", "Mass", 2, true, true, "Metric", "Kilogram"},
	{"m", "Length", 2, true, true, "Metric", "Metre"}, {"pcs", "Quantity", 0, false, false, "None", "Pieces"},
	{"L", "LiquidVolume", 2, true, true, "Metric", "Litre"}, {"hr", "Time", 2, false, false, "None", "Hour"},
	{"g", "Mass", 0, false, false, "Metric", "Gram"}, {"t", "Mass", 3, false, false, "Metric", "Tonne"},
	{"lb", "Mass", 2, false, false, "US", "Pound"}, {"oz", "Mass", 2, false, false, "US", "Ounce"},
	{"cm", "Length", 1, false, false, "Metric", "Centimetre"}, {"mm", "Length", 0, false, false, "Metric", "Millimetre"},
	{"km", "Length", 3, false, false, "Metric", "Kilometre"}, {"ft", "Length", 2, false, false, "US", "Foot"},
	{"in", "Length", 2, false, false, "US", "Inch"}, {"yd", "Length", 2, false, false, "US", "Yard"},
	{"mi", "Length", 2, false, false, "US", "Mile"}, {"m2", "Area", 2, true, true, "Metric", "Square metre"},
	{"sqft", "Area", 2, false, false, "US", "Square foot"}, {"ha", "Area", 4, false, false, "Metric", "Hectare"},
	{"mL", "LiquidVolume", 0, false, false, "Metric", "Millilitre"}, {"gal", "LiquidVolume", 2, false, false, "US", "US gallon"},
	{"pt", "LiquidVolume", 2, false, false, "US", "US pint"}, {"m3", "DryVolume", 3, true, true, "Metric", "Cubic metre"},
	{"bu", "DryVolume", 2, false, false, "US", "Bushel"}, {"s", "Time", 0, true, true, "None", "Second"},
	{"min", "Time", 0, false, false, "None", "Minute"}, {"day", "Time", 2, false, false, "None", "Day"},
	{"box", "Quantity", 0, false, false, "None", "Box"}, {"pl", "Quantity", 0, false, false, "None", "Pallet"},
	{"dz", "Quantity", 0, false, false, "None", "Dozen"}, {"ct", "Quantity", 0, false, false, "None", "Carton"},
	{"pr", "Quantity", 0, false, false, "None", "Pair"}, {"roll", "Quantity", 0, false, false, "None", "Roll"},
	{"C", "Temperature", 1, false, true, "Metric", "Degree Celsius"}, {"F", "Temperature", 1, false, false, "US", "Degree Fahrenheit"},
	{"kWh", "Energy", 2, false, false, "Metric", "Kilowatt-hour"}, {"J", "Energy", 0, true, true, "Metric", "Joule"},
	{"W", "Power", 0, true, true, "Metric", "Watt"}, {"N", "Force", 2, true, true, "Metric", "Newton"},
}

// paymentTerms of a company: method, days, months, cut-off day.
var paymentTerms = []struct {
	name, description, method string
	days, months, cutoff      int
	cash                      bool
}{
	{"Net30", "Net 30 days", "Net", 30, 0, 0, false}, {"Net10", "Net 10 days", "Net", 10, 0, 0, false},
	{"CM+15", "Current month + 15 days", "CurrentMth", 15, 0, 0, false}, {"COD", "Cash on delivery", "COD", 0, 0, 0, true},
	{"Net60", "Net 60 days – Großkunden", "Net", 60, 0, 0, false}, {"CQ+10", "Current quarter + 10 days", "CurrentQuart", 10, 0, 0, false},
	{"CW", "Current week", "CurrentWeek", 0, 0, 0, false}, {"CY+1M", "End of year + 1 month", "CurrentYear", 0, 1, 0, false},
	{"CUT20", "Cut-off on the 20th", "CutOffDate", 5, 0, 20, false}, {"Net45", "Net 45 days", "Net", 45, 0, 0, false},
	{"Net2M", "Two months", "Net", 0, 2, 0, false}, {"PREPAY", "Prepayment", "Net", 0, 0, 0, true},
}

// paymentMethods of customers: type, account type, draft, status, period.
var paymentMethods = []struct{ name, description, kind, account, draft, status, period string }{
	{"CHECK", "Check", "Check", "Bank", "NoDraft", "None", "Invoice"},
	{"ELECTRONIC", "Electronic payment", "ElectronicPayment", "Bank", "NoDraft", "Sent", "Total"},
	{"CASH", "Cash – bar bezahlt", "Other", "Ledger", "NoDraft", "None", "Invoice"},
	{"CREDITCARD", "Credit card", "CreditCard", "Ledger", "NoDraft", "Confirmed", "TransDate"},
	{"SEPA_DD", "SEPA direct debit", "ElectronicPayment", "Bank", "NoDraft", "Recieved", "Week"},
	{"BOE", "Bill of exchange", "BillOfExchange", "Bank", "Acceptance", "Sent", "Invoice"},
	{"PROM", "Promissory note", "BillOfExchange", "Cust", "Promissory", "None", "Invoice"},
	{"REFUND", "Customer reimbursement", "Check", "Vend", "NoAcceptance", "Rejected", "Total"},
	{"WIRE", "Wire transfer", "ElectronicPayment", "Bank", "NoDraft", "Confirmed", "Invoice"},
	{"GIFTCARD", "Gift card", "Other", "Project", "NoDraft", "None", "Invoice"},
}

var customerGroups = []struct{ id, description string }{
	{"10", "Wholesale customers"}, {"20", "Major customers"}, {"30", "Retail customers"}, {"40", "Internal customers"},
	{"80", "Other customers"}, {"90", "Intercompany customers"}, {"100", "Intercompany retail customers"},
	{"50", "Öffentliche Auftraggeber"}, {"60", "Online shop"}, {"70", "Export – übrige Welt"},
	{"110", "Project customers"}, {"120", "Service customers"},
}
