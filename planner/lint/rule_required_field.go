package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// requiredField finds mandatory F&O fields that nothing fills when the map
// creates records.
func requiredField() Rule {
	return describe(Rule{
		Code: diag.CodeRequiredField, Severity: diag.Warning, Group: GroupGoLive, Replaces: []string{"DIPV1010", "DIPV1031"},
		Mend: "Map a column to the field or give it a constant, or let the map create no records in F&O: `creates = { to_fno = false }`. " +
			"Where the entity fills the field by itself, say so in a note: `# dw:ignore DW770 filled by the entity`.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if !creates(m, value.FnO) {
					continue
				}
				missing := unfilledFields(m)
				if len(missing) == 0 {
					continue
				}
				p.report(m, m.Source.FnO.Range,
					fmt.Sprintf("nothing fills %s of %s, which F&O requires", strings.Join(missing, ", "), m.FnO.Set),
					"Records that dw creates would be without it. F&O refuses them unless the entity fills the field by itself, which its schema does not say.",
					"Map a column to it, add a constant, or note that the entity fills it.")
			}
		},
	})
}

// unfilledFields gives the mandatory fields that may be written on create and
// that the map does not fill. The company is filled by dw, numbers by their
// sequences.
func unfilledFields(m *bind.Map) []string {
	filled := map[string]bool{strings.ToLower(schema.CompanyField): true}
	for _, f := range m.Resolved.Fields {
		if !f.Direction.Sends(value.FnO) {
			continue
		}
		for _, n := range f.FnOFields() {
			filled[strings.ToLower(n.Name)] = true
		}
	}
	var out []string
	for _, f := range m.FnO.Fields {
		if f.Required && f.OnCreate && !filled[strings.ToLower(f.Name)] {
			out = append(out, f.Name)
		}
	}
	return out
}
