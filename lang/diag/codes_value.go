package diag

// valueCodes gives the codes of DW5xx, values of records.
func valueCodes() []CodeInfo {
	return []CodeInfo{}
}
