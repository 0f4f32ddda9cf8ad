package lint

import "github.com/dualwrite/dw/lang/diag"

// compileRules gives the rules that hold while one map is compiled against the
// schema of its two tables. They are not looked for here: package transform
// finds them.
func compileRules() []Rule {
	rules := []Rule{
		{Code: diag.CodeMatchReference, Severity: diag.Error, Group: GroupGoLive,
			Mend: "Name a field with a value of the record's own, such as its tax number."},
		{Code: diag.CodeUnknownField, Severity: diag.Error, Group: GroupFields, Replaces: []string{"DIPV1022", "DIPV1025"},
			Mend: "Correct the name. If the entity has the field now, refresh the schema with `dw schema pull`; in F&O the list of entities may have to be refreshed before."},
		{Code: diag.CodeUnknownColumn, Severity: diag.Error, Group: GroupFields, Replaces: []string{"DIPV1022", "DIPV1025"},
			Mend: "Correct the name: it is the column's logical name. If the table has the column now, refresh the schema with `dw schema pull`."},
		{Code: diag.CodeUnmappedMembers, Severity: diag.Error, Group: GroupEnums,
			Mend: "Give each member a value in `values`, or say with `otherwise` what becomes of the others."},
		{Code: diag.CodeTypes, Severity: diag.Error, Group: GroupFields, Replaces: []string{"DIPV1030"},
			Mend: "Map another column, or say how the value is converted with an expression in `to_dataverse` and `to_fno`."},
		{Code: diag.CodeNeedsValues, Severity: diag.Error, Group: GroupEnums, Replaces: []string{"DIPV1030"},
			Mend: "Add `values` to the field, or an `enum` block where several maps share them."},
		{Code: diag.CodeNotALookup, Severity: diag.Error, Group: GroupLookups,
			Mend: "Write the column alone where it holds the value itself, or put a lookup column before the dot."},
		{Code: diag.CodeLookupNeedsKey, Severity: diag.Error, Group: GroupLookups, Replaces: []string{"DIPV1015", "DIPV1027", "DIPV1028"},
			Mend: "Name the key column of the target after a dot: `\"msdyn_customergroupid.msdyn_groupid\"`."},
		{Code: diag.CodeLookupColumn, Severity: diag.Error, Group: GroupLookups, Replaces: []string{"DIPV1022", "DIPV1025"},
			Mend: "Correct the name of the target's column."},
		{Code: diag.CodeLookupCompany, Severity: diag.Error, Group: GroupCompany,
			Mend: "Let the company of the map be known: map a company-specific entity, or give the way to the company with `company`."},
		{Code: diag.CodeUnknownMember, Severity: diag.Error, Group: GroupEnums,
			Mend: "Correct the symbol. F&O enums are written by their symbols, never by numbers or labels."},
		{Code: diag.CodeManyToOne, Severity: diag.Error, Group: GroupEnums,
			Mend: "Say with `reverse` what the Dataverse value becomes, or map the field one way."},
		{Code: diag.CodeUnknownOption, Severity: diag.Error, Group: GroupEnums,
			Mend: "Use a value that the column has, or add the choice in Dataverse and refresh the schema with `dw schema pull`."},
		{Code: diag.CodeReadOnlyField, Severity: diag.Error, Group: GroupFields, Replaces: []string{"DIPV1011"},
			Mend: "Let the field flow away from what cannot be written: `direction = \"to_fno\"` or `\"to_dataverse\"`."},
		{Code: diag.CodeUnreadableField, Severity: diag.Error, Group: GroupFields,
			Mend: "Leave the field out of the map."},
		{Code: diag.CodeCreateOnlyField, Severity: diag.Warning, Group: GroupFields,
			Mend: "Set `writes = \"create\"` so that later changes are left alone, or map the field the other way only."},
		{Code: diag.CodeConstantFit, Severity: diag.Error, Group: GroupFields,
			Mend: "Write a value of the column's type that fits into it."},
		{Code: diag.CodeCompanyColumn, Severity: diag.Error, Group: GroupCompany, Replaces: []string{"DIPV1002"},
			Mend: "Name the lookup that leads to the company with `company`, a path where it lies on another row; `company = null` makes the map global."},
		{Code: diag.CodeFilter, Severity: diag.Error, Group: GroupFilters, Replaces: []string{"DIPV1012", "map health 900"},
			Mend: "Write the filter in OData over fields and columns of the table itself."},
		{Code: diag.CodeNeverSettles, Severity: diag.Error, Group: GroupLoops,
			Mend: "Make the two expressions undo each other, or map the field one way."},
		{Code: diag.CodeSettlesLater, Severity: diag.Notice, Group: GroupLoops,
			Mend: "Nothing, where that is meant: dw accepts the two values as equal from then on."},
		{Code: diag.CodeMayNotFit, Severity: diag.Notice, Group: GroupLoops,
			Mend: "Lengthen the column, or cut the value with `substr` in an expression."},
		{Code: diag.CodeUnmappedOptions, Severity: diag.Warning, Group: GroupEnums,
			Mend: "Add the choices to `values` or `reverse`, or say with `otherwise` what becomes of them."},
		{Code: diag.CodeValuesExpression, Severity: diag.Error, Group: GroupEnums,
			Mend: "Keep one of the two."},
		{Code: diag.CodeLookupTable, Severity: diag.Error, Group: GroupLookups,
			Mend: "Write a `lookup` block with a `target` for each table that is meant."},
		{Code: diag.CodeLookupRepeats, Severity: diag.Error, Group: GroupLookups,
			Mend: "Name each table, field and column once."},
		{Code: diag.CodeLookupTwice, Severity: diag.Error, Group: GroupLookups,
			Mend: "Write one `lookup` block whose `match` has all the fields."},
		{Code: diag.CodeKeyOfPart, Severity: diag.Error, Group: GroupLookups, Replaces: []string{"DIPV1015", "DIPV1027", "DIPV1028"},
			Mend: "Add the other fields of the lookup to `key`."},
	}
	for i := range rules {
		rules[i] = describe(rules[i])
	}
	return rules
}
