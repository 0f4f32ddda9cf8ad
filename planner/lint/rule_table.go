package lint

import "github.com/dualwrite/dw/lang/diag"

// unknownTable is found when maps are bound to their tables.
func unknownTable() Rule {
	return describe(Rule{
		Code: diag.CodeUnknownTable, Severity: diag.Error, Group: GroupFields, Replaces: []string{"DIPV1018", "DIPV1020"},
		Mend: "Correct the name: an F&O entity set, a Dataverse entity set or logical name. If the environment has the table now, " +
			"refresh the schema with `dw schema pull`.",
	})
}
