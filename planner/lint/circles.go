package lint

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/order"
)

// node is a column of a table.
type node struct {
	table  *schema.Table
	column string // in the schema's spelling
}

func (n node) name() string { return n.table.Set + "." + n.column }

// carry is one direction of a field: it writes a column from what it reads.
type carry struct {
	m      *bind.Map
	f      *model.Field
	to     value.Side
	reads  []node
	target node
}

// findCircles gives the circles in which values go from field to field, one for
// each way to close one. The work is done once a pass.
func (p *pass) findCircles() []*round {
	if p.circles != nil {
		return *p.circles
	}
	rounds := circlesOf(p.carries(), p.scopes)
	trials := map[*bind.Map]*transform.Trial{}
	for _, r := range rounds {
		r.trip = p.try(r, trials)
	}
	p.circles = &rounds
	return rounds
}

// carries lists the directions of the fields that may be part of a circle: of
// maps that share a table with another one, and of maps whose expressions read
// other fields. Keys and what is set on create only are never written again,
// and what becomes of a reference depends on the rows that are there.
func (p *pass) carries() []*carry {
	maps := map[*schema.Table]int{}
	for _, m := range p.bound.Maps {
		maps[m.FnO]++
		maps[m.Dataverse]++
	}
	var out []*carry
	for _, m := range p.bound.Maps {
		if maps[m.FnO] < 2 && maps[m.Dataverse] < 2 && !slices.ContainsFunc(m.Resolved.Fields, readsOthers) {
			continue
		}
		for _, f := range m.Resolved.Fields {
			if f.IsConstant || f.IsLookup() || f.Writes == "create" || f.FnO.Name == "" || m.FnO.Field(f.FnO.Name) == nil || m.Dataverse.Field(f.Column.Name) == nil || isKey(m, f) {
				continue
			}
			fno, dv := node{m.FnO, f.FnO.Name}, node{m.Dataverse, f.Column.Name}
			if f.Direction.Sends(value.Dataverse) {
				out = append(out, &carry{m: m, f: f, to: value.Dataverse, reads: reads(fno, f.ToDataverse), target: dv})
			}
			if f.Direction.Sends(value.FnO) {
				out = append(out, &carry{m: m, f: f, to: value.FnO, reads: reads(dv, f.ToFnO), target: fno})
			}
		}
	}
	return out
}

func readsOthers(f *model.Field) bool {
	found := false
	for _, e := range []*expr.Expr{f.ToDataverse, f.ToFnO} {
		e.Walk(func(x *expr.Expr) { found = found || x.Op == expr.OpRecord })
	}
	return found
}

// reads gives the columns that a direction reads: the field's own, unless its
// expression does without, and those that the expression names.
func reads(own node, e *expr.Expr) []node {
	if e == nil {
		return []node{own}
	}
	var out []node
	e.Walk(func(x *expr.Expr) {
		n := own
		switch x.Op {
		case expr.OpValue:
		case expr.OpRecord:
			n.column = x.Name
		default:
			return
		}
		if !slices.Contains(out, n) && n.table.Field(n.column) != nil {
			out = append(out, n)
		}
	})
	return out
}

// mostSteps bounds the search for circles in one tangle of fields.
const mostSteps = 20000

// circlesOf finds the circles among carries. The column graph is cut into its
// strongly connected parts first, so that only fields that do depend on each
// other are searched.
func circlesOf(carries []*carry, sc scopes) []*round {
	index := map[node]int{}
	number := func(n node) int {
		at, known := index[n]
		if !known {
			at = len(index)
			index[n] = at
		}
		return at
	}
	var out [][]int // node -> carries that read it
	grow := func(n int) {
		for len(out) <= n {
			out = append(out, nil)
		}
	}
	targets := make([]int, len(carries))
	for i, c := range carries {
		targets[i] = number(c.target)
		grow(targets[i])
		for _, n := range c.reads {
			at := number(n)
			grow(at)
			out[at] = append(out[at], i)
		}
	}
	part := make([]int, len(out))
	for id, nodes := range order.Components(len(out), func(v int, yield func(int)) {
		for _, c := range out[v] {
			yield(targets[c])
		}
	}) {
		for _, n := range nodes {
			part[n] = id
		}
	}
	// Of each part, the carries that stay in it.
	inside := map[int][]int{}
	for i, c := range carries {
		if slices.ContainsFunc(c.reads, func(n node) bool { return part[index[n]] == part[targets[i]] }) {
			inside[part[targets[i]]] = append(inside[part[targets[i]]], i)
		}
	}
	s := search{scopes: sc, carries: carries, index: index, out: out, targets: targets, part: part}
	var rounds []*round
	for i := range carries {
		members := inside[part[targets[i]]]
		if len(members) == 0 || members[0] != i || !tangled(carries, members) {
			continue
		}
		rounds = append(rounds, s.rounds(members)...)
	}
	return rounds
}

// tangled tells whether the carries of a part may close a circle: two-way
// fields alone that form a tree do not.
func tangled(carries []*carry, members []int) bool {
	fields, nodes := map[*model.Field]int{}, map[node]bool{}
	for _, i := range members {
		fields[carries[i].f]++
		nodes[carries[i].target] = true
		if len(carries[i].reads) != 1 {
			return true
		}
	}
	for _, directions := range fields {
		if directions < 2 {
			return true
		}
	}
	return len(fields) >= len(nodes)
}

type search struct {
	scopes  scopes
	carries []*carry
	index   map[node]int
	out     [][]int
	targets []int
	part    []int
}

// rounds finds for each carry of a part the shortest circle that begins with
// it, each circle once.
func (s *search) rounds(members []int) []*round {
	const most = 8 // of one tangle; the others are the same fields again
	var found []*round
	seen := map[string]bool{}
	steps := 0
	for _, start := range members {
		if len(found) == most || steps > mostSteps {
			break
		}
		path := s.shortest(start, &steps)
		if path == nil {
			continue
		}
		sorted := slices.Sorted(slices.Values(path))
		key := strings.Builder{}
		for _, i := range sorted {
			c := s.carries[i]
			key.WriteString(c.m.Source.Name + " " + c.f.Name() + "\n")
		}
		if seen[key.String()] {
			continue
		}
		seen[key.String()] = true
		r := &round{}
		for _, i := range path {
			r.carries = append(r.carries, s.carries[i])
		}
		found = append(found, r)
	}
	return found
}

// shortest finds the shortest way from a carry back to a column that it reads.
func (s *search) shortest(start int, steps *int) []int {
	from := map[int]int{start: -1}
	queue := []int{start}
	for len(queue) > 0 && *steps <= mostSteps {
		at := queue[0]
		queue = queue[1:]
		for _, next := range s.out[s.targets[at]] {
			*steps++
			if s.part[s.targets[next]] != s.part[s.targets[start]] || !s.follows(at, next) {
				continue
			}
			if next == start {
				var path []int
				for i := at; i >= 0; i = from[i] {
					path = append(path, i)
				}
				slices.Reverse(path)
				return path
			}
			if _, visited := from[next]; !visited {
				from[next] = at
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// follows tells whether a carry may go on from what another one wrote: it is of
// another field, since dw does not take its own write for an edit, and one row
// may belong to both maps.
func (s *search) follows(a, b int) bool {
	x, y := s.carries[a], s.carries[b]
	return x.f != y.f && (x.m == y.m || !s.scopes.apart(x.m, y.m, x.target.table))
}
