package view

import (
	"io"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/report"
)

// Commands renders what became of an operator's commands.
func Commands(w io.Writer, r report.Commands, o Options) error {
	v := &writer{o: o}
	for _, c := range r.Commands {
		name := clean(strings.ReplaceAll(c.Name, "-", " "))
		if c.Map != "" {
			name += " " + clean(model.MapAddress(c.Map))
		}
		switch {
		case c.Waits && c.Answer != "":
			v.paragraph(0, 2, yellow, name+": the running engine is at it and goes on ("+clean(c.Answer)+").")
		case c.Waits:
			v.paragraph(0, 2, yellow, name+": the running engine has not answered yet; it carries this out when it gets to it.")
		case !c.Done && !c.Interrupted:
			v.paragraph(0, 2, red, name+": refused: "+clean(c.Answer))
		case c.Answer != "":
			for line := range strings.SplitSeq(c.Answer, "\n") { // a line a map, which it names
				v.paragraph(0, 2, "", clean(line))
			}
		}
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}
