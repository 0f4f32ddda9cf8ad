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

// notDelivered finds lookups of tables that no map of the link fills.
func notDelivered() Rule {
	return describe(Rule{
		Code: diag.CodeNotDelivered, Severity: diag.Warning,
		Mend: "Add a map for the table, or leave the field out. Where its rows are in Dataverse by other means, say so in a note: " +
			"`# dw:ignore DW262 price lists are kept by hand`.",
		Example: `map "customers" {
  fields "both" {
    PaymentTerms = "msdyn_paymentterm.msdyn_name"   # and no map fills msdyn_paymentterms
  }
}`,
		check: func(p *pass) {
			if p.options.faulty {
				return // the map that fills the table may be the one that has a mistake
			}
			for _, m := range p.bound.Maps {
				p.notDelivered(m)
			}
		},
	})
}

// notDelivered reports each table that a map's lookups lead to and nobody
// fills, once a map.
func (p *pass) notDelivered(m *bind.Map) {
	told := map[string]bool{}
	for _, f := range m.Resolved.Fields {
		for _, h := range m.Hops(f) {
			t := m.Target(h.Table)
			if t == nil || told[h.Table] || shared(h.Table) || p.fills(t) {
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

// fills tells whether a map of the link is about a table, be it one that has
// mistakes.
func (p *pass) fills(t *schema.Table) bool {
	return slices.ContainsFunc(p.maps, func(m *model.Map) bool {
		return m.Link == p.link.Name && (strings.EqualFold(m.Dataverse.Name, t.Set) || strings.EqualFold(m.Dataverse.Name, t.Name))
	})
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
		Code: diag.CodeTargetCompanies, Severity: diag.Warning,
		Mend: "Let the map of the target have the companies too, or narrow the companies of the map that refers to it.",
		Example: `map "groups" {
  dataverse = "msdyn_customergroups"
  companies = ["USMF"]
}
map "customers" {                       # of all companies of the link
  fields "both" {
    CustomerGroupId = "msdyn_customergroupid.msdyn_groupid"
  }
}`,
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				told := map[string]bool{}
				for _, f := range m.Resolved.Fields {
					for _, h := range m.Hops(f) {
						lacking := p.lacking(m, h.Table)
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

// lacking gives the companies of a map for which no map fills a target that
// belongs to companies; nothing where no map fills it at all.
func (p *pass) lacking(m *bind.Map, target string) []string {
	t := m.Target(target)
	if t == nil || t.Name == schema.CompanyTable || t.CompanyColumn() == nil || m.Global() {
		return nil
	}
	filled := false
	lacking := slices.Clone(m.Companies)
	for _, other := range p.bound.Maps {
		if other.Dataverse.Name != t.Name {
			continue
		}
		if other.Global() {
			return nil
		}
		filled = true
		lacking = slices.DeleteFunc(lacking, func(c string) bool { return slices.Contains(other.Companies, c) })
	}
	if !filled {
		return nil
	}
	return lacking
}
