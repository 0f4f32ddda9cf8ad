package catalog

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// builder collects tables, entities and enums by name while the files are read.
type builder struct {
	tables   []*Table
	entities []*Entity
	enums    []Enum
}

func (b *builder) table(name string) *Table {
	for _, t := range b.tables {
		if t.LogicalName == name {
			return t
		}
	}
	return nil
}

func (b *builder) entity(set string) *Entity {
	for _, e := range b.entities {
		if e.EntitySet == set {
			return e
		}
	}
	return nil
}

func (t *Table) column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].LogicalName == name {
			return &t.Columns[i]
		}
	}
	return nil
}

func (e *Entity) property(name string) *Property {
	for i := range e.Properties {
		if e.Properties[i].Name == name {
			return &e.Properties[i]
		}
	}
	return nil
}

// addFacts reads what published documentation and recordings give.
func (b *builder) addFacts(files fs.FS) error {
	for _, step := range []struct {
		file string
		add  func(row) error
	}{
		{"facts/tables.csv", b.addTable},
		{"facts/columns.csv", b.addColumn},
		{"facts/lookups.csv", b.addLookup},
		{"facts/enums.csv", b.addEnumMember},
		{"facts/entities.csv", b.addEntity},
		{"facts/properties.csv", b.addProperty},
	} {
		rows, err := readCSV(files, step.file)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := step.add(r); err != nil {
				return r.errorf("%v", err)
			}
		}
	}
	return nil
}

func (b *builder) addTable(r row) error {
	b.tables = append(b.tables, &Table{
		LogicalName: r.get("table"),
		SchemaName:  r.get("schema_name"),
		EntitySet:   r.get("entity_set"),
		PrimaryID:   r.get("primary_id"),
		PrimaryName: r.get("primary_name"),
		Ownership:   r.get("ownership"),
		Messages:    strings.Fields(r.get("messages")),
	})
	return nil
}

func (b *builder) addColumn(r row) error {
	t := b.table(r.get("table"))
	if t == nil {
		return fmt.Errorf("unknown table %q", r.get("table"))
	}
	c := Column{
		LogicalName:      r.get("column"),
		SchemaName:       r.get("schema_name"),
		Type:             r.get("type"),
		Min:              r.get("min"),
		Max:              r.get("max"),
		DateTimeBehavior: r.get("datetime"),
		Required:         r.get("required"),
		Read:             true,
	}
	var err error
	if c.MaxLength, err = number(r.get("max_length")); err != nil {
		return err
	}
	if c.Precision, err = number(r.get("precision")); err != nil {
		return err
	}
	if c.Options, err = options(r.get("options"), "; "); err != nil {
		return err
	}
	if c.Create, err = r.yes("create"); err != nil {
		return err
	}
	if c.Update, err = r.yes("update"); err != nil {
		return err
	}
	return t.add(c)
}

func (b *builder) addLookup(r row) error {
	t := b.table(r.get("table"))
	if t == nil {
		return fmt.Errorf("unknown table %q", r.get("table"))
	}
	target := Target{Table: r.get("target"), NavigationProperty: r.get("navigation")}
	if c := t.column(r.get("column")); c != nil {
		c.Targets = append(c.Targets, target)
		c.Type = polymorphic(c.LogicalName)
		return nil
	}
	c := Column{
		LogicalName: r.get("column"),
		SchemaName:  r.get("schema_name"),
		Type:        "LookupType",
		Required:    r.get("required"),
		Read:        true,
		Targets:     []Target{target},
	}
	var err error
	if c.Create, err = r.yes("create"); err != nil {
		return err
	}
	if c.Update, err = r.yes("update"); err != nil {
		return err
	}
	return t.add(c)
}

// polymorphic gives the type name of a lookup with several targets.
func polymorphic(column string) string {
	if column == "ownerid" {
		return "OwnerType"
	}
	return "CustomerType"
}

func (t *Table) add(c Column) error {
	if t.column(c.LogicalName) != nil {
		return fmt.Errorf("table %s already has a column %q", t.LogicalName, c.LogicalName)
	}
	t.Columns = append(t.Columns, c)
	return nil
}

func (b *builder) addEnumMember(r row) error {
	value, err := strconv.Atoi(r.get("value"))
	if err != nil {
		return err
	}
	m := Member{Name: r.get("member"), Value: value}
	if n := len(b.enums); n > 0 && b.enums[n-1].Name == r.get("enum") {
		b.enums[n-1].Members = append(b.enums[n-1].Members, m)
		return nil
	}
	b.enums = append(b.enums, Enum{Name: r.get("enum"), Members: []Member{m}})
	return nil
}

func (b *builder) addEntity(r row) error {
	sources, err := number(r.get("sources"))
	if err != nil {
		return err
	}
	b.entities = append(b.entities, &Entity{
		Name:      r.get("name"),
		EntitySet: r.get("entity_set"),
		AOT:       r.get("aot"),
		Label:     r.get("label"),
		Sources:   sources,
	})
	return nil
}

func (b *builder) addProperty(r row) error {
	e := b.entity(r.get("entity_set"))
	if e == nil {
		return fmt.Errorf("unknown entity set %q", r.get("entity_set"))
	}
	key, err := r.yes("key")
	if err != nil {
		return err
	}
	mandatory, err := r.yes("mandatory")
	if err != nil {
		return err
	}
	p := Property{
		Name:              r.get("property"),
		Type:              r.get("type"),
		Mandatory:         mandatory,
		AllowEdit:         true,
		AllowEditOnCreate: true,
	}
	if e.property(p.Name) != nil {
		return fmt.Errorf("%s already has a property %q", e.EntitySet, p.Name)
	}
	if key {
		e.Key = append(e.Key, p.Name)
	}
	if p.Name == "dataAreaId" {
		e.CompanySpecific = true
		p.AllowEdit = false
		p.MaxLength = 4
	}
	e.Properties = append(e.Properties, p)
	return nil
}

func number(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	return strconv.Atoi(s)
}

// options reads "1=Active@0; 2=Inactive@1": value, label, and of a status the
// state it belongs to.
func options(s, separator string) ([]Option, error) {
	if s == "" {
		return nil, nil
	}
	var list []Option
	for _, text := range strings.Split(s, separator) {
		value, label, found := strings.Cut(text, "=")
		if !found {
			return nil, fmt.Errorf("option %q is not value=label", text)
		}
		o := Option{Label: label}
		var err error
		if o.Value, err = strconv.Atoi(value); err != nil {
			return nil, fmt.Errorf("option %q: %w", text, err)
		}
		if i := strings.LastIndexByte(label, '@'); i >= 0 {
			o.Label = label[:i]
			if o.State, err = strconv.Atoi(label[i+1:]); err != nil {
				return nil, fmt.Errorf("option %q: %w", text, err)
			}
		}
		list = append(list, o)
	}
	return list, nil
}
