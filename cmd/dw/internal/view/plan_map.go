package view

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

// tall tells whether one of two neighbours takes more than the few lines of a
// new map, so that a blank line between them helps.
func (v *planView) tall(a, b plan.Action) bool {
	few := func(a plan.Action) bool { return a.Kind == plan.Create && !v.full() }
	return !few(a) || !few(b)
}

// full tells whether new maps are shown field by field.
func (v *planView) full() bool { return v.o.Full || len(v.o.Maps) > 0 }

// header names the map and its tables.
func (v *planView) header(a plan.Action) {
	sign, s := symbol(a.Kind)
	name := clean(model.MapAddress(a.Map))
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
	v.wrapped(fmt.Sprintf("  %s%s ", v.o.paint(s, sign), strings.Repeat(" ", 2-len(sign))), 5, name, bold)
	v.paragraph(6, 0, "", tables)
}

// action shows one map: why, at what cost, and what.
func (v *planView) action(a plan.Action) {
	v.header(a)
	if a.Kind != plan.Create {
		for _, r := range a.Reasons {
			v.paragraph(6, 2, "", r.Detail)
		}
	}
	switch {
	case a.Definition == nil:
	case a.Kind == plan.Create && v.full():
		v.cost(a)
		v.definition(a)
	case a.Kind == plan.Create:
		v.short(a)
	default:
		v.cost(a)
		v.changes(a.Changes)
	}
}

// short shows a new map in a line, or a few.
func (v *planView) short(a plan.Action) {
	text := fieldCounts(a.Definition)
	if a.Cost != nil && !(a.Cost.ToDataverse.Unknown() && a.Cost.ToFnO.Unknown()) {
		text += "; sends " + sendText(a.Cost.ToDataverse, a.Cost.ToFnO, "rows")
	}
	v.paragraph(6, 2, "", text)
	v.ways(a)
	v.join(a.Join)
	if text := deferredFields(a); text != "" {
		v.paragraph(6, 2, "", "deferred: "+text)
	}
}

// cost says what one map has to read and may send.
func (v *planView) cost(a plan.Action) {
	if a.Cost == nil {
		return
	}
	text := fmt.Sprintf("reads %s in F&O, %s in Dataverse", rows(a.Rows.FnO, a.Rows.FnOExact), rows(a.Rows.Dataverse, a.Rows.DataverseExact))
	if a.Rows.FnO < 0 && a.Rows.Dataverse < 0 {
		text = "reads all rows, which are not counted"
	}
	if !(a.Cost.ToDataverse.Unknown() && a.Cost.ToFnO.Unknown()) {
		text += "; sends " + sendText(a.Cost.ToDataverse, a.Cost.ToFnO, "rows")
	}
	if a.Cost.Seconds.Most >= 0 {
		text += "; " + spanText(a.Cost.Seconds)
	}
	v.paragraph(6, 2, "", text)
	v.ways(a)
	v.join(a.Join)
}

// ways says how records of F&O are read and rows go there.
func (v *planView) ways(a plan.Action) {
	for _, text := range []string{readingText(a), routeText(a)} {
		if text != "" {
			v.paragraph(6, 2, "", text)
		}
	}
}

// manyToRead is how many records of F&O take long enough over OData that it is
// worth a line that exports may take its place.
const manyToRead = 100_000

// readingText says how records of F&O are read, where that is not the ordinary
// way or there are so many that it may become another; else "".
func readingText(a plan.Action) string {
	if a.Cost == nil || a.Cost.ReadFromFnO == nil {
		return ""
	}
	r := a.Cost.ReadFromFnO
	switch {
	case r.Via == plan.ViaPackage:
		text := "reads F&O by an export for each company, as the map demands"
		if r.Exports == 1 {
			text = "reads F&O by an export, as the map demands"
		}
		if r.Seconds >= 0 {
			text += fmt.Sprintf(": %s, %s, of which keys and versions, over OData, take %s", plural(r.Exports, "job", "jobs"), roughly(r.Seconds), roughly(r.Keys))
		}
		return text
	case r.Why == plan.RouteDemanded:
		return "reads F&O over OData, as the map demands"
	case r.Why == plan.RateDecides && a.Rows.FnO >= manyToRead:
		return fmt.Sprintf("reads F&O over OData, or by exports where that gives fewer than about %s records a minute", count(r.SlowerThan))
	case r.Why == plan.RouteNoProject && a.Rows.FnO >= manyToRead:
		return "reads F&O over OData, however slow that is: exports need the data project " + r.Project
	}
	return ""
}

// routeText says how rows go to F&O, where that is not the ordinary way for want
// of rows or of choice; else "".
func routeText(a plan.Action) string {
	if a.Cost == nil || a.Cost.RouteToFnO == nil {
		return ""
	}
	r := a.Cost.RouteToFnO
	switch {
	case r.Via == plan.ViaPackage:
		text := "to F&O by packages, as the map demands"
		if r.Why == plan.RouteManyRows {
			text = fmt.Sprintf("to F&O by packages where a company has %s rows or more, else over OData", count(r.Least))
		}
		if r.Seconds >= 0 {
			text += fmt.Sprintf(": at most %s one after the other, %s, of which reading back takes %s",
				plural(r.Packages, "package", "packages"), roughly(r.Seconds), roughly(r.ReadBack))
		}
		return text
	case r.Why == plan.RouteDemanded:
		return "to F&O over OData, as the map demands"
	case r.Why == plan.RouteNoProject:
		return "to F&O over OData: packages would take less time, but F&O has no import project for them"
	}
	return ""
}

// join says by what else than the key records are found.
func (v *planView) join(j *plan.Join) {
	if j != nil && j.Counted != nil {
		v.paragraph(6, 2, "", countedText(*j.Counted))
	}
	if j == nil || len(j.Match) == 0 && j.Crosswalk == "" {
		return
	}
	ways := []string{"by the key"}
	for _, way := range j.Match {
		ways = append(ways, "by "+clean(strings.Join(way, " + ")))
	}
	if j.Crosswalk != "" {
		ways = append(ways, "by "+clean(j.Crosswalk))
	}
	text := "found " + strings.Join(ways, ", then ")
	if j.Counted != nil {
		v.paragraph(6, 2, "", text)
		return
	}
	text = "on both sides " + bound(j.Paired) + ", " + text
	if j.OnlyFnO > 0 {
		text += fmt.Sprintf("; at least %s in F&O only", count(j.OnlyFnO))
	}
	if j.OnlyDataverse > 0 {
		text += fmt.Sprintf("; at least %s in Dataverse only", count(j.OnlyDataverse))
	}
	v.paragraph(6, 2, "", text)
}

// changes shows what changes, before and after: on one line where there is room.
func (v *planView) changes(changes []plan.Change) {
	for _, c := range changes {
		sign, s := symbol(c.Kind)
		path := clean(c.Path)
		if c.Note != "" {
			path += " (" + clean(c.Note) + ")"
		}
		lead := fmt.Sprintf("      %s ", v.o.paint(s, sign))
		room := v.o.columns() - 8
		switch c.Kind {
		case plan.Create:
			v.change(lead, path, room, clean(c.After), green)
		case plan.Destroy:
			v.change(lead, path, room, clean(c.Before), red)
		default:
			before, after := elide(c.Before, c.After)
			before, after = orNothing(before), orNothing(after)
			if textWidth(path)+2+textWidth(before)+3+textWidth(after) <= room {
				v.linef("%s%s  %s → %s", lead, path, v.o.paint(red, before), v.o.paint(green, after))
				continue
			}
			v.wrapped(lead, 8, path, "")
			v.value("  ", before, red)
			v.value("→ ", after, green)
		}
	}
}

// change shows a line that comes or goes.
func (v *planView) change(lead, path string, room int, text string, s style) {
	if textWidth(path)+2+textWidth(text) <= room {
		v.linef("%s%s  %s", lead, path, v.o.paint(s, text))
		return
	}
	v.wrapped(lead, 8, path, "")
	v.value("  ", text, s)
}

// value shows one side of a change on lines of its own.
func (v *planView) value(mark, text string, s style) {
	v.wrapped(strings.Repeat(" ", 8)+mark, 10, text, s)
}

// wrapped writes text behind a lead that takes indent columns.
func (v *planView) wrapped(lead string, indent int, text string, s style) {
	for i, l := range wrap(text, v.o.columns()-indent) {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		v.linef("%s%s", lead, v.o.paint(s, l))
	}
}

func orNothing(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return clean(s)
}
