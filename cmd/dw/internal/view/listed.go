package view

import (
	"fmt"
	"io"

	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// listing is the JSON form of the list of records that were set aside.
type listing struct {
	FormatVersion string          `json:"format_version"`
	Records       []record.Listed `json:"records"`
	More          bool            `json:"more"`
}

// Listed renders records that were set aside, with why and what to do. More
// tells that there are others than these.
func Listed(w io.Writer, list []record.Listed, more bool, o Options) error {
	if o.JSON {
		if list == nil {
			list = []record.Listed{}
		}
		return JSON(w, listing{FormatVersion: report.FormatVersion, Records: list, More: more})
	}
	v := &writer{o: o}
	v.listed(list, more)
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *writer) listed(list []record.Listed, more bool) {
	if len(list) == 0 {
		v.linef("%s", v.o.paint(green, "No record is set aside."))
		return
	}
	t := table{headed: true, columns: []column{
		{head: "id", right: true}, {head: "kind"}, {head: "map", least: 8}, {head: "record", least: 10}, {head: "why, and what to do", least: 24},
	}}
	for _, l := range list {
		s := yellow
		switch l.Kind {
		case record.Failed:
			s = red
		case record.Tolerated:
			s = dim
		}
		t.add(cell{text: fmt.Sprint(l.ID)}, cell{string(l.Kind), s}, cell{text: clean(l.Map)}, cell{text: clean(l.Record)}, cell{text: why(l)})
	}
	v.table(&t)
	v.linef("")
	if more {
		v.linef("The first %s. There are more: see -limit, -map and -kind.", plural(int64(len(list)), "record", "records"))
	} else {
		v.linef("%s set aside.", plural(int64(len(list)), "record", "records"))
	}
}

// why says in lines what stopped a record and what to do about it.
func why(l record.Listed) string {
	text := l.Code
	if l.Field != "" {
		text += " " + l.Field
	}
	if text != "" {
		text += ": "
	}
	text = clean(text + l.Reason)
	if l.Waits != "" {
		text += "\nwaits for " + clean(l.Waits)
	}
	if l.Hint != "" {
		text += "\n-> " + clean(l.Hint)
	}
	return text
}
