package planner

import (
	"slices"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
)

// CurrentSchema gives what the schema of now is of all that a saved plan uses,
// for plan.Plan.FreshSchema. A table or enum that is gone is another one.
func CurrentSchema(p *plan.Plan, cat *schema.Catalog) map[string]string {
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
	return schemaBasis(partsOfAll(defs))
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
