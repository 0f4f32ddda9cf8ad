// Package view renders the reports of dw for terminals and for machines. It
// decides nothing: everything it shows stands in the report that it is given.
package view

import (
	"encoding/json"
	"io"
)

// Options say how to render.
type Options struct {
	Color    bool // ANSI colours
	Width    int  // columns of the terminal; 0 means 80
	Terminal bool // progress is redrawn in place
	JSON     bool // the report's JSON form in place of text

	Full bool     // of a plan: new maps field by field
	Maps []string // of a plan: these maps only, in full; none: all
}

// columns gives the usable width, never so small that tables fall apart.
func (o Options) columns() int {
	if o.Width == 0 {
		return 80
	}
	return max(o.Width, 40)
}

// JSON writes any report as indented JSON with a final newline. Characters
// that only matter inside HTML are left as they are.
func JSON(w io.Writer, report any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}
