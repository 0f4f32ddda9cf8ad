package session

import (
	"context"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/plan"
)

// Graph gives how the maps of the link depend on each other, from the schema
// snapshot where there is one.
func (s *Session) Graph(ctx context.Context) (plan.Graph, diag.List, error) {
	var o PlanOptions
	if s.Link != nil {
		cat, err := s.snapshot(s.Link)
		if err != nil {
			return plan.Graph{}, s.loaded.Sorted(), err
		}
		o.Offline = cat != nil
	}
	cat, l, err := s.catalog(ctx, o)
	if err != nil || l.HasErrors() {
		return plan.Graph{}, l, err
	}
	p, found := planner.Build(planner.Input{Config: s.Config, Link: s.Link.Name, Catalog: cat, ToolVersion: s.o.Version})
	if found.HasErrors() {
		return plan.Graph{}, append(l, found...).Sorted(), nil
	}
	return planner.Graph(p), l, nil
}
