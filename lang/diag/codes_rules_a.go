package diag

// ruleACodes gives the codes DW700 to DW739: rules of lookups, loops, enums and companies.
func ruleACodes() []CodeInfo {
	return []CodeInfo{}
}
