package lang

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang/diag"
)

// nested writes a local whose value is a text repeated around another.
func nested(open, middle, end string, n int) string {
	return "locals {\n  a = " + strings.Repeat(open, n) + middle + strings.Repeat(end, n) + "\n}\n"
}

// doubling writes locals each of which says the one before twice.
func doubling(form string, n int) string {
	var b strings.Builder
	b.WriteString("locals {\n  l0 = \"ab\"\n")
	for i := range n {
		fmt.Fprintf(&b, "  l%d = %s\n", i+1, strings.ReplaceAll(form, "X", fmt.Sprintf("local.l%d", i)))
	}
	return b.String() + "}\n"
}

// TestHostileText loads files that ask for more than there is. Each of them
// must give its diagnostics, or load, within what a test may take.
func TestHostileText(t *testing.T) {
	const deep, many = 20_000, 10_000
	list := "l = split(\",\", \"" + strings.Repeat("a,", many) + "\")\n"
	long := strings.Repeat("x", 900_000)
	for name, c := range map[string]struct {
		file, text string
		codes      []string // all that may be told; none where it must load
	}{
		"parentheses":          {"a.dw.hcl", nested("(", "1", ")", deep), []string{diag.CodeTooDeep}},
		"open parentheses":     {"a.dw.hcl", nested("(", "1", "", deep), []string{diag.CodeTooDeep}},
		"brackets":             {"a.dw.hcl", nested("[", "1", "]", deep), []string{diag.CodeTooDeep}},
		"braces":               {"a.dw.hcl", nested("{a=", "1", "}", deep), []string{diag.CodeTooDeep}},
		"templates":            {"a.dw.hcl", nested(`"${`, "1", `}"`, deep), []string{diag.CodeTooDeep}},
		"directives":           {"a.dw.hcl", nested("%{if true}", "1", "%{endif}", deep), []string{diag.CodeTooDeep}},
		"directives in a text": {"a.dw.hcl", "locals {\n  a = \"" + strings.Repeat("%{if true}", deep) + "\"\n}\n", []string{diag.CodeTooDeep}},
		"heredocs":             {"a.dw.hcl", "locals {\n  a = " + strings.Repeat("<<E\n${", deep) + "\n}\n", []string{diag.CodeTooDeep}},
		"conditions":           {"a.dw.hcl", nested("true ? 1 : ", "1", "", deep), []string{diag.CodeTooDeep}},
		"not":                  {"a.dw.hcl", nested("!", "true", "", deep), []string{diag.CodeTooDeep}},
		"minus":                {"a.dw.hcl", nested("-", "1", "", deep), []string{diag.CodeTooDeep}},
		"plus":                 {"a.dw.hcl", nested("1+", "1", "", 100_000), []string{diag.CodeTooDeep}},
		"calls":                {"a.dw.hcl", nested("lower(", `"a"`, ")", deep), []string{diag.CodeTooDeep}},
		"loops":                {"a.dw.hcl", nested("[for a in [1] : ", "1", "]", deep), []string{diag.CodeTooDeep}},
		"indices":              {"a.dw.hcl", nested("", "[1]", "[0]", deep), []string{diag.CodeTooDeep}},
		"steps":                {"a.dw.hcl", nested("", "var", ".a", deep), []string{diag.CodeTooDeep}},
		"splats":               {"a.dw.hcl", nested("", "var", "[*]", deep), []string{diag.CodeTooDeep}},
		"blocks":               {"a.dw.hcl", strings.Repeat("a {\n", deep), []string{diag.CodeTooDeep}},
		"JSON lists":           {"a.dw.json", `{"locals": {"a": ` + strings.Repeat("[", deep), []string{diag.CodeTooDeep}},
		"JSON objects":         {"a.dw.json", strings.Repeat(`{"a":`, deep), []string{diag.CodeTooDeep}},
		"JSON templates":       {"a.dw.json", `{"locals": {"a": "` + strings.Repeat("${(", deep) + `"}}`, []string{diag.CodeTooDeep}},
		"variables":            {"a.dwvars.hcl", "a = " + strings.Repeat("[", deep), []string{diag.CodeTooDeep, diag.CodeNoFiles}},
		"too large":            {"a.dw.hcl", strings.Repeat("# comment\n", 900_000), []string{diag.CodeTooLarge}},
		"UTF-16":               {"a.dw.hcl", "\xff\xfea\x00", []string{diag.CodeNotText}},
		"not UTF-8":            {"a.dw.hcl", "locals {\n  a = \"\xc3\x28\"\n}\n", []string{diag.CodeNotText}},
		"byte order mark":      {"a.dw.hcl", "\xef\xbb\xbflocals {\n  a = 1\n}\n", nil},
		"NUL":                  {"a.dw.hcl", "locals {\n  a\x00 = 1\n}\n", []string{diag.CodeSyntax}},
		"empty":                {"a.dw.hcl", "", nil},

		"ring of itself":     {"a.dw.hcl", "locals {\n  a = local.a\n}\n", []string{diag.CodeCycle}},
		"ring in a loop":     {"a.dw.hcl", "locals {\n  a = [for x in local.b : x]\n  b = [for x in local.a : x]\n}\n", []string{diag.CodeCycle}},
		"chain":              {"a.dw.hcl", doubling("X", many), nil},
		"doubled lists":      {"a.dw.hcl", doubling("[X, X]", 40), []string{diag.CodeTooLarge}},
		"doubled objects":    {"a.dw.hcl", doubling("{ a = X, b = X }", 40), []string{diag.CodeTooLarge}},
		"doubled templates":  {"a.dw.hcl", doubling(`"${X}${X}"`, 40), []string{diag.CodeTooLarge}},
		"doubled joins":      {"a.dw.hcl", doubling(`join(X, [X, X])`, 40), []string{diag.CodeTooLarge, diag.CodeEvaluation}},
		"doubled replaces":   {"a.dw.hcl", doubling(`replace(X, "a", X)`, 40), []string{diag.CodeTooLarge, diag.CodeEvaluation}},
		"doubled loops":      {"a.dw.hcl", doubling(`[for x in [1, 2] : X]`, 40), []string{diag.CodeTooLarge}},
		"numbers":            {"a.dw.hcl", strings.Replace(doubling("X * X", 40), `"ab"`, "9", 1), []string{diag.CodeTooLarge}},
		"number in a text":   {"a.dw.hcl", "locals {\n  a = \"${1e600000000}\"\n}\n", []string{diag.CodeTooLarge}},
		"wide list":          {"a.dw.hcl", "locals {\n  a = \"" + long + "\"\n  b = [" + strings.Repeat("local.a, ", 10_000) + "]\n}\n", []string{diag.CodeTooLarge}},
		"wide template":      {"a.dw.hcl", "locals {\n  a = \"" + long + "\"\n  b = \"" + strings.Repeat("${local.a}", 9_000) + "\"\n}\n", []string{diag.CodeTooLarge}},
		"product of texts":   {"a.dw.hcl", "locals {\n  a = \"" + long + "\"\n  b = replace(local.a, \"x\", local.a)\n}\n", []string{diag.CodeEvaluation}},
		"product of lists":   {"a.dw.hcl", "locals {\n" + list + "  b = [for x in local.l : [for y in local.l : 1]]\n}\n", []string{diag.CodeTooLarge}},
		"product, one shown": {"a.dw.hcl", "locals {\n" + list + "  b = length([for x in local.l : 1 if length([for y in local.l : y]) > 0])\n}\n", []string{diag.CodeTooLarge}},
		"product in a key":   {"a.dw.hcl", "locals {\n" + list + "  b = { for x in local.l : length([for y in local.l : y]) => 1... }\n}\n", []string{diag.CodeTooLarge}},
		"product in a text":  {"a.dw.hcl", "locals {\n" + list + "  b = length(\"%{for x in local.l}%{for y in local.l}%{endfor}%{endfor}\")\n}\n", []string{diag.CodeTooLarge}},
		"default":            {"a.dw.hcl", "variable \"a\" {\n  default = replace(\"" + strings.Repeat("x", 10_000) + "\", \"x\", \"" + strings.Repeat("y", 10_000) + "\")\n}\n", []string{diag.CodeEvaluation}},
		"for_each": {
			"a.dw.hcl", "map \"a\" {\n  for_each = split(\",\", \"" + strings.Repeat("a,", 200_000) + "\")\n  fno = \"A\"\n  dataverse = \"a\"\n  key = { A = \"a\" }\n}\n",
			[]string{diag.CodeTooManyInstances},
		},
		"long name":    {"a.dw.hcl", "locals {\n  " + long + " = 1\n  b = local." + strings.ReplaceAll(long, "x", "y") + "\n}\n", []string{diag.CodeUnknownReference}},
		"long unknown": {"a.dw.hcl", long + " \"a\" {\n}\n", []string{diag.CodeUnknownBlock}},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && (strings.HasPrefix(name, "product") || strings.HasPrefix(name, "wide") || name == "loops") {
				t.Skip("takes a second")
			}
			_, list := Load(one(c.file, c.text), Options{})
			for _, code := range codesOf(list) {
				if !slices.Contains(c.codes, code) {
					t.Errorf("%s: %.200s", code, list[0].Summary)
				}
			}
			if len(c.codes) > 0 && len(list) == 0 {
				t.Error("nothing is told")
			}
			if len(list) > 10 {
				t.Errorf("%d diagnostics", len(list))
			}
		})
	}
}

// TestHostileCount loads files with far more of everything than anyone writes.
func TestHostileCount(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const link = "link \"one\" {\n  companies = [\"USMF\"]\n  sandbox {}\n}\n"
	lines := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintln(&b, strings.ReplaceAll(format, "#", fmt.Sprint(i)))
		}
		return b.String()
	}
	const head = "map \"m#\" {\n  fno = \"A#\"\n  dataverse = \"a#\"\n  key = [\"F0\"]\n"
	files := fstest.MapFS{"a.dw.hcl": {Data: []byte(link)}}
	for i := range 10_000 {
		files[fmt.Sprintf("f%d.dw.hcl", i)] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(head, "#", fmt.Sprint(i)) + "  fields \"both\" {\n    F0 = \"c\"\n  }\n}\n")}
	}
	for name, c := range map[string]struct {
		files fs.FS
		code  string // of each of many diagnostics; "" where it must load
	}{
		"fields":     {one("a.dw.hcl", link+strings.ReplaceAll(head, "#", "0")+"  fields \"both\" {\n"+lines(100_000, `F# = "c#"`)+"  }\n}\n"), ""},
		"values":     {one("a.dw.hcl", link+"enum \"e\" {\n  values = {\n"+lines(100_000, "A# = #")+"  }\n}\n"+strings.ReplaceAll(head, "#", "0")+"  field \"c\" {\n    fno = \"F0\"\n    values = enum.e\n  }\n}\n"), ""},
		"files":      {files, ""},
		"attributes": {one("a.dw.hcl", strings.Replace(link, "  sandbox", lines(50_000, "a# = 1")+"  sandbox", 1)), diag.CodeUnknownAttr},
		"one column": {one("a.dw.hcl", link+strings.ReplaceAll(head, "#", "0")+"  fields \"both\" {\n"+lines(30_000, `F# = "c"`)+"  }\n}\n"), diag.CodeColumnTwice},
		"unknown":    {one("a.dw.hcl", "locals {\n"+lines(10_000, "l# = local.m#")+"}\n"), diag.CodeUnknownReference},
		"keys": {fstest.MapFS{
			"a.dw.hcl":     {Data: []byte("variable \"k\" {}\nmap \"m\" {\n  for_each = split(\",\", var.k)\n  fno = \"A\"\n  dataverse = \"a\"\n  key = { A = \"a\" }\n}\n")},
			"a.dwvars.hcl": {Data: []byte("k = \"" + strings.TrimSuffix(strings.ReplaceAll(lines(1_000_000, "k#"), "\n", ","), ",") + "\"\n")},
		}, diag.CodeTooManyInstances},
		"undeclared": {fstest.MapFS{"a.dw.hcl": {Data: []byte(lines(5_000, "variable \"v#\" {\n  default = 1\n}"))}, "a.dwvars.hcl": {Data: []byte(lines(5_000, "w# = 1"))}}, diag.CodeVariableUndeclared},
	} {
		t.Run(name, func(t *testing.T) {
			_, list := Load(c.files, Options{})
			t.Log(len(list))
			for _, d := range list {
				if c.code == "" || c.code != "" && d.Code != c.code {
					t.Fatal(d)
				}
			}
		})
	}
}
