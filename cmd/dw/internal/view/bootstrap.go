package view

import (
	"fmt"
	"io"
	"slices"

	"github.com/dualwrite/dw/runtime/report"
)

// Bootstrap renders what dw bootstrap would write, or has written.
func Bootstrap(w io.Writer, r report.Bootstrap, o Options) error {
	v := &writer{o: o}
	v.bootstrap(r)
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *writer) bootstrap(r report.Bootstrap) {
	rows, again, refused, written := int64(0), int64(0), int64(0), int64(0)
	for _, m := range r.Maps {
		rows += m.Rows
		again += m.Again
		refused += m.Refused
		written += m.Written
	}
	if rows == 0 {
		v.paragraph(0, 0, bold, fmt.Sprintf("Nothing to do: all rows of the maps of link %s have their company.", r.Link))
		return
	}
	v.bootstrapTable(r.Maps)
	v.linef("")
	for _, m := range r.Maps {
		for _, s := range m.Refusals {
			v.paragraph(0, 2, red, fmt.Sprintf("%s %s: %s", clean(m.Table), clean(s.Row), clean(s.Reason)))
		}
		if r.Done {
			continue // the rest was shown before anybody was asked
		}
		for _, s := range m.Samples {
			text := fmt.Sprintf("%s %s gets the company %s", clean(m.Table), clean(s.Row), clean(s.Company))
			if s.Record != "" {
				text += fmt.Sprintf(" of %s, by %s", clean(s.Record), clean(s.By))
			}
			if s.Key {
				text += ", and its key"
			}
			v.paragraph(0, 2, "", text+".")
		}
		for _, s := range m.Problems {
			v.paragraph(0, 2, yellow, fmt.Sprintf("%s %s: %s", clean(m.Table), clean(s.Row), clean(s.Reason)))
		}
	}
	switch {
	case !r.Done && r.Writes() == 0:
		v.paragraph(0, 0, bold, "Nothing can be written: the rows above need a person, a crosswalk, or -company.")
	case !r.Done:
		v.paragraph(0, 0, bold, fmt.Sprintf("%s of Dataverse would be written; nothing in F&O.", plural(r.Writes(), "row", "rows")))
	default:
		v.paragraph(0, 0, green, fmt.Sprintf("%s written.", plural(written, "row", "rows")))
		if again > 0 {
			v.paragraph(0, 2, yellow, plural(again, "row", "rows")+" moved meanwhile or gave no answer: run `dw bootstrap` again.")
		}
		if refused > 0 {
			v.paragraph(0, 2, red, plural(refused, "row was", "rows were")+" refused by Dataverse: mend what it says and run `dw bootstrap` again.")
		}
	}
}

// bootstrapTable counts the rows of each map; columns without a count are left
// out.
func (v *writer) bootstrapTable(maps []report.BootstrapMap) {
	counts := []struct {
		column
		of func(report.BootstrapMap) int64
	}{
		{column{head: "no company", right: true}, func(m report.BootstrapMap) int64 { return m.Rows }},
		{column{head: "key", group: "known by", right: true}, func(m report.BootstrapMap) int64 { return m.ByKey }},
		{column{head: "match", group: "known by", right: true}, func(m report.BootstrapMap) int64 { return m.ByMatch }},
		{column{head: "crosswalk", group: "known by", right: true}, func(m report.BootstrapMap) int64 { return m.ByCrosswalk }},
		{column{head: "-company", group: "known by", right: true}, func(m report.BootstrapMap) int64 { return m.ByCompany }},
		{column{head: "keys", right: true}, func(m report.BootstrapMap) int64 { return m.Keys }},
		{column{head: "blocked", right: true}, func(m report.BootstrapMap) int64 { return m.Blocked }},
		{column{head: "unclear", right: true}, func(m report.BootstrapMap) int64 { return m.Ambiguous }},
		{column{head: "unknown", right: true}, func(m report.BootstrapMap) int64 { return m.NoRecord }},
	}
	t := table{headed: true, columns: []column{{head: "map", least: 10}}}
	rows := make([][]cell, len(maps))
	for i, m := range maps {
		rows[i] = []cell{{clean(m.Map), ""}}
	}
	for _, c := range counts {
		if !slices.ContainsFunc(maps, func(m report.BootstrapMap) bool { return c.of(m) > 0 }) {
			continue
		}
		t.columns = append(t.columns, c.column)
		for i, m := range maps {
			rows[i] = append(rows[i], cell{count(c.of(m)), ""})
		}
	}
	for i, m := range maps {
		if m.Rows > 0 {
			t.add(rows[i]...)
		}
	}
	v.table(&t)
}
