package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
)

// deleteImpossible finds deletes that a service would refuse: rows without a
// state, or with states of their own, cannot be deactivated, read-only records
// not be deleted.
func deleteImpossible() Rule {
	return describe(Rule{
		Code: diag.CodeDeleteImpossible, Severity: diag.Error, Group: GroupWriters,
		Mend: "Towards a Dataverse table without a state, or with states that mean more than active and inactive, ignore deletes or propagate them. Towards what is read-only, ignore them. The same holds " +
			"for records that leave a filter.",
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
	if why := withoutState(m); d.ToDataverse == "deactivate" && why != "" {
		p.report(m, d.Range, fmt.Sprintf("rows of %s cannot be deactivated", m.Dataverse.Set), why, `Write "ignore" or "propagate".`)
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
		if why := withoutState(m); why != "" {
			p.report(m, f.LeaveRange, fmt.Sprintf("rows of %s cannot be deactivated when they leave the filter", m.Dataverse.Set), why,
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

// withoutState says why rows of a map's table cannot be deactivated; "" where
// they can.
func withoutState(m *bind.Map) string {
	state := m.Dataverse.Field("statecode")
	switch {
	case state == nil:
		return fmt.Sprintf("%s has no column statecode: its rows are neither active nor inactive.", m.Dataverse.Set)
	case slices.ContainsFunc(state.Options, func(o schema.Option) bool { return o.Value > 1 }):
		labels := make([]string, len(state.Options))
		for i, o := range state.Options {
			labels[i] = cmp.Or(o.Label, strconv.FormatInt(o.Value, 10))
		}
		return fmt.Sprintf("The states of %s are %s: none of them simply means inactive, and some are reached by actions of their own only.", m.Dataverse.Set, strings.Join(labels, ", "))
	}
	return ""
}

func readOnly(t *schema.Table) string {
	return fmt.Sprintf("The schema says that %s of %s is read-only.", t.Set, t.Side.Title())
}
