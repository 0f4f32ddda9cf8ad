package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxWord is the length in bytes above which nothing is a misspelt name: to
	// compare two words costs the product of their lengths.
	maxWord = 400
	// spellingWork is how many letters a Speller compares with letters: what
	// people misspell is far below it, and it takes a part of a second.
	spellingWork = 40_000_000
)

// Suggest returns the candidate that the author most likely meant by name, or
// "" when none is close. Case does not count as a difference worth less than
// a spelling mistake does. Where both the names and the candidates may be
// without measure, a Speller bounds the whole.
func Suggest(name string, candidates []string) string {
	var w word
	return w.suggest(name, candidates, nil)
}

// Speller looks for what was meant by names and has only so much patience: a
// thousand unknown names among a thousand known ones are a mistake of another
// kind, and to compare each with each takes longer than anyone waits. The zero
// value is ready; use one for a run.
type Speller struct{ spent int }

// Suggest is as the function of that name, until the patience is at its end.
func (s *Speller) Suggest(name string, candidates []string) string {
	if s.Tired() {
		return ""
	}
	var w word
	return w.suggest(name, candidates, s)
}

// Tired tells whether names are no longer looked for.
func (s *Speller) Tired() bool { return s.spent >= spellingWork }

// TooManyToGuess is the hint where a Speller is tired.
const TooManyToGuess = "So many names are unknown that what this one was meant to be has not been looked for: mend the others first."

// suggest looks for the nearest candidate, as far as the speller goes.
func (w *word) suggest(name string, candidates []string, s *Speller) string {
	if len(name) > maxWord {
		return ""
	}
	best, bestDistance := "", len(name)/3+2
	w.set(name)
	var other word
	for _, c := range candidates {
		// A character takes four bytes at most: what is far longer or shorter
		// cannot be near.
		if s != nil {
			s.spent++
		}
		if len(c) > maxWord || len(c)/4 > len(name)+bestDistance || len(name)/4 > len(c)+bestDistance {
			continue
		}
		other.set(c)
		d, work := distance(w, &other, bestDistance)
		if s != nil {
			if s.spent += work; s.Tired() {
				return ""
			}
		}
		if d < bestDistance || d == bestDistance && best != "" && c < best {
			best, bestDistance = c, d
		}
	}
	return best
}

// Certain tells whether a candidate is the only one that can be meant by name:
// they differ in case alone, or by one slip of the hand in a word long enough
// to be told by the rest of it, and no other candidate is nearly as close.
// Digits count: of versions and numbered columns nobody knows which is meant.
func Certain(name, candidate string, candidates []string) bool {
	if len(name) > maxWord {
		return false
	}
	d := apart(name, candidate, 1)
	if d > 1 || d == 1 && (len(name) < 5 || digits(name) != digits(candidate)) {
		return false
	}
	for _, c := range candidates {
		if !strings.EqualFold(c, candidate) && apart(name, c, d+1) <= d+1 {
			return false
		}
	}
	return true
}

// digits gives the digits of a word.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Near tells whether two words are at most one slip of the hand apart: a letter
// too many, missing, wrong, or swapped with its neighbour. Case does not count.
func Near(a, b string) bool { return apart(a, b, 1) <= 1 }

// Similar tells whether one word may be the other misspelt: a slip of the hand,
// in long words one for each four letters. It is stricter than Suggest, for names
// so short that half of the letters would make one of another.
func Similar(a, b string) bool {
	limit := max(1, min(len(a), len(b))/4)
	return apart(a, b, limit) <= limit
}

// apart is the distance of two words, or more than the limit.
func apart(a, b string, limit int) int {
	if len(a) > maxWord || len(b) > maxWord || max(len(a), len(b))/4 > min(len(a), len(b))+limit {
		return limit + 1
	}
	var x, y word
	x.set(a)
	y.set(b)
	d, _ := distance(&x, &y, limit)
	return d
}

// word holds the letters of a name in lower case.
type word struct {
	letters [maxWord]rune
	n       int
}

// set takes a name of at most maxWord bytes.
func (w *word) set(s string) {
	w.n = 0
	for i := 0; i < len(s); w.n++ {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			w.letters[w.n] = rune(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		w.letters[w.n] = unicode.ToLower(r)
		i += size
	}
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b. Above the limit it gives some number above it:
// only the cells of the table that can lie within are worked out, and their
// number is the second result.
func distance(a, b *word, limit int) (d, work int) {
	x, y := a.letters[:a.n], b.letters[:b.n]
	if max(len(x)-len(y), len(y)-len(x)) > limit {
		return limit + 1, 1
	}
	limit = min(limit, maxWord)
	over := int16(limit + 1)
	var rows [3][maxWord + 2]int16 // no word has more letters
	two, one, row := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= min(len(y), limit+1); j++ {
		one[j] = int16(j)
	}
	near := true // the row before has a cell within the limit
	for i := 1; i <= len(x); i++ {
		from, to := max(1, i-limit), min(len(y), i+limit)
		row[from-1] = over
		if from == 1 {
			row[0] = min(int16(i), over)
		}
		if to == i+limit {
			one[to] = over
		}
		within := row[from-1] < over
		for j := from; j <= to; j++ {
			cost := int16(1)
			if x[i-1] == y[j-1] {
				cost = 0
			}
			n := min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				n = min(n, two[j-2]+1)
			}
			row[j] = n
			within = within || n < over
		}
		work += to - from + 1
		if !within && !near {
			return int(over), work
		}
		near = within
		two, one, row = one, row, two
	}
	return int(min(one[len(y)], over)), work
}
