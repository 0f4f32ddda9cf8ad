// Package planner compares the maps of a link with what is deployed for it and
// says what apply has to do. It is pure: the same input gives the same plan.
package planner

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/plan"
)

// Input is everything that a plan depends on.
type Input struct {
	Config      *model.Config
	Link        string          // name of the link to plan for
	Catalog     *schema.Catalog // see Needs
	Bound       *Bound          // the maps bound to the catalog, where it was done already; nil: Build does it
	Deployed    plan.Deployed   // zero where there is no state yet
	Counts      plan.Counts     // nil when planning offline
	Rates       plan.Rates      // assumed and measured
	Findings    diag.List       // of lint, for the policy
	ToolVersion string
	RollBack    map[string]int // version that Config takes up again, by map; see Action.RolledBack
}

// Needs gives the sets and tables whose metadata Build needs for a link. Begin
// with an empty catalog and read what it asks for; with what was read it asks
// for the targets of lookups as well.
func Needs(cfg *model.Config, link string, cat *schema.Catalog) (fno, dataverse []string) {
	return bind.Needs(cfg, link, cat)
}

// Bound is the maps of one link, bound to the schema, for lint and Build alike.
type Bound struct {
	*bind.Bound
	Problems diag.List // what stands in the way of binding

	wanted *Wanted // once it was asked for
}

// Bind binds the maps of a link to the schema.
func Bind(cfg *model.Config, link *model.Link, cat *schema.Catalog) *Bound {
	b, problems := bind.Link(cfg, link, cat)
	return &Bound{Bound: b, Problems: problems}
}

// Build makes the plan for one link. Actions stand in the order of waves, then
// names; maps to remove come last, those of later waves first. Where the
// diagnostics have errors, the plan is nil. Warnings are lint's business and
// are not repeated here; what only the difference shows is a notice.
func Build(in Input) (*plan.Plan, diag.List) {
	link := findLink(in.Config, in.Link)
	if link == nil {
		return nil, diag.List{unknownLink(in.Config, in.Link)}
	}
	if in.Bound == nil {
		in.Bound = Bind(in.Config, link, in.Catalog)
	}
	bound, ds := in.Bound.Bound, slices.Clone(in.Bound.Problems)
	wanted := in.Bound.Wanted(nil)
	ds = append(ds, wanted.problems...)
	if ds.HasErrors() {
		return nil, ds.Sorted()
	}
	p := &plan.Plan{
		FormatVersion: plan.FormatVersion, Tool: in.ToolVersion, Link: link.Name, Environments: Environments(link),
		Lineage: in.Deployed.Lineage, Serial: in.Deployed.Serial, Complete: true,
		Actions: []plan.Action{}, Waves: []plan.Wave{},
	}
	var hints diag.List
	p.Actions, p.Destructive, hints = actions(wanted, in)
	for _, a := range p.Actions {
		if a.Definition != nil && a.Kind != plan.Destroy {
			hints = append(hints, notOffered(a.Definition)...)
		}
	}
	p.Waves = waves(bound.Order.Waves, p.Actions, in.Rates.Parallel)
	p.Pauses = pauses(p.Actions)
	for _, d := range bound.Order.Deferred {
		p.Deferrals = append(p.Deferrals, plan.Deferral{Map: d.Map, Field: d.Field, Ring: d.Ring})
	}
	for _, a := range p.Actions {
		if a.Kind.SendsRows() && (a.Rows.FnO < 0 || a.Rows.Dataverse < 0) {
			p.Complete = false
		}
	}
	p.Total = total(p, in.Rates)
	p.Policy = Judge(p, in.Config, in.Findings)
	if err := seal(p, wanted, in.Deployed); err != nil {
		return nil, diag.List{{Code: diag.CodePlanUnreadable, Summary: "the plan cannot be written down", Detail: err.Error()}}
	}
	return p, hints
}

// seal puts the hashes into a plan.
func seal(p *plan.Plan, wanted *Wanted, deployed plan.Deployed) (err error) {
	p.Basis = plan.Basis{Deployed: plan.DeployedBasis(deployed), Configuration: wanted.configuration(), Schema: wanted.schema()}
	if p.ConfigHash, err = plan.Hash(p.Basis.Configuration); err != nil {
		return err
	}
	if p.SchemaHash, err = plan.Hash(p.Basis.Schema); err != nil {
		return err
	}
	return plan.Seal(p, wanted.digests())
}

func findLink(cfg *model.Config, name string) *model.Link {
	for _, l := range cfg.Links {
		if l.Name == name {
			return l
		}
	}
	return nil
}

func unknownLink(cfg *model.Config, name string) diag.Diagnostic {
	var names []string
	for _, l := range cfg.Links {
		names = append(names, l.Name)
	}
	d := diag.Diagnostic{
		Code: diag.CodeUnknownLink, Summary: fmt.Sprintf("there is no link %q", name),
		Detail: "The configuration declares no link of this name.", Hint: "Name one that is declared.",
	}
	if similar := diag.Suggest(name, names); similar != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", similar)
	}
	return d
}

// actions decides what happens to each map, and what of it is destructive. The
// notices are about maps that look renamed.
func actions(wanted *Wanted, in Input) ([]plan.Action, []plan.Danger, diag.List) {
	before := make(map[string]*plan.DeployedMap, len(in.Deployed.Maps))
	for i := range in.Deployed.Maps {
		before[in.Deployed.Maps[i].Definition.Map.Name] = &in.Deployed.Maps[i]
	}
	out := make([]plan.Action, 0, len(wanted.maps))
	kept := make(map[string]bool, len(wanted.maps))
	digests := plan.NewDigester()
	mv := movesOf(in.Config.Moved)
	was := make(map[string]*plan.DeployedMap, len(wanted.maps)) // by the names of now
	for i := range wanted.maps {
		def := wanted.maps[i].definition
		old := before[def.Map.Name]
		if old == nil {
			if old = mv.source(def.Map.Name, in.Config.Moved, before); old != nil {
				kept[old.Definition.Map.Name] = true
			}
		}
		kept[def.Map.Name], was[def.Map.Name] = true, old
		a, to := compare(old, &wanted.maps[i], mv, digests)
		a.Map, a.Wave, a.Definition = def.Map.Name, def.Wave, def
		if version := in.RollBack[a.Map]; version > 0 && a.Kind != plan.None {
			a.RolledBack = version
			a.Reasons = append([]plan.Reason{{Code: plan.RolledBack, Detail: fmt.Sprintf("back to version %d", version)}}, a.Reasons...)
		}
		if a.Kind.SendsRows() {
			a.Rows = rows(in.Counts, a.Map)
			a.Cost, a.Join = cost(&a, to, in.Rates), join(&a)
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b plan.Action) int {
		return cmp.Or(cmp.Compare(a.Wave, b.Wave), cmp.Compare(a.Map, b.Map))
	})
	var gone []plan.Action
	for name, old := range before {
		if kept[name] {
			continue
		}
		gone = append(gone, plan.Action{
			Map: name, Kind: plan.Destroy, Wave: old.Definition.Wave, Previous: old.Version,
			Reasons: []plan.Reason{{Code: plan.Removed, Detail: "the configuration has no such map any more"}},
			Changes: removal(&old.Definition),
		})
	}
	slices.SortFunc(gone, func(a, b plan.Action) int {
		return cmp.Or(cmp.Compare(b.Wave, a.Wave), cmp.Compare(a.Map, b.Map))
	})
	out = append(out, gone...)
	var found []plan.Danger
	for i := range out {
		found = append(found, dangers(&out[i], was[out[i].Map], in.Rates.Measured)...)
	}
	return out, found, append(unmoved(out, before), idleMoves(in.Config.Moved, out, before)...)
}

// compare decides what must be done so that a map runs as wanted, and towards
// which sides rows may be sent for it.
func compare(old *plan.DeployedMap, w *wantedMap, mv moves, digests *plan.Digester) (plan.Action, sends) {
	def := w.definition
	if old == nil {
		return plan.Action{
			Kind: plan.Create, Changes: addition(def),
			Reasons: []plan.Reason{{Code: plan.NewMap, Detail: "the map is not deployed yet"}},
		}, sendsAll(def.Map)
	}
	renamed, moved := mv.renamed(&old.Definition, def)
	a, to := plan.Action{Kind: plan.None}, sends{}
	// What runs word for word as wanted is not compared fact by fact.
	if moved || renamed.Map != def.Map && digests.Definition(renamed) != w.digest {
		a, to = difference(renamed, def)
	}
	if moved {
		noteMoves(&a, &old.Definition, def, mv.maps)
	}
	a.Previous = old.Version
	if old.Initial == "pending" {
		to = sendsAll(def.Map)
		a.Reasons = append(a.Reasons, plan.Reason{
			Code:   plan.InitialUnfinished,
			Detail: fmt.Sprintf("the initial sync of version %d has not been finished", old.Version),
		})
		switch a.Kind {
		case plan.None:
			a.Kind = plan.Resume
		case plan.Update: // the rows that are still to come must come under the new version
			a.Kind = plan.Backfill
		}
	}
	return a, to
}

// rows gives what a map has to read; -1 where nobody has counted.
func rows(counts plan.Counts, name string) plan.Rows {
	r := plan.Rows{FnO: -1, Dataverse: -1}
	for side, c := range counts[name] {
		if side == fno {
			r.FnO, r.FnOExact = c.Rows, c.Exact
		} else {
			r.Dataverse, r.DataverseExact = c.Rows, c.Exact
		}
	}
	return r
}

// waves sums up what there is to read, wave by wave.
func waves(names [][]string, actions []plan.Action, parallel int) []plan.Wave {
	byMap := make(map[string]*plan.Action, len(actions))
	for i := range actions {
		byMap[actions[i].Map] = &actions[i]
	}
	out := make([]plan.Wave, len(names))
	for i, maps := range names {
		w := plan.Wave{Number: i + 1, Maps: maps}
		var times []plan.Span
		for _, name := range maps {
			a := byMap[name]
			if a.Cost != nil {
				times = append(times, a.Cost.Seconds)
			}
			switch {
			case !a.Kind.SendsRows() || w.Rows < 0:
			case a.Rows.FnO < 0 || a.Rows.Dataverse < 0:
				w.Rows = -1
			default:
				w.Rows += a.Rows.FnO + a.Rows.Dataverse
			}
		}
		w.Seconds = timeOf(times, parallel)
		out[i] = w
	}
	return out
}
