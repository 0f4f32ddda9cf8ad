package main

import (
	"database/sql"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// scopes are the filters of the example's maps in the words of the twins'
// databases, written by hand: what dw makes of its filters is not asked.
var scopes = map[string]struct{ fno, dataverse string }{
	"companies":                {"LegalEntityId IN ('USMF','DEMF','GBSI')", "cdm_companycode IN ('USMF','DEMF','GBSI')"},
	"currencies":               {"CurrencyCode <> '999'", all},
	"units":                    {all, all},
	"payment_days":             {all, all},
	"payment_schedules":        {all, all},
	"payment_terms":            {all, all},
	"customer_payment_methods": {all, all},
	"vendor_payment_methods":   {all, all},
	"tax_groups":               {all, all},
	"customer_groups":          {all, all},
	"accounts":                 {"PartyType = 'Organization'", "customertypecode = 3"},
	"contacts":                 {"PartyType = 'Person'", "msdyn_sellable = 1 AND msdyn_contactpersonid IS NOT NULL"},
	"vendor_groups":            {all, all},
	"vendors":                  {"VendorPartyType IN ('Organization','Person')", all},
	"contact_persons":          {"AssociatedContactType = 'Vendor'", "msdyn_contactforvendor = 1 AND msdyn_sellable = 0 AND msdyn_contactpersonid IS NOT NULL"},
	"sites":                    {all, all},
	"warehouses":               {all, all},
	"category_hierarchies":     {all, all},
	"product_categories":       {all, all},
	"global_products":          {all, all},
	"released_products":        {all, all},
	"products":                 {all, all},
	"price_customer_groups":    {all, all},
	"order_origins":            {all, all},
	"delivery_modes":           {all, all},
	"delivery_terms":           {all, all},
	"sales_orders":             {all, "msdyn_ordertype = 192350000"},
	"sales_order_lines":        {all, all},
}

const all = "1"

// linked are the companies of the example.
var linked = []string{"usmf", "demf", "gbsi"}

// rowReader compares the twins' rows from their databases, by its own reading
// of maps and types: nothing of the engine takes part.
type rowReader struct {
	t       *testing.T
	maps    []*model.Map
	catalog schema.Catalog
	db      map[value.Side]*sql.DB
}

// newRowReader reads the maps and the schema snapshot of a folder.
func newRowReader(t *testing.T, dir string) *rowReader {
	t.Helper()
	cfg, l := lang.Load(os.DirFS(dir), lang.Options{})
	if l.HasErrors() {
		t.Fatal(l)
	}
	b, err := os.ReadFile(filepath.Join(dir, schema.FileName))
	if err != nil {
		t.Fatal(err)
	}
	cat, err := schema.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Maps) != len(scopes) {
		t.Fatalf("%d maps, scopes for %d", len(cfg.Maps), len(scopes))
	}
	return &rowReader{t: t, maps: cfg.Maps, catalog: cat, db: map[value.Side]*sql.DB{
		value.FnO: openTwin(t, dir, "fno"), value.Dataverse: openTwin(t, dir, "dataverse"),
	}}
}

// mapped is a record on one side: its mapped fields by their name in the map,
// the constants of the side among them, and the row as readVersions names it.
type mapped map[string]string

// whichRow is the name under which mapped has the row.
const whichRow = "(row)"

// rowIn names a row as readVersions does.
func rowIn(side value.Side, table *schema.Table, raw map[string]any) string {
	id := raw["rec_id"]
	if side == value.Dataverse {
		id = raw[strings.ToLower(table.PrimaryID)]
	}
	return fmt.Sprintf("%s/%s/%v", side, table.Set, id)
}

// constantSide is the side that a constant is written to.
func constantSide(f *model.Field) value.Side {
	if f.Column.Name != "" {
		return value.Dataverse
	}
	return value.FnO
}

// records gives the records of a map in scope on both sides, by company and key.
func (r *rowReader) records(m *model.Map) map[value.Side]map[string]mapped {
	return map[value.Side]map[string]mapped{value.FnO: r.side(m, value.FnO), value.Dataverse: r.side(m, value.Dataverse)}
}

// in gives the table of a map on a side and its rows in the scope of the filter.
func (r *rowReader) in(m *model.Map, side value.Side) (*schema.Table, []map[string]any) {
	r.t.Helper()
	table, where := schema.FindTable(r.catalog.FnO, m.FnO.Name), scopes[m.Name].fno
	if side == value.Dataverse {
		table, where = schema.FindTable(r.catalog.Dataverse, m.Dataverse.Name), scopes[m.Name].dataverse
	}
	return table, r.query(side, fmt.Sprintf("SELECT * FROM %q WHERE %s", table.Set, where))
}

// keys gives the sorted keys of a map's rows in scope on one side, repeated ones
// as often as they occur.
func (r *rowReader) keys(m *model.Map, side value.Side) (out []string) {
	r.t.Helper()
	table, rows := r.in(m, side)
	for _, raw := range rows {
		if key, ok := r.key(m, side, table, raw); ok {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// key gives the company and the key of a row in lower case; false where its
// company is not linked.
func (r *rowReader) key(m *model.Map, side value.Side, table *schema.Table, raw map[string]any) (string, bool) {
	r.t.Helper()
	key := ""
	if code, ok := r.company(m, side, table, raw); ok {
		if !slices.Contains(linked, code) {
			return "", false
		}
		key = code + "/"
	}
	for _, k := range m.Key {
		at := slices.IndexFunc(m.Fields, func(f *model.Field) bool { return !f.IsConstant && f.FnO.Name == k.Name })
		key += strings.ToLower(r.field(m, m.Fields[at], side, table, raw)) + "/"
	}
	return key, true
}

func (r *rowReader) side(m *model.Map, side value.Side) map[string]mapped {
	r.t.Helper()
	table, rows := r.in(m, side)
	out := map[string]mapped{}
	for _, raw := range rows {
		key, ok := r.key(m, side, table, raw)
		if !ok {
			continue
		}
		row := mapped{whichRow: rowIn(side, table, raw)}
		for _, f := range m.Fields {
			if !f.IsConstant {
				row[f.Name()] = r.field(m, f, side, table, raw)
			} else if constantSide(f) == side {
				row[f.Name()] = r.plain(side, table.Field(f.Name()), nil, raw[strings.ToLower(f.Name())])
			}
		}
		if out[key] != nil {
			r.t.Errorf("%s: %s has two rows with the key %s", m.Name, side.Title(), key)
		}
		out[key] = row
	}
	return out
}

// company gives the code of a row's company in lower case; false where the rows
// of the map have none. Lines of orders have that of their order.
func (r *rowReader) company(m *model.Map, side value.Side, table *schema.Table, raw map[string]any) (string, bool) {
	r.t.Helper()
	path := []string{"dataAreaId"}
	if side == value.Dataverse {
		path = []string{companyOf(table), schema.CompanyCode}
		if m.Company != nil {
			path = append(strings.Split(m.Company.Path, "."), schema.CompanyCode)
		}
	}
	column := table.Field(path[0])
	if column == nil {
		return "", false
	}
	return strings.ToLower(r.plain(side, column, path[1:], raw[strings.ToLower(path[0])])), true
}

// companyOf is the column of a Dataverse table that refers to a row's company.
func companyOf(table *schema.Table) string {
	switch table.Set {
	case "products", "msdyn_sharedproductdetails":
		return "msdyn_companyid"
	default:
		return "msdyn_company"
	}
}

// field gives a mapped value in a form in which both sides can be compared: "" is
// nothing, numbers have no spare digits, enum members stand as what the value
// map makes of them, days have no time. A reference is the values of its key; of
// a row of another company it says so.
func (r *rowReader) field(m *model.Map, f *model.Field, side value.Side, table *schema.Table, raw map[string]any) string {
	r.t.Helper()
	if side == value.Dataverse {
		column := r.column(m, table, f.Column.Name)
		return r.day(m, f, r.lookup(m, f, table, column, raw))
	}
	if len(f.Targets) > 0 {
		var parts []string
		for _, match := range f.Targets[0].Match {
			parts = append(parts, r.plain(side, r.column(m, table, match.FnO.Name), nil, raw[strings.ToLower(match.FnO.Name)]))
		}
		return joined(parts)
	}
	column := r.column(m, table, f.FnO.Name)
	text := r.plain(side, column, nil, raw[strings.ToLower(f.FnO.Name)])
	if f.Values == nil {
		if column.Type == schema.TypeEnum && r.isFirst(column, text) {
			return ""
		}
		return r.day(m, f, text)
	}
	for _, v := range f.Values.Values {
		if strings.EqualFold(v.FnO.Text(), text) {
			if v.Dataverse.Kind() == value.Bool && !v.Dataverse.Bool() {
				return ""
			}
			return v.Dataverse.String()
		}
	}
	if f.Values.ToDataverse.Kind != "pass" || r.isFirst(column, text) {
		return ""
	}
	return text
}

func (r *rowReader) column(m *model.Map, table *schema.Table, name string) *schema.Field {
	r.t.Helper()
	column := table.Field(name)
	if column == nil {
		r.t.Fatalf("%s: %s has no %s", m.Name, table.Set, name)
	}
	return column
}

// day cuts the time off where one of the two sides knows days only.
func (r *rowReader) day(m *model.Map, f *model.Field, text string) string {
	for _, c := range []*schema.Field{
		schema.FindTable(r.catalog.FnO, m.FnO.Name).Field(f.FnO.Name), schema.FindTable(r.catalog.Dataverse, m.Dataverse.Name).Field(f.Column.Name),
	} {
		if c != nil && c.Type == schema.TypeTime && c.DateOnly {
			text, _, _ = strings.Cut(text, "T")
		}
	}
	return text
}

// lookup gives a Dataverse column; a reference as the values that its target is
// found by, in the order of the map.
func (r *rowReader) lookup(m *model.Map, f *model.Field, table *schema.Table, column *schema.Field, raw map[string]any) string {
	r.t.Helper()
	stored := raw[strings.ToLower(column.Name)]
	if column.Type != schema.TypeLookup || stored == nil {
		return r.plain(value.Dataverse, column, f.Path, stored)
	}
	target, row := r.target(column, stored)
	paths := [][]string{f.Path}
	if len(f.Targets) > 0 {
		at := slices.IndexFunc(f.Targets, func(t model.Target) bool {
			return t.Table.Name == "" || t.Table.Name == target.Set || t.Table.Name == target.Name
		})
		if at < 0 {
			return "a row of " + target.Set
		}
		paths = nil
		for _, match := range f.Targets[at].Match {
			paths = append(paths, match.Path)
		}
	}
	var parts []string
	for _, p := range paths {
		parts = append(parts, r.plain(value.Dataverse, target.Field(p[0]), p[1:], row[strings.ToLower(p[0])]))
	}
	text := joined(parts)
	own, ok := r.company(m, value.Dataverse, table, raw)
	if company := target.Field(companyOf(target)); ok && company != nil {
		if of := r.plain(value.Dataverse, company, []string{schema.CompanyCode}, row[company.Name]); !strings.EqualFold(of, own) {
			text += " of company " + of
		}
	}
	return text
}

// joined is a reference of several values; nothing where all of them are.
func joined(parts []string) string {
	if !slices.ContainsFunc(parts, func(s string) bool { return s != "" }) {
		return ""
	}
	return strings.Join(parts, " + ")
}

// target gives the row that a lookup column refers to, whichever table has it.
func (r *rowReader) target(column *schema.Field, id any) (*schema.Table, map[string]any) {
	r.t.Helper()
	for _, x := range column.Targets {
		target := schema.FindTable(r.catalog.Dataverse, x.Table)
		if target == nil {
			continue // no map reads it
		}
		found := r.query(value.Dataverse, fmt.Sprintf("SELECT * FROM %q WHERE %q = ?", target.Set, target.PrimaryID), id)
		if len(found) == 1 {
			return target, found[0]
		}
	}
	r.t.Fatalf("%s leads to %v, which is nowhere", column.Name, id)
	return nil, nil
}

// isFirst tells whether a member is the one that stands for nothing.
func (r *rowReader) isFirst(column *schema.Field, member string) bool {
	e := schema.FindEnum(r.catalog.Enums, column.Enum)
	return e != nil && len(e.Members) > 0 && e.Members[0].Name == member
}

// plain gives a column's value by its type; a lookup as the column of its target
// at the end of the path.
func (r *rowReader) plain(side value.Side, column *schema.Field, path []string, raw any) string {
	r.t.Helper()
	if raw == nil {
		return ""
	}
	text := fmt.Sprint(raw)
	switch column.Type {
	case schema.TypeInteger, schema.TypeDecimal:
		n, ok := new(big.Rat).SetString(text)
		if !ok {
			r.t.Fatalf("%s is %q", column.Name, text)
		}
		if n.Sign() == 0 {
			return ""
		}
		return n.RatString()
	case schema.TypeBool:
		if text == "0" {
			return ""
		}
		return "true"
	case schema.TypeEnum:
		if strings.EqualFold(column.Enum, "NoYes") {
			return map[bool]string{true: "true"}[text == "Yes"]
		}
	case schema.TypeGuid:
		if text == uuid.Nil.String() {
			return ""
		}
	case schema.TypeTime:
		if strings.HasPrefix(text, "1900-01-01") {
			return ""
		}
	case schema.TypeLookup:
		if len(path) == 0 {
			r.t.Fatalf("%s is a reference without a path", column.Name)
		}
		target, row := r.target(column, raw)
		return r.plain(side, target.Field(path[0]), path[1:], row[strings.ToLower(path[0])])
	}
	return text
}

// query gives rows by their columns' names in lower case.
func (r *rowReader) query(side value.Side, text string, args ...any) []map[string]any {
	r.t.Helper()
	rows, err := r.db[side].Query(text, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		r.t.Fatal(err)
	}
	var out []map[string]any
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			r.t.Fatal(err)
		}
		row := map[string]any{}
		for i, c := range columns {
			row[strings.ToLower(c)] = *values[i].(*any)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return out
}
