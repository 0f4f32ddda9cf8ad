package planner

import "github.com/dualwrite/dw/planner/plan"

// join says what the numbers of rows tell of how the records of both sides find
// each other; nil where they are not known.
func join(a *plan.Action) *plan.Join {
	r := a.Rows
	if r.FnO < 0 || r.Dataverse < 0 {
		return nil
	}
	j := &plan.Join{
		Paired:  plan.Bound{Most: min(r.FnO, r.Dataverse), Exact: r.FnOExact && r.DataverseExact},
		OnlyFnO: max(r.FnO-r.Dataverse, 0), OnlyDataverse: max(r.Dataverse-r.FnO, 0),
	}
	i := a.Definition.Map.Initial
	for _, way := range i.Match {
		var names []string
		for _, n := range way {
			names = append(names, n.Name)
		}
		j.Match = append(j.Match, names)
	}
	if i.Crosswalk != nil {
		j.Crosswalk = i.Crosswalk.File
	}
	return j
}
