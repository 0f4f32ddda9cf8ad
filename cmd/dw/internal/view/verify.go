package view

import (
	"fmt"
	"io"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/report"
)

// Verify renders the comparison of both sides: totals a map, then every
// difference by key and field, those that the state explains apart.
func Verify(w io.Writer, r report.Verify, o Options) error {
	if o.JSON {
		return JSON(w, r)
	}
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
	v.verdict(r, sum)
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
	if sum.Findings == 0 {
		v.paragraph(0, 0, green, fmt.Sprintf("Both sides of link %s agree: %s compared.%s%s",
			r.Link, plural(sum.Compared, "record", "records"), explained, took))
		return
	}
	v.paragraph(0, 0, red, fmt.Sprintf("The sides of link %s differ in %s of %s compared.%s%s",
		r.Link, plural(sum.Findings, "record", "records"), count(sum.Compared), explained, took))
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
	case "field":
		t := table{indent: 4, columns: []column{{least: 16}, {}, {least: 20}}}
		t.add(cell{text: clean(d.Field)}, cell{value.FnO.Title(), dim}, cell{text: quoted(d.FnO)})
		t.add(cell{}, cell{value.Dataverse.Title(), dim}, cell{text: quoted(d.Dataverse)})
		v.table(&t)
	case "missing":
		v.paragraph(4, 2, "", "is missing in "+d.Side.Title())
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

// quoted shows a value; nothing is said as such.
func quoted(s string) string {
	if s == "" {
		return "(nothing)"
	}
	return clean(s)
}
