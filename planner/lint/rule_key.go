package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
)

// keyWithoutKey finds maps whose integration key no alternate key guards.
func keyWithoutKey() Rule {
	return describe(Rule{
		Code: diag.CodeKeyWithoutKey, Severity: diag.Warning, Group: GroupGoLive, Replaces: []string{"DIPV1003"},
		Mend: "Add an alternate key of exactly these columns to the Dataverse table and wait until it is active, or map the key to columns that have one.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				columns := keyColumns(m)
				if len(columns) == 0 || m.Dataverse.HasKey(columns) {
					continue
				}
				at := m.Source.Range
				if len(m.Source.Key) > 0 {
					at = m.Source.Key[0].Range
				}
				shown := strings.Join(columns, ", ")
				detail := fmt.Sprintf("Rows of %s are found by %s, but Dataverse has no alternate key of these columns: nothing keeps two rows from carrying the same values.",
					m.Dataverse.Set, shown)
				hint := "Add an alternate key of these columns to the table."
				if k := keyOf(m.Dataverse, columns); k != nil {
					detail = fmt.Sprintf("The alternate key %s of %s is %s: until it is active, Dataverse neither guards nor uses it.", k.Name, m.Dataverse.Set, k.Status)
					hint = "Wait until Dataverse has built the key, or look why it failed."
				}
				p.report(m, at, fmt.Sprintf("no active alternate key of %s has the key of %s (%s)", m.Dataverse.Set, m.Source.Address(), shown), detail, hint)
			}
		},
	})
}

// keyOf finds an alternate key of exactly these columns, whatever its status.
func keyOf(t *schema.Table, columns []string) *schema.Key {
	for i := range t.Keys {
		k := t.Keys[i]
		k.Status = "Active"
		only := schema.Table{Keys: []schema.Key{k}}
		if only.HasKey(columns) {
			return &t.Keys[i]
		}
	}
	return nil
}
