package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
)

// cascade finds deletes that Dataverse carries on to rows of other maps, whose
// own records in F&O nobody deletes.
func cascade() Rule {
	return describe(Rule{
		Code: diag.CodeCascade, Severity: diag.Warning, Group: GroupWriters,
		Mend: "Where the records go together in F&O too, say so: `deletes = { to_dataverse = \"propagate\" }` in the map of the rows that go along. Else deactivate or ignore in the map whose deletes take them along.",
		check: func(p *pass) {
			deleters := map[string][]*bind.Map{} // by logical name
			for _, m := range p.bound.Maps {
				d, f := m.Resolved.Deletes.ToDataverse, m.Resolved.Filter
				if d == "propagate" || f.OnLeave == "delete" && f.FnO.Name != "" {
					deleters[m.Dataverse.Name] = append(deleters[m.Dataverse.Name], m)
				}
			}
			if len(deleters) == 0 {
				return
			}
			told := map[[2]*bind.Map]bool{}
			for _, m := range p.bound.Maps {
				if m.Resolved.Deletes.ToDataverse == "propagate" {
					continue // its rows may go
				}
				for i := range m.Dataverse.Fields {
					for _, t := range m.Dataverse.Fields[i].Targets {
						if !t.Cascade {
							continue
						}
						for _, by := range deleters[t.Table] {
							if by != m && by.Dataverse != m.Dataverse && !told[[2]*bind.Map{by, m}] {
								told[[2]*bind.Map{by, m}] = true
								p.cascades(by, m, m.Dataverse.Fields[i])
							}
						}
					}
				}
			}
		},
	})
}

// cascades reports a delete at the map that passes it on.
func (p *pass) cascades(by, m *bind.Map, lookup *schema.Field) {
	at := by.Source.Deletes.Range
	if by.Resolved.Deletes.ToDataverse != "propagate" {
		at = by.Source.Filter.LeaveRange
	}
	p.report(by, at, fmt.Sprintf("a delete in %s takes rows of %s along", by.Dataverse.Set, m.Dataverse.Set),
		fmt.Sprintf("Rows of %s refer to it by %s, and Dataverse deletes them with it. %s does not expect that: deletes from F&O are %s there.",
			m.Dataverse.Set, lookup.Name, m.Source.Address(), deleteWord(m)), "")
}

func deleteWord(m *bind.Map) string {
	if m.Resolved.Deletes.ToDataverse == "deactivate" {
		return "carried over by deactivating"
	}
	return "ignored"
}
