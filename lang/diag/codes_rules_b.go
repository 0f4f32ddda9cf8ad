package diag

// Codes of the rules about filters, mastering and writers.
const (
	CodeNoModifiedTime = "DW754"
)

// ruleBCodes gives the codes DW740 to DW769: rules of filters, mastering and writers.
func ruleBCodes() []CodeInfo {
	return []CodeInfo{
		{CodeNoModifiedTime, "last writer cannot be told", "Without a time of the last edit on both sides nobody can say which edit came later."},
	}
}
