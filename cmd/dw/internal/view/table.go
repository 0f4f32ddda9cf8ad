package view

import (
	"io"
	"slices"
	"strings"
)

// cell is one field of a table. Line breaks in its text are kept; long lines
// wrap inside the column.
type cell struct {
	text  string
	style style
}

// column says how the cells of one column stand.
type column struct {
	head  string
	group string // heading above head, shared with its neighbours of the same group
	right bool   // numbers
	least int    // the column may shrink to this width and wrap; 0: it never does
}

// table lays out cells in columns that fit the terminal.
type table struct {
	columns []column
	rows    [][]cell
	foot    []cell // a last row, set apart
	indent  int
	headed  bool // print the headings
}

func (t *table) add(cells ...cell) { t.rows = append(t.rows, cells) }

// write renders the table.
func (t *table) write(w io.Writer, o Options) error {
	widths := t.widths(o.columns() - t.indent)
	var b strings.Builder
	if t.headed {
		t.groups(&b, o, widths)
		heads := make([]cell, len(t.columns))
		for i, c := range t.columns {
			heads[i] = cell{c.head, dim}
		}
		t.row(&b, o, widths, heads)
	}
	for _, r := range t.rows {
		t.row(&b, o, widths, r)
	}
	if t.foot != nil {
		t.row(&b, o, widths, t.foot)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// gap is the number of blanks before a column: one inside a group.
func (t *table) gap(i int) int {
	switch {
	case i == 0:
		return 0
	case t.columns[i].group != "" && t.columns[i].group == t.columns[i-1].group:
		return 1
	default:
		return 2
	}
}

// fits tells whether the table needs no more room than there is.
func (t *table) fits(o Options) bool {
	_, total := t.natural()
	return total <= o.columns()-t.indent
}

// widths gives each column its natural width, then takes from the widest ones
// that may shrink until the table fits. One that cannot fit is not squeezed for
// nothing.
func (t *table) widths(room int) []int {
	widths, total := t.natural()
	total = t.shrink(widths, total, room, func(c column) int { return c.least })
	squeezed := slices.Clone(widths)
	if t.shrink(squeezed, total, room, func(c column) int { return min(c.least, 6) }) <= room {
		return squeezed
	}
	return widths
}

// natural gives the widths that the cells ask for, and their sum with gaps.
func (t *table) natural() (widths []int, total int) {
	widths = make([]int, len(t.columns))
	measure := func(cells []cell) {
		for i, c := range cells {
			for _, l := range strings.Split(c.text, "\n") {
				widths[i] = max(widths[i], textWidth(clean(l)))
			}
		}
	}
	for i, c := range t.columns {
		if t.headed {
			widths[i] = textWidth(c.head)
		}
		total += t.gap(i)
	}
	for _, r := range t.rows {
		measure(r)
	}
	measure(t.foot)
	t.widenGroups(widths)
	for _, w := range widths {
		total += w
	}
	return widths, total
}

// widenGroups makes room for headings that are wider than their columns.
func (t *table) widenGroups(widths []int) {
	span := 0
	for i, c := range t.columns {
		if i == 0 || c.group != t.columns[i-1].group {
			span = 0
		} else {
			span += t.gap(i)
		}
		span += widths[i]
		last := i+1 == len(t.columns) || t.columns[i+1].group != c.group
		if last && t.headed && c.group != "" {
			widths[i] += max(0, textWidth(c.group)-span)
		}
	}
}

// shrink takes from the widest columns that may shrink, down to least, until
// the table fits; it gives the width that remains.
func (t *table) shrink(widths []int, total, room int, least func(column) int) int {
	for ; total > room; total-- {
		widest := -1
		for i, c := range t.columns {
			if c.least > 0 && widths[i] > least(c) && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return total
}

// groups prints the headings above the headings.
func (t *table) groups(b *strings.Builder, o Options, widths []int) {
	line := lineWriter{b: b, pending: t.indent}
	any := false
	for i := 0; i < len(t.columns); {
		j, span := i+1, widths[i]
		for j < len(t.columns) && t.columns[i].group != "" && t.columns[j].group == t.columns[i].group {
			span += t.gap(j) + widths[j]
			j++
		}
		line.blanks(t.gap(i))
		if name := t.columns[i].group; name != "" {
			any = true
			line.text(o.paint(dim, cut(name, span)), textWidth(cut(name, span)), span, true)
		} else {
			line.blanks(span)
		}
		i = j
	}
	if any {
		line.flush()
	}
}

// row prints the cells of one row, over as many lines as the longest takes.
func (t *table) row(b *strings.Builder, o Options, widths []int, cells []cell) {
	lines := make([][]string, len(cells))
	height := 1
	for i, c := range cells {
		for _, part := range strings.Split(c.text, "\n") {
			lines[i] = append(lines[i], wrap(clean(part), widths[i])...)
		}
		height = max(height, len(lines[i]))
	}
	for n := range height {
		line := lineWriter{b: b}
		line.blanks(t.indent)
		for i, c := range cells {
			line.blanks(t.gap(i))
			text := ""
			if n < len(lines[i]) {
				text = strings.TrimRight(lines[i][n], " ")
			}
			line.text(o.paint(c.style, text), textWidth(text), widths[i], t.columns[i].right)
		}
		line.flush()
	}
}

// lineWriter writes one line without trailing blanks.
type lineWriter struct {
	b       *strings.Builder
	done    string
	pending int
}

func (l *lineWriter) blanks(n int) { l.pending += n }

// text writes painted text that takes width columns into a field of span.
func (l *lineWriter) text(painted string, width, span int, right bool) {
	rest := max(span-width, 0)
	if right {
		l.pending += rest
		rest = 0
	}
	if width > 0 {
		l.done += strings.Repeat(" ", l.pending) + painted
		l.pending = rest
		return
	}
	l.pending += rest
}

func (l *lineWriter) flush() {
	l.b.WriteString(l.done)
	l.b.WriteByte('\n')
}
