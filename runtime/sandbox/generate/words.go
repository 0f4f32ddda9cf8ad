package generate

import "strings"

// flavour is how names, addresses and numbers look in a country.
type flavour struct {
	currency, language  string
	iso, region         string // "US", "USA"
	prefix              string // of customer accounts
	dial                string
	legal               []string // forms of a company
	first, last         []string
	streets             []string // "%d" stands for the house number
	places              []place
	registration, taxNo string // pattern: '#' is a digit
	web                 string
}

// place is a city with a postcode pattern and coordinates.
type place struct {
	city, county, state, zip string
	latitude, longitude      float64
}

func flavourOf(code string, position int) flavour {
	switch strings.ToUpper(code) {
	case "USMF", "USSI", "USRT":
		return american
	case "DEMF":
		return german
	case "GBSI":
		return british
	case "FRSI":
		return french
	}
	return []flavour{american, german, british, french}[position%4]
}

var american = flavour{
	currency: "USD", language: "en-US", iso: "US", region: "USA", prefix: "US", dial: "+1 ", web: ".com",
	legal:   []string{"Inc.", "LLC", "Corporation", "Company", "Holdings", "Partners"},
	first:   []string{"Olivia", "Noah", "Emma", "Liam", "Ava", "Sophia", "José", "Zoë", "Renée", "Mateo", "Andrés", "Grace", "Hannah", "Lucas", "Ethan", "Chloe", "D'Angelo", "Mary-Ann", "Wei", "Priya"},
	last:    []string{"Smith", "Johnson", "Núñez", "O'Brien", "Nguyễn", "Peña", "Walker", "Young", "Alvarado", "Harris", "Lee", "Patel", "García-López", "Robinson", "Baker", "McCarthy", "Zhang", "Brown", "Ortiz", "Fleming"},
	streets: []string{"%d Main Street", "%d Oak Avenue", "%d Lakeview Drive", "%d Pine Street, Suite 400", "%d Industrial Parkway", "%d Broadway", "%d 5th Avenue NE", "%d Elm Court"},
	places: []place{
		{"Seattle", "KING", "WA", "981##", 47.60621, -122.33207}, {"Redmond", "KING", "WA", "980##", 47.67399, -122.12151},
		{"Austin", "TRAVIS", "TX", "787##", 30.26715, -97.74306}, {"Chicago", "COOK", "IL", "606##", 41.87811, -87.6298},
		{"Denver", "DENVER", "CO", "802##", 39.73915, -104.9847}, {"Boston", "SUFFOLK", "MA", "021##", 42.36008, -71.05888},
		{"Atlanta", "FULTON", "GA", "303##", 33.749, -84.38798}, {"San José", "SANTACLARA", "CA", "951##", 37.33874, -121.88525},
	},
	registration: "C#######", taxNo: "##-#######",
}

var german = flavour{
	currency: "EUR", language: "de", iso: "DE", region: "DEU", prefix: "DE", dial: "+49 ", web: ".de",
	legal:   []string{"GmbH", "AG", "GmbH & Co. KG", "KG", "OHG", "SE"},
	first:   []string{"Jürgen", "Käthe", "Björn", "Anneliese", "Günther", "Sören", "Lena", "Paul", "Mia", "Jonas", "Ayşe", "Łukasz", "Hannah", "Felix", "Emilia", "Matthäus", "Zoé", "Karl-Heinz", "Ömer", "Greta"},
	last:    []string{"Müller", "Schäfer", "Weiß", "Größmann", "Köhler", "Schröder", "Yılmaz", "Kowalski", "Lüders", "Fischer", "Maier", "Hübner", "von Trotha", "Jäger", "Böhm", "Wagner", "Öztürk", "Vogel", "Krause", "Świątek"},
	streets: []string{"Hauptstraße %d", "Bahnhofstr. %d", "Königsallee %d", "Am Mühlbach %d", "Gartenweg %d", "Lindenstraße %da", "Goethestraße %d", "Industriestr. %d-2"},
	places: []place{
		{"München", "", "BY", "80###", 48.13743, 11.57549}, {"Köln", "", "NW", "50###", 50.93753, 6.96028},
		{"Berlin", "", "BE", "10###", 52.52001, 13.40495}, {"Düsseldorf", "", "NW", "40###", 51.22774, 6.77346},
		{"Nürnberg", "", "BY", "90###", 49.45203, 11.07675}, {"Hamburg", "", "HH", "20###", 53.55108, 9.99368},
		{"Saarbrücken", "", "SL", "66###", 49.2402, 6.99693}, {"Görlitz", "", "SN", "02###", 51.15274, 14.98853},
	},
	registration: "HRB #####", taxNo: "DE#########",
}

var british = flavour{
	currency: "GBP", language: "en-GB", iso: "GB", region: "GBR", prefix: "GB", dial: "+44 ", web: ".co.uk",
	legal:   []string{"Ltd", "plc", "LLP", "Limited", "Group plc", "& Sons Ltd"},
	first:   []string{"Oliver", "Amelia", "George", "Isla", "Harry", "Siân", "Niamh", "Rhys", "Arthur", "Freya", "Zoë", "Callum", "Poppy", "Ewan", "Imogen", "Tomos", "Aoife", "Alfie", "Seán", "Florence"},
	last:    []string{"Jones", "Taylor", "Llewellyn", "MacDonald", "O'Connor", "Hughes", "Fitzgerald", "Ó Briain", "Clarke", "Wright", "Thompson", "Evans", "Singh", "Begum", "Carter", "Shaw", "Ellis", "Knight", "Webb", "Brontë"},
	streets: []string{"%d High Street", "%d Station Road", "%d Church Lane", "Unit %d, Riverside Park", "%d Victoria Road", "%d Queen's Terrace", "%d Mill Lane", "Flat %d, St John's Court"},
	places: []place{
		{"London", "GTLONDON", "", "SW# #AB", 51.50735, -0.12776}, {"Manchester", "GTMANCH", "", "M# #EF", 53.48076, -2.24263},
		{"Edinburgh", "MIDLOTHIAN", "", "EH# #QX", 55.95325, -3.18827}, {"Cardiff", "SGLAMORGAN", "", "CF# #NP", 51.48158, -3.17909},
		{"Leeds", "WYORKS", "", "LS# #HD", 53.80076, -1.54908}, {"Bristol", "BRISTOL", "", "BS# #TR", 51.45451, -2.58791},
		{"Newcastle upon Tyne", "TYNEWEAR", "", "NE# #SU", 54.97825, -1.61778}, {"Belfast", "ANTRIM", "", "BT# #GD", 54.59729, -5.93012},
	},
	registration: "0#######", taxNo: "GB#########",
}

var french = flavour{
	currency: "EUR", language: "fr", iso: "FR", region: "FRA", prefix: "FR", dial: "+33 ", web: ".fr",
	legal:   []string{"SARL", "SA", "SAS", "SNC"},
	first:   []string{"Chloé", "François", "Hélène", "Léo", "Maëlle", "Noël", "Inès", "Gaël", "Jérôme", "Zoé"},
	last:    []string{"Lefèvre", "Dubois", "Müntz", "Garçon", "Béranger", "d'Aubigné", "Roux", "Fournier", "Çelik", "Marchand"},
	streets: []string{"%d rue de la République", "%d avenue Foch", "%d boulevard Saint-Michel", "%d place de l'Église"},
	places: []place{
		{"Paris", "", "75", "750##", 48.85661, 2.35222}, {"Orléans", "", "45", "450##", 47.90296, 1.90925},
		{"Besançon", "", "25", "250##", 47.23783, 6.02411}, {"Nîmes", "", "30", "300##", 43.83672, 4.36005},
	},
	registration: "#########", taxNo: "FR###########",
}

// Words that company names are made of.
var (
	trades  = []string{"Trading", "Wholesale", "Retail", "Logistics", "Electronics", "Furniture", "Foods", "Design", "Metals", "Outdoor", "Audio", "Paper", "Textiles", "Tools", "Energy", "Optics", "Marine", "Garden", "Sports", "Bakery"}
	fancies = []string{"Contoso", "Fabrikam", "Northwind", "Adventure", "Litware", "Tailspin", "Wingtip", "Proseware", "Lucerne", "Alpine", "Fourth Coffee", "Graphic", "Humongous", "Margie's", "Relecloud", "Tréy", "Wide World", "Woodgrove", "Blue Yonder", "Château", "Société", "Øresund", "Ångström", "Señora", "Großmarkt", "Coho", "Consolidated", "School of Fine Art", "Southridge", "Nod"}
	titles  = []string{"Purchasing manager", "Owner", "Accountant", "Head of IT", "Sales representative", "Warehouse lead", "Geschäftsführer", "Director"}
	memos   = []string{"Prefers deliveries before 10 a.m.", "Invoices by e-mail only", "Zahlt pünktlich – Skonto vereinbart", "Framework agreement until year end", "Ask for order number: \"PO required\"", "Visits the trade fair in Köln every year", "Key account; call before changing terms", "Credit check done, see file", "Moved from the old system; check address", "Discount 3 % agreed"}
	ratings = []string{"Good", "Excellent", "Fair", "Poor"}
)
