package generate

import (
	"context"
	"slices"
	"strings"
)

// world is the state of one Fill.
type world struct {
	random
	dataverse, fno Loader
	rootUnit       string
	sizes          sizes
	companies      []*company // the link's, then those outside
	currencyID     map[string]string
	unitID         map[string]string
	unitGroupID    map[string]string
	party          int // last party number given
	customers      []*customer
	vendors        []*vendor
	persons        []*contactPerson
	hierarchies    []*hierarchy
	products       []*product
	dirt           int
	maps           []*MapReport
	sinks          []*sink
	report         Report
}

// steps are what fills the world, in the order of references.
func (w *world) steps() []func(context.Context) error {
	steps := []func(context.Context) error{w.loadCompanies, w.loadCurrencies, w.loadUnits}
	if w.sizes.full {
		steps = append(steps, w.loadEarlyTables)
	}
	steps = append(steps, w.loadPaymentTerms, w.loadPaymentMethods, w.loadCustomerGroups)
	if !w.sizes.full {
		return append(steps, w.loadCustomers)
	}
	return append(steps, w.loadLateTables, w.loadVendorGroups, w.loadSites, w.loadWarehouses, w.loadVendors, w.loadContactPersons,
		w.loadCustomers, w.loadHierarchies, w.loadCategories, w.loadProducts, w.loadOrders, w.plantDirt)
}

// counted gives the report of a map, which is counted in while rows are made.
func (w *world) counted(m MapReport) *MapReport {
	w.maps = append(w.maps, &m)
	return &m
}

func (w *world) closeReport() {
	for _, m := range w.maps {
		w.report.Maps = append(w.report.Maps, *m)
	}
}

// company is a legal entity with what its records refer to.
type company struct {
	code    string // "USMF"
	outside bool   // no link covers it
	flavour flavour
	id      string // of its cdm_company row; "" where the map is to create it
	team    string // that owns its rows in Dataverse

	refs       map[string][]reference // its records by map
	warehouses []*warehouse
	products   []*release
}

// inDataverse tells whether Dataverse can hold rows of the company beforehand.
func (c *company) inDataverse() bool { return c.id != "" }

// area is the company as F&O writes it on records.
func (c *company) area() string { return strings.ToLower(c.code) }

// reference is a record that others name.
type reference struct {
	key  string
	kind kind
	id   string // of its Dataverse row; "" where there is none
}

// kind says on which sides a record is.
type kind int

const (
	onlyFnO kind = iota
	onlyDataverse
	differ
	equal
)

func (k kind) inFnO() bool       { return k != onlyDataverse }
func (k kind) inDataverse() bool { return k != onlyFnO }

// firstParty leaves the lower party numbers to those that the twin of F&O gives.
const firstParty = 100000

func newWorld(o Options, full bool, dataverse, fno Loader) *world {
	w := &world{
		random:      newRandom(o.Seed),
		dataverse:   dataverse,
		fno:         fno,
		rootUnit:    o.RootUnit,
		sizes:       sizesOf(o.Records, len(o.Companies), full),
		currencyID:  map[string]string{},
		unitID:      map[string]string{},
		unitGroupID: map[string]string{},
		party:       firstParty,
		dirt:        o.Dirt,
	}
	if o.Customers > 0 {
		w.sizes.customers = o.Customers
		w.sizes.organisations = (o.Customers*7 + 9) / 10
	}
	for i, code := range o.Companies {
		c := &company{code: strings.ToUpper(code), flavour: flavourOf(code, i), refs: map[string][]reference{}}
		// The last company is new to Dataverse, so that the map of companies
		// has one to create, unless it is the only one.
		if i == 0 || i < len(o.Companies)-1 {
			c.id, c.team = w.guid(), w.guid()
		}
		w.companies = append(w.companies, c)
	}
	others := slices.Clone(o.Others)
	if len(others) == 0 {
		for _, code := range []string{"FRSI", "ITCO", "JPMF", "THPM"} {
			if !slices.ContainsFunc(w.companies, func(c *company) bool { return c.code == code }) {
				others = []string{code}
				break
			}
		}
	}
	for i, code := range others {
		c := &company{code: strings.ToUpper(code), outside: true, flavour: flavourOf(code, len(o.Companies)+i), refs: map[string][]reference{}}
		c.id, c.team = w.guid(), w.guid()
		w.companies = append(w.companies, c)
		others[i] = c.code
	}
	w.report = Report{Seed: o.Seed, Records: o.Records, Companies: slices.Clone(o.Companies), Others: others}
	return w
}

func (w *world) linked() []*company {
	return w.companies[:slices.IndexFunc(w.companies, func(c *company) bool { return c.outside })]
}

func (w *world) outsiders() []*company { return w.companies[len(w.linked()):] }

// kinds gives the n records of a company's table their kinds: first those that
// both sides have, so that others can refer to them, last those that only
// Dataverse has.
func (c *company) kinds(n int) []kind {
	list := make([]kind, n)
	if !c.inDataverse() {
		return list
	}
	for i := 0; i < n; i += 16 {
		list[i] = equal
		if i+1 < n-1 {
			list[i+1] = differ
		}
	}
	list[n-1] = onlyDataverse
	return list
}

func (m *MapReport) count(c *company, k kind) {
	if c != nil && c.outside {
		if k.inFnO() {
			m.UntouchedFnO++
		}
		if k.inDataverse() {
			m.UntouchedDataverse++
		}
		return
	}
	switch k {
	case onlyFnO:
		m.OnlyFnO++
	case onlyDataverse:
		m.OnlyDataverse++
	case differ:
		m.Differ++
	case equal:
		m.Equal++
	}
}

// pick chooses a reference that fits a record of kind k.
func (w *world) pick(list []reference, k kind) reference {
	var fit []reference
	for _, r := range list {
		if fits(k, r.kind) {
			fit = append(fit, r)
		}
	}
	return fit[w.IntN(len(fit))]
}

// spread gives a share of the records, one in twenty, to each of the kinds that
// need a Dataverse row beforehand. Able are the records that can have one.
func spread[T any](w *world, all int, able []T, set func(T, kind), kinds ...kind) {
	w.Shuffle(len(able), func(i, j int) { able[i], able[j] = able[j], able[i] })
	share := max(1, all/20)
	for i, k := range kinds {
		for _, x := range able[min(i*share, len(able)):min((i+1)*share, len(able))] {
			set(x, k)
		}
	}
}

// fits tells whether a record of kind k can refer to one of kind of: what
// Dataverse holds already where the record is there, what F&O holds where it
// is there.
func fits(k, of kind) bool {
	return (!k.inFnO() || of.inFnO()) && (!k.inDataverse() || of.inDataverse())
}
