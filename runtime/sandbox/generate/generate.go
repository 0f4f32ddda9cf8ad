// Package generate fills the twins with Contoso-like data from a seed: the
// same seed and size give the same rows with the same ids, always.
package generate

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Loader takes rows into a twin: values by field or logical column name.
// Lookups hold the GUID of their target.
type Loader interface {
	Load(ctx context.Context, set string, rows []map[string]any) error
}

// Options of Fill.
type Options struct {
	Seed uint64
	// Records counts the distinct records in scope of the eight maps: a pair
	// counts once. Rows that must stay untouched come on top.
	Records   int
	Companies []string // codes of the link's companies, such as "USMF"
	// RootUnit is the GUID of Dataverse's root business unit, under which
	// those of the companies are put; "" puts them under none.
	RootUnit string
}

// DefaultRecords is how many records a sandbox holds that does not say.
const DefaultRecords = 20000

// Report says what Fill made, map by map in the order of their dependencies.
type Report struct {
	Seed      uint64
	Records   int
	Companies []string
	Outside   string // the company that no link covers
	Maps      []MapReport
}

// MapReport counts the records of one map.
type MapReport struct {
	Map       string // "accounts"
	EntitySet string // F&O
	Table     string // Dataverse entity set

	OnlyFnO       int // to be created in Dataverse
	OnlyDataverse int // to be created in F&O
	Differ        int // on both sides, with other values
	Equal         int // on both sides, with equal values

	UntouchedFnO       int // rows that no map may touch: outside company or filter
	UntouchedDataverse int // the same, and rows without a company
}

// Records is the number of distinct records in scope.
func (m MapReport) Records() int { return m.OnlyFnO + m.OnlyDataverse + m.Differ + m.Equal }

// Of gives the counts of a map by its name.
func (r Report) Of(name string) MapReport {
	for _, m := range r.Maps {
		if m.Map == name {
			return m
		}
	}
	return MapReport{Map: name}
}

// MinRecords is the smallest number of records that shows every case for this
// number of companies.
func MinRecords(companies int) int {
	return sizesOf(0, companies).fixed(companies) + 8
}

// Fill makes all rows and loads them. It fails on options that cannot be met
// and on what a loader refuses.
func Fill(ctx context.Context, o Options, dataverse, fno Loader) (Report, error) {
	if o.Records == 0 {
		o.Records = DefaultRecords
	}
	if err := checkCompanies(o.Companies); err != nil {
		return Report{}, err
	}
	if least := MinRecords(len(o.Companies)); o.Records < least {
		return Report{}, fmt.Errorf("a sandbox with %d companies needs at least %d records, not %d", len(o.Companies), least, o.Records)
	}
	w := newWorld(o, dataverse, fno)
	for _, step := range []func(context.Context) error{
		w.loadCompanies,
		w.loadCurrencies,
		w.loadUnits,
		w.loadPaymentTerms,
		w.loadPaymentMethods,
		w.loadCustomerGroups,
		w.loadCustomers,
	} {
		if err := step(ctx); err != nil {
			return Report{}, err
		}
	}
	return w.report, nil
}

func checkCompanies(codes []string) error {
	if len(codes) == 0 {
		return fmt.Errorf("a sandbox needs at least one company")
	}
	seen := map[string]bool{}
	for _, code := range codes {
		if code == "" || len(code) > 4 || strings.TrimFunc(code, isCodeRune) != "" {
			return fmt.Errorf("%q is no company code: one to four letters and digits", code)
		}
		if seen[strings.ToUpper(code)] {
			return fmt.Errorf("the company %q is named twice", code)
		}
		seen[strings.ToUpper(code)] = true
	}
	return nil
}

func isCodeRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// sizes are the numbers of records that do not grow with the customers.
type sizes struct {
	currencies, units        int
	terms, methods, groups   int // a company
	customers                int // of all companies
	organisations, outsiders int
}

func sizesOf(records, companies int) sizes {
	s := sizes{
		currencies: between(6, records/200, len(currencies)),
		units:      between(6, records/200, len(units)),
		terms:      between(4, records/1500, len(paymentTerms)),
		methods:    between(4, records/1500, len(paymentMethods)),
		groups:     between(4, records/1500, len(customerGroups)),
	}
	s.customers = records - s.fixed(companies)
	s.organisations = (s.customers*7 + 9) / 10
	s.outsiders = between(4, records/50, 400)
	return s
}

func (s sizes) fixed(companies int) int {
	return companies + s.currencies + s.units + companies*(s.terms+s.methods+s.groups)
}

func between(least, n, most int) int { return max(least, min(n, most)) }

// world is the state of one Fill.
type world struct {
	random
	dataverse, fno Loader
	rootUnit       string
	sizes          sizes
	companies      []*company // the link's, then the one outside
	currencyID     map[string]string
	party          int // last party number given
	report         Report
}

// company is a legal entity with what its records refer to.
type company struct {
	code    string // "USMF"
	outside bool   // no link covers it
	flavour flavour
	id      string // of its cdm_company row; "" where the map is to create it
	team    string // that owns its rows in Dataverse

	terms, methods, groups []reference
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

func newWorld(o Options, dataverse, fno Loader) *world {
	w := &world{
		random:     newRandom(o.Seed),
		dataverse:  dataverse,
		fno:        fno,
		rootUnit:   o.RootUnit,
		sizes:      sizesOf(o.Records, len(o.Companies)),
		currencyID: map[string]string{},
		party:      firstParty,
	}
	used := 0
	for i, code := range o.Companies {
		c := &company{code: strings.ToUpper(code), flavour: flavourOf(code, i)}
		// The last company is new to Dataverse, so that the map of companies
		// has one to create, unless it is the only one.
		if i == 0 || i < len(o.Companies)-1 {
			c.id, c.team = w.guid(), w.guid()
		}
		w.companies = append(w.companies, c)
		used++
	}
	for _, code := range []string{"FRSI", "ITCO", "JPMF", "THPM"} {
		if !slices.ContainsFunc(w.companies, func(c *company) bool { return c.code == code }) {
			w.companies = append(w.companies, &company{code: code, outside: true, flavour: flavourOf(code, used), id: w.guid(), team: w.guid()})
			break
		}
	}
	w.report = Report{Seed: o.Seed, Records: o.Records, Companies: slices.Clone(o.Companies), Outside: w.outside().code}
	return w
}

func (w *world) linked() []*company { return w.companies[:len(w.companies)-1] }

func (w *world) outside() *company { return w.companies[len(w.companies)-1] }

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

// pick chooses a reference that fits a record of kind k: what Dataverse holds
// already where the record is there, what F&O holds where it is there.
func (w *world) pick(list []reference, k kind) reference {
	var fit []reference
	for _, r := range list {
		if k.inFnO() && !r.kind.inFnO() || k.inDataverse() && !r.kind.inDataverse() {
			continue
		}
		fit = append(fit, r)
	}
	return fit[w.IntN(len(fit))]
}
