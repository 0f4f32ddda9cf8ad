package view

import (
	"fmt"
	"io"

	"github.com/dualwrite/dw/runtime/report"
)

// Spoilt renders what was damaged, a line a kind.
func Spoilt(w io.Writer, r report.Spoilt, o Options) error {
	v := &writer{o: o}
	t := table{headed: true, columns: []column{{head: "kind", least: 10}, {head: "records", right: true}, {}}}
	for _, k := range r.Kinds {
		note := ""
		if k.Waiting > 0 {
			note = fmt.Sprintf("%s of them wait for another one", count(int64(k.Waiting)))
		}
		t.add(cell{text: clean(k.Kind)}, cell{text: count(int64(k.Records))}, cell{note, dim})
	}
	v.table(&t)
	v.linef("")
	v.paragraph(0, 0, "", fmt.Sprintf("%s damaged; %s lists them.", plural(int64(r.Records), "record", "records"), r.List))
	_, err := io.WriteString(w, v.b.String())
	return err
}
