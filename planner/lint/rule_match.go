package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/crosswalk"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
)

// mostLines is how many lines of a crosswalk file are reported.
const mostLines = 20

// crosswalkColumns finds crosswalk files whose header does not fit the map.
func crosswalkColumns() Rule {
	return describe(Rule{
		Code: diag.CodeCrosswalkColumns, Severity: diag.Error, Group: GroupGoLive,
		Mend: "Begin the file with the F&O fields of the key, `dataAreaId` where the map has several companies, and the id column of the table (`accountid`) or the Dataverse columns of the key.",
		check: func(p *pass) {
			p.crosswalks(func(m *bind.Map, x crosswalk.Problem) bool { return x.Header })
		},
	})
}

// crosswalkRows finds lines of crosswalk files that say nothing or contradict
// each other.
func crosswalkRows() Rule {
	return describe(Rule{
		Code: diag.CodeCrosswalkRows, Severity: diag.Error, Group: GroupGoLive,
		Mend: "Correct the lines, or remove them: a record and a row stand in the file once.",
		check: func(p *pass) {
			p.crosswalks(func(m *bind.Map, x crosswalk.Problem) bool { return !x.Header })
		},
	})
}

// crosswalks reports the problems of crosswalk files that are of a kind.
func (p *pass) crosswalks(kind func(*bind.Map, crosswalk.Problem) bool) {
	for _, m := range p.bound.Maps {
		x, c := m.Source.Initial.Crosswalk, p.compiled[m]
		if x == nil || x.Content == nil || c == nil {
			continue
		}
		_, problems := crosswalk.Check(x.Content, c.Crosswalk(m.Companies), mostLines)
		for _, problem := range problems {
			if kind(m, problem) {
				p.report(m, x.Range, fmt.Sprintf("%s: %s", x.File, problem.Summary), problem.Detail, problem.Hint)
			}
		}
	}
}

// matchNotUnique finds ways of a first match that consist of fields with few
// values: they cannot tell records apart.
func matchNotUnique() Rule {
	return describe(Rule{
		Code: diag.CodeMatchNotUnique, Severity: diag.Warning, Group: GroupGoLive,
		Mend: "Match by what only one record has, such as a tax number, or by several fields together.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				for _, way := range m.Source.Initial.Match {
					var names []string
					for _, n := range way {
						f := m.FnO.Field(n.Name)
						if f == nil || !fewValues(f) {
							names = nil
							break
						}
						names = append(names, f.Name)
					}
					if len(names) == 0 {
						continue
					}
					p.report(m, way[0].Range, "match by "+strings.Join(names, " + ")+", which many records share",
						"A truth value, a choice or a day is the same in many records, so that none of them can be told by it.", "")
				}
			}
		},
	})
}

// fewValues tells whether a column has few different values.
func fewValues(f *schema.Field) bool {
	return slices.Contains([]schema.Type{schema.TypeBool, schema.TypeEnum, schema.TypeChoice, schema.TypeChoices, schema.TypeTime}, f.Type)
}
