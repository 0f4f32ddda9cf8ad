package session

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/bootstrap"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// BootstrapOptions say what to bootstrap.
type BootstrapOptions struct {
	Maps     []string // empty: all whose rows have a company of their own
	Company  string   // for rows of which no record is found; "": none
	Samples  int      // rows of each kind that are named, a map; 0: all
	Progress func(report.Progress)
}

// BootstrapPlan is what would be written, ready to be carried out.
type BootstrapPlan struct {
	Report  report.Bootstrap
	env     *engine.Env
	maps    []*engine.Map // by Report.Maps
	planned store.Store
	samples int
}

// PlanBootstrap looks for rows of Dataverse that have no company and finds out
// theirs, and their key. It goes by the maps of the folder: they need not be
// deployed.
func (s *Session) PlanBootstrap(ctx context.Context, o BootstrapOptions) (*BootstrapPlan, diag.List, error) {
	deployed, l, err := s.asIfDeployed(ctx)
	if err != nil || l.HasErrors() {
		return nil, l, err
	}
	maps, err := engine.Compile(deployed)
	if err != nil {
		return nil, nil, err
	}
	chosen, err := selected(maps, o.Maps)
	if err != nil {
		return nil, nil, err
	}
	p := &BootstrapPlan{Report: report.Bootstrap{FormatVersion: report.FormatVersion, Link: s.Link.Name, Maps: []report.BootstrapMap{}}, samples: o.Samples}
	if p.Report.Company, err = s.companyOption(o.Company); err != nil {
		return nil, nil, err
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	st, err := s.readState(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := s.sameEnvironments(ctx, st); err != nil {
		return nil, nil, err
	}
	if p.planned, err = s.scratch(ctx, "dw bootstrap"); err != nil {
		return nil, nil, err
	}
	p.env = &engine.Env{
		Host: s.Host, FnO: sys.fno, Dataverse: sys.dataverse, Link: s.Link.Name, Maps: maps, Progress: o.Progress,
		Stopping: s.o.Stopping, Batch: s.batchSize(), Crosswalk: s.crosswalk,
	}
	for _, m := range chosen {
		if !bootstrap.Fits(m) {
			if len(o.Maps) > 0 {
				return nil, nil, usage(fmt.Sprintf("the rows of %s have no company of their own that can be written", m.Def.Map.Address()),
					"Leave the map out: its records are shared by all companies, or get theirs from the row that they belong to.")
			}
			continue
		}
		r, err := s.bootstrapMap(ctx, p, m)
		if err != nil {
			return nil, nil, err
		}
		p.Report.Maps, p.maps = append(p.Report.Maps, r), append(p.maps, m)
	}
	return p, nil, nil
}

// bootstrapMap plans for one map, with stores that go with it.
func (s *Session) bootstrapMap(ctx context.Context, p *BootstrapPlan, m *engine.Map) (r report.BootstrapMap, err error) {
	env := *p.env
	content, err := initial.Crosswalk(&env, m)
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
	r, err = bootstrap.Plan(ctx, bootstrap.Options{
		Env: &env, Map: m, Scratch: sorted, Planned: p.planned, Crosswalk: content, Company: p.Report.Company, Samples: p.samples,
	})
	env.Report(report.Progress{Map: m.Name, Phase: "done"})
	return r, err
}

// Bootstrap writes what was planned, and counts it in the plan's report.
func (s *Session) Bootstrap(ctx context.Context, p *BootstrapPlan, progress func(report.Progress)) error {
	p.env.Progress, p.Report.Done = progress, true
	for i, m := range p.maps {
		if err := bootstrap.Carry(ctx, p.env, m, p.planned, p.samples, &p.Report.Maps[i]); err != nil {
			return err
		}
	}
	return nil
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
