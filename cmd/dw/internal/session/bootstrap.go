package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/bootstrap"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/report"
)

// BootstrapOptions say what to bootstrap.
type BootstrapOptions struct {
	Maps     []string // empty: all whose rows have a company of their own
	Company  string   // for rows of which no record is found; "": none
	Write    bool     // else it is only told what would be written
	Samples  int      // rows of each kind that are named, a map
	Progress func(report.Progress)
}

// Bootstrap gives rows of Dataverse that have no company theirs, and their key.
// It goes by the maps of the folder: they need not be deployed.
func (s *Session) Bootstrap(ctx context.Context, o BootstrapOptions) (report.Bootstrap, diag.List, error) {
	out := report.Bootstrap{FormatVersion: report.FormatVersion, Maps: []report.BootstrapMap{}, Done: o.Write}
	if s.Link == nil {
		return out, s.loaded.Sorted(), nil
	}
	out.Link = s.Link.Name
	cat, l, err := s.catalog(ctx, PlanOptions{})
	if err != nil || l.HasErrors() {
		return out, l, err
	}
	p, found := planner.Build(planner.Input{Config: s.Config, Link: s.Link.Name, Catalog: cat, Bound: s.bound, ToolVersion: s.o.Version})
	if found.HasErrors() {
		return out, append(l, found...).Sorted(), nil
	}
	var wanted []plan.DeployedMap
	for _, a := range p.Actions {
		if a.Definition != nil {
			wanted = append(wanted, plan.DeployedMap{Definition: *a.Definition, Version: 1})
		}
	}
	maps, err := engine.Compile(wanted)
	if err != nil {
		return out, nil, err
	}
	chosen, err := selected(maps, o.Maps)
	if err != nil {
		return out, nil, err
	}
	if out.Company, err = s.companyOption(o.Company); err != nil {
		return out, nil, err
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return out, nil, err
	}
	st, err := s.readState(ctx)
	if err != nil {
		return out, nil, err
	}
	if err := s.sameEnvironments(ctx, st); err != nil {
		return out, nil, err
	}
	for _, m := range chosen {
		if !bootstrap.Fits(m) {
			if len(o.Maps) > 0 {
				return out, nil, usage(fmt.Sprintf("the rows of %s have no company of their own that can be written", m.Def.Map.Address()),
					"Leave the map out: its records are shared by all companies, or get theirs from the row that they belong to.")
			}
			continue
		}
		env := &engine.Env{
			Host: s.Host, FnO: sys.fno, Dataverse: sys.dataverse, Link: s.Link.Name, Maps: maps, Progress: o.Progress,
			Stopping: s.o.Stopping, Batch: s.batchSize(), Crosswalk: s.crosswalk,
		}
		r, err := s.bootstrapMap(ctx, env, m, o, out.Company)
		out.Maps = append(out.Maps, r)
		if err != nil {
			return out, nil, err
		}
	}
	return out, nil, nil
}

// bootstrapMap works on one map, with stores that go with it.
func (s *Session) bootstrapMap(ctx context.Context, env *engine.Env, m *engine.Map, o BootstrapOptions, company string) (r report.BootstrapMap, err error) {
	content, err := initial.Crosswalk(env, m)
	if err != nil {
		return r, err
	}
	read, end, err := s.tempStore(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, end()) }()
	sorted, end2, err := s.tempStore(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, end2()) }()
	env.Store = read
	return bootstrap.Run(ctx, bootstrap.Options{
		Env: env, Map: m, Scratch: sorted, Crosswalk: content, Company: company, Write: o.Write, Samples: o.Samples,
	})
}

// companyOption gives a company of the link in the link's spelling.
func (s *Session) companyOption(code string) (string, error) {
	if code == "" {
		return "", nil
	}
	var known []string
	for _, c := range s.Link.Companies {
		if strings.EqualFold(c.Name, code) {
			return c.Name, nil
		}
		known = append(known, c.Name)
	}
	hint := "The link's companies: " + strings.Join(known, ", ") + "."
	if near := diag.Suggest(code, known); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	return "", usage(fmt.Sprintf("-company %s: the link has no such company", code), hint)
}
