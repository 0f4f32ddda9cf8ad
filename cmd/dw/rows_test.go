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

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// scopes are the filters of the example's maps in the words of the twins'
// databases, written by hand: what dw makes of its filters is not asked.
var scopes = map[string]struct{ fno, dataverse string }{
	"companies":                {"LegalEntityId IN ('USMF','DEMF','GBSI')", "cdm_companycode IN ('USMF','DEMF','GBSI')"},
	"currencies":               {"CurrencyCode <> '999'", "1"},
	"units":                    {"1", "1"},
	"customer_groups":          {"1", "1"},
	"payment_terms":            {"1", "1"},
	"customer_payment_methods": {"1", "1"},
	"accounts":                 {"PartyType = 'Organization'", "customertypecode = 3"},
	"contacts":                 {"PartyType = 'Person'", "msdyn_sellable = 1 AND msdyn_contactpersonid IS NOT NULL"},
}

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

// mapped is a record on one side: its mapped fields by their name in the map.
type mapped map[string]string

// records gives the records of a map in scope on both sides, by company and key.
func (r *rowReader) records(m *model.Map) map[value.Side]map[string]mapped {
	return map[value.Side]map[string]mapped{value.FnO: r.side(m, value.FnO), value.Dataverse: r.side(m, value.Dataverse)}
}

func (r *rowReader) side(m *model.Map, side value.Side) map[string]mapped {
	r.t.Helper()
	table, where := schema.FindTable(r.catalog.FnO, m.FnO.Name), scopes[m.Name].fno
	if side == value.Dataverse {
		table, where = schema.FindTable(r.catalog.Dataverse, m.Dataverse.Name), scopes[m.Name].dataverse
	}
	company := map[value.Side]string{value.FnO: "dataAreaId", value.Dataverse: "msdyn_company"}[side]
	out := map[string]mapped{}
	for _, raw := range r.query(side, fmt.Sprintf("SELECT * FROM %q WHERE %s", table.Set, where)) {
		key := ""
		if table.Field(company) != nil {
			code := strings.ToLower(r.plain(side, table.Field(company), []string{schema.CompanyCode}, raw[strings.ToLower(company)]))
			if !slices.Contains(linked, code) {
				continue
			}
			key = code + "/"
		}
		row := mapped{}
		for _, f := range m.Fields {
			if !f.IsConstant {
				row[f.Name()] = r.field(m, f, side, table, raw)
			}
		}
		for _, k := range m.Key {
			at := slices.IndexFunc(m.Fields, func(f *model.Field) bool { return !f.IsConstant && f.FnO.Name == k.Name })
			key += strings.ToLower(row[m.Fields[at].Name()]) + "/"
		}
		if out[key] != nil {
			r.t.Errorf("%s: %s has two rows with the key %s", m.Name, side.Title(), key)
		}
		out[key] = row
	}
	return out
}

// field gives a mapped value in a form in which both sides can be compared: "" is
// nothing, numbers have no spare digits, enum members stand as what the value
// map makes of them.
func (r *rowReader) field(m *model.Map, f *model.Field, side value.Side, table *schema.Table, raw map[string]any) string {
	r.t.Helper()
	name, path := f.FnO.Name, []string(nil)
	if side == value.Dataverse {
		name, path = f.Column.Name, f.Path
	}
	column := table.Field(name)
	if column == nil {
		r.t.Fatalf("%s: %s has no %s", m.Name, table.Set, name)
	}
	text := r.plain(side, column, path, raw[strings.ToLower(name)])
	if side == value.FnO && f.Values != nil {
		for _, v := range f.Values.Values {
			if strings.EqualFold(v.FnO.Text(), text) {
				return v.Dataverse.String()
			}
		}
		if f.Values.ToDataverse.Kind != "pass" || r.isFirst(column, text) {
			return ""
		}
	}
	return text
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
	case schema.TypeLookup:
		target := schema.FindTable(r.catalog.Dataverse, column.Targets[0].Table)
		found := r.query(side, fmt.Sprintf("SELECT * FROM %q WHERE %q = ?", target.Set, target.PrimaryID), text)
		if len(found) != 1 || len(path) == 0 {
			r.t.Fatalf("%s: %d rows of %s, path %v", column.Name, len(found), target.Set, path)
		}
		return r.plain(side, target.Field(path[0]), path[1:], found[0][path[0]])
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
