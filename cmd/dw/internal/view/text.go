package view

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// clean makes text that came from outside safe for a terminal: control
// characters, broken encodings and direction overrides become a visible mark,
// so that a value cannot move the cursor or hide what follows.
func clean(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// runeWidth gives the terminal columns of a character: 0 for marks that join
// the one before, 2 for wide East Asian characters and emoji, else 1.
func runeWidth(r rune) int {
	switch {
	case r < 0x7f:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// textWidth gives the terminal columns of clean text without colours.
func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// cut shortens text to at most n columns, with an ellipsis where it cut.
func cut(s string, n int) string {
	if textWidth(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	used := 0
	for i, r := range s {
		w := runeWidth(r)
		if used+w > n-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
		used += w
	}
	return s
}

// wrap breaks text at blanks into lines of at most n columns. A word that is
// longer than a line is broken inside, after a sign that parts names where
// there is one. Text that fits stays as it is.
func wrap(s string, n int) []string {
	if textWidth(s) <= n {
		return []string{s}
	}
	n = max(n, 1)
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(s) {
		w := textWidth(word)
		if line != "" && used+1+w <= n {
			line, used = line+" "+word, used+1+w
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for w > n {
			head := breakAt(word, n)
			lines = append(lines, head)
			word = word[len(head):]
			w -= textWidth(head)
		}
		line, used = word, w
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// breakAt gives a head of a word that fits n columns, at least one character.
// Names break after a sign that parts them or before a capital, unless that
// would leave most of the line empty.
func breakAt(word string, n int) string {
	used := 0
	for i, r := range word {
		w := runeWidth(r)
		if i > 0 && used+w > n {
			if end := joint(word, i); end > 0 && end >= i/2 {
				return word[:end]
			}
			return word[:i]
		}
		used += w
	}
	return word
}

// joint gives the last place up to end where a name may be broken; 0 where
// there is none.
func joint(word string, end int) int {
	for i := end; i > 0; i-- {
		before := word[i-1]
		if strings.IndexByte("._/-", before) >= 0 || i < len(word) && isLower(before) && isUpper(word[i]) {
			return i
		}
	}
	return 0
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
