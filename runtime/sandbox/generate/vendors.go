package generate

import (
	"context"
	"fmt"
)

// vendor is what is decided about a vendor before its row is made, so that
// others can name it.
type vendor struct {
	company *company
	reference
	person  bool
	invoice *vendor        // that is paid in its place
	contact *contactPerson // the first one of it
}

// contactPerson of a vendor.
type contactPerson struct {
	reference
	vendor *vendor
	party  string
}

// planVendors decides which vendors and contact persons there are.
func (w *world) planVendors() {
	linked, others := w.linked(), w.outsiders()
	number := map[*company]int{}
	add := func(c *company) *vendor {
		number[c]++
		v := &vendor{company: c, person: number[c]%9 == 4}
		v.key = fmt.Sprintf("%s-V%05d", c.flavour.prefix, number[c])
		w.vendors = append(w.vendors, v)
		return v
	}
	var able []*vendor
	for i := range w.sizes.vendors {
		if v := add(linked[i%len(linked)]); v.company.inDataverse() {
			able = append(able, v)
		}
	}
	spread(w, w.sizes.vendors, able, func(v *vendor, k kind) { v.kind = k }, onlyDataverse, differ, equal)
	for i := range max(4, w.sizes.outsiders/10) {
		add(others[i%len(others)]).kind = []kind{onlyFnO, differ, equal, onlyDataverse}[i%4]
	}
	byCompany := map[*company][]*vendor{}
	for i, v := range w.vendors {
		if v.kind.inDataverse() {
			v.id = w.guid()
		}
		earlier := byCompany[v.company]
		switch {
		case i%10 == 0:
			v.invoice = v
		case i%5 == 1 && len(earlier) > 0:
			if o := one(w.random, earlier); o.invoice == nil && fits(v.kind, o.kind) {
				v.invoice = o
			}
		}
		byCompany[v.company] = append(earlier, v)
		v.company.refs["vendors"] = append(v.company.refs["vendors"], v.reference)
	}
}

// planContactPersons gives vendors that F&O has their contact persons. Which
// party a contact person is, F&O decides: none is in Dataverse alone.
func (w *world) planContactPersons() {
	var inside, outside []*vendor
	for _, v := range w.vendors {
		switch {
		case !v.kind.inFnO():
		case v.company.outside:
			outside = append(outside, v)
		default:
			inside = append(inside, v)
		}
	}
	number := map[*company]int{}
	var able []*contactPerson
	add := func(v *vendor) *contactPerson {
		number[v.company]++
		p := &contactPerson{vendor: v, party: w.nextParty()}
		p.key = fmt.Sprintf("%s-CP%05d", v.company.flavour.prefix, number[v.company])
		w.persons = append(w.persons, p)
		if v.contact == nil {
			v.contact = p
		}
		return p
	}
	for i := range w.sizes.persons {
		if p := add(inside[i%len(inside)]); p.vendor.kind.inDataverse() {
			able = append(able, p)
		}
	}
	// A vendor that both sides have has its contact persons there, but for a
	// third of them.
	for i, p := range able {
		if i%3 != 2 {
			p.kind = []kind{equal, differ}[i%3]
		}
	}
	for i := range min(len(outside), 6) {
		p := add(outside[i])
		if outside[i].kind.inDataverse() {
			p.kind = equal
		}
	}
	for _, p := range w.persons {
		if p.kind.inDataverse() {
			p.id = w.guid()
		}
	}
}

func (w *world) vendorSink() *sink {
	return w.sink(&target{report: w.counted(MapReport{Map: "vendors", EntitySet: "VendorsV2", Table: "msdyn_vendors"}),
		fields: vendorFields, id: "msdyn_vendorid", company: "msdyn_company", owned: true})
}

func (w *world) loadVendors(ctx context.Context) error {
	w.planVendors()
	w.planContactPersons()
	s := w.vendorSink()
	for i, v := range w.vendors {
		r, to := w.vendorRecord(v, i)
		vary := func(row map[string]any) {
			w.varyFields(vendorFields, row, "AddressCity", "CreditLimit", "OrganizationEmployeeAmount", "PrimaryPhoneNumber", "OnHoldStatus")
		}
		if _, err := s.put(ctx, v.company, v.kind, v.id, r, to, vary); err != nil {
			return err
		}
	}
	return s.flush(ctx)
}

func (w *world) vendorRecord(v *vendor, i int) (record, links) {
	c, f, to := v.company, v.company.flavour, links{}
	r := record{
		"VendorAccountNumber": v.key, "VendorPartyType": "Organization", "LanguageId": f.language, "OnHoldStatus": "No",
		"IsForeignEntity": "No", "IsOneTimeVendor": noYes(i%17 == 3), "IsMinorityOwned": noYes(i%11 == 2), "IsVendorLocallyOwned": noYes(i%3 == 0),
		"IsServiceVeteranOwned": "No", "IsOwnerDisabled": "No", "IsWomanOwner": noYes(i%6 == 1), "HasOnlyTakenBids": "No",
		"IsVendorLocatedInHUBZone": "No", "ArePricesIncludingSalesTax": noYes(i%5 == 2),
		"OrganizationEmployeeAmount": w.between(1, 4000), "PaymentId": w.digits(8),
	}
	w.vendorName(v, r)
	if w.chance(10) {
		r["OnHoldStatus"], r["VendorHoldReleaseDate"] = one(w.random, []string{"Invoice", "All", "Payment", "Never"}), w.date(2026)
	}
	if w.chance(60) {
		r["CreditLimit"] = fmt.Sprintf("%d.%02d", w.between(1, 900)*100, w.between(0, 99))
	}
	if w.chance(40) {
		r["CreditRating"], r["DUNSNumber"] = one(w.random, ratings), w.digits(9)
	}
	if w.chance(50) {
		r["OurAccountNumber"] = w.digits(6)
	}
	w.vendorAddress(r, f)
	r["PrimaryPhoneNumber"] = f.dial + w.digits(3) + " " + w.digits(7)
	if w.chance(80) {
		r["PrimaryEmailAddress"] = "sales." + v.key[3:] + "@" + plain(fmt.Sprint(r["VendorOrganizationName"])) + f.web
	}
	if v.kind != onlyDataverse {
		r["VendorPartyNumber"] = w.nextParty()
	} else {
		withoutCoordinates(r, "Address")
	}
	w.refer(r, to, "VendorGroupId", w.pick(c.refs["vendor_groups"], v.kind))
	r["CurrencyCode"], to["CurrencyCode"] = f.currency, w.currencyID[f.currency]
	w.refer(r, to, "DefaultPaymentTermsName", w.pick(c.refs["payment_terms"], v.kind))
	w.refer(r, to, "DefaultVendorPaymentMethodName", w.pick(c.refs["vendor_payment_methods"], v.kind))
	if w.chance(30) {
		w.refer(r, to, "DefaultPaymentDayName", w.pick(c.refs["payment_days"], v.kind))
	}
	if w.chance(30) {
		w.refer(r, to, "DefaultPaymentScheduleName", w.pick(c.refs["payment_schedules"], v.kind))
	}
	if w.chance(70) {
		w.refer(r, to, "SalesTaxGroupCode", w.pick(c.refs["tax_groups"], v.kind))
	}
	if v.invoice != nil {
		w.refer(r, to, "InvoiceVendorAccountNumber", v.invoice.reference)
	}
	if v.contact != nil && fits(v.kind, v.contact.kind) {
		w.refer(r, to, "PrimaryContactPersonId", v.contact.reference)
	}
	return r, to
}

func (w *world) vendorName(v *vendor, r record) {
	f := v.company.flavour
	if !v.person {
		r["VendorOrganizationName"] = one(w.random, fancies) + " " + one(w.random, supplies) + " " + one(w.random, f.legal)
		return
	}
	r["VendorPartyType"], r["PersonFirstName"], r["PersonLastName"] = "Person", one(w.random, f.first), one(w.random, f.last)
	r["OrganizationEmployeeAmount"] = 0
}

// vendorAddress fills the address fields, which F&O calls differently here.
func (w *world) vendorAddress(r record, f flavour) {
	scratch := record{}
	w.address(scratch, "", f)
	for from, to := range map[string]string{"Street": "Street", "City": "City", "ZipCode": "ZipCode", "County": "CountyId", "State": "StateId",
		"CountryRegionId": "CountryRegionId", "CountryRegionISOCode": "CountryRegionISOCode", "Latitude": "Latitude", "Longitude": "Longitude"} {
		if v, found := scratch[from]; found {
			r["Address"+to] = v
		}
	}
}

// date gives a day of the year and the one after.
func (w *world) date(year int) string {
	return fmt.Sprintf("%d-%02d-%02d", year+w.IntN(2), w.between(1, 12), w.between(1, 28))
}

func (w *world) contactPersonSink() *sink {
	return w.sink(&target{report: w.counted(MapReport{Map: "contact_persons", EntitySet: "CDSContactPersonsV2", Table: "contacts"}),
		fields: contactPersonFields, id: "contactid", company: "msdyn_company", owned: true,
		complete: func(row map[string]any, _ record) {
			row["msdyn_contactforvendor"], row["msdyn_sellable"] = true, false
			row["fullname"] = fmt.Sprint(row["firstname"], " ", row["lastname"])
		}})
}

func (w *world) loadContactPersons(ctx context.Context) error {
	s := w.contactPersonSink()
	for i, p := range w.persons {
		r, to := w.contactPersonRecord(p, i)
		vary := func(row map[string]any) {
			w.varyFields(s.fields, row, "EmploymentProfession", "Notes", "PrimaryPhoneNumber", "PrimaryAddressCity")
		}
		if _, err := s.put(ctx, p.vendor.company, p.kind, p.id, r, to, vary); err != nil {
			return err
		}
	}
	return s.flush(ctx)
}

func (w *world) contactPersonRecord(p *contactPerson, i int) (record, links) {
	f, to := p.vendor.company.flavour, links{}
	last := one(w.random, f.last)
	r := record{
		"ContactPersonId": p.key, "ContactPersonPartyNumber": p.party, "AssociatedContactType": "Vendor",
		"FirstName": one(w.random, f.first), "LastName": last, "EmploymentProfession": one(w.random, titles),
		"IsReceivingDirectMail": noYes(i%4 == 1), "Gender": one(w.random, []string{"Male", "Female", "Unknown"}),
		"MaritalStatus": one(w.random, []string{"None", "Single", "Married"}), "PrimaryPhoneNumber": f.dial + w.digits(3) + " " + w.digits(7),
	}
	if w.chance(70) {
		r["EmploymentDepartment"] = one(w.random, []string{"Sales", "Accounting", "Einkauf", "Service & Repair", "Logistics"})
	}
	if w.chance(30) {
		r["Notes"] = one(w.random, memos)
	}
	if w.chance(80) {
		r["PrimaryEmailAddress"] = plain(last) + "." + p.key[3:] + "@" + "vendor" + f.web
	}
	w.refer(r, to, "AssociatedContactNumber", p.vendor.reference)
	scratch := record{}
	w.address(scratch, "", f)
	for from, field := range map[string]string{"Street": "Street", "City": "City", "ZipCode": "ZipCode", "County": "CountyId", "State": "StateId",
		"CountryRegionId": "CountryRegionId"} {
		if v, found := scratch[from]; found {
			r["PrimaryAddress"+field] = v
		}
	}
	return r, to
}
