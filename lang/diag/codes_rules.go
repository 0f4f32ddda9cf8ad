package diag

// Codes of the planner's rules: what concerns several maps, keys, or the
// environment. DW201 to DW249 are mistakes inside one map.
const (
	CodeUnknownTable      = "DW250"
	CodeRing              = "DW251"
	CodeLookupTarget      = "DW252"
	CodeLookupKey         = "DW253"
	CodeKeyWithoutKey     = "DW254"
	CodeChangeTracking    = "DW255"
	CodeKeyOneWay         = "DW256"
	CodeRequiredColumn    = "DW257"
	CodeTwoWriters        = "DW258"
	CodeUnknownCompany    = "DW259"
	CodeSelfWait          = "DW260"
	CodeReadOnlyTable     = "DW261"
	CodeNotDelivered      = "DW262"
	CodeTargetCompanies   = "DW263"
	CodeDeleteImpossible  = "DW264"
	CodeOwnerImpossible   = "DW265"
	CodeUnusedNote        = "DW290"
	CodeNoteWithoutReason = "DW291"
	CodeNoteRefused       = "DW292"
)

// ruleCodes gives the codes of the planner's rules.
func ruleCodes() []CodeInfo {
	return []CodeInfo{
		{CodeUnknownTable, "unknown table", "Nothing of the map can be read or written."},
		{CodeRing, "maps wait for each other", "No map of the ring can be sent before the others."},
		{CodeLookupTarget, "lookup target is not there", "No record could ever find what it refers to, so all of them would wait forever."},
		{CodeLookupKey, "lookup by columns that are no key", "Two rows may carry the same value, and finding rows by it is slow."},
		{CodeKeyWithoutKey, "integration key without an alternate key", "Nothing in Dataverse keeps two rows from carrying the same key, and only an active alternate key makes finding rows fast."},
		{CodeChangeTracking, "change tracking is off", "Dataverse tells of changes only for tables that track them, so live sync would never see an edit."},
		{CodeKeyOneWay, "key field of a two-way map goes one way", "A record that is created on the other side would have no key here."},
		{CodeRequiredColumn, "required column without a source", "Dataverse may refuse every row that is created without it."},
		{CodeTwoWriters, "two maps write the same column", "Each would take the other's value for an edit, and the last one would win again and again."},
		{CodeUnknownCompany, "company that the environment does not have", "No record of it would ever be found, and nobody would notice."},
		{CodeSelfWait, "reference to the own table cannot wait", "Rows would wait for each other, and a row that names itself would wait forever."},
		{CodeReadOnlyTable, "table that cannot be written", "Every write towards it would be refused."},
		{CodeNotDelivered, "lookup target that no map fills", "Its rows must get into Dataverse by other means; until they are there, every record that refers to them waits."},
		{CodeTargetCompanies, "lookup target of fewer companies", "Records of the other companies would wait forever for rows that nobody sends."},
		{CodeDeleteImpossible, "delete that cannot be carried out", "The service would refuse it each time."},
		{CodeOwnerImpossible, "owner that rows cannot have", "Every row that dw creates would be refused, or belong to somebody else."},
		{CodeUnusedNote, "ignore note silences nothing", "What it was written for is gone, and it would hide the next mistake in the same place."},
		{CodeNoteWithoutReason, "ignore note without a reason", "Nobody can tell later whether it still holds."},
		{CodeNoteRefused, "ignore note for a mistake that cannot be ignored", "The map cannot run with it."},
	}
}
