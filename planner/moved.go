package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

// moves says what is called otherwise in the configuration than it was once:
// maps by their old name, and fields by the name that their map has now. Chains
// lead to their end.
type moves struct {
	maps   map[string]string
	fields map[string][]plan.FieldMove
}

func movesOf(all []*model.Moved) moves {
	out := moves{maps: map[string]string{}, fields: map[string][]plan.FieldMove{}}
	for _, m := range all {
		end := m.To
		for range all { // the language has no rings
			at := slices.IndexFunc(all, func(n *model.Moved) bool { return n.From.Same(end) })
			if at < 0 {
				break
			}
			end = all[at].To
		}
		if m.From.Field == "" {
			out.maps[m.From.Map] = end.Map
		} else {
			out.fields[end.Map] = append(out.fields[end.Map], plan.FieldMove{From: m.From.Field, To: end.Field})
		}
	}
	return out
}

// source gives the deployed map that goes on under a name; nil where none does.
// Of a chain the last name that is deployed counts.
func (mv moves) source(name string, all []*model.Moved, deployed map[string]*plan.DeployedMap) *plan.DeployedMap {
	if mv.maps == nil {
		return nil
	}
	for range all {
		at := slices.IndexFunc(all, func(m *model.Moved) bool { return m.From.Field == "" && m.To.Map == name })
		if at < 0 {
			return nil
		}
		name = all[at].From.Map
		if old := deployed[name]; old != nil {
			return old
		}
	}
	return nil
}

// renamed gives what is deployed under the names of now, and notes in the
// definition which fields have another.
func (mv moves) renamed(old *plan.Definition, def *plan.Definition) (_ *plan.Definition, changed bool) {
	def.Moved = nil
	for _, f := range mv.fields[def.Map.Name] {
		if old.Map.Field(f.From) != nil && old.Map.Field(f.To) == nil && def.Map.Field(f.To) != nil {
			def.Moved = append(def.Moved, f)
		}
	}
	if len(mv.maps) == 0 && len(def.Moved) == 0 {
		return old, false
	}
	return old.Renamed(mv.maps, def.Moved)
}

// noteMoves says in an action what has another name. Was is what is deployed.
func noteMoves(a *plan.Action, was, def *plan.Definition, maps map[string]string) {
	var details []string
	var changes []plan.Change
	if was.Map.Name != def.Map.Name {
		a.MovedFrom = was.Map.Name
		details = append(details, fmt.Sprintf("it was %s; its records and what was agreed of them are kept", was.Map.Address()))
		changes = append(changes, plan.Change{Path: "name", Kind: plan.Update, Before: was.Map.Address(), After: def.Map.Address()})
	}
	for _, table := range sortedKeys(was.Delivers) {
		for i, name := range was.Delivers[table] {
			if now, ok := maps[name]; ok && i < len(def.Delivers[table]) {
				before, after := model.MapAddress(name), model.MapAddress(now)
				details = append(details, fmt.Sprintf("its lookups lead to %s, which was %s", after, before))
				changes = append(changes, plan.Change{Path: "delivers " + table, Kind: plan.Update, Before: before, After: after})
			}
		}
	}
	for _, f := range def.Moved {
		before, after := was.Map.Field(f.From), def.Map.Field(f.To)
		details = append(details, fmt.Sprintf("%s was %s and holds what it held", f.To, f.From))
		path := fieldPath(def.Map, after)
		if at := slices.IndexFunc(a.Changes, func(c plan.Change) bool { return c.Path == path }); at >= 0 {
			a.Changes[at].Note = strings.TrimPrefix(a.Changes[at].Note+", moved from "+f.From, ", ")
			continue
		}
		changes = append(changes, plan.Change{
			Path: path, Kind: plan.Update, Before: fieldText(before), After: fieldText(after), Note: "moved from " + f.From,
		})
	}
	if len(details) == 0 {
		return
	}
	a.Changes = append(changes, slices.DeleteFunc(a.Changes, func(c plan.Change) bool {
		return slices.ContainsFunc(changes, func(m plan.Change) bool { return m.Path == c.Path })
	})...)
	a.Reasons = append([]plan.Reason{{Code: plan.Moved, Detail: strings.Join(details, "; ")}}, a.Reasons...)
	if a.Kind == plan.None {
		a.Kind = plan.Update
	}
}

// unmoved finds new maps that look like maps that are removed: a moved block
// would keep their records.
func unmoved(actions []plan.Action, deployed map[string]*plan.DeployedMap) diag.List {
	like := func(d *plan.Definition) string {
		return strings.Join([]string{d.FnO.Set, d.Dataverse.Set, keyText(d)}, "\x00")
	}
	gone := map[string][]string{}
	for i := range actions {
		if a := &actions[i]; a.Kind == plan.Destroy {
			old := &deployed[a.Map].Definition
			gone[like(old)] = append(gone[like(old)], a.Map)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	var out diag.List
	for i := range actions {
		a := &actions[i]
		if a.Kind != plan.Create {
			continue
		}
		old := gone[like(a.Definition)]
		if len(old) != 1 {
			continue
		}
		now, before := a.Definition.Map.Address(), model.MapAddress(old[0])
		out = append(out, diag.Diagnostic{
			Code: diag.CodeMovedHint, Severity: diag.Notice, Address: now, Subject: a.Definition.Map.Range,
			Summary: fmt.Sprintf("%s looks like %s, which is removed", now, before),
			Detail:  "Both have the same tables and the same key. As it stands, what was agreed of the records is forgotten, and all rows are read and compared.",
			Hint:    fmt.Sprintf("If it is only called otherwise now, write a block moved with from = %s and to = %s.", before, now),
		})
	}
	return out
}

// idleMoves finds blocks of which neither end is deployed although other maps
// are, and whose new name is created as if there had been no other. Where the
// new name is deployed the move lies behind, and the block may stay for other
// environments.
func idleMoves(all []*model.Moved, actions []plan.Action, deployed map[string]*plan.DeployedMap) (out diag.List) {
	if len(deployed) == 0 {
		return nil // nothing has a name yet
	}
	for _, m := range all {
		at := slices.IndexFunc(actions, func(a plan.Action) bool { return a.Map == m.To.Map && a.Definition != nil })
		if at < 0 {
			continue // another link's, or a block of a chain
		}
		a := &actions[at]
		what := "the map is created and matched like any other new one"
		if m.From.Field == "" {
			if a.Kind != plan.Create || deployed[m.From.Map] != nil {
				continue
			}
		} else {
			old := cmp.Or(a.MovedFrom, m.From.Map)
			if deployed[old] == nil {
				old = m.To.Map
			}
			d := deployed[old]
			if d == nil || d.Definition.Map.Field(m.From.Field) != nil || d.Definition.Map.Field(m.To.Field) != nil {
				continue
			}
			what = "the field is filled from the records like any other new one"
		}
		out = append(out, diag.Diagnostic{
			Code: diag.CodeMovedIdle, Severity: diag.Notice, Subject: m.From.Range, Address: a.Definition.Map.Address(),
			Summary: fmt.Sprintf("nothing that is deployed is called %s, nor %s", m.From, m.To),
			Detail:  fmt.Sprintf("The block has nothing to move here: %s.", what),
			Hint:    "Check the old name. Where it is right, another environment may still need the block; else remove it.",
		})
	}
	return out
}
