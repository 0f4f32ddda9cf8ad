package diag

// Codes of values of records that cannot be carried over.
const (
	CodeTooLong        = "DW501"
	CodeOutOfRange     = "DW502"
	CodeNotANumber     = "DW503"
	CodeNotInValueMap  = "DW504"
	CodeNoSuchMember   = "DW505"
	CodeNoSuchOption   = "DW506"
	CodeDateRange      = "DW507"
	CodeValueMissing   = "DW508"
	CodeWrongKind      = "DW509"
	CodeExpression     = "DW510"
	CodeWrongReference = "DW511"
	CodeFraction       = "DW512"
	CodeCharacter      = "DW513"
)

// valueCodes gives the codes of DW5xx, values of records.
func valueCodes() []CodeInfo {
	return []CodeInfo{
		{CodeTooLong, "text too long", "The service would refuse the record; dw never cuts texts."},
		{CodeOutOfRange, "number out of range", "The service would refuse the record."},
		{CodeNotANumber, "text is no number", "The column takes numbers only."},
		{CodeNotInValueMap, "value not in the value map", "Nobody has said what it means on the other side."},
		{CodeNoSuchMember, "enum has no such member", "F&O would refuse the record."},
		{CodeNoSuchOption, "column has no such choice", "Dataverse would refuse the record."},
		{CodeDateRange, "date out of range", "The service keeps dates of a limited range and would refuse the record."},
		{CodeValueMissing, "required value missing", "The service refuses a record without it."},
		{CodeWrongKind, "value cannot be converted", "It has no meaning in the type of the other side."},
		{CodeExpression, "expression failed", "The map's expression has no result for this value."},
		{CodeWrongReference, "reference to another table", "The map says how to translate references to one table only."},
		{CodeFraction, "number with decimals for a whole number", "dw never rounds to whole numbers silently."},
		{CodeCharacter, "character that no service takes", "Control characters come from damaged imports; neither side's services can carry them as text."},
	}
}
