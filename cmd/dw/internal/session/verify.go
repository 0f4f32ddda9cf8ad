package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/verify"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// VerifyOptions say what to verify.
type VerifyOptions struct {
	NoState bool
	Maps    []string // empty: all
	Company string   // "": all
	Limit   int
	Sample  int    // keys of each map; 0: all
	Seed    uint64 // of the sample; 0: any
	Since   string // a time or how long ago; "": everything
	// Progress hears how far the comparison has come; nil for nobody.
	Progress func(report.Progress)
}

// Verify compares both sides afresh.
func (s *Session) Verify(ctx context.Context, o VerifyOptions) (report.Verify, diag.List, error) {
	v, l, err := s.prepareVerify(ctx, o)
	if err != nil || l.HasErrors() {
		return report.Verify{}, l, err
	}
	r, err := verify.Run(ctx, *v)
	return r, nil, err
}

// prepareVerify makes everything ready for a comparison with connections of its
// own.
func (s *Session) prepareVerify(ctx context.Context, o VerifyOptions) (*verify.Options, diag.List, error) {
	if s.Link == nil {
		return nil, s.loaded.Sorted(), nil
	}
	since, err := s.sinceOf(o.Since)
	if err != nil {
		return nil, nil, err
	}
	if o.Sample > 0 && !since.IsZero() {
		return nil, nil, usage("-sample does not go with -since", "Leave one of them out.")
	}
	var state store.Store
	if !o.NoState {
		if state, err = s.readState(ctx); err != nil {
			return nil, nil, err
		}
	}
	deployed, l, err := s.toVerify(ctx, state)
	if err != nil || l.HasErrors() {
		return nil, l, err
	}
	maps, err := engine.Compile(deployed)
	if err != nil {
		return nil, nil, err
	}
	only, err := selected(maps, o.Maps)
	if err != nil {
		return nil, nil, err
	}
	if o.Company, err = companyOf(only, o.Maps, o.Company); err != nil {
		return nil, nil, err
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := s.sameEnvironments(ctx, state); err != nil {
		return nil, nil, err
	}
	fno, dataverse, err := sys.connectors("")
	if err != nil {
		return nil, nil, err
	}
	scratch, err := s.scratch(ctx, "dw verify")
	if err != nil {
		return nil, nil, err
	}
	_, running, err := sqlite.Held(s.statePath())
	if err != nil {
		return nil, nil, err
	}
	out := &verify.Options{
		Env:  &engine.Env{Host: s.Host, Store: scratch, FnO: fno, Dataverse: dataverse, Link: s.Link.Name, Maps: maps, Stopping: s.o.Stopping, Batch: s.batchSize(), Progress: o.Progress},
		Maps: only, State: state, Limit: o.Limit, Company: o.Company, Sample: o.Sample, Seed: o.Seed, Since: since, Running: running && s.engine == nil,
	}
	if out.Sample > 0 && out.Seed == 0 {
		const most = 1_000_000
		out.Seed = uint64(s.Host.Random.Int63n(most)) + 1
	}
	if !since.IsZero() {
		out.Modified, err = modifiedColumns(ctx, fno, dataverse, only)
	}
	return out, nil, err
}

func usage(summary, hint string) error {
	return diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: summary, Hint: hint})
}

// sinceOf reads a time, or how long ago it was; zero where there is none.
func (s *Session) sinceOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	now := s.Host.Clock.Now()
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 36500 {
			return now.Add(-time.Duration(n) * 24 * time.Hour), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			if t.After(now) {
				return t, usage(fmt.Sprintf("-since %s lies in the future", text), "Name a time that has passed, in UTC unless it says otherwise.")
			}
			return t, nil
		}
	}
	return time.Time{}, usage(fmt.Sprintf("-since %q is neither a time nor how long ago", text), "Write for example 2026-11-29, 2026-11-29T22:00:00Z, 90m, 24h or 7d. Times without a zone are UTC.")
}

// companyOf gives the spelling of a company that some of the maps have.
func companyOf(maps []*engine.Map, named []string, company string) (string, error) {
	if company == "" {
		return "", nil
	}
	var known []string
	for _, m := range maps {
		if m.Compiled.Company < 0 && len(named) > 0 {
			return "", usage(fmt.Sprintf("map %q has no companies", m.Name), "Leave -company out for it.")
		}
		for _, c := range m.Def.Companies {
			if !slices.Contains(known, c) {
				known = append(known, c)
			}
		}
	}
	for _, c := range known {
		if strings.EqualFold(c, company) {
			return c, nil
		}
	}
	hint := "The companies in scope are " + strings.Join(known, ", ") + "."
	if near := diag.Suggest(company, known); near != "" {
		hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return "", usage(fmt.Sprintf("company %q is not in the scope of these maps", company), hint)
}

// modifiedColumns finds out which columns of the two sides say when a record
// was edited: what is deployed of a table has only the columns that are mapped.
func modifiedColumns(ctx context.Context, fno, dataverse connect.Connector, maps []*engine.Map) (func(*engine.Map, value.Side) *schema.Field, error) {
	columns := map[string]*schema.Field{} // by side and set
	for _, c := range []connect.Connector{fno, dataverse} {
		var sets []string
		for _, m := range maps {
			if set := setOn(m, c.Side()); !slices.Contains(sets, set) {
				sets = append(sets, set)
			}
		}
		tables, _, _, err := c.Tables(ctx, sets)
		if err != nil {
			return nil, err
		}
		for i := range tables {
			columns[string(c.Side())+tables[i].Set] = tables[i].Modified()
		}
	}
	return func(m *engine.Map, side value.Side) *schema.Field { return columns[string(side)+setOn(m, side)] }, nil
}

func setOn(m *engine.Map, side value.Side) string {
	if side == value.FnO {
		return m.Def.FnO.Set
	}
	return m.Def.Dataverse.Set
}

// toVerify gives the maps to compare: what is deployed, or what the files say
// where there is no state or it must not be asked.
func (s *Session) toVerify(ctx context.Context, state store.Store) ([]plan.DeployedMap, diag.List, error) {
	d, err := s.deployed(ctx, state)
	if err != nil || len(d.Maps) > 0 {
		return d.Maps, nil, err
	}
	return s.asIfDeployed(ctx)
}

// scratch opens an empty store for what verify reads, so that memory does not
// grow with the rows; it is removed at the end.
func (s *Session) scratch(ctx context.Context, command string) (store.Store, error) {
	dir, err := os.MkdirTemp("", "dw-verify-")
	if err != nil {
		return nil, fmt.Errorf("make room for what verify reads: %w", err)
	}
	s.closers = append(s.closers, func() error { return os.RemoveAll(dir) })
	st, err := sqlite.Open(ctx, sqlite.Options{
		Path: filepath.Join(dir, "scratch.db"), Role: sqlite.Engine, NewID: s.Host.Random.NewID,
		Holder: sqlite.Holder{PID: os.Getpid(), Command: command},
	})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, st.Close)
	return st, nil
}
