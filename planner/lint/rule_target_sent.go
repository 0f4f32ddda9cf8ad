package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/reach"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// targetPaused finds lookups whose targets only maps send that do not run.
func targetPaused() Rule {
	return describe(Rule{
		Code: diag.CodeTargetPaused, Severity: diag.Warning, Group: GroupLookups,
		Mend: "Let the map of the target run, or pause those that refer to it as well. Where the target's rows do not change any more, say so in a note.",
		check: func(p *pass) {
			p.eachTarget(func(m *bind.Map, f *model.Field, h reach.Hop, fills []*bind.Map) {
				var still []string
				for _, other := range fills {
					switch {
					case !creates(other, value.Dataverse):
					case runs(other):
						return
					default:
						still = append(still, fmt.Sprintf("%s is %s", other.Source.Address(), other.Resolved.Status))
					}
				}
				if len(still) == 0 || !runs(m) {
					return
				}
				set := m.Target(h.Table).Set
				p.report(m, f.Column.Range, fmt.Sprintf("%s leads to %s, whose rows are not sent: %s", f.Name(), set, strings.Join(still, ", ")),
					fmt.Sprintf("Records of %s that refer to a row of %s which is new in F&O wait until its map runs.", m.Source.Address(), set),
					`Set status = "running" for the map of the target.`)
			})
		},
	})
}

// targetNotSent finds lookups whose targets are mapped by maps that create no
// rows in Dataverse.
func targetNotSent() Rule {
	return describe(Rule{
		Code: diag.CodeTargetNotSent, Severity: diag.Warning, Group: GroupLookups,
		Mend: "Let the map of the target send to Dataverse and create rows there. Where its rows come to Dataverse by other means, say so in a note.",
		check: func(p *pass) {
			p.eachTarget(func(m *bind.Map, f *model.Field, h reach.Hop, fills []*bind.Map) {
				var reasons []string
				for _, other := range fills {
					switch {
					case creates(other, value.Dataverse):
						return
					case !writes(other, value.Dataverse):
						reasons = append(reasons, other.Source.Address()+" only sends to F&O")
					default:
						reasons = append(reasons, other.Source.Address()+" creates no rows in Dataverse")
					}
				}
				set := m.Target(h.Table).Set
				p.report(m, f.Column.Range, fmt.Sprintf("%s leads to %s, whose rows are not sent to Dataverse", f.Name(), set),
					fmt.Sprintf("%s. Records of %s that refer to a row of %s which is only in F&O wait until somebody enters it in Dataverse.",
						sentence(strings.Join(reasons, ", and ")), m.Source.Address(), set),
					"Let the map of the target send its key to Dataverse and create rows there.")
			})
		},
	})
}

// runs tells whether a map is to run.
func runs(m *bind.Map) bool { return m.Resolved.Status == "running" }

// eachTarget calls f for every table that a lookup towards Dataverse leads to
// and that other maps fill, once a map. Tables that are there before anything
// is synchronised, and the map's own, are left out.
func (p *pass) eachTarget(f func(m *bind.Map, field *model.Field, h reach.Hop, fills []*bind.Map)) {
	if p.options.faulty {
		return // the map that sends them may be the one that has a mistake
	}
	fills := p.fills()
	for _, m := range p.bound.Maps {
		told := map[string]bool{m.Dataverse.Name: true}
		for _, field := range m.Resolved.Fields {
			if !field.IsLookup() || !field.Direction.Sends(value.Dataverse) {
				continue
			}
			for _, h := range m.Hops(field) {
				if told[h.Table] || shared(h.Table) || m.Target(h.Table) == nil || len(fills[h.Table]) == 0 {
					continue
				}
				told[h.Table] = true
				f(m, field, h, fills[h.Table])
			}
		}
	}
}

// fills gives the maps that fill each table, by its logical name.
func (p *pass) fills() map[string][]*bind.Map {
	out := map[string][]*bind.Map{}
	for _, m := range p.bound.Maps {
		out[m.Dataverse.Name] = append(out[m.Dataverse.Name], m)
	}
	return out
}
