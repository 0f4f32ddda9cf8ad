package spoil

import (
	"fmt"
	"strings"
)

// vendors gives vendors that only Dataverse has a day that F&O cannot keep. Where
// others refer to all such vendors, some are added.
func (d *damage) vendors() error {
	taken := map[string]bool{}
	inFnO := map[string]bool{}
	err := d.read("fno", "SELECT dataAreaId, VendorAccountNumber FROM VendorsV2", func(c []string) error {
		inFnO[name(c[0], c[1])], taken[strings.ToLower(c[1])] = true, true
		return nil
	})
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, query := range []string{
		"SELECT msdyn_vendor FROM accounts WHERE msdyn_vendor IS NOT NULL", "SELECT msdyn_vendorcontactid FROM contacts WHERE msdyn_vendorcontactid IS NOT NULL",
		"SELECT msdyn_invoicevendoraccountnumber FROM msdyn_vendors WHERE msdyn_invoicevendoraccountnumber <> msdyn_vendorid",
	} {
		if err := d.read("dataverse", query, func(c []string) error { used[c[0]] = true; return nil }); err != nil {
			return err
		}
	}
	type row struct{ id, number, company string }
	var list, alone []row
	err = d.read("dataverse", "SELECT msdyn_vendorid, msdyn_vendoraccountnumber, msdyn_company FROM msdyn_vendors ORDER BY msdyn_vendorid", func(c []string) error {
		taken[strings.ToLower(c[1])] = true
		if company := d.byID[c[2]]; company != "" && c[1] != "" && !inFnO[name(company, c[1])] {
			x := row{c[0], c[1], company}
			if alone = append(alone, x); !used[c[0]] {
				list = append(list, x)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(alone) == 0 { // data without vendors
		d.pass(DateRange)
		return nil
	}
	columns, err := d.columns("dataverse", "msdyn_vendors", "msdyn_vendorid", "msdyn_vendoraccountnumber",
		"msdyn_vendorpartynumber", "msdyn_invoicevendoraccountnumber", "msdyn_vendorprimarycontactperson")
	if err != nil {
		return err
	}
	all := strings.Join(columns, ", ")
	for n := 0; len(list) < d.wanted(DateRange); n++ {
		like := alone[n%len(alone)]
		x := row{guid(fmt.Sprintf("vendor %d like %s", n, like.id)), fmt.Sprintf("%s-%d", like.number, n+1), like.company}
		if taken[strings.ToLower(x.number)] {
			continue
		}
		_, err := d.tx["dataverse"].ExecContext(d.ctx, "INSERT INTO msdyn_vendors (msdyn_vendorid, msdyn_vendoraccountnumber, "+all+") SELECT ?, ?, "+all+
			" FROM msdyn_vendors WHERE msdyn_vendorid = ?", x.id, x.number, like.id)
		if err != nil {
			return err
		}
		list = append(list, x)
	}
	for _, x := range spread(list, d.wanted(DateRange)) {
		k, ok := d.take(DateRange)
		if !ok {
			break
		}
		r := Row{Map: "vendors", Key: readable(x.company, x.number), Side: "dataverse", Kind: k, Expect: "failed", Code: "DW507", ID: x.id, Field: "msdyn_vendoronholdreleasedate"}
		if r.Undo, err = d.set("dataverse", "msdyn_vendors", "msdyn_vendorid", x.id, map[string]any{r.Field: "1753-01-01"}); err != nil {
			return err
		}
		d.done = append(d.done, r)
	}
	return nil
}

// persons puts second records of contact persons of vendors into F&O, with the
// same number in other letters, some with blanks behind: F&O's own key is their
// party.
func (d *damage) persons() error {
	there, named := map[string]bool{}, map[string]bool{}
	err := d.read("dataverse", "SELECT msdyn_contactpersonid FROM contacts WHERE msdyn_contactpersonid IS NOT NULL", func(c []string) error {
		there[strings.ToLower(c[0])] = true
		return nil
	})
	if err != nil {
		return err
	}
	err = d.read("fno", "SELECT dataAreaId, PrimaryContactPersonId FROM VendorsV2", func(c []string) error {
		named[name(c[0], c[1])] = true
		return nil
	})
	if err != nil {
		return err
	}
	type person struct{ id, area, number, party string }
	var list []person
	err = d.read("fno", "SELECT rec_id, dataAreaId, ContactPersonId, ContactPersonPartyNumber FROM CDSContactPersonsV2 WHERE AssociatedContactType = 'Vendor' ORDER BY rec_id", func(c []string) error {
		if d.companies[strings.ToUpper(c[1])] != "" && !there[strings.ToLower(c[2])] && !named[name(c[1], c[2])] {
			list = append(list, person{c[0], c[1], c[2], c[3]})
		}
		return nil
	})
	if err != nil {
		return err
	}
	columns, err := d.columns("fno", "CDSContactPersonsV2", "rec_id", "ContactPersonId", "ContactPersonPartyNumber")
	if err != nil {
		return err
	}
	all := strings.Join(columns, ", ")
	for i, x := range spread(list, min(d.wanted(Duplicate), (len(list)+3)/4)) { // most get over
		k, ok := d.take(Duplicate)
		if !ok {
			break
		}
		res, err := d.tx["fno"].ExecContext(d.ctx, "INSERT INTO CDSContactPersonsV2 (ContactPersonId, ContactPersonPartyNumber, "+all+") SELECT ?, ?, "+all+
			" FROM CDSContactPersonsV2 WHERE rec_id = ?", strings.ToLower(x.number)+strings.Repeat(" ", i%3), "D"+x.party, x.id)
		if err != nil {
			return err
		}
		fresh, err := res.LastInsertId()
		if err != nil {
			return err
		}
		d.done = append(d.done, Row{Map: "contact_persons", Key: readable(x.area, x.number), Side: "fno", Kind: k, Expect: "failed", Code: "DW641",
			ID: x.id, Field: "ContactPersonId", Undo: &Edit{Twin: "fno", Table: "CDSContactPersonsV2", Column: "rec_id", ID: fmt.Sprint(fresh), Delete: true}})
	}
	d.pass(Duplicate)
	return nil
}

// orders gives orders that only F&O has a language that the value map does not
// name. Their lines wait for them.
func (d *damage) orders() error {
	there := map[string]bool{}
	err := d.read("dataverse", "SELECT msdyn_salesordernumber FROM salesorders", func(c []string) error {
		there[strings.ToLower(c[0])] = true
		return nil
	})
	if err != nil {
		return err
	}
	type order struct{ id, area, number string }
	var list []order
	err = d.read("fno", "SELECT rec_id, dataAreaId, SalesOrderNumber FROM CDSSalesOrderHeaders ORDER BY rec_id", func(c []string) error {
		if d.companies[strings.ToUpper(c[1])] != "" && !there[strings.ToLower(c[2])] {
			list = append(list, order{c[0], c[1], c[2]})
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Not more than every eighth: there have to be orders that get over.
	for _, x := range spread(list, min(d.wanted(NoMapping), (len(list)+7)/8)) {
		k, ok := d.take(NoMapping)
		if !ok {
			break
		}
		r := Row{Map: "sales_orders", Key: readable(x.area, x.number), Side: "fno", Kind: k, Expect: "failed", Code: "DW504", ID: x.id, Field: "LanguageId"}
		if r.Undo, err = d.set("fno", "CDSSalesOrderHeaders", "rec_id", x.id, map[string]any{r.Field: "tlh"}); err != nil {
			return err
		}
		d.done = append(d.done, r)
		err = d.read("fno", "SELECT rec_id, LineCreationSequenceNumber FROM CDSSalesOrderLines WHERE dataAreaId = ? AND SalesOrderNumber = ?", func(c []string) error {
			d.done = append(d.done, Row{Map: "sales_order_lines", Key: readable(x.area, x.number, c[1]), Side: "fno", Kind: k, Expect: "parked", Code: "DW601", ID: c[0]})
			return nil
		}, x.area, x.number)
		if err != nil {
			return err
		}
	}
	d.pass(NoMapping)
	return nil
}
