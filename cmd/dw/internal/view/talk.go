package view

import (
	"encoding/json"
	"io"
	"time"

	"github.com/dualwrite/dw/runtime/report"
)

// Talk renders what is said beside an answer: on a terminal a paragraph, in a
// log one line, beside events one of them.
func Talk(w io.Writer, text string, now time.Time, o Options) error {
	if o.Events {
		return json.NewEncoder(w).Encode(report.NoteEvent{
			FormatVersion: report.FormatVersion, Event: "note", At: now.UTC().Format(time.RFC3339), Note: text,
		})
	}
	v := &writer{o: o}
	if o.Terminal {
		v.paragraph(0, 0, "", clean(text))
	} else {
		v.linef("%s", clean(text))
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}
