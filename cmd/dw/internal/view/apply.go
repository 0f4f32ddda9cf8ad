package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/report"
)

// Apply renders what an apply did, map by map.
func Apply(w io.Writer, r report.Apply, o Options) error {
	v := &writer{o: o}
	if r.Nothing {
		v.paragraph(0, 0, bold, fmt.Sprintf("Nothing to do: link %s runs as the configuration says.", r.Link))
	} else {
		v.applied(r)
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *writer) applied(r report.Apply) {
	t := table{headed: true, columns: []column{
		{head: "map", least: 10},
		{head: "F&O", group: "rows", right: true}, {head: "DV", group: "rows", right: true},
		{head: "F&O", group: "created", right: true}, {head: "DV", group: "created", right: true},
		{head: "F&O", group: "updated", right: true}, {head: "DV", group: "updated", right: true},
		{head: "failed", right: true}, {head: "parked", right: true}, {head: "rows/s", right: true},
	}}
	var sum report.MapSummary
	for _, m := range r.Maps {
		t.rows = append(t.rows, summaryCells(clean(m.Map), m, ""))
		sum.Rows.FnO += m.Rows.FnO
		sum.Rows.Dataverse += m.Rows.Dataverse
		sum.Created.FnO += m.Created.FnO
		sum.Created.Dataverse += m.Created.Dataverse
		sum.Updated.FnO += m.Updated.FnO
		sum.Updated.Dataverse += m.Updated.Dataverse
		sum.Filled.FnO += m.Filled.FnO
		sum.Filled.Dataverse += m.Filled.Dataverse
		sum.Failed += m.Failed
		sum.Parked += m.Parked
		sum.Held += m.Held
		sum.Owed += m.Owed
	}
	if len(r.Maps) > 1 {
		t.foot = summaryCells("total", sum, bold)
	}
	if len(r.Maps) > 0 {
		v.table(&t)
		v.linef("")
	}
	head, s := "Applied", green
	if !r.Complete {
		head, s = "Not finished", yellow
	}
	for _, name := range r.Resting {
		v.paragraph(0, 2, yellow, fmt.Sprintf("%s is paused or stopped by an operator: nothing was written for it. It is joined after `dw resume %s`.",
			clean(model.MapAddress(name)), clean(model.MapArgument(name))))
	}
	if len(r.Maps) == 0 && r.Complete {
		v.paragraph(0, 0, s, fmt.Sprintf("%s: link %s runs as the configuration says. No rows had to be sent.", head, r.Link))
		return
	}
	v.paragraph(0, 0, s, fmt.Sprintf("%s: %s of link %s in %s.", head, plural(int64(len(r.Maps)), "map", "maps"), r.Link, seconds(r.Seconds)))
	if filled := sum.Filled.FnO + sum.Filled.Dataverse; filled > 0 {
		v.paragraph(0, 2, "", plural(filled, "reference was", "references were")+" filled in by a second pass, when the records that they lead to were there.")
	}
	v.matched(r.Maps)
	v.open(sum)
	if !r.Complete {
		v.paragraph(0, 0, "", "What is done is kept. Go on with: dw apply")
	}
}

// matched says how records that were on both sides found each other, and what the
// gates saw.
func (v *writer) matched(maps []report.MapSummary) {
	var sum report.MapSummary
	var gate report.Gate
	for _, m := range maps {
		sum.Equal += m.Equal
		sum.Differing += m.Differing
		sum.ByMatch += m.ByMatch
		sum.ByCrosswalk += m.ByCrosswalk
		if m.Gate != nil {
			gate.Sampled += m.Gate.Sampled
			gate.Moved += m.Gate.Moved
			gate.Differing += m.Gate.Differing
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int64
		text string
	}{{sum.Equal, "equal"}, {sum.Differing, "different"}, {sum.ByMatch, "by match"}, {sum.ByCrosswalk, "by crosswalk"}} {
		if p.n > 0 {
			parts = append(parts, count(p.n)+" "+p.text)
		}
	}
	if len(parts) > 0 {
		v.paragraph(0, 2, "", "Found on both sides: "+strings.Join(parts, ", ")+".")
	}
	if gate.Sampled == 0 {
		return
	}
	text := fmt.Sprintf("The gates read %s again: ", plural(gate.Sampled, "pair", "pairs"))
	s := style("")
	switch {
	case gate.Differing > 0:
		text, s = text+count(gate.Differing)+" are not equal", red
	default:
		text += "all equal"
	}
	if gate.Moved > 0 {
		text += fmt.Sprintf(", but for %s edited meanwhile", count(gate.Moved))
	}
	v.paragraph(0, 2, s, text+".")
}

// open says what was left aside and where to see it.
func (v *writer) open(sum report.MapSummary) {
	list := []struct {
		n    int64
		s    style
		text string
	}{
		{sum.Failed, red, "failed: they wait for you"},
		{sum.Parked, yellow, "parked: they go on when the record that they need arrives"},
		{sum.Held, yellow, "held: you decide which side wins"},
		{sum.Owed, yellow, "written without a reference that is still to come"},
	}
	any := false
	for _, l := range list {
		if l.n > 0 {
			v.paragraph(0, 2, l.s, plural(l.n, "record", "records")+" "+l.text)
			any = true
		}
	}
	if any {
		v.linef("See them with: dw errors list")
	}
}

func summaryCells(name string, m report.MapSummary, s style) []cell {
	bad := func(n int64, alarm style) cell {
		if n > 0 {
			return cell{count(n), alarm}
		}
		return cell{count(n), s}
	}
	return []cell{
		{name, s},
		{count(m.Rows.FnO), s}, {count(m.Rows.Dataverse), s},
		{count(m.Created.FnO), s}, {count(m.Created.Dataverse), s},
		{count(m.Updated.FnO), s}, {count(m.Updated.Dataverse), s},
		bad(m.Failed, red), bad(m.Parked, yellow),
		{rate(m.RowsPerSec), s},
	}
}
