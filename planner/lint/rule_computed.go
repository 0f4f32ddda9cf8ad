package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/filter"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// unseenChanges finds columns that are read but whose changes Dataverse tells
// to nobody.
func unseenChanges() Rule {
	return describe(Rule{
		Code: diag.CodeUnseenChanges, Severity: diag.Warning, Group: GroupLoops,
		Mend: "Map the columns from which the server computes it, or compute it in F&O. Where an old value does no harm until something else of the row changes, say so in a note.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if !anyDerived(m.Dataverse) {
					continue
				}
				for _, f := range m.Resolved.Fields {
					p.unseenField(m, f)
				}
				p.unseenFilter(m)
			}
		},
	})
}

func anyDerived(t *schema.Table) bool {
	for i := range t.Fields {
		if t.Fields[i].Source.Derived() {
			return true
		}
	}
	return false
}

// unseenField reports the computed columns from which F&O gets a value. One
// that is written too is a mistake of its own.
func (p *pass) unseenField(m *bind.Map, f *model.Field) {
	if f.IsConstant || !f.Direction.Sends(value.FnO) {
		return
	}
	report := func(name string, at diag.Range) {
		if c := m.Dataverse.Field(name); c != nil && c.Source.Derived() {
			p.report(m, at, fmt.Sprintf("%s is a %s column, whose changes nobody tells", c.Name, c.Source), unseen(c)+" F&O gets its new value only when something else of the row changes.",
				"Map the columns that it is computed from, or compute it in F&O.")
		}
	}
	if !f.Direction.Sends(value.Dataverse) {
		report(f.Column.Name, f.Column.Range)
	}
	f.ToFnO.Walk(func(e *expr.Expr) {
		if e.Op == expr.OpRecord && !strings.EqualFold(e.Name, f.Column.Name) {
			at := e.Range
			if at.IsZero() {
				at = f.Range
			}
			report(e.Name, at)
		}
	})
}

// unseenFilter reports computed columns in the filter of Dataverse.
func (p *pass) unseenFilter(m *bind.Map) {
	text := m.Resolved.Filter.Dataverse
	if text.Name == "" {
		return
	}
	for _, name := range filterColumns(m, value.Dataverse) {
		if c := m.Dataverse.Field(name); c != nil && c.Source.Derived() {
			p.report(m, text.Range, fmt.Sprintf("the filter reads %s, a %s column, whose changes nobody tells", c.Name, c.Source),
				unseen(c)+" A row enters or leaves the scope only when something else of it changes.", "Filter by the columns that it is computed from.")
		}
	}
}

// filterColumns gives the columns that a map's filter of a side reads; none
// where it cannot be read, which is a mistake of its own.
func filterColumns(m *bind.Map, side value.Side) []string {
	text, table := m.Resolved.Filter.FnO.Name, m.FnO
	if side == value.Dataverse {
		text, table = m.Resolved.Filter.Dataverse.Name, m.Dataverse
	}
	f, errs := filter.Compile(text, table, m.Enums)
	if len(errs) > 0 || f == nil {
		return nil
	}
	return f.Columns()
}

func unseen(c *schema.Field) string {
	if c.Source == schema.SourceRollup {
		return "A job of the server sums it up every few hours, and the row's version does not move."
	}
	return "The server computes it when the row is read, and the row's version does not move."
}

// sequence finds columns that the server numbers and that F&O's numbers are
// written to.
func sequence() Rule {
	return describe(Rule{
		Code: diag.CodeSequence, Severity: diag.Warning, Group: GroupLoops,
		Mend: "Let one side number the records: switch off the creation of rows on the other, set `creates`, or keep Dataverse's number in a column of its own.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				for _, f := range m.Resolved.Fields {
					c := m.Dataverse.Field(f.Column.Name)
					if f.IsConstant || c == nil || c.Source != schema.SourceNumber || f.Direction != model.Both || !creates(m, value.FnO) || !creates(m, value.Dataverse) {
						continue
					}
					p.report(m, f.Column.Range, fmt.Sprintf("%s numbers itself and takes numbers of F&O too", c.Name),
						fmt.Sprintf("Dataverse numbers the rows that are entered there; its sequence does not see the numbers that %s writes and may give one of them again.", m.Source.Address()),
						"Let one side create the records, or keep the two numbers in two columns.")
				}
			}
		},
	})
}
