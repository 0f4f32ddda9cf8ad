package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
)

// deleteImpossible finds deletes that a service would refuse: rows without a
// state cannot be deactivated, read-only records not be deleted.
func deleteImpossible() Rule {
	return describe(Rule{
		Code: diag.CodeDeleteImpossible, Severity: diag.Error,
		Mend: "Towards a Dataverse table without a state, ignore deletes or propagate them. Towards what is read-only, ignore them. The same holds " +
			"for records that leave a filter.",
		Example: `map "currencies" {
  dataverse = "transactioncurrencies"             # a table without statecode
  deletes   = { to_dataverse = "deactivate" }
}`,
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				p.deletes(m)
				p.leaves(m)
			}
		},
	})
}

func (p *pass) deletes(m *bind.Map) {
	d := m.Source.Deletes
	if d.ToDataverse == "deactivate" && m.Dataverse.Field("statecode") == nil {
		p.report(m, d.Range, fmt.Sprintf("rows of %s cannot be deactivated", m.Dataverse.Set), withoutState(m),
			`Write "ignore" or "propagate".`)
	}
	for _, x := range []struct {
		says  string
		table *schema.Table
	}{{d.ToDataverse, m.Dataverse}, {d.ToFnO, m.FnO}} {
		if x.says == "propagate" && x.table.ReadOnly {
			p.report(m, d.Range, fmt.Sprintf("records of %s cannot be deleted", x.table.Set), readOnly(x.table), `Write "ignore".`)
		}
	}
}

// leaves checks what becomes of records that leave the filter of a side: that
// happens on the other one.
func (p *pass) leaves(m *bind.Map) {
	f := m.Source.Filter
	switch f.OnLeave {
	case "deactivate":
		if m.Dataverse.Field("statecode") == nil {
			p.report(m, f.LeaveRange, fmt.Sprintf("rows of %s cannot be deactivated when they leave the filter", m.Dataverse.Set), withoutState(m),
				`Write "unlink", "delete" or "revert".`)
		}
	case "delete":
		for _, x := range []struct {
			filter string
			table  *schema.Table
		}{{f.FnO.Name, m.Dataverse}, {f.Dataverse.Name, m.FnO}} {
			if x.filter != "" && x.table.ReadOnly {
				p.report(m, f.LeaveRange, fmt.Sprintf("records of %s cannot be deleted when their counterparts leave the filter", x.table.Set), readOnly(x.table),
					`Write "unlink".`)
			}
		}
	}
}

func withoutState(m *bind.Map) string {
	return fmt.Sprintf("%s has no column statecode: its rows are neither active nor inactive.", m.Dataverse.Set)
}

func readOnly(t *schema.Table) string {
	return fmt.Sprintf("The schema says that %s of %s is read-only.", t.Set, t.Side.Title())
}
