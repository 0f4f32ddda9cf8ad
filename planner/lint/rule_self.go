package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
)

// selfWait finds references of a map to its own table that are not deferred.
func selfWait() Rule {
	return describe(Rule{
		Code: diag.CodeSelfWait, Severity: diag.Warning, Group: GroupLookups,
		Mend: "Leave `missing` away, so that dw writes the row first and the reference after it. Where the server demands the reference " +
			"with the row (a parent category), make sure that no row names itself.",
		check: func(p *pass) {
			for _, loop := range p.bound.Order.Loops {
				for _, m := range p.bound.Maps {
					if m.Source.Name != loop.Map {
						continue
					}
					p.report(m, m.FieldRange(loop.Field), fmt.Sprintf("%s refers to the table of its own map and is not deferred", loop.Field),
						fmt.Sprintf("It cannot be written after the row, since %s. Rows wait for the rows that they name; a row that names itself would wait forever.", loop.Fixed),
						"Leave missing away, or make sure that no row names itself.")
				}
			}
		},
	})
}
