package lint

import "github.com/dualwrite/dw/lang/diag"

// lookupTarget is found when maps are compiled.
func lookupTarget() Rule {
	return describe(Rule{
		Code: diag.CodeLookupTarget, Severity: diag.Error, Group: GroupLookups,
		Mend: "Refresh the schema with `dw schema pull`. If the environment does not have the table, its solution is not installed there: " +
			"install it, or leave the field out.",
	})
}
