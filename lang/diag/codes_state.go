package diag

// Codes of the state file.
const (
	CodeStateLocked  = "DW320"
	CodeStateNewer   = "DW321"
	CodeStateOlder   = "DW322"
	CodeStateForeign = "DW323"
	CodeStateFile    = "DW324"
	CodeLockLost     = "DW330"
)

// stateCodes gives the codes of DW32x and DW33x, the state file and its lock.
func stateCodes() []CodeInfo {
	return []CodeInfo{
		{CodeStateLocked, "state in use by another dw", "Two processes that write one state would write records twice."},
		{CodeStateNewer, "state written by a newer dw", "What this dw does not know it would lose."},
		{CodeStateOlder, "state written by an older dw", "A command that only reads does not change the state, so it cannot bring it up to date."},
		{CodeStateForeign, "state file is something else or damaged", "dw does not write over what it does not understand."},
		{CodeStateFile, "state file cannot be opened", "Without the state nothing is known about what is deployed and agreed."},
		{CodeLockLost, "lock of the state lost to another dw", "What two processes write to one state at once belongs to neither; the one that lost its lease stops."},
	}
}
