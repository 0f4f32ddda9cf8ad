package source

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// codesOf loads one file by a table that takes any locals.
func codesOf(t *testing.T, name, src string) []string {
	t.Helper()
	root := &BlockSpec{Blocks: []*BlockSpec{{Type: localsBlock, Doc: "Locals.", Free: &AttrSpec{Accept: Any}}}}
	_, list := Load(fstest.MapFS{name: {Data: []byte(src)}}, root, Inputs{})
	var out []string
	for _, d := range list {
		out = append(out, d.Code)
	}
	return out
}

// TestGuards feeds what would exhaust the stack or the memory of a parser.
func TestGuards(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	const n = 10_000
	for name, c := range map[string]struct{ file, src, want string }{
		"parentheses":    {"a.dw.hcl", "locals { a = " + many("(", n) + "1" + many(")", n) + " }", diag.CodeTooDeep},
		"lists":          {"a.dw.hcl", "locals {\n a = " + many("[", n), diag.CodeTooDeep},
		"blocks":         {"a.dw.hcl", many("a {\n", n), diag.CodeTooDeep},
		"templates":      {"a.dw.hcl", "locals {\n a = " + many(`"${`, n), diag.CodeTooDeep},
		"directives":     {"a.dw.hcl", "locals {\n a = \"" + many("%{ if true }", n) + "\"\n}", diag.CodeTooDeep},
		"negations":      {"a.dw.hcl", "locals {\n a = " + many("!", n) + "true\n}", diag.CodeTooDeep},
		"minus":          {"a.dw.hcl", "locals {\n a = " + many("-", n) + "1\n}", diag.CodeTooDeep},
		"sums":           {"a.dw.hcl", "locals {\n a = " + many("1+", n) + "1\n}", diag.CodeTooDeep},
		"sums in lines":  {"a.dw.hcl", "locals {\n a = (" + many("1\n+", n) + "1)\n}", diag.CodeTooDeep},
		"sums, comments": {"a.dw.hcl", "locals {\n a = (" + many("1 + # c\n", n) + "1)\n}", diag.CodeTooDeep},
		"conditions":     {"a.dw.hcl", "locals {\n a = " + many("true ? 1 : ", n) + "1\n}", diag.CodeTooDeep},
		"indexes":        {"a.dw.hcl", "locals {\n a = x" + many("[0]", n) + "\n}", diag.CodeTooDeep},
		"splats":         {"a.dw.hcl", "locals {\n a = x" + many(".*", n) + "\n}", diag.CodeTooDeep},
		"text of pieces": {"a.dw.hcl", "locals {\n a = \"" + many("$${", 25_000) + "\"\n}", diag.CodeTooDeep},
		"JSON lists":     {"a.dw.json", `{"locals": {"a": ` + many("[", n), diag.CodeTooDeep},
		"JSON template":  {"a.dw.json", `{"locals": {"a": "${` + many("(", n) + `}"}}`, diag.CodeTooDeep},
		"JSON escapes":   {"a.dw.json", `{"locals": {"a": "${` + many(`\u0028`, n) + `}"}}`, diag.CodeTooDeep},
		"JSON negations": {"a.dw.json", `{"locals": {"a": "${` + many("!", n) + `true}"}}`, diag.CodeTooDeep},
		"size":           {"a.dw.hcl", many("# 456789\n", 1_000_000), diag.CodeTooLarge},
		"UTF-16":         {"a.dw.hcl", "\xff\xfel\x00o\x00", diag.CodeNotText},
		"broken UTF-8":   {"a.dw.hcl", "locals {\n a = \"\xe9\"\n}", diag.CodeNotText},
		"exponent":       {"a.dw.hcl", "locals {\n a = 1e999999999\n}", diag.CodeNotAllowed},
		"JSON exponent":  {"a.dw.json", `{"locals": {"a": 1e999999999}}`, diag.CodeNotAllowed},
		"syntax":         {"a.dw.hcl", "locals {\n a = \n", diag.CodeSyntax},
		"JSON syntax":    {"a.dw.json", `{"locals": `, diag.CodeSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			got := codesOf(t, c.file, c.src)
			if len(got) == 0 || got[0] != c.want {
				t.Errorf("got %v, want %s", got, c.want)
			}
		})
	}
}

// TestGuardsLetThrough holds the guards to files that are merely large.
func TestGuardsLetThrough(t *testing.T) {
	for name, src := range map[string]string{
		"many lines":       "locals {\n" + lines(5_000, "  a%d = -1 + 2 * 3\n") + "}\n",
		"a long list":      "locals {\n a = [" + strings.Repeat("-1, ", 20_000) + "1]\n}\n",
		"a long object":    "locals {\n a = {\n" + lines(5_000, "  k%d = true ? 1 : 2\n") + "}\n}\n",
		"nested 100 deep":  "locals {\n a = " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n}\n",
		"a long heredoc":   "locals {\n a = <<EOT\n" + strings.Repeat("((((----{[\n", 5_000) + "EOT\n}\n",
		"a mark of order":  "\xef\xbb\xbflocals {\n a = 1\n}\n",
		"windows lines":    "locals {\r\n  a = 1\r\n  b = \"x\"\r\n}\r\n",
		"a long text":      "locals {\n a = \"" + strings.Repeat("((----$${", 2_000) + "\"\n}\n",
		"comment brackets": strings.Repeat("# ((((((((((\n", 1000) + "locals {}\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got := codesOf(t, "a.dw.hcl", src); len(got) > 0 {
				t.Errorf("refused: %v", got)
			}
		})
	}
}

func lines(n int, form string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Replace(form, "%d", strconv.Itoa(i), 1))
	}
	return b.String()
}

// TestGrowingLocals stops locals that double each other before they fill the
// memory.
func TestGrowingLocals(t *testing.T) {
	src := "locals {\n  l0 = \"0123456789\"\n"
	for i := 1; i < 60; i++ {
		src += "  l" + strconv.Itoa(i) + " = \"${local.l" + strconv.Itoa(i-1) + "}${local.l" + strconv.Itoa(i-1) + "}\"\n"
	}
	got := codesOf(t, "a.dw.hcl", src+"}\n")
	if len(got) != 1 || got[0] != diag.CodeTooLarge {
		t.Errorf("got %v, want one %s", got, diag.CodeTooLarge)
	}
}

func TestApply(t *testing.T) {
	edit := func(from, to int, text string) Edit {
		return Edit{Range: diag.Range{File: "f", Start: diag.Pos{Byte: from}, End: diag.Pos{Byte: to}}, NewText: text}
	}
	got, err := Apply([]byte("0123456789"), []Edit{edit(8, 9, "eight"), edit(0, 1, ""), edit(3, 3, "+")})
	if err != nil || string(got) != "12+34567eight9" {
		t.Errorf("got %q, %v", got, err)
	}
	for name, bad := range map[string][]Edit{
		"overlap":   {edit(0, 3, "a"), edit(2, 4, "b")},
		"same":      {edit(2, 2, "a"), edit(2, 2, "b")},
		"outside":   {edit(5, 11, "a")},
		"backwards": {edit(5, 4, "a")},
		"negative":  {edit(-1, 4, "a")},
	} {
		if got, err := Apply([]byte("0123456789"), bad); err == nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// FuzzPlainlyShallow holds the quick look to the close one: what it lets
// through, the guard lets through.
func FuzzPlainlyShallow(f *testing.F) {
	for _, s := range []string{
		"locals {\n a = 1 # (((\n}\n", `a = "x" // "`, "a = \"\\\"(\"\n", "a = <<E\n((\nE\n", "a = \"${(((}\"", "/* ( */", "a = \"\\\n\"",
		"a '(' \"", "a = `\"`", "\xef\xbb\xbfa=1", "a = \"$${(\"", "a = [[[[[[1]]]]]]\n", "a = -1 + 2 * 3 ? x.y[0] : !z\n",
	} {
		f.Add([]byte(s), 1)
		f.Add([]byte(s), 600)
	}
	f.Fuzz(func(t *testing.T, src []byte, times int) {
		if len(src) > 500 {
			return
		}
		src = bytes.Repeat(src, min(max(times, 1), 3000))
		if !utf8.Valid(src) || !plainlyShallow(src) {
			return
		}
		tokens, _ := hclsyntax.LexConfig(src, "a.dw.hcl", hcl.InitialPos)
		if list := guardTokens(tokens); len(list) > 0 {
			t.Fatalf("let through, but %s", list[0].Summary)
		}
	})
}

// TestPlainlyShallow spares ordinary files the closer look, and no others.
func TestPlainlyShallow(t *testing.T) {
	for src, want := range map[string]bool{
		"map \"a\" {\n  key = [\"b\"] # don't\n  fields \"both\" {\n    A = \"b.c\"\n  }\n}\n": true,
		"a = <<E\nE\n":                       false,
		"a = \"${x}\"\n":                     false,
		"a = \"x\n":                          false,
		strings.Repeat("[", plainNesting+1):  false,
		strings.Repeat("!", maxOperators):    false,
		strings.Repeat("\"a\" ", maxParts*2): true,
	} {
		if got := plainlyShallow([]byte(src)); got != want {
			t.Errorf("%.40q: %t", src, got)
		}
	}
}
