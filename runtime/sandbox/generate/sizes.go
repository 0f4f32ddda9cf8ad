package generate

// DefaultRecords is how many records a sandbox holds that does not say.
const DefaultRecords = 20000

// sizes are the numbers of records of each kind of table.
type sizes struct {
	full bool // all maps have data, not only those of customers

	currencies, units        int
	terms, methods, groups   int // a company
	customers                int // of all companies
	organisations, outsiders int

	setup             int // the most that each small table of a company has
	sites, warehouses int // a company
	categories        int // of both hierarchies
	vendors, persons  int // of all companies
	global, released  int // products, and products released to companies
	orders            int // headers and lines together
}

// leastTrade is the number of records that vendors, products, orders and
// customers need besides master data.
const leastTrade = 100

// MinRecords is the smallest number of records that shows every case of
// customers for this number of companies.
func MinRecords(companies int) int {
	return sizesOf(0, companies, false).fixed(companies) + 8
}

// FullRecords is the smallest number of records from which on all maps can have
// data. Below it there are only customers and what they refer to.
func FullRecords(companies int) int {
	return sizesOf(0, companies, true).fixed(companies) + leastTrade
}

func sizesOf(records, companies int, full bool) sizes {
	s := sizes{
		full:       full,
		currencies: between(6, records/200, len(currencies)),
		units:      between(6, records/200, len(units)),
		terms:      between(4, records/1500, len(paymentTerms)),
		methods:    between(4, records/1500, len(paymentMethods)),
		groups:     between(4, records/1500, len(customerGroups)),
		outsiders:  between(4, records/50, 400),
	}
	if full {
		s.setup = between(3, records/1500, 12)
		s.sites = between(3, records/4000, 8)
		s.warehouses = between(5, records/250/max(1, companies), 200)
		s.categories = between(14, records/40, 800)
	}
	s.customers = records - s.fixed(companies)
	if full {
		s.shareOut(s.customers, companies)
	}
	s.organisations = (s.customers*7 + 9) / 10
	return s
}

// shareOut gives what is left to vendors, products and orders; customers keep
// the rest, a little less than half.
func (s *sizes) shareOut(rest, companies int) {
	partners := rest * 9 / 100
	s.vendors = max(1, partners*55/100)
	s.persons = max(0, partners-s.vendors)
	products := rest * 13 / 100
	// A released product has a row of its own and one as a distinct product;
	// every second one is released to two companies.
	s.global = products / 4
	if companies == 1 {
		s.global = products / 3
	}
	s.released = (products - s.global) / 2
	s.released = min(s.released, products*companies/(1+2*companies)) // at most once a product and company
	s.global = products - 2*s.released
	s.orders = rest * 32 / 100
	s.customers = rest - partners - products - s.orders
}

// fixed is the number of records that do not depend on the rest.
func (s sizes) fixed(companies int) int {
	n := companies + s.currencies + s.units + companies*(s.terms+s.methods+s.groups)
	if s.full {
		n += companies*(s.smallTables()+s.sites+s.warehouses) + len(hierarchies) + s.categories
	}
	return n
}

// smallTables is the number of rows that the small tables of a company have
// together.
func (s sizes) smallTables() int {
	n := min(s.setup, len(vendorGroups))
	for _, t := range smallTables {
		n += min(s.setup, t.rows)
	}
	return n
}

func between(least, n, most int) int { return max(least, min(n, most)) }
