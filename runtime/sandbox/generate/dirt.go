package generate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// mostDirt is the most cases of each kind.
const mostDirt = 1000

// The codes of diagnostics that dirt must meet.
const (
	codeTooLong   = "DW501"
	codeNotInMap  = "DW504"
	codeDateRange = "DW507"
	codeMissing   = "DW508"
	codeDangling  = "DW601"
	codeNoKey     = "DW640"
	codeDuplicate = "DW641"
)

// cases are the ways in which a kind of dirt occurs. What becomes of each
// follows from the example's maps and the rules of values; no planted record
// hangs on another, but lines on their orders.
type cases struct {
	kind Kind
	list []func(p *planting) error
}

// planting is the state of planting one case.
type planting struct {
	w    *world
	ctx  context.Context
	kind Kind
	n    int // number of the case, counted over all kinds
}

func (w *world) plantDirt(ctx context.Context) error {
	p := &planting{w: w, ctx: ctx}
	for _, c := range slices.Concat(valueCases(), recordCases()) {
		p.kind = c.kind
		for i := range w.dirt {
			p.n++
			if err := c.list[i%len(c.list)](p); err != nil {
				return fmt.Errorf("planting %s: %w", c.kind, err)
			}
		}
	}
	for _, s := range w.sinks {
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// company alternates among those that Dataverse has rows of.
func (p *planting) company() *company { return p.companyWhere(func(*company) bool { return true }) }

// companyWhere alternates among those of them that are able; among all where
// none is.
func (p *planting) companyWhere(able func(*company) bool) *company {
	var list, all []*company
	for _, c := range p.w.linked() {
		if !c.inDataverse() {
			continue
		}
		all = append(all, c)
		if able(c) {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		list = all
	}
	return list[p.n%len(list)]
}

// sellsTo is a company that has a customer of whom an order of this kind can be.
func (p *planting) sellsTo(k kind) *company {
	return p.companyWhere(func(c *company) bool { return p.customerOf(c, k) != nil })
}

func (p *planting) customerOf(c *company, k kind) *customer {
	for _, x := range p.w.customers {
		if x.company == c && x.kind.inFnO() && fits(k, x.kind) {
			return x
		}
	}
	return nil
}

// buysFrom is a company that has a vendor who can have a contact person of this
// kind.
func (p *planting) buysFrom(k kind) *company {
	return p.companyWhere(func(c *company) bool { return len(p.vendorsOf(c, k)) > 0 })
}

func (p *planting) vendorsOf(c *company, k kind) (able []*vendor) {
	for _, v := range p.w.vendors {
		if v.company == c && v.kind.inFnO() && fits(k, v.kind) {
			able = append(able, v)
		}
	}
	return able
}

// fate is what a planted record is and what becomes of it.
type fate struct {
	kind   kind   // the sides on which it is
	dirty  string // the side that has the dirt, by the name that reports use
	expect Expect
	code   string
	set    record         // fields that are given another value; their references go
	alter  func(r record) // the same, by code
	row    map[string]any // columns of the Dataverse row that are given another value
	stray  bool           // its Dataverse row has no company
	again  bool           // it is listed together with the one before
}

const (
	inFnO       = "fno"
	inDataverse = "dataverse"
)

// place takes a record in, with its dirt, and reports it.
func (p *planting) place(s *sink, c *company, id, key string, r record, to links, f fate) {
	for name, v := range f.set {
		r[name] = v
		delete(to, name)
	}
	if f.alter != nil {
		f.alter(r)
	}
	if f.stray {
		_, key, _ = strings.Cut(key, " / ")
	}
	plant := Plant{Map: s.report.Map, EntitySet: s.report.EntitySet, Key: key, Side: f.dirty, Kind: p.kind, Expect: f.expect, Code: f.code}
	if f.kind.inFnO() {
		s.addRecord(c, r)
		if f.dirty == inFnO {
			plant.Record = r
		}
	}
	if f.kind.inDataverse() {
		row := s.row(c, id, r, to)
		if f.stray {
			row = s.row(nil, id, r, to)
		}
		maps.Copy(row, f.row)
		s.dataverse = append(s.dataverse, row)
		if f.dirty == inDataverse {
			plant.ID = id
		}
	}
	s.report.plant(f)
	p.w.report.Planted = append(p.w.report.Planted, plant)
}

// plant counts a planted record.
func (m *MapReport) plant(f fate) {
	switch f.expect {
	case Equal:
		m.count(nil, f.kind)
		return
	case Untouched:
		if f.kind.inFnO() {
			m.UntouchedFnO++
		}
		if f.kind.inDataverse() {
			m.UntouchedDataverse++
		}
		return
	case Parked:
		m.Parked++
	default:
		if !f.again {
			m.Failed++
		}
	}
	if f.kind.inFnO() {
		m.AsideFnO++
	}
	if f.kind.inDataverse() {
		m.AsideDataverse++
	}
}

// readable is a key as a person reads it.
func readable(c *company, parts ...string) string {
	if c != nil {
		parts = append([]string{c.code}, parts...)
	}
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	return strings.Join(parts, " / ")
}

// key gives the planted record's own key, such as "US-D00012".
func (p *planting) key(c *company, letters string) string {
	return fmt.Sprintf("%s-%s%05d", c.flavour.prefix, letters, p.n)
}

// key gives the value of a key: what the dirt makes of it, else what it was.
func (f fate) key(field, column, otherwise string) string {
	if s, ok := f.set[field].(string); ok {
		return s
	}
	if s, ok := f.row[column].(string); ok && f.kind == onlyDataverse {
		return s
	}
	return otherwise
}

// account plants an organisation among the customers.
func (p *planting) account(f fate) error { return p.customer("accounts", false, f) }

// person plants a person among the customers.
func (p *planting) person(f fate) error { return p.customer("contacts", true, f) }

func (p *planting) customer(name string, person bool, f fate) error {
	c := &customer{company: p.company(), person: person, kind: f.kind}
	c.account, c.id = p.key(c.company, "D"), p.w.guid()
	r, to := p.w.customerRecord(c)
	if f.kind == onlyDataverse {
		unknownToDataverse(r)
	}
	column := "accountnumber"
	if person {
		column = "msdyn_contactpersonid"
	}
	p.place(p.w.sinkOf(name), c.company, c.id, readable(c.company, f.key("CustomerAccount", column, c.account)), r, to, f)
	return nil
}

// vendor plants a vendor.
func (p *planting) vendor(f fate) error {
	v := &vendor{company: p.company(), reference: reference{kind: f.kind, id: p.w.guid()}}
	v.key = p.key(v.company, "VD")
	r, to := p.w.vendorRecord(v, p.n)
	key := f.key("VendorAccountNumber", "msdyn_vendoraccountnumber", v.key)
	p.place(p.w.sinkOf("vendors"), v.company, v.id, readable(v.company, key), r, to, f)
	return nil
}

// contactPerson plants a contact person of a vendor.
func (p *planting) contactPerson(f fate) error {
	c := p.buysFrom(f.kind)
	return p.contactPersonOf(c, p.key(c, "CPD"), f)
}

func (p *planting) contactPersonOf(c *company, key string, f fate) error {
	able := p.vendorsOf(c, f.kind)
	if len(able) == 0 {
		return fmt.Errorf("no vendor of company %s can have the contact person %s", c.code, key)
	}
	x := &contactPerson{reference: reference{key: key, kind: f.kind, id: p.w.guid()}, vendor: one(p.w.random, able), party: p.w.nextParty()}
	r, to := p.w.contactPersonRecord(x, p.n)
	p.place(p.w.sinkOf("contact_persons"), c, x.id, readable(c, key), r, to, f)
	return nil
}

// order plants an order with two lines, which wait where the order does not
// come about.
func (p *planting) order(f, lines fate) error {
	c := p.sellsTo(f.kind)
	o := &order{company: c, number: p.key(c, "SD"), kind: f.kind, id: p.w.guid(), currency: c.flavour.currency, customer: p.customerOf(c, f.kind)}
	if o.customer == nil {
		return fmt.Errorf("no customer of company %s can have the order %s", c.code, o.number)
	}
	for n := range 2 {
		o.lines = append(o.lines, &line{order: o, number: n + 1, kind: f.kind, id: p.w.guid(), quantity: p.w.between(1, 40)})
	}
	for _, l := range o.lines {
		l.category = p.w.categoryFor(l.kind)
	}
	r, to := p.w.orderRecord(o, p.n)
	p.place(p.w.sinkOf("sales_orders"), c, o.id, readable(c, o.number), r, to, f)
	for _, l := range o.lines {
		r, to := p.w.lineRecord(l)
		p.place(p.w.sinkOf("sales_order_lines"), c, l.id, readable(c, o.number, fmt.Sprint(l.number)), r, to, lines)
	}
	return nil
}

// schedule plants a schedule of payments, to which nothing refers.
func (p *planting) schedule(f fate) error {
	c := p.company()
	key := fmt.Sprintf("D%05d", p.n)
	r := record{"Name": key, "Description": "Planted", "AllocationMethod": "Total", "PaymentFrequencyUnits": "Month", "PaymentFrequency": 1,
		"NumberOfPayments": 3, "SalesTaxAllocationMethod": "Proportional"}
	p.place(p.w.sinkOf("payment_schedules"), c, p.w.guid(), readable(c, key), r, links{}, f)
	return nil
}

// clean is the fate of lines that have no dirt themselves.
func clean(k kind) fate { return fate{kind: k, dirty: inFnO, expect: Equal} }

// waiting is the fate of lines whose order does not come about.
func waiting() fate { return fate{kind: onlyFnO, dirty: inFnO, expect: Parked, code: codeDangling} }
