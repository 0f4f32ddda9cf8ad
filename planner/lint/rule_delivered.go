package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
)

// notDelivered finds lookups of tables that no map of the link fills.
func notDelivered() Rule {
	return describe(Rule{
		Code: diag.CodeNotDelivered, Severity: diag.Warning, Group: GroupLookups,
		Mend: "Add a map for the table, or leave the field out. Where its rows are in Dataverse by other means, say so in a note: " +
			"`# dw:ignore DW262 price lists are kept by hand`.",
		check: func(p *pass) {
			if p.options.faulty {
				return // the map that fills the table may be the one that has a mistake
			}
			fills := map[string]bool{} // by name in lower case, those of maps with mistakes too
			for _, m := range p.maps {
				if m.Link == p.link.Name {
					fills[strings.ToLower(m.Dataverse.Name)] = true
				}
			}
			for _, m := range p.bound.Maps {
				p.notDelivered(m, fills)
			}
		},
	})
}

// notDelivered reports each table that a map's lookups lead to and nobody
// fills, once a map.
func (p *pass) notDelivered(m *bind.Map, fills map[string]bool) {
	told := map[string]bool{}
	for _, f := range m.Resolved.Fields {
		for _, h := range m.Hops(f) {
			t := m.Target(h.Table)
			if t == nil || told[h.Table] || shared(h.Table) || fills[strings.ToLower(t.Set)] || fills[strings.ToLower(t.Name)] {
				continue
			}
			told[h.Table] = true
			p.report(m, f.Column.Range,
				fmt.Sprintf("no map of link.%s fills %s, to which %s leads", p.link.Name, t.Set, f.Name()),
				fmt.Sprintf("Records of %s that refer to a row of %s which is not in Dataverse wait until somebody enters it there.", m.Source.Address(), t.Set),
				fmt.Sprintf("Add a map for %s, or leave the field out.", t.Set))
		}
	}
}

// shared tells whether a table is of the environment itself: companies, users,
// currencies and units are there before anything is synchronised (Dataverse
// table reference).
func shared(table string) bool {
	switch table {
	case schema.CompanyTable, "businessunit", "organization", "systemuser", "team", "transactioncurrency", "uom", "uomschedule":
		return true
	}
	return false
}

// targetCompanies finds lookups whose targets are sent for fewer companies
// than the records that refer to them.
func targetCompanies() Rule {
	return describe(Rule{
		Code: diag.CodeTargetCompanies, Severity: diag.Warning, Group: GroupCompany,
		Mend: "Let the map of the target have the companies too, or narrow the companies of the map that refers to it.",
		check: func(p *pass) {
			fills := map[string][]*bind.Map{} // by logical name
			for _, m := range p.bound.Maps {
				fills[m.Dataverse.Name] = append(fills[m.Dataverse.Name], m)
			}
			for _, m := range p.bound.Maps {
				told := map[string]bool{}
				for _, f := range m.Resolved.Fields {
					for _, h := range m.Hops(f) {
						lacking := lacking(m, m.Target(h.Table), fills[h.Table])
						if len(lacking) == 0 || told[h.Table] {
							continue
						}
						told[h.Table] = true
						p.report(m, f.Column.Range,
							fmt.Sprintf("%s leads to %s, which no map sends for %s", f.Name(), m.Target(h.Table).Set, strings.Join(lacking, ", ")),
							fmt.Sprintf("%s sends records of %s. Their references are looked for in their own company and would not be found.",
								m.Source.Address(), strings.Join(lacking, ", ")),
							"Give the map of the target these companies too, or take them from this one.")
					}
				}
			}
		},
	})
}

// lacking gives the companies of a map for which none of the maps that fill a
// target sends rows; nothing where no map fills it, or it belongs to none.
func lacking(m *bind.Map, t *schema.Table, fills []*bind.Map) []string {
	if t == nil || len(fills) == 0 || m.Global() || t.Name == schema.CompanyTable || t.CompanyColumn() == nil {
		return nil
	}
	out := slices.Clone(m.Companies)
	for _, other := range fills {
		if other.Global() {
			return nil
		}
		out = slices.DeleteFunc(out, func(c string) bool { return slices.Contains(other.Companies, c) })
	}
	return out
}
