package diag

// Codes of the state file.
const (
	CodeStateLocked  = "DW320"
	CodeStateNewer   = "DW321"
	CodeStateOlder   = "DW322"
	CodeStateForeign = "DW323"
	CodeStateFile    = "DW324"
	CodeLockLost     = "DW330"

	CodeMovedAddress   = "DW331"
	CodeMovedTwice     = "DW332"
	CodeMovedRing      = "DW333"
	CodeMovedFromThere = "DW334"
	CodeMovedToMissing = "DW335"
	CodeMovedHint      = "DW336"
)

// stateCodes gives the codes of DW32x and DW33x: the state file, its lock, and what has
// another name in the files than in the state.
func stateCodes() []CodeInfo {
	return []CodeInfo{
		{CodeStateLocked, "state in use by another dw", "Two processes that write one state would write records twice."},
		{CodeStateNewer, "state written by a newer dw", "What this dw does not know it would lose."},
		{CodeStateOlder, "state written by an older dw", "A command that only reads does not change the state, so it cannot bring it up to date."},
		{CodeStateForeign, "state file is something else or damaged", "dw does not write over what it does not understand."},
		{CodeStateFile, "state file cannot be opened", "Without the state nothing is known about what is deployed and agreed."},
		{CodeMovedAddress, "moved block that does not fit", "Only a map can go on as another map, and a field as another field of its map."},
		{CodeMovedTwice, "moved twice", "Records and what was agreed of them can go on under one name only."},
		{CodeMovedRing, "moved blocks in a ring", "No end of a ring is the name of now."},
		{CodeMovedFromThere, "moved from what is still there", "Which of the two goes on with the records could only be guessed."},
		{CodeMovedToMissing, "moved to what is not there", "The records would be given to nobody."},
		{CodeMovedHint, "map that looks renamed", "Without a moved block the old map is removed and all rows of the new one are read and compared."},
		{CodeLockLost, "lock of the state lost to another dw", "What two processes write to one state at once belongs to neither; the one that lost its lease stops."},
	}
}
