package preflight

import (
	"cmp"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/report"
)

// tally gathers the findings of one map: one for each cause, side and field,
// with a few samples. It does not grow with the rows.
type tally struct {
	o       *Options
	m       *engine.Map
	out     report.MapPreflight
	groups  map[group]*report.PreflightFinding
	winners map[string]*report.Winner
}

type group struct {
	code   string
	side   value.Side
	field  string
	behind string
}

func newTally(o *Options, m *engine.Map) tally {
	return tally{o: o, m: m, out: report.MapPreflight{Map: m.Name, Wave: m.Def.Wave},
		groups: map[group]*report.PreflightFinding{}, winners: map[string]*report.Winner{}}
}

// trouble is one thing that is wrong with one record.
type trouble struct {
	code   string
	side   value.Side
	field  string // name of the slot, "" of the record
	reason string
	mend   string
	behind string // map

	record string
	rows   []row // to be mended
}

// row is a row that has to be mended.
type row struct {
	id     string
	column string
	value  string
}

// add takes in a trouble and tells how bad it is.
func (t *tally) add(x trouble) (diag.Severity, error) {
	info, _ := infoOf(x.code)
	at := group{x.code, x.side, x.field, x.behind}
	f := t.groups[at]
	if f == nil {
		f = &report.PreflightFinding{Cause: string(info.Cause), Title: info.Title, Severity: info.Severity, Code: x.code, Side: x.side, Field: x.field,
			Reason: x.reason, Mend: x.mend, Behind: x.behind, Samples: []report.PreflightSample{}}
		t.groups[at] = f
	}
	f.Count++
	if len(f.Samples) < t.o.Samples {
		s := report.PreflightSample{Record: x.record}
		if len(x.rows) == 1 {
			s.Value = x.rows[0].value
		}
		f.Samples = append(f.Samples, s)
	}
	if t.o.Row == nil || info.Severity > diag.Warning {
		return info.Severity, nil
	}
	for _, r := range x.rows {
		err := t.o.Row(report.PreflightRow{Map: t.m.Name, Side: x.side, Record: x.record, ID: r.id, Field: r.column, Value: r.value,
			Cause: string(info.Cause), Severity: info.Severity, Code: x.code, Reason: x.reason, Mend: x.mend})
		if err != nil {
			return info.Severity, err
		}
	}
	return info.Severity, nil
}

// wins counts a field whose value on one side would replace the other's.
func (t *tally) wins(field string, side value.Side) {
	w := t.winners[field]
	if w == nil {
		w = &report.Winner{Field: field}
		t.winners[field] = w
	}
	if side == value.FnO {
		w.FnO++
	} else {
		w.Dataverse++
	}
}

// report gives the map's part, findings worst first.
func (t *tally) report() report.MapPreflight {
	m := t.out
	m.Findings = []report.PreflightFinding{}
	for _, f := range t.groups {
		m.Findings = append(m.Findings, *f)
	}
	slices.SortFunc(m.Findings, func(a, b report.PreflightFinding) int {
		_, x := infoOf(a.Code)
		_, y := infoOf(b.Code)
		return cmp.Or(cmp.Compare(x, y), -cmp.Compare(a.Count, b.Count), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Side, b.Side), cmp.Compare(a.Behind, b.Behind), cmp.Compare(a.Code, b.Code))
	})
	for _, w := range t.winners {
		m.Winners = append(m.Winners, *w)
	}
	slices.SortFunc(m.Winners, func(a, b report.Winner) int {
		return cmp.Or(-cmp.Compare(a.FnO+a.Dataverse, b.FnO+b.Dataverse), cmp.Compare(a.Field, b.Field))
	})
	return m
}
