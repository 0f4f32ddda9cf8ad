package verify

import (
	"context"
	"errors"
	"strings"

	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/handle"
	"github.com/dualwrite/dw/runtime/engine/refs"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// answers resolves the references that comparing keys asks for. The pair table
// is not asked: what it says is what is verified.
func (c *comparison) answers(ctx context.Context, work []store.Work) (transform.Refs, error) {
	var needs []refs.Need
	for _, w := range work {
		for _, obs := range [][]record.Observation{w.FnO, w.Dataverse} {
			for i := range obs {
				if obs[i].InScope {
					needs = handle.AppendNeeds(needs, c.m.Compiled, &obs[i])
				}
			}
		}
		if p := pairOf(w); c.agreed(p) {
			needs = handle.AppendNeeds(needs, c.m.Compiled, c.agreedRow(p))
		}
	}
	return c.refs.Resolve(ctx, needs, refs.Options{})
}

// agreedRow gives what a pair agreed on in Dataverse as a row, by whose
// references people are shown keys.
func (c *comparison) agreedRow(p *record.Pair) *record.Observation {
	k := c.m.Compiled
	o := &record.Observation{Map: c.m.Name, Side: value.Dataverse, Company: p.Company, Values: make([]value.Value, k.Dataverse.Width())}
	for i := range k.Slots {
		if s := &k.Slots[i]; s.Lookup != nil && s.Dataverse < len(o.Values) {
			o.Values[s.Dataverse] = p.Base[i].Dataverse
		}
	}
	return o
}

// compare gives the differences of one key.
func (c *comparison) compare(w store.Work, fno, dv []record.Observation, answers transform.Refs) []report.Difference {
	k := c.m.Compiled
	p := pairOf(w)
	d := report.Difference{Map: c.m.Name, Paired: linked(p)}
	switch {
	case len(fno) > 0:
		d.Record = k.ReadableKey(value.FnO, fno[0].Values, fno[0].Company)
	case len(dv) > 0:
		d.Record = k.ReadableKey(value.Dataverse, dv[0].Values, dv[0].Company)
	default:
		d.Record, d.Kind = transform.ReadableCanonical(w.Key), report.KindOrphan
		return []report.Difference{d}
	}
	switch {
	case len(fno) > 1 || len(dv) > 1:
		d.Kind, d.Paired = report.KindDuplicate, false
		d.FnO, d.Dataverse = ids(fno), ids(dv)
		return []report.Difference{d}
	case len(fno) == 0:
		d.Kind, d.Side = report.KindMissing, value.FnO
		return []report.Difference{d}
	case len(dv) == 0:
		d.Kind, d.Side = report.KindMissing, value.Dataverse
		return []report.Difference{d}
	}
	d.Paired = false
	f := transform.Record{Side: value.FnO, Values: fno[0].Values, Company: fno[0].Company}
	v := transform.Record{Side: value.Dataverse, Values: dv[0].Values, Company: dv[0].Company}
	var diffs []report.Difference
	for i := range k.Slots {
		s := &k.Slots[i]
		if s.OnCreate {
			continue
		}
		same, err := k.Same(s, &f, &v, answers)
		if same && err == nil {
			continue
		}
		n := d
		n.Kind, n.Field = report.KindField, s.Name
		n.FnO, n.Dataverse = k.Show(s, value.FnO, f.Values[s.FnO], answers), k.Show(s, value.Dataverse, v.Values[s.Dataverse], answers)
		if s.Lookup != nil && c.dangles(s, &f, answers) {
			n.Kind, n.Side = report.KindOrphan, value.Dataverse
		}
		c.move(&n, p, i, f.Values[s.FnO], v.Values[s.Dataverse], answers)
		diffs = append(diffs, n)
	}
	return diffs
}

// dangles tells whether an F&O record refers to what is not in Dataverse. A
// lookup of Dataverse always leads to a row.
func (c *comparison) dangles(s *transform.Slot, fno *transform.Record, answers transform.Refs) bool {
	_, err := c.m.Compiled.Translate(s, fno, answers)
	var missing *transform.RefError
	return errors.As(err, &missing) && missing.Missing
}

// move says which side has moved a field since both agreed on it.
func (c *comparison) move(d *report.Difference, p *record.Pair, i int, fno, dataverse value.Value, answers transform.Refs) {
	if !c.agreed(p) {
		return
	}
	k := c.m.Compiled
	s, b := &k.Slots[i], p.Base[i]
	switch b.State {
	case record.Owed:
		d.Kind = report.KindOwed
		return
	case record.Known, record.OwedEdit:
	default:
		return
	}
	moved := func(side value.Side, now value.Value) bool {
		then := b.On(side)
		return now != then && !(k.IsNothing(s, side, now) && k.IsNothing(s, side, then))
	}
	switch here, there := moved(value.FnO, fno), moved(value.Dataverse, dataverse); {
	case here && there:
		d.Moved = report.MovedBoth
	case here:
		d.Moved = report.MovedFnO
	case there:
		d.Moved = report.MovedDataverse
	default:
		d.Moved = report.MovedNeither
	}
	d.Base = &report.Agreed{FnO: k.Show(s, value.FnO, b.FnO, answers), Dataverse: k.Show(s, value.Dataverse, b.Dataverse, answers)}
}

func ids(obs []record.Observation) string {
	var all []string
	for _, o := range obs {
		all = append(all, o.ID)
	}
	return strings.Join(all, ", ")
}
