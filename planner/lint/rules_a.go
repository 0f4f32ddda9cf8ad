package lint

import "github.com/dualwrite/dw/lang/diag"

// rulesA gives the rules of lookups, loops, enums and companies.
func rulesA() []Rule {
	return []Rule{
		targetPaused(), targetNotSent(), targetCompany(),
		circle(), circleSettles(), unseenChanges(), sequence(), unknownLimits(), zones(), noVersions(),
		keyCollides(), neverEqual(), hidden(),
		globalEntity(), companyIgnored(), tooManyCompanies(),
	}
}

// keyCollides, neverEqual and hidden are found when maps are compiled.
func keyCollides() Rule {
	return describe(Rule{
		Code: diag.CodeKeyCollides, Severity: diag.Warning, Group: GroupLoops,
		Mend: "Carry key fields over as they are, or with expressions that keep what tells records apart: a prefix does, a cut does not.",
	})
}

func neverEqual() Rule {
	return describe(Rule{
		Code: diag.CodeNeverEqual, Severity: diag.Error, Group: GroupEnums,
		Mend: "Compare an F&O enum with its symbol in quotes, and a Dataverse choice with its number. F&O's Yes and No are symbols too.",
	})
}

func hidden() Rule {
	return describe(Rule{
		Code: diag.CodeHidden, Severity: diag.Warning, Group: GroupEnums,
		Mend: "Name the values in `values` and `reverse`, let such records be listed with `otherwise = \"fail\"`, or map the field one way. " +
			"Where the side that holds them is the field's master, nothing goes over them and this is a notice.",
	})
}
