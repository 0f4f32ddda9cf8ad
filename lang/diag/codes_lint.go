package diag

// Codes of what the schema of its two tables says about one map.
const (
	CodeUnknownField     = "DW201"
	CodeUnknownColumn    = "DW202"
	CodeUnmappedMembers  = "DW203"
	CodeTypes            = "DW204"
	CodeNeedsValues      = "DW205"
	CodeNotALookup       = "DW206"
	CodeLookupNeedsKey   = "DW207"
	CodeLookupColumn     = "DW208"
	CodeLookupCompany    = "DW209"
	CodeUnknownMember    = "DW210"
	CodeManyToOne        = "DW211"
	CodeUnknownOption    = "DW212"
	CodeReadOnlyField    = "DW213"
	CodeUnreadableField  = "DW214"
	CodeCreateOnlyField  = "DW215"
	CodeConstantFit      = "DW216"
	CodeCompanyColumn    = "DW217"
	CodeFilter           = "DW218"
	CodeNeverSettles     = "DW219"
	CodeSettlesLater     = "DW220"
	CodeMayNotFit        = "DW221"
	CodeUnmappedOptions  = "DW222"
	CodeValuesExpression = "DW223"
	CodeLookupTable      = "DW240"
	CodeLookupRepeats    = "DW241"
	CodeLookupTwice      = "DW242"
	CodeKeyOfPart        = "DW243"
)

// lintCodes gives the codes DW201 to DW249, mistakes inside one map that only
// the schema shows.
func lintCodes() []CodeInfo {
	return []CodeInfo{
		{CodeUnknownField, "unknown F&O field", "The entity has no such field, so nothing could be read from it or written to it."},
		{CodeUnknownColumn, "unknown Dataverse column", "The table has no such column, so nothing could be read from it or written to it."},
		{CodeUnmappedMembers, "enum members without mapping", "Every record that has one of them would fail in production."},
		{CodeTypes, "types that cannot be converted", "No value of one side has a meaning on the other."},
		{CodeNeedsValues, "value map missing", "Only a person can say which choice an enum member stands for."},
		{CodeNotALookup, "column is no lookup", "A path leads through a lookup column to the key column of the row that it refers to."},
		{CodeLookupNeedsKey, "lookup without a key column", "F&O does not know Dataverse's row ids, so a reference is found by a key column of its target."},
		{CodeLookupColumn, "key column of a lookup unknown", "No row could ever be found by a column that its table does not have."},
		{CodeLookupCompany, "lookup without a company", "The same key exists in several companies, so the row that is meant cannot be told."},
		{CodeUnknownMember, "unknown enum member", "F&O would refuse the value, and no record ever has it."},
		{CodeManyToOne, "value map cannot be read backwards", "Several F&O values become the same Dataverse value, so the way back is not known."},
		{CodeUnknownOption, "choice that the column does not have", "Dataverse would refuse every row with it."},
		{CodeReadOnlyField, "field cannot be written", "The service ignores or refuses what is written to it."},
		{CodeUnreadableField, "field cannot be read", "Its changes could never be seen."},
		{CodeCreateOnlyField, "field can be written on create only", "Later changes of the other side cannot be carried over."},
		{CodeConstantFit, "constant does not fit the column", "Every write of it would be refused."},
		{CodeCompanyColumn, "company column unclear", "Records of different companies with the same key would be taken for one."},
		{CodeFilter, "filter cannot be used", "dw must evaluate filters exactly as the services do, else records would leave and enter the scope at random."},
		{CodeNeverSettles, "transform never settles", "The value would change with every round between the two sides."},
		{CodeSettlesLater, "transform changes values of its own side", "After the first round trip the value is not what was entered."},
		{CodeMayNotFit, "value may not fit", "Longer values would fail in production."},
		{CodeUnmappedOptions, "choices without mapping", "Every row that has one of them would fail on its way to F&O."},
		{CodeValuesExpression, "value map and expression together", "Only one of them can say what a value becomes."},
		{CodeLookupTable, "table of a lookup unclear", "The column cannot refer to that table, or may refer to several, so rows would be looked for in the wrong place."},
		{CodeLookupRepeats, "lookup names something twice", "A table, a field or a column that stands there twice leaves open which of the two is meant."},
		{CodeLookupTwice, "lookup column written by several fields", "A row is found by all of its key columns together; each field alone would find another row."},
		{CodeKeyOfPart, "key has only a part of a lookup", "The row that a lookup means is told by all of its fields, so the key needs all of them."},
	}
}
