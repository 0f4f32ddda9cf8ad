package diag

// ruleBCodes gives the codes DW740 to DW769: rules of filters, mastering and writers.
func ruleBCodes() []CodeInfo {
	return []CodeInfo{}
}
