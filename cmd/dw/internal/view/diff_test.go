package view

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDiff(t *testing.T) {
	old := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\n"
	tests := []struct{ name, old, new, want string }{
		{"equal", old, old, ""},
		{"one line", old, strings.Replace(old, "f\n", "F\n", 1), "--- x\n+++ x\n@@ -3,7 +3,7 @@\n c\n d\n e\n-f\n+F\n g\n h\n i\n"},
		{
			"two hunks", old, strings.Replace(strings.Replace(old, "b\n", "", 1), "m\n", "m\nm2\n", 1),
			"--- x\n+++ x\n@@ -1,5 +1,4 @@\n a\n-b\n c\n d\n e\n@@ -11,4 +10,5 @@\n k\n l\n m\n+m2\n n\n",
		},
		{
			"touching hunks are one", old, strings.Replace(strings.Replace(old, "b\n", "B\n", 1), "i\n", "I\n", 1),
			"--- x\n+++ x\n@@ -1,12 +1,12 @@\n a\n-b\n+B\n c\n d\n e\n f\n g\n h\n-i\n+I\n j\n k\n l\n",
		},
		{"from nothing", "", "a\nb\n", "--- x\n+++ x\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"last line break", "a\nb", "a\nb\n", "--- x\n+++ x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Diff("x", []byte(tt.old), []byte(tt.new)); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

// TestLineEdits: the edits hold both texts, whole.
func TestLineEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) string {
			lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "}", "", "map \"x\" {"}), 0, 30).Draw(t, name)
			return strings.Join(lines, "\n")
		}
		old, new := draw("old"), draw("new")
		var a, b strings.Builder
		for _, e := range lineEdits(old, new) {
			text := e.text
			if !e.eof {
				text += "\n"
			}
			if e.sign != '+' {
				a.WriteString(text)
			}
			if e.sign != '-' {
				b.WriteString(text)
			}
		}
		if a.String() != old || b.String() != new {
			t.Fatalf("%q and %q became %q and %q", old, new, a.String(), b.String())
		}
	})
}
