package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
)

// zones finds times that people of the two systems read as different hours or
// days. Those that come back changed are found when maps are compiled.
func zones() Rule {
	return describe(Rule{
		Code: diag.CodeZones, Severity: diag.Notice, Group: GroupLoops,
		Mend: "Map days to columns of the behaviour \"date only\" and moments to such of \"user local\"; or say in a note that the UTC hour or day is meant.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				for _, f := range m.Resolved.Fields {
					fno, dv, _ := plainPair(m, f)
					if fno == nil || fno.Type != schema.TypeTime || dv.Type != schema.TypeTime {
						continue
					}
					switch {
					case !fno.DateOnly && dv.Zoneless:
						p.report(m, f.Column.Range, fmt.Sprintf("%s is a moment in F&O and %s shows the same hour to everybody", fno.Name, dv.Name),
							"F&O keeps it in UTC and shows it in the user's time zone; the column has the behaviour \"time-zone independent\" and shows the UTC hour as it is.",
							`Use a column of the behaviour "user local".`)
					case f.Direction == model.ToFnO && fno.DateOnly && !dv.DateOnly && !dv.Zoneless,
						f.Direction == model.ToDataverse && dv.DateOnly && !fno.DateOnly:
						from, to := fno, dv
						if f.Direction == model.ToFnO {
							from, to = dv, fno
						}
						p.report(m, f.Column.Range, fmt.Sprintf("%s is a moment and %s a day: it becomes the day in UTC", from.Name, to.Name),
							"An evening in America is the next day in UTC, an early morning in Asia the day before.", "Map a field that holds a day.")
					}
				}
			}
		},
	})
}
