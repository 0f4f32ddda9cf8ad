package generate

import (
	"fmt"
	"strings"
)

// long gives a text of n characters.
func long(n int) string { return strings.Repeat("contoso ", n/8+1)[:n-1] + "x" }

// The same words composed and decomposed: one character with an accent, and a
// letter followed by the accent.
const (
	composed   = "Caf\u00e9 Zo\u00eb \u00c5ngstr\u00f6m"
	decomposed = "Cafe\u0301 Zoe\u0308 A\u030angstro\u0308m"
)

// valueCases are the kinds of dirt in values.
func valueCases() []cases {
	return []cases{
		{KindEmpty, emptyCases()},
		{KindLong, longCases()},
		{KindUnicode, unicodeCases()},
		{KindPunctuation, punctuationCases()},
		{KindDate, dateCases()},
		{KindEnum, enumCases()},
		{KindDecimals, decimalCases()},
	}
}

func emptyCases() []func(p *planting) error {
	return []func(p *planting) error{
		// Neither side has anything where it need not: F&O has empty texts.
		func(p *planting) error {
			return p.account(fate{kind: equal, dirty: inFnO, expect: Equal, set: record{
				"SalesMemo": "", "CreditRating": "", "TaxExemptNumber": nil, "PrimaryContactURL": "", "PaymentTerms": "", "CreditLimit": nil, "PartyState": "",
			}})
		},
		// F&O requires a currency of a customer.
		func(p *planting) error {
			return p.account(fate{kind: onlyDataverse, dirty: inDataverse, expect: Failed, code: codeMissing, row: map[string]any{"transactioncurrencyid": nil}})
		},
		// Blanks are nothing.
		func(p *planting) error {
			return p.person(fate{kind: equal, dirty: inDataverse, expect: Equal, set: record{"PersonMiddleName": "", "SalesMemo": ""},
				row: map[string]any{"middlename": "   ", "description": " "}})
		},
		// F&O requires a group of a vendor.
		func(p *planting) error {
			return p.vendor(fate{kind: onlyDataverse, dirty: inDataverse, expect: Failed, code: codeMissing, row: map[string]any{"msdyn_vendorgroupid": nil}})
		},
		// A customer of whom little more is known than its number.
		func(p *planting) error {
			return p.account(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, alter: func(r record) {
				for name := range r {
					switch name {
					case "dataAreaId", "CustomerAccount", "PartyType", "PartyNumber", "CustomerGroupId", "SalesCurrencyCode", "OrganizationName":
					default:
						delete(r, name)
					}
				}
			}})
		},
		// A customer of Dataverse without a number.
		func(p *planting) error {
			c := &customer{company: p.company(), kind: onlyDataverse, account: p.key(p.company(), "D"), id: p.w.guid()}
			r, to := p.w.customerRecord(c)
			unknownToDataverse(r)
			p.place(p.w.sinkOf("accounts"), c.company, c.id, "row "+c.id, r, to,
				fate{kind: onlyDataverse, dirty: inDataverse, expect: Failed, code: codeNoKey, row: map[string]any{"accountnumber": nil}})
			return nil
		},
	}
}

func longCases() []func(p *planting) error {
	return []func(p *planting) error{
		// 255 characters in F&O, 200 in Dataverse.
		func(p *planting) error {
			return p.account(fate{kind: onlyFnO, dirty: inFnO, expect: Failed, code: codeTooLong, set: record{"PrimaryContactURL": "https://www.contoso.com/" + long(200)}})
		},
		// 160 in Dataverse, 100 in F&O.
		func(p *planting) error {
			return p.account(fate{kind: onlyDataverse, dirty: inDataverse, expect: Failed, code: codeTooLong, row: map[string]any{"name": long(101)}})
		},
		// On both sides, where F&O is the master.
		func(p *planting) error {
			return p.contactPerson(fate{kind: differ, dirty: inFnO, expect: Failed, code: codeTooLong, set: record{"PrimaryURL": "https://vendor.example/" + long(200)},
				row: map[string]any{"websiteurl": "https://vendor.example/short"}})
		},
		// An order that fails lets its lines wait.
		func(p *planting) error {
			return p.order(fate{kind: onlyFnO, dirty: inFnO, expect: Failed, code: codeTooLong, set: record{"Email": strings.Repeat("x", 110) + "@contoso.com"}}, waiting())
		},
		// 50 in Dataverse, 25 in F&O.
		func(p *planting) error {
			return p.person(fate{kind: onlyDataverse, dirty: inDataverse, expect: Failed, code: codeTooLong, row: map[string]any{"lastname": long(26)}})
		},
		// As long as may be.
		func(p *planting) error {
			return p.account(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"PrimaryContactURL": long(200), "OrganizationName": long(100)}})
		},
	}
}

func unicodeCases() []func(p *planting) error {
	return []func(p *planting) error{
		// Texts that look alike are not the same: F&O's wins.
		func(p *planting) error {
			return p.account(fate{kind: differ, dirty: inDataverse, expect: Equal, set: record{"OrganizationName": composed}, row: map[string]any{"name": decomposed}})
		},
		// The key too, on both sides in the same form.
		func(p *planting) error {
			return p.person(fate{kind: equal, dirty: inFnO, expect: Equal, set: record{
				"CustomerAccount": p.key(p.company(), "E\u0301"), "PersonFirstName": "Zoe\u0308", "PersonLastName": "Nu\u0301n\u0303ez",
			}})
		},
		// Both systems count what lies beyond the basic plane twice.
		func(p *planting) error {
			return p.vendor(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{
				"VendorOrganizationName": strings.Repeat("\U0001f6d2", 40) + "\u682a\u5f0f\u4f1a\u793e\u30b3\u30f3\u30c8\u30bd",
			}})
		},
		func(p *planting) error {
			return p.person(fate{kind: onlyDataverse, dirty: inDataverse, expect: Equal, row: map[string]any{"firstname": "Zoe\u0308", "lastname": "\u0130lker \u00df"}})
		},
		func(p *planting) error {
			return p.vendor(fate{kind: onlyDataverse, dirty: inDataverse, expect: Equal, row: map[string]any{
				"msdyn_vendoraccountnumber": p.key(p.company(), "\u00c4"), "msdyn_name": decomposed,
			}})
		},
	}
}

func punctuationCases() []func(p *planting) error {
	const quoted = `"Quote" & Sons, 'Ltd'; <b>100 %</b> \ {0}`
	return []func(p *planting) error{
		func(p *planting) error {
			return p.account(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{
				"OrganizationName": quoted, "SalesMemo": "first line\r\nsecond, \"line\"\r\n\tthird;line\r\n", "DeliveryAddressStreet": "Gate 7\nHall B, 2nd floor",
			}})
		},
		// In the key, and in a reference to it.
		func(p *planting) error {
			key := p.key(p.company(), `O'V, "`)
			if err := p.vendor(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"VendorAccountNumber": key}}); err != nil {
				return err
			}
			return p.account(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"VendorAccount": key}})
		},
		func(p *planting) error {
			return p.account(fate{kind: onlyDataverse, dirty: inDataverse, expect: Equal, row: map[string]any{
				"accountnumber": p.key(p.company(), "A'B&, "), "name": quoted, "description": "one\ntwo, \"three\"",
			}})
		},
		// The same lines, broken in another way: F&O's wins.
		func(p *planting) error {
			return p.person(fate{kind: differ, dirty: inDataverse, expect: Equal, set: record{"SalesMemo": "one\r\ntwo"}, row: map[string]any{"description": "one\ntwo"}})
		},
		func(p *planting) error {
			h := p.w.hierarchies[0]
			x := &category{reference: reference{key: fmt.Sprintf("Tools, \"hand\" & 'power' %d", p.n), kind: onlyFnO}, hierarchy: h, parent: h.categories[0], level: 2}
			r, to := p.w.categoryRecord(x, 90000+p.n)
			p.place(p.w.sinkOf("product_categories"), nil, "", readable(nil, x.key, h.key), r, to, fate{kind: onlyFnO, dirty: inFnO, expect: Equal})
			return nil
		},
	}
}

func dateCases() []func(p *planting) error {
	return []func(p *planting) error{
		// 1900-01-01 is F&O's way to say that there is no date.
		func(p *planting) error {
			return p.vendor(fate{kind: equal, dirty: inFnO, expect: Equal, set: record{"VendorHoldReleaseDate": "1900-01-01"},
				row: map[string]any{"msdyn_vendoronholdreleasedate": nil}})
		},
		// Dataverse keeps days from 1753 on, F&O from 1900 on.
		func(p *planting) error {
			return p.vendor(fate{kind: onlyDataverse, dirty: inDataverse, expect: Failed, code: codeDateRange, row: map[string]any{"msdyn_vendoronholdreleasedate": "1753-01-01"}})
		},
		func(p *planting) error {
			return p.vendor(fate{kind: equal, dirty: inDataverse, expect: Equal, set: record{"VendorHoldReleaseDate": nil},
				row: map[string]any{"msdyn_vendoronholdreleasedate": "1900-01-01"}})
		},
		// The requested day is Dataverse's business.
		func(p *planting) error {
			return p.order(fate{kind: differ, dirty: inDataverse, expect: Failed, code: codeDateRange, row: map[string]any{"requestdeliveryby": "1899-12-30T12:00:00Z"}}, clean(equal))
		},
		// The first and the last day that both can keep.
		func(p *planting) error {
			return p.vendor(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"VendorHoldReleaseDate": "2154-12-31"}})
		},
		func(p *planting) error {
			return p.vendor(fate{kind: onlyDataverse, dirty: inDataverse, expect: Equal, row: map[string]any{"msdyn_vendoronholdreleasedate": "1900-01-02"}})
		},
		func(p *planting) error {
			return p.order(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"ConfirmedShippingDate": "1900-01-01", "RequestedReceiptDate": nil}}, clean(onlyFnO))
		},
	}
}

func enumCases() []func(p *planting) error {
	return []func(p *planting) error{
		// Portuguese of Portugal is not among the languages.
		func(p *planting) error {
			return p.order(fate{kind: onlyFnO, dirty: inFnO, expect: Failed, code: codeNotInMap, set: record{"LanguageId": "pt"}}, waiting())
		},
		// The member of F&O's enum that Dataverse has no option for.
		func(p *planting) error {
			return p.schedule(fate{kind: onlyFnO, dirty: inFnO, expect: Failed, code: codeNotInMap, set: record{"PaymentFrequencyUnits": "All"}})
		},
		// An option that somebody has deleted from the column since.
		func(p *planting) error {
			c := p.company()
			key := fmt.Sprintf("D%05d", p.n)
			r := record{"Name": key, "Description": "Planted", "PaymentMethodType": "Net", "NumberOfDays": 7, "CreditCardPaymentType": "NA", "CreditCardCreditCheckType": "Normal"}
			p.place(p.w.sinkOf("payment_terms"), c, p.w.guid(), readable(c, key), r, links{},
				fate{kind: onlyDataverse, dirty: inDataverse, expect: Failed, code: codeNotInMap, row: map[string]any{"msdyn_paymentmethodtype": 806380123}})
			return nil
		},
		// A member that the map shows as nothing.
		func(p *planting) error {
			return p.account(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"OnHoldStatus": "PurchOrder"}})
		},
		// Neither organisation nor person: the filter leaves it out.
		func(p *planting) error {
			return p.vendor(fate{kind: onlyFnO, dirty: inFnO, expect: Untouched, set: record{"VendorPartyType": "Team"}})
		},
		// On both sides; the language of F&O wins, and has no counterpart.
		func(p *planting) error {
			return p.order(fate{kind: differ, dirty: inFnO, expect: Failed, code: codeNotInMap, set: record{"LanguageId": "tlh"}, row: map[string]any{"msdyn_language": 192350015}}, clean(equal))
		},
		// A country that is not listed passes as it is.
		func(p *planting) error {
			return p.order(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"DeliveryAddressCountryRegionISOCode": "CH"}}, clean(onlyFnO))
		},
	}
}

func decimalCases() []func(p *planting) error {
	return []func(p *planting) error{
		// Two decimals in Dataverse, and it is rounded there already.
		func(p *planting) error {
			return p.account(fate{kind: equal, dirty: inFnO, expect: Equal, set: record{"CreditLimit": "1234.567891"}, row: map[string]any{"creditlimit": "1234.57"}})
		},
		func(p *planting) error {
			return p.vendor(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"CreditLimit": "98765.432109"}})
		},
		func(p *planting) error {
			return p.vendor(fate{kind: onlyDataverse, dirty: inDataverse, expect: Equal, row: map[string]any{"msdyn_vendorcreditlimit": "12.3456"}})
		},
		// A rounded amount is another one where it differs by more.
		func(p *planting) error {
			return p.vendor(fate{kind: differ, dirty: inFnO, expect: Equal, set: record{"CreditLimit": "500.123456"}, row: map[string]any{"msdyn_vendorcreditlimit": "500.12"}})
		},
		func(p *planting) error {
			lines := clean(onlyFnO)
			lines.set = record{"OrderedSalesQuantity": "1.234567", "SalesPrice": "19.987654", "LineAmount": "24.676101"}
			return p.order(fate{kind: onlyFnO, dirty: inFnO, expect: Equal, set: record{"OrderTotalAmount": "49.352202"}}, lines)
		},
	}
}
