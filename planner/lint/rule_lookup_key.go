package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
)

// lookupKey finds lookups by a column of the target that no alternate key has.
func lookupKey() Rule {
	return describe(Rule{
		Code: diag.CodeLookupKey, Severity: diag.Warning,
		Mend: "Look up by a column that belongs to an alternate key of the target, or add such a key to the table.",
		Example: `fields "both" {
  CustomerGroupId = "msdyn_customergroupid.msdyn_description"   # two groups may have the same description
}`,
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				for _, f := range m.Resolved.Fields {
					if len(f.Path) != 1 {
						continue
					}
					column := m.Dataverse.Field(f.Column.Name)
					if column == nil {
						continue
					}
					for i := range m.Targets {
						t := &m.Targets[i]
						if column.Target(t.Name) == nil || t.Field(f.Path[0]) == nil || inActiveKey(t, f.Path[0]) {
							continue
						}
						p.report(m, f.Column.Range,
							fmt.Sprintf("%s finds rows of %s by %s, which no alternate key has", f.Column.Name, t.Set, f.Path[0]),
							fmt.Sprintf("Nothing in Dataverse keeps two rows of %s from carrying the same %s. Where two do, the reference cannot be told and the record waits.",
								t.Set, f.Path[0]),
							keyHint(f.Column.Name, t))
					}
				}
			}
		},
	})
}

// inActiveKey tells whether a column is the primary id or belongs to an active
// alternate key.
func inActiveKey(t *schema.Table, column string) bool {
	return strings.EqualFold(t.PrimaryID, column) || slices.ContainsFunc(t.Keys, func(k schema.Key) bool {
		return k.Status == "Active" && slices.ContainsFunc(k.Columns, func(c string) bool { return strings.EqualFold(c, column) })
	})
}

// keyHint names a column that would do.
func keyHint(lookup string, t *schema.Table) string {
	for _, k := range t.Keys {
		for _, c := range k.Columns {
			if f := t.Field(c); f != nil && f.Type != schema.TypeLookup && k.Status == "Active" {
				return fmt.Sprintf("look up by a key of the table: %q", lookup+"."+c)
			}
		}
	}
	return fmt.Sprintf("Add an alternate key to %s, or make sure that the column is unique.", t.Set)
}
