package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// constantEdits finds constants that dw writes again and again over a column
// whose edits a field carries to the other side.
func constantEdits() Rule {
	return describe(Rule{
		Code: diag.CodeConstantEdits, Severity: diag.Warning, Group: GroupWriters,
		Mend: "Leave `writes` out, so that the constant is set when the record is created and never again; or do not map what people edit in a column that is always the same.",
		check: func(p *pass) {
			type column struct {
				table *schema.Table
				name  string
			}
			constants := map[column][]*bind.Map{}
			for _, m := range p.bound.Maps {
				for _, f := range m.Resolved.Fields {
					if side := constantOf(f); side != "" {
						c := column{tableOf(m, side), strings.ToLower(constantName(f))}
						constants[c] = append(constants[c], m)
					}
				}
			}
			if len(constants) == 0 {
				return
			}
			for _, m := range p.bound.Maps {
				for _, f := range m.Resolved.Fields {
					if f.IsConstant {
						continue
					}
					for _, from := range []value.Side{value.FnO, value.Dataverse} {
						if !f.Direction.Sends(from.Other()) || isKey(m, f) {
							continue
						}
						for _, name := range readBy(f, from) {
							for _, by := range constants[column{tableOf(m, from), strings.ToLower(name)}] {
								if by == m || !p.scopes.apart(by, m, tableOf(m, from)) {
									p.constantEdit(by, m, f, from, name)
								}
							}
						}
					}
				}
			}
		},
	})
}

// constantEdit reports, at the constant, a field that carries what it takes
// back.
func (p *pass) constantEdit(by, m *bind.Map, f *model.Field, side value.Side, name string) {
	for _, k := range by.Resolved.Fields {
		if constantOf(k) != side || !strings.EqualFold(constantName(k), name) {
			continue
		}
		p.report(by, k.Range, fmt.Sprintf("the constant %s takes back what is edited there", name),
			fmt.Sprintf("%s carries edits of %s in %s to %s of the other side, and the next write of %s replaces them by %s.",
				m.Source.Address(), name, side.Title(), otherEnd(f, side), by.Source.Address(), k.Constant), "")
	}
}

func otherEnd(f *model.Field, side value.Side) string {
	if side == value.Dataverse {
		return strings.Join(writtenBy(f, value.FnO), ", ")
	}
	return f.Name()
}

// constantOf gives the side on which a constant is written again and again; ""
// of other fields.
func constantOf(f *model.Field) value.Side {
	switch {
	case !f.IsConstant || f.Writes != "always":
		return ""
	case f.Direction.Sends(value.Dataverse):
		return value.Dataverse
	default:
		return value.FnO
	}
}

func constantName(f *model.Field) string {
	if f.Column.Name != "" {
		return f.Column.Name
	}
	return f.FnO.Name
}

// readBy names the columns of a side that a field reads.
func readBy(f *model.Field, side value.Side) []string { return writtenBy(f, side) }

func tableOf(m *bind.Map, side value.Side) *schema.Table {
	if side == value.FnO {
		return m.FnO
	}
	return m.Dataverse
}
