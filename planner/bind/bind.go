// Package bind ties the maps of one link to the schema: it finds their tables
// and the targets of their lookups, writes names in the schema's spelling and
// defaults out, and puts the maps into waves.
package bind

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/reach"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/order"
)

// Bound is the maps of one link with what the schema says about them.
type Bound struct {
	Link  *model.Link
	Maps  []*Map // those whose two tables exist, sorted by name
	Order *order.Result
}

// Map is one map with its tables.
type Map struct {
	Source    *model.Map // as written
	Resolved  *model.Map // in the schema's spelling, defaults written out
	FnO       *schema.Table
	Dataverse *schema.Table
	Targets   []schema.Table      // through which its references lead, sorted by Set, as the catalog has them
	Missing   []string            // logical names of lookup targets that the catalog does not have, sorted
	Enums     []schema.Enum       // types of its F&O fields, sorted by name
	Companies []string            // in scope, in the spelling of the link; nil for global maps
	Wave      int                 // from 1; 0 where a ring leaves no order
	Deferred  []string            // names of fields that are written in a second pass, sorted
	Delivers  map[string][]string // logical name of a target -> maps that fill it, those whose key the lookup names first

	trials *transform.Trials // of all maps that are bound together

	compiled *transform.Compiled
	problems diag.List
}

// Global tells whether the records of the map belong to no company.
func (m *Map) Global() bool {
	if m.Source.Company != nil {
		return m.Source.Company.Global
	}
	return !m.FnO.CompanySpecific
}

// Input gives what the transforms of the map are compiled from.
func (m *Map) Input() transform.Input {
	return transform.Input{
		Map: m.Resolved, FnO: m.FnO, Dataverse: m.Dataverse, Targets: m.Targets, Enums: m.Enums,
		Companies: m.Companies, Deferred: m.Deferred, Delivers: m.Delivers, Trials: m.trials,
	}
}

// Compile compiles the transforms of the map, once for all who ask. Neither
// answer is to be changed.
func (m *Map) Compile() (*transform.Compiled, diag.List) {
	if m.compiled == nil {
		m.compiled, m.problems = transform.Compile(m.Input())
	}
	return m.compiled, m.problems
}

// Forget lets go of what Compile keeps; who asks again waits again.
func (m *Map) Forget() { m.compiled, m.problems = nil, nil }

// Link binds the maps of one link. The diagnostics are those that stand in the
// way of binding: tables that do not exist and rings that no reference may
// break. Maps without tables are left out of the answer.
func Link(cfg *model.Config, link *model.Link, cat *schema.Catalog) (*Bound, diag.List) {
	b := &Bound{Link: link}
	idx := newIndex(cat)
	trials := &transform.Trials{}
	var ds diag.List
	var speller diag.Speller
	for _, m := range cfg.Maps {
		if m.Link != link.Name {
			continue
		}
		fno, dv := idx.table(value.FnO, m.FnO.Name), idx.table(value.Dataverse, m.Dataverse.Name)
		if fno == nil {
			ds = append(ds, unknownTable(&speller, cat, m, value.FnO, m.FnO))
		}
		if dv == nil {
			ds = append(ds, unknownTable(&speller, cat, m, value.Dataverse, m.Dataverse))
		}
		if fno == nil || dv == nil {
			continue
		}
		b.Maps = append(b.Maps, &Map{Source: m, FnO: fno, Dataverse: dv, trials: trials})
	}
	slices.SortFunc(b.Maps, func(x, y *Map) int { return strings.Compare(x.Source.Name, y.Source.Name) })
	for _, m := range b.Maps {
		m.bind(link, idx)
	}
	return b, append(ds, b.sort()...)
}

// bind fills in everything that does not depend on other maps.
func (m *Map) bind(link *model.Link, idx *index) {
	wanted := map[string]bool{}
	find := func(name string) *schema.Table { return idx.table(value.Dataverse, name) }
	for _, hop := range reach.Map(m.Source, m.Dataverse, find) {
		wanted[hop.Table] = true
	}
	if !m.Global() {
		wanted[schema.CompanyTable] = true
		m.Companies = companies(link, m.Source)
	}
	for name := range wanted {
		if t := idx.table(value.Dataverse, name); t != nil {
			m.Targets = append(m.Targets, *t)
		} else {
			m.Missing = append(m.Missing, name)
		}
	}
	slices.SortFunc(m.Targets, func(a, b schema.Table) int { return strings.Compare(a.Set, b.Set) })
	slices.Sort(m.Missing)
	m.Resolved = resolve(m)
	m.Enums = idx.enums(m.FnO)
}

// Hops gives the tables that a reference field leads to, idle ones left out;
// nothing for other fields.
func (m *Map) Hops(f *model.Field) []reach.Hop {
	return slices.DeleteFunc(reach.Field(m.Dataverse, f, m.Target), func(h reach.Hop) bool { return h.Idle })
}

// CompanyHops gives the tables through which the company of a row is found,
// that of companies included; nothing for global maps.
func (m *Map) CompanyHops() []reach.Hop {
	if m.Global() {
		return nil
	}
	if c := m.Resolved.Company; c != nil && c.Path != "" {
		return reach.Company(m.Dataverse, c.Path, m.Target)
	}
	return []reach.Hop{{Table: schema.CompanyTable, Column: schema.CompanyCode, First: true}}
}

// companies gives the companies of a map in the spelling of its link.
func companies(link *model.Link, m *model.Map) []string {
	var out []string
	for _, c := range link.Companies {
		mine := func(n model.Named) bool { return strings.EqualFold(n.Name, c.Name) }
		if len(m.Companies) == 0 || slices.ContainsFunc(m.Companies, mine) {
			out = append(out, c.Name)
		}
	}
	slices.Sort(out)
	return out
}

// Needs gives the entity sets and tables whose metadata a configuration needs:
// those that maps name, and, as far as the catalog knows the tables already,
// those to which their references lead: lookups hop by hop, companies and
// owners. Call it again with what was read until it asks
// for nothing that the catalog does not have.
func Needs(cfg *model.Config, link string, cat *schema.Catalog) (fno, dataverse []string) {
	idx := newIndex(cat)
	find := func(name string) *schema.Table { return idx.table(value.Dataverse, name) }
	sets := map[value.Side]map[string]bool{value.FnO: {}, value.Dataverse: {}}
	for _, m := range cfg.Maps {
		if m.Link != link {
			continue
		}
		sets[value.FnO][m.FnO.Name] = true
		sets[value.Dataverse][m.Dataverse.Name] = true
		if t := idx.table(value.FnO, m.FnO.Name); t != nil && t.CompanySpecific && (m.Company == nil || !m.Company.Global) {
			sets[value.Dataverse][schema.CompanyTable] = true
		}
		t := idx.table(value.Dataverse, m.Dataverse.Name)
		if t == nil {
			continue
		}
		for _, hop := range reach.Map(m, t, find) {
			sets[value.Dataverse][hop.Table] = true
		}
	}
	list := func(set map[string]bool, side value.Side) []string {
		canonical := map[string]string{}
		for name := range set {
			key, shown := strings.ToLower(name), name
			if t := idx.table(side, name); t != nil {
				key, shown = strings.ToLower(t.Set), t.Set
			}
			if old, twice := canonical[key]; !twice || shown < old {
				canonical[key] = shown
			}
		}
		var out []string
		for _, name := range canonical {
			out = append(out, name)
		}
		slices.Sort(out)
		return out
	}
	return list(sets[value.FnO], value.FnO), list(sets[value.Dataverse], value.Dataverse)
}

func unknownTable(speller *diag.Speller, cat *schema.Catalog, m *model.Map, side value.Side, name model.Named) diag.Diagnostic {
	what := map[value.Side]string{value.FnO: "entity set", value.Dataverse: "table"}[side]
	d := diag.Diagnostic{
		Code: diag.CodeUnknownTable, Severity: diag.Error, Subject: name.Range, Address: m.Address(),
		Summary: fmt.Sprintf("%s has no %s %q", side.Title(), what, name.Name),
		Detail: fmt.Sprintf("The schema of the environment knows no %s of this name, so nothing of %s can be read or written.",
			what, m.Address()),
		Hint: "Check the name; if the environment has it now, refresh the schema with `dw schema pull`.",
	}
	if similar := similarTable(speller, cat, side, name.Name); similar != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", similar)
		if name.Range.IsQuoted(name.Name) { // else it is computed
			d.Fix = &diag.Fix{Summary: "use " + similar, Range: name.Range, NewText: fmt.Sprintf("%q", similar), Certain: diag.Certain(name.Name, similar, setNames(cat, side))}
		}
	}
	return d
}

func similarTable(speller *diag.Speller, cat *schema.Catalog, side value.Side, name string) string {
	for _, u := range cat.Unknown {
		if u.Side == side && strings.EqualFold(u.Name, name) && u.Similar != "" {
			return u.Similar
		}
	}
	if speller.Tired() {
		return ""
	}
	return speller.Suggest(name, setNames(cat, side))
}

// setNames gives the entity sets of a side that the catalog knows.
func setNames(cat *schema.Catalog, side value.Side) []string {
	var sets []string
	for _, t := range cat.Tables(side) {
		sets = append(sets, t.Set)
	}
	return sets
}
