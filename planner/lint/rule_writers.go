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
			maps := p.bound.Maps
			byTable := map[*schema.Table][]*bind.Map{}
			for _, m := range maps {
				byTable[m.FnO] = append(byTable[m.FnO], m)
				byTable[m.Dataverse] = append(byTable[m.Dataverse], m)
			}
			// From the maps and not from byTable, so that the order is always
			// the same.
			for _, m := range maps {
				for _, t := range []*schema.Table{m.FnO, m.Dataverse} {
					for _, other := range byTable[t] {
						if other.Source.Name < m.Source.Name {
							p.twoWriters(other, m, t)
						}
					}
				}
			}
		},
	})
}

// twoWriters reports the columns of a table that both maps write, at the
// second one.
func (p *pass) twoWriters(a, b *bind.Map, t *schema.Table) {
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
	if len(columns) == 0 || apart(a, b, t) {
		return
	}
	p.report(b, at,
		fmt.Sprintf("%s and %s both write %s of %s", a.Source.Address(), b.Source.Address(), shorten(columns), t.Set),
		"Their filters do not keep them apart: as far as dw can see, a row may belong to both, and each map would take the other's value for an edit.",
		"Let one map write the column, or give both maps filters that exclude each other.")
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

// apart tells whether no row of the table can belong to both maps: their
// companies differ, or their filters exclude each other. Where both maps join
// the same two tables, the filters of either side will do, since they see the
// same pairs.
func apart(a, b *bind.Map, t *schema.Table) bool {
	if len(a.Companies) > 0 && len(b.Companies) > 0 && !slices.ContainsFunc(a.Companies, func(c string) bool { return slices.Contains(b.Companies, c) }) {
		return true
	}
	sides := []value.Side{t.Side}
	if a.FnO == b.FnO && a.Dataverse == b.Dataverse {
		sides = []value.Side{value.FnO, value.Dataverse}
	}
	for _, side := range sides {
		if disjoint(pins(a, side), pins(b, side)) {
			return true
		}
	}
	return false
}

// shorten names at most a few of many.
func shorten(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
