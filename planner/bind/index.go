package bind

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// index finds tables and enums of a catalog by name, in any case.
type index struct {
	fno, dataverse map[string]*schema.Table
	enumTypes      map[string]schema.Enum
}

func newIndex(cat *schema.Catalog) *index {
	idx := &index{
		fno:       make(map[string]*schema.Table, 2*len(cat.FnO)),
		dataverse: make(map[string]*schema.Table, 2*len(cat.Dataverse)),
		enumTypes: make(map[string]schema.Enum, len(cat.Enums)),
	}
	add := func(to map[string]*schema.Table, tables []schema.Table) {
		// Set names first: where the name of one table is the set of another,
		// the set is meant.
		for i := range tables {
			to[strings.ToLower(tables[i].Set)] = &tables[i]
		}
		for i := range tables {
			name := strings.ToLower(tables[i].Name)
			if _, taken := to[name]; !taken {
				to[name] = &tables[i]
			}
		}
	}
	add(idx.fno, cat.FnO)
	add(idx.dataverse, cat.Dataverse)
	for _, e := range cat.Enums {
		idx.enumTypes[strings.ToLower(e.Name)] = e
	}
	return idx
}

func (idx *index) table(side value.Side, name string) *schema.Table {
	if side == value.FnO {
		return idx.fno[strings.ToLower(name)]
	}
	return idx.dataverse[strings.ToLower(name)]
}

// enums gives the enum types of an F&O entity, sorted by name. Filters may use
// fields that are not mapped, so those of the whole entity are given.
func (idx *index) enums(t *schema.Table) []schema.Enum {
	var out []schema.Enum
	seen := map[string]bool{}
	for _, f := range t.Fields {
		key := strings.ToLower(f.Enum)
		if f.Enum == "" || seen[key] {
			continue
		}
		seen[key] = true
		if e, known := idx.enumTypes[key]; known {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b schema.Enum) int { return strings.Compare(a.Name, b.Name) })
	return out
}
