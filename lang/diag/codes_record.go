package diag

// recordCodes gives the codes of DW6xx, records.
func recordCodes() []CodeInfo {
	return []CodeInfo{}
}
