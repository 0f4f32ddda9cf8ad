package schema

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/value"
)

// CompanyTable and CompanyCode are the logical name of the Dataverse table of
// companies (F&O's legal entities) and its column of company codes;
// CompanyField is the F&O field that holds the code (dual-write documentation,
// company concept in Dataverse).
const (
	CompanyTable = "cdm_company"
	CompanyCode  = "cdm_companycode"
	CompanyField = "dataAreaId"
)

// Tables gives the tables of one side.
func (c *Catalog) Tables(side value.Side) []Table {
	if side == value.FnO {
		return c.FnO
	}
	return c.Dataverse
}

// Table finds a table by its entity set, or by its logical name on Dataverse
// and its entity name on F&O, in any case. Sets win over names. Nil where the
// catalog has none.
func (c *Catalog) Table(side value.Side, name string) *Table {
	return FindTable(c.Tables(side), name)
}

// FindTable is Catalog.Table over a list.
func FindTable(tables []Table, name string) *Table {
	for i := range tables {
		if strings.EqualFold(tables[i].Set, name) {
			return &tables[i]
		}
	}
	for i := range tables {
		if strings.EqualFold(tables[i].Name, name) {
			return &tables[i]
		}
	}
	return nil
}

// Enum finds an F&O enum type by its name in any case; nil where the catalog
// has none.
func (c *Catalog) Enum(name string) *Enum { return FindEnum(c.Enums, name) }

// FindEnum is Catalog.Enum over a list.
func FindEnum(enums []Enum, name string) *Enum {
	for i := range enums {
		if strings.EqualFold(enums[i].Name, name) {
			return &enums[i]
		}
	}
	return nil
}

// Field finds a field by its name in any case; nil where the table has none.
func (t *Table) Field(name string) *Field {
	for i := range t.Fields {
		if strings.EqualFold(t.Fields[i].Name, name) {
			return t.Fields[i]
		}
	}
	return nil
}

// FieldNames gives the names of all fields, for did-you-mean.
func (t *Table) FieldNames() []string {
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = f.Name
	}
	return names
}

// IsKeyField tells whether a field belongs to the entity key (F&O) or is the
// primary id (Dataverse).
func (t *Table) IsKeyField(name string) bool {
	return strings.EqualFold(t.PrimaryID, name) && name != "" ||
		slices.ContainsFunc(t.Key, func(k string) bool { return strings.EqualFold(k, name) })
}

// HasKey tells whether an alternate key of exactly these columns, in any order
// and case, is active.
func (t *Table) HasKey(columns []string) bool {
	for _, k := range t.Keys {
		if k.Status == "Active" && sameNames(k.Columns, columns) {
			return true
		}
	}
	return false
}

func sameNames(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y string) bool { return strings.EqualFold(x, y) }) {
			return false
		}
	}
	return true
}

// Target finds a target of a lookup by logical name or entity set in any case;
// nil where the lookup does not point there.
func (f *Field) Target(table string) *Target {
	for i := range f.Targets {
		if strings.EqualFold(f.Targets[i].Table, table) || strings.EqualFold(f.Targets[i].Set, table) {
			return &f.Targets[i]
		}
	}
	return nil
}

// CompanyColumn finds the lookup column to the table of companies: the only
// one, or msdyn_company, or the only one that an alternate key contains. Nil
// where the table has none or the choice is open.
func (t *Table) CompanyColumn() *Field {
	var all, keyed []*Field
	for i := range t.Fields {
		f := t.Fields[i]
		if f.Type != TypeLookup || f.Target(CompanyTable) == nil || len(f.Targets) != 1 {
			continue
		}
		all = append(all, f)
		if slices.ContainsFunc(t.Keys, func(k Key) bool {
			return slices.ContainsFunc(k.Columns, func(c string) bool { return strings.EqualFold(c, f.Name) })
		}) {
			keyed = append(keyed, f)
		}
	}
	switch {
	case len(keyed) == 1:
		return keyed[0]
	case len(all) == 1:
		return all[0]
	default:
		if f := t.Field("msdyn_company"); f != nil && slices.Contains(all, f) {
			return f
		}
		return nil
	}
}

// Member finds an enum member by its name in any case; nil where there is none.
func (e *Enum) Member(name string) *Member {
	for i := range e.Members {
		if strings.EqualFold(e.Members[i].Name, name) {
			return &e.Members[i]
		}
	}
	return nil
}

// MemberNames gives the names of all members, for did-you-mean.
func (e *Enum) MemberNames() []string {
	names := make([]string, len(e.Members))
	for i, m := range e.Members {
		names[i] = m.Name
	}
	return names
}

// Subset gives a table with only the named columns and what identifies a row:
// primary id and name, company column, key columns. It is what a deployed map
// keeps of the targets of its lookups.
func (t *Table) Subset(columns []string) Table {
	out := *t
	out.Fields = make([]*Field, 0, min(len(t.Fields), len(columns)+4))
	company := t.CompanyColumn()
	for _, f := range t.Fields {
		if t.IsKeyField(f.Name) || f.Name == t.PrimaryName || company != nil && f.Name == company.Name || t.InKey(f.Name) ||
			slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, f.Name) }) {
			out.Fields = append(out.Fields, f)
		}
	}
	return out
}

// InKey tells whether any alternate key contains a column.
func (t *Table) InKey(column string) bool {
	return slices.ContainsFunc(t.Keys, func(k Key) bool {
		return slices.ContainsFunc(k.Columns, func(c string) bool { return strings.EqualFold(c, column) })
	})
}

// Decimals gives the number of decimals that a field keeps at most; ok is false
// where the schema does not tell.
func (f *Field) Decimals() (n int, ok bool) {
	switch {
	case f.Scale != nil:
		return *f.Scale, true
	case f.Money:
		return MoneyScale, true // the organisation or the currency may have set fewer
	case f.Type == TypeInteger:
		return 0, true
	}
	return 0, false
}

// Derived tells whether the server computes the values of a column from others,
// so that no one can write them and no edit of the row tells of a change.
func (s Source) Derived() bool { return s != "" && s != SourceNumber }

// String names the source as an adjective or what stands for one.
func (s Source) String() string {
	if s == SourceCurrency {
		return "base currency"
	}
	return string(s)
}
