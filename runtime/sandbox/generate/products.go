package generate

import (
	"context"
	"fmt"
)

// product is a product of the whole enterprise.
type product struct {
	reference // the global product
	name      string
	service   bool
	unit      reference
	price     int // in hundredths
}

// release is a product in a company.
type release struct {
	*product
	company  *company
	kind     kind   // of its released product and its distinct product
	released string // GUID of the released product in Dataverse
	distinct string // GUID of the distinct product there
}

// planProducts decides which products there are and which companies sell them.
func (w *world) planProducts() []*release {
	linked := w.linked()
	var able []*product
	for i := range w.sizes.global {
		p := &product{name: one(w.random, adjectives) + " " + one(w.random, goods), service: i%12 == 7, price: w.between(100, 90000)}
		p.key = fmt.Sprintf("P%05d", i+1)
		w.products = append(w.products, p)
		if linked[i%len(linked)].inDataverse() {
			able = append(able, p)
		}
	}
	spread(w, len(w.products), able, func(p *product, k kind) { p.kind = k }, differ, equal, equal)
	for _, p := range w.products {
		// Dataverse has the first three units beforehand.
		n := w.sizes.units
		if p.kind.inDataverse() {
			p.id, n = w.guid(), 3
		}
		u := units[w.IntN(n)].symbol
		p.unit = reference{key: u, id: w.unitID[u]}
	}
	var all []*release
	add := func(p *product, c *company, n int) {
		x := &release{product: p, company: c}
		if p.kind.inDataverse() && c.inDataverse() {
			x.kind = []kind{equal, differ, onlyFnO}[n%3]
		}
		if x.kind.inDataverse() {
			x.released, x.distinct = w.guid(), w.guid()
		}
		c.products = append(c.products, x)
		all = append(all, x)
	}
	for i := range w.sizes.released {
		n := i % len(w.products)
		add(w.products[n], linked[(n+i/len(w.products))%len(linked)], i)
	}
	for _, c := range w.outsiders() {
		for j := range min(len(w.products), 5) {
			add(w.products[j], c, j)
		}
	}
	return all
}

func (w *world) productSinks() (global, released, distinct *sink) {
	global = w.sink(&target{report: w.counted(MapReport{Map: "global_products", EntitySet: "AllProducts", Table: "msdyn_globalproducts"}),
		fields: globalFields, id: "msdyn_globalproductid"})
	released = w.sink(&target{report: w.counted(MapReport{Map: "released_products", EntitySet: "ReleasedProductsV2", Table: "msdyn_sharedproductdetails"}),
		fields: releasedFields(), id: "msdyn_sharedproductdetailid", company: "msdyn_companyid"})
	distinct = w.sink(&target{report: w.counted(MapReport{Map: "products", EntitySet: "CDSReleasedDistinctProducts", Table: "products"}),
		fields: distinctFields, id: "productid", company: "msdyn_companyid",
		complete: func(row map[string]any, r record) {
			row["defaultuomscheduleid"] = w.unitGroupID[r["SalesUnitSymbol"].(string)]
		}})
	return global, released, distinct
}

func (w *world) loadProducts(ctx context.Context) error {
	releases := w.planProducts()
	global, released, distinct := w.productSinks()
	for _, p := range w.products {
		r := record{"ProductNumber": p.key, "ProductName": p.name, "ProductDescription": "Contoso " + p.name, "ProductSearchName": cut(p.name, 20)}
		vary := func(row map[string]any) { row["msdyn_productname"] = cut(p.name, 40) + " (old name)" }
		if _, err := global.put(ctx, nil, p.kind, p.id, r, nil, vary); err != nil {
			return err
		}
	}
	for i, x := range releases {
		r, to := w.releasedRecord(x, i)
		vary := func(row map[string]any) {
			w.varyFields(released.fields, row, "SalesPrice", "UnitCost", "ShelfLifePeriodDays", "MarginABCCode", "SellStartDate")
		}
		if _, err := released.put(ctx, x.company, x.kind, x.released, r, to, vary); err != nil {
			return err
		}
		r, to = w.distinctRecord(x)
		vary = func(row map[string]any) { w.varyFields(distinct.fields, row, "SalesPrice", "ProductDescription") }
		if _, err := distinct.put(ctx, x.company, x.kind, x.distinct, r, to, vary); err != nil {
			return err
		}
	}
	for _, s := range []*sink{global, released, distinct} {
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// hundredths renders an amount.
func hundredths(n int) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }

func (w *world) releasedRecord(x *release, i int) (record, links) {
	to := links{"ProductNumber": x.id}
	r := record{
		"ItemNumber": x.key, "ProductNumber": x.key, "ProductType": x.kindOfProduct(), "ProductSearchName": cut(x.name, 20),
		"SalesPrice": hundredths(x.price), "UnitCost": hundredths(x.price * 6 / 10), "PurchasePrice": hundredths(x.price * 55 / 100),
		"SellStartDate": w.date(2019), "BestBeforePeriodDays": 30 * (i % 5), "ShelfLifePeriodDays": 90 + 30*(i%7),
		"CarryingCostABCCode": []string{"None", "A", "B", "C"}[i%4], "MarginABCCode": []string{"A", "B", "C"}[i%3],
		"KeyInPriceRequirementsAtPOSRegister":    []string{"NotMandatory", "NewPrice", "HigherEqual"}[i%3],
		"KeyInQuantityRequirementsAtPOSRegister": []string{"NotMandatory", "KeyIn"}[i%2],
		"PotencyBaseAttributeValueEntryEvent":    []string{"PurchProdReceipt", "Quality"}[i%2],
		"RawMaterialPickingPrinciple":            []string{"Staging", "OrderPicking"}[i%2],
		"SalesPriceCalculationModel":             []string{"None", "Contributionratio", "PercentMarkup"}[i%3],
		"ScaleIndicator":                         []string{"Relevant", "NotRelevant"}[i%2],
	}
	if i%3 == 0 {
		r["SalesPriceDate"] = w.date(2024)
	}
	if !x.service {
		r["NetProductWeight"], r["TareProductWeight"] = fmt.Sprintf("%d.%03d", w.between(0, 40), w.between(1, 999)), "0.125"
		r["GrossDepth"], r["GrossProductWidth"], r["GrossProductHeight"] = "0.4", "1.25", fmt.Sprintf("0.%d", w.between(1, 9))
		r["ProductVolume"] = "0.0625"
	}
	for _, field := range []string{"InventoryUnitSymbol", "SalesUnitSymbol", "PurchaseUnitSymbol", "BOMUnitSymbol"} {
		w.refer(r, to, field, x.unit)
	}
	if !x.service && i%2 == 0 {
		if v, found := w.fitting(x.company.refs["vendors"], x.kind); found {
			w.refer(r, to, "PrimaryVendorAccountNumber", v)
		}
	}
	if i%15 == 14 {
		// What is sold where this one is out of stock: itself or an earlier one.
		o := one(w.random, x.company.products[:1+(i/15)%len(x.company.products)])
		if fits(x.kind, o.kind) {
			r["AlternativeItemNumber"], to["AlternativeItemNumber"] = o.key, o.released
		}
	}
	return r, to
}

// fitting is pick where there may be no reference that fits.
func (w *world) fitting(list []reference, k kind) (reference, bool) {
	for range 20 {
		if len(list) == 0 {
			break
		}
		if o := one(w.random, list); fits(k, o.kind) {
			return o, true
		}
	}
	return reference{}, false
}

func (x *release) kindOfProduct() string {
	if x.service {
		return "Service"
	}
	return "Item"
}

func (w *world) distinctRecord(x *release) (record, links) {
	f := x.company.flavour
	to := links{"CurrencyCode": w.currencyID[f.currency], "SalesUnitSymbol": x.unit.id}
	r := record{
		"ProductNumber": x.key, "ItemNumber": x.key, "ProductName": x.name, "ProductDescription": "Contoso " + x.name, "ProductType": x.kindOfProduct(),
		"CurrencyCode": f.currency, "SalesUnitSymbol": x.unit.key, "SalesUnitDecimalPrecision": x.decimals(), "SalesPrice": hundredths(x.price),
		"UnitCost": hundredths(x.price * 6 / 10), "IsCatchWeightProduct": "No", "IsStockedProduct": noYes(!x.service), "FieldServiceProductType": "Inventory",
	}
	if x.service {
		r["FieldServiceProductType"] = "Service"
	}
	return r, to
}

// decimals of quantities in the product's unit, of which Dataverse has five.
func (p *product) decimals() int {
	for _, u := range units {
		if u.symbol == p.unit.key {
			return min(u.decimals, 5)
		}
	}
	return 0
}
