// Package view renders the reports of dw for terminals and for machines. It
// decides nothing: everything it shows stands in the report that it is given.
package view

import (
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// Options say how to render.
type Options struct {
	Color    bool // ANSI colours
	Width    int  // columns of the terminal; 0 means 80
	Terminal bool // progress is redrawn in place
	Silent   bool // progress is not shown
	Events   bool // progress as lines of JSON

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
// that only matter inside HTML are left as they are; those that would steer a
// terminal or turn what follows round are escaped.
func JSON(w io.Writer, report any) error {
	enc := json.NewEncoder(tame{w})
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

// tame escapes characters of JSON that encoding/json leaves as they are: the
// control characters beyond ASCII and those that turn the direction of writing.
// They can only stand inside of texts.
type tame struct{ w io.Writer }

// Write takes whole characters, as the encoder writes each value in one piece.
func (t tame) Write(p []byte) (int, error) {
	var out []byte
	from := 0
	for i := 0; i < len(p); {
		if p[i] < utf8.RuneSelf && p[i] != 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRune(p[i:])
		if r != utf8.RuneError && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			out = fmt.Appendf(append(out, p[from:i]...), `\u%04x`, r)
			from = i + n
		}
		i += n
	}
	if from == 0 {
		return t.w.Write(p)
	}
	if _, err := t.w.Write(append(out, p[from:]...)); err != nil {
		return 0, err
	}
	return len(p), nil
}
