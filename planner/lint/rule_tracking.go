package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
)

// changeTracking finds maps of Dataverse tables that do not track changes.
func changeTracking() Rule {
	return describe(Rule{
		Code: diag.CodeChangeTracking, Severity: diag.Error, Group: GroupGoLive, Replaces: []string{"DIPV1019"},
		Mend: "Switch on \"Track changes\" for the table in Dataverse, then `dw schema pull`.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if m.Dataverse.ChangeTracking || m.Dataverse.Kind != "" { // DW716 is about those that cannot
					continue
				}
				p.report(m, m.Source.Dataverse.Range, fmt.Sprintf("%s does not track changes", m.Dataverse.Set),
					"dw reads what has changed from Dataverse's change tracking. Without it, no edit of this table would ever be seen.",
					"Switch on \"Track changes\" for the table, then `dw schema pull`.")
			}
		},
	})
}
