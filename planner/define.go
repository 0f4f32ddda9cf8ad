package planner

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
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
	if c.Company >= 0 {
		company := model.Company{Path: c.Slots[c.Company].Name}
		if resolved.Company != nil {
			company.Range = resolved.Company.Range
		}
		resolved.Company = &company
	} else {
		resolved.Company = &model.Company{Global: true}
	}
	resolved.Creates = model.Creates{ToDataverse: creates(c, dataverse), ToFnO: creates(c, fno)}

	def := &plan.Definition{
		Map: &resolved, Companies: m.Companies, Wave: m.Wave, Deferred: m.Deferred, Delivers: m.Delivers,
		FnO: trim(m.FnO, usedColumns(c, fno)), Dataverse: trim(m.Dataverse, append(usedColumns(c, dataverse), serverColumns()...)),
	}
	for i := range m.Targets {
		def.Targets = append(def.Targets, *trim(&m.Targets[i], append(pathColumns(m, m.Targets[i].Name), ownerColumns(m, m.Targets[i].Name)...)))
	}
	for _, e := range m.Enums {
		used := func(f schema.Field) bool { return strings.EqualFold(f.Enum, e.Name) }
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

// pathColumns gives the columns by which the lookups of a map find rows of a
// target.
func pathColumns(m *bind.Map, target string) []string {
	var names []string
	for _, f := range m.Resolved.Fields {
		if slices.Contains(bind.LookupTargets(m.Dataverse, f), target) {
			names = append(names, f.Path...)
		}
	}
	return names
}

// ownerColumns gives the columns by which the owner of new rows is found: a
// company names its owning team.
func ownerColumns(m *bind.Map, target string) []string {
	if m.Resolved.Owner.Name == "company_team" && target == schema.CompanyTable {
		return []string{"cdm_defaultowningteam"}
	}
	return nil
}

// trim gives the part of a table that is used, without labels.
func trim(t *schema.Table, used []string) *schema.Table {
	out := t.Subset(used)
	return &out
}
