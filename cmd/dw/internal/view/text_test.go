package view

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":             "plain",
		"a\x1b[2Jb":         "a\uFFFD[2Jb",
		"tab\tand\nline":    "tab and line",
		"bell\a":            "bell\uFFFD",
		"\u202Eback":        "\uFFFDback",
		"\xff":              "\uFFFD",
		"Zoë 东京 \U0001F600": "Zoë 东京 \U0001F600",
		"c1 \u009b31m":      "c1 \uFFFD31m",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTextWidth(t *testing.T) {
	for in, want := range map[string]int{"": 0, "abc": 3, "东京": 4, "e\u0301": 1, "Zoë": 3, "\U0001F600": 2, "ｱ": 1} {
		if got := textWidth(in); got != want {
			t.Errorf("textWidth(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"short", 5, "short"}, {"longer", 5, "long…"}, {"东京都", 5, "东京…"}, {"东京都", 4, "东…"}, {"ab cd", 4, "ab…"}, {"ab", 0, ""}} {
		if got := cut(c.in, c.n); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

// TestWrap: no line is too wide, and nothing but blanks is lost.
func TestWrap(t *testing.T) {
	squeeze := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	if got := wrap("\u0301 aa", 2); len(got) != 2 {
		t.Errorf("a word without width is lost: %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := clean(rapid.StringOf(rapid.SampledFrom([]rune("ab cdef._-/东京ë\u0301 "))).Draw(t, "text"))
		n := rapid.IntRange(2, 30).Draw(t, "width")
		lines := wrap(s, n)
		for _, l := range lines {
			if textWidth(l) > n {
				t.Fatalf("line %q takes %d of %d columns", l, textWidth(l), n)
			}
		}
		if squeeze(strings.Join(lines, "")) != squeeze(s) {
			t.Fatalf("%q became %q", s, lines)
		}
	})
}

// A table that cannot fit is not squeezed for nothing.
func TestTableThatCannotFit(t *testing.T) {
	tab := table{columns: []column{{least: 10}, {}}}
	tab.add(cell{text: "accounts"}, cell{text: strings.Repeat("1", 60)})
	if w := tab.widths(50); w[0] != len("accounts") {
		t.Errorf("the name has %d columns", w[0])
	}
	if w := tab.widths(68); w[0] != 6 {
		t.Errorf("the name has %d columns where it fits with 6", w[0])
	}
}

// TestTableFits: whatever stands in a table, no line is wider than the
// terminal nor ends in blanks, as long as columns may shrink.
func TestTableFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tab := table{headed: true, indent: rapid.IntRange(0, 6).Draw(t, "indent")}
		n := rapid.IntRange(1, 4).Draw(t, "columns")
		for range n {
			tab.columns = append(tab.columns, column{head: "head", least: 10, right: rapid.Bool().Draw(t, "right")})
		}
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			var cells []cell
			for range n {
				cells = append(cells, cell{text: rapid.StringN(0, 40, -1).Draw(t, "cell")})
			}
			tab.add(cells...)
		}
		var b strings.Builder
		if err := tab.write(&b, Options{Width: 60}); err != nil {
			t.Fatal(err)
		}
		for _, l := range strings.Split(b.String(), "\n") {
			if textWidth(l) > 60 || strings.HasSuffix(l, " ") {
				t.Fatalf("line %q takes %d columns", l, textWidth(l))
			}
		}
	})
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 12345: "12,345", 1234567: "1,234,567", -1234: "-1,234"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{7 * time.Second: "0:07", 750 * time.Second: "12:30", 3723 * time.Second: "1:02:03"} {
		if got := clock(d); got != want {
			t.Errorf("clock(%v) = %q, want %q", d, got, want)
		}
	}
	if got := Plural(1, "map") + ", " + Plural(1200, "map"); got != "1 map, 1,200 maps" {
		t.Errorf("Plural: %s", got)
	}
}

// A word is always broken after something, however narrow the column.
func TestBreakAtTakesSomething(t *testing.T) {
	for word, want := range map[string]string{"ABCD": "A", "_a": "_", "東京": "東"} {
		if got := breakAt(word, 1); got != want {
			t.Errorf("%q is broken after %q, want %q", word, got, want)
		}
	}
}

// TestWrapLong wraps a name of a megabyte, which took minutes while the rest of
// it was measured anew for each line.
func TestWrapLong(t *testing.T) {
	lines := wrap(strings.Repeat("n東", 1<<18), 80)
	if len(lines) < 9_000 || len(lines) > 20_000 || textWidth(lines[0]) > 80 || !strings.HasSuffix(lines[len(lines)-1], "東") {
		t.Errorf("%d lines, the first %q", len(lines), lines[0])
	}
}

func TestAnnotationsAreClean(t *testing.T) {
	for _, f := range []func(string) string{githubData, githubProperty, azureData, azureProperty} {
		if got := f("a\x1b[2J\u202eb\x00\r\nc"); strings.ContainsAny(got, "\x1b\u202e\x00\r\n") || !strings.HasSuffix(got, "%0D%0Ac") {
			t.Errorf("%q", got)
		}
	}
}
