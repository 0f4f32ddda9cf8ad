package lint

import (
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
)

// ownerImpossible finds owners of tables whose rows have none, and of maps
// without a company whose team could own them.
func ownerImpossible() Rule {
	return describe(Rule{
		Code: diag.CodeOwnerImpossible, Severity: diag.Error, Group: GroupCompany,
		Mend: "Leave `owner` out for tables that belong to the organization. For global maps name a team: `owner = \"team:Sales\"`.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				owner := m.Source.Owner
				switch {
				case owner.Name == "":
				case !ownable(m.Dataverse):
					p.report(m, owner.Range, fmt.Sprintf("rows of %s have no owner", m.Dataverse.Set),
						fmt.Sprintf("Only rows of user-owned tables belong to a user or team; this one is %s.", m.Dataverse.Ownership), "Leave owner out.")
				case owner.Name == "company_team" && m.Global():
					p.report(m, owner.Range, fmt.Sprintf("%s has no company whose team could own its rows", m.Source.Address()),
						"Its records belong to no company, so there is no company to ask for its team.",
						`Name a team: owner = "team:NAME", or leave owner out.`)
				}
			}
		},
	})
}

// ownable tells whether rows of a table belong to a user or team; an unknown
// ownership does not speak against it (Dataverse Web API, OwnershipTypes).
func ownable(t *schema.Table) bool {
	return t.Ownership == "" || t.Ownership == "UserOwned" || t.Ownership == "TeamOwned"
}
