package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
)

// Listed renders records that were set aside, with why and what to do.
func Listed(w io.Writer, r report.ListedRecords, o Options) error {
	v := &writer{o: o}
	v.listed(r.Records, r.More)
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *writer) listed(list []record.Listed, more bool) {
	if len(list) == 0 {
		v.linef("%s", v.o.paint(green, "No record is set aside."))
		return
	}
	v.entries(list)
	v.linef("")
	if more {
		v.linef("The first %s. There are more: see -limit, -map and -kind.", plural(int64(len(list)), "record", "records"))
	} else {
		v.linef("%s set aside.", plural(int64(len(list)), "record", "records"))
	}
}

// entries shows each record on a line and below it why it is listed, once for
// neighbours of which the same is to be said.
func (v *writer) entries(list []record.Listed) {
	heads := table{columns: []column{{right: true}, {}, {least: 16}, {least: 16}}}
	in := 0 // where the reasons begin: below the kind
	for _, l := range list {
		s := yellow
		switch l.Kind {
		case record.Failed:
			s = red
		case record.Tolerated:
			s = dim
		}
		id := fmt.Sprint(l.ID)
		in = max(in, len(id)+2)
		heads.add(cell{text: id}, cell{string(l.Kind), s}, cell{text: clean(model.MapAddress(l.Map))}, cell{clean(l.Record), bold})
	}
	widths := heads.widths(v.o.columns())
	for i, l := range list {
		heads.row(&v.b, v.o, widths, heads.rows[i])
		reason := why(l)
		if i+1 < len(list) && slices.Equal(reason, why(list[i+1])) {
			continue
		}
		for _, line := range reason {
			v.paragraph(in, hang(line), "", line)
		}
	}
}

// advice begins a line that says what to do.
const advice = "-> "

// hang gives how far further lines of a reason stand in.
func hang(line string) int {
	if strings.HasPrefix(line, advice) {
		return len(advice)
	}
	return 0
}

// why says in lines what stopped a record and what to do about it.
func why(l record.Listed) []string {
	text := l.Code
	if l.Field != "" {
		text += " " + l.Field
	}
	if text != "" {
		text += ": "
	}
	lines := []string{text + l.Reason}
	if l.Waits != "" && !strings.Contains(l.Reason, l.Waits) {
		lines = append(lines, "waits for "+l.Waits)
	}
	if l.Hint != "" {
		lines = append(lines, advice+l.Hint)
	}
	return lines
}
