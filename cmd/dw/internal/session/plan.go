package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/lint"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/pull"
	"github.com/dualwrite/dw/runtime/deploy"
	"github.com/dualwrite/dw/runtime/engine/initial"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// PlanOptions say how to plan.
type PlanOptions struct {
	Offline bool     // from the schema snapshot, without counts
	Again   []string // maps whose data are to be joined again

	catalog  *schema.Catalog // that was read already; nil: it is read
	rollback map[string]int  // see planner.Input
}

// Plan compares the configuration with what is deployed. Mistakes of the
// configuration, of the language and against the schema, come back together.
func (s *Session) Plan(ctx context.Context, o PlanOptions) (*plan.Plan, diag.List, error) {
	cat, l, err := s.catalog(ctx, o)
	if err != nil || l.HasErrors() {
		return nil, l, err
	}
	st, err := s.readState(ctx)
	if err != nil {
		return nil, l, err
	}
	d, err := s.deployedKnowing(ctx, st, s.bound.Wanted(s.each).ByDigest())
	if err != nil {
		return nil, l, err
	}
	if err := again(&d, o.Again); err != nil {
		return nil, l, err
	}
	if !o.Offline {
		if err := s.sameEnvironments(ctx, st); err != nil {
			return nil, l, err
		}
	}
	in := planner.Input{
		Config: s.Config, Link: s.Link.Name, Catalog: cat, Bound: s.bound, Deployed: d, ToolVersion: s.o.Version, Findings: ofMaps(l),
		Rates: plan.Rates{Assumed: s.assumed(), Parallel: initial.ParallelMaps, Packages: packageRates(), Exports: exportRates()}, RollBack: o.rollback,
	}
	p, found := planner.Build(in)
	if found.HasErrors() || !sendsRows(p) {
		return p, append(l, found...).Sorted(), nil
	}
	if in.Rates, err = s.rates(ctx, st, p); err != nil {
		return nil, l, err
	}
	if !o.Offline {
		if in.Counts, err = s.counts(ctx, p); err != nil {
			return nil, l, err
		}
	}
	p, found = planner.Build(in)
	if !o.Offline {
		missing, err := s.packagesReady(ctx, p)
		if err != nil {
			return nil, l, err
		}
		sets, unread, err := s.exportsReady(ctx, p)
		if err != nil {
			return nil, l, err
		}
		in.Rates.Packages.NoProject, in.Rates.Exports.Missing = len(missing) > 0, sets
		if len(missing)+len(sets) > 0 {
			p, found = planner.Build(in)
			found = slices.Concat(found, demanded(p, missing), unread)
		}
	}
	return p, append(l, found...).Sorted(), nil
}

// ofMaps leaves out what is not about the maps but about the schema file.
func ofMaps(l diag.List) diag.List {
	return slices.DeleteFunc(slices.Clone(l), func(d diag.Diagnostic) bool { return d.Code == diag.CodeDrift || d.Code == diag.CodeSnapshot })
}

// sendsRows tells whether anything in a plan depends on how many rows there are.
func sendsRows(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Actions, func(a plan.Action) bool { return a.Kind.SendsRows() })
}

// sameEnvironments refuses a state that was made for other environments than
// those that the link leads to; nil is no state.
func (s *Session) sameEnvironments(ctx context.Context, st store.Store) error {
	if st == nil {
		return nil
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return err
	}
	return deploy.SameEnvironments(ctx, s.Link.Name, st, sys.fno, sys.dataverse)
}

// again marks maps as if their initial sync had never ended.
func again(d *plan.Deployed, names []string) error {
	for _, name := range names {
		at := slices.IndexFunc(d.Maps, func(m plan.DeployedMap) bool { return m.Definition.Map.Name == name })
		if at < 0 {
			var known []string
			for _, m := range d.Maps {
				known = append(known, m.Definition.Map.Name)
			}
			x := diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("-again %s: no such map is deployed", name)}
			if near := diag.Suggest(name, known); near != "" {
				x.Hint = fmt.Sprintf("Did you mean %s?", near)
			}
			return diag.Fail(x)
		}
		d.Maps[at].Initial = "pending"
	}
	return nil
}

// catalog gives the schema, and with it all mistakes of the configuration.
func (s *Session) catalog(ctx context.Context, o PlanOptions) (cat *schema.Catalog, l diag.List, err error) {
	if s.Link == nil {
		return nil, s.loaded.Sorted(), nil
	}
	if o.Offline {
		cat, err := s.snapshot(s.Link)
		if err == nil && cat == nil {
			err = diag.Fail(diag.Diagnostic{
				Code: diag.CodeSnapshot, Severity: diag.Error, Summary: "there is no " + s.SchemaFile(s.Link),
				Detail: "Without a connection the names and types of both sides can only come from the snapshot.",
				Hint:   "Write it with `dw schema pull`, or plan without -offline.",
			})
		}
		if err != nil {
			return nil, s.loaded.Sorted(), err
		}
		return cat, s.checked(cat), nil
	}
	if cat = o.catalog; cat == nil {
		cat, err = s.pull(ctx)
	}
	if err != nil {
		if s.loaded.HasErrors() {
			return nil, s.loaded.Sorted(), nil
		}
		return nil, nil, err
	}
	return cat, append(s.checked(cat), s.drift(cat)...).Sorted(), nil
}

// drift tells whether the schema has moved since the committed snapshot. Only
// the tables that the maps name now are compared.
func (s *Session) drift(cat *schema.Catalog) diag.List {
	name := s.SchemaFile(s.Link)
	old, err := s.snapshot(s.Link)
	d := diag.Diagnostic{Code: diag.CodeDrift, Severity: diag.Warning, Detail: "validate and plan -offline check against the file."}
	switch {
	case err != nil:
		return diag.List{{
			Code: diag.CodeSnapshot, Severity: diag.Warning, Summary: name + " cannot be read", Detail: err.Error(),
			Hint: "Write it anew with `dw schema pull`.",
		}}
	case old == nil:
		return nil
	}
	if lacks := cat.Lacking(*old); len(lacks) > 0 {
		d.Summary = fmt.Sprintf("%s does not have %s", name, strings.Join(lacks, ", "))
		d.Hint = "Take them over with `dw schema pull`, then commit the file."
		return diag.List{d}
	}
	if schema.Hash(old.Within(*cat)) == schema.Hash(cat.Within(*cat)) {
		return nil
	}
	d.Summary = "the schema of the environments is not what " + name + " says"
	d.Hint = "See what has moved and take it over with `dw schema pull`, then commit the file."
	return diag.List{d}
}

// checked gives all mistakes of the configuration, those that only the schema
// shows included.
func (s *Session) checked(cat *schema.Catalog) diag.List {
	return append(slices.Clone(s.loaded), s.lint(s.Link, cat)...).Sorted()
}

// lint gives the mistakes of a link's maps that only the schema shows. What the
// language has said of a place is not said again.
func (s *Session) lint(link *model.Link, cat *schema.Catalog) diag.List {
	return s.examine(link, cat).Found
}

// examine is lint that gives the findings that notes silence too.
func (s *Session) examine(link *model.Link, cat *schema.Catalog) lint.Result {
	s.bound = planner.Bind(s.Config, link, cat)
	opts := []lint.Option{lint.WithBound(s.bound.Bound, s.bound.Problems)}
	if s.loaded.HasErrors() {
		opts = append(opts, lint.Partial())
	}
	type said struct {
		code string
		at   diag.Range
	}
	known := map[said]bool{}
	for _, d := range s.loaded {
		known[said{d.Code, d.Subject}] = true
	}
	r := lint.Examine(s.Config, cat, opts...)
	r.Found = slices.DeleteFunc(r.Found, func(d diag.Diagnostic) bool { return known[said{d.Code, d.Subject}] })
	return r
}

// pull reads the schema over the link's connections.
func (s *Session) pull(ctx context.Context) (*schema.Catalog, error) {
	return s.pullFor(ctx, s.maps())
}

// pullFor is pull for some maps.
func (s *Session) pullFor(ctx context.Context, maps []*model.Map) (*schema.Catalog, error) {
	sys, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	return pull.Catalog(ctx, sys.fno, sys.dataverse, maps)
}

// pullAll is pull with what is registered on the tables beside dw.
func (s *Session) pullAll(ctx context.Context) (*schema.Catalog, error) {
	cat, err := s.pull(ctx)
	if err != nil {
		return nil, err
	}
	return cat, pull.Registered(ctx, s.systems.dataverse, s.maps(), cat)
}

// maps are those of the link.
func (s *Session) maps() []*model.Map {
	var out []*model.Map
	for _, m := range s.Config.Maps {
		if m.Link == s.Link.Name {
			out = append(out, m)
		}
	}
	return out
}

// PullSchema reads the schema and gives the text of the snapshot.
func (s *Session) PullSchema(ctx context.Context) ([]byte, diag.List, error) {
	if s.Link == nil {
		return nil, s.loaded.Sorted(), nil
	}
	cat, err := s.pullAll(ctx)
	if err != nil {
		return nil, s.loaded.Sorted(), err
	}
	return schema.Encode(*cat), nil, nil
}

// counts asks both sides how many rows the maps that send rows will read.
func (s *Session) counts(ctx context.Context, p *plan.Plan) (plan.Counts, error) {
	sys, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	out := plan.Counts{}
	for _, a := range p.Actions {
		if a.Definition == nil || !a.Kind.SendsRows() {
			continue
		}
		c, err := compile(a.Definition)
		if err != nil {
			return nil, err
		}
		out[a.Map] = map[value.Side]plan.Count{}
		for _, side := range []connect.Connector{sys.fno, sys.dataverse} {
			q := connect.Query{Projection: &c.Dataverse}
			if side.Side() == value.FnO {
				q = connect.Query{Projection: &c.FnO, Filter: c.ServiceFilter()}
				if c.Company >= 0 {
					q.Companies = a.Definition.Companies
				}
			}
			rows, exact, err := side.Count(ctx, q)
			if err != nil {
				return nil, err
			}
			out[a.Map][side.Side()] = plan.Count{Rows: rows, Exact: exact}
		}
	}
	return out, nil
}

func compile(d *plan.Definition) (*transform.Compiled, error) {
	c, l := transform.Compile(transform.Input{
		Map: d.Map, FnO: d.FnO, Dataverse: d.Dataverse, Targets: d.Targets, Enums: d.Enums,
		Companies: d.Companies, Deferred: d.Deferred, Delivers: d.Delivers,
	})
	if l.HasErrors() {
		return nil, &diag.Failure{List: l}
	}
	return c, nil
}

// CheckPlan holds a saved plan against the state, the schema and the
// configuration as they are now, and says all that has moved. The verdict is the
// stricter one of the plan's and of the folder's policy. Notes are for who
// carries the plan out.
func (s *Session) CheckPlan(ctx context.Context, p *plan.Plan) (verdict plan.Verdict, notes diag.List, err error) {
	if s.Link == nil {
		return verdict, nil, &diag.Failure{List: s.loaded}
	}
	if p.Link != s.Link.Name {
		return verdict, nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodePlanStale, Severity: diag.Error, Summary: fmt.Sprintf("the plan is for link %q", p.Link), Hint: fmt.Sprintf("Choose it with -link %s, or make a plan for this link.", p.Link),
			Detail: fmt.Sprintf("The folder's link is %q.", s.Link.Name),
		})
	}
	if environments := planner.Environments(s.Link); p.Environments != environments {
		return verdict, nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodePlanStale, Severity: diag.Error, Summary: "the plan is for other environments",
			Detail: fmt.Sprintf("It was made for %s; the link leads to %s now.", p.Environments, environments), Hint: "Make another plan for these environments.",
		})
	}
	st, err := s.readState(ctx)
	if err != nil {
		return verdict, nil, err
	}
	d, err := s.deployed(ctx, st)
	if err != nil {
		return verdict, nil, err
	}
	moved := p.FreshState(d)
	if cut, err := s.cutOff(ctx, st); err != nil {
		return verdict, nil, err
	} else if len(moved) > 0 && cut.Fingerprint == p.Fingerprint {
		moved[0].Detail = "Carrying it out has begun already."
		moved[0].Hint = fmt.Sprintf("The apply of this plan was cut off: `dw apply -approved=%s` goes on from there.", plan.Short(p.Fingerprint))
	}
	cat, err := s.pullFor(ctx, append(s.maps(), savedMaps(p)...))
	if err != nil {
		return verdict, nil, err
	}
	moved = append(moved, p.FreshSchema(planner.CurrentSchema(p, cat))...)
	verdict = p.Policy
	if len(s.maps()) == 0 {
		notes = append(notes, diag.Diagnostic{
			Code: diag.CodeNotCompared, Severity: diag.Warning, Summary: "the saved plan is not compared with a configuration",
			Detail: "The folder has no maps of the link, so that nobody can tell whether they are still what the plan carries out. The state and the schema are compared.",
			Hint:   "Apply it in the folder that it was made in, to have the maps compared too.",
		})
		verdict = verdict.Worse(planner.Judge(p, s.Config, nil))
	} else {
		now, l, err := s.Plan(ctx, PlanOptions{catalog: cat})
		if err != nil {
			return verdict, nil, err
		}
		if l.HasErrors() {
			return verdict, nil, &diag.Failure{List: l}
		}
		moved = append(moved, p.FreshConfiguration(now.Basis.Configuration)...)
		verdict = verdict.Worse(now.Policy)
	}
	if len(moved) > 0 {
		return verdict, nil, &diag.Failure{List: moved}
	}
	return verdict, notes, nil
}

// savedMaps are those that a saved plan carries out or leaves as they are.
func savedMaps(p *plan.Plan) []*model.Map {
	var out []*model.Map
	for _, a := range p.Actions {
		if a.Definition != nil {
			out = append(out, a.Definition.Map)
		}
	}
	return out
}

// Apply carries out a plan.
func (s *Session) Apply(ctx context.Context, p *plan.Plan, progress func(report.Progress)) (report.Apply, error) {
	if !p.Changes() {
		return report.Apply{FormatVersion: report.FormatVersion, Link: p.Link, Nothing: true, Complete: true}, nil
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return report.Apply{}, err
	}
	w, err := s.writeState(ctx, cmp.Or(s.command, applyCommand))
	if err != nil {
		return report.Apply{}, err
	}
	if err := s.reread(w.ctx, w.store, p); err != nil {
		return report.Apply{}, w.fenced(err)
	}
	if err := s.began(w.ctx, w.store, p); err != nil {
		return report.Apply{}, w.fenced(err)
	}
	out, err := deploy.Apply(w.ctx, p, deploy.Options{
		Host: s.Host, Store: w.store, FnO: sys.fno, Dataverse: sys.dataverse, By: s.user(), Run: s.pipelineRun(), Progress: progress,
		Stopping: s.o.Stopping, Stop: s.o.Stop, Batch: s.batchSize(), Scratch: s.tempStore, Crosswalk: s.crosswalk,
	})
	if err == nil {
		err = s.ended(w.ctx, w.store, p.Link)
	}
	return out, w.fenced(err)
}

// Lock takes the lock of the state before anything is planned, where this
// command is to wait for it: a plan that was made while another was carried out
// would be stale.
func (s *Session) Lock(ctx context.Context) error {
	if s.o.LockTimeout <= 0 {
		return nil
	}
	_, err := s.writeState(ctx, cmp.Or(s.command, applyCommand))
	return err
}

// reread makes maps that are to be joined again read their data from the start.
func (s *Session) reread(ctx context.Context, st store.Store, p *plan.Plan) error {
	return st.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Deployed(p.Link)
		if err != nil {
			return err
		}
		for _, a := range p.Actions {
			for _, m := range d.Maps {
				if a.Kind != plan.Resume || m.Definition.Map.Name != a.Map || m.Initial != "done" {
					continue
				}
				m.Initial, m.Status = "pending", "initializing"
				if err := deploy.Reread(tx, a.Map); err != nil {
					return err
				}
				if err := tx.PutDeployed(p.Link, m); err != nil {
					return err
				}
				p.Serial++ // our own step since the plan was made
			}
		}
		return nil
	})
}

// user names who applies, for the history: the CI run or the login.
func (s *Session) user() string {
	for _, name := range []string{"DW_USER", "GITHUB_ACTOR", "BUILD_REQUESTEDFOR", "GITLAB_USER_LOGIN", "USER", "USERNAME"} {
		if v := s.Host.Getenv(name); v != "" {
			return v
		}
	}
	return nobody
}

// nobody stands for a user whom the environment does not name.
const nobody = "unknown"
