package generate

import "context"

func (w *world) loadCompanies(ctx context.Context) error {
	rep := w.counted(MapReport{Map: "companies", EntitySet: "LegalEntities", Table: "cdm_companies"})
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
	return b.load(ctx, w, rep.EntitySet, rep.Table)
}

func (w *world) loadCurrencies(ctx context.Context) error {
	rep := w.counted(MapReport{Map: "currencies", EntitySet: "Currencies", Table: "transactioncurrencies"})
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
	return b.load(ctx, w, rep.EntitySet, rep.Table)
}

func (w *world) loadUnits(ctx context.Context) error {
	rep := w.counted(MapReport{Map: "units", EntitySet: "UnitsOfMeasure", Table: "uoms"})
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
			w.unitID[u.symbol] = w.guid()
			w.unitGroupID[u.symbol] = group
			row["uomid"], row["uomscheduleid"], row["quantity"], row["isschedulebaseuom"] = w.unitID[u.symbol], group, "1", true
			b.dataverse = append(b.dataverse, row)
		}
		rep.count(nil, k)
	}
	if err := w.dataverse.Load(ctx, "uomschedules", groups); err != nil {
		return err
	}
	return b.load(ctx, w, rep.EntitySet, rep.Table)
}

func (w *world) loadPaymentTerms(ctx context.Context) error {
	return w.loadTable(ctx, MapReport{Map: "payment_terms", EntitySet: "PaymentTerms", Table: "msdyn_paymentterms"}, companyTable{
		target: target{fields: termFields, id: "msdyn_paymenttermid"}, key: "Name", vary: "Description", size: w.sizes.terms,
		make: func(c *company, i int, k kind) (record, links) {
			p, to := paymentTerms[i], links{}
			r := record{"Name": p.name, "Description": p.description, "PaymentMethodType": p.method, "NumberOfDays": p.days,
				"NumberOfMonths": p.months, "CutoffDayOfMonth": p.cutoff, "IsCashPayment": noYes(p.cash), "IsDefaultPaymentTerm": noYes(i == 0),
				"IsCertifiedCompanyCheck": "No", "CreditCardPaymentType": "NA", "CreditCardCreditCheckType": "Normal"}
			if w.sizes.full && i%4 == 3 {
				w.refer(r, to, "PaymentDayName", w.pick(c.refs["payment_days"], k))
			}
			if w.sizes.full && i%4 == 2 {
				w.refer(r, to, "PaymentScheduleName", w.pick(c.refs["payment_schedules"], k))
			}
			return r, to
		},
	})
}

func (w *world) loadPaymentMethods(ctx context.Context) error {
	return w.loadTable(ctx, MapReport{Map: "customer_payment_methods", EntitySet: "CustomerPaymentMethods", Table: "msdyn_customerpaymentmethods"}, companyTable{
		target: target{fields: methodFields, id: "msdyn_customerpaymentmethodid"}, key: "Name", vary: "Description", size: w.sizes.methods,
		make: func(_ *company, i int, _ kind) (record, links) {
			p := paymentMethods[i]
			return record{"Name": p.name, "Description": p.description, "PaymentType": p.kind, "AccountType": p.account,
				"BillOfExchangeDraftType": p.draft, "PaymentStatus": p.status, "SumByPeriod": p.period,
				"DiscountGracePeriodDays": w.IntN(4), "LastFileNumber": w.IntN(500), "LastFileNumberToday": w.IntN(5),
				"BridgingPostingEnabled": noYes(i == 1), "IsSEPA": noYes(p.name == "SEPA_DD"), "DirectDebit": noYes(p.name == "SEPA_DD"),
				"CreateAndDrawBillOfExchangeDuringInvoicePosting": noYes(p.name == "BOE"), "EnablePostdatedCheckClearingPosting": "No"}, nil
		},
	})
}

func (w *world) loadCustomerGroups(ctx context.Context) error {
	return w.loadTable(ctx, MapReport{Map: "customer_groups", EntitySet: "CustomerGroups", Table: "msdyn_customergroups"}, companyTable{
		target: target{fields: groupFields, id: "msdyn_customergroupid"}, key: "CustomerGroupId", vary: "Description", size: w.sizes.groups,
		make: func(c *company, i int, k kind) (record, links) {
			g := customerGroups[i]
			r := record{"CustomerGroupId": g.id, "Description": g.description, "IsSalesTaxIncludedInPrice": noYes(i%3 == 2)}
			to := links{}
			term := w.pick(c.refs["payment_terms"], k)
			r["PaymentTermId"], to["PaymentTermId"] = term.key, term.id
			if w.chance(40) {
				term = w.pick(c.refs["payment_terms"], k)
				r["ClearingPeriodPaymentTermName"], to["ClearingPeriodPaymentTermName"] = term.key, term.id
			}
			return r, to
		},
	})
}
