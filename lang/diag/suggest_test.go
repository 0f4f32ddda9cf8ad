package diag

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// plainDistance is the whole table, as textbooks have it.
func plainDistance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}

// TestDistance holds what is worked out of the table to the whole of it.
func TestDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("abcAÄä_1")), 0, 12, -1)
		a, b, limit := text.Draw(t, "a"), text.Draw(t, "b"), rapid.IntRange(0, 9).Draw(t, "limit")
		var x, y word
		x.set(a)
		y.set(b)
		got, _ := distance(&x, &y, limit)
		want := plainDistance(a, b)
		if want <= limit && got != want || want > limit && got <= limit {
			t.Fatalf("distance of %q and %q within %d is %d, not %d", a, b, limit, got, want)
		}
	})
}

// TestSpeller: names are looked for until the patience ends, and what they are
// found to be is what Suggest finds.
func TestSpeller(t *testing.T) {
	var candidates []string
	for i := range 20_000 {
		candidates = append(candidates, fmt.Sprintf("column_%d", i))
	}
	var s Speller
	found := 0
	for i := range 20_000 {
		name := fmt.Sprintf("colunm_%d", i)
		if got := s.Suggest(name, candidates); got != "" {
			if found++; got != candidates[i] {
				t.Fatalf("%s is taken for %s", name, got)
			}
		}
		if s.Tired() && s.Suggest(name, candidates[:1]) != "" {
			t.Fatal("a tired speller goes on")
		}
	}
	if found == 0 || found > 1000 || !s.Tired() {
		t.Errorf("%d names were found, tired %v", found, s.Tired())
	}
	if w := strings.Repeat("x", maxWord); Suggest(w, []string{w[1:] + "y"}) == "" || Suggest(w+"x", []string{w}) != "" {
		t.Error("words of the greatest length are compared, longer ones are not")
	}
}

func TestSimilar(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"kind", "link", false}, {"kind", "kinds", true}, {"jsno", "json", true}, {"map", "max", true}, {"map", "all", false},
		{"lokc-timeuot", "lock-timeout", true}, {"approved", "approve", true}, {"only", "once", false}, {"", "a", true}, {"", "ab", false},
		{strings.Repeat("x", maxWord+1), "x", false},
	} {
		if Similar(c.a, c.b) != c.want || Similar(c.b, c.a) != c.want {
			t.Errorf("%q and %q: %t", c.a, c.b, !c.want)
		}
	}
}
