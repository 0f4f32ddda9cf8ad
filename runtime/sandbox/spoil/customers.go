package spoil

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// What becomes of damaged records that a first apply does not list.
const (
	equal     = "equal"
	untouched = "untouched"
)

// mostBlanks is how many accounts get blanks for a number, which has room for
// twenty characters.
const mostBlanks = 20

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
	err = d.read("dataverse", "SELECT accountid, accountnumber, msdyn_company, customertypecode, msdyn_creditrating, primarycontactid, msdyn_billingaccount, msdyn_partynumber, name FROM accounts", func(c []string) error {
		if company := d.byID[c[2]]; c[1] != "" && company != "" {
			d.accounts[name(company, strings.TrimSpace(c[1]))] = account{id: c[0], customer: c[3] == "3", rating: c[4], party: c[7], called: c[8]}
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
type found struct{ recID, area, number, rating, limit, party, called string }

// candidates gives the organisations of F&O that may be damaged, those that F&O
// alone has and those that both sides have, in the order in which customers are
// read: company by company as the link names them, by number.
func (d *damage) candidates() (alone, both []found, err error) {
	place := 0
	for _, company := range d.o.Companies {
		err := d.read("fno", "SELECT rec_id, dataAreaId, CustomerAccount, CreditRating, CreditLimit, PartyNumber, OrganizationName, PartyType FROM CustomersV3 WHERE dataAreaId = ? ORDER BY CustomerAccount", func(c []string) error {
			place++
			if place < d.o.First || c[7] != "Organization" || d.named[name(c[1], c[2])] {
				return nil
			}
			f := found{c[0], c[1], c[2], c[3], c[4], c[5], c[6]}
			a, there := d.accounts[name(c[1], c[2])]
			switch {
			case !there:
				alone = append(alone, f)
			case a.customer && !d.named[a.id]:
				both = append(both, f)
			}
			return nil
		}, company)
		if err != nil {
			return nil, nil, err
		}
	}
	if len(alone) == 0 {
		return nil, nil, fmt.Errorf("no customer from place %d on can be damaged; of %d none is in F&O alone and referred to by nothing, as before a go-live", d.o.First, place)
	}
	return alone, both, nil
}

// customers damages organisations in F&O, from the first place on, spread over
// all that follow.
func (d *damage) customers() error {
	alone, both, err := d.candidates()
	if err != nil {
		return err
	}
	used := map[string]bool{}
	of := func(f found) account { return d.accounts[name(f.area, f.number)] }
	groups := []struct {
		list  *[]found
		kinds []Kind
		fits  func(f found) bool
	}{
		{&alone, []Kind{Precision}, func(f found) bool { return f.limit != "" }},
		{&both, []Kind{Blank}, func(f found) bool { return f.rating != "" && of(f).rating == f.rating }},
		{&both, []Kind{Clash}, func(f found) bool { return len(d.texts[of(f).id]) >= leastTexts }},
		// Of another name already, one more difference may make it look like another one.
		{&both, []Kind{Differing}, func(f found) bool { return f.party != "" && of(f).party == f.party && of(f).called == f.called }},
		{&both, []Kind{Outside}, nil},
		{&alone, broad, nil}, // last: they take what the others leave
	}
	for i, group := range groups {
		if slices.Contains(group.kinds, Clash) {
			if d.texts, err = d.textsOf(*group.list); err != nil {
				return err
			}
		}
		var able []found
		free, sharing := 0, 0
		for _, f := range *group.list {
			if used[f.recID] {
				continue
			}
			if free++; group.fits == nil || group.fits(f) {
				able = append(able, f)
			}
		}
		for _, later := range groups[i:] {
			if later.list == group.list {
				sharing++
			}
		}
		// Where there are few, those that come later get their part of them.
		for _, f := range spread(able, min(d.wanted(group.kinds...), (free+sharing-1)/sharing)) {
			k, ok := d.take(group.kinds...)
			if !ok {
				break
			}
			used[f.recID] = true
			if err := d.customer(k, f); err != nil {
				return err
			}
		}
		if i < len(groups)-1 {
			d.pass(group.kinds...)
		}
	}
	return nil
}

// otherTexts are the columns whose texts tell one account from another.
var otherTexts = []string{"name", "description", "msdyn_identificationnumber", "msdyn_taxexemptnumber", "msdyn_partycountry", "msdyn_partystateprovince",
	"address1_line1", "address1_city", "address1_county", "address1_stateorprovince", "address1_postalcode", "address1_country",
	"address2_line1", "address2_city", "address2_county", "address2_stateorprovince", "address2_postalcode", "address2_country",
	"websiteurl", "msdyn_websiteurldescription", "fax", "msdyn_faxextension", "msdyn_faxdescription", "msdyn_emailaddress1description",
	"msdyn_telephone1extension", "msdyn_telephone1description", "msdyn_primaryfacebookid", "msdyn_primaryfacebookdescription",
	"msdyn_primarylinkedinid", "msdyn_primarylinkedindescrption", "primarytwitterid", "msdyn_primarytwitteriddescription", "msdyn_creditrating"}

// leastTexts is how many texts of an account have to be others, so that it looks
// like another one: it keeps its number, its party, its mailbox and its telephone.
const leastTexts = 10

// textsOf gives the columns of otherTexts in which the accounts have something,
// by their ids.
func (d *damage) textsOf(list []found) (map[string][]string, error) {
	out := map[string][]string{}
	for _, f := range list {
		id := d.accounts[name(f.area, f.number)].id
		err := d.read("dataverse", "SELECT "+strings.Join(otherTexts, ", ")+" FROM accounts WHERE accountid = ?", func(c []string) error {
			for i, text := range c {
				if text != "" {
					out[id] = append(out[id], otherTexts[i])
				}
			}
			return nil
		}, id)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
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
	case Precision:
		whole, fraction, _ := strings.Cut(f.limit, ".")
		r.Field, r.Expect, v = "CreditLimit", equal, whole+"."+(fraction + "00")[:2]+"1234"
	case Clash, Differing, Outside:
		r.Side, r.ID = "dataverse", d.accounts[name(f.area, f.number)].id
		return d.counterpart(r)
	}
	e, err := d.set("fno", "CustomersV3", "rec_id", f.recID, map[string]any{r.Field: v})
	r.Undo = e
	d.done = append(d.done, r)
	return err
}

// counterpart damages the Dataverse row of a record that both sides have.
func (d *damage) counterpart(r Row) error {
	switch r.Kind {
	case Clash:
		r.Field, r.Expect = "name", equal
		other := map[string]any{}
		for _, column := range d.texts[r.ID] {
			other[column] = "Other"
		}
		return d.columnsOf(r, other)
	case Differing:
		r.Field, r.Expect = "msdyn_partynumber", equal
		return d.row(r, fmt.Sprintf("9%08d", len(d.done)))
	}
	r.Field, r.Code = "customertypecode", "DW642"
	return d.row(r, 1)
}

// row damages a column of a row of accounts.
func (d *damage) row(r Row, v any) error { return d.columnsOf(r, map[string]any{r.Field: v}) }

func (d *damage) columnsOf(r Row, columns map[string]any) error {
	e, err := d.set("dataverse", "accounts", "accountid", r.ID, columns)
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
	kinds := []Kind{Required, NoKey, LongRow, DanglingRow, NoCompany, WrongCompany, BlankKey}
	// Numbers of blanks differ by how many there are: Dataverse knows the number
	// as a key.
	if more := d.left[BlankKey] - mostBlanks; more > 0 {
		d.left[BlankKey] = more
		d.pass(BlankKey)
		d.left[BlankKey] = mostBlanks
	}
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
		case BlankKey:
			r.Field, r.Code, r.Key = "accountnumber", "DW640", "row "+x.id
			err = d.row(r, strings.Repeat(" ", d.left[BlankKey]+1))
		case NoCompany:
			r.Field, r.Expect, r.Key = "msdyn_company", untouched, x.number
			err = d.row(r, nil)
		case WrongCompany:
			r.Field, r.Expect, r.Key = "msdyn_company", untouched, x.number
			err = d.row(r, guid("company of "+x.id))
		case DanglingRow:
			r.Field, r.Code, r.Expect = "msdyn_paymentterm", "DW601", "parked"
			err = d.row(r, guid("term of "+x.id))
		}
		if err != nil {
			return err
		}
	}
	d.pass(kinds...)
	return nil
}

// guid makes a guid of a text, the same each time.
func guid(text string) string {
	h := sha256.Sum256([]byte(text))
	h[6], h[8] = h[6]&0x0f|0x40, h[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
