package value

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold gives the form under which two texts are one where letter case and
// trailing blanks do not count: Fold(a) == Fold(b) if and only if
// strings.EqualFold holds for a and b without their trailing blanks. Text that
// is in this form already comes back without allocation.
func Fold(s string) string {
	s = strings.TrimRight(s, " ")
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				return foldFrom(s, i)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if foldRune(r) != r || r == utf8.RuneError {
			return foldFrom(s, i)
		}
		i += size
	}
	return s
}

// EqualFold tells whether Fold(a) == Fold(b).
func EqualFold(a, b string) bool {
	return strings.EqualFold(strings.TrimRight(a, " "), strings.TrimRight(b, " "))
}

func foldFrom(s string, i int) string {
	b := make([]byte, 0, len(s)+utf8.UTFMax)
	b = append(b, s[:i]...)
	for _, r := range s[i:] {
		b = utf8.AppendRune(b, foldRune(r))
	}
	return string(b)
}

// foldRune picks one rune of each class of runes that differ only by case: the
// lower case of the first of them. A rune that is alone in its class, such as
// the dotted capital I, stays.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	first := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		first = min(first, next)
	}
	if unicode.SimpleFold(first) == first {
		return first
	}
	return unicode.ToLower(first)
}
