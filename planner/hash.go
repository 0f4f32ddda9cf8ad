package planner

import (
	"slices"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
)

// configHash stands for what the configuration says about all maps of a link.
// Comments, formatting, the order of fields and written-out defaults do not
// count, nor does the schema.
func configHash(defs []*plan.Definition) (string, error) {
	all := map[string][][2]string{}
	for _, d := range defs {
		var lines [][2]string
		for _, l := range authored(d) {
			lines = append(lines, [2]string{l.path, l.text})
		}
		all[d.Map.Name] = lines
	}
	return plan.Hash(all)
}

// schemaPart is the schema that one map uses.
type schemaPart struct {
	Map            string
	FnO, Dataverse schema.Table
	Targets        []schema.Table
	Enums          []schema.Enum
}

// schemaHash stands for the tables, columns and enums that the definitions
// use. Labels do not count.
func schemaHash(defs []*plan.Definition) (string, error) {
	parts := make([]schemaPart, len(defs))
	for i, d := range defs {
		p := schemaPart{Map: d.Map.Name, FnO: unlabelled(d.FnO), Dataverse: unlabelled(d.Dataverse), Enums: d.Enums}
		for j := range d.Targets {
			p.Targets = append(p.Targets, unlabelled(&d.Targets[j]))
		}
		parts[i] = p
	}
	return plan.Hash(parts)
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

// CurrentSchemaHash gives the schema hash that a saved plan would have with
// the schema of now, for plan.Plan.Fresh. A table or enum that is gone gives
// another hash.
func CurrentSchemaHash(p *plan.Plan, cat *schema.Catalog) (string, error) {
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
	return schemaHash(defs)
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
