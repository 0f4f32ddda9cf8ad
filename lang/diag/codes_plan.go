package diag

// planCodes gives the codes of DW3xx, plan and state.
func planCodes() []CodeInfo {
	return []CodeInfo{}
}
