package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
)

// keyOneWay finds key fields that do not flow to a side on which the map
// creates records.
func keyOneWay() Rule {
	return describe(Rule{
		Code: diag.CodeKeyOneWay, Severity: diag.Error, Group: GroupGoLive, Replaces: []string{"DIPV1004"},
		Mend: "Map key fields in both directions, or switch off the creation of records on the side that would not get the key: `creates = { to_fno = false }`.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				for _, f := range m.Resolved.Fields {
					if !isKey(m, f) {
						continue
					}
					for _, side := range []value.Side{value.FnO, value.Dataverse} {
						if !creates(m, side) || f.Direction.Sends(side) {
							continue
						}
						p.report(m, f.Range, fmt.Sprintf("the key field %s does not flow to %s", f.Name(), side.Title()),
							fmt.Sprintf("%s creates records in %s, and each of them needs its key there: without it they could never be found again.",
								m.Source.Address(), side.Title()),
							fmt.Sprintf("Map %s in both directions, or set creates = { to_%s = false }.", f.FnO.Name, side))
					}
				}
			}
		},
	})
}
