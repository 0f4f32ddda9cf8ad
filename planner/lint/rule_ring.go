package lint

import "github.com/dualwrite/dw/lang/diag"

// ring is found when maps are put into waves.
func ring() Rule {
	return describe(Rule{
		Code: diag.CodeRing, Severity: diag.Error, Group: GroupLookups,
		Mend: "Let one reference of the ring wait: take away `missing` from a lookup of the ring, or set `missing = \"defer\"`. " +
			"A lookup that is part of the key, or required by the side that it is written to, cannot wait.",
	})
}
