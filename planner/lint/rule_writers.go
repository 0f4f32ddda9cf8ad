package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// twoWriters finds columns that two maps write in the same rows.
func twoWriters() Rule {
	return describe(Rule{
		Code: diag.CodeTwoWriters, Severity: diag.Warning, Group: GroupWriters, Replaces: []string{"DIPV1029"},
		Mend: "Let one map write the column, or give the maps filters that no row can pass both: `PartyType eq 'Organization'` and `PartyType eq 'Person'`.",
		check: func(p *pass) {
			byTable := map[*schema.Table][]*bind.Map{}
			var tables []*schema.Table // in the order of the maps, so that the findings are always the same
			for _, m := range p.bound.Maps {
				for _, t := range []*schema.Table{m.FnO, m.Dataverse} {
					if byTable[t] == nil {
						tables = append(tables, t)
					}
					byTable[t] = append(byTable[t], m)
				}
			}
			for _, t := range tables {
				p.scopes.pairs(byTable[t], t.Side, func(a, b *bind.Map) bool { return p.twoWriters(a, b, t) })
			}
		},
	})
}

// twoWriters reports the columns of a table that both maps write, at the
// second one, and tells whether there are any.
func (p *pass) twoWriters(a, b *bind.Map, t *schema.Table) bool {
	first, second := written(a, t.Side), written(b, t.Side)
	var columns []string
	at := b.Source.Range
	for _, name := range sortedNames(second) {
		if _, both := first[name]; both {
			if len(columns) == 0 {
				at = second[name]
			}
			columns = append(columns, name)
		}
	}
	if len(columns) == 0 || p.scopes.apart(a, b, t) {
		return false
	}
	p.report(b, at,
		fmt.Sprintf("%s and %s both write %s of %s", a.Source.Address(), b.Source.Address(), shorten(columns), t.Set),
		"Their filters do not keep them apart: as far as dw can see, a row may belong to both, and each map would take the other's value for an edit.",
		"Let one map write the column, or give both maps filters that exclude each other.")
	return true
}

// written gives the columns of a side that a map keeps writing, with their
// places. What is only set when a row is created is not fought over.
func written(m *bind.Map, side value.Side) map[string]diag.Range {
	out := map[string]diag.Range{}
	for _, f := range m.Resolved.Fields {
		if !f.Direction.Sends(side) || f.Writes == "create" || isKey(m, f) {
			continue
		}
		names := []model.Named{f.Column}
		if side == value.FnO {
			names = f.FnOFields()
		}
		for _, n := range names {
			if n.Name != "" {
				out[n.Name] = n.Range
			}
		}
	}
	return out
}

func sortedNames(fields map[string]diag.Range) []string {
	out := make([]string, 0, len(fields))
	for name := range fields {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// shorten names at most a few of many.
func shorten(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
