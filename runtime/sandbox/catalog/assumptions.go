package catalog

import (
	"fmt"
	"strings"
)

// Assumption is one line of assumptions.csv: a statement about a real
// environment that no published source gives.
type Assumption struct {
	Side     string // "dataverse" or "fno"
	Table    string // logical name of the table, or entity set; Service for the whole side
	Item     string // column, key or property; "" where the table itself is meant
	Property string // what is assumed about it: "column", "lookup", "key", "length", ...
	Value    string // as text; several parts as "name=value; name=value"
	Probe    string // the request that would settle it
}

// Service stands in place of a table where an assumption is about how the service
// behaves, whatever the table. Item names the behaviour then, and Property is
// "behaviour". The twins' code keeps to it; the catalog has nothing to complete.
const Service = "*"

// Assumptions lists what the catalog had to assume, in file order.
func Assumptions() ([]Assumption, error) {
	rows, err := readCSV(files, "assumptions.csv")
	if err != nil {
		return nil, err
	}
	list := make([]Assumption, 0, len(rows))
	for _, r := range rows {
		a := assumption(r)
		if a.Table == "" || a.Property == "" || a.Value == "" || a.Probe == "" {
			return nil, r.errorf("an assumption needs a table, a property, a value and a probe")
		}
		list = append(list, a)
	}
	return list, nil
}

func assumption(r row) Assumption {
	return Assumption{
		Side:     r.get("side"),
		Table:    r.get("table"),
		Item:     r.get("item"),
		Property: r.get("property"),
		Value:    r.get("value"),
		Probe:    r.get("probe"),
	}
}

// addAssumptions completes the facts. A line that names something unknown, or
// states what a fact already gives, is an error: it would never be probed.
func (b *builder) addAssumptions(list []Assumption) error {
	for i, a := range list {
		var err error
		if a.Table == Service && a.Property == "behaviour" && a.Item != "" && (a.Side == "dataverse" || a.Side == "fno") {
			continue
		}
		switch a.Side {
		case "dataverse":
			err = b.assumeTable(a)
		case "fno":
			err = b.assumeEntity(a)
		default:
			err = fmt.Errorf("unknown side %q", a.Side)
		}
		if err != nil {
			return fmt.Errorf("assumptions.csv:%d: %w", i+2, err)
		}
	}
	return nil
}

func (b *builder) assumeTable(a Assumption) error {
	if a.Property == "table" {
		return b.assumeNewTable(a)
	}
	t := b.table(a.Table)
	if t == nil {
		return fmt.Errorf("unknown table %q", a.Table)
	}
	var err error
	switch a.Property {
	case "messages":
		if len(t.Messages) > 0 {
			return fmt.Errorf("a fact gives the messages of %s", t.LogicalName)
		}
		t.Messages = strings.Fields(a.Value)
	case "ownership":
		if t.Ownership != "" {
			return fmt.Errorf("a fact gives the ownership of %s", t.LogicalName)
		}
		t.Ownership = a.Value
	case "change_tracking":
		t.ChangeTracking, err = parseYes(a.Value)
	case "optimistic_concurrency":
		t.OptimisticConcurrency, err = parseYes(a.Value)
	case "column":
		err = t.assumeColumn(a)
	case "lookup":
		err = t.assumeLookup(a)
	case "filled":
		err = t.assumeFilled(a)
	case "on_delete":
		err = t.assumeOnDelete(a)
	case "sent":
		err = t.assumeSent(a)
	case "key":
		err = t.assumeKey(a)
	default:
		err = fmt.Errorf("unknown property %q", a.Property)
	}
	return err
}

func (b *builder) assumeNewTable(a Assumption) error {
	if b.table(a.Table) != nil {
		return fmt.Errorf("a fact gives the table %s", a.Table)
	}
	p := parts(a.Value)
	t := &Table{
		LogicalName: a.Table,
		SchemaName:  p.take("schema"),
		EntitySet:   p.take("set"),
		PrimaryID:   p.take("id"),
		PrimaryName: p.take("name"),
		Ownership:   p.take("ownership"),
	}
	b.tables = append(b.tables, t)
	return p.rest()
}

func (t *Table) assumeColumn(a Assumption) error {
	p := parts(a.Value)
	c := Column{
		LogicalName:      a.Item,
		SchemaName:       p.take("schema"),
		Type:             p.take("type"),
		Min:              p.take("min"),
		Max:              p.take("max"),
		DateTimeBehavior: p.take("datetime"),
		Required:         p.takeOr("required", "None"),
		Read:             true,
		Assumed:          a.Probe,
	}
	var err error
	if c.MaxLength, err = number(p.take("length")); err != nil {
		return err
	}
	if c.Precision, err = number(p.take("precision")); err != nil {
		return err
	}
	if c.Options, err = options(p.take("options"), "|"); err != nil {
		return err
	}
	if c.Create, err = parseYes(p.takeOr("create", "yes")); err != nil {
		return err
	}
	if c.Update, err = parseYes(p.takeOr("update", "yes")); err != nil {
		return err
	}
	if err := p.rest(); err != nil {
		return err
	}
	return t.add(c)
}

// assumeLookup adds a lookup. A polymorphic one has several targets and as many
// navigation properties, in the same order: "target=account|contact".
func (t *Table) assumeLookup(a Assumption) error {
	p := parts(a.Value)
	c := Column{
		LogicalName: a.Item,
		SchemaName:  p.take("schema"),
		Type:        "LookupType",
		Required:    "None",
		Read:        true,
		Assumed:     a.Probe,
	}
	tables, navigations := strings.Split(p.take("target"), "|"), strings.Split(p.take("navigation"), "|")
	if len(tables) != len(navigations) {
		return fmt.Errorf("%d targets, but %d navigation properties", len(tables), len(navigations))
	}
	for i, table := range tables {
		c.Targets = append(c.Targets, Target{Table: table, NavigationProperty: navigations[i]})
	}
	if len(tables) > 1 {
		c.Type = polymorphic(c.LogicalName)
	}
	var err error
	if c.Create, err = parseYes(p.takeOr("create", "yes")); err != nil {
		return err
	}
	if c.Update, err = parseYes(p.takeOr("update", "yes")); err != nil {
		return err
	}
	if err := p.rest(); err != nil {
		return err
	}
	return t.add(c)
}

// assumeFilled relaxes a column that the reference calls required although
// Microsoft's own maps do not write it: the server must fill it.
func (t *Table) assumeFilled(a Assumption) error {
	c := t.column(a.Item)
	if c == nil {
		return fmt.Errorf("table %s has no column %q", t.LogicalName, a.Item)
	}
	p := parts(a.Value)
	required := p.take("required")
	if required == c.Required {
		return fmt.Errorf("a fact gives the requirement level of %s.%s", t.LogicalName, a.Item)
	}
	c.Required = required
	c.Assumed = a.Probe
	return p.rest()
}

// assumeSent lets a column be given on create that the reference, which is
// older than dual-write, takes on update only: Microsoft's own maps write it in
// one request with the rest of the row.
func (t *Table) assumeSent(a Assumption) error {
	c := t.column(a.Item)
	if c == nil {
		return fmt.Errorf("table %s has no column %q", t.LogicalName, a.Item)
	}
	p := parts(a.Value)
	create, err := parseYes(p.take("create"))
	if err != nil {
		return err
	}
	if create == c.Create {
		return fmt.Errorf("a fact says whether %s.%s is valid for create", t.LogicalName, a.Item)
	}
	c.Create = create
	c.Assumed = a.Probe
	return p.rest()
}

// cascade is the value of on_delete for rows that go with the row that they
// point at.
const cascade = "cascade"

// assumeOnDelete says what becomes of a row when the row that its lookup points
// at is deleted.
func (t *Table) assumeOnDelete(a Assumption) error {
	c := t.column(a.Item)
	if c == nil || len(c.Targets) == 0 {
		return fmt.Errorf("table %s has no lookup %q", t.LogicalName, a.Item)
	}
	if a.Value != cascade {
		return fmt.Errorf("on_delete %q is not %q", a.Value, cascade)
	}
	c.Cascade = true
	return nil
}

func (t *Table) assumeKey(a Assumption) error {
	p := parts(a.Value)
	k := Key{
		LogicalName: a.Item,
		Columns:     strings.Split(p.take("columns"), ","),
		Status:      p.take("status"),
		Assumed:     a.Probe,
	}
	for _, column := range k.Columns {
		if t.column(column) == nil {
			return fmt.Errorf("key %s: table %s has no column %q", a.Item, t.LogicalName, column)
		}
	}
	t.Keys = append(t.Keys, k)
	return p.rest()
}

func (b *builder) assumeEntity(a Assumption) error {
	e := b.entity(a.Table)
	if e == nil {
		return fmt.Errorf("unknown entity set %q", a.Table)
	}
	if a.Item == "" {
		return e.assume(a)
	}
	if a.Property == "property" {
		return e.assumeNewProperty(a)
	}
	p := e.property(a.Item)
	if p == nil {
		return fmt.Errorf("%s has no property %q", e.EntitySet, a.Item)
	}
	if err := b.assumeProperty(p, a); err != nil {
		return fmt.Errorf("%s.%s: %w", e.EntitySet, p.Name, err)
	}
	p.Assumed = join(p.Assumed, a.Probe)
	return nil
}

// assume completes what is known of the entity itself.
func (e *Entity) assume(a Assumption) error {
	var err error
	switch a.Property {
	case "name":
		if e.Name != "" {
			return fmt.Errorf("a fact gives the name of %s", e.EntitySet)
		}
		e.Name = a.Value
	case "aot":
		if e.AOT != "" {
			return fmt.Errorf("a fact gives the name of %s in the application", e.EntitySet)
		}
		e.AOT = a.Value
	case "packages":
		if a.Value != "no" {
			return fmt.Errorf("packages is no, or not assumed")
		}
		e.NoPackages = true
	case "sources":
		if e.Sources != 0 {
			return fmt.Errorf("a fact gives the number of data sources of %s", e.EntitySet)
		}
		e.Sources, err = number(a.Value)
	default:
		err = fmt.Errorf("unknown property %q", a.Property)
	}
	return err
}

// assumeNewProperty adds a field that no published entity has: one of a
// customer's own extension.
func (e *Entity) assumeNewProperty(a Assumption) error {
	if e.property(a.Item) != nil {
		return fmt.Errorf("a fact gives the property %s of %s", a.Item, e.EntitySet)
	}
	v := parts(a.Value)
	p := Property{
		Name:              a.Item,
		Type:              v.take("type"),
		AllowEdit:         true,
		AllowEditOnCreate: true,
		Assumed:           a.Probe,
	}
	var err error
	if p.MaxLength, err = number(v.take("length")); err != nil {
		return err
	}
	e.Properties = append(e.Properties, p)
	return v.rest()
}

func (b *builder) assumeProperty(p *Property, a Assumption) error {
	var err error
	switch a.Property {
	case "length":
		if p.MaxLength != 0 || p.Type != "Edm.String" {
			return fmt.Errorf("no length to assume: type %s, length %d", p.Type, p.MaxLength)
		}
		p.MaxLength, err = number(a.Value)
	case "mandatory":
		if p.Mandatory {
			return fmt.Errorf("a fact says that it is mandatory")
		}
		p.Mandatory, err = parseYes(a.Value)
	case "allow_edit":
		p.AllowEdit, err = parseYes(a.Value)
	case "date":
		if p.Type != "Edm.DateTimeOffset" {
			return fmt.Errorf("type %s is no date", p.Type)
		}
		p.Date, err = parseYes(a.Value)
	case "related":
		v := parts(a.Value)
		p.Related = &Relation{EntitySet: v.take("set"), Property: v.take("property"), Label: v.take("label")}
		target := b.entity(p.Related.EntitySet)
		if target == nil || target.property(p.Related.Property) == nil {
			return fmt.Errorf("unknown target %s.%s", p.Related.EntitySet, p.Related.Property)
		}
		err = v.rest()
	case "on_delete":
		if p.Related == nil || a.Value != cascade {
			return fmt.Errorf("on_delete %q is not %q, or not of a field with a relation", a.Value, cascade)
		}
		p.Related.Cascade = true
	default:
		err = fmt.Errorf("unknown property %q", a.Property)
	}
	return err
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// values are the parts of "name=value; name=value" not yet taken.
type values map[string]string

func parts(s string) values {
	v := values{}
	for _, part := range strings.Split(s, "; ") {
		name, value, _ := strings.Cut(part, "=")
		v[name] = value
	}
	return v
}

func (v values) take(name string) string {
	value := v[name]
	delete(v, name)
	return value
}

func (v values) takeOr(name, otherwise string) string {
	if _, found := v[name]; !found {
		return otherwise
	}
	return v.take(name)
}

// rest complains about parts that nothing took: they would have no effect.
func (v values) rest() error {
	for name := range v {
		return fmt.Errorf("unknown part %q", name)
	}
	return nil
}
