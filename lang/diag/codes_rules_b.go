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
	CodeTwoMasters      = "DW751"
	CodeUnknownMastered = "DW752"
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
		{CodeNoModifiedTime, "last writer cannot be told", "Without a time of the last edit on both sides nobody can say which edit came later."},
	}
}
