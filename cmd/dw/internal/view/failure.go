package view

import (
	"io"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// Failure renders one listed record with everything that is known of it.
func Failure(w io.Writer, l report.ListedRecord, o Options) error {
	v := &writer{o: o}
	s := yellow
	if l.Kind == record.Failed {
		s = red
	}
	v.linef("%s  %s  %s", v.o.paint(s, clean(string(l.Kind)+" "+l.Code)), clean(model.MapAddress(l.Map)), v.o.paint(bold, clean(l.Record)))
	v.linef("")
	t := table{indent: 2, columns: []column{{}, {least: 20}}}
	for _, line := range [][2]string{
		{"side", l.Side.Title()}, {"field", l.Field}, {"company", l.Company}, {"since", l.At},
		{"why", l.Reason}, {"waits for", l.Waits}, {"what to do", l.Hint}, {"payload", l.Payload},
	} {
		if line[1] != "" {
			t.add(cell{line[0], dim}, cell{text: clean(line[1])})
		}
	}
	v.table(&t)
	_, err := io.WriteString(w, v.b.String())
	return err
}
