package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// globalEntity finds entities that all companies share and that are mapped to
// a table whose rows are told by company.
func globalEntity() Rule {
	return describe(Rule{
		Code: diag.CodeGlobalEntity, Severity: diag.Warning, Group: GroupCompany, Replaces: []string{"DIPV1002"},
		Mend: "Map the company-specific entity where F&O has one, or a table that all companies share. Where rows without a company are meant, write `company = null`.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if m.FnO.CompanySpecific || m.Source.Company != nil || !creates(m, value.Dataverse) {
					continue
				}
				c := m.Dataverse.CompanyColumn()
				if c == nil || m.Dataverse.Name == schema.CompanyTable || !m.Dataverse.InKey(c.Name) || slices.ContainsFunc(m.Resolved.Fields, func(f *model.Field) bool { return f.Column.Name == c.Name }) {
					continue
				}
				p.report(m, m.Source.FnO.Range, fmt.Sprintf("%s belongs to no company, but rows of %s are told by theirs", m.FnO.Set, m.Dataverse.Set),
					fmt.Sprintf("%s is part of an alternate key of %s and stays empty in rows that %s creates: Dataverse does not keep two of them apart, and lookups by company do not find them.", c.Name, m.Dataverse.Set, m.Source.Address()),
					"Write company = null if rows without a company are meant.")
			}
		},
	})
}

// companyIgnored finds company-specific entities that are mapped without their
// company.
func companyIgnored() Rule {
	return describe(Rule{
		Code: diag.CodeCompanyIgnored, Severity: diag.Warning, Group: GroupCompany, Replaces: []string{"DIPV1002"},
		Mend: "Leave `company = null` away where the table has a company, or make dataAreaId part of the key and map it. Where the keys of all companies are known to differ, say so in a note.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				c := m.Source.Company
				if !m.FnO.CompanySpecific || c == nil || !c.Global || len(p.link.Companies) == 1 {
					continue
				}
				if slices.ContainsFunc(m.Resolved.Key, func(k model.Named) bool { return strings.EqualFold(k.Name, schema.CompanyField) }) {
					continue
				}
				p.report(m, c.Range, fmt.Sprintf("records of %s belong to companies, and %s leaves the company out", m.FnO.Set, m.Source.Address()),
					"Records of two companies with the same key become one row in Dataverse, and each overwrites the other.",
					fmt.Sprintf("Add %q to the key and map it, or let the rows have a company.", schema.CompanyField))
			}
		},
	})
}

// What dual-write takes (dual-write documentation, limits of live
// synchronization and guidance for initial synchronization).
const (
	mostCompaniesInitial = 40
	mostCompaniesLive    = 250
)

// tooManyCompanies finds links with more companies than the dual-write beside
// them takes.
func tooManyCompanies() Rule {
	return describe(Rule{
		Code: diag.CodeTooManyCompanies, Severity: diag.Notice, Group: GroupCompany,
		Mend: "Link fewer companies in dual-write, or leave the initial synchronization to dw, which has no such limit. Where dual-write does not run between these environments any more, take `dual_write` away.",
		check: func(p *pass) {
			n := len(p.link.Companies)
			if !p.link.DualWrite || n <= mostCompaniesInitial {
				return
			}
			what := fmt.Sprintf("the %d of an initial synchronization", mostCompaniesInitial)
			if n > mostCompaniesLive {
				what += fmt.Sprintf(" and the %d of a transaction", mostCompaniesLive)
			}
			p.report(nil, p.link.Companies[mostCompaniesInitial].Range, fmt.Sprintf("%d companies are more than dual-write takes", n),
				fmt.Sprintf("link.%s says that dual-write runs beside dw; it takes no more than %s. dw itself has no such limit.", p.link.Name, what),
				"Link fewer companies in dual-write, or run the initial synchronization by dw.")
		},
	})
}
