package view

import (
	"strings"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// differing is the style of words that differ between two lines.
const differing style = "1;4" // bold and underlined, in the colour of the line

// piece is a part of a line; changed, where the other line does not have it.
type piece struct {
	text    string
	changed bool
}

// wordEdits compares two lines word by word. Not alike means that they have so
// little in common that marks would not help to read them.
func wordEdits(before, after string) (old, new []piece, alike bool) {
	names, a, b := map[string]rune{}, []rune(nil), []rune(nil)
	var words []string
	number := func(line string) (out []rune) {
		for _, w := range splitWords(line) {
			n, known := names[w]
			if !known {
				n = rune(len(words))
				if n >= 0xD800 { // no characters beyond, and no line that somebody reads
					return nil
				}
				names[w], words = n, append(words, w)
			}
			out = append(out, n)
		}
		return out
	}
	a, b = number(before), number(after)
	if a == nil || b == nil {
		return nil, nil, false
	}
	d := diffmatchpatch.New()
	d.DiffTimeout = 0 // the same answer on a slow machine
	common := 0
	for _, part := range d.DiffMainRunes(a, b, false) {
		var text strings.Builder
		for _, n := range part.Text {
			text.WriteString(words[n])
		}
		s := text.String()
		switch part.Type {
		case diffmatchpatch.DiffDelete:
			old = append(old, piece{s, true})
		case diffmatchpatch.DiffInsert:
			new = append(new, piece{s, true})
		default:
			old, new = append(old, piece{s, false}), append(new, piece{s, false})
			common += solid(s)
		}
	}
	return old, new, 2*common >= min(solid(before), solid(after))
}

// solid counts the words and signs of a text.
func solid(text string) (n int) {
	for _, w := range splitWords(text) {
		if strings.TrimSpace(w) != "" {
			n++
		}
	}
	return n
}

// splitWords parts a line into words, blanks and single signs.
func splitWords(line string) (out []string) {
	kind := func(r rune) int {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_':
			return 1
		case unicode.IsSpace(r):
			return 2
		}
		return 0
	}
	last := 0
	for _, r := range line {
		k := kind(r)
		if k != 0 && k == last {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		last = k
	}
	return out
}

// marked renders a line of a diff with what differs in it marked: by the look
// where there are colours, by brackets where there are none.
func (o Options) marked(sign byte, line []piece, s style) string {
	opening, closing := "[-", "-]"
	if sign == '+' {
		opening, closing = "{+", "+}"
	}
	var b strings.Builder
	for i, p := range append([]piece{{text: string(sign)}}, line...) {
		if i == 1 && !p.changed {
			continue // it is written with the sign
		}
		if i == 0 && len(line) > 0 && !line[0].changed {
			p.text += line[0].text
		}
		text := clean(p.text)
		switch {
		case !p.changed:
			b.WriteString(o.paint(s, text))
		case o.Color:
			b.WriteString(o.paint(s+";"+differing, text))
		default:
			b.WriteString(opening + text + closing)
		}
	}
	return b.String()
}

// markedDiff renders a unified diff for people. Lines that take each other's
// place have what differs in them marked.
func (o Options) markedDiff(diff string) (out []string) {
	lines := strings.Split(strings.TrimSuffix(diff, "\n"), "\n")
	for i := 0; i < len(lines); {
		if i < 2 || !strings.HasPrefix(lines[i], "-") { // the first two name the texts
			s := style("")
			if i >= 2 && strings.HasPrefix(lines[i], "+") {
				s = green
			}
			out = append(out, o.paint(s, clean(lines[i])))
			i++
			continue
		}
		gone := i
		for gone < len(lines) && strings.HasPrefix(lines[gone], "-") {
			gone++
		}
		come := gone
		for come < len(lines) && strings.HasPrefix(lines[come], "+") {
			come++
		}
		out = append(out, o.exchanged(lines[i:gone], lines[gone:come])...)
		i = come
	}
	return out
}

// exchanged renders lines that went and lines that came in their place.
func (o Options) exchanged(gone, come []string) []string {
	olds, news := make([]string, len(gone)), make([]string, len(come))
	for i := range max(len(gone), len(come)) {
		if i < len(gone) && i < len(come) {
			if old, new, alike := wordEdits(gone[i][1:], come[i][1:]); alike {
				olds[i], news[i] = o.marked('-', old, red), o.marked('+', new, green)
				continue
			}
		}
		if i < len(gone) {
			olds[i] = o.paint(red, clean(gone[i]))
		}
		if i < len(come) {
			news[i] = o.paint(green, clean(come[i]))
		}
	}
	return append(olds, news...)
}
