package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
)

// unknownCompany finds companies of a link that the environments do not have.
func unknownCompany() Rule {
	return describe(Rule{
		Code: diag.CodeUnknownCompany, Severity: diag.Error, Group: GroupCompany, Replaces: []string{"DIPV1008", "DWDVEV1003", "DWFOEV1003"},
		Mend: "Correct the code of the company (F&O: legal entity, field dataAreaId), or create the company there first.",
		check: func(p *pass) {
			known := p.options.companies
			if len(known) == 0 {
				return
			}
			for _, c := range p.link.Companies {
				if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, c.Name) }) {
					continue
				}
				hint := "the environment has: " + shorten(known)
				if similar := diag.Suggest(c.Name, known); similar != "" {
					hint = fmt.Sprintf("Did you mean %q?", similar)
				}
				p.report(nil, c.Range, fmt.Sprintf("F&O has no company %q", c.Name),
					"No record of this company would ever be read, and nothing would say so.", hint)
			}
		},
	})
}
