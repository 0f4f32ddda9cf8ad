package diag

// lintCodes gives the codes of DW2xx, lint: checks that need the schema.
func lintCodes() []CodeInfo {
	return []CodeInfo{}
}
