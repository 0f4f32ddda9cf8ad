package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
)

// readOnlyTable finds maps that write to a table that cannot be written.
func readOnlyTable() Rule {
	return describe(Rule{
		Code: diag.CodeReadOnlyTable, Severity: diag.Error, Group: GroupFields, Replaces: []string{"DIPV1011"},
		Mend: "Map all fields away from the table, or choose an entity that can be written.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				for _, t := range []*schema.Table{m.FnO, m.Dataverse} {
					if !t.ReadOnly || !writes(m, t.Side) {
						continue
					}
					at := m.Source.FnO.Range
					if t == m.Dataverse {
						at = m.Source.Dataverse.Range
					}
					p.report(m, at, fmt.Sprintf("%s of %s cannot be written", t.Set, t.Side.Title()),
						fmt.Sprintf("The schema says that it is read-only, and %s has fields that flow towards it.", m.Source.Address()),
						"Let all fields flow away from it.")
				}
			}
		},
	})
}
