package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// The rules of fit are notices about maps that work and would be served better
// otherwise. They speak of tables that somebody made for the purpose: what
// Microsoft's own tables are filled for is theirs to know.

const (
	wideMap       = 30 // fields from which on a one-way copy is wide
	routedMaps    = 3  // maps of one entity from which on filters are a routing
	documentDepth = 3  // levels from which on a document is deep
)

// fitMirror finds copies of F&O records in a table that nothing else uses.
func fitMirror() Rule {
	return describe(Rule{
		Code: diag.CodeFitMirror, Severity: diag.Notice, Group: GroupFit,
		Mend: "Make the F&O entity a virtual table of Dataverse: its rows are read from F&O when somebody looks, and nothing has to be kept equal. " +
			"Keep the map where rows must be found when F&O is down, or where columns of Dataverse's own stand beside.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if n, ok := p.copies(m); ok && n < wideMap && !p.needed(m) {
					p.report(m, m.Source.Range, fmt.Sprintf("%s only copies %s, and no map refers to it", m.Source.Address(), m.FnO.Set),
						"All its fields flow to Dataverse, so that nobody is meant to edit its rows there. A virtual table shows the same records without a copy.",
						"Consider a virtual table (F&O virtual entity) in its place.")
				}
			}
		},
	})
}

// fitAnalytics finds wide copies of F&O records that nothing else uses.
func fitAnalytics() Rule {
	return describe(Rule{
		Code: diag.CodeFitAnalytics, Severity: diag.Notice, Group: GroupFit,
		Mend: "Send the data to where reports are made: Link to Microsoft Fabric or Azure Synapse Link take tables and entities of F&O with all their changes, in bulk. " +
			"Keep the map where people work with the rows in forms.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if n, ok := p.copies(m); ok && n >= wideMap && !p.needed(m) {
					p.report(m, m.Source.Range, fmt.Sprintf("%s copies %d fields of %s one way, and no map refers to them", m.Source.Address(), n, m.FnO.Set),
						"A copy of so much that nothing in the link needs is mostly made for reports, which Dataverse is a dear place for.",
						"Consider Link to Fabric or Azure Synapse Link in its place.")
				}
			}
		},
	})
}

// fitWide finds wide copies of F&O records of which other maps need the key.
func fitWide() Rule {
	return describe(Rule{
		Code: diag.CodeFitWide, Severity: diag.Notice, Group: GroupFit,
		Mend: "Map the columns that somebody reads in Dataverse: the key, a name, what forms and flows use. Further ones can be added later; they are filled then.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if n, ok := p.copies(m); ok && n >= wideMap && p.needed(m) {
					p.report(m, m.Source.Range, fmt.Sprintf("%s copies %d fields of %s one way", m.Source.Address(), n, m.FnO.Set),
						"Other maps refer to its rows, for which its key is enough. Every change of any other field is carried over too.",
						"Map only the columns that somebody reads.")
				}
			}
		},
	})
}

// copies tells whether a map only fills a table that somebody made, and with
// how many fields.
func (p *pass) copies(m *bind.Map) (fields int, ok bool) {
	if !own(m.Dataverse) || writes(m, value.FnO) || p.options.faulty {
		return 0, false
	}
	for _, f := range m.Resolved.Fields {
		if f.Column.Name != "" && len(f.FnOFields()) > 0 {
			fields++
		}
	}
	for _, other := range p.bound.Maps {
		if other != m && (other.Dataverse == m.Dataverse || other.FnO == m.FnO) {
			return 0, false // they have to do with each other
		}
	}
	return fields, fields > 0
}

// needed tells whether lookups of other maps lead to the table of a map.
func (p *pass) needed(m *bind.Map) bool {
	for _, other := range p.bound.Maps {
		if other == m {
			continue
		}
		for _, f := range other.Resolved.Fields {
			for _, h := range other.Hops(f) {
				if strings.EqualFold(h.Table, m.Dataverse.Name) {
					return true
				}
			}
		}
	}
	return false
}

// own tells whether a Dataverse table was made by somebody else than Microsoft:
// its name begins with the prefix of another publisher.
func own(t *schema.Table) bool {
	prefix, _, ok := strings.Cut(t.Name, "_")
	microsofts := []string{"adx", "cdm", "msdyn", "msdynce", "msdynmkt", "mserp", "msfp", "msmrw", "mspp", "mspcat", "bot"}
	return ok && !slices.Contains(microsofts, prefix)
}

// fitOneOff finds maps that never change what they have created.
func fitOneOff() Rule {
	return describe(Rule{
		Code: diag.CodeFitOneOff, Severity: diag.Notice, Group: GroupFit,
		Mend: "Load the records once: an import in F&O's data management, or a Dataverse import. Keep the map where new records keep coming and each side is meant to go its own way after.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				if onlyCreates(m) {
					p.report(m, m.Source.Range, fmt.Sprintf("%s creates records and never changes them", m.Source.Address()),
						"All its fields but the key are written on create only, and deletes are ignored. Nothing is kept equal, which is what a sync is for.",
						"Consider a one-off load by data management in its place.")
				}
			}
		},
	})
}

// onlyCreates tells whether all that a map sends is sent on create only.
func onlyCreates(m *bind.Map) bool {
	fields := 0
	for _, f := range m.Resolved.Fields {
		if isKey(m, f) || f.Column.Name == "" || len(f.FnOFields()) == 0 {
			continue
		}
		if f.Writes != "create" {
			return false
		}
		fields++
	}
	d := m.Resolved.Deletes
	return fields > 0 && d.ToDataverse == "ignore" && d.ToFnO == "ignore"
}

// fitRouting finds entities whose records are dealt out to several tables by
// the filters of one-way maps.
func fitRouting() Rule {
	return describe(Rule{
		Code: diag.CodeFitRouting, Severity: diag.Notice, Group: GroupFit,
		Mend: "Let F&O tell of what happens by business events and a flow or a bus decide where it goes, or send all records to one table and let views tell them apart. " +
			"Keep the maps where the rows of each table are worked with.",
		check: func(p *pass) {
			byEntity := map[*schema.Table][]*bind.Map{}
			for _, m := range p.bound.Maps {
				if !writes(m, value.FnO) && strings.TrimSpace(m.Source.Filter.FnO.Name) != "" {
					byEntity[m.FnO] = append(byEntity[m.FnO], m)
				}
			}
			for _, m := range p.bound.Maps { // in their order
				maps := byEntity[m.FnO]
				if len(maps) < routedMaps || maps[0] != m || tables(maps) < routedMaps {
					continue
				}
				var names []string
				for _, x := range maps {
					names = append(names, x.Source.Address())
				}
				p.report(m, m.Source.Range, fmt.Sprintf("filters deal out the records of %s to %d tables: %s", m.FnO.Set, tables(maps), shorten(names)),
					"Each of these maps reads all changes of the entity. A record that leaves one filter and enters another is a row that goes and one that comes.",
					"Consider business events with a routing behind them in their place.")
			}
		},
	})
}

// tables counts the Dataverse tables of maps.
func tables(maps []*bind.Map) int {
	seen := map[*schema.Table]bool{}
	for _, m := range maps {
		seen[m.Dataverse] = true
	}
	return len(seen)
}

// fitDocument finds documents of many levels: rows whose key names a row whose
// key names another one.
func fitDocument() Rule {
	return describe(Rule{
		Code: diag.CodeFitDocument, Severity: diag.Notice, Group: GroupFit,
		Mend: "Hand the document over as a whole: a package of data management, or a service that takes it in one call. Keep the maps where each level makes sense by itself.",
		check: func(p *pass) {
			fills := map[string][]*bind.Map{}
			for _, m := range p.bound.Maps {
				fills[m.Dataverse.Name] = append(fills[m.Dataverse.Name], m)
			}
			for _, m := range p.bound.Maps {
				if !own(m.Dataverse) {
					continue
				}
				if way := deepest(m, fills, nil); len(way) >= documentDepth {
					p.report(m, m.Source.Range, fmt.Sprintf("%s is level %d of a document: %s", m.Source.Address(), len(way), strings.Join(way, " of ")),
						"Its rows have their parents in their keys, level by level. The levels are carried over one after the other, and one record that fails keeps all below it waiting.",
						"Consider handing the document over as a whole.")
				}
			}
		},
	})
}

// deepest gives the sets from a map up through the tables that its key refers
// to, as far as maps fill them.
func deepest(m *bind.Map, fills map[string][]*bind.Map, seen []*bind.Map) []string {
	if slices.Contains(seen, m) {
		return nil
	}
	seen = append(slices.Clone(seen), m)
	var best []string
	for _, f := range keyLookups(m) {
		hops := m.Hops(f)
		if len(hops) == 0 || hops[0].Table == schema.CompanyTable {
			continue
		}
		for _, parent := range fills[hops[0].Table] {
			if !own(parent.Dataverse) {
				continue
			}
			if way := deepest(parent, fills, seen); len(way) > len(best) {
				best = way
			}
		}
	}
	return append([]string{m.Dataverse.Set}, best...)
}

// keyLookups gives the lookups among the key fields of a map.
func keyLookups(m *bind.Map) []*model.Field {
	var out []*model.Field
	for _, f := range m.Resolved.Fields {
		if isKey(m, f) && (len(f.Path) > 0 || len(f.Targets) > 0) {
			out = append(out, f)
		}
	}
	return out
}
