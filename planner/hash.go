package planner

import (
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
)

// configBasis stands for what the configuration says about the maps of a link,
// map by map. Comments, formatting, the order of fields and written-out defaults
// do not count, nor does the schema.
func configBasis(defs []*plan.Definition) (map[string]string, error) {
	out := make(map[string]string, len(defs))
	for _, d := range defs {
		var lines [][2]string
		for _, l := range authored(d) {
			lines = append(lines, [2]string{l.path, l.text})
		}
		hash, err := plan.Hash(lines)
		if err != nil {
			return nil, err
		}
		out[d.Map.Name] = plan.Short(hash)
	}
	return out, nil
}

// schemaBasis stands for the tables, columns and enums that the definitions
// use, table by table. Labels do not count.
func schemaBasis(defs []*plan.Definition) (map[string]string, error) {
	type user struct {
		table *schema.Table
		enum  *schema.Enum
	}
	users := map[string][]user{}
	add := func(t *schema.Table) {
		name := string(t.Side) + "." + t.Set
		users[name] = append(users[name], user{table: t})
	}
	for _, d := range defs {
		add(d.FnO)
		add(d.Dataverse)
		for j := range d.Targets {
			add(&d.Targets[j])
		}
		for j := range d.Enums {
			name := "enum " + d.Enums[j].Name
			users[name] = append(users[name], user{enum: &d.Enums[j]})
		}
	}
	out := make(map[string]string, len(users))
	for name, all := range users {
		// What most maps use, the table of companies before all, they use alike.
		hashes := map[string]bool{}
		for _, u := range all {
			var v any = u.enum
			if u.table != nil {
				v = unlabelled(u.table)
			}
			hash, err := plan.Hash(v)
			if err != nil {
				return nil, err
			}
			hashes[hash] = true
		}
		hash, err := plan.Hash(slices.Sorted(maps.Keys(hashes)))
		if err != nil {
			return nil, err
		}
		out[name] = plan.Short(hash)
	}
	return out, nil
}

// unlabelled copies a table without its labels.
func unlabelled(t *schema.Table) schema.Table {
	out := *t
	out.Label = ""
	out.Fields = slices.Clone(t.Fields)
	for i := range out.Fields {
		options := slices.Clone(out.Fields[i].Options)
		for j := range options {
			options[j].Label = ""
		}
		out.Fields[i].Options = options
	}
	return out
}

// CurrentSchema gives what the schema of now is of all that a saved plan uses,
// for plan.Plan.FreshSchema. A table or enum that is gone is another one.
func CurrentSchema(p *plan.Plan, cat *schema.Catalog) (map[string]string, error) {
	var defs []*plan.Definition
	for _, a := range p.Actions {
		if a.Definition == nil {
			continue
		}
		d := *a.Definition
		d.FnO = current(cat, fno, d.FnO)
		d.Dataverse = current(cat, dataverse, d.Dataverse)
		d.Targets = slices.Clone(d.Targets)
		for i := range d.Targets {
			d.Targets[i] = *current(cat, dataverse, &d.Targets[i])
		}
		d.Enums = slices.Clone(d.Enums)
		for i := range d.Enums {
			if e := cat.Enum(d.Enums[i].Name); e != nil {
				d.Enums[i] = *e
			} else {
				d.Enums[i].Members = nil
			}
		}
		defs = append(defs, &d)
	}
	slices.SortFunc(defs, byName)
	return schemaBasis(defs)
}

// current gives the columns of a trimmed table as the catalog has them now.
func current(cat *schema.Catalog, side value.Side, t *schema.Table) *schema.Table {
	now := cat.Table(side, t.Set)
	if now == nil {
		return &schema.Table{Side: side, Set: t.Set}
	}
	names := t.FieldNames()
	out := now.Subset(names)
	return &out
}
