package order

import (
	"math"
	"math/bits"
	"slices"
)

// exactLimit is the largest ring for which the cheapest order is found by
// looking at every subset of its maps; 2^14 subsets take milliseconds.
const exactLimit = 14

// breakRing defers references between the maps of one ring, as few as it can,
// until they stand in a line. References that cannot be deferred are known to
// form no ring.
func (g *graph) breakRing(members []int, res *Result) {
	slices.Sort(members)
	// Ring trails are read from the references as they stand before any is
	// deferred, so that each names the ring that it breaks.
	whole := g.among(members)
	var line []int
	if len(members) <= exactLimit {
		line = g.exactLine(members)
	} else {
		line = g.greedyLine(members)
	}
	place := make(map[int]int, len(line))
	for i, v := range line {
		place[v] = i
	}
	type chosen struct{ v, i int }
	var picks []chosen
	for _, v := range members {
		for i := range g.refs[v] {
			r := &g.refs[v][i]
			if !r.deferred && r.fixed == "" && pointsPast(r, place, place[v]) {
				r.deferred = true
				picks = append(picks, chosen{v, i})
			}
		}
	}
	for _, p := range picks {
		r := &g.refs[p.v][p.i]
		r.deferred = false
		if len(members) > exactLimit && !g.hasRing(members) {
			continue // the greedy order deferred one too many
		}
		r.deferred = true
		res.Deferred = append(res.Deferred, Deferred{
			Map: g.names[p.v], Field: r.field, Ring: g.trail(p.v, r.targets, whole),
		})
	}
}

// pointsPast tells whether a reference has a target of the ring that stands
// after position at.
func pointsPast(r *ref, place map[int]int, at int) bool {
	for _, t := range r.targets {
		if p, inside := place[t]; inside && p > at {
			return true
		}
	}
	return false
}

// exactLine finds the order of a ring's maps with the fewest deferred
// references; of several the first in name order. cost[s] is the least number
// of deferrals for the maps outside s when those of s are placed already.
func (g *graph) exactLine(members []int) []int {
	n := len(members)
	bit := make(map[int]uint, n)
	for i, v := range members {
		bit[v] = uint(i)
	}
	soft := make([][]uint32, n) // per reference, the set of its targets in the ring
	hard := make([]uint32, n)
	for i, v := range members {
		for _, r := range g.refs[v] {
			var set uint32
			for _, t := range r.targets {
				if b, inside := bit[t]; inside {
					set |= 1 << b
				}
			}
			switch {
			case set == 0 || r.deferred:
			case r.fixed != "":
				hard[i] |= set
			default:
				soft[i] = append(soft[i], set)
			}
		}
	}
	price := func(i int, placed uint32) int {
		if hard[i]&^placed != 0 {
			return math.MaxInt32
		}
		c := 0
		for _, set := range soft[i] {
			if set&^placed != 0 {
				c++
			}
		}
		return c
	}
	full := uint32(1)<<n - 1
	cost := make([]int, full+1)
	for s := int64(full) - 1; s >= 0; s-- {
		placed := uint32(s)
		best := math.MaxInt32
		for rest := full &^ placed; rest != 0; rest &= rest - 1 {
			i := bits.TrailingZeros32(rest)
			if p := price(i, placed); p < math.MaxInt32 {
				best = min(best, p+cost[placed|1<<i])
			}
		}
		cost[placed] = best
	}
	line := make([]int, 0, n)
	for placed := uint32(0); placed != full; {
		for i := range n {
			if placed&(1<<i) != 0 {
				continue
			}
			p := price(i, placed)
			if p < math.MaxInt32 && p+cost[placed|1<<i] == cost[placed] {
				line = append(line, members[i])
				placed |= 1 << i
				break
			}
		}
	}
	return line
}

// greedyLine orders the maps of a large ring: again and again the map whose
// placing defers the fewest references, by name where several do.
func (g *graph) greedyLine(members []int) []int {
	left := make(map[int]bool, len(members))
	for _, v := range members {
		left[v] = true
	}
	line := make([]int, 0, len(members))
	for len(left) > 0 {
		best, bestPrice := -1, math.MaxInt
		for _, v := range members {
			if !left[v] {
				continue
			}
			if p, possible := g.price(v, left); possible && p < bestPrice {
				best, bestPrice = v, p
			}
		}
		line = append(line, best)
		delete(left, best)
	}
	return line
}

// price counts the references of v that must be deferred when v is placed
// before the maps that are left.
func (g *graph) price(v int, left map[int]bool) (price int, possible bool) {
	for _, r := range g.refs[v] {
		if r.deferred || !slices.ContainsFunc(r.targets, func(t int) bool { return left[t] }) {
			continue
		}
		if r.fixed != "" {
			return 0, false
		}
		price++
	}
	return price, true
}

// among gives the edges inside a set of maps as they stand now.
func (g *graph) among(members []int) map[int][]int {
	out := make(map[int][]int, len(members))
	for _, v := range members {
		g.edges(v, func(t int) {
			if slices.Contains(members, t) && !slices.Contains(out[v], t) {
				out[v] = append(out[v], t)
			}
		})
		slices.Sort(out[v])
	}
	return out
}

func (g *graph) hasRing(members []int) bool {
	now := g.among(members)
	rings := Components(len(g.names), func(v int, yield func(int)) {
		for _, t := range now[v] {
			yield(t)
		}
	})
	return slices.ContainsFunc(rings, func(r []int) bool { return len(r) > 1 })
}

// trail names the shortest way from v through one of the targets back to v.
func (g *graph) trail(v int, targets []int, edges map[int][]int) []string {
	path := shortest(targets, v, func(u int) []int { return edges[u] })
	names := []string{g.names[v]}
	for _, u := range path {
		names = append(names, g.names[u])
	}
	return names
}

// shortest gives the shortest path from any of the starts to the goal, both
// ends included; nil where there is none.
func shortest(starts []int, goal int, next func(int) []int) []int {
	from := map[int]int{}
	queue := make([]int, 0, len(starts))
	for _, s := range starts {
		if _, seen := from[s]; !seen {
			from[s] = -1
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		u := queue[0]
		queue = queue[1:]
		if u == goal {
			var path []int
			for ; u >= 0; u = from[u] {
				path = append(path, u)
			}
			slices.Reverse(path)
			return path
		}
		for _, t := range next(u) {
			if _, seen := from[t]; !seen {
				from[t] = u
				queue = append(queue, t)
			}
		}
	}
	return nil
}

// stuck describes a ring of references that cannot be deferred.
func (g *graph) stuck(members []int) Stuck {
	slices.Sort(members)
	inside := map[int]bool{}
	for _, v := range members {
		inside[v] = true
	}
	next := func(u int) []int {
		var out []int
		g.fixedEdges(u, func(t int) {
			if inside[t] {
				out = append(out, t)
			}
		})
		slices.Sort(out)
		return out
	}
	first := members[0]
	path := append([]int{first}, shortest(next(first), first, next)...)
	s := Stuck{Ring: []string{g.names[first]}}
	for i := 1; i < len(path); i++ {
		s.Ring = append(s.Ring, g.names[path[i]])
		for _, r := range g.refs[path[i-1]] {
			if r.fixed != "" && slices.Contains(r.targets, path[i]) {
				s.Steps = append(s.Steps, Step{Map: g.names[path[i-1]], Field: r.field, Fixed: r.fixed})
				break
			}
		}
	}
	return s
}
