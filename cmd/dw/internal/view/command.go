package view

import (
	"io"

	"github.com/dualwrite/dw/runtime/report"
)

// Commands renders what became of an operator's commands.
func Commands(w io.Writer, r report.Commands, o Options) error {
	if o.JSON {
		return JSON(w, r)
	}
	v := &writer{o: o}
	for _, c := range r.Commands {
		name := c.Name
		if c.Map != "" {
			name = "map." + c.Map
		}
		switch {
		case c.Waits:
			v.paragraph(0, 2, yellow, clean(name)+": the running engine has not answered yet; it will carry out `"+clean(c.Name)+"` when it gets to it.")
		case !c.Done:
			v.paragraph(0, 2, red, clean(name)+": refused: "+clean(c.Answer))
		default:
			v.paragraph(0, 2, "", clean(name)+": "+clean(c.Answer))
		}
	}
	_, err := io.WriteString(w, v.b.String())
	return err
}
