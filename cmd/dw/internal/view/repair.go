package view

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// Repair renders what would be done about the differences that verify found:
// some records a map, what a person has to decide, totals.
func Repair(w io.Writer, r report.Repair, o Options) error {
	v := &writer{o: o}
	t := table{headed: true, columns: []column{
		{head: "map", least: 10}, {head: "findings", right: true},
		{head: "to F&O", group: "records", right: true}, {head: "to Dataverse", group: "records", right: true}, {head: "other", group: "records", right: true},
		{head: "settled", right: true}, {head: "left", right: true},
	}}
	var sum report.MapRepair
	for _, m := range r.Maps {
		v.repairMap(m)
		t.add(repairCells(m.Map, m, "")...)
		sum = addRepair(sum, m)
	}
	if len(r.Maps) > 1 {
		t.foot = repairCells("total", sum, bold)
	}
	if len(r.Maps) > 0 {
		v.table(&t)
		v.linef("")
	}
	v.repairVerdict(r, sum)
	_, err := io.WriteString(w, v.b.String())
	return err
}

func repairCells(name string, m report.MapRepair, s style) []cell {
	alarm := s
	if m.Left > 0 {
		alarm = yellow
	}
	return []cell{
		{clean(name), s}, {count(m.Findings), s}, {count(repairWrites(m, value.FnO)), s}, {count(repairWrites(m, value.Dataverse)), s},
		{count(m.Linked + m.Forgotten + m.Waiting), s}, {count(m.Settled), s}, {count(m.Left), alarm},
	}
}

// repairWrites counts the records that would be written on a side.
func repairWrites(m report.MapRepair, side value.Side) int64 {
	if side == value.FnO {
		return m.Created.FnO + m.Updated.FnO + m.Deleted.FnO
	}
	return m.Created.Dataverse + m.Updated.Dataverse + m.Deleted.Dataverse + m.State
}

func addRepair(a, b report.MapRepair) report.MapRepair {
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		n := func(s report.Sides) int64 {
			if side == value.FnO {
				return s.FnO
			}
			return s.Dataverse
		}
		a.Created.Add(side, n(b.Created))
		a.Updated.Add(side, n(b.Updated))
		a.Deleted.Add(side, n(b.Deleted))
	}
	a.Findings += b.Findings
	a.Records += b.Records
	a.Settled += b.Settled
	a.Left += b.Left
	a.State += b.State
	a.Linked += b.Linked
	a.Forgotten += b.Forgotten
	a.Waiting += b.Waiting
	return a
}

// repairMap shows the records of one map.
func (v *writer) repairMap(m report.MapRepair) {
	v.linef("%s", v.o.paint(bold, clean(model.MapAddress(m.Map))))
	if m.Note != "" {
		v.paragraph(2, 2, yellow, clean(m.Note))
	}
	for _, line := range repairSums(m) {
		v.paragraph(2, 2, "", line)
	}
	last := ""
	for _, a := range m.Actions {
		if a.Record != last {
			v.paragraph(2, 2, cyan, clean(a.Record))
			last = a.Record
		}
		v.paragraph(4, 2, repairStyle(a), repairWords(a))
		for _, f := range a.Fields {
			v.paragraph(6, 2, "", fmt.Sprintf("%s: %s -> %s", clean(f.Field), quoted(f.Old), quoted(f.New)))
			v.paragraph(8, 2, dim, repairRule(f.Rule))
		}
	}
	if m.MoreActions {
		v.paragraph(2, 2, dim, "There are more; -limit 0 lists all of them.")
	}
	if len(m.Undecided) > 0 {
		v.paragraph(2, 2, bold, "For a person to decide:")
	}
	for _, l := range m.Undecided {
		name := l.Record
		if l.Kind != "" {
			name += " (" + l.Kind + ")"
		}
		v.paragraph(4, 2, cyan, clean(name))
		reason := l.Reason
		if l.Code != "" {
			reason = l.Code + ": " + reason
		}
		v.paragraph(6, 2, "", clean(reason))
		if l.Hint != "" {
			v.paragraph(6, 3, dim, "-> "+clean(l.Hint))
		}
	}
	if m.MoreLeft {
		v.paragraph(4, 2, dim, "There are more; -limit 0 lists all of them.")
	}
	v.linef("")
}

// repairSums counts what would be done, and by which rules.
func repairSums(m report.MapRepair) (lines []string) {
	var parts []string
	for _, side := range []value.Side{value.FnO, value.Dataverse} {
		of := func(s report.Sides) int64 {
			if side == value.FnO {
				return s.FnO
			}
			return s.Dataverse
		}
		for _, x := range []struct {
			n    int64
			what string
		}{{of(m.Created), "created"}, {of(m.Updated), "updated"}, {of(m.Deleted), "deleted"}} {
			if x.n > 0 {
				parts = append(parts, fmt.Sprintf("%s %s in %s", count(x.n), x.what, side.Title()))
			}
		}
	}
	if m.State > 0 {
		parts = append(parts, count(m.State)+" activated or deactivated in Dataverse")
	}
	if m.Waiting > 0 {
		parts = append(parts, count(m.Waiting)+" once what they refer to is there")
	}
	if m.Linked > 0 {
		parts = append(parts, count(m.Linked)+" remembered as pairs")
	}
	if m.Forgotten > 0 {
		parts = append(parts, count(m.Forgotten)+" forgotten, since both records are gone")
	}
	if len(parts) > 0 {
		lines = append(lines, "Records: "+strings.Join(parts, ", ")+".")
	}
	for _, rule := range slices.Sorted(maps.Keys(m.FieldsBy)) {
		lines = append(lines, fmt.Sprintf("%s: %s.", plural(m.FieldsBy[rule], "field", "fields"), repairRule(rule)))
	}
	return lines
}

func repairStyle(a report.RepairAction) style {
	if a.Op == record.Delete {
		return red
	}
	return ""
}

// repairWords says what would be done about a record.
func repairWords(a report.RepairAction) string {
	switch {
	case a.What == report.RepairLink:
		return "is the same on both sides: remembered as a pair"
	case a.What == report.RepairForget:
		return "is gone on both sides: its pair is forgotten"
	case a.What == report.RepairWait:
		return "is written once the record that it refers to is there"
	case a.Op == record.Update:
		return "update in " + a.Side.Title()
	case a.Op == record.Create:
		return "create in " + a.Side.Title()
	case a.Rule == "deleted":
		return fmt.Sprintf("%s in %s: it was deleted in %s", a.Op, a.Side.Title(), a.Side.Other().Title())
	}
	return fmt.Sprintf("%s in %s", a.Op, a.Side.Title())
}

// repairRule says why a field would be written: from the other side's view, as
// nothing has been done yet.
func repairRule(rule string) string {
	words := rulesInWords()
	words["moved"] = "only the other side has changed it"
	words["master"] = "both have changed it; its master wins"
	words["last"] = "both sides have changed the record; the other one later"
	words["revert"] = "an edit on the wrong side is undone"
	words["owed"] = "the record that it refers to is there"
	return cmp.Or(words[rule], clean(rule))
}

func (v *writer) repairVerdict(r report.Repair, sum report.MapRepair) {
	link := clean(r.Link)
	if r.Company != "" {
		link += " and company " + clean(r.Company)
	}
	rest := ""
	if sum.Left > 0 {
		rest = fmt.Sprintf(" %s for a person to decide.", pluralVerb(sum.Left, "is left", "are left"))
	}
	if r.Explained > 0 {
		rest += fmt.Sprintf(" %s for a reason that the state knows: `dw errors list`.", pluralVerb(r.Explained, "differs", "differ"))
	}
	switch {
	case sum.Records == 0:
		v.paragraph(0, 0, green, fmt.Sprintf("Nothing to repair in link %s: %s compared.%s", link, plural(r.Compared, "record", "records"), rest))
	default:
		v.paragraph(0, 0, bold, fmt.Sprintf("A repair of link %s deals with %s of %s compared: %s to F&O, %s to Dataverse.%s",
			link, plural(sum.Records, "record", "records"), count(r.Compared), count(repairWrites(sum, value.FnO)), count(repairWrites(sum, value.Dataverse)), rest))
	}
}
