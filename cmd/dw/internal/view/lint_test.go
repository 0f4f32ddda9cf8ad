package view

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/report"
)

const lintSource = `map "customers" {
  fno = "CustomersV3"
  fields "both" {
    OrganisationName = "name" # Straße: 100%, ok]
    # dw:ignore DW262 terms are kept by hand; nobody minds
    PaymentTerms = "msdyn_paymentterm.msdyn_name"
  }
  fields "both" {
    東京 = "name"
  }
}
`

// lintExample has a finding of each severity, one of the language, one without
// a place, two that are alike, and one that a note silences.
func lintExample(t *testing.T, src string) report.Lint {
	t.Helper()
	here := func(what string) diag.Range { return at(t, "maps/cus tomers.dw.hcl", src, what) }
	second := here(`東京 = "name"`)
	second.Start.Byte += len(`東京 = `)
	second.Start.Column += len([]rune(`東京 = `))
	l := report.Lint{
		FormatVersion: report.FormatVersion, Checked: "schema", Maps: 1, Files: 1,
		Findings: []report.Finding{
			{Group: "schema", Diagnostic: diag.Diagnostic{Code: "DW326", Severity: diag.Warning, Summary: "the schema has moved", Detail: "50% of it:\nall, of it.", Hint: "Pull; then [commit]."}},
			{Group: "language", Diagnostic: diag.Diagnostic{Code: "DW012", Severity: diag.Error, Summary: "the map has no key", Subject: here(`"customers"`)}},
			{Group: "fields", Diagnostic: diag.Diagnostic{
				Code: "DW201", Severity: diag.Error, Summary: `CustomersV3 has no field "OrganisationName"`, Detail: "The schema does not have it.", Hint: `Did you mean "OrganizationName"?`,
				Subject: here("OrganisationName"), Address: "map.customers",
				Fix: &diag.Fix{Summary: "use OrganizationName", Range: here("OrganisationName"), NewText: "OrganizationName", Certain: true},
			}},
			{Group: "writers", Diagnostic: diag.Diagnostic{Code: "DW258", Severity: diag.Warning, Summary: "two maps write it", Detail: "They do.", Subject: here(`"name"`), Address: "map.customers"}},
			{Group: "writers", Diagnostic: diag.Diagnostic{Code: "DW258", Severity: diag.Warning, Summary: "two maps write it", Detail: "They do.", Subject: second, Address: "map.customers"}},
			{Group: "loops", Diagnostic: diag.Diagnostic{Code: "DW221", Severity: diag.Notice, Summary: "1 field may hold texts that are too long\n##vso[task.complete result=Succeeded]", Subject: here("map \"customers\" {\n  fno"), Address: "map.customers"}},
			{Group: "notes", Diagnostic: diag.Diagnostic{
				Code: "DW290", Severity: diag.Warning, Summary: "there is nothing to ignore", Subject: here("# Straße"),
				Fix: &diag.Fix{Summary: "Remove the note", Range: here("# Straße: 100%, ok]"), Line: true, Certain: true},
			}},
		},
		Silenced: []report.Finding{{
			Group: "lookups", Reason: "terms are kept by hand; nobody minds", Note: here("# dw:ignore DW262 terms are kept by hand; nobody minds"),
			Diagnostic: diag.Diagnostic{Code: "DW262", Severity: diag.Warning, Summary: "no map fills msdyn_paymentterms", Subject: here(`"msdyn_paymentterm.msdyn_name"`), Address: "map.customers"},
		}},
	}
	for _, g := range []report.LintGroup{
		{Name: "language", Title: "Language"}, {Name: "schema", Title: "Schema file"}, {Name: "fields", Title: "Fields"},
		{Name: "loops", Title: "Loops"}, {Name: "writers", Title: "Writers"}, {Name: "notes", Title: "Notes"},
	} {
		for _, f := range l.Findings {
			if f.Group == g.Name {
				g.Findings++
			}
		}
		l.Groups = append(l.Groups, g)
	}
	for _, r := range []struct{ code, group string }{{"DW012", "language"}, {"DW201", "fields"}, {"DW221", "loops"}, {"DW258", "writers"}, {"DW262", "lookups"}, {"DW290", "notes"}, {"DW326", "schema"}} {
		info, _ := diag.Lookup(r.code)
		l.Rules = append(l.Rules, report.LintRule{Code: r.code, Group: r.group, Severity: diag.Warning, Title: info.Title, Why: info.Why, Mend: "Use `x`.", Page: "https://example.com/" + r.code})
	}
	l.Count()
	return l
}

func lintSources(src string) map[string][]byte {
	return map[string][]byte{"maps/cus tomers.dw.hcl": []byte(src)}
}

func TestLint(t *testing.T) {
	both(t, "lint", func(b *bytes.Buffer, o Options) error {
		return Lint(b, lintExample(t, lintSource), lintSources(lintSource), o)
	})
	both(t, "lint_clean", func(b *bytes.Buffer, o Options) error {
		return Lint(b, report.Lint{Checked: "schema", Maps: 1200, Files: 1, Silenced: make([]report.Finding, 2)}, nil, o)
	})
	both(t, "lint_language", func(b *bytes.Buffer, o Options) error {
		return Lint(b, report.Lint{Checked: "language", Maps: 1, Files: 1}, nil, o)
	})
}

func TestExplain(t *testing.T) {
	both(t, "explain", func(b *bytes.Buffer, o Options) error {
		return Explain{
			Rule: report.LintRule{
				Code: "DW254", Severity: diag.Warning, Group: "go-live", Title: "integration key without an alternate key",
				Why: "Nothing keeps two rows from carrying the same key, and only an active alternate key makes finding rows fast.", Mend: "Add an alternate key.",
			},
			Wrong: "map \"a\" {\n\n  key = [\"Wrong\"]\n}\n", Right: "map \"a\" {\n}\n", Replaces: []string{"DIPV1003", "DIPV1004"},
		}.Write(b, o)
	})
	both(t, "explain_no_rule", func(b *bytes.Buffer, o Options) error {
		return Explain{Rule: report.LintRule{Code: "DW001", Title: "syntax error", Why: "It cannot be read."}}.Write(b, o)
	})
}

func TestAnnotations(t *testing.T) {
	l, sources := lintExample(t, lintSource), lintSources(lintSource)
	for name, write := range map[string]func(*bytes.Buffer) error{
		"lint_github": func(b *bytes.Buffer) error { return GitHub(b, l, sources, "infra/maps") },
		"lint_azure":  func(b *bytes.Buffer) error { return Azure(b, l, sources, "infra/maps") },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		checkGolden(t, name, b.Bytes(), 0)
		// One line a finding and one that counts: no text of a finding begins
		// a command of its own.
		if n := strings.Count(b.String(), "\n"); n != len(l.Findings)+1 {
			t.Errorf("%s has %d lines", name, n)
		}
		if strings.Contains(b.String(), "\n##vso[task.complete") {
			t.Errorf("%s: a finding gives a command", name)
		}
	}
}

// TestSARIF holds the log to the official schema, which the library carries.
func TestSARIF(t *testing.T) {
	l := lintExample(t, lintSource)
	log := writeSARIF(t, l, lintSource)
	checkGolden(t, "lint.sarif", log, 0)
	for _, text := range [][]byte{log, writeSARIF(t, report.Lint{Checked: "schema"}, lintSource)} {
		r, err := sarif.FromBytes(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range r.Runs {
			// The library writes three members that are not there as empty ones,
			// which its own schema does not allow.
			run.Language, run.Tool.Driver.Language, run.NewlineSequences = "en-US", "en-US", []string{"\n"}
		}
		if err := r.Validate(); err != nil {
			t.Errorf("it is not valid: %v", err)
		}
		// What the library read says the same as what was written: nothing that
		// it does not know was left out before it was checked.
		again, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var wrote, read any
		if json.Unmarshal(text, &wrote) != nil || json.Unmarshal(again, &read) != nil {
			t.Fatal("no JSON")
		}
		if missing := lacking(wrote, read, "$"); missing != "" {
			t.Errorf("the library does not know %s", missing)
		}
	}
}

// lacking gives the path of a member of a that b does not have with the same
// value; "" where there is none.
func lacking(a, b any, path string) string {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return path
		}
		for k, v := range x {
			if w, there := y[k]; !there || lacking(v, w, path) != "" {
				if list, empty := v.([]any); empty && len(list) == 0 {
					continue
				}
				if there {
					return lacking(v, w, path+"."+k)
				}
				return path + "." + k
			}
		}
		return ""
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return path
		}
		for i := range x {
			if m := lacking(x[i], y[i], path+"[]"); m != "" {
				return m
			}
		}
		return ""
	}
	if !reflect.DeepEqual(a, b) {
		return path
	}
	return ""
}

func writeSARIF(t *testing.T, l report.Lint, src string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := SARIF(&b, l, lintSources(src), "infra", "0.1.0"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFingerprints: a finding is known again after lines have moved above it and
// blanks in its own; two that are alike are told apart.
func TestFingerprints(t *testing.T) {
	prints := func(src string) []string {
		var log sarifLog
		if err := json.Unmarshal(writeSARIF(t, lintExample(t, src), src), &log); err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, r := range log.Runs[0].Results {
			out = append(out, r.Fingerprints["dwFinding/v1"])
		}
		return out
	}
	before := prints(lintSource)
	if after := prints("# a line\n\n" + strings.ReplaceAll(lintSource, "\n    ", "\n        ")); !reflect.DeepEqual(before, after) {
		t.Errorf("moved lines change\n%v to\n%v", before, after)
	}
	seen := map[string]bool{}
	for _, p := range before {
		if seen[p] {
			t.Errorf("%s names two findings", p)
		}
		seen[p] = true
	}
	other := prints(strings.ReplaceAll(lintSource, "OrganisationName", "OrganisationNam"+"e "))
	if !reflect.DeepEqual(before, other) {
		t.Error("a blank behind a name changes its finding")
	}
}

// TestRegionsCountCodePoints: SARIF wants columns in code points.
func TestRegionsCountCodePoints(t *testing.T) {
	start, end := codePoints(at(t, "maps/cus tomers.dw.hcl", lintSource, `東京`), []byte(lintSource))
	if start != 5 || end != 7 {
		t.Errorf("columns %d to %d", start, end)
	}
}
