package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
)

// targetCompany finds lookups that do not look for rows in the company in which
// the maps of the target put them.
func targetCompany() Rule {
	return describe(Rule{
		Code: diag.CodeTargetCompany, Severity: diag.Warning, Group: GroupLookups,
		Mend: "Let both maps agree: give the map of the target the company of its rows, or look the row up by columns that tell it in all companies.",
		check: func(p *pass) {
			if p.options.faulty {
				return
			}
			fills := p.fills()
			for _, m := range p.bound.Maps {
				if m.Global() {
					continue // a lookup into companies is an error of its own
				}
				told := map[string]bool{}
				for _, f := range m.Resolved.Fields {
					for _, w := range ways(m, f) {
						p.targetCompany(m, f, w, fills, told)
					}
				}
			}
		},
	})
}

// targetCompany judges a lookup's way and those that go on from it.
func (p *pass) targetCompany(m *bind.Map, f *model.Field, w way, fills map[string][]*bind.Map, told map[string]bool) {
	var columns []string
	for _, path := range w.paths {
		columns = append(columns, path[0])
		if len(path) < 2 {
			continue
		}
		next := w.table.Field(path[0])
		if next == nil {
			continue
		}
		for _, t := range next.Targets {
			if table := m.Target(t.Table); table != nil {
				p.targetCompany(m, f, way{table: table, paths: [][]string{path[1:]}, at: w.at}, fills, told)
			}
		}
	}
	if w.table.Name == schema.CompanyTable || told[w.table.Name] || len(fills[w.table.Name]) == 0 {
		return
	}
	asked := ""
	if c := w.table.CompanyColumn(); c != nil {
		asked = c.Name
	}
	by := func(column string) bool {
		return slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, column) })
	}
	var summary, detail, hint string
	for _, other := range fills[w.table.Name] {
		held := companyColumn(other)
		switch {
		case asked == held || held != "" && by(held) || asked != "" && by(asked):
			return // one that agrees is enough: its rows are found
		case held == "":
			summary = fmt.Sprintf("%s looks for rows of %s by company, and %s gives them none", f.Name(), w.table.Set, other.Source.Address())
			detail = fmt.Sprintf("Rows of %s are told by their column %s; those that %s writes leave it empty, so that no reference to them is ever found.", w.table.Set, asked, other.Source.Address())
			hint = fmt.Sprintf("Take away company = null of %s, or map a company-specific entity there.", other.Source.Address())
		case asked == "":
			summary = fmt.Sprintf("%s looks for rows of %s without their company", f.Name(), w.table.Set)
			detail = fmt.Sprintf("%s puts the company of its rows into %s, which the schema does not show to be the company of %s: the same key in two companies would be taken for one row.", other.Source.Address(), held, w.table.Set)
			hint = fmt.Sprintf("Match %s too, or make it part of an alternate key of %s.", held, w.table.Set)
		default:
			summary = fmt.Sprintf("%s looks for rows of %s by %s, and %s puts their company into %s", f.Name(), w.table.Set, asked, other.Source.Address(), held)
			detail = "The two columns need not hold the same company, so that another row is found, or none."
			hint = fmt.Sprintf("Write company = %q in %s.", asked, other.Source.Address())
		}
	}
	told[w.table.Name] = true
	p.report(m, w.at, summary, detail, hint)
}
