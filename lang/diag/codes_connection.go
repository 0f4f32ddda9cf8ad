package diag

// connectionCodes gives the codes of DW4xx, connections and sign-in.
func connectionCodes() []CodeInfo {
	return []CodeInfo{}
}
