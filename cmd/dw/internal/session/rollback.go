package session

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/render"
	"github.com/dualwrite/dw/planner/plan"
)

// rollbackCommand is how dw rollback names itself in the lock of the state.
const rollbackCommand = "dw rollback"

// Rollback plans a map back to an earlier version. All other maps of the link
// stay as they are deployed, whatever the files say. Otherwise tells whether the
// files say something else of the map than that version.
func (s *Session) Rollback(ctx context.Context, r VersionRef) (p *plan.Plan, l diag.List, otherwise bool, err error) {
	if r.Number == 0 {
		return nil, nil, false, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("%s names no version to go back to", r),
			Hint: fmt.Sprintf("Write %s@NUMBER; `dw history %s` lists the numbers.", r, model.MapArgument(r.Map)),
		})
	}
	if s.loaded.HasErrors() {
		return nil, s.loaded.Sorted(), false, nil
	}
	f, err := s.find(ctx, r)
	if err != nil {
		return nil, nil, false, err
	}
	st, err := s.readState(ctx)
	if err != nil {
		return nil, nil, false, err
	}
	d, err := s.deployed(ctx, st)
	if err != nil {
		return nil, nil, false, err
	}
	back := *f.deployed.Definition.Map
	back.Name = r.Map // it may have been called otherwise then
	maps := []*model.Map{&back}
	for _, m := range d.Maps {
		if m.Definition.Map.Name != r.Map {
			maps = append(maps, m.Definition.Map)
		}
	}
	otherwise = true
	for _, m := range s.maps() {
		if m.Name == r.Map {
			otherwise = !bytes.Equal(render.Map(m), render.Map(&back))
		}
	}
	files, loaded := s.Config, s.loaded
	defer func() { s.Config, s.loaded = files, loaded }()
	config := *files
	config.Maps, config.Moved, config.IgnoreNotes = maps, nil, nil
	slices.SortFunc(config.Maps, func(a, b *model.Map) int { return cmp.Compare(a.Name, b.Name) })
	s.Config, s.loaded = &config, nil
	p, l, err = s.Plan(ctx, PlanOptions{rollback: map[string]int{r.Map: r.Number}})
	return p, withoutPlaces(l), otherwise, err
}

// withoutPlaces leaves the places out of diagnostics about deployed maps: they
// stand in no file.
func withoutPlaces(l diag.List) diag.List {
	out := slices.Clone(l)
	for i := range out {
		out[i].Subject, out[i].Context = diag.Range{}, diag.Range{}
	}
	return out
}

// RollingBack makes the session name itself so in the lock of the state.
func (s *Session) RollingBack() { s.command = rollbackCommand }
