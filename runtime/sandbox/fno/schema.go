package fno

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/odata"
)

// namespace qualifies entity and enum types on the wire.
const namespace = "Microsoft.Dynamics.DataEntities."

// companyField is the key property of company-specific entities.
const companyField = "dataAreaId"

// firstRecID is the first RecId of a table in a new environment.
const firstRecID = 5637144576

type kind int

const (
	kindString kind = iota
	kindInt32
	kindInt64
	kindDecimal
	kindDate     // DateTimeOffset that is always noon
	kindDateTime // DateTimeOffset with seconds
	kindGUID
	kindEnum
	kindBoolean
	kindBinary
)

// set is an entity set, compiled.
type set struct {
	catalog.Entity
	fields   []*field // key first, in key order
	byName   map[string]*field
	keys     []*field
	table    string // quoted SQL name
	internal bool   // of data management itself: read-only, without events and packages
	loaded   loaded // under the twin's writing
}

// loaded counts the rows that Load has taken in.
type loaded struct {
	rows     int
	analyzed int // how many there were when statistics were last gathered
}

// field is a property, compiled.
type field struct {
	catalog.Property
	kind     kind
	enum     *enum
	key      bool
	position int    // in set.fields
	column   string // quoted SQL name
	label    string // as infologs name it
	jsonName string // quoted, with the colon
	empty    string // JSON of the empty value
}

type enum struct {
	catalog.Enum
	symbols []string
	bySQL   map[string]string // symbol as it is or in lower case -> symbol
	zero    string            // symbol of the 0 member; "" where there is none
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// compile checks the catalog and indexes it.
func (t *Twin) compile() error {
	t.enums = map[string]*enum{}
	for _, e := range t.opts.Enums {
		compiled := &enum{Enum: e, bySQL: map[string]string{}}
		for _, m := range e.Members {
			compiled.symbols = append(compiled.symbols, m.Name)
			compiled.bySQL[m.Name] = m.Name
			compiled.bySQL[strings.ToLower(m.Name)] = m.Name
			if m.Value == 0 {
				compiled.zero = m.Name
			}
		}
		if t.enums[e.Name] != nil {
			return fmt.Errorf("enum %s stands twice in the catalog", e.Name)
		}
		t.enums[e.Name] = compiled
	}
	t.sets = map[string]*set{}
	entities := t.opts.Entities
	if t.opts.Storage != nil {
		entities = slices.Concat(entities, managementEntities())
	}
	for i, e := range entities {
		s, err := t.compileSet(e)
		if err != nil {
			return fmt.Errorf("entity set %q: %w", e.EntitySet, err)
		}
		if t.sets[e.EntitySet] != nil {
			return fmt.Errorf("entity set %s stands twice in the catalog", e.EntitySet)
		}
		s.internal = i >= len(t.opts.Entities)
		t.sets[e.EntitySet] = s
		t.ordered = append(t.ordered, s)
	}
	for _, s := range t.ordered {
		for _, f := range s.fields {
			if f.Related == nil {
				continue
			}
			target := t.sets[f.Related.EntitySet]
			if target == nil || target.byName[f.Related.Property] == nil {
				return fmt.Errorf("%s.%s refers to %s.%s, which the catalog does not have", s.EntitySet, f.Name, f.Related.EntitySet, f.Related.Property)
			}
		}
	}
	return nil
}

func (t *Twin) compileSet(e catalog.Entity) (*set, error) {
	if !identifier.MatchString(e.EntitySet) {
		return nil, fmt.Errorf("the name is not an identifier")
	}
	if e.AOT == "" {
		e.AOT = e.Name + "Entity"
	}
	s := &set{Entity: e, byName: map[string]*field{}, table: `"` + e.EntitySet + `"`}
	properties := slices.Clone(e.Properties)
	slices.SortStableFunc(properties, func(a, b catalog.Property) int {
		return rank(e.Key, a.Name) - rank(e.Key, b.Name)
	})
	for i, p := range properties {
		f, err := t.compileField(e, p)
		if err != nil {
			return nil, err
		}
		if s.byName[p.Name] != nil {
			return nil, fmt.Errorf("property %s stands twice", p.Name)
		}
		f.position = i
		s.byName[p.Name] = f
		s.fields = append(s.fields, f)
	}
	for _, name := range e.Key {
		f := s.byName[name]
		if f == nil {
			return nil, fmt.Errorf("the key property %s is not among the properties", name)
		}
		f.key = true
		s.keys = append(s.keys, f)
	}
	if len(s.keys) == 0 {
		return nil, fmt.Errorf("there is no key")
	}
	if company := s.byName[companyField]; e.CompanySpecific && (company == nil || !company.key) {
		return nil, fmt.Errorf("a company-specific entity needs %s in its key", companyField)
	}
	return s, nil
}

// rank puts key properties first, in the order of the key.
func rank(key []string, name string) int {
	if i := slices.Index(key, name); i >= 0 {
		return i
	}
	return len(key)
}

func (t *Twin) compileField(e catalog.Entity, p catalog.Property) (*field, error) {
	if !identifier.MatchString(p.Name) {
		return nil, fmt.Errorf("the property name %q is not an identifier", p.Name)
	}
	f := &field{Property: p, column: `"` + p.Name + `"`, label: fieldLabel(p.Name), jsonName: `"` + p.Name + `":`}
	switch p.Type {
	case "Edm.String":
		f.kind, f.empty = kindString, `""`
	case "Edm.Int32":
		f.kind, f.empty = kindInt32, "0"
	case "Edm.Int64":
		f.kind, f.empty = kindInt64, "0"
	case "Edm.Decimal":
		f.kind, f.empty = kindDecimal, "0"
	case "Edm.DateTimeOffset":
		f.kind, f.empty = kindDateTime, `"`+emptyDateTime+`"`
		if p.Date {
			f.kind, f.empty = kindDate, `"`+emptyDate+`"`
		}
	case "Edm.Guid":
		f.kind, f.empty = kindGUID, `"`+emptyGUID+`"`
	case "Edm.Boolean":
		f.kind, f.empty = kindBoolean, "false"
	case "Edm.Binary":
		f.kind, f.empty = kindBinary, "null"
	default:
		f.kind, f.enum, f.empty = kindEnum, t.enums[p.Type], "null"
		if f.enum == nil {
			return nil, fmt.Errorf("property %s: type %s is neither an Edm type nor an enum of the catalog", p.Name, p.Type)
		}
		if f.enum.zero != "" {
			f.empty = `"` + f.enum.zero + `"`
		}
	}
	return f, nil
}

// typeName is the property's type on the wire.
func (f *field) typeName() string {
	if f.kind == kindEnum {
		return namespace + f.Type
	}
	return f.Type
}

// emptySQL is the value that NULL stands for; nil where there is none.
func (f *field) emptySQL() any {
	switch f.kind {
	case kindString:
		return ""
	case kindInt32, kindInt64, kindDecimal, kindBoolean:
		return int64(0)
	case kindDate:
		return emptyDate
	case kindDateTime:
		return emptyDateTime
	case kindGUID:
		return emptyGUID
	case kindEnum:
		if f.enum.zero != "" {
			return f.enum.zero
		}
	}
	return nil
}

// fieldLabel makes the text by which infologs name a field:
// "CustomerGroupId" is "Customer group".
func fieldLabel(name string) string {
	var words []string
	start := 0
	runes := []rune(name)
	for i := 1; i <= len(runes); i++ {
		boundary := i == len(runes) || unicode.IsUpper(runes[i]) &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if boundary {
			words = append(words, strings.ToLower(string(runes[start:i])))
			start = i
		}
	}
	if len(words) > 1 && words[len(words)-1] == "id" {
		words = words[:len(words)-1]
	}
	label := []rune(strings.Join(words, " "))
	label[0] = unicode.ToUpper(label[0])
	return string(label)
}

// migrate creates what the file lacks. RecIds are never given out twice, even
// after a delete: AUTOINCREMENT.
func (t *Twin) migrate(ctx context.Context) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	tables, err := columns(ctx, tx)
	if err != nil {
		return err
	}
	statements := []string{`CREATE TABLE IF NOT EXISTS "_number_sequences" (name TEXT PRIMARY KEY, last INTEGER NOT NULL)`}
	for _, s := range t.ordered {
		existing := tables[strings.ToLower(s.EntitySet)]
		if existing == nil {
			statements = append(statements, s.createTable()...)
			continue
		}
		for _, f := range s.fields {
			if !existing[strings.ToLower(f.Name)] {
				if f.key {
					return fmt.Errorf("the table %s has no column %s, which is part of the key: the file was made from another catalog", s.EntitySet, f.Name)
				}
				statements = append(statements, "ALTER TABLE "+s.table+" ADD COLUMN "+f.definition())
			}
		}
	}
	for _, s := range t.ordered {
		statements = append(statements, t.relationIndexes(s)...)
	}
	statements = append(statements, t.rules.indexes(t.ordered)...)
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return tx.Commit()
}

// columns gives the columns that each table of the file has; all names are in
// lower case.
func columns(ctx context.Context, q queryer) (map[string]map[string]bool, error) {
	rows, err := q.QueryContext(ctx, "SELECT lower(t.name), lower(c.name) FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	tables := map[string]map[string]bool{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return nil, err
		}
		if tables[table] == nil {
			tables[table] = map[string]bool{}
		}
		tables[table][column] = true
	}
	return tables, rows.Err()
}

func (s *set) createTable() []string {
	var b strings.Builder
	b.WriteString("CREATE TABLE " + s.table + " (rec_id INTEGER PRIMARY KEY AUTOINCREMENT, rec_version INTEGER NOT NULL")
	for _, f := range s.fields {
		b.WriteString(", " + f.definition())
	}
	b.WriteString(")")
	var key []string
	for _, f := range s.keys {
		key = append(key, f.column)
	}
	return []string{
		b.String(),
		fmt.Sprintf("INSERT INTO sqlite_sequence (name, seq) VALUES ('%s', %d)", s.EntitySet, firstRecID-1),
		fmt.Sprintf(`CREATE UNIQUE INDEX "%s_key" ON %s (%s)`, s.EntitySet, s.table, strings.Join(key, ", ")),
	}
}

// definition is the field's column. Text compares without regard to case;
// decimals are text, so that no digit is lost.
func (f *field) definition() string {
	def := f.column
	switch f.kind {
	case kindString, kindEnum:
		def += " TEXT COLLATE NOCASE"
	case kindInt32, kindInt64, kindBoolean:
		def += " INTEGER"
	default:
		def += " TEXT"
	}
	if f.key {
		def += " NOT NULL"
	}
	return def
}

// relationIndexes makes the lookups of foreign keys quick where the key's own
// index does not serve them.
func (t *Twin) relationIndexes(s *set) []string {
	var statements []string
	for _, f := range s.fields {
		if f.Related == nil {
			continue
		}
		target := t.sets[f.Related.EntitySet]
		referenced := target.byName[f.Related.Property]
		columns, leading := referenced.column, target.keys[0]
		if target.CompanySpecific && referenced.Name != companyField {
			columns = target.byName[companyField].column + ", " + columns
			if leading.Name == companyField && len(target.keys) > 1 {
				leading = target.keys[1]
			}
		}
		if leading != referenced {
			statements = append(statements, fmt.Sprintf(`CREATE INDEX IF NOT EXISTS "%s_%s" ON %s (%s)`,
				target.EntitySet, referenced.Name, target.table, columns))
		}
	}
	return statements
}

// propertyError is a property that the entity type does not have.
type propertyError struct{ name, typeName string }

func (e *propertyError) Error() string {
	return fmt.Sprintf("Could not find a property named '%s' on type '%s%s'.", e.name, namespace, e.typeName)
}

// Column resolves the properties of a query.
func (s *set) Column(path []string) (odata.Column, error) {
	f := s.byName[path[0]]
	if f == nil || len(path) > 1 {
		return odata.Column{}, &propertyError{name: strings.Join(path, "/"), typeName: s.Name}
	}
	c := odata.Column{Expr: f.column}
	switch f.kind {
	case kindString:
		c.Kind = odata.Text
	case kindInt32, kindInt64:
		c.Kind = odata.Number
	case kindDecimal:
		c.Kind, c.Expr = odata.Number, "CAST("+f.column+" AS NUMERIC)"
	case kindDate:
		c.Kind, c.DateSuffix = odata.Date, noon
	case kindDateTime:
		c.Kind = odata.Time
	case kindGUID:
		c.Kind = odata.GUID
	case kindBoolean:
		c.Kind = odata.Bool
	case kindEnum:
		c.Kind, c.EnumType, c.Symbols = odata.Enum, f.typeName(), f.enum.symbols
		c.Order = f.enumOrder()
	default:
		return odata.Column{}, &odata.UnsupportedError{What: "A condition on the property '" + f.Name + "' of type '" + f.Type + "'"}
	}
	if !f.key {
		c.Empty = f.emptySQL()
	}
	return c, nil
}

// enumOrder sorts by the members' values, as the stored integers would.
func (f *field) enumOrder() string {
	if len(f.enum.Members) == 0 {
		return f.column
	}
	var b strings.Builder
	b.WriteString("CASE " + f.column)
	for _, m := range f.enum.Members {
		fmt.Fprintf(&b, " WHEN '%s' THEN %d", strings.ReplaceAll(m.Name, "'", "''"), m.Value)
	}
	b.WriteString(" ELSE 0 END")
	return b.String()
}
