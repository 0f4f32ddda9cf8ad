package generate

import (
	"fmt"
	"strings"
)

// masteredInDataverse are the account fields that the example masters there.
var masteredInDataverse = []string{"PrimaryContactEmail", "PrimaryContactPhone"}

// varyCustomer changes one to five fields of a Dataverse row, each of which has
// a value on the side that masters it.
func (w *world) varyCustomer(c *customer, fields []binding, row map[string]any) {
	var able []binding
	for _, b := range fields {
		if w.canVary(c, b, row) {
			able = append(able, b)
		}
	}
	w.Shuffle(len(able), func(i, j int) { able[i], able[j] = able[j], able[i] })
	changes := able[:min(w.between(1, 5), len(able))]
	if !c.person && w.chance(60) {
		// So that writes towards F&O are needed as well.
		for _, b := range fields {
			if b.field == masteredInDataverse[w.IntN(2)] {
				row[b.column] = w.otherValue(c, b, row[b.column])
				changes = changes[:max(0, len(changes)-1)]
				break
			}
		}
	}
	for _, b := range changes {
		row[b.column] = w.otherValue(c, b, row[b.column])
		if b.as == text && w.chance(15) && !oneOf(b.field, masteredInDataverse...) && !oneOf(b.field, "OrganizationName", "PersonLastName") {
			row[b.column] = nil // F&O is to fill the gap
		}
	}
}

func oneOf(s string, list ...string) bool {
	for _, x := range list {
		if s == x {
			return true
		}
	}
	return false
}

// canVary leaves out keys, numbers that the server gives, fields that flow one
// way, and fields that F&O, their master, has nothing in.
func (w *world) canVary(c *customer, b binding, row map[string]any) bool {
	v := row[b.column]
	if v == nil || v == 0 || b.as == position || b.as == flag && v == false {
		return false
	}
	switch b.field {
	case "CustomerAccount", "PartyNumber", "InvoiceAccount", "SalesCurrencyCode", "PaymentDay", "PaymentSchedule", "VendorAccount",
		"ContosoMainContactAccount", "ContosoEmployerAccount":
		return false
	case "CustomerGroupId", "PaymentTerms", "PaymentMethod":
		return w.otherReference(c, b.field, v) != ""
	}
	return c.person || !oneOf(b.field, masteredInDataverse...)
}

// otherValue gives a value that differs from v and fits the column.
func (w *world) otherValue(c *customer, b binding, v any) any {
	switch b.as {
	case flag:
		return v == false
	case choice:
		if least := minimum(b.values); v != least {
			return least
		}
		return minimum(b.values) + 1
	case whole:
		n, _ := v.(int)
		return n + w.between(1, 9)
	case amount:
		return fmt.Sprintf("%d.50", w.between(1, 900)*100)
	case link:
		return w.otherReference(c, b.field, v)
	}
	switch {
	case b.field == "PrimaryContactEmail":
		return "crm." + c.account[3:] + "@" + strings.ToLower(c.company.code) + ".example"
	case b.field == "CreditRating":
		return "Rating " + w.digits(2)
	case b.field == "PrimaryContactPhone", b.field == "PrimaryContactFax":
		return w.phone(c)
	case strings.HasSuffix(b.field, "CountryRegionISOCode"):
		return "AT"
	case strings.HasSuffix(b.field, "Extension"), strings.HasSuffix(b.field, "State"), strings.HasSuffix(b.field, "County"), b.field == "PartyCountry":
		return "X" + w.digits(2)
	case strings.HasSuffix(b.field, "ZipCode"):
		return w.digits(5)
	}
	return cut(fmt.Sprint(v), 15) + " " + w.digits(3)
}

func minimum(values map[string]int) int {
	least := 0
	for _, n := range values {
		if least == 0 || n < least {
			least = n
		}
	}
	return least
}

// otherReference finds another record that both sides have, "" where there is
// none.
func (w *world) otherReference(c *customer, field string, id any) string {
	list := map[string][]reference{"CustomerGroupId": c.company.refs["customer_groups"], "PaymentTerms": c.company.refs["payment_terms"], "PaymentMethod": c.company.refs["customer_payment_methods"]}[field]
	for _, r := range list {
		if r.kind.inFnO() && r.kind.inDataverse() && r.id != id {
			return r.id
		}
	}
	return ""
}

// addStrays adds Dataverse rows that no map may touch: rows without a company,
// some under the number of a real customer, and accounts that are no customers.
func (w *world) addStrays(accounts, contacts *sink) {
	n := between(3, w.report.Records/200, 60)
	first := w.companies[0]
	for i := range n {
		number := fmt.Sprintf("CRM-%05d", i+1)
		if i%3 == 0 {
			number = w.customers[w.IntN(w.sizes.organisations)].account
		}
		name := one(w.random, fancies) + " " + one(w.random, trades)
		accounts.stray(
			map[string]any{"accountid": w.guid(), "accountnumber": number, "name": name, "customertypecode": 3,
				"address1_city": one(w.random, first.flavour.places).city, "emailaddress1": "stray@" + plain(name) + ".example"},
			map[string]any{"accountid": w.guid(), "name": name + " (prospect)", "customertypecode": 8, "msdyn_company": first.id,
				"ownerid": first.team, "owneridtype": "team"})
		person := one(w.random, first.flavour.last)
		contacts.stray(
			map[string]any{"contactid": w.guid(), "firstname": one(w.random, first.flavour.first), "lastname": person, "fullname": person,
				"msdyn_contactpersonid": number, "msdyn_sellable": true},
			map[string]any{"contactid": w.guid(), "firstname": one(w.random, first.flavour.first), "lastname": person, "fullname": person,
				"msdyn_sellable": false, "msdyn_company": first.id, "ownerid": first.team, "owneridtype": "team"})
	}
}

// varyFields changes one to three of the named fields of a Dataverse row, of
// those that have a value on both sides.
func (w *world) varyFields(fields []binding, row map[string]any, names ...string) {
	var able []binding
	for _, b := range fields {
		if v := row[b.column]; oneOf(b.field, names...) && v != nil && v != 0 {
			able = append(able, b)
		}
	}
	w.Shuffle(len(able), func(i, j int) { able[i], able[j] = able[j], able[i] })
	for _, b := range able[:min(w.between(1, 3), len(able))] {
		switch b.as {
		case whole:
			row[b.column] = row[b.column].(int) + w.between(1, 9)
		case amount:
			row[b.column] = fmt.Sprintf("%d.50", 1000+w.between(1, 900))
		case choice:
			if least := minimum(b.values); row[b.column] != least {
				row[b.column] = least
			} else {
				row[b.column] = least + 1
			}
		case day:
			row[b.column] = "2025-12-24"
		default:
			row[b.column] = cut(fmt.Sprint(row[b.column]), 30) + " " + w.digits(3)
		}
	}
}
