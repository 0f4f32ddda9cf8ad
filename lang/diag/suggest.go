package diag

import "strings"

// maxWord is the length in bytes above which nothing is a misspelt name: to
// compare two words costs the product of their lengths.
const maxWord = 400

// Suggest returns the candidate that the author most likely meant by name, or
// "" when none is close. Case does not count as a difference worth less than
// a spelling mistake does.
func Suggest(name string, candidates []string) string {
	best, bestDistance := "", len(name)/3+2
	lower := strings.ToLower(name)
	if len(name) > maxWord {
		return ""
	}
	for _, c := range candidates {
		// A character takes four bytes at most: what is far longer or shorter
		// cannot be near.
		if len(c) > maxWord || len(c)/4 > len(name)+bestDistance || len(name)/4 > len(c)+bestDistance {
			continue
		}
		d := distance(lower, strings.ToLower(c))
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
	near := func(c string) int {
		if len(c) > maxWord {
			return maxWord
		}
		return distance(strings.ToLower(name), strings.ToLower(c))
	}
	d := near(candidate)
	if d > 1 || d == 1 && (len(name) < 5 || digits(name) != digits(candidate)) {
		return false
	}
	for _, c := range candidates {
		if !strings.EqualFold(c, candidate) && near(c) <= d+1 {
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
func Near(a, b string) bool {
	return len(a) <= maxWord && len(b) <= maxWord && distance(strings.ToLower(a), strings.ToLower(b)) <= 1
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	two, one := make([]int, len(y)+1), make([]int, len(y)+1)
	row := make([]int, len(y)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one, row = one, row, two
	}
	return one[len(y)]
}
