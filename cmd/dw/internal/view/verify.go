package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/report"
)

// Verify renders the comparison of both sides: totals a map, then every
// difference by key and field, those that the state explains apart.
func Verify(w io.Writer, r report.Verify, o Options) error {
	v := &writer{o: o}
	v.verify(r)
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *writer) verify(r report.Verify) {
	t := table{headed: true, columns: []column{
		{head: "map", least: 10},
		{head: "F&O", group: "rows", right: true}, {head: "Dataverse", group: "rows", right: true},
		{head: "compared", right: true}, {head: "equal", right: true}, {head: "explained", right: true}, {head: "different", right: true},
	}}
	var sum report.MapVerify
	for _, m := range r.Maps {
		t.add(verifyCells(m.Map, m, "")...)
		sum.Rows.FnO += m.Rows.FnO
		sum.Rows.Dataverse += m.Rows.Dataverse
		sum.Compared += m.Compared
		sum.Equal += m.Equal
		sum.Explained += m.Explained
		sum.Findings += m.Findings
	}
	if len(r.Maps) > 1 {
		t.foot = verifyCells("total", sum, bold)
	}
	v.differences(r, false)
	v.differences(r, true)
	v.table(&t)
	v.linef("")
	v.kinds(r)
	for _, m := range r.Maps {
		for _, note := range verifyNotes(m) {
			v.paragraph(0, 2, yellow, clean(model.MapAddress(m.Map)+": "+note))
		}
	}
	v.verdict(r, sum)
}

// verifyNotes says what else there is to say of a map.
func verifyNotes(m report.MapVerify) []string {
	notes := m.Notes
	if m.Owed > 0 {
		notes = append(slices.Clone(notes), fmt.Sprintf("%s still waiting for a deferred reference.", pluralVerb(m.Owed, "is", "are")))
	}
	if m.Unlooked > 0 {
		notes = append(slices.Clone(notes), fmt.Sprintf("%s cannot be looked for by key on the other side and %s not compared.",
			plural(m.Unlooked, "record", "records"), wasWere(m.Unlooked)))
	}
	if m.Settled > 0 {
		notes = append(slices.Clone(notes), fmt.Sprintf("%s at first and agreed a little later: changes on their way.", pluralVerb(m.Settled, "differed", "differed")))
	}
	return notes
}

func wasWere(n int64) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// kinds sums the findings up by what is wrong.
func (v *writer) kinds(r report.Verify) {
	sum := map[string]int64{}
	for _, m := range r.Maps {
		for kind, n := range m.Kinds {
			sum[kind] += n
		}
	}
	words := map[string][2]string{
		report.KindMissing: {"missing on one side", "missing on one side"}, report.KindField: {"with differing fields", "with differing fields"},
		report.KindDuplicate: {"duplicate key", "duplicate keys"}, report.KindOrphan: {"orphan", "orphans"},
		report.KindOwed: {"with an empty deferred reference", "with empty deferred references"}, report.KindUnreadable: {"without a key", "without a key"},
	}
	var parts []string
	for _, kind := range report.Kinds() {
		if n := sum[kind]; n > 0 {
			parts = append(parts, plural(n, words[kind][0], words[kind][1]))
		}
	}
	if len(parts) > 0 {
		v.paragraph(0, 2, "", "Findings: "+strings.Join(parts, ", ")+".")
	}
}

func verifyCells(name string, m report.MapVerify, s style) []cell {
	alarm := s
	if m.Findings > 0 {
		alarm = red
	}
	return []cell{
		{name, s}, {count(m.Rows.FnO), s}, {count(m.Rows.Dataverse), s},
		{count(m.Compared), s}, {count(m.Equal), s}, {count(m.Explained), s}, {count(m.Findings), alarm},
	}
}

func (v *writer) verdict(r report.Verify, sum report.MapVerify) {
	explained := ""
	if sum.Explained > 0 {
		explained = fmt.Sprintf(" %s for a reason that the state knows.", pluralVerb(sum.Explained, "differs", "differ"))
	}
	took := fmt.Sprintf(" Took %s.", seconds(r.Seconds))
	link := r.Link
	if r.Company != "" {
		link += " and company " + r.Company
	}
	part := ""
	switch {
	case r.Sample != nil:
		part = fmt.Sprintf(" A sample: seed %d chooses the same keys again.", r.Sample.Seed)
	case r.Since != "":
		part = fmt.Sprintf(" Only what was edited since %s.%s", r.Since, unseenDeletes(r))
	}
	if sum.Findings == 0 {
		v.paragraph(0, 0, green, fmt.Sprintf("Both sides of link %s agree: %s compared.%s%s%s",
			link, plural(sum.Compared, "record", "records"), explained, part, took))
		return
	}
	v.paragraph(0, 0, red, fmt.Sprintf("The sides of link %s differ in %s of %s compared.%s%s%s",
		link, plural(sum.Findings, "record", "records"), count(sum.Compared), explained, part, took))
	v.paragraph(0, 0, "", "What would mend them: dw repair")
}

// unseenDeletes says where deletes were not looked for; "" where they were.
func unseenDeletes(r report.Verify) string {
	unseen := map[value.Side]int{}
	for _, m := range r.Maps {
		for _, side := range m.DeletesUnseen {
			unseen[side]++
		}
	}
	switch fno, dataverse := unseen[value.FnO], unseen[value.Dataverse]; {
	case fno == 0 && dataverse == 0:
		return ""
	case dataverse == 0:
		return " Deletes in F&O are not looked for; compare without -since for that."
	case dataverse == len(r.Maps):
		return " Deletes are not looked for; compare without -since for that."
	default:
		return fmt.Sprintf(" Deletes in F&O are not looked for, nor those in Dataverse of %s; compare without -since for that.", plural(int64(dataverse), "map", "maps"))
	}
}

func pluralVerb(n int64, one, many string) string {
	if n == 1 {
		return "1 record " + one
	}
	return count(n) + " records " + many
}

// differences lists what differs: the findings, or what the state explains.
func (v *writer) differences(r report.Verify, explained bool) {
	for _, m := range r.Maps {
		last, shown := "", false
		for _, d := range m.Details {
			if (d.Explained != "") != explained {
				continue
			}
			if !shown {
				title := model.MapAddress(m.Map)
				if explained {
					title += ", explained"
				}
				v.linef("%s", v.o.paint(bold, clean(title)))
				shown = true
			}
			if d.Record != last {
				v.paragraph(2, 2, cyan, d.Record)
				last = d.Record
			}
			v.difference(d)
		}
		if shown {
			if m.Truncated && !explained {
				v.paragraph(2, 2, dim, "There are more; not all of them are listed.")
			}
			v.linef("")
		}
	}
}

// difference shows one field with the values of both sides, or what else is
// wrong with a record.
func (v *writer) difference(d report.Difference) {
	switch d.Kind {
	case report.KindField, report.KindOrphan, report.KindOwed:
		if d.Field == "" {
			v.paragraph(4, 2, "", "is gone on both sides; the state still knows it as a pair")
			break
		}
		t := table{indent: 4, columns: []column{{least: 16}, {}, {least: 20}}}
		t.add(cell{text: clean(d.Field)}, cell{value.FnO.Title(), dim}, cell{text: quoted(d.FnO)})
		t.add(cell{}, cell{value.Dataverse.Title(), dim}, cell{text: quoted(d.Dataverse)})
		v.table(&t)
		if d.Kind == report.KindOrphan {
			v.paragraph(6, 2, dim, "refers to a record that is not there in "+d.Side.Title())
		}
		v.moved(d)
	case report.KindMissing:
		text := "is missing in " + d.Side.Title()
		if d.Paired {
			text += ", where it was before"
		}
		v.paragraph(4, 2, "", text)
	default:
		text := d.Kind
		if d.Side != "" {
			text += " in " + d.Side.Title()
		}
		if d.Field != "" {
			text += ": " + d.Field
		}
		if d.FnO != "" || d.Dataverse != "" {
			text += fmt.Sprintf(" (F&O %s, Dataverse %s)", quoted(d.FnO), quoted(d.Dataverse))
		}
		v.paragraph(4, 2, "", text)
	}
	if d.Explained != "" {
		v.paragraph(4, 2, dim, d.Explained)
	}
}

// moved says which side has changed a field since both agreed on it.
func (v *writer) moved(d report.Difference) {
	if d.Base == nil {
		return
	}
	text := ""
	switch d.Moved {
	case report.MovedFnO:
		text = fmt.Sprintf("F&O moved: both agreed on %s before", quoted(d.Base.FnO))
	case report.MovedDataverse:
		text = fmt.Sprintf("Dataverse moved: both agreed on %s before", quoted(d.Base.Dataverse))
	case report.MovedBoth:
		text = fmt.Sprintf("both moved: they agreed on %s before", quoted(d.Base.FnO))
	case report.MovedNeither:
		text = "neither has moved: the difference is what was agreed on"
	default:
		return
	}
	v.paragraph(6, 2, dim, text)
}

// quoted shows a value; nothing is said as such.
func quoted(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return clean(s)
}
