package lint

// rulesA gives the rules of lookups, loops, enums and companies.
func rulesA() []Rule {
	return []Rule{}
}
