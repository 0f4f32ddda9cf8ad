package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dualwrite/dw/planner/plan"
)

// Plan renders a plan: its JSON form, or for people a summary, what happens to
// each map in the order of waves, and the summary again.
func Plan(w io.Writer, p *plan.Plan, o Options) error {
	if o.JSON {
		data, err := plan.Encode(p)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}
	v := &planView{writer: writer{o: o}}
	v.plan(p)
	_, err := io.WriteString(w, v.b.String())
	return err
}

// writer collects what is rendered.
type writer struct {
	b strings.Builder
	o Options
}

// linef writes one line.
func (v *writer) linef(format string, args ...any) {
	v.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	v.b.WriteByte('\n')
}

// paragraph writes text wrapped to the terminal; lines after the first stand
// further in by hang columns.
func (v *writer) paragraph(indent, hang int, s style, text string) {
	blanks := strings.Repeat(" ", indent)
	for i, l := range wrap(clean(text), v.o.columns()-indent-hang) {
		if i == 1 {
			blanks += strings.Repeat(" ", hang)
		}
		v.linef("%s%s", blanks, v.o.paint(s, l))
	}
}

// table writes a table. Writing into memory cannot fail.
func (v *writer) table(t *table) { _ = t.write(&v.b, v.o) }

type planView struct{ writer }

func (v *planView) plan(p *plan.Plan) {
	if !p.Changes() {
		v.paragraph(0, 0, bold, fmt.Sprintf("Nothing to do: link %s runs as the configuration says (%s).",
			clean(p.Link), plural(int64(len(p.Actions)), "map", "maps")))
		return
	}
	summary := fmt.Sprintf("Plan for link %s: %s.", clean(p.Link), planCounts(p))
	v.paragraph(0, 0, bold, summary)
	for _, wave := range p.Waves {
		v.wave(p, wave)
	}
	v.removed(p)
	v.unchanged(p)
	v.linef("")
	v.legend(p)
	v.paragraph(0, 0, bold, summary)
	v.rowsToRead(p)
}

// planCounts is the summary of a plan: what happens to how many maps.
func planCounts(p *plan.Plan) string {
	words := []struct {
		kind plan.Kind
		text string
	}{
		{plan.Create, "to create"}, {plan.Update, "to update"}, {plan.Backfill, "to update and send again"},
		{plan.Replace, "to replace"}, {plan.Resume, "to resume"}, {plan.Destroy, "to remove"}, {plan.None, "unchanged"},
	}
	var parts []string
	for _, word := range words {
		n := 0
		for _, a := range p.Actions {
			if a.Kind == word.kind {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, word.text))
		}
	}
	return strings.Join(parts, ", ")
}

// symbol is the sign of an action and its colour.
func symbol(k plan.Kind) (string, style) {
	switch k {
	case plan.Create:
		return "+", green
	case plan.Update:
		return "~", yellow
	case plan.Backfill:
		return "~>", yellow
	case plan.Replace:
		return "-+", red
	case plan.Destroy:
		return "-", red
	case plan.Resume:
		return ">", cyan
	default:
		return "=", dim
	}
}

// legend explains the signs that the plan uses beyond the obvious ones.
func (v *planView) legend(p *plan.Plan) {
	meaning := []struct {
		kind plan.Kind
		text string
	}{
		{plan.Backfill, "update, then read and compare all rows again"},
		{plan.Replace, "end the deployed map and begin anew; rows stay on both sides"},
		{plan.Resume, "finish the initial sync that was cut off"},
		{plan.Destroy, "end the map; rows stay on both sides"},
	}
	any := false
	for _, m := range meaning {
		if slices.ContainsFunc(p.Actions, func(a plan.Action) bool { return a.Kind == m.kind }) {
			sign, s := symbol(m.kind)
			v.linef("  %s%s  %s", v.o.paint(s, sign), strings.Repeat(" ", 2-len(sign)), m.text)
			any = true
		}
	}
	if any {
		v.linef("")
	}
}

// wave shows the maps of a wave that change.
func (v *planView) wave(p *plan.Plan, w plan.Wave) {
	var maps []plan.Action
	for _, a := range p.Actions {
		if a.Wave == w.Number && a.Kind != plan.None && a.Kind != plan.Destroy {
			maps = append(maps, a)
		}
	}
	if len(maps) == 0 {
		return
	}
	v.linef("")
	rows := ""
	switch {
	case w.Rows > 0 && exact(maps):
		rows = ", " + plural(w.Rows, "row", "rows") + " to read"
	case w.Rows > 0:
		rows = ", about " + plural(w.Rows, "row", "rows") + " to read"
	}
	v.linef("%s%s", v.o.paint(bold, fmt.Sprintf("Wave %d", w.Number)), rows)
	for _, a := range maps {
		v.linef("")
		v.action(a)
	}
}

func exact(maps []plan.Action) bool {
	for _, a := range maps {
		if a.Kind.SendsRows() && !(a.Rows.FnOExact && a.Rows.DataverseExact) {
			return false
		}
	}
	return true
}

// rowsToRead says at the end how much there is to read.
func (v *planView) rowsToRead(p *plan.Plan) {
	if !p.Complete {
		v.paragraph(0, 0, dim, "How many rows there are to read is not known for every map: not everything was counted.")
		return
	}
	var fno, dv int64
	about := ""
	for _, a := range p.Actions {
		if a.Kind.SendsRows() {
			fno += a.Rows.FnO
			dv += a.Rows.Dataverse
			if !a.Rows.FnOExact || !a.Rows.DataverseExact {
				about = "about "
			}
		}
	}
	if fno+dv > 0 {
		v.paragraph(0, 0, "", fmt.Sprintf("Rows to read: %s%s in F&O, %s%s in Dataverse.", about, count(fno), about, count(dv)))
	}
}

// header names the map and its tables.
func (v *planView) header(a plan.Action) {
	sign, s := symbol(a.Kind)
	name := "map." + clean(a.Map)
	if a.Previous > 0 {
		name += fmt.Sprintf("@%d", a.Previous)
	}
	tables := ""
	if d := a.Definition; d != nil {
		tables = fmt.Sprintf("%s -> %s", clean(d.Map.FnO.Name), clean(d.Map.Dataverse.Name))
	}
	lead := fmt.Sprintf("  %s%s %s", v.o.paint(s, sign), strings.Repeat(" ", 2-len(sign)), v.o.paint(bold, name))
	if 5+textWidth(name)+2+textWidth(tables) <= v.o.columns() {
		v.linef("%s  %s", lead, tables)
		return
	}
	v.linef("%s", lead)
	v.paragraph(6, 0, "", tables)
}

// action shows one map: why, and what.
func (v *planView) action(a plan.Action) {
	v.header(a)
	if a.Kind != plan.Create {
		for _, r := range a.Reasons {
			v.paragraph(6, 2, "", r.Detail)
		}
	}
	if a.Kind.SendsRows() {
		v.paragraph(6, 2, "", fmt.Sprintf("rows to read: %s in F&O, %s in Dataverse", rows(a.Rows.FnO, a.Rows.FnOExact), rows(a.Rows.Dataverse, a.Rows.DataverseExact)))
	}
	switch {
	case a.Definition == nil:
	case a.Kind == plan.Create:
		v.definition(a)
	default:
		v.changes(a.Changes)
	}
}

// rows shows a number of rows and how sure it is.
func rows(n int64, exact bool) string {
	switch {
	case n < 0:
		return "unknown"
	case exact:
		return count(n)
	default:
		return "about " + count(n)
	}
}

// changes shows what changes, before and after.
func (v *planView) changes(changes []plan.Change) {
	t := table{indent: 6, columns: []column{{}, {least: 16}, {}, {least: 24}}}
	for _, c := range changes {
		sign, s := symbol(c.Kind)
		path := clean(c.Path)
		if c.Note != "" {
			path += "\n(" + clean(c.Note) + ")"
		}
		head := []cell{{sign, s}, {text: path}}
		switch c.Kind {
		case plan.Create:
			t.add(append(head, cell{text: ""}, cell{text: clean(c.After)})...)
		case plan.Destroy:
			t.add(append(head, cell{text: ""}, cell{text: clean(c.Before)})...)
		default:
			before, after := elide(c.Before, c.After)
			t.add(append(head, cell{"-", red}, cell{text: orNothing(before)})...)
			t.add(cell{}, cell{}, cell{"+", green}, cell{text: orNothing(after)})
		}
	}
	v.table(&t)
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return clean(s)
}

// removed shows the maps that end.
func (v *planView) removed(p *plan.Plan) {
	first := true
	for _, a := range p.Actions {
		if a.Kind != plan.Destroy {
			continue
		}
		v.linef("")
		if first {
			v.linef("%s", v.o.paint(bold, "Removed"))
			v.linef("")
			first = false
		}
		v.action(a)
	}
}

// unchanged names the maps of which nothing changes.
func (v *planView) unchanged(p *plan.Plan) {
	var names []string
	for _, a := range p.Actions {
		if a.Kind == plan.None {
			names = append(names, "map."+clean(a.Map))
		}
	}
	if len(names) > 0 {
		v.linef("")
		v.paragraph(0, 2, dim, "Unchanged: "+strings.Join(names, ", "))
	}
}
