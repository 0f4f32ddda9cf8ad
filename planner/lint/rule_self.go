package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/bind"
)

// selfWait finds references of a map to its own table that are not deferred.
func selfWait() Rule {
	return describe(Rule{
		Code: diag.CodeSelfWait, Severity: diag.Warning, Group: GroupLookups,
		Mend: "Leave `missing` away, so that dw writes the row first and the reference after it. Where the server demands the reference " +
			"with the row (a parent category), make sure that no row names itself.",
		check: func(p *pass) {
			maps := map[string]*bind.Map{}
			for _, m := range p.bound.Maps {
				maps[m.Source.Name] = m
			}
			for _, loop := range p.bound.Order.Loops {
				m := maps[loop.Map]
				p.report(m, m.FieldRange(loop.Field), fmt.Sprintf("%s refers to the table of its own map and is not deferred", loop.Field),
					fmt.Sprintf("It cannot be written after the row, since %s. %s", loop.Fixed, lost(m, loop.Field)),
					"Leave missing away, or make sure that no row names itself or a row that comes after it.")
			}
		},
	})
}

// lost says what becomes of rows whose reference to the map's own table does
// not find its row yet.
func lost(m *bind.Map, field string) string {
	missing := ""
	for _, f := range m.Resolved.Fields {
		if f.Name() == field {
			missing = f.Missing
		}
	}
	switch missing {
	case "null":
		return "A row that is written before the one that it names gets no reference, and nothing fills it in later."
	case "fail":
		return "A row that is written before the one that it names fails, and so does each that names itself."
	default:
		return "Rows wait for the rows that they name; a row that names itself would wait forever."
	}
}
