package generate

import (
	"fmt"
	"strings"
)

// recordCases are the kinds of dirt in keys, references and whole records.
func recordCases() []cases {
	return []cases{
		{KindKeySpelling, spellingCases()},
		{KindDuplicate, duplicateCases()},
		{KindDangling, danglingCases()},
		{KindConflict, conflictCases()},
		{KindNoCompany, strayCases()},
	}
}

func spellingCases() []func(p *planting) error {
	return []func(p *planting) error{
		func(p *planting) error {
			return p.account(fate{kind: equal, dirty: inDataverse, expect: Equal, row: map[string]any{"accountnumber": strings.ToLower(p.key(p.company(), "D")) + "  "}})
		},
		func(p *planting) error {
			return p.person(fate{kind: differ, dirty: inDataverse, expect: Equal, set: record{"PersonProfessionalTitle": "Owner"},
				row: map[string]any{"msdyn_contactpersonid": p.key(p.company(), "D") + " ", "jobtitle": "Director"}})
		},
		// A group that Dataverse spells in its own way, and a vendor of it.
		func(p *planting) error {
			c := p.company()
			group := reference{key: fmt.Sprintf("D%05d", p.n), kind: equal, id: p.w.guid()}
			r := record{"VendorGroupId": group.key, "Description": "Planted"}
			p.place(p.w.sinkOf("vendor_groups"), c, group.id, readable(c, group.key), r, links{},
				fate{kind: equal, dirty: inDataverse, expect: Equal, row: map[string]any{"msdyn_vendorgroup": strings.ToLower(group.key) + " "}})
			return p.vendor(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"VendorGroupId": group.key}})
		},
		func(p *planting) error {
			return p.order(fate{kind: equal, dirty: inDataverse, expect: Equal, row: map[string]any{"msdyn_salesordernumber": strings.ToLower(p.key(p.sellsTo(equal), "SD"))}}, clean(equal))
		},
	}
}

func duplicateCases() []func(p *planting) error {
	// The service's own keys ignore case, so duplicates are possible only where
	// the integration key is none of them: contact persons.
	twice := func(p *planting, first kind) error {
		c := p.buysFrom(first)
		key := p.key(c, "CPD")
		if err := p.contactPersonOf(c, key, fate{kind: first, dirty: inFnO, expect: Failed, code: codeDuplicate}); err != nil {
			return err
		}
		return p.contactPersonOf(c, strings.ToLower(key), fate{kind: onlyFnO, dirty: inFnO, expect: Failed, code: codeDuplicate, again: true})
	}
	return []func(p *planting) error{
		func(p *planting) error { return twice(p, onlyFnO) },
		func(p *planting) error { return twice(p, equal) },
	}
}

func danglingCases() []func(p *planting) error {
	parked := func(f fate) fate {
		f.expect, f.code = Parked, codeDangling
		return f
	}
	return []func(p *planting) error{
		func(p *planting) error {
			return p.account(parked(fate{kind: onlyFnO, dirty: inFnO, set: record{"PaymentTerms": "NEVER"}}))
		},
		func(p *planting) error {
			return p.order(parked(fate{kind: onlyFnO, dirty: inFnO, set: record{
				"OrderingCustomerAccountNumber": "US-NOBODY", "InvoiceCustomerAccountNumber": "US-NOBODY",
			}}), waiting())
		},
		func(p *planting) error {
			return p.account(parked(fate{kind: onlyDataverse, dirty: inDataverse, row: map[string]any{"msdyn_paymentterm": p.w.guid()}}))
		},
		func(p *planting) error {
			h := p.w.hierarchies[1]
			x := &category{reference: reference{key: fmt.Sprintf("Orphan %d", p.n), kind: onlyFnO}, hierarchy: h, level: 2}
			r, to := p.w.categoryRecord(x, 90000+p.n)
			r["ParentProductCategoryName"], r["ParentProductCategoryHierarchyName"] = "Lost and found", h.key
			p.place(p.w.sinkOf("product_categories"), nil, "", readable(nil, x.key, h.key), r, to, parked(fate{kind: onlyFnO, dirty: inFnO}))
			return nil
		},
		func(p *planting) error {
			return p.vendor(parked(fate{kind: onlyFnO, dirty: inFnO, set: record{"DefaultVendorPaymentMethodName": "GHOST"}}))
		},
		func(p *planting) error {
			return p.contactPerson(parked(fate{kind: onlyFnO, dirty: inFnO, set: record{"AssociatedContactNumber": "US-VNOBODY"}}))
		},
	}
}

func conflictCases() []func(p *planting) error {
	return []func(p *planting) error{
		func(p *planting) error {
			return p.account(fate{kind: differ, dirty: inDataverse, expect: Equal, set: record{"PrimaryContactEmail": "old@contoso.com", "CreditRating": "Good"}, row: map[string]any{
				"name": "Another name", "emailaddress1": "new@contoso.com", "telephone1": "+1 555 0100", "msdyn_creditrating": "Poor",
			}})
		},
		func(p *planting) error {
			return p.vendor(fate{kind: differ, dirty: inDataverse, expect: Equal, row: map[string]any{
				"msdyn_name": "Another name", "msdyn_numberofemployees": 7, "msdyn_isforeignentity": true, "msdyn_addresscity": "Elsewhere",
			}})
		},
		func(p *planting) error {
			return p.contactPerson(fate{kind: differ, dirty: inDataverse, expect: Equal, set: record{"PrimaryEmailAddress": "old@vendor.com"}, row: map[string]any{
				"lastname": "Another", "emailaddress1": "new@vendor.com",
			}})
		},
		func(p *planting) error {
			return p.order(fate{kind: differ, dirty: inDataverse, expect: Equal, row: map[string]any{
				"name": "Another order", "shipto_city": "Elsewhere", "requestdeliveryby": "2026-05-05T12:00:00Z", "msdyn_processingstatus": 192350007,
			}}, fate{kind: differ, dirty: inDataverse, expect: Equal, row: map[string]any{"quantity": "77", "priceperunit": "1.50", "description": "Another product"}})
		},
		func(p *planting) error {
			return p.person(fate{kind: differ, dirty: inDataverse, expect: Equal, row: map[string]any{"firstname": "Another", "address1_city": "Elsewhere"}})
		},
	}
}

func strayCases() []func(p *planting) error {
	stray := fate{kind: onlyDataverse, dirty: inDataverse, expect: Untouched, stray: true}
	return []func(p *planting) error{
		func(p *planting) error { return p.account(stray) },
		func(p *planting) error { return p.vendor(stray) },
		func(p *planting) error { return p.person(stray) },
		func(p *planting) error { return p.order(stray, stray) },
	}
}
