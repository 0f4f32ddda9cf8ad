package planner

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/reach"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/plan"
)

const (
	fno       = value.FnO
	dataverse = value.Dataverse
)

// serverColumns are the Dataverse columns that dw may need beside the mapped
// ones: the state of a row, and its owner.
func serverColumns() []string { return []string{"statecode", "statuscode", "ownerid"} }

// define writes down everything that is needed to run a map without its files.
// The tables keep only the columns that the map uses.
func define(m *bind.Map, c *transform.Compiled) *plan.Definition {
	resolved := *m.Resolved
	switch {
	case c.Company < 0:
		resolved.Company = &model.Company{Global: true}
	case resolved.Company == nil: // the schema has decided
		resolved.Company = &model.Company{Path: c.Slots[c.Company].Name}
	}
	resolved.Creates = model.Creates{ToDataverse: creates(c, dataverse), ToFnO: creates(c, fno)}

	def := &plan.Definition{
		Map: &resolved, Companies: m.Companies, Wave: m.Wave, Deferred: m.Deferred, Delivers: m.Delivers,
		FnO: trim(m.FnO, usedColumns(c, fno)), Dataverse: trim(m.Dataverse, append(usedColumns(c, dataverse), serverColumns()...)),
	}
	for i := range m.Targets {
		def.Targets = append(def.Targets, *trim(&m.Targets[i], hopColumns(m, resolved.Company, m.Targets[i].Name)))
	}
	for _, e := range m.Enums {
		used := func(f *schema.Field) bool { return strings.EqualFold(f.Enum, e.Name) }
		if slices.ContainsFunc(def.FnO.Fields, used) {
			def.Enums = append(def.Enums, e)
		}
	}
	return def
}

func creates(c *transform.Compiled, on value.Side) *bool {
	yes := c.CreatesOn[on]
	return &yes
}

// usedColumns gives the columns of one side that a compiled map reads or
// writes.
func usedColumns(c *transform.Compiled, side value.Side) []string {
	projection := &c.FnO
	if side == dataverse {
		projection = &c.Dataverse
	}
	var names []string
	for _, f := range projection.Columns {
		names = append(names, f.Name)
	}
	for _, k := range c.Constants[side] {
		names = append(names, k.Field.Name)
	}
	for _, f := range c.Map.Fields {
		reads := f.ToDataverse
		if side == dataverse {
			reads = f.ToFnO
		}
		reads.Walk(func(e *expr.Expr) {
			if e.Op == expr.OpRecord {
				names = append(names, e.Name)
			}
		})
	}
	return names
}

// hopColumns gives the columns of a table by which the references of a map
// find their rows.
func hopColumns(m *bind.Map, company *model.Company, target string) []string {
	hops := reach.Map(m.Resolved, m.Dataverse, m.Target)
	if !company.Global {
		hops = append(hops, reach.Company(m.Dataverse, company.Path, m.Target)...)
	}
	var names []string
	for _, h := range hops {
		if h.Table == target {
			names = append(names, h.Column)
		}
	}
	return names
}

// trim gives the part of a table that is used, without labels.
func trim(t *schema.Table, used []string) *schema.Table {
	out := t.Subset(used)
	return &out
}
