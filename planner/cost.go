package planner

import (
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
)

const (
	minute = 60
	// leastMeasured is how many records an initial sync must have had for its
	// speed to say something about the next one.
	leastMeasured = 50
	unknown       = -1
)

// sends says towards which sides an action may send rows.
type sends map[value.Side]bool

func (s sends) add(d model.Direction) {
	for _, side := range []value.Side{fno, dataverse} {
		s[side] = s[side] || d.Sends(side)
	}
}

// sendsAll are the directions of all fields of a map.
func sendsAll(m *model.Map) sends {
	s := sends{}
	for _, f := range m.Fields {
		s.add(f.Direction)
	}
	return s
}

// cost says what an action that reads rows costs: every row of one side may have
// to be sent to the other, unless it may only be updated and there are not as
// many to update.
func cost(a *plan.Action, to sends, rates plan.Rates) *plan.Cost {
	if !a.Kind.SendsRows() {
		return nil
	}
	r := a.Rows
	all := map[value.Side]plan.Bound{
		fno:       {Most: r.FnO, Exact: r.FnOExact},
		dataverse: {Most: r.Dataverse, Exact: r.DataverseExact},
	}
	bound := func(side value.Side, creates *bool) plan.Bound {
		if !to[side] {
			return plan.Bound{Exact: true}
		}
		from, there := all[side.Other()], all[side]
		if creates != nil && !*creates && !there.Unknown() && (from.Unknown() || there.Most < from.Most) {
			return there
		}
		return from
	}
	creates := a.Definition.Map.Creates
	c := &plan.Cost{
		ToDataverse: bound(dataverse, creates.ToDataverse), ToFnO: bound(fno, creates.ToFnO), Rate: rate(a.Map, rates),
	}
	c.RouteToFnO = route(a, c, rates.Packages)
	c.ReadFromFnO = reading(a, c.Rate, rates.Exports)
	c.Seconds = span(c, r)
	return c
}

// rate takes the measured speed of the map's last initial sync where there is
// one. A sync that had to send most rows says how fast sending is, another how
// fast comparing is.
func rate(name string, rates plan.Rates) plan.Rate {
	r := rates.Assumed
	r.Measured = ""
	m := rates.Measured[name]
	if m.Records < leastMeasured || m.Millis <= 0 {
		return r
	}
	speed := max(m.Records*1000*minute/m.Millis, 1)
	if 2*m.Sent >= m.Records {
		r.ToDataverse, r.ToFnO, r.Measured = speed, speed, plan.MeasuredSend
		r.Compare = max(r.Compare, speed)
	} else {
		r.Compare, r.Measured = speed, plan.MeasuredCompare
	}
	return r
}

// span is the time that one map takes: both sides are read at once, what differs
// is sent to each.
func span(c *plan.Cost, r plan.Rows) plan.Span {
	if r.FnO < 0 || r.Dataverse < 0 {
		return plan.Span{Least: unknown, Most: unknown}
	}
	s := plan.Span{Least: seconds(max(r.FnO, r.Dataverse), c.Rate.Compare)}
	if p := c.ReadFromFnO; p != nil && p.Via == plan.ViaPackage {
		s.Least = max(s.Least, p.Seconds)
	}
	toFnO := seconds(c.ToFnO.Most, c.Rate.ToFnO)
	if p := c.RouteToFnO; p != nil && p.Via == plan.ViaPackage && p.Seconds >= 0 {
		toFnO = p.Seconds
	}
	s.Most = s.Least + seconds(c.ToDataverse.Most, c.Rate.ToDataverse) + toFnO
	return s
}

// seconds that rows take at a rate a minute, rounded up.
func seconds(rows, perMinute int64) int64 {
	if rows <= 0 || perMinute <= 0 {
		return 0
	}
	return (rows*minute + perMinute - 1) / perMinute
}

// timeOf adds up the maps of a wave: some of them are joined at once, but they
// share the two services, so that the most is their sum.
func timeOf(spans []plan.Span, parallel int) plan.Span {
	var sum plan.Span
	longest := int64(0)
	for _, s := range spans {
		if s.Most < 0 {
			return plan.Span{Least: unknown, Most: unknown}
		}
		longest = max(longest, s.Least)
		sum.Least += s.Least
		sum.Most += s.Most
	}
	return plan.Span{Least: max(longest, sum.Least/int64(max(parallel, 1))), Most: sum.Most}
}

// total sums up a plan that has its actions, waves and dangers.
func total(p *plan.Plan, rates plan.Rates) plan.Total {
	assumed := rates.Assumed
	assumed.Measured = ""
	exact := plan.Bound{Exact: true}
	t := plan.Total{Rewritten: exact, Initial: exact, Deletes: exact, Assumed: assumed}
	for _, a := range p.Actions {
		if a.Cost == nil {
			continue
		}
		rows := a.Cost.ToDataverse.Add(a.Cost.ToFnO)
		if a.Kind == plan.Create || a.Kind == plan.Resume {
			t.Initial = t.Initial.Add(rows)
		} else {
			t.Rewritten = t.Rewritten.Add(rows)
		}
	}
	for _, d := range p.Destructive {
		if d.Code == plan.ScopeDeletes {
			t.Deletes = t.Deletes.Add(d.Rows)
		}
	}
	for _, w := range p.Waves {
		if w.Seconds.Most < 0 || t.Seconds.Most < 0 {
			t.Seconds = plan.Span{Least: unknown, Most: unknown}
			break
		}
		t.Seconds.Least += w.Seconds.Least
		t.Seconds.Most += w.Seconds.Most
	}
	return t
}

// pauses names the maps that run now and rest while their rows are read again.
func pauses(actions []plan.Action) []plan.Pause {
	var out []plan.Pause
	for _, a := range actions {
		if a.Previous > 0 && a.Cost != nil {
			out = append(out, plan.Pause{Map: a.Map, Seconds: a.Cost.Seconds})
		}
	}
	return out
}

// Environments says between which two a link is.
func Environments(l *model.Link) plan.Environments {
	if l.Sandbox != nil {
		return plan.Environments{Twins: true}
	}
	return plan.Environments{FnO: strings.ToLower(l.FnOURL), Dataverse: strings.ToLower(l.DataverseURL)}
}
