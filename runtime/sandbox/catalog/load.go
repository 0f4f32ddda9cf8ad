package catalog

import (
	"embed"
	"fmt"
)

//go:embed facts/*.csv assumptions.csv
var files embed.FS

// Load builds the catalog from the facts and the assumptions that complete
// them. It fails only where the embedded files contradict themselves.
func Load() (Catalog, error) {
	var b builder
	if err := b.addFacts(files); err != nil {
		return Catalog{}, err
	}
	list, err := Assumptions()
	if err != nil {
		return Catalog{}, err
	}
	if err := b.addAssumptions(list); err != nil {
		return Catalog{}, err
	}
	if err := b.check(); err != nil {
		return Catalog{}, err
	}
	c := Catalog{Enums: b.enums}
	for _, t := range b.tables {
		c.Tables = append(c.Tables, *t)
	}
	for _, e := range b.entities {
		c.Entities = append(c.Entities, *e)
	}
	return c, nil
}

// check proves that the parts fit together: keys, names, lookups and enums all
// lead somewhere.
func (b *builder) check() error {
	for _, t := range b.tables {
		if t.column(t.PrimaryID) == nil || t.column(t.PrimaryName) == nil {
			return fmt.Errorf("table %s lacks its column %s or %s", t.LogicalName, t.PrimaryID, t.PrimaryName)
		}
		if t.Ownership == "" {
			return fmt.Errorf("table %s has no ownership", t.LogicalName)
		}
		for _, c := range t.Columns {
			for _, target := range c.Targets {
				if b.table(target.Table) == nil {
					return fmt.Errorf("%s.%s points at the unknown table %s", t.LogicalName, c.LogicalName, target.Table)
				}
			}
		}
	}
	enums := map[string]bool{}
	for _, e := range b.enums {
		enums[e.Name] = true
	}
	for _, e := range b.entities {
		if e.Name == "" || len(e.Key) == 0 || e.Sources == 0 {
			return fmt.Errorf("entity set %s has no name, no key or no data sources", e.EntitySet)
		}
		for _, p := range e.Properties {
			if !isEdm(p.Type) && !enums[p.Type] {
				return fmt.Errorf("%s.%s is of the unknown type %s", e.EntitySet, p.Name, p.Type)
			}
		}
	}
	return nil
}

func isEdm(typ string) bool { return len(typ) > 4 && typ[:4] == "Edm." }
