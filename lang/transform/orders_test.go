package transform

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

func integer(name string) *schema.Field { return rw(name, schema.TypeInteger) }

func lookupTo(name string, tables ...string) *schema.Field {
	return fieldOf(name, schema.TypeLookup, func(f *schema.Field) {
		for i := 0; i < len(tables); i += 2 {
			f.Targets = append(f.Targets, schema.Target{Table: tables[i], Set: tables[i+1], Navigation: name + "_" + tables[i]})
		}
	})
}

func dataverseTable(set, name string, fields ...*schema.Field) schema.Table {
	id := &schema.Field{Name: name + "id", Type: schema.TypeGuid, Readable: true, OnCreate: true}
	return schema.Table{Side: value.Dataverse, Set: set, Name: name, PrimaryID: id.Name, PrimaryName: fields[0].Name, Fields: append(fields, id)}
}

func entity(set string, company bool, key []string, fields ...*schema.Field) *schema.Table {
	t := &schema.Table{Side: value.FnO, Set: set, Name: set, CompanySpecific: company, Key: key}
	if company {
		t.Key = append([]string{"dataAreaId"}, key...)
		fields = append(fields, text("dataAreaId", 4))
	}
	for i := range fields {
		if slices.Contains(t.Key, fields[i].Name) {
			fields[i].IsKey, fields[i].OnUpdate = true, false
		}
	}
	t.Fields = fields
	return t
}

// orderTargets are the Dataverse tables of sales, as their standard maps use
// them.
func orderTargets() []schema.Table {
	company := lookup("msdyn_company", "cdm_company", "cdm_companies")
	return []schema.Table{
		dataverseTable("cdm_companies", "cdm_company", text("cdm_companycode", 4)),
		dataverseTable("msdyn_productcategoryhierarchies", "msdyn_productcategoryhierarchy", text("msdyn_name", 50)),
		dataverseTable("msdyn_productcategories", "msdyn_productcategory", text("msdyn_name", 50), text("msdyn_code", 20),
			lookup("msdyn_hierarchy", "msdyn_productcategoryhierarchy", "msdyn_productcategoryhierarchies"),
			lookup("msdyn_parentproductcategory", "msdyn_productcategory", "msdyn_productcategories")),
		dataverseTable("accounts", "account", text("accountnumber", 20), text("name", 50), company),
		dataverseTable("contacts", "contact", text("msdyn_contactpersonid", 20), text("name", 50), company),
		dataverseTable("salesorders", "salesorder", text("msdyn_salesordernumber", 20), text("name", 50), company,
			lookupTo("customerid", "account", "accounts", "contact", "contacts"), lookupTo("msdyn_invoicecustomerid", "account", "accounts", "contact", "contacts")),
		dataverseTable("salesorderdetails", "salesorderdetail", integer("sequencenumber"), text("description", 50), lookup("salesorderid", "salesorder", "salesorders"),
			lookup("msdyn_salesproductcategory", "msdyn_productcategory", "msdyn_productcategories")),
	}
}

// from makes a field of a lookup block: "field=path" for every match, a name
// that ends with ":" for the table of those that follow.
func block(n int, column string, match ...string) *model.Field {
	f := line(n, "", column)
	f.FnO = model.Named{}
	for _, m := range match {
		if table, ok := strings.CutSuffix(m, ":"); ok {
			f.Targets = append(f.Targets, model.Target{Table: model.Named{Name: table, Range: f.Range}})
			continue
		}
		if len(f.Targets) == 0 {
			f.Targets = []model.Target{{}}
		}
		fno, path, _ := strings.Cut(m, "=")
		t := &f.Targets[len(f.Targets)-1]
		t.Match = append(t.Match, model.Match{FnO: model.Named{Name: fno, Range: f.Range}, Path: strings.Split(path, ".")})
	}
	return f
}

func orderInput(fno *schema.Table, dataverse string, key []string, fields ...*model.Field) Input {
	targets := orderTargets()
	m := &model.Map{Name: "m", FnO: model.Named{Name: fno.Set}, Dataverse: model.Named{Name: dataverse}, Fields: fields}
	for _, k := range key {
		m.Key = append(m.Key, model.Named{Name: k})
	}
	return Input{Map: m, FnO: fno, Dataverse: schema.FindTable(targets, dataverse), Targets: targets, Companies: []string{"USMF", "DEMF"},
		Delivers: map[string][]string{"account": {"customers"}, "contact": {"persons", "contacts"}, "salesorder": {"orders"}, "msdyn_productcategory": {"categories"}}}
}

func categoryInput() Input {
	return orderInput(entity("ProductCategories", false, []string{"CategoryName", "HierarchyName"}, text("CategoryName", 50), text("HierarchyName", 50),
		text("ParentName", 50), text("Code", 20)), "msdyn_productcategories", []string{"HierarchyName", "CategoryName"},
		line(1, "CategoryName", "msdyn_name"), line(2, "HierarchyName", "msdyn_hierarchy.msdyn_name"), line(3, "Code", "msdyn_code"),
		block(4, "msdyn_parentproductcategory", "ParentName=msdyn_name", "HierarchyName=msdyn_hierarchy.msdyn_name"))
}

func orderMap() Input {
	return orderInput(entity("SalesOrderHeaders", true, []string{"OrderNumber"}, text("OrderNumber", 20), text("Customer", 20), text("InvoiceAccount", 20), text("InvoicePerson", 20)),
		"salesorders", []string{"OrderNumber"},
		line(1, "OrderNumber", "msdyn_salesordernumber"),
		block(2, "customerid", "accounts:", "Customer=accountnumber", "contact:", "Customer=msdyn_contactpersonid"),
		block(3, "msdyn_invoicecustomerid", "accounts:", "InvoiceAccount=accountnumber", "contacts:", "InvoicePerson=msdyn_contactpersonid"))
}

func lineMap() Input {
	in := orderInput(entity("SalesOrderLines", true, []string{"OrderNumber", "LineNumber"}, text("OrderNumber", 20), integer("LineNumber"), text("Text", 50),
		text("CategoryName", 50), text("CategoryHierarchy", 50)), "salesorderdetails", []string{"OrderNumber", "LineNumber"},
		line(1, "OrderNumber", "salesorderid.msdyn_salesordernumber"), line(2, "LineNumber", "sequencenumber"), line(3, "Text", "description"),
		block(4, "msdyn_salesproductcategory", "CategoryHierarchy=msdyn_hierarchy.msdyn_name", "CategoryName=msdyn_name"))
	in.Map.Company = &model.Company{Path: "SalesOrderId.MSDYN_company"}
	return in
}

// rows answers references by looking into tables, part by part.
type rows map[string][]row

type row struct {
	id    string
	cells map[string]value.Value
}

func (w rows) ID(l *Lookup, company, key string) (value.Value, RefState) {
	parts, ok := l.Split(key)
	if !ok {
		return value.Value{}, RefMissing
	}
	var found []string
	for _, r := range w[l.Table] {
		fits := l.CompanyColumn == "" || value.EqualFold(w.code(r.cells[l.CompanyColumn]), company)
		for i, p := range l.Parts {
			want, have := parts[i], r.cells[p.Column]
			if p.Via == nil {
				fits = fits && want != "" && value.EqualFold(have.String(), want)
				continue
			}
			ref, state := w.ID(p.Via, company, want)
			fits = fits && state == RefKnown && ref == have
		}
		if fits {
			found = append(found, r.id)
		}
	}
	if len(found) != 1 {
		return value.Value{}, RefMissing
	}
	return value.NewReference(l.Table, found[0]), RefKnown
}

func (w rows) Key(l *Lookup, ref value.Value) (string, RefState) {
	r := w.get(ref)
	if r == nil {
		return "", RefMissing
	}
	var parts []string
	for _, p := range l.Parts {
		part := r.cells[p.Column].String()
		if p.Via != nil {
			var state RefState
			if part, state = w.Key(p.Via, r.cells[p.Column]); state != RefKnown {
				return "", RefMissing
			}
		}
		if part == "" {
			return "", RefMissing
		}
		parts = append(parts, part)
	}
	return l.Join(parts), RefKnown
}

func (w rows) get(ref value.Value) *row {
	table, id := ref.Ref()
	for i, r := range w[table] {
		if r.id == id {
			return &w[table][i]
		}
	}
	return nil
}

func (w rows) code(ref value.Value) string {
	if r := w.get(ref); r != nil {
		return r.cells["cdm_companycode"].String()
	}
	return ""
}

// put adds a row and gives the reference to it.
func (w rows) put(table string, cells map[string]value.Value) value.Value {
	n := 0
	for _, rows := range w {
		n += len(rows)
	}
	id := "00000000-0000-4000-9000-" + strings.Repeat("0", 11) + string(rune('a'+n))
	if n > 5 {
		id = "00000000-0000-4000-9000-" + strings.Repeat("0", 9) + string(rune('0'+n/100%10)) + string(rune('0'+n/10%10)) + string(rune('0'+n%10))
	}
	w[table] = append(w[table], row{id: id, cells: cells})
	return value.NewReference(table, id)
}

type cells = map[string]value.Value

func txt(s string) value.Value { return value.NewText(s) }

// full widens a record.
func full(c *Compiled, r *Record, refs Refs) *Record {
	r.Values = c.Widen(r.Side, r.Values, refs)
	return r
}

// fataler is a test, of rapid too.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// carry gives the record that dw would create on the other side.
func carry(t fataler, c *Compiled, from *Record, refs Refs) *Record {
	t.Helper()
	to := from.Side.Other()
	out := &Record{Side: to, Values: make([]value.Value, c.projection(to).Width()), Company: from.Company}
	for _, i := range c.WriteSlots(to, true) {
		s := &c.Slots[i]
		v, err := c.Translate(s, from, refs)
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		for _, p := range c.Spread(s, to, v) {
			if at := c.projection(to).Index(p.Field.Name); at < 0 {
				t.Fatalf("%s is written to %s, which is not read", s.Name, p.Field.Name)
			} else if out.Values[at].IsNull() {
				out.Values[at] = p.Value
			}
		}
	}
	return full(c, out, refs)
}
