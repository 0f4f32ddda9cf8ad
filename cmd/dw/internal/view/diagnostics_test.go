package view

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
)

// at finds a text in a source and gives its range, as the language would.
func at(t *testing.T, file, src, what string) diag.Range {
	t.Helper()
	i := strings.Index(src, what)
	if i < 0 {
		t.Fatalf("%q does not stand in %s", what, file)
	}
	pos := func(offset int) diag.Pos {
		before := src[:offset]
		line := strings.Count(before, "\n") + 1
		return diag.Pos{Line: line, Column: len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1, Byte: offset}
	}
	return diag.Range{File: file, Start: pos(i), End: pos(i + len(what))}
}

func diagnosticsExample(t *testing.T) (diag.List, map[string][]byte) {
	const src = "map \"customers\" {\n" +
		"  fno = \"CustomersV3\"\n" +
		"\tfields \"both\" {\n" +
		"\t\tOrganisationName\t= \"nome\"\n" +
		"    Straße東京 = \"address1_line1\"\n" +
		"    Odd = \"a\x1b[31mred\u202Eright\"\n" +
		"    VeryLong = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" # 東京都千代田区 then Wrong at the far end of the line and still more behind it, so that both ends are cut\n" +
		"  }\n}\n"
	sources := map[string][]byte{"maps.dw.hcl": []byte(src), "library.customers": []byte("map \"customers\" {\n\tfno = \"\x1b[31mCustomersV3\" # and more, so much more that the line is longer than the terminal is wide\n}\n")}
	inherited := at(t, "maps.dw.hcl", src, `"CustomersV3"`)
	inherited.Origin = diag.Place{File: "library.customers", Line: 2, Column: 2}
	gone := inherited
	gone.Origin.Line = 99
	list := diag.List{
		{
			Code: "DW101", Summary: "link.contso is not declared",
			Detail:  "Nothing of that name is declared in the folder. Declared: contoso. A map without a link cannot know between which environments it keeps records equal.",
			Hint:    "Did you mean link.contoso?",
			Subject: at(t, "maps.dw.hcl", src, `"customers"`),
		},
		{Code: "DW201", Summary: "no column nome", Subject: at(t, "maps.dw.hcl", src, `"nome"`), Hint: "Did you mean name?"},
		{Code: "DW211", Severity: diag.Warning, Summary: "wide characters", Detail: "The underline stands below its text.", Subject: at(t, "maps.dw.hcl", src, `"address1_line1"`)},
		{Code: "DW212", Severity: diag.Notice, Summary: "control characters \x07 and \x1b[2J do no harm", Subject: at(t, "maps.dw.hcl", src, "red")},
		{Code: "DW213", Summary: "a long line", Subject: at(t, "maps.dw.hcl", src, "Wrong")},
		{Code: "DW214", Summary: "a range of several lines is shown by its first line and this summary is so long that it has to be wrapped", Subject: at(t, "maps.dw.hcl", src, "\"both\" {\n\t\tOrganisationName")},
		{Code: "DW105", Summary: "the variable \"secret\" has no value", Subject: diag.Range{File: "other.dw.hcl", Start: diag.Pos{Line: 3, Column: 1, Byte: 40}}, Hint: "Give it by -var secret=..., by the environment variable DW_VAR_secret or in a file that ends in .dwvars.hcl."},
		{Code: "DW401", Summary: "the sign-in was refused", Detail: "The secret is wrong.", Address: "https://contoso.crm.dynamics.com"},
		{Code: "DW203", Severity: diag.Warning, Summary: "something that is inherited", Subject: inherited, Detail: "It is inherited: line 2 of library.customers."},
		{Code: "DW204", Severity: diag.Warning, Summary: "something that is inherited from a line that is not there", Subject: gone},
		{Code: "DW302", Summary: "a range outside of the file", Subject: diag.Range{File: "maps.dw.hcl", Start: diag.Pos{Line: 99, Column: 1, Byte: 99999}, End: diag.Pos{Byte: 5}}},
	}
	return list, sources
}

func TestDiagnostics(t *testing.T) {
	list, sources := diagnosticsExample(t)
	both(t, "diagnostics", func(b *bytes.Buffer, o Options) error { return Diagnostics(b, list, sources, o) })
}

func TestDiagnosticsAtMost50(t *testing.T) {
	var list diag.List
	for i := range 40 {
		list = append(list, diag.Diagnostic{Code: "DW290", Severity: diag.Warning, Summary: fmt.Sprintf("warning %d", i)})
	}
	for i := range 40 {
		list = append(list, diag.Diagnostic{Code: "DW291", Summary: fmt.Sprintf("error %d", i)})
	}
	list = append(list, diag.Diagnostic{Code: "DW292", Severity: diag.Notice, Summary: "notice"})
	var b bytes.Buffer
	if err := Diagnostics(&b, list, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	if n := strings.Count(out, "error DW291"); n != 40 {
		t.Errorf("%d of 40 errors are shown: warnings must not push them out", n)
	}
	if n := strings.Count(out, "warning DW290"); n != 10 {
		t.Errorf("%d warnings are shown, want 10", n)
	}
	if !strings.HasSuffix(out, "\n30 more warnings, 1 more notice not shown\n\n40 errors, 40 warnings, 1 notice.\n") {
		t.Errorf("the rest is not counted: %q", out[len(out)-80:])
	}
}

// FuzzDiagnostics holds the rendering to any source and any range.
func FuzzDiagnostics(f *testing.F) {
	f.Add("a = \"東京\"\n\tb", 3, 9, 40)
	f.Fuzz(func(t *testing.T, src string, from, to, columns int) {
		d := diag.Diagnostic{Code: "DW001", Summary: src, Detail: src, Subject: diag.Range{
			File: "f", Start: diag.Pos{Line: 1, Column: 1, Byte: from}, End: diag.Pos{Byte: to},
		}}
		var b bytes.Buffer
		o := Options{Width: columns}
		if err := Diagnostics(&b, diag.List{d}, map[string][]byte{"f": []byte(src)}, o); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if textWidth(line) > o.columns() {
				t.Fatalf("a line of %d columns in %d: %q", textWidth(line), o.columns(), line)
			}
		}
	})
}

// TestBrief: what nobody wrote by hand is shown by its beginning and its length.
func TestBrief(t *testing.T) {
	name := strings.Repeat("x", 1_000_000)
	d := diag.Diagnostic{Code: "DW101", Summary: fmt.Sprintf("local.%s is not declared", name), Detail: strings.Repeat(name+" ", 3), Hint: strings.Repeat("member, ", 100_000), Address: name}
	var b bytes.Buffer
	if err := Diagnostics(&b, diag.List{d, d}, nil, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); len(got) > 20_000 || !strings.Contains(got, "…(1000006") || !strings.Contains(got, "characters more)") {
		t.Errorf("%d bytes: %.300s", len(got), got)
	}
	for _, same := range []string{"", "a short text", strings.Repeat("y", maxShownWord), strings.Repeat("many words ", 100)} {
		if brief(same) != same {
			t.Errorf("%.40q is shortened", same)
		}
	}
}
