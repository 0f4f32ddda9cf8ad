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

	CodeDeleteOrEdit  = "DW650"
	CodeLeftScope     = "DW651"
	CodeStopped       = "DW652"
	CodeKeyLost       = "DW653"
	CodeNotSeen       = "DW654"
	CodeDeactivated   = "DW655"
	CodeDeleteRefused = "DW656"
	CodeNoRevert      = "DW657"
	CodeSharedRow     = "DW658"
	CodeNoState       = "DW659"
	CodeNoDelete      = "DW660"

	CodeMatchAmbiguous    = "DW661"
	CodeMatchTaken        = "DW662"
	CodeCrosswalkConflict = "DW663"
	CodeCrosswalkIdle     = "DW664"
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
		{CodeDeleteOrEdit, "deleted on one side and changed on the other", "Either the delete or the change would be lost, so that a person decides."},
		{CodeLeftScope, "record has left the map's scope on one side", "What is outside the scope is not kept equal; the other side's record stays as on_leave says."},
		{CodeStopped, "value that never settles", "Writing it again would be answered again; dw stops after three rounds without an edit of anybody else."},
		{CodeKeyLost, "row has lost its key or company", "Without them it belongs to no record; that is not taken for a delete."},
		{CodeNotSeen, "record cannot be seen", "A read does not find it, but whether it was deleted is not certain: a role may have lost the right to see it."},
		{CodeDeactivated, "deactivated since the other record went", "The map deactivates rows whose record was deleted, and activates them when it comes back."},
		{CodeDeleteRefused, "delete refused by the service", "Other records still need the one to be deleted; it is tried again when they are gone."},
		{CodeNoRevert, "record cannot be brought back into scope", "None of the mapped fields that have changed keeps it out of the filter."},
		{CodeSharedRow, "row belongs to records of several maps", "A row is deleted only with the last record that needs it."},
		{CodeNoState, "row cannot be deactivated", "Its table has no state that simply means inactive."},
		{CodeNoDelete, "record cannot be deleted", "The service does not let records of this table be written."},
		{CodeMatchAmbiguous, "several records or rows have the same values", "Which of them belong together cannot be known, so none is written."},
		{CodeMatchTaken, "match leads to a record that has its row", "The row is probably a duplicate; a record belongs to one row."},
		{CodeCrosswalkConflict, "crosswalk contradicts the data", "What a line says is not taken where the key or match says otherwise; a person decides."},
		{CodeCrosswalkIdle, "line of a crosswalk that finds nothing", "Its record or its row is not there, or not in the map's scope."},
	}
}
