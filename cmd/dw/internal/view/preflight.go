package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/report"
)

// Preflight renders what an initial sync would come to: the findings of each
// map by cause, then counts a map, then a sentence.
func Preflight(w io.Writer, r report.Preflight, o Options) error {
	v := &writer{o: o}
	for _, m := range r.Maps {
		v.preflightMap(m)
	}
	v.preflightTable(r)
	v.preflightVerdict(r)
	_, err := io.WriteString(w, v.b.String())
	return err
}

// PreflightSummary renders a preflight below a plan: a line for each cause, the
// counts and the sentence.
func PreflightSummary(w io.Writer, r report.Preflight, o Options) error {
	v := &writer{o: o}
	v.linef("")
	v.linef("%s", v.o.paint(bold, "Preflight of the existing data"))
	v.linef("")
	found := false
	for _, m := range r.Maps {
		for _, f := range m.Findings {
			if f.Severity <= diag.Warning {
				v.paragraph(2, 2, severityStyle(f.Severity), model.MapAddress(m.Map)+": "+findingLine(f))
				found = true
			}
		}
	}
	if found {
		v.linef("")
	}
	v.preflightTable(r)
	v.preflightVerdict(r)
	if !r.Clean {
		v.paragraph(0, 0, "", "`dw preflight` says more of each, `dw preflight -csv FILE` lists the rows.")
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}

func severityStyle(s diag.Severity) style {
	switch s {
	case diag.Error:
		return red
	case diag.Warning:
		return yellow
	default:
		return dim
	}
}

// findingLine says a finding in one line: "120 records: text too long in
// PrimaryContactURL of F&O (DW501)".
func findingLine(f report.PreflightFinding) string {
	what := f.Title
	if f.Behind != "" {
		what = "wait for records of " + model.MapAddress(f.Behind) + " that fail"
	}
	if f.Field != "" {
		what += ", " + f.Field
	}
	return fmt.Sprintf("%s: %s, in %s (%s)", plural(f.Count, "record", "records"), what, f.Side.Title(), f.Code)
}

func (v *writer) preflightMap(m report.MapPreflight) {
	if len(m.Findings) == 0 && len(m.Winners) == 0 {
		return
	}
	v.linef("%s", v.o.paint(bold, clean(model.MapAddress(m.Map))))
	for _, f := range m.Findings {
		v.paragraph(2, 2, severityStyle(f.Severity), findingLine(f))
		v.paragraph(4, 0, "", f.Reason)
		if f.Mend != "" {
			v.paragraph(4, len(advice), "", advice+f.Mend)
		}
		v.samples(f)
	}
	if len(m.Winners) > 0 {
		v.paragraph(2, 2, "", winners(m.Winners))
	}
	v.linef("")
}

// samples names some records of a finding.
func (v *writer) samples(f report.PreflightFinding) {
	if len(f.Samples) == 0 {
		return
	}
	var names []string
	for _, s := range f.Samples {
		names = append(names, short(s.Record))
	}
	text := strings.Join(names, ", ")
	if more := f.Count - int64(len(f.Samples)); more > 0 {
		text += fmt.Sprintf(" and %s more", count(more))
	}
	v.paragraph(4, 2, dim, text)
}

// mostWinners is how many fields are named in the line of who wins.
const mostWinners = 4

// winners says whose values would replace the other's.
func winners(all []report.Winner) string {
	var parts []string
	for i, w := range all {
		if i == mostWinners {
			parts = append(parts, fmt.Sprintf("and %s", plural(int64(len(all)-mostWinners), "more field", "more fields")))
			break
		}
		var who []string
		if w.FnO > 0 {
			who = append(who, fmt.Sprintf("F&O %s", count(w.FnO)))
		}
		if w.Dataverse > 0 {
			who = append(who, fmt.Sprintf("Dataverse %s", count(w.Dataverse)))
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", w.Field, strings.Join(who, ", ")))
	}
	return "Values differ; the side that wins, and in how many records: " + strings.Join(parts, ", ") + "."
}

func (v *writer) preflightTable(r report.Preflight) {
	if len(r.Maps) == 0 {
		return
	}
	t := table{headed: true, columns: []column{
		{head: "map", least: 10}, {head: "records", right: true},
		{head: "F&O", group: "creates", right: true}, {head: "Dataverse", group: "creates", right: true},
		{head: "F&O", group: "updates", right: true}, {head: "Dataverse", group: "updates", right: true},
		{head: "equal", right: true}, {head: "fail", right: true},
	}}
	var sum report.MapPreflight
	for _, m := range r.Maps {
		t.add(preflightCells(m.Map, m, "")...)
		sum.Records += m.Records
		sum.Equal += m.Equal
		sum.Failing += m.Failing
		for _, s := range []value.Side{value.FnO, value.Dataverse} {
			n, u := m.Creates.FnO, m.Updates.FnO
			if s == value.Dataverse {
				n, u = m.Creates.Dataverse, m.Updates.Dataverse
			}
			sum.Creates.Add(s, n)
			sum.Updates.Add(s, u)
		}
	}
	if len(r.Maps) > 1 {
		t.foot = preflightCells("total", sum, bold)
	}
	v.table(&t)
	v.linef("")
}

func preflightCells(name string, m report.MapPreflight, s style) []cell {
	alarm := s
	if m.Failing > 0 {
		alarm = red
	}
	return []cell{
		{name, s}, {count(m.Records), s}, {count(m.Creates.FnO), s}, {count(m.Creates.Dataverse), s},
		{count(m.Updates.FnO), s}, {count(m.Updates.Dataverse), s}, {count(m.Equal), s}, {count(m.Failing), alarm},
	}
}

func (v *writer) preflightVerdict(r report.Preflight) {
	took := fmt.Sprintf(" Took %s; nothing was written.", seconds(r.Seconds))
	switch {
	case len(r.Maps) == 0:
		v.paragraph(0, 0, green, "Nothing would be sent, so there is nothing to judge.")
	case r.Clean:
		v.paragraph(0, 0, green, fmt.Sprintf("A go-live of link %s would be clean: all %s would get over.%s", r.Link, plural(r.Records, "record", "records"), took))
	default:
		v.paragraph(0, 0, red, fmt.Sprintf("%s of %s of link %s would not get over as they are.%s", count(r.Failing), plural(r.Records, "record", "records"), r.Link, took))
	}
}
