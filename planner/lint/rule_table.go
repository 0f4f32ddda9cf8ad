package lint

import "github.com/dualwrite/dw/lang/diag"

// unknownTable is found when maps are bound to their tables.
func unknownTable() Rule {
	return describe(Rule{
		Code: diag.CodeUnknownTable, Severity: diag.Error, Group: GroupFields,
		Mend: "Correct the name: an F&O entity set, a Dataverse entity set or logical name. If the environment has the table now, " +
			"refresh the schema with `dw schema pull`.",
		Example: `map "customers" {
  fno       = "Customers3"   # the entity set is called CustomersV3
  dataverse = "accounts"
}`,
	})
}
