package diag

// Codes of the rules about filters, mastering and writers.
const (
	CodeFilterColumn    = "DW740"
	CodeFilterValue     = "DW741"
	CodeFilterRange     = "DW742"
	CodeFilterNull      = "DW743"
	CodeFilterNever     = "DW744"
	CodeFilterAlways    = "DW745"
	CodeFilterUnmapped  = "DW746"
	CodeFilterCreates   = "DW747"
	CodeFilterLeaves    = "DW748"
	CodeWrongMaster     = "DW750"
	CodeIdleConflict    = "DW753"
	CodeNoModifiedTime  = "DW754"
	CodeIdleViolation   = "DW755"
	CodeTogetherMasters = "DW756"
	CodeConstantEdits   = "DW760"
	CodeCascade         = "DW761"
)

// ruleBCodes gives the codes DW740 to DW769: rules of filters, mastering and writers.
func ruleBCodes() []CodeInfo {
	return []CodeInfo{
		{CodeFilterColumn, "filter by a column that is not there", "The service would refuse every read of the map."},
		{CodeFilterValue, "filter by a value that its column does not have", "No record could ever pass."},
		{CodeFilterRange, "filter in X++", "F&O's OData service does not know query ranges, and dw could not evaluate one."},
		{CodeFilterNull, "nothing asked for in the other side's way", "F&O knows no null and Dataverse keeps no empty text, so that the comparison is not what it looks like."},
		{CodeFilterNever, "filter that no record passes", "The map would carry nothing, and nobody would notice."},
		{CodeFilterAlways, "filter that every record passes", "It narrows nothing, so that it probably does not say what was meant."},
		{CodeFilterUnmapped, "filter by a column that dw does not fill", "A record that dw creates there has no value in it until the service or a person gives one."},
		{CodeFilterCreates, "filter that no created record passes", "dw does not create a record that would be outside the map at once, so every create fails."},
		{CodeFilterLeaves, "filters of both sides that contradict each other", "A record that one side's filter admits cannot be created on the other, or leaves the scope by being synced."},
		{CodeWrongMaster, "mastered by a side from which it does not flow", "The field can be changed on neither side: the one may not edit it, and the other's edits go nowhere."},
		{CodeIdleConflict, "conflict policy that never applies", "No field may be edited on both sides, so that there is nothing to decide."},
		{CodeNoModifiedTime, "last writer cannot be told", "Without a time of the last edit on both sides nobody can say which edit came later."},
		{CodeIdleViolation, "violation that never occurs", "Every field may be edited on both sides, so that no edit is on the wrong one."},
		{CodeTogetherMasters, "fields that go together but cannot move as one", "Each is merged by itself, so that parts of two addresses can end up in one."},
		{CodeConstantEdits, "constant that takes edits back", "What somebody enters in the column is carried over or kept elsewhere, and replaced by the constant with the next write."},
		{CodeCascade, "delete that takes rows of another map along", "Dataverse deletes them by itself; their records in F&O stay, and are not in sync any more."},
	}
}
