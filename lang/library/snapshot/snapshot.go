// Package snapshot knows the schema to which the standard maps are written, as
// far as it is published, and says what it has to assume beyond that. Tests
// hold the maps to it; dw itself reads the schema of the real environments.
//
// facts.csv comes from the public metadata of F&O entities and from Microsoft's
// reference of the standard Dataverse tables. assumptions.csv has what nobody
// publishes: most columns that the dual-write solutions add, the keys of their
// tables, and a few entities.
package snapshot

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

//go:embed facts.csv
var facts string

//go:embed assumptions.csv
var assumptions string

// Statement is one line of the two files.
type Statement struct {
	Side     value.Side
	Table    string // entity set, logical name of a table, or enum type
	Item     string // field, column, key or enum member; "" where the table itself is meant
	Property string // "entity", "field", "member" of F&O; "table", "column", "lookup", "key", "filled" of Dataverse
	Value    string // parts as "name=value; name=value"
}

// Facts gives what is published.
func Facts() ([]Statement, error) { return read("facts.csv", facts) }

// Assumptions gives what is not.
func Assumptions() ([]Statement, error) { return read("assumptions.csv", assumptions) }

func read(name, text string) ([]Statement, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = 5
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	list := make([]Statement, 0, len(rows))
	for _, row := range rows[1:] {
		list = append(list, Statement{Side: value.Side(row[0]), Table: row[1], Item: row[2], Property: row[3], Value: row[4]})
	}
	return list, nil
}

// Catalog joins facts and assumptions to a schema. An assumption that says
// what a fact says already, or speaks of something unknown, is an error.
func Catalog() (*schema.Catalog, error) {
	known, err := Facts()
	if err != nil {
		return nil, err
	}
	assumed, err := Assumptions()
	if err != nil {
		return nil, err
	}
	return join(known, assumed)
}

func join(known, assumed []Statement) (*schema.Catalog, error) {
	b := &builder{tables: map[string]*schema.Table{}, enums: map[string]*schema.Enum{}}
	// Tables first: lookups name them.
	for _, list := range [][]Statement{known, assumed} {
		for _, s := range list {
			if s.Property == "table" || s.Property == "entity" {
				if err := b.table(s); err != nil {
					return nil, s.failed(err)
				}
			}
		}
	}
	for _, list := range [][]Statement{known, assumed} {
		for _, s := range list {
			if err := b.add(s); err != nil {
				return nil, s.failed(err)
			}
		}
	}
	return b.catalog(), nil
}

func (s Statement) failed(err error) error {
	return fmt.Errorf("%s %s %s, %s: %w", s.Side, s.Table, s.Item, s.Property, err)
}

// builder collects tables and enums by their names in the files.
type builder struct {
	tables map[string]*schema.Table
	enums  map[string]*schema.Enum
}

func (b *builder) table(s Statement) error {
	if b.tables[s.Table] != nil {
		return fmt.Errorf("it is there already")
	}
	p := partsOf(s.Value)
	t := &schema.Table{Side: s.Side, Set: s.Table, Name: s.Table}
	if s.Property == "entity" {
		t.Label, t.AOT, t.CompanySpecific = p.take("label"), p.take("aot"), p.take("company") == "yes"
	} else {
		t.Set, t.PrimaryID, t.PrimaryName, t.Ownership = p.take("set"), p.take("id"), p.take("name"), p.take("ownership")
		t.ChangeTracking = true // dual-write needs it, so its solutions switch it on
	}
	b.tables[s.Table] = t
	return p.rest()
}

func (b *builder) add(s Statement) error {
	switch s.Property {
	case "table", "entity":
		return nil
	case "member":
		return b.member(s)
	}
	t := b.tables[s.Table]
	if t == nil {
		return fmt.Errorf("there is no such table")
	}
	p := partsOf(s.Value)
	switch s.Property {
	case "key":
		t.Keys = append(t.Keys, schema.Key{Name: s.Item, Columns: strings.Split(p.take("columns"), ","), Status: "Active"})
		for _, c := range t.Keys[len(t.Keys)-1].Columns {
			if t.Field(c) == nil {
				return fmt.Errorf("there is no column %s", c)
			}
		}
		return p.rest()
	case "filled":
		f := t.Field(s.Item)
		if f == nil || !f.Required {
			return fmt.Errorf("it is no required column")
		}
		f.Required = p.take("by") != "server"
		return p.rest()
	case "field", "column", "lookup":
		return b.field(t, s, p)
	}
	return fmt.Errorf("unknown property")
}

func (b *builder) member(s Statement) error {
	p := partsOf(s.Value)
	n, err := strconv.ParseInt(p.take("value"), 10, 64)
	if err != nil {
		return err
	}
	if b.enums[s.Table] == nil {
		b.enums[s.Table] = &schema.Enum{Name: s.Table}
	}
	e := b.enums[s.Table]
	e.Members = append(e.Members, schema.Member{Name: s.Item, Value: n})
	return p.rest()
}

func (b *builder) field(t *schema.Table, s Statement, p parts) error {
	if t.Field(s.Item) != nil {
		return fmt.Errorf("it is there already")
	}
	f := &schema.Field{
		Name: s.Item, Readable: true, OnCreate: p.take("create") != "no", OnUpdate: p.take("update") != "no",
		Min: p.take("min"), Max: p.take("max"), DateOnly: p.take("date") == "yes", Required: p.take("required") == "yes",
	}
	if s.Property == "lookup" {
		f.Type = schema.TypeLookup
		for _, name := range strings.Split(p.take("target"), "|") {
			to := b.tables[name]
			if to == nil {
				return fmt.Errorf("there is no table %s", name)
			}
			f.Targets = append(f.Targets, schema.Target{Table: to.Name, Set: to.Set, Navigation: s.Item})
		}
	} else {
		kind, enum, _ := strings.Cut(p.take("type"), ":")
		f.Type, f.Enum = schema.Type(kind), enum
	}
	if length := p.take("length"); length != "" {
		n, err := strconv.Atoi(length)
		if err != nil {
			return err
		}
		f.MaxLength = n
	}
	if scale := p.take("scale"); scale != "" {
		n, err := strconv.Atoi(scale)
		if err != nil {
			return err
		}
		f.Scale = &n
	}
	if options := p.take("options"); options != "" {
		for _, o := range strings.Split(options, "|") {
			n, err := strconv.ParseInt(o, 10, 64)
			if err != nil {
				return err
			}
			f.Options = append(f.Options, schema.Option{Value: n})
		}
	}
	if p.take("key") == "yes" {
		f.IsKey = true
		t.Key = append(t.Key, f.Name)
	}
	t.Fields = append(t.Fields, f)
	return p.rest()
}

// catalog gives everything in the order in which a snapshot file has it.
func (b *builder) catalog() *schema.Catalog {
	cat := &schema.Catalog{}
	for _, t := range b.tables {
		slices.SortFunc(t.Fields, func(x, y *schema.Field) int { return strings.Compare(x.Name, y.Name) })
		if t.Side == value.FnO {
			cat.FnO = append(cat.FnO, *t)
		} else {
			cat.Dataverse = append(cat.Dataverse, *t)
		}
	}
	for _, e := range b.enums {
		cat.Enums = append(cat.Enums, *e)
	}
	bySet := func(x, y schema.Table) int { return strings.Compare(x.Set, y.Set) }
	slices.SortFunc(cat.FnO, bySet)
	slices.SortFunc(cat.Dataverse, bySet)
	slices.SortFunc(cat.Enums, func(x, y schema.Enum) int { return strings.Compare(x.Name, y.Name) })
	return cat
}

// parts are those of "name=value; name=value" that nothing took yet.
type parts map[string]string

func partsOf(text string) parts {
	p := parts{}
	for _, part := range strings.Split(text, "; ") {
		if name, v, ok := strings.Cut(part, "="); ok {
			p[name] = v
		}
	}
	return p
}

func (p parts) take(name string) string {
	v := p[name]
	delete(p, name)
	return v
}

// rest complains of parts that nothing took: they would have no effect.
func (p parts) rest() error {
	for name := range p {
		return fmt.Errorf("unknown part %q", name)
	}
	return nil
}
