package planner

import (
	"fmt"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
)

// Words of the language that let records go.
const (
	propagate  = "propagate"
	onDelete   = "delete"
	deactivate = "deactivate"
)

// dangers lists what an action does that no later plan brings back. Old is what
// runs now, nil for a new map.
func dangers(a *plan.Action, old *plan.DeployedMap, pairs map[string]plan.Measured) []plan.Danger {
	var out []plan.Danger
	add := func(code, detail string) *plan.Danger {
		out = append(out, plan.Danger{Code: code, Map: a.Map, Detail: detail})
		return &out[len(out)-1]
	}
	if a.Kind == plan.Destroy {
		add(plan.EndsMap, "its records are kept equal no longer; no record is deleted")
		return out
	}
	if a.Kind == plan.None || a.Definition == nil {
		return nil
	}
	now, was := a.Definition.Map, &model.Map{}
	if old != nil {
		was = old.Definition.Map
	}
	if leaves := now.Filter.OnLeave; old != nil && narrowed(was.Filter, now.Filter) && a.Kind.SendsRows() {
		most := plan.Bound{Most: unknown}
		if m, known := pairs[a.Map]; known {
			most = plan.Bound{Most: m.Pairs, Exact: true}
		}
		switch leaves {
		case onDelete:
			add(plan.ScopeDeletes, "records that the new filter leaves out on one side are deleted on the other").Rows = most
		case deactivate:
			add(plan.ScopeSleeps, "Dataverse rows of F&O records that the new filter leaves out are deactivated").Rows = most
		}
	}
	for _, side := range []value.Side{dataverse, fno} {
		if deletes(now, side) == propagate && deletes(was, side) != propagate {
			add(plan.DeletesOn, fmt.Sprintf("a delete in %s deletes in %s from now on", side.Other().Title(), side.Title()))
		}
	}
	if now.Filter.OnLeave == onDelete && was.Filter.OnLeave != onDelete {
		add(plan.LeaveDeletesOn, "a record that leaves the filter on one side is deleted on the other from now on")
	}
	if a.Kind == plan.Replace {
		add(plan.PairsAnew, fmt.Sprintf("what was agreed is forgotten: where both sides differ, %s wins", winner(now).Title()))
	}
	if now.Initial.AllowBlank && (a.Kind == plan.Create || a.Kind == plan.Replace || !was.Initial.AllowBlank) {
		add(plan.BlanksOn, "in the initial sync an empty field may clear the other side's value")
	}
	return out
}

// narrowed tells whether another filter may leave out records that the one
// before admitted. A filter that is gone leaves out nothing.
func narrowed(was, now model.Filter) bool {
	return now.FnO.Name != "" && now.FnO.Name != was.FnO.Name || now.Dataverse.Name != "" && now.Dataverse.Name != was.Dataverse.Name
}

// deletes gives what a delete does on a side.
func deletes(m *model.Map, on value.Side) string {
	if on == dataverse {
		return m.Deletes.ToDataverse
	}
	return m.Deletes.ToFnO
}

// winner is the side whose values hold where both differ at first sight.
func winner(m *model.Map) value.Side {
	for _, s := range []value.Side{m.Initial.Winner, m.Mastering.Master} {
		if s != "" {
			return s
		}
	}
	return fno
}
