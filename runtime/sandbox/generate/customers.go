package generate

import (
	"cmp"
	"context"
	"fmt"
)

// chunk is how many customers are made and loaded at a time.
const chunk = 1000

// customer is what is decided about a customer before its row is made, so that
// others can name it.
type customer struct {
	company *company
	account string
	person  bool
	kind    kind
	id      string // of its Dataverse row
	invoice *customer
	peer    *customer // whom an organisation calls first, or for whom a person works
	depth   int       // how many invoice accounts follow on one another from here
	name    string    // as orders show it, once the row is made
}

func (w *world) accountSink() *sink {
	return w.sink(&target{report: w.counted(MapReport{Map: "accounts", EntitySet: "CustomersV3", Table: "accounts"}),
		fields: accountFields(), id: "accountid", company: "msdyn_company", owned: true,
		complete: func(row map[string]any, _ record) { row["customertypecode"], row["address1_addresstypecode"] = 3, 2 }})
}

func (w *world) personSink() *sink {
	return w.sink(&target{report: w.counted(MapReport{Map: "contacts", EntitySet: "CustomersV3", Table: "contacts"}),
		fields: personFields(), id: "contactid", company: "msdyn_company", owned: true,
		complete: func(row map[string]any, _ record) {
			row["msdyn_sellable"], row["address1_addresstypecode"] = true, 3
			row["fullname"] = fmt.Sprint(row["firstname"], " ", row["lastname"])
		}})
}

func (w *world) loadCustomers(ctx context.Context) error {
	w.planCustomers()
	accounts, contacts := w.accountSink(), w.personSink()
	for _, c := range w.customers {
		s := accounts
		if c.person {
			s = contacts
		}
		r, to := w.customerRecord(c)
		if c.kind == onlyDataverse {
			unknownToDataverse(r)
		}
		c.name = cut(fmt.Sprint(cmp.Or(r["OrganizationName"], r["PersonLastName"])), 60)
		if _, err := s.put(ctx, c.company, c.kind, c.id, r, to, func(row map[string]any) { w.varyCustomer(c, s.fields, row) }); err != nil {
			return err
		}
	}
	w.addStrays(accounts, contacts)
	if err := accounts.flush(ctx); err != nil {
		return err
	}
	return contacts.flush(ctx)
}

// planCustomers decides which customers there are, where, and who pays for whom.
func (w *world) planCustomers() {
	linked := w.linked()
	var all []*customer
	number := map[*company]int{}
	add := func(c *company, person bool) *customer {
		number[c]++
		all = append(all, &customer{company: c, person: person, account: fmt.Sprintf("%s-%06d", c.flavour.prefix, number[c])})
		return all[len(all)-1]
	}
	for i := range w.sizes.organisations {
		add(linked[i%len(linked)], false)
	}
	for i := range w.sizes.customers - w.sizes.organisations {
		add(linked[i%len(linked)], true)
	}
	w.spreadKinds(all[:w.sizes.organisations])
	w.spreadKinds(all[w.sizes.organisations:])
	others := w.outsiders()
	for i := range w.sizes.outsiders {
		add(others[i%len(others)], i%3 == 2).kind = []kind{onlyFnO, differ, equal, onlyDataverse}[i%4]
	}
	payers := map[*company][]*customer{}
	for _, c := range all {
		if c.kind.inDataverse() {
			c.id = w.guid()
		}
		if !c.person {
			w.chooseInvoiceAccount(c, payers[c.company])
			payers[c.company] = append(payers[c.company], c)
		}
	}
	w.customers = all
	if w.sizes.full {
		w.choosePeers()
	}
}

// choosePeers gives four in ten persons an employer. Every second employer in
// turn names that person first: accounts and contacts refer to each other in
// rings.
func (w *world) choosePeers() {
	organisations := map[*company][]*customer{}
	for _, c := range w.customers {
		if !c.person {
			organisations[c.company] = append(organisations[c.company], c)
		}
	}
	for i, c := range w.customers {
		list := organisations[c.company]
		if !c.person || len(list) == 0 || !w.chance(40) {
			continue
		}
		o := one(w.random, list)
		if !fits(c.kind, o.kind) {
			continue
		}
		c.peer = o
		if i%2 == 0 && o.peer == nil && fits(o.kind, c.kind) {
			o.peer = c
		}
	}
}

// spreadKinds gives a share to each of the cases that need a Dataverse row
// beforehand, among the customers of companies that Dataverse has.
func (w *world) spreadKinds(list []*customer) {
	var able []*customer
	for _, c := range list {
		if c.company.inDataverse() {
			able = append(able, c)
		}
	}
	spread(w, len(list), able, func(c *customer, k kind) { c.kind = k }, onlyDataverse, differ, equal)
}

// chooseInvoiceAccount lets two in ten pay through another customer that is on
// the same sides, and one in ten name itself. Chains have at most two links.
func (w *world) chooseInvoiceAccount(c *customer, earlier []*customer) {
	switch n := w.IntN(10); {
	case n == 0:
		c.invoice = c
	case n <= 2:
		// A few draws suffice: where none fits, the account stays empty.
		for range 20 {
			if len(earlier) == 0 {
				return
			}
			o := one(w.random, earlier)
			if o.depth < 2 && fits(c.kind, o.kind) {
				c.invoice, c.depth = o, o.depth+1
				return
			}
		}
	}
}

// unknownToDataverse takes away what only F&O can know of a customer: its party
// number, and coordinates, which flow from F&O alone.
func unknownToDataverse(r record) {
	delete(r, "PartyNumber")
	for _, prefix := range []string{"Address", "DeliveryAddress", "InvoiceAddress"} {
		delete(r, prefix+"Latitude")
		delete(r, prefix+"Longitude")
	}
}

func (w *world) customerRecord(c *customer) (record, links) {
	f := c.company.flavour
	to := links{}
	r := record{
		"dataAreaId": c.company.area(), "CustomerAccount": c.account, "LanguageId": f.language,
		"PartyNumber": w.nextParty(), "PartyCountry": f.region,
		"SalesCurrencyCode": w.currencyOf(c),
	}
	to["SalesCurrencyCode"] = w.currencyID[r["SalesCurrencyCode"].(string)]
	w.refer(r, to, "CustomerGroupId", w.pick(c.company.refs["customer_groups"], c.kind))
	home := w.address(r, "Address", f)
	r["PartyState"] = home.state
	r["AddressLocationRoles"] = "Business"
	if w.chance(70) {
		w.address(r, "DeliveryAddress", f)
	}
	if w.chance(60) {
		w.address(r, "InvoiceAddress", f)
	}
	if w.chance(25) {
		r["SalesMemo"] = one(w.random, memos)
	}
	if w.chance(30) {
		r["IdentificationNumber"] = w.pattern(f.registration)
	}
	var domain string
	if c.person {
		domain = w.person(r, f)
		if c.peer != nil {
			w.refer(r, to, "ContosoEmployerAccount", c.peer.reference())
		}
	} else {
		domain = w.organisation(c, r, to)
	}
	w.contactData(c, r, domain)
	return r, to
}

func (w *world) refer(r record, to links, field string, ref reference) {
	r[field], to[field] = ref.key, ref.id
}

func (w *world) currencyOf(c *customer) string {
	if w.chance(90) {
		return c.company.flavour.currency
	}
	if c.kind.inDataverse() {
		return currencies[w.IntN(3)].code
	}
	return currencies[w.IntN(w.sizes.currencies)].code
}

func (w *world) organisation(c *customer, r record, to links) (domain string) {
	f := c.company.flavour
	fancy := one(w.random, fancies)
	name := fancy + " " + one(w.random, trades) + " " + one(w.random, f.legal)
	r["PartyType"], r["OrganizationName"], r["NameAlias"] = "Organization", name, cut(name, 20)
	r["OrganizationNumberOfEmployees"] = w.between(1, 900) * w.between(1, 9)
	r["OnHoldStatus"] = "No"
	if w.chance(8) {
		r["OnHoldStatus"] = one(w.random, []string{"Invoice", "All", "Payment", "Requisition", "Never"})
	}
	r["IsOneTimeCustomer"], r["CreditLimitIsMandatory"] = noYes(w.chance(3)), noYes(w.chance(30))
	if w.chance(80) {
		r["CreditLimit"] = fmt.Sprintf("%d.%02d", w.between(1, 500)*500, w.between(0, 3)*25)
	}
	if w.chance(50) {
		r["CreditRating"] = one(w.random, ratings)
	}
	if w.chance(40) {
		r["TaxExemptNumber"] = w.pattern(f.taxNo)
	}
	if w.chance(20) {
		r["PaymentTermsBaseDays"] = w.between(1, 20)
	}
	if w.chance(90) {
		w.refer(r, to, "PaymentTerms", w.pick(c.company.refs["payment_terms"], c.kind))
	}
	if w.chance(80) {
		w.refer(r, to, "PaymentMethod", w.pick(c.company.refs["customer_payment_methods"], c.kind))
	}
	if c.invoice != nil {
		w.refer(r, to, "InvoiceAccount", c.invoice.reference())
	}
	if w.sizes.full {
		w.trade(c, r, to)
	}
	return plain(fancy) + "-" + c.account[3:] + f.web
}

// trade fills what there is only where all maps have data.
func (w *world) trade(c *customer, r record, to links) {
	if w.chance(15) {
		w.refer(r, to, "PaymentDay", w.pick(c.company.refs["payment_days"], c.kind))
	}
	if w.chance(15) {
		w.refer(r, to, "PaymentSchedule", w.pick(c.company.refs["payment_schedules"], c.kind))
	}
	if v, found := w.fitting(c.company.refs["vendors"], c.kind); found && w.chance(10) {
		w.refer(r, to, "VendorAccount", v)
	}
	if c.peer != nil {
		w.refer(r, to, "ContosoMainContactAccount", c.peer.reference())
	}
}

// reference by which others name the customer.
func (c *customer) reference() reference {
	return reference{key: c.account, kind: c.kind, id: c.id}
}

func (w *world) person(r record, f flavour) (domain string) {
	first, last := one(w.random, f.first), one(w.random, f.last)
	r["PartyType"], r["PersonFirstName"], r["PersonLastName"] = "Person", first, last
	r["NameAlias"] = cut(first+" "+last, 20)
	if w.chance(25) {
		r["PersonMiddleName"] = one(w.random, f.first)
	}
	if w.chance(50) {
		r["PersonProfessionalTitle"] = one(w.random, titles)
	}
	r["PersonGender"] = one(w.random, []string{"Male", "Female", "Male", "Female", "Unknown"})
	r["PersonMaritalStatus"] = one(w.random, []string{"None", "Single", "Married", "Divorced", "Widowhood"})
	if w.chance(15) {
		r["AddressPostbox"] = "P.O. Box " + w.digits(4)
	}
	r["OnHoldStatus"], r["IsOneTimeCustomer"], r["CreditLimitIsMandatory"] = "No", "No", "No"
	return plain(last) + f.web
}

// contactData fills the electronic addresses.
func (w *world) contactData(c *customer, r record, domain string) {
	if w.chance(85) {
		r["PrimaryContactEmail"] = one(w.random, []string{"info", "orders", "office", "einkauf"}) + "." + c.account[3:] + "@" + domain
		if w.chance(40) {
			r["PrimaryContactEmailDescription"] = "Main mailbox"
		}
	}
	if w.chance(90) {
		r["PrimaryContactPhone"] = w.phone(c)
		if w.chance(20) {
			r["PrimaryContactPhoneExtension"] = w.digits(3)
		}
		if w.chance(30) {
			r["PrimaryContactPhoneDescription"] = "Switchboard"
		}
	}
	if w.chance(40) {
		r["PrimaryContactFax"], r["PrimaryContactFaxDescription"] = w.phone(c), "Fax"
		if w.chance(15) {
			r["PrimaryContactFaxExtension"] = w.digits(2)
		}
	}
	if w.chance(60) {
		r["PrimaryContactURL"], r["PrimaryContactURLDescription"] = "https://www."+domain, "Website"
	}
	handle := cut(plain(fmt.Sprint(r["NameAlias"])), 15) + c.account[3:]
	for _, network := range []struct{ name, value string }{
		{"Twitter", "@" + handle}, {"Facebook", "https://facebook.com/" + handle}, {"LinkedIn", "https://linkedin.com/company/" + handle},
	} {
		if w.chance(20) {
			r["PrimaryContact"+network.name], r["PrimaryContact"+network.name+"Description"] = network.value, network.name
		}
	}
}
