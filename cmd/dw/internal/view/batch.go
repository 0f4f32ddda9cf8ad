package view

import (
	"fmt"
	"io"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/report"
)

// Batches renders the maps that are in a batch window.
func Batches(w io.Writer, r report.Batches, o Options) error {
	v := &writer{o: o}
	if len(r.Maps) == 0 {
		v.linef("No map is in a batch window.")
	}
	for _, b := range r.Maps {
		v.linef("%s", v.o.paint(bold, clean(model.MapAddress(b.Map))))
		by := ""
		if b.By != "" {
			by = ", by " + clean(b.By)
		}
		text := "in a batch window since " + clean(b.Since) + by
		if b.Ending {
			text = "out of its batch window" + by + "; what changed in it is on its way"
		}
		v.paragraph(2, 2, yellow, text)
		if b.Reason != "" {
			v.paragraph(2, 2, "", clean(b.Reason))
		}
		if n := b.Queued.FnO + b.Queued.Dataverse; n > 0 {
			v.paragraph(2, 2, dim, fmt.Sprintf("%s captured and not handled yet", plural(n, "change", "changes")))
		}
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}
