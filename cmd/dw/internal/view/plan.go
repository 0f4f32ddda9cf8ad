package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

// Plan renders a plan: a summary, what is destructive and what the policy says, then a short block for each map in the
// order of waves. With Options.Full, or for the maps of Options.Maps, new maps
// are shown field by field.
func Plan(w io.Writer, p *plan.Plan, o Options) error {
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
	headline := fmt.Sprintf("Plan for link %s: %s.", clean(p.Link), planCounts(p))
	v.paragraph(0, 0, bold, headline)
	v.summary(p)
	v.violations(p.Policy)
	v.destructive(p.Destructive)
	for _, wave := range p.Waves {
		v.wave(p, wave)
	}
	v.removed(p)
	v.unchanged(p)
	v.linef("")
	v.legend(p)
	v.paragraph(0, 0, bold, headline)
	v.ending(p)
}

// summary says what the plan costs as a whole.
func (v *planView) summary(p *plan.Plan) {
	t := table{indent: 2, columns: []column{{}, {least: 24}}}
	fact := func(name, text string, s style) {
		if text != "" {
			t.add(cell{name, dim}, cell{text, s})
		}
	}
	text, s := outcomeText(p.Policy)
	fact("policy", text, s)
	fact("between", betweenText(p.Environments), "")
	waves := 0
	for _, w := range p.Waves {
		if slices.ContainsFunc(p.Actions, func(a plan.Action) bool { return a.Wave == w.Number && shownIn(a, w) }) {
			waves++
		}
	}
	if waves > 0 {
		fact("waves", count(int64(waves)), "")
	}
	if slices.ContainsFunc(p.Actions, func(a plan.Action) bool { return a.Cost != nil }) {
		fno, dataverse, toDataverse, toFnO := sums(p)
		fact("rows to read", fmt.Sprintf("%s in F&O, %s in Dataverse", rows(fno.Most, fno.Exact), rows(dataverse.Most, dataverse.Exact)), "")
		fact("rows to send", sendText(toDataverse, toFnO, ""), "")
		time := spanText(p.Total.Seconds)
		if p.Total.Seconds.Most >= 0 {
			time += ", " + ratesText(p)
		}
		fact("time", time, "")
	} else {
		fact("rows to read", "none", "")
	}
	var resting []string
	for _, x := range p.Pauses {
		resting = append(resting, x.Map)
	}
	if len(resting) > 0 {
		fact("rests", mapList(resting, 6)+" while the rows are read", "")
	}
	if n := len(p.Destructive); n > 0 {
		fact("destructive", plural(int64(n), "thing", "things")+", named below", red)
	} else {
		fact("destructive", "nothing", "")
	}
	fact("fingerprint", plan.Short(p.Fingerprint), "")
	v.linef("")
	v.table(&t)
}

// violations names the rules of the policy that the plan violates.
func (v *planView) violations(verdict plan.Verdict) {
	if len(verdict.Violations) == 0 {
		return
	}
	v.linef("")
	v.linef("%s", v.o.paint(bold, "Policy"))
	t := table{indent: 2, columns: []column{{}, {least: 18}, {least: 24}}}
	for _, x := range verdict.Violations {
		word, s := effectWord(x.Effect)
		text := clean(x.Detail)
		if maps := mapList(x.Maps, 6); maps != "" {
			text += ": " + maps
		}
		if !x.At.IsZero() {
			text += fmt.Sprintf(" (%s:%d)", clean(x.At.File), x.At.Start.Line)
		}
		t.add(cell{word, s}, cell{text: clean(x.Rule)}, cell{text: text})
	}
	v.table(&t)
}

// destructive names what no later plan brings back.
func (v *planView) destructive(list []plan.Danger) {
	if len(list) == 0 {
		return
	}
	v.linef("")
	v.linef("%s", v.o.paint(bold, "Destructive"))
	t := table{indent: 2, columns: []column{{least: 16}, {least: 28}}}
	for _, d := range list {
		t.add(cell{text: clean(model.MapAddress(d.Map))}, cell{clean(dangerText(d)), red})
	}
	v.table(&t)
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
	any := false
	for _, m := range kindMeanings() {
		if p.Count(m.kind) > 0 {
			sign, s := symbol(m.kind)
			v.wrapped(fmt.Sprintf("  %s%s  ", v.o.paint(s, sign), strings.Repeat(" ", 2-len(sign))), 6, m.text, "")
			any = true
		}
	}
	if any {
		v.linef("")
	}
}

// ending says how the plan can be carried out, and where there is more to see.
func (v *planView) ending(p *plan.Plan) {
	switch p.Policy.Outcome {
	case plan.Denied:
		v.paragraph(0, 0, red, "The policy denies it: `dw apply` does not carry it out.")
	case plan.NeedsApproval:
		v.paragraph(0, 0, yellow, "The policy asks for approval: a yes on a terminal, or")
		v.linef("  dw apply -approved=%s", clean(plan.Short(p.Fingerprint)))
	}
	if !v.o.Full && len(v.o.Maps) == 0 && p.Count(plan.Create) > 0 {
		v.paragraph(0, 0, dim, "`dw plan -full` shows the fields of new maps, `dw plan MAP` those of one.")
	}
}

// shownIn tells whether a map stands under a wave.
func shownIn(a plan.Action, w plan.Wave) bool {
	return a.Wave == w.Number && a.Kind != plan.None && a.Kind != plan.Destroy
}

// named tells whether a map is to be shown.
func (v *planView) named(a plan.Action) bool {
	return len(v.o.Maps) == 0 || slices.Contains(v.o.Maps, a.Map)
}

// wave shows the maps of a wave that change.
func (v *planView) wave(p *plan.Plan, w plan.Wave) {
	var maps []plan.Action
	for _, a := range p.Actions {
		if shownIn(a, w) && v.named(a) {
			maps = append(maps, a)
		}
	}
	if len(maps) == 0 {
		return
	}
	text := ""
	if w.Rows > 0 {
		about := ""
		if !exact(p, w) {
			about = "about "
		}
		text = fmt.Sprintf(", %s%s to read, %s", about, plural(w.Rows, "row", "rows"), spanText(w.Seconds))
	}
	v.linef("")
	if head := fmt.Sprintf("Wave %d", w.Number); textWidth(head+text) <= v.o.columns() {
		v.linef("%s%s", v.o.paint(bold, head), text)
	} else {
		v.paragraph(0, 2, "", head+text)
	}
	v.linef("")
	for i, a := range maps {
		if i > 0 && v.tall(maps[i-1], a) {
			v.linef("")
		}
		v.action(a)
	}
}

// exact tells whether the rows of a wave were counted exactly.
func exact(p *plan.Plan, w plan.Wave) bool {
	for _, a := range p.Actions {
		if shownIn(a, w) && a.Kind.SendsRows() && !(a.Rows.FnOExact && a.Rows.DataverseExact) {
			return false
		}
	}
	return true
}

// removed shows the maps that end.
func (v *planView) removed(p *plan.Plan) {
	first := true
	for _, a := range p.Actions {
		if a.Kind != plan.Destroy || !v.named(a) {
			continue
		}
		if first {
			v.linef("")
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
			names = append(names, a.Map)
		}
	}
	most := 20
	if v.o.Full {
		most = len(names)
	}
	if len(names) > 0 {
		v.linef("")
		v.paragraph(0, 2, dim, "Unchanged: "+clean(mapList(names, most)))
	}
}
