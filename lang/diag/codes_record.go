package diag

// Codes of records that are set aside or tolerated by the merge.
const (
	CodeReferenceMissing = "DW601"
	CodeReferenceOwed    = "DW602"
	CodeNotCreated       = "DW603"
	CodeOtherScope       = "DW604"
	CodeNoKeyForCreate   = "DW605"
	CodeBlankOverValue   = "DW606"
	CodeBothMoved        = "DW607"
	CodeWrongSide        = "DW608"
	CodeKeyMoved         = "DW609"
	CodeGoneOnOneSide    = "DW610"
	CodeNotWritable      = "DW611"
	CodeAccepted         = "DW612"
)

// recordCodes gives the codes of DW6xx, records.
func recordCodes() []CodeInfo {
	return []CodeInfo{
		{CodeReferenceMissing, "reference to a record that is not there", "The record cannot be written without it; it goes on by itself when the other record arrives, unless the lookup says fail."},
		{CodeReferenceOwed, "reference filled in later", "The record is written without it; the reference follows when its target is there."},
		{CodeNotCreated, "record on one side only", "The map does not create records on the other side."},
		{CodeOtherScope, "other side's filter excludes the record", "What the filter of a side does not admit is outside the map there and must not be written."},
		{CodeNoKeyForCreate, "no complete key for a new record", "Without its key the record could not be found again."},
		{CodeBlankOverValue, "nothing would replace a value", "A first match never clears a value unless initial_sync says allow_blank."},
		{CodeBothMoved, "both sides changed the same field", "The map leaves such conflicts to a person."},
		{CodeWrongSide, "edit on the side that does not own the field", "The field is mastered by the other side, or flows one way."},
		{CodeKeyMoved, "key differs between the sides", "A key finds the record on the other side and is never overwritten."},
		{CodeGoneOnOneSide, "record deleted on one side", "Deletes are not carried over without a decision."},
		{CodeNotWritable, "difference in a column that cannot be changed", "The service takes the column when a record is created and never again."},
		{CodeAccepted, "accepted difference", "A service holds a value of its own against what it was sent, or the field was not sent when the record was created; dw does not fight it."},
	}
}
