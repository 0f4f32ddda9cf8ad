package generate

import (
	"context"
	"fmt"
)

// order is a sales order with its lines.
type order struct {
	company  *company
	customer *customer
	number   string
	kind     kind
	id       string
	currency string
	lines    []*line
}

// line of a sales order.
type line struct {
	order    *order
	number   int
	kind     kind
	id       string
	item     *release
	category *category // of a line without product
	quantity int
}

// orderSinks are those of headers and lines.
func (w *world) orderSinks() (headers, lines *sink) {
	headers = w.sink(&target{report: w.counted(MapReport{Map: "sales_orders", EntitySet: "CDSSalesOrderHeaders", Table: "salesorders"}),
		fields: orderFields(), id: "salesorderid", company: "msdyn_company", owned: true,
		complete: func(row map[string]any, _ record) { row["msdyn_ordertype"] = 192350000 }})
	lines = w.sink(&target{report: w.counted(MapReport{Map: "sales_order_lines", EntitySet: "CDSSalesOrderLines", Table: "salesorderdetails"}),
		fields: lineFields(), id: "salesorderdetailid",
		complete: func(row map[string]any, r record) {
			writeIn := r["ProductNumber"] == nil
			row["salesorderdetailname"], row["isproductoverridden"], row["ispriceoverridden"] = cut(fmt.Sprint(r["ProductName"]), 100), writeIn, true
			if writeIn {
				row["productdescription"] = r["ProductName"]
			}
		}})
	return headers, lines
}

func (w *world) loadOrders(ctx context.Context) error {
	orders := w.planOrders()
	headers, lines := w.orderSinks()
	for i, o := range orders {
		if err := w.putOrder(ctx, headers, o, i); err != nil {
			return err
		}
	}
	if err := headers.flush(ctx); err != nil {
		return err
	}
	for _, o := range orders {
		for _, l := range o.lines {
			if err := w.putLine(ctx, lines, l); err != nil {
				return err
			}
		}
	}
	return lines.flush(ctx)
}

func (w *world) putOrder(ctx context.Context, s *sink, o *order, i int) error {
	r, to := w.orderRecord(o, i)
	vary := func(row map[string]any) {
		w.varyFields(s.fields, row, "SalesOrderName", "RequestedReceiptDate", "DeliveryAddressName", "CustomersOrderReference")
	}
	_, err := s.put(ctx, o.company, o.kind, o.id, r, to, vary)
	return err
}

func (w *world) putLine(ctx context.Context, s *sink, l *line) error {
	r, to := w.lineRecord(l)
	vary := func(row map[string]any) {
		w.varyFields(s.fields, row, "OrderedSalesQuantity", "ProductName", "ConfirmedShippingDate")
	}
	_, err := s.put(ctx, l.order.company, l.kind, l.id, r, to, vary)
	return err
}

// planOrders decides which orders there are: two to four lines each, as many
// as make up the number of records. Orders are made in F&O: none is in
// Dataverse alone.
func (w *world) planOrders() []*order {
	linked, number := w.linked(), map[*company]int{}
	customers := map[*company][]*customer{}
	for _, c := range w.customers {
		if c.kind.inFnO() {
			customers[c.company] = append(customers[c.company], c)
		}
	}
	add := func(c *company, n int) *order {
		number[c]++
		o := &order{company: c, number: fmt.Sprintf("%s-SO%06d", c.flavour.prefix, number[c]), customer: one(w.random, customers[c])}
		for i := range n {
			o.lines = append(o.lines, &line{order: o, number: i + 1})
		}
		return o
	}
	var all []*order
	var able []*order
	for left := w.sizes.orders; left > 0; {
		n := linesThatLeave(left, w.between(2, 4))
		left -= 1 + n
		o := add(linked[len(all)%len(linked)], n)
		all = append(all, o)
		if o.customer.kind.inDataverse() {
			able = append(able, o)
		}
	}
	spread(w, len(all), able, func(o *order, k kind) { o.kind = k }, equal, differ)
	for i, c := range w.outsiders() {
		for j := range min(len(customers[c]), 3) {
			o := add(c, 2)
			if (i+j)%2 == 0 && o.customer.kind.inDataverse() {
				o.kind = equal
			}
			all = append(all, o)
		}
	}
	for _, o := range all {
		o.currency = w.currencyOf(o.customer)
		if o.kind.inDataverse() {
			o.id, o.currency = w.guid(), o.company.flavour.currency
		}
		w.planLines(o)
	}
	return all
}

// linesThatLeave gives a number of lines of an order after which no rest stays
// that is too small for a further order: a header and two lines.
func linesThatLeave(left, n int) int {
	for ; n > 1; n-- {
		if rest := left - 1 - n; rest == 0 || rest >= 3 {
			return n
		}
	}
	return left - 1
}

func (w *world) planLines(o *order) {
	for i, l := range o.lines {
		if o.kind.inDataverse() {
			l.kind = []kind{equal, onlyFnO, equal, differ}[(i+w.IntN(2))%4]
		}
		var able []*release
		for _, x := range o.company.products {
			if fits(l.kind, x.kind) {
				able = append(able, x)
			}
		}
		if len(able) > 0 && !w.chance(8) {
			l.item = one(w.random, able)
		} else {
			l.category = w.categoryFor(l.kind)
		}
		if l.kind.inDataverse() {
			l.id = w.guid()
		}
		l.quantity = w.between(1, 40)
	}
}

// categoryFor chooses a category of the third level that fits.
func (w *world) categoryFor(k kind) *category {
	h := one(w.random, w.hierarchies)
	for range 50 {
		if x := one(w.random, h.categories); x.level == 3 && fits(k, x.kind) {
			return x
		}
	}
	return h.categories[0]
}

func (w *world) orderRecord(o *order, i int) (record, links) {
	c, f, k := o.company, o.company.flavour, o.kind
	total := 0
	for _, l := range o.lines {
		total += l.amount()
	}
	r := record{
		"SalesOrderNumber": o.number, "SalesOrderName": o.customer.name, "CurrencyCode": o.currency, "LanguageId": languageOf(f),
		"OrderTotalAmount": hundredths(total), "ArePricesIncludingSalesTax": noYes(i%4 == 3),
		"RequestedReceiptDate": w.date(2026), "RequestedShippingDate": w.date(2026), "IsOneTimeCustomer": "No", "IsSalesProcessingStopped": noYes(i%23 == 5),
		"IsDeliveryAddressOrderSpecific": noYes(i%3 == 0), "IsDeliveryAddressPrivate": "No", "IsInvoiceAddressPrivate": "No",
		"SalesOrderPromisingMethod":  []string{"None", "SalesLeadTime", "ATP", "CTP"}[i%4],
		"SalesOrderProcessingStatus": []string{"Active", "Confirmed", "Picked", "Delivered", "Invoiced"}[i%5],
		"DeliveryAddressName":        o.customer.name,
	}
	to := links{"CurrencyCode": w.currencyID[o.currency], "OrderingCustomerAccountNumber": o.customer.id, "InvoiceCustomerAccountNumber": o.customer.id}
	r["OrderingCustomerAccountNumber"], r["InvoiceCustomerAccountNumber"] = o.customer.account, o.customer.account
	w.deliveryAddress(r, f)
	scratch := record{}
	w.address(scratch, "", f)
	r["InvoiceAddressStreet"], r["InvoiceAddressCity"], r["InvoiceAddressZipCode"] = scratch["Street"], scratch["City"], scratch["ZipCode"]
	r["InvoiceAddressStateId"], r["InvoiceAddressCountryRegionISOCode"] = scratch["State"], f.iso
	if i%5 > 0 {
		r["ConfirmedShippingDate"], r["ConfirmedReceiptDate"] = w.date(2026), w.date(2026)
	}
	if w.chance(50) {
		r["CustomersOrderReference"] = "PO " + w.digits(6)
	}
	if w.chance(30) {
		r["CustomerRequisitionNumber"], r["Email"] = "R-"+w.digits(5), "orders@"+plain(o.customer.name)+f.web
	}
	w.refer(r, to, "PaymentTermsName", w.pick(c.refs["payment_terms"], k))
	w.refer(r, to, "DeliveryModeCode", w.pick(c.refs["delivery_modes"], k))
	w.refer(r, to, "DeliveryTermsCode", w.pick(c.refs["delivery_terms"], k))
	if w.chance(60) {
		w.refer(r, to, "SalesOrderOriginCode", w.pick(c.refs["order_origins"], k))
	}
	if w.chance(60) {
		w.refer(r, to, "PriceCustomerGroupCode", w.pick(c.refs["price_customer_groups"], k))
	}
	x := w.warehouseFor(c, k)
	w.refer(r, to, "DefaultShippingWarehouseId", x.reference)
	w.refer(r, to, "DefaultShippingSiteId", x.site)
	return r, to
}

func languageOf(f flavour) string {
	if f.language == "en-US" || f.language == "en-GB" {
		return "en-" + plain(f.iso)
	}
	return f.language
}

// deliveryAddress fills the address to which an order or a line goes.
func (w *world) deliveryAddress(r record, f flavour) {
	scratch := record{}
	w.address(scratch, "", f)
	r["DeliveryAddressStreet"], r["DeliveryAddressCity"], r["DeliveryAddressZipCode"] = scratch["Street"], scratch["City"], scratch["ZipCode"]
	r["DeliveryAddressStateId"], r["DeliveryAddressCountyId"] = scratch["State"], scratch["County"]
	r["DeliveryAddressCountryRegionISOCode"] = f.iso
}

// warehouseFor chooses a standard warehouse that fits.
func (w *world) warehouseFor(c *company, k kind) *warehouse {
	for range 50 {
		if x := one(w.random, c.warehouses); x.kindName == "Standard" && fits(k, x.kind) {
			return x
		}
	}
	return c.warehouses[0]
}

// amount of a line in hundredths.
func (l *line) amount() int {
	if l.item == nil {
		return l.quantity * 1995
	}
	return l.quantity * l.item.price
}

func (w *world) lineRecord(l *line) (record, links) {
	o := l.order
	f := o.company.flavour
	to := links{"SalesOrderNumber": o.id, "CurrencyCode": w.currencyID[o.currency]}
	r := record{
		"SalesOrderNumber": o.number, "LineCreationSequenceNumber": l.number, "CurrencyCode": o.currency,
		"OrderedSalesQuantity": fmt.Sprint(l.quantity), "SalesPriceQuantity": "1", "LineAmount": hundredths(l.amount()),
		"RequestedShippingDate": w.date(2026), "RequestedReceiptDate": w.date(2026), "ConfirmedShippingDate": w.date(2026), "IsLineStopped": "No",
		"IsDeliveryAddressOrderSpecific": noYes(l.number%3 == 0), "IsDeliveryAddressPrivate": "No", "DeliveryAddressName": o.customer.name,
		"SalesOrderLineStatus":      []string{"Backorder", "Delivered", "Invoiced", "None"}[l.number%4],
		"SalesOrderPromisingMethod": []string{"None", "ATP", "SalesLeadTime"}[l.number%3],
	}
	if l.item != nil {
		r["ProductNumber"], to["ProductNumber"] = l.item.key, l.item.distinct
		r["ProductName"], r["SalesPrice"] = l.item.name, hundredths(l.item.price)
		w.refer(r, to, "SalesUnitSymbol", l.item.unit)
	} else {
		r["ProductName"], r["SalesPrice"] = one(w.random, []string{"Assembly on site", "Express surcharge", "Montage"}), hundredths(1995)
		w.refer(r, to, "SalesUnitSymbol", reference{key: "ea", id: w.unitID["ea"]})
		w.refer(r, to, "SalesProductCategoryName", l.category.reference)
		r["SalesProductCategoryHierarchyName"] = l.category.hierarchy.key
	}
	if w.chance(20) {
		r["LineDiscountPercentage"], r["LineDescription"] = "2.5", one(w.random, memos)
	}
	w.deliveryAddress(r, f)
	x := w.warehouseFor(o.company, l.kind)
	w.refer(r, to, "ShippingWarehouseId", x.reference)
	w.refer(r, to, "ShippingSiteId", x.site)
	w.refer(r, to, "DeliveryModeCode", w.pick(o.company.refs["delivery_modes"], l.kind))
	w.refer(r, to, "DeliveryTermsId", w.pick(o.company.refs["delivery_terms"], l.kind))
	return r, to
}
