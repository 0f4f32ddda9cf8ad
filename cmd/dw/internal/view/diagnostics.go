package view

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/diag"
)

const (
	// maxDiagnostics is how many are shown: the first ones are mended first,
	// and thousands would bury them.
	maxDiagnostics = 50
	tabWidth       = 4
)

// Diagnostics writes mistakes for people: what, where with the line shown, why
// and how to mend it. Sources holds the texts of files by name; a file that it
// lacks is named without its line.
func Diagnostics(w io.Writer, list diag.List, sources map[string][]byte, o Options) error {
	var b strings.Builder
	shown := list
	if len(list) > maxDiagnostics {
		shown = slices.Clone(list)
		slices.SortStableFunc(shown, func(x, y diag.Diagnostic) int { return cmp.Compare(x.Severity, y.Severity) })
		shown = shown[:maxDiagnostics]
	}
	for i, d := range shown {
		if i > 0 {
			b.WriteByte('\n')
		}
		o.diagnostic(&b, d, sources)
	}
	if len(shown) < len(list) {
		var parts []string
		for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Notice} {
			if n := list.Count(s) - shown.Count(s); n > 0 {
				parts = append(parts, countOf(n, "more "+s.String()))
			}
		}
		fmt.Fprintf(&b, "\n%s not shown\n", strings.Join(parts, ", "))
	}
	if len(list) > 1 && list.HasErrors() {
		var parts []string
		for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Notice} {
			if n := list.Count(s); n > 0 {
				parts = append(parts, countOf(n, s.String()))
			}
		}
		fmt.Fprintf(&b, "\n%s.\n", strings.Join(parts, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func countOf(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

func (o Options) diagnostic(b *strings.Builder, d diag.Diagnostic, sources map[string][]byte) {
	d = briefed(d)
	color := map[diag.Severity]style{diag.Error: red, diag.Warning: yellow, diag.Notice: cyan}[d.Severity]
	head := d.Severity.String() + " " + clean(d.Code)
	for i, line := range wrap(head+": "+clean(d.Summary), o.columns()) {
		if i == 0 && strings.HasPrefix(line, head) {
			line = o.paint(bold, o.paint(color, head)) + o.paint(bold, line[len(head):])
		} else {
			line = o.paint(bold, line)
		}
		b.WriteString(line + "\n")
	}
	switch {
	case !d.Subject.IsZero():
		fmt.Fprintf(b, " %s %s\n", o.paint(dim, "-->"), clean(fmt.Sprintf("%s:%d:%d", briefWord(d.Subject.File), d.Subject.Start.Line, d.Subject.Start.Column)))
		o.snippet(b, d.Subject, sources[d.Subject.File], color)
		o.inherited(b, d.Subject.Origin, sources[d.Subject.Origin.File])
	case d.Address != "":
		fmt.Fprintf(b, " %s %s\n", o.paint(dim, "-->"), clean(d.Address))
	}
	o.paragraph(b, d.Detail, "")
	o.paragraph(b, d.Hint, "hint: ")
}

// paragraph writes wrapped text with a lead before its first line.
func (o Options) paragraph(b *strings.Builder, text, lead string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	const indent = "  "
	for i, line := range wrap(clean(text), o.columns()-len(indent)-len(lead)) {
		start := lead
		if i > 0 {
			start = strings.Repeat(" ", len(lead))
		} else {
			start = o.paint(green, start)
		}
		b.WriteString(indent + start + line + "\n")
	}
}

// snippet shows the first line of a range with the range underlined.
func (o Options) snippet(b *strings.Builder, r diag.Range, src []byte, color style) {
	if r.Start.Byte < 0 || r.Start.Byte > len(src) || len(src) == 0 {
		return
	}
	from := bytes.LastIndexByte(src[:r.Start.Byte], '\n') + 1
	to := len(src)
	if n := bytes.IndexByte(src[r.Start.Byte:], '\n'); n >= 0 {
		to = r.Start.Byte + n
	}
	line := bytes.TrimRight(src[from:to], "\r")
	end := min(max(r.End.Byte, r.Start.Byte), from+len(line))
	text, start, stop := layOut(line, r.Start.Byte-from, end-from)
	if strings.TrimSpace(text) == "" {
		return
	}
	number := strconv.Itoa(r.Start.Line)
	blank := strings.Repeat(" ", len(number))
	text, start, stop = window(text, start, max(stop, start+1), o.columns()-len(number)-4)
	fmt.Fprintf(b, " %s\n", o.paint(dim, blank+" |"))
	fmt.Fprintf(b, " %s %s\n", o.paint(dim, number+" |"), strings.TrimRight(text, " "))
	fmt.Fprintf(b, " %s %s\n", o.paint(dim, blank+" |"), strings.Repeat(" ", start)+o.paint(color, strings.Repeat("^", max(stop-start, 1))))
}

// inherited shows the line of another text where what is wrong comes from.
func (o Options) inherited(b *strings.Builder, at diag.Place, src []byte) {
	lines := bytes.Split(src, []byte("\n"))
	if at.IsZero() || at.Line < 1 || at.Line > len(lines) {
		return
	}
	line := bytes.TrimRight(lines[at.Line-1], "\r")
	text, _, _ := layOut(line, len(line), len(line))
	number := strconv.Itoa(at.Line)
	text, _, _ = window(text, 0, 1, o.columns()-len(number)-4)
	fmt.Fprintf(b, " %s %s\n", o.paint(dim, "from"), clean(fmt.Sprintf("%s:%d:%d", at.File, at.Line, at.Column)))
	fmt.Fprintf(b, " %s %s\n", o.paint(dim, number+" |"), strings.TrimRight(text, " "))
}

// layOut makes a line fit for a terminal and finds the columns of two byte
// offsets in it. Tabs become blanks, what cannot be shown a mark.
func layOut(line []byte, start, stop int) (text string, from, to int) {
	var b strings.Builder
	column := 0
	from, to = -1, -1
	for i := 0; i < len(line); {
		if from < 0 && i >= start {
			from = column
		}
		if to < 0 && i >= stop {
			to = column
		}
		r, n := utf8.DecodeRune(line[i:])
		switch {
		case r == '\t':
			blanks := tabWidth - column%tabWidth
			b.WriteString(strings.Repeat(" ", blanks))
			column += blanks
		default:
			shown := clean(string(line[i : i+n]))
			b.WriteString(shown)
			column += textWidth(shown)
		}
		i += n
	}
	if from < 0 {
		from = column
	}
	if to < 0 {
		to = column
	}
	return b.String(), from, to
}

// window cuts a line to the given columns so that what is underlined stays in
// sight.
func window(text string, start, stop, columns int) (string, int, int) {
	if textWidth(text) <= columns {
		return text, min(start, columns-1), min(stop, columns)
	}
	skip := 0 // columns left out on the left
	if stop > columns-1 {
		skip = max(min(start-columns/3, textWidth(text)-columns+1), 0)
	}
	var b strings.Builder
	column, written := 0, 0
	if skip > 0 {
		b.WriteString("…")
		written = 1
	}
	for _, r := range text {
		at := column - skip
		column += runeWidth(r)
		if at < written {
			continue // left of the window, or half of it is
		}
		if column-skip > columns-1 {
			b.WriteString("…")
			break
		}
		b.WriteString(strings.Repeat(" ", at-written))
		b.WriteRune(r)
		written = column - skip
	}
	return b.String(), min(start-skip, columns-1), min(stop-skip, columns)
}
