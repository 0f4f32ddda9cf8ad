package diag

// Codes of what only a preflight finds: records that would get over, and not
// as somebody may expect.
const (
	CodePrecisionLost  = "DW690"
	CodeNumberClash    = "DW691"
	CodeNoCompany      = "DW692"
	CodeUnknownCode    = "DW693"
	CodeServerNumbers  = "DW694"
	CodeFollowsFailure = "DW695"
)

// preflightCodes gives the codes of what dw preflight alone reports.
func preflightCodes() []CodeInfo {
	return []CodeInfo{
		{CodePrecisionLost, "decimals would be lost", "The column keeps fewer decimals, so that the other side would hold a rounded number."},
		{CodeNumberClash, "one number for two different things", "Both sides gave the number by themselves; joined by it, one record would overwrite another one."},
		{CodeNoCompany, "row without a company", "No map touches such a row, and its counterpart would be created a second time beside it."},
		{CodeUnknownCode, "row of a company that cannot be told", "Its company is a row that is not there or has no code, so that no map touches it."},
		{CodeServerNumbers, "number that the server gives", "The server's own sequence does not know the numbers that come from the other side and may give one of them again."},
		{CodeFollowsFailure, "waits for a record that fails", "It goes on by itself once the other record is mended."},
	}
}
