package value

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestFoldAgreesWithEqualFold(t *testing.T) {
	letters := rapid.SampledFrom([]rune("aAkK\u212asS\u017fςσΣßẞiIİıäÄ éÉǅǆ1-"))
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.StringOf(letters).Draw(t, "a")
		b := rapid.StringOf(letters).Draw(t, "b")
		if rapid.Bool().Draw(t, "related") {
			b = strings.Map(func(r rune) rune { return unicode.SimpleFold(r) }, a) + "  "
		}
		want := strings.EqualFold(strings.TrimRight(a, " "), strings.TrimRight(b, " "))
		if got := Fold(a) == Fold(b); got != want || EqualFold(a, b) != want {
			t.Fatalf("Fold(%q) = %q, Fold(%q) = %q, EqualFold %v", a, Fold(a), b, Fold(b), want)
		}
		if Fold(Fold(a)) != Fold(a) {
			t.Fatalf("Fold(%q) = %q is not in its own form", a, Fold(a))
		}
	})
}

func TestFoldEveryRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if f := foldRune(r); foldRune(f) != f || !strings.EqualFold(string(f), string(r)) {
			t.Fatalf("%U folds to %U", r, f)
		}
	}
}
