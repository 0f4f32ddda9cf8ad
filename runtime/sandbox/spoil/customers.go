package spoil

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// survey finds out which records are where, and which others refer to: what
// others refer to stays whole, so that no damage spreads.
func (d *damage) survey() error {
	d.byID, d.accounts, d.inFnO, d.named = map[string]string{}, map[string]account{}, map[string]bool{}, map[string]bool{}
	err := d.read("dataverse", "SELECT cdm_companyid, cdm_companycode FROM cdm_companies", func(c []string) error {
		if slices.ContainsFunc(d.o.Companies, func(code string) bool { return strings.EqualFold(code, c[1]) }) {
			d.companies[strings.ToUpper(c[1])], d.byID[c[0]] = c[0], strings.ToUpper(c[1])
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = d.read("dataverse", "SELECT accountid, accountnumber, msdyn_company, customertypecode, msdyn_creditrating, primarycontactid, msdyn_billingaccount FROM accounts", func(c []string) error {
		if c[1] != "" {
			d.accounts[strings.ToLower(strings.TrimSpace(c[1]))] = account{id: c[0], company: d.byID[c[2]], customer: c[3] == "3", rating: c[4]}
		}
		d.named[c[5]] = true
		if c[6] != c[0] {
			d.named[c[6]] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, query := range []string{
		"SELECT contoso_employeraccount FROM contacts WHERE contoso_employeraccount IS NOT NULL",
		"SELECT customerid FROM salesorders", "SELECT msdyn_invoicecustomerid FROM salesorders",
	} {
		if err := d.read("dataverse", query, func(c []string) error { d.named[c[0]] = true; return nil }); err != nil {
			return err
		}
	}
	err = d.read("fno", "SELECT dataAreaId, CustomerAccount, InvoiceAccount, ContosoEmployerAccount, ContosoMainContactAccount FROM CustomersV3", func(c []string) error {
		d.inFnO[name(c[0], c[1])] = true
		for _, to := range c[2:] {
			if to != "" && !strings.EqualFold(to, c[1]) {
				d.named[name(c[0], to)] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.read("fno", "SELECT dataAreaId, OrderingCustomerAccountNumber, InvoiceCustomerAccountNumber FROM CDSSalesOrderHeaders", func(c []string) error {
		d.named[name(c[0], c[1])], d.named[name(c[0], c[2])] = true, true
		return nil
	})
}

// found is a customer of F&O that may be damaged.
type found struct{ recID, area, number, rating string }

// customers damages organisations in F&O, from the first place on, spread over
// all that follow.
func (d *damage) customers() error {
	var alone, both []found
	place := 0
	err := d.read("fno", "SELECT rec_id, dataAreaId, CustomerAccount, PartyType, CreditRating FROM CustomersV3 ORDER BY rec_id", func(c []string) error {
		place++
		linked := slices.ContainsFunc(d.o.Companies, func(code string) bool { return strings.EqualFold(code, c[1]) })
		if place < d.o.First || c[3] != "Organization" || !linked || d.named[name(c[1], c[2])] {
			return nil
		}
		f := found{c[0], c[1], c[2], c[4]}
		a, there := d.accounts[strings.ToLower(c[2])]
		switch {
		case !there:
			alone = append(alone, f)
		case a.customer && strings.EqualFold(a.company, c[1]) && !d.named[a.id]:
			both = append(both, f)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(alone) == 0 {
		return fmt.Errorf("no customer from place %d on can be damaged; there are %d", d.o.First, place)
	}
	kinds := []Kind{TooLong, Characters, NumberRange, Dangling, Owed}
	for _, f := range spread(alone, d.wanted(kinds...)) {
		if k, ok := d.take(kinds...); ok {
			if err := d.customer(k, f); err != nil {
				return err
			}
		}
	}
	rated := slices.DeleteFunc(slices.Clone(both), func(f found) bool {
		return f.rating == "" || d.accounts[strings.ToLower(f.number)].rating != f.rating
	})
	used := map[string]bool{}
	for _, f := range spread(rated, d.wanted(Blank)) {
		if k, ok := d.take(Blank); ok {
			used[f.recID] = true
			if err := d.customer(k, f); err != nil {
				return err
			}
		}
	}
	both = slices.DeleteFunc(both, func(f found) bool { return used[f.recID] })
	for _, f := range spread(both, d.wanted(Outside)) {
		if k, ok := d.take(Outside); ok {
			if err := d.customer(k, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *damage) wanted(kinds ...Kind) (n int) {
	for _, k := range kinds {
		n += d.left[k]
	}
	return n
}

// spread picks n of a list at even distances, the first among them.
func spread[T any](list []T, n int) (out []T) {
	n = min(n, len(list))
	for i := range n {
		out = append(out, list[i*len(list)/n])
	}
	return out
}

// customer damages one organisation that F&O has.
func (d *damage) customer(k Kind, f found) error {
	r := Row{Map: "accounts", Key: readable(f.area, f.number), Side: "fno", Kind: k, Expect: "failed", ID: f.recID}
	var v any
	switch k {
	case TooLong:
		r.Field, r.Code, v = "PrimaryContactURL", "DW501", "https://www.contoso.com/"+strings.Repeat("contoso/", 24)
	case Characters:
		r.Field, r.Code, v = "OrganizationName", "DW513", "Contoso\x0b "+f.number
	case NumberRange:
		r.Field, r.Code, v = "OrganizationNumberOfEmployees", "DW502", 2_000_000_000
	case Dangling:
		r.Field, r.Code, v, r.Expect = "PaymentTerms", "DW601", "NEVER", "parked"
	case Owed:
		r.Field, r.Code, v, r.Expect = "InvoiceAccount", "DW602", "XX-NOBODY", "owed"
	case Blank:
		r.Field, r.Code, v, r.Expect = "CreditRating", "DW606", "", "held"
	case Outside:
		a := d.accounts[strings.ToLower(f.number)]
		r.Side, r.ID, r.Field, r.Code = "dataverse", a.id, "customertypecode", "DW642"
		return d.row(r, 1)
	}
	e, err := d.set("fno", "CustomersV3", "rec_id", f.recID, map[string]any{r.Field: v})
	r.Undo = e
	d.done = append(d.done, r)
	return err
}

// row damages a column of a row of accounts.
func (d *damage) row(r Row, v any) error {
	e, err := d.set("dataverse", "accounts", "accountid", r.ID, map[string]any{r.Field: v})
	r.Undo = e
	d.done = append(d.done, r)
	return err
}

// rows damages accounts that only Dataverse has.
func (d *damage) rows() error {
	type row struct{ id, number, company string }
	var list []row
	err := d.read("dataverse", "SELECT accountid, accountnumber, msdyn_company FROM accounts WHERE customertypecode = 3 ORDER BY accountid", func(c []string) error {
		company := d.byID[c[2]]
		if company != "" && c[1] != "" && !d.inFnO[name(company, c[1])] && !d.named[c[0]] && !d.named[name(company, c[1])] {
			list = append(list, row{c[0], c[1], company})
		}
		return nil
	})
	if err != nil {
		return err
	}
	kinds := []Kind{Required, NoKey, LongRow, DanglingRow}
	for _, x := range spread(list, d.wanted(kinds...)) {
		k, ok := d.take(kinds...)
		if !ok {
			break
		}
		r := Row{Map: "accounts", Key: readable(x.company, x.number), Side: "dataverse", Kind: k, Expect: "failed", ID: x.id}
		switch k {
		case Required:
			r.Field, r.Code = "transactioncurrencyid", "DW508"
			err = d.row(r, nil)
		case NoKey:
			r.Field, r.Code, r.Key = "accountnumber", "DW640", "row "+x.id
			err = d.row(r, nil)
		case LongRow:
			r.Field, r.Code = "name", "DW501"
			err = d.row(r, strings.Repeat("Contoso ", 15))
		case DanglingRow:
			r.Field, r.Code, r.Expect = "msdyn_paymentterm", "DW601", "parked"
			err = d.row(r, guid("term of "+x.id))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// guid makes a guid of a text, the same each time.
func guid(text string) string {
	h := sha256.Sum256([]byte(text))
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
