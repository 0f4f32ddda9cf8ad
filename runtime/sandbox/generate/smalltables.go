package generate

import "context"

// smallTable is a table of a company with a handful of rows, which refer to
// nothing.
type smallTable struct {
	report MapReport
	fields []binding
	id     string // primary key column in Dataverse
	key    string // F&O key field besides the company
	vary   string // text field in which the sides differ
	rows   int    // the most that there are
	make   func(i int) record
	early  bool // terms of payment refer to it
}

// named is a row of a code and a text.
type named struct{ code, text string }

// list makes the rows of a table that has just a code and a text.
func list(codeField, textField string, rows []named) func(i int) record {
	return func(i int) record { return record{codeField: rows[i].code, textField: rows[i].text} }
}

var smallTables = []smallTable{
	{
		report: MapReport{Map: "payment_days", EntitySet: "PaymentDaysCds", Table: "msdyn_paymentdays"},
		fields: paymentDayFields, id: "msdyn_paymentdayid", key: "Name", vary: "Description",
		rows: len(paymentDays), make: list("Name", "Description", paymentDays), early: true,
	},
	{
		report: MapReport{Map: "payment_schedules", EntitySet: "PaymentSchedules", Table: "msdyn_paymentschedules"},
		fields: scheduleFields, id: "msdyn_paymentscheduleid", key: "Name", vary: "Description",
		rows: len(paymentSchedules), early: true,
		make: func(i int) record {
			p := paymentSchedules[i]
			return record{"Name": p.name, "Description": p.description, "AllocationMethod": p.method, "PaymentFrequencyUnits": p.unit,
				"PaymentFrequency": p.every, "NumberOfPayments": p.payments, "FixedPaymentAmount": p.fixed, "MinimumPaymentAmount": p.least,
				"SalesTaxAllocationMethod": p.tax, "Notes": p.notes}
		},
	},
	{
		report: MapReport{Map: "vendor_payment_methods", EntitySet: "VendorPaymentMethods", Table: "msdyn_vendorpaymentmethods"},
		fields: vendorMethodFields, id: "msdyn_vendorpaymentmethodid", key: "Name", vary: "Description", rows: len(vendorMethods),
		make: func(i int) record {
			p := vendorMethods[i]
			return record{"Name": p.name, "Description": p.description, "PaymentType": p.kind, "AccountType": p.account, "PaymentStatus": p.status,
				"SumByPeriod": p.period, "DiscountGracePeriodDays": i % 4, "LastFileNumber": 100 * i, "LastFileNumberToday": i,
				"PromissoryNoteDraftType": p.draft, "AllowPaymentCopies": noYes(i%3 == 0), "BridgingPostingEnabled": noYes(i == 1),
				"EnablePostdatedCheckClearingPosting": "No", "DirectDebit": noYes(i == 2)}
		},
	},
	{
		report: MapReport{Map: "delivery_terms", EntitySet: "DeliveryTerms", Table: "msdyn_termsofdeliveries"},
		fields: deliveryTermFields, id: "msdyn_termsofdeliveryid", key: "TermsCode", vary: "TermsDescription", rows: len(deliveryTerms),
		make: func(i int) record {
			d := deliveryTerms[i]
			return record{"TermsCode": d.code, "TermsDescription": d.description, "IntrastatCode": d.intrastat, "SalesTaxLocationRole": d.role,
				"FreightChargeTerms": d.freight, "IsCashOnDelivery": noYes(d.code == "COD"),
				"DoRetailSalesOrdersGetTransportationChargesAdded": noYes(i%2 == 1), "WillShipmentConfirmationTransferCharges": noYes(i%3 == 1)}
		},
	},
	{
		report: MapReport{Map: "delivery_modes", EntitySet: "TransportationModes", Table: "msdyn_shipvias"},
		fields: deliveryModeFields, id: "msdyn_shipviaid", key: "ModeCode", vary: "ModeDescription",
		rows: len(deliveryModes), make: list("ModeCode", "ModeDescription", deliveryModes),
	},
	{
		report: MapReport{Map: "tax_groups", EntitySet: "TaxGroups", Table: "msdyn_taxgroups"},
		fields: taxGroupFields, id: "msdyn_taxgroupid", key: "TaxGroupCode", vary: "Description",
		rows: len(taxGroups), make: list("TaxGroupCode", "Description", taxGroups),
	},
	{
		report: MapReport{Map: "price_customer_groups", EntitySet: "PriceCustomerGroups", Table: "msdyn_pricecustomergroups"},
		fields: priceGroupFields, id: "msdyn_pricecustomergroupid", key: "GroupCode", vary: "GroupName",
		rows: len(priceGroups), make: list("GroupCode", "GroupName", priceGroups),
	},
	{
		report: MapReport{Map: "order_origins", EntitySet: "SalesOrderOriginCodes", Table: "msdyn_salesorderorigins"},
		fields: originFields, id: "msdyn_salesorderoriginid", key: "OriginCode", vary: "OriginDescription",
		rows: len(orderOrigins), make: list("OriginCode", "OriginDescription", orderOrigins),
	},
}

// loadEarlyTables loads the tables that terms of payment refer to.
func (w *world) loadEarlyTables(ctx context.Context) error { return w.loadSmallTables(ctx, true) }

// loadLateTables loads the other small tables.
func (w *world) loadLateTables(ctx context.Context) error { return w.loadSmallTables(ctx, false) }

func (w *world) loadSmallTables(ctx context.Context, early bool) error {
	for _, t := range smallTables {
		if t.early != early {
			continue
		}
		err := w.loadTable(ctx, t.report, companyTable{
			target: target{fields: t.fields, id: t.id}, key: t.key, vary: t.vary, size: min(w.sizes.setup, t.rows),
			make: func(_ *company, i int, _ kind) (record, links) { return t.make(i), nil },
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *world) loadVendorGroups(ctx context.Context) error {
	report := MapReport{Map: "vendor_groups", EntitySet: "VendorGroups", Table: "msdyn_vendorgroups"}
	return w.loadTable(ctx, report, companyTable{
		target: target{fields: vendorGroupFields, id: "msdyn_vendorgroupid"}, key: "VendorGroupId", vary: "Description",
		size: min(w.sizes.setup, len(vendorGroups)),
		make: func(c *company, i int, k kind) (record, links) {
			r, to := record{"VendorGroupId": vendorGroups[i].code, "Description": vendorGroups[i].text}, links{}
			w.refer(r, to, "DefaultPaymentTermName", w.pick(c.refs["payment_terms"], k))
			if i%2 == 1 {
				w.refer(r, to, "ClearingPeriodPaymentTermName", w.pick(c.refs["payment_terms"], k))
			}
			return r, to
		},
	})
}
