// Package order sorts maps into waves, so that every reference of a map finds
// its target delivered by an earlier wave, and chooses the few references that
// must be written later because maps refer to each other in rings.
package order

import (
	"slices"
	"strings"
)

// Node is one map with its references to other maps.
type Node struct {
	Map  string
	Refs []Ref
}

// Ref is one reference field of a map.
type Ref struct {
	Field   string   // name of the field within its map
	Targets []string // maps that fill the table it points at; may hold the map itself
	Fixed   string   // why it cannot be written later, as a clause: "it is part of the key"; "" where it can
}

// Result is the order of a set of maps.
type Result struct {
	Waves    [][]string // names, sorted within a wave; empty where Stuck is not
	Deferred []Deferred // sorted by map, then field
	Stuck    []Stuck    // rings that no reference may break, sorted by first map
	Loops    []Loop     // references of a map to its own table that cannot be deferred, sorted
}

// Deferred is a reference that is written in a second pass.
type Deferred struct {
	Map, Field string
	Ring       []string // maps round the ring from Map on, Map repeated last; Map alone for a reference to itself
}

// Stuck is a ring of which no reference may be deferred.
type Stuck struct {
	Ring  []string // maps round the ring, the first in name order first and repeated last
	Steps []Step   // one reference from each map of the ring to the next
}

// Step is one reference of a ring.
type Step struct{ Map, Field, Fixed string }

// Loop is a reference of a map to its own table that cannot be deferred. It
// breaks no wave: the rows wait for each other inside the map.
type Loop = Step

// Wave gives the number, from 1, of the wave that holds a map; 0 where none does.
func (r *Result) Wave(name string) int {
	for i, w := range r.Waves {
		if slices.Contains(w, name) {
			return i + 1
		}
	}
	return 0
}

// Sort orders the maps. The answer does not depend on the order of the nodes
// or of their references. Targets that are not among the nodes do not count.
func Sort(nodes []Node) *Result {
	g := newGraph(nodes)
	res := &Result{}
	g.loops(res)
	for _, ring := range Components(len(g.names), g.fixedEdges) {
		if len(ring) > 1 {
			res.Stuck = append(res.Stuck, g.stuck(ring))
		}
	}
	if len(res.Stuck) > 0 {
		g.sortResult(res)
		return res
	}
	for _, ring := range Components(len(g.names), g.edges) {
		if len(ring) > 1 {
			g.breakRing(ring, res)
		}
	}
	g.waves(res)
	g.sortResult(res)
	return res
}

// graph is the nodes by number, in the order of their names.
type graph struct {
	names []string
	refs  [][]ref
}

type ref struct {
	field    string
	targets  []int // sorted, without the node itself
	self     bool
	fixed    string
	deferred bool
}

func newGraph(nodes []Node) *graph {
	sorted := slices.Clone(nodes)
	slices.SortFunc(sorted, func(a, b Node) int { return strings.Compare(a.Map, b.Map) })
	g := &graph{}
	index := make(map[string]int, len(sorted))
	for i, n := range sorted {
		g.names = append(g.names, n.Map)
		index[n.Map] = i
	}
	for i, n := range sorted {
		var refs []ref
		for _, r := range n.Refs {
			out := ref{field: r.Field, fixed: r.Fixed}
			for _, t := range r.Targets {
				switch j, known := index[t]; {
				case !known:
				case j == i:
					out.self = true
				default:
					out.targets = append(out.targets, j)
				}
			}
			slices.Sort(out.targets)
			out.targets = slices.Compact(out.targets)
			refs = append(refs, out)
		}
		slices.SortFunc(refs, func(a, b ref) int { return strings.Compare(a.field, b.field) })
		g.refs = append(g.refs, refs)
	}
	return g
}

// edges gives the nodes that must come before v.
func (g *graph) edges(v int, yield func(int)) {
	for _, r := range g.refs[v] {
		if r.deferred {
			continue
		}
		for _, t := range r.targets {
			yield(t)
		}
	}
}

// fixedEdges is edges by references that cannot be deferred.
func (g *graph) fixedEdges(v int, yield func(int)) {
	for _, r := range g.refs[v] {
		if r.fixed == "" {
			continue
		}
		for _, t := range r.targets {
			yield(t)
		}
	}
}

// loops defers references of maps to themselves where that is possible.
func (g *graph) loops(res *Result) {
	for v, refs := range g.refs {
		for i := range refs {
			switch {
			case !refs[i].self:
			case refs[i].fixed == "":
				refs[i].deferred = true
				res.Deferred = append(res.Deferred, Deferred{Map: g.names[v], Field: refs[i].field, Ring: []string{g.names[v]}})
			default:
				res.Loops = append(res.Loops, Loop{Map: g.names[v], Field: refs[i].field, Fixed: refs[i].fixed})
			}
		}
	}
}

// waves puts each map into the earliest wave that its references allow. The
// remaining references form no ring.
func (g *graph) waves(res *Result) {
	depth := make([]int, len(g.names))
	var visit func(v int) int
	visit = func(v int) int {
		if depth[v] > 0 {
			return depth[v]
		}
		d := 1
		g.edges(v, func(t int) { d = max(d, visit(t)+1) })
		depth[v] = d
		return d
	}
	for v, name := range g.names {
		d := visit(v)
		for len(res.Waves) < d {
			res.Waves = append(res.Waves, nil)
		}
		res.Waves[d-1] = append(res.Waves[d-1], name)
	}
}

func (g *graph) sortResult(res *Result) {
	slices.SortFunc(res.Deferred, func(a, b Deferred) int {
		return strings.Compare(a.Map+"\x00"+a.Field, b.Map+"\x00"+b.Field)
	})
	slices.SortFunc(res.Stuck, func(a, b Stuck) int { return slices.Compare(a.Ring, b.Ring) })
}
