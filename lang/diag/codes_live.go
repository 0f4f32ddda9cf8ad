package diag

// Codes of live synchronisation: what it holds back, and what a person decided
// about single records.
const (
	CodeManyAbsent    = "DW670"
	CodeNothingSeen   = "DW671"
	CodeScanBroken    = "DW672"
	CodeMapFault      = "DW673"
	CodeKeptAsFailure = "DW674"
	CodeDiscarded     = "DW675"
	CodeDropped       = "DW676"
	CodeNoSuchEntry   = "DW677"
	CodeBadCommand    = "DW678"
	CodeTargetGone    = "DW679"
)

// liveCodes gives the codes of DW670 to DW689.
func liveCodes() []CodeInfo {
	return []CodeInfo{
		{CodeManyAbsent, "many known records are not found any more", "So many deletes at once are more often a lost right or a restored copy than a wish, so that a person approves them."},
		{CodeNothingSeen, "no known record of a company can be read any more", "A user that has lost a company or an entity sees no records, which must not pass for deletes."},
		{CodeScanBroken, "scan ended before its end", "What it did not get to see says nothing, so that no record counts as deleted for it; the scan begins again."},
		{CodeMapFault, "map stopped by a fault of dw", "The other maps go on; nothing that was captured is lost."},
		{CodeKeptAsFailure, "kept back when the map was resumed", "The map went live without what had waited while it was paused."},
		{CodeDiscarded, "discarded when the map was resumed", "The difference is accepted until one of its fields is edited again."},
		{CodeDropped, "dropped by a person", "The difference is accepted until one of its fields is edited again."},
		{CodeNoSuchEntry, "no such entry in the list", "It may have been settled meanwhile, or the number is misspelt."},
		{CodeBadCommand, "command that makes no sense", "It was not carried out."},
		{CodeTargetGone, "referenced record gone when it was needed", "It was there when the reference was looked up; the write is tried again, and waits if the record does not come back."},
	}
}
