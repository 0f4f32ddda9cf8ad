package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/report"
)

// Lint writes what lint found for people: all findings by group, and a line
// that counts them.
func Lint(w io.Writer, l report.Lint, sources map[string][]byte, o Options) error {
	var b strings.Builder
	for _, g := range l.Groups {
		head := fmt.Sprintf("%s: %s", clean(g.Title), Plural(g.Findings, "finding"))
		b.WriteString(o.paint(bold, head) + "\n" + o.paint(dim, strings.Repeat("─", textWidth(head))) + "\n")
		for _, f := range l.Findings {
			if f.Group == g.Name {
				o.diagnostic(&b, f.Diagnostic, sources)
				b.WriteByte('\n')
			}
		}
	}
	for _, line := range wrap(lintSummary(l), o.columns()) {
		b.WriteString(line + "\n")
	}
	for _, line := range wrap(lintNext(l), o.columns()) {
		b.WriteString(o.paint(dim, line) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// lintSummary counts the findings in a line.
func lintSummary(l report.Lint) string {
	var parts []string
	for _, x := range []struct {
		n    int
		what diag.Severity
	}{{l.Errors, diag.Error}, {l.Warnings, diag.Warning}, {l.Notices, diag.Notice}} {
		if x.n > 0 {
			parts = append(parts, countOf(x.n, x.what.String()))
		}
	}
	out := "No findings"
	if len(parts) > 0 {
		out = strings.Join(parts, ", ")
	}
	out += fmt.Sprintf(" in %s of %s", Plural(l.Maps, "map"), Plural(l.Files, "file"))
	if l.Checked == "language" {
		out += " (language only)"
	}
	if n := len(l.Silenced); n > 0 {
		out += fmt.Sprintf("; %d silenced by notes", n)
	}
	return out + "."
}

// lintNext says how to go on; "" where there is nothing to do.
func lintNext(l report.Lint) string {
	if len(l.Findings) == 0 {
		return ""
	}
	out := fmt.Sprintf("`dw lint -explain %s` says more about a code.", clean(l.Findings[0].Code))
	if n := l.Certain(); n > 0 {
		out = fmt.Sprintf("`dw lint -fix` mends %d of them. ", n) + out
	}
	return out
}

// Explain writes the documentation of a code for people.
type Explain struct {
	Rule         report.LintRule
	Wrong, Right string // examples; "" where the code has none
	Replaces     []string
}

// Write renders the page.
func (e Explain) Write(w io.Writer, o Options) error {
	var b strings.Builder
	color := map[diag.Severity]style{diag.Error: red, diag.Warning: yellow, diag.Notice: cyan}[e.Rule.Severity]
	head := e.Rule.Severity.String() + " " + e.Rule.Code
	if e.Rule.Group == "" {
		head = e.Rule.Code // no rule: the severity depends on the place
	}
	for i, line := range wrap(head+": "+e.Rule.Title, o.columns()) {
		if i == 0 && strings.HasPrefix(line, head) {
			line = o.paint(bold, o.paint(color, head)) + o.paint(bold, line[len(head):])
		}
		b.WriteString(line + "\n")
	}
	section := func(title, text string) {
		if text == "" {
			return
		}
		b.WriteString("\n" + o.paint(bold, title) + "\n")
		o.paragraph(&b, text, "")
	}
	code := func(title, text string) {
		if text == "" {
			return
		}
		b.WriteString("\n" + o.paint(bold, title) + "\n")
		for line := range strings.Lines(text) {
			b.WriteString(strings.TrimRight("  "+strings.TrimRight(clean(strings.TrimRight(line, "\n")), " "), " ") + "\n")
		}
	}
	section("Why it hurts", e.Rule.Why)
	section("How to mend it", e.Rule.Mend)
	code("Wrong", e.Wrong)
	code("Right", e.Right)
	section("Takes the place of", strings.Join(e.Replaces, ", "))
	if g := e.Rule.Group; g != "" {
		section("Group", g+": `dw lint -only "+g+"` looks for these alone.")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
