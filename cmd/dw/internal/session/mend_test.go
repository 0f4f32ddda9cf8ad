package session

import (
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/report"
)

// fixAt replaces a text in a source.
func fixAt(src, old, text string, certain bool) report.Finding {
	from := strings.Index(src, old)
	r := diag.Range{File: "main.dw.hcl", Start: diag.Pos{Byte: from}, End: diag.Pos{Byte: from + len(old)}}
	return report.Finding{Diagnostic: diag.Diagnostic{Fix: &diag.Fix{Range: r, NewText: text, Certain: certain, Line: text == ""}}}
}

func TestMend(t *testing.T) {
	const src = "map \"a\" {\n  # a note\n  fno = \"Custmers\"   # another note\n  key = [\"x\"]\n}\n"
	tests := []struct {
		name     string
		findings []report.Finding
		want     string // "" where nothing changes
		mended   int
	}{
		{"nothing", nil, "", 0},
		{"a proposal", []report.Finding{fixAt(src, `"Custmers"`, `"Customers"`, false)}, "", 0},
		{"one", []report.Finding{fixAt(src, `"Custmers"`, `"Customers"`, true)}, strings.Replace(src, "Custmers", "Customers", 1), 1},
		{"said twice", []report.Finding{fixAt(src, `"Custmers"`, `"Customers"`, true), fixAt(src, `"Custmers"`, `"Customers"`, true)}, strings.Replace(src, "Custmers", "Customers", 1), 1},
		{"overlapping", []report.Finding{fixAt(src, `"Custmers"`, `"Customers"`, true), fixAt(src, `Custmers`, `Vendors`, true)}, strings.Replace(src, "Custmers", "Customers", 1), 1},
		{"several, in any order", []report.Finding{fixAt(src, `"x"`, `"y"`, true), fixAt(src, "fno", "fnox", true)}, strings.NewReplacer(`"x"`, `"y"`, "fno", "fnox").Replace(src), 2},
		{"a line that is left blank", []report.Finding{fixAt(src, "# a note", "", true)}, strings.Replace(src, "  # a note\n", "", 1), 1},
		{"the end of a line", []report.Finding{fixAt(src, "# another note", "", true)}, strings.Replace(src, "   # another note", "", 1), 1},
		{"what could not be read", []report.Finding{fixAt(src, `"Custmers"`, `"Customers`, true)}, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Mend(map[string][]byte{"main.dw.hcl": []byte(src)}, tt.findings)
			if tt.want == "" {
				if len(got) > 0 {
					t.Errorf("it became\n%s", got[0].After)
				}
				return
			}
			if len(got) != 1 || string(got[0].After) != tt.want || got[0].Findings != tt.mended {
				t.Errorf("got %d files, %+v, want\n%s", len(got), got, tt.want)
			}
		})
	}
	t.Run("JSON is left alone", func(t *testing.T) {
		f := fixAt(src, "fno", "x", true)
		f.Fix.Range.File = "main.dw.json"
		if got := Mend(map[string][]byte{"main.dw.json": []byte(src)}, []report.Finding{f}); len(got) > 0 {
			t.Error("it was changed")
		}
	})
	t.Run("the layout stays as tidy as it was", func(t *testing.T) {
		tidy, _ := lang.Format([]byte(src), "main.dw.hcl")
		text := strings.Replace(string(tidy), "fno =", "fno       =", 1)
		for _, x := range []string{string(tidy), text} {
			got := Mend(map[string][]byte{"main.dw.hcl": []byte(x)}, []report.Finding{fixAt(x, "key", "keys_of", true)})
			if len(got) != 1 {
				t.Fatal("nothing changed")
			}
			laid, _ := lang.Format(got[0].After, "main.dw.hcl")
			if was, is := x == string(tidy), string(laid) == string(got[0].After); was != is {
				t.Errorf("tidy before %v, after %v:\n%s", was, is, got[0].After)
			}
		}
	})
}

// FuzzMend: whatever the edits are, a file that could be read can be read
// afterwards.
func FuzzMend(f *testing.F) {
	f.Add("a = 1 # x\n", 4, 5, "2", true)
	f.Add("a = \"\"\n\n", 4, 6, "", false)
	f.Fuzz(func(t *testing.T, src string, from, to int, text string, line bool) {
		if _, ds := lang.Format([]byte(src), "main.dw.hcl"); ds.HasErrors() {
			return
		}
		r := diag.Range{File: "main.dw.hcl", Start: diag.Pos{Byte: from}, End: diag.Pos{Byte: to}}
		finding := report.Finding{Diagnostic: diag.Diagnostic{Fix: &diag.Fix{Range: r, NewText: text, Certain: true, Line: line}}}
		for _, m := range Mend(map[string][]byte{"main.dw.hcl": []byte(src)}, []report.Finding{finding}) {
			if _, ds := lang.Format(m.After, "main.dw.hcl"); ds.HasErrors() {
				t.Errorf("%q became %q", src, m.After)
			}
		}
	})
}
