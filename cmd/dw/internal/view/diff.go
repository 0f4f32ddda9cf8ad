package view

import (
	"fmt"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// contextLines is how many unchanged lines a diff shows around a change.
const contextLines = 3

// edit is one line of a diff.
type edit struct {
	sign byte // ' ', '-' or '+'
	text string
	eof  bool // the file ends here without a line break
}

// Diff gives the unified diff between two texts of one file, fit for patch; ""
// where they are equal.
func Diff(name string, before, after []byte) string {
	edits := lineEdits(string(before), string(after))
	var b strings.Builder
	oldLine, newLine := 1, 1
	for i := 0; i < len(edits); {
		if edits[i].sign == ' ' {
			oldLine, newLine, i = oldLine+1, newLine+1, i+1
			continue
		}
		lead := min(contextLines, i)
		if b.Len() == 0 {
			fmt.Fprintf(&b, "--- %s\n+++ %s\n", clean(name), clean(name))
		}
		end := hunkEnd(edits, i)
		oldLine, newLine = writeHunk(&b, edits[i-lead:end], oldLine-lead, newLine-lead)
		i = end
	}
	return b.String()
}

// hunkEnd gives the end of the hunk that begins with the change at i: hunks
// whose context would touch are one.
func hunkEnd(edits []edit, i int) int {
	last := i
	for j := i; j < len(edits) && j-last <= 2*contextLines+1; j++ {
		if edits[j].sign != ' ' {
			last = j
		}
	}
	return min(last+1+contextLines, len(edits))
}

// writeHunk writes one hunk and gives the lines that follow it.
func writeHunk(b *strings.Builder, edits []edit, oldLine, newLine int) (int, int) {
	olds, news := 0, 0
	for _, e := range edits {
		if e.sign != '+' {
			olds++
		}
		if e.sign != '-' {
			news++
		}
	}
	fmt.Fprintf(b, "@@ -%s +%s @@\n", span(oldLine, olds), span(newLine, news))
	for _, e := range edits {
		b.WriteByte(e.sign)
		b.WriteString(e.text)
		b.WriteByte('\n')
		if e.eof {
			b.WriteString("\\ No newline at end of file\n")
		}
	}
	return oldLine + olds, newLine + news
}

// span names a range of lines; an empty one is named by the line before it.
func span(start, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", start-1)
	case 1:
		return fmt.Sprint(start)
	default:
		return fmt.Sprintf("%d,%d", start, n)
	}
}

// lineEdits compares two texts line by line.
func lineEdits(before, after string) []edit {
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // the same answer on a slow machine
	a, b, lines := d.DiffLinesToChars(before, after)
	var out []edit
	for _, part := range d.DiffCharsToLines(d.DiffMain(a, b, false), lines) {
		sign := map[diffmatchpatch.Operation]byte{
			diffmatchpatch.DiffEqual: ' ', diffmatchpatch.DiffDelete: '-', diffmatchpatch.DiffInsert: '+',
		}[part.Type]
		for l := range strings.Lines(part.Text) {
			text, whole := strings.CutSuffix(l, "\n")
			out = append(out, edit{sign: sign, text: text, eof: !whole})
		}
	}
	return out
}
