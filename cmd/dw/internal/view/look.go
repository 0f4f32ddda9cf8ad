package view

import (
	"io"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/report"
)

// Look renders a record as it stands on both sides.
func Look(w io.Writer, r report.Look, o Options) error {
	v := &writer{o: o}
	v.linef("%s", v.o.paint(bold, clean(model.MapAddress(r.Map))+"  "+clean(r.Record)))
	if !r.FnO {
		v.linef("%s", v.o.paint(yellow, "F&O has no such record."))
	}
	if !r.Dataverse {
		v.linef("%s", v.o.paint(yellow, "Dataverse has no such record."))
	}
	v.linef("")
	if r.FnO || r.Dataverse {
		t := table{headed: true, columns: []column{
			{head: "field", group: "F&O", least: 12}, {head: "value", group: "F&O", least: 12},
			{head: "column", group: "Dataverse", least: 12}, {head: "value", group: "Dataverse", least: 12},
		}}
		empty := int64(0)
		for _, f := range r.Fields {
			if r.Whole && f.Values == (report.BlameValues{}) {
				empty++
				continue
			}
			t.add(cell{clean(f.FnO), dim}, lookValue(f.Values.FnO, r.FnO && f.FnO != ""),
				cell{clean(f.Dataverse), dim}, lookValue(f.Values.Dataverse, r.Dataverse && f.Dataverse != ""))
		}
		if len(t.rows) > 0 {
			v.table(&t)
		}
		if len(r.NotRead) > 0 {
			v.paragraph(0, 2, yellow, "Not shown, since the map does not read it: "+clean(strings.Join(r.NotRead, ", "))+".")
		}
		if empty > 0 {
			v.linef("")
			v.linef("%s with nothing on either side.", plural(empty, "field", "fields"))
		}
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}

func lookValue(text string, there bool) cell {
	if text == "" && there {
		return cell{"-", dim}
	}
	return cell{text: cut(clean(text), 80)}
}
