package generate

import "context"

// batch gathers rows of both twins and loads them.
type batch struct {
	fno, dataverse []map[string]any
}

func (b *batch) load(ctx context.Context, w *world, set, table string) error {
	if len(b.fno) > 0 {
		if err := w.fno.Load(ctx, set, b.fno); err != nil {
			return err
		}
	}
	if len(b.dataverse) > 0 {
		if err := w.dataverse.Load(ctx, table, b.dataverse); err != nil {
			return err
		}
	}
	b.fno, b.dataverse = nil, nil
	return nil
}

func (w *world) loadCompanies(ctx context.Context) error {
	rep := MapReport{Map: "companies", EntitySet: "LegalEntities", Table: "cdm_companies"}
	var b batch
	var everyCompany, unitRows, teamRows []map[string]any
	everyCompany = append(everyCompany, map[string]any{"DataArea": "dat", "Name": "Company accounts data"})
	for i, c := range w.companies {
		name := "Contoso " + one(w.random, c.flavour.places).city + " " + c.flavour.legal[0]
		r := record{"LegalEntityId": c.code, "Name": name, "NameAlias": c.code, "LanguageId": c.flavour.language,
			"PartyNumber": w.nextParty(), "AddressCountryRegionId": c.flavour.region, "AddressCountryRegionISOCode": c.flavour.iso}
		b.fno = append(b.fno, r)
		everyCompany = append(everyCompany, map[string]any{"DataArea": c.area(), "Name": c.code, "KnownAs": name, "LanguageId": c.flavour.language})
		k := onlyFnO
		if c.inDataverse() {
			k = equal
			if i == 1 && !c.outside {
				k = differ
			}
			row := mirror(companyFields, r, nil)
			if k == differ {
				row["cdm_name"] = name + " (old)"
			}
			row["cdm_companyid"], row["cdm_defaultowningteam"] = c.id, c.team
			b.dataverse = append(b.dataverse, row)
			unit := map[string]any{"businessunitid": w.guid(), "name": c.code}
			if w.rootUnit != "" {
				unit["parentbusinessunitid"] = w.rootUnit
			}
			unitRows = append(unitRows, unit)
			teamRows = append(teamRows, map[string]any{"teamid": c.team, "name": c.code, "businessunitid": unit["businessunitid"], "isdefault": true, "teamtype": 0})
		}
		rep.count(c, k)
	}
	for _, t := range []struct {
		set  string
		rows []map[string]any
	}{{"businessunits", unitRows}, {"teams", teamRows}} {
		if err := w.dataverse.Load(ctx, t.set, t.rows); err != nil {
			return err
		}
	}
	if err := w.fno.Load(ctx, "Companies", everyCompany); err != nil {
		return err
	}
	w.report.Maps = append(w.report.Maps, rep)
	return b.load(ctx, w, rep.EntitySet, rep.Table)
}

func (w *world) loadCurrencies(ctx context.Context) error {
	rep := MapReport{Map: "currencies", EntitySet: "Currencies", Table: "transactioncurrencies"}
	var b batch
	for i, c := range currencies[:w.sizes.currencies] {
		r := record{"CurrencyCode": c.code, "Name": c.name, "Symbol": c.symbol, "GeneralRoundingRule": "0.01"}
		b.fno = append(b.fno, r)
		k := onlyFnO
		if i < 3 {
			k = equal
			row := mirror(currencyFields, r, nil)
			if c.code == "GBP" {
				k = differ
				row["currencyname"] = "British Pound"
			}
			id := w.guid()
			w.currencyID[c.code] = id
			row["transactioncurrencyid"], row["currencyprecision"], row["currencytype"] = id, 2, 0
			row["exchangerate"] = []string{"1.0", "0.92", "0.79"}[i]
			b.dataverse = append(b.dataverse, row)
		}
		rep.count(nil, k)
	}
	// The filter of the standard map keeps this one out.
	b.fno = append(b.fno, record{"CurrencyCode": "999", "Name": "Test currency", "Symbol": "#"})
	rep.UntouchedFnO++
	w.report.Maps = append(w.report.Maps, rep)
	return b.load(ctx, w, rep.EntitySet, rep.Table)
}

func (w *world) loadUnits(ctx context.Context) error {
	rep := MapReport{Map: "units", EntitySet: "UnitsOfMeasure", Table: "uoms"}
	var b batch
	var groups []map[string]any
	for i, u := range units[:w.sizes.units] {
		r := record{"UnitSymbol": u.symbol, "UnitClass": u.class, "DecimalPrecision": u.decimals, "IsBaseUnit": noYes(u.base),
			"IsSystemUnit": noYes(u.system), "SystemOfUnits": u.of, "UnitDescription": u.description}
		b.fno = append(b.fno, r)
		k := onlyFnO
		if i < 3 {
			// Base units of three classes, each the first unit of its group.
			k = equal
			row := mirror(unitFields, r, nil)
			if u.symbol == "kg" {
				k = differ
				row["msdyn_description"], row["msdyn_decimalprecision"] = "Kilo", 3
			}
			group := w.guid()
			groups = append(groups, map[string]any{"uomscheduleid": group, "name": u.class, "baseuomname": u.symbol})
			row["uomid"], row["uomscheduleid"], row["quantity"], row["isschedulebaseuom"] = w.guid(), group, "1", true
			b.dataverse = append(b.dataverse, row)
		}
		rep.count(nil, k)
	}
	if err := w.dataverse.Load(ctx, "uomschedules", groups); err != nil {
		return err
	}
	w.report.Maps = append(w.report.Maps, rep)
	return b.load(ctx, w, rep.EntitySet, rep.Table)
}

// companyTable is a table of master data that every company has its own rows of.
type companyTable struct {
	report MapReport
	fields []binding
	id     string // primary key column in Dataverse
	key    string // F&O key field besides the company
	vary   string // text field in which the sides differ
	size   int
	make   func(c *company, i int, k kind) (record, links)
	// keep gets the company's references when they are known.
	keep func(c *company, list []reference)
}

func (w *world) loadTable(ctx context.Context, t companyTable) error {
	for _, c := range w.companies {
		var b batch
		var list []reference
		for i, k := range c.kinds(t.size) {
			r, to := t.make(c, i, k)
			ref := reference{key: r[t.key].(string), kind: k}
			if k.inFnO() {
				r["dataAreaId"] = c.area()
				b.fno = append(b.fno, r)
			}
			if k.inDataverse() {
				ref.id = w.guid()
				row := mirror(t.fields, r, to)
				if k == differ {
					w.varyRow(t.fields, row, t.vary)
				}
				row[t.id], row["msdyn_company"] = ref.id, c.id
				b.dataverse = append(b.dataverse, row)
			}
			t.report.count(c, k)
			list = append(list, ref)
		}
		t.keep(c, list)
		if c.outside {
			// A row that nobody gave a company, under the key of a real one.
			r, _ := t.make(w.companies[0], 0, onlyDataverse)
			row := mirror(t.fields, r, nil)
			row[t.id] = w.guid()
			b.dataverse = append(b.dataverse, row)
			t.report.UntouchedDataverse++
		}
		if err := b.load(ctx, w, t.report.EntitySet, t.report.Table); err != nil {
			return err
		}
	}
	w.report.Maps = append(w.report.Maps, t.report)
	return nil
}

// varyRow changes a text of a Dataverse row, and sometimes a number with it.
func (w *world) varyRow(fields []binding, row map[string]any, field string) {
	for _, b := range fields {
		switch {
		case b.field == field:
			row[b.column] = row[b.column].(string) + " *"
		case b.as == whole && row[b.column] != 0 && w.chance(50):
			if n, ok := row[b.column].(int); ok {
				row[b.column] = n + 1
			}
		}
	}
}

func (w *world) loadPaymentTerms(ctx context.Context) error {
	return w.loadTable(ctx, companyTable{
		report: MapReport{Map: "payment_terms", EntitySet: "PaymentTerms", Table: "msdyn_paymentterms"},
		fields: termFields, id: "msdyn_paymenttermid", key: "Name", vary: "Description", size: w.sizes.terms,
		make: func(_ *company, i int, _ kind) (record, links) {
			p := paymentTerms[i]
			return record{"Name": p.name, "Description": p.description, "PaymentMethodType": p.method, "NumberOfDays": p.days,
				"NumberOfMonths": p.months, "CutoffDayOfMonth": p.cutoff, "IsCashPayment": noYes(p.cash), "IsDefaultPaymentTerm": noYes(i == 0),
				"IsCertifiedCompanyCheck": "No", "CreditCardPaymentType": "NA", "CreditCardCreditCheckType": "Normal"}, nil
		},
		keep: func(c *company, list []reference) { c.terms = list },
	})
}

func (w *world) loadPaymentMethods(ctx context.Context) error {
	return w.loadTable(ctx, companyTable{
		report: MapReport{Map: "customer_payment_methods", EntitySet: "CustomerPaymentMethods", Table: "msdyn_customerpaymentmethods"},
		fields: methodFields, id: "msdyn_customerpaymentmethodid", key: "Name", vary: "Description", size: w.sizes.methods,
		make: func(_ *company, i int, _ kind) (record, links) {
			p := paymentMethods[i]
			return record{"Name": p.name, "Description": p.description, "PaymentType": p.kind, "AccountType": p.account,
				"BillOfExchangeDraftType": p.draft, "PaymentStatus": p.status, "SumByPeriod": p.period,
				"DiscountGracePeriodDays": w.IntN(4), "LastFileNumber": w.IntN(500), "LastFileNumberToday": w.IntN(5),
				"BridgingPostingEnabled": noYes(i == 1), "IsSEPA": noYes(p.name == "SEPA_DD"), "DirectDebit": noYes(p.name == "SEPA_DD"),
				"CreateAndDrawBillOfExchangeDuringInvoicePosting": noYes(p.name == "BOE"), "EnablePostdatedCheckClearingPosting": "No"}, nil
		},
		keep: func(c *company, list []reference) { c.methods = list },
	})
}

func (w *world) loadCustomerGroups(ctx context.Context) error {
	return w.loadTable(ctx, companyTable{
		report: MapReport{Map: "customer_groups", EntitySet: "CustomerGroups", Table: "msdyn_customergroups"},
		fields: groupFields, id: "msdyn_customergroupid", key: "CustomerGroupId", vary: "Description", size: w.sizes.groups,
		make: func(c *company, i int, k kind) (record, links) {
			g := customerGroups[i]
			r := record{"CustomerGroupId": g.id, "Description": g.description, "IsSalesTaxIncludedInPrice": noYes(i%3 == 2)}
			to := links{}
			term := w.pick(c.terms, k)
			r["PaymentTermId"], to["PaymentTermId"] = term.key, term.id
			if w.chance(40) {
				term = w.pick(c.terms, k)
				r["ClearingPeriodPaymentTermName"], to["ClearingPeriodPaymentTermName"] = term.key, term.id
			}
			return r, to
		},
		keep: func(c *company, list []reference) { c.groups = list },
	})
}
