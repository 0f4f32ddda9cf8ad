package session

import (
	"context"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
)

// asIfDeployed gives the maps of the files as they would be deployed if nothing
// were yet, for commands that need no deployed map.
func (s *Session) asIfDeployed(ctx context.Context) ([]plan.DeployedMap, diag.List, error) {
	cat, l, err := s.catalog(ctx, PlanOptions{})
	if err != nil || l.HasErrors() {
		return nil, l, err
	}
	p, l := planner.Build(planner.Input{Config: s.Config, Link: s.Link.Name, Catalog: cat, Bound: s.bound, Deployed: plan.Deployed{Link: s.Link.Name}, ToolVersion: s.o.Version})
	if l.HasErrors() {
		return nil, l, nil
	}
	var maps []plan.DeployedMap
	for _, a := range p.Actions {
		if a.Definition != nil {
			maps = append(maps, plan.DeployedMap{Definition: *a.Definition, Version: 1})
		}
	}
	return maps, nil, nil
}

// selected gives the maps of some names in the order of maps; all where there
// are no names.
func selected(maps []*engine.Map, names []string) ([]*engine.Map, error) {
	if len(names) == 0 {
		return maps, nil
	}
	var known []string
	for _, m := range maps {
		known = append(known, m.Name)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, noSuchMap(n, known)
		}
	}
	var out []*engine.Map
	for _, m := range maps {
		if slices.Contains(names, m.Name) {
			out = append(out, m)
		}
	}
	return out, nil
}
