package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// requiredColumn finds required Dataverse columns that nothing fills when the
// map creates rows.
func requiredColumn() Rule {
	return describe(Rule{
		Code: diag.CodeRequiredColumn, Severity: diag.Warning, Group: GroupGoLive, Replaces: []string{"DIPV1010", "DIPV1031"},
		Mend: "Map a field to the column or give it a constant. The schema cannot say whether a plug-in of the server fills the column; " +
			"where one does, say so in a note: `# dw:ignore DW257 filled by the server`.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if !creates(m, value.Dataverse) {
					continue
				}
				missing := unfilled(m)
				if len(missing) == 0 {
					continue
				}
				p.report(m, m.Source.Dataverse.Range,
					fmt.Sprintf("nothing fills %s of %s, which Dataverse requires", strings.Join(missing, ", "), m.Dataverse.Set),
					"Rows that dw creates would be without it. Dataverse refuses them unless the server fills the column by itself, which its schema does not say.",
					"Map a field to it, add a constant, or note that the server fills it.")
			}
		},
	})
}

// unfilled gives the required columns that may be written on create and that
// neither the map nor Dataverse itself fills.
func unfilled(m *bind.Map) []string {
	filled := map[string]bool{strings.ToLower(companyColumn(m)): true, strings.ToLower(m.Dataverse.PrimaryID): true}
	for _, f := range m.Resolved.Fields {
		if f.Direction.Sends(value.Dataverse) && f.Column.Name != "" {
			filled[strings.ToLower(f.Column.Name)] = true
		}
	}
	// Dataverse gives every row its owner, state and status (Dataverse
	// developer documentation, system columns).
	server := []string{"ownerid", "statecode", "statuscode"}
	var out []string
	for _, f := range m.Dataverse.Fields {
		if f.Required && f.OnCreate && f.Type != schema.TypeOther && !filled[strings.ToLower(f.Name)] && !slices.Contains(server, f.Name) {
			out = append(out, f.Name)
		}
	}
	return out
}
