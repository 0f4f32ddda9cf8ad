package lint

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// circle finds values that go round through several fields and come back
// another each time.
func circle() Rule {
	return describe(Rule{
		Code: diag.CodeCircle, Severity: diag.Error, Group: GroupLoops,
		Mend: "Break the circle: map one of its fields the other way or not at all, or keep the maps apart by filters or companies.",
		check: func(p *pass) {
			for _, c := range p.findCircles() {
				if c.trip != nil && c.trip.changes < 0 {
					p.report(c.at().m, c.at().f.Range, "a value never settles: "+c.trail(),
						fmt.Sprintf("%s. Each round writes another value to both systems, until dw stops the record.", c.trip),
						"Break the circle at one of these fields.")
				}
			}
		},
	})
}

// circleSettles finds those that come back as they were or stay after a change.
func circleSettles() Rule {
	return describe(Rule{
		Code: diag.CodeCircleSettles, Severity: diag.Notice, Group: GroupLoops,
		Mend: "Map the two fields as one that goes both ways, so that it has a master; or break the circle. Where it is meant, nothing.",
		check: func(p *pass) {
			for _, c := range p.findCircles() {
				if c.trip == nil || c.trip.changes < 0 || c.trip.changes == 0 && c.fought() {
					continue
				}
				comes := "The value comes back as it was. Edits of both ends at the same time chase each other, since no field of the circle sees the other's master."
				if c.trip.changes > 0 {
					comes = c.trip.String() + ", and stays."
				}
				p.report(c.at().m, c.at().f.Range, "a value goes round in a circle: "+c.trail(), comes, "Let one field carry it both ways, or break the circle.")
			}
		},
	})
}

// round is a circle: each carry reads what the one before it writes, and the
// first what the last does.
type round struct {
	carries []*carry
	trip    *roundTrip // nil where no value could be carried round
}

// at gives the carry at which the circle is reported: the one of the last map
// by name, and of its fields the one that stands last.
func (r *round) at() *carry {
	best := r.carries[0]
	for _, c := range r.carries[1:] {
		if c.m.Source.Name > best.m.Source.Name || c.m == best.m && c.f.Range.Start.Byte > best.f.Range.Start.Byte {
			best = c
		}
	}
	return best
}

// fought tells whether two maps of the circle write the same column, which is a
// finding of its own.
func (r *round) fought() bool {
	for i, c := range r.carries {
		next := r.carries[(i+1)%len(r.carries)]
		if next.m != c.m && next.f.Direction.Sends(c.to) {
			return true
		}
	}
	return false
}

// trail names the columns of the circle in order, each with the map that writes
// the next.
func (r *round) trail() string {
	var b strings.Builder
	for i, c := range r.carries {
		from := r.before(i)
		fmt.Fprintf(&b, "%s –(%s)→ ", from.name(), c.m.Source.Address())
	}
	b.WriteString(r.before(0).name())
	return b.String()
}

// before gives the column that a carry of the circle reads.
func (r *round) before(i int) node {
	return r.carries[(i+len(r.carries)-1)%len(r.carries)].target
}

// roundTrip is what became of a value on its way round, again and again.
type roundTrip struct {
	values  []value.Value // at the start of the circle
	changes int           // -1: never settles
}

// String tells the trip as an example.
func (t *roundTrip) String() string {
	const most = 4
	var parts []string
	for i, v := range t.values {
		if i == most {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%q", v.String()))
	}
	return "It comes back as another: " + strings.Join(parts, " → ")
}

// mostRounds is how often a value may change before it is said never to settle:
// dw stops a record after as many rounds.
const mostRounds = 3

// try carries generated values round a circle.
func (p *pass) try(r *round, trials map[*bind.Map]*transform.Trial) *roundTrip {
	for _, c := range r.carries {
		if _, tried := trials[c.m]; !tried {
			trials[c.m] = transform.NewTrial(c.m.Input())
		}
		if trials[c.m] == nil {
			return nil // it has mistakes of its own
		}
	}
	var worst *roundTrip
	start := r.before(0)
	for _, c := range r.carries {
		for _, v := range trials[c.m].Samples(start.table.Side, start.column) {
			t := r.follow(v, trials)
			switch {
			case t == nil:
			case t.changes < 0:
				return t
			case worst == nil || t.changes > worst.changes:
				worst = t
			}
		}
	}
	return worst
}

// follow carries one value round until it stays; nil where a step refuses it.
func (r *round) follow(v value.Value, trials map[*bind.Map]*transform.Trial) *roundTrip {
	t := &roundTrip{values: []value.Value{v}}
	first := r.carries[0]
	for ; t.changes <= mostRounds; t.changes++ {
		before := v
		for i, c := range r.carries {
			out, ok := trials[c.m].Carry(c.f.Name(), c.to.Other(), r.before(i).column, v)
			if !ok || out.IsNull() && !v.IsNull() && i < len(r.carries)-1 {
				return nil
			}
			v = out
		}
		t.values = append(t.values, v)
		if trials[first.m].Alike(first.f.Name(), first.to.Other(), before, v) {
			return t
		}
	}
	t.changes = -1
	return t
}
