package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
)

// noVersions finds maps of tables whose rows have no versions.
func noVersions() Rule {
	return describe(Rule{
		Code: diag.CodeNoVersions, Severity: diag.Error, Group: GroupLoops, Replaces: []string{"DIPV1019"},
		Mend: "Map an ordinary table. Rows of a virtual table lie in another system already: what they show need not be copied. For an elastic table copy the rows once, by an import.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if m.Dataverse.Kind == "" {
					continue
				}
				where := "the rows lie in another system, and Dataverse only shows them"
				if m.Dataverse.Kind == schema.KindElastic {
					where = "the rows lie in a store beside Dataverse's database"
				}
				p.report(m, m.Source.Dataverse.Range, fmt.Sprintf("the table %s is %s", m.Dataverse.Set, m.Dataverse.Kind),
					sentence(where)+": they have no row version and no change tracking, so that dw can see no edit and guard no write.", "Map another table.")
			}
		},
	})
}
