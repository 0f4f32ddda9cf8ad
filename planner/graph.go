package planner

import (
	"cmp"
	"slices"

	"github.com/dualwrite/dw/lang/reach"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/plan"
)

// Graph gives the dependencies between the maps of a plan: which references
// lead to records that another map delivers.
func Graph(p *plan.Plan) plan.Graph {
	g := plan.Graph{FormatVersion: plan.GraphFormatVersion, Link: p.Link, Maps: []plan.GraphMap{}, Edges: []plan.GraphEdge{}}
	for _, a := range p.Actions {
		d := a.Definition
		if d == nil {
			continue
		}
		g.Maps = append(g.Maps, plan.GraphMap{Map: a.Map, FnO: d.Map.FnO.Name, Dataverse: d.Map.Dataverse.Name, Wave: d.Wave})
		g.Edges = append(g.Edges, edges(d)...)
	}
	return g
}

// edges gives those that start at one map, sorted by where they lead.
func edges(d *plan.Definition) []plan.GraphEdge {
	type key struct {
		to       string
		deferred bool
	}
	fields := map[key][]string{}
	add := func(hops []reach.Hop, field string, deferred bool) {
		for _, h := range hops {
			if h.Idle {
				continue
			}
			for _, to := range d.Delivers[h.Table] {
				k := key{to, deferred}
				if !slices.Contains(fields[k], field) {
					fields[k] = append(fields[k], field)
				}
			}
		}
	}
	find := func(name string) *schema.Table { return schema.FindTable(d.Targets, name) }
	for _, f := range d.Map.Fields {
		add(reach.Field(d.Dataverse, f, find), f.Name(), slices.Contains(d.Deferred, f.Name()))
	}
	if c := d.Map.Company; c != nil && !c.Global {
		add(reach.Company(d.Dataverse, c.Path, find), c.Path, false)
	}
	out := make([]plan.GraphEdge, 0, len(fields))
	for k, names := range fields {
		slices.Sort(names)
		out = append(out, plan.GraphEdge{From: d.Map.Name, To: k.to, Fields: names, Deferred: k.deferred})
	}
	slices.SortFunc(out, func(a, b plan.GraphEdge) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(boolInt(a.Deferred), boolInt(b.Deferred)))
	})
	return out
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
