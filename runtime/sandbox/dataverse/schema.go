package dataverse

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// class is how the values of a column are stored, compared and written.
type class int

const (
	classNone     class = iota // not stored: images, files, managed properties
	classText                  // TEXT COLLATE NOCASE
	classInteger               // INTEGER: whole numbers, choices, states
	classBoolean               // INTEGER 0 or 1
	classDecimal               // TEXT, exact, with the fixed number of decimals of the type
	classDouble                // REAL
	classDateTime              // TEXT 2006-01-02T15:04:05Z
	classDate                  // TEXT 2006-01-02
	classGUID                  // TEXT, lower case
	classLookup                // TEXT, lower case guid
)

func classOf(c catalog.Column) class {
	switch c.Type {
	case "StringType", "MemoType", "EntityNameType", "MultiSelectPicklistType":
		return classText
	case "IntegerType", "BigIntType", "PicklistType", "StateType", "StatusType":
		return classInteger
	case "BooleanType":
		return classBoolean
	case "DecimalType", "MoneyType":
		return classDecimal
	case "DoubleType":
		return classDouble
	case "DateTimeType":
		if c.DateTimeBehavior == "DateOnly" {
			return classDate
		}
		return classDateTime
	case "UniqueidentifierType":
		return classGUID
	case "LookupType", "CustomerType", "OwnerType":
		return classLookup
	}
	return classNone
}

// isChoice tells whether the values of a column are those of its options.
func isChoice(c catalog.Column) bool {
	switch c.Type {
	case "PicklistType", "StateType", "StatusType":
		return true
	}
	return false
}

// storedScale is the number of decimals in storage and on the wire, whatever
// the precision of the column.
func storedScale(c catalog.Column) int {
	if c.Type == "MoneyType" {
		return 4
	}
	return 10
}

// column is an attribute with what the twin derives from its definition.
type column struct {
	catalog.Column
	class    class
	property string // OData name: _x_value for lookups, else the logical name
	typeName string // SQL column with the logical name of the target, of polymorphic lookups
	min, max *big.Rat
	labels   map[int64]string
}

// sqlName is the quoted SQL column.
func (c *column) sqlName() string { return quoteName(c.LogicalName) }

// navigation is one navigation property: a lookup column towards one target.
type navigation struct {
	name   string
	column *column
	target *table
}

// table is a Dataverse table with what the twin derives from its definition.
type table struct {
	catalog.Table
	columns    []*column // those that are stored
	byName     map[string]*column
	byProperty map[string]*column
	navs       []navigation
	referrers  []*column // lookup columns of all tables that may point here
	referrerOf map[*column]*table
	pk         *column
	owner      *column // nil where rows have no owner
	hidden     []string
}

func (t *table) sqlName() string { return quoteName(t.EntitySet) }

func (t *table) has(name string) bool { return t.byName[name] != nil }

func (t *table) offers(message string) bool {
	if message == "UpsertMultiple" {
		return t.offers("CreateMultiple") && t.offers("UpdateMultiple")
	}
	return slices.Contains(t.Messages, message)
}

// navigations returns the navigation properties of a name: several where a
// polymorphic lookup has one name for all targets.
func (t *table) navigations(name string) []navigation {
	var out []navigation
	for _, n := range t.navs {
		if n.name == name {
			out = append(out, n)
		}
	}
	return out
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// schema is all tables of the twin.
type schema struct {
	tables  []*table
	byName  map[string]*table // logical name
	bySet   map[string]*table
	version int64 // changes with any definition
}

func newSchema(defs []catalog.Table) (*schema, error) {
	s := &schema{byName: map[string]*table{}, bySet: map[string]*table{}, version: fingerprint(withSystemTables(defs))}
	for _, d := range withSystemTables(defs) {
		if d.LogicalName == "" || d.EntitySet == "" || d.PrimaryID == "" {
			return nil, fmt.Errorf("table %q lacks its logical name, entity set or primary id", d.LogicalName)
		}
		if strings.HasPrefix(d.EntitySet, "_") || d.EntitySet == "deleted" || strings.HasPrefix(d.EntitySet, "sqlite") {
			return nil, fmt.Errorf("the entity set %s has a name that the twin's own tables have", d.EntitySet)
		}
		t, err := newTable(d)
		if err != nil {
			return nil, err
		}
		if s.byName[d.LogicalName] != nil || s.bySet[d.EntitySet] != nil {
			return nil, fmt.Errorf("the table %s (%s) is defined twice", d.LogicalName, d.EntitySet)
		}
		s.tables = append(s.tables, t)
		s.byName[d.LogicalName], s.bySet[d.EntitySet] = t, t
	}
	for _, t := range s.tables {
		s.connect(t)
	}
	return s, nil
}

func newTable(d catalog.Table) (*table, error) {
	t := &table{Table: d, byName: map[string]*column{}, byProperty: map[string]*column{}, referrerOf: map[*column]*table{}}
	for _, def := range d.Columns {
		c := &column{Column: def, class: classOf(def), property: def.LogicalName}
		if t.byName[def.LogicalName] != nil {
			return nil, fmt.Errorf("the column %s.%s is defined twice", d.LogicalName, def.LogicalName)
		}
		if c.class == classNone {
			continue
		}
		if c.class == classLookup {
			c.property = "_" + def.LogicalName + "_value"
			if len(def.Targets) > 1 {
				c.typeName = def.LogicalName + "type"
			}
			if def.Type == "OwnerType" {
				t.owner = c
			}
		}
		if err := c.bounds(); err != nil {
			return nil, fmt.Errorf("column %s.%s: %w", d.LogicalName, def.LogicalName, err)
		}
		if len(def.Options) > 0 {
			c.labels = map[int64]string{}
			for _, o := range def.Options {
				c.labels[int64(o.Value)] = o.Label
			}
		}
		t.columns = append(t.columns, c)
		t.byName[def.LogicalName], t.byProperty[c.property] = c, c
	}
	t.pk = t.byName[d.PrimaryID]
	if t.pk == nil || t.pk.class != classGUID {
		return nil, fmt.Errorf("table %s: its primary id %s must be a column of type UniqueidentifierType", d.LogicalName, d.PrimaryID)
	}
	for _, k := range d.Keys {
		for _, name := range k.Columns {
			if t.byName[name] == nil {
				return nil, fmt.Errorf("table %s: the key %s names the column %s, which it does not have", d.LogicalName, k.LogicalName, name)
			}
		}
	}
	if !t.has("versionnumber") {
		t.hidden = append(t.hidden, "versionnumber")
	}
	return t, nil
}

func (c *column) bounds() error {
	for text, into := range map[string]**big.Rat{c.Min: &c.min, c.Max: &c.max} {
		if text == "" {
			continue
		}
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			return fmt.Errorf("the bound %q is not a number", text)
		}
		*into = r
	}
	if c.Min != "" && c.Min == c.Max {
		c.max = c.min
	}
	return nil
}

// connect finds the targets of the table's lookups. Targets outside the
// catalog exist in metadata only.
func (s *schema) connect(t *table) {
	for _, c := range t.columns {
		for _, target := range c.Targets {
			to := s.byName[target.Table]
			if to == nil {
				continue
			}
			t.navs = append(t.navs, navigation{name: target.NavigationProperty, column: c, target: to})
			if to.referrerOf[c] == nil {
				to.referrers = append(to.referrers, c)
				to.referrerOf[c] = t
			}
		}
	}
}

// ddl is the SQL that creates the table.
func (t *table) ddl() []string {
	defs := make([]string, 0, len(t.columns)+2)
	seen := map[string]bool{}
	add := func(name, kind string) {
		if !seen[strings.ToLower(name)] {
			seen[strings.ToLower(name)] = true
			defs = append(defs, quoteName(name)+" "+kind)
		}
	}
	add(t.PrimaryID, "TEXT NOT NULL PRIMARY KEY")
	for _, c := range t.columns {
		switch c.class {
		case classInteger, classBoolean:
			add(c.LogicalName, "INTEGER")
		case classDouble:
			add(c.LogicalName, "REAL")
		case classText:
			add(c.LogicalName, "TEXT COLLATE NOCASE")
		default:
			add(c.LogicalName, "TEXT")
		}
	}
	for _, c := range t.columns {
		if c.typeName != "" {
			add(c.typeName, "TEXT")
		}
	}
	for _, name := range t.hidden {
		add(name, "INTEGER")
	}
	out := []string{
		"CREATE TABLE " + t.sqlName() + " (" + strings.Join(defs, ", ") + ")",
		"CREATE INDEX " + quoteName(t.EntitySet+"_versionnumber") + " ON " + t.sqlName() + " (versionnumber)",
	}
	for _, k := range t.Keys {
		if k.Status != "Active" {
			continue
		}
		names := make([]string, len(k.Columns))
		for i, n := range k.Columns {
			names[i] = quoteName(n)
		}
		out = append(out, "CREATE UNIQUE INDEX "+quoteName(t.EntitySet+"_"+k.LogicalName)+" ON "+t.sqlName()+" ("+strings.Join(names, ", ")+")")
	}
	return out
}
