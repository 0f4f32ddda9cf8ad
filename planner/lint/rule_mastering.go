package lint

import "github.com/dualwrite/dw/lang/diag"

// lastWriter is found while a map is compiled.
func lastWriter() Rule {
	return describe(Rule{
		Code: diag.CodeNoModifiedTime, Severity: diag.Error, Group: GroupMastering,
		Mend: "Extend the F&O entity by the field ModifiedDateTime of its main table and refresh the schema with `dw schema pull`, " +
			"or let fields be merged one by one (`merge`) or a person decide (`hold`).",
	})
}
