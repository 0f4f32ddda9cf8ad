package planner

import (
	"github.com/dualwrite/dw/planner/plan"
)

// Difference compares two versions of a map as a plan does: what changes, why,
// and what would have to be done to get from the one to the other. The names of
// the maps do not count.
func Difference(old, new *plan.Definition) plan.Action {
	renamed := old
	if old.Map.Name != new.Map.Name {
		renamed, _ = old.Renamed(map[string]string{old.Map.Name: new.Map.Name}, nil)
	}
	a, _ := difference(renamed, new)
	a.Map, a.Wave = new.Map.Name, new.Wave
	return a
}
