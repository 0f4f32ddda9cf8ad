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
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/plan"
)

// Input is everything that a plan depends on.
type Input struct {
	Config      *model.Config
	Link        string          // name of the link to plan for
	Catalog     *schema.Catalog // see Needs
	Deployed    plan.Deployed   // zero where there is no state yet
	Counts      plan.Counts     // nil when planning offline
	ToolVersion string
}

// Needs gives the sets and tables whose metadata Build needs for a link. Begin
// with an empty catalog and read what it asks for; with what was read it asks
// for the targets of lookups as well.
func Needs(cfg *model.Config, link string, cat *schema.Catalog) (fno, dataverse []string) {
	return bind.Needs(cfg, link, cat)
}

// Build makes the plan for one link. Actions stand in the order of waves, then
// names; maps to remove come last, those of later waves first. Where the
// diagnostics have errors, the plan is nil. Warnings are lint's business and
// are not repeated here.
func Build(in Input) (*plan.Plan, diag.List) {
	link := findLink(in.Config, in.Link)
	if link == nil {
		return nil, diag.List{unknownLink(in.Config, in.Link)}
	}
	bound, ds := bind.Link(in.Config, link, in.Catalog)
	wanted := make([]*plan.Definition, 0, len(bound.Maps))
	for _, m := range bound.Maps {
		compiled, found := transform.Compile(m.Input())
		for _, d := range found {
			if d.Severity == diag.Error {
				ds = append(ds, d)
			}
		}
		if !found.HasErrors() {
			wanted = append(wanted, define(m, compiled))
		}
	}
	if ds.HasErrors() {
		return nil, ds.Sorted()
	}
	p := &plan.Plan{
		FormatVersion: plan.FormatVersion, Tool: in.ToolVersion, Link: link.Name,
		Lineage: in.Deployed.Lineage, Serial: in.Deployed.Serial, Complete: true,
		Actions: []plan.Action{}, Waves: []plan.Wave{},
	}
	p.Actions = actions(wanted, in.Deployed, in.Counts)
	p.Waves = waves(bound.Order.Waves, p.Actions)
	for _, d := range bound.Order.Deferred {
		p.Deferrals = append(p.Deferrals, plan.Deferral{Map: d.Map, Field: d.Field, Ring: d.Ring})
	}
	for _, a := range p.Actions {
		if a.Kind.SendsRows() && (a.Rows.FnO < 0 || a.Rows.Dataverse < 0) {
			p.Complete = false
		}
	}
	if err := seal(p, wanted); err != nil {
		return nil, diag.List{{Code: diag.CodePlanUnreadable, Summary: "the plan cannot be written down", Detail: err.Error()}}
	}
	return p, nil
}

// seal puts the hashes into a plan.
func seal(p *plan.Plan, wanted []*plan.Definition) (err error) {
	if p.ConfigHash, err = configHash(wanted); err != nil {
		return err
	}
	if p.SchemaHash, err = schemaHash(wanted); err != nil {
		return err
	}
	p.Fingerprint, err = plan.Fingerprint(p)
	return err
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

// actions decides what happens to each map.
func actions(wanted []*plan.Definition, deployed plan.Deployed, counts plan.Counts) []plan.Action {
	before := make(map[string]*plan.DeployedMap, len(deployed.Maps))
	for i := range deployed.Maps {
		before[deployed.Maps[i].Definition.Map.Name] = &deployed.Maps[i]
	}
	out := make([]plan.Action, 0, len(wanted))
	for _, def := range wanted {
		old := before[def.Map.Name]
		delete(before, def.Map.Name)
		a := compare(old, def)
		a.Map, a.Wave, a.Definition = def.Map.Name, def.Wave, def
		if a.Kind.SendsRows() {
			a.Rows = rows(counts, a.Map)
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b plan.Action) int {
		return cmp.Or(cmp.Compare(a.Wave, b.Wave), cmp.Compare(a.Map, b.Map))
	})
	var gone []plan.Action
	for name, old := range before {
		gone = append(gone, plan.Action{
			Map: name, Kind: plan.Destroy, Wave: old.Definition.Wave, Previous: old.Version,
			Reasons: []plan.Reason{{Code: plan.Removed, Detail: "the configuration has no such map any more"}},
			Changes: removal(&old.Definition),
		})
	}
	slices.SortFunc(gone, func(a, b plan.Action) int {
		return cmp.Or(cmp.Compare(b.Wave, a.Wave), cmp.Compare(a.Map, b.Map))
	})
	return append(out, gone...)
}

// compare decides what must be done so that a map runs as wanted.
func compare(old *plan.DeployedMap, def *plan.Definition) plan.Action {
	if old == nil {
		return plan.Action{
			Kind: plan.Create, Changes: addition(def),
			Reasons: []plan.Reason{{Code: plan.NewMap, Detail: "the map is not deployed yet"}},
		}
	}
	a := difference(&old.Definition, def)
	a.Previous = old.Version
	if old.Initial == "pending" {
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
	return a
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
func waves(names [][]string, actions []plan.Action) []plan.Wave {
	byMap := make(map[string]*plan.Action, len(actions))
	for i := range actions {
		byMap[actions[i].Map] = &actions[i]
	}
	out := make([]plan.Wave, len(names))
	for i, maps := range names {
		w := plan.Wave{Number: i + 1, Maps: maps}
		for _, name := range maps {
			a := byMap[name]
			switch {
			case !a.Kind.SendsRows() || w.Rows < 0:
			case a.Rows.FnO < 0 || a.Rows.Dataverse < 0:
				w.Rows = -1
			default:
				w.Rows += a.Rows.FnO + a.Rows.Dataverse
			}
		}
		out[i] = w
	}
	return out
}
