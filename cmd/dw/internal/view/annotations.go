package view

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/report"
)

// GitHub writes findings as workflow commands of GitHub Actions, which shows
// them beside the lines of a pull request (GitHub documentation, "Workflow
// commands"). Prefix is the way from the root of the repository to the folder.
func GitHub(w io.Writer, l report.Lint, sources map[string][]byte, prefix string) error {
	var b strings.Builder
	for _, f := range l.Findings {
		f.Diagnostic = briefed(f.Diagnostic)
		var at []string
		if !f.Subject.IsZero() {
			start, end := codePoints(f.Subject, sources[f.Subject.File])
			at = append(at, "file="+githubProperty(path.Join(prefix, f.Subject.File)), fmt.Sprintf("line=%d", f.Subject.Start.Line), fmt.Sprintf("col=%d", start))
			if f.Subject.End.Line > f.Subject.Start.Line {
				at = append(at, fmt.Sprintf("endLine=%d", f.Subject.End.Line))
			} else {
				at = append(at, fmt.Sprintf("endColumn=%d", end))
			}
		}
		at = append(at, "title="+githubProperty(f.Code+": "+f.Summary))
		fmt.Fprintf(&b, "::%s %s::%s\n", f.Severity, strings.Join(at, ","), githubData(message(f)))
	}
	b.WriteString(lintSummary(l) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// message is what a finding says besides its summary.
func message(f report.Finding) string {
	var parts []string
	for _, s := range []string{f.Detail, f.Hint} {
		if strings.TrimSpace(s) != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return f.Summary
	}
	return strings.Join(parts, "\n")
}

// marked is clean for texts whose line ends are escaped: logs are read on
// terminals too.
func marked(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		parts := strings.Split(line, "\r")
		for j := range parts {
			parts[j] = clean(parts[j])
		}
		lines[i] = strings.Join(parts, "\r")
	}
	return strings.Join(lines, "\n")
}

// githubData and githubProperty escape as the toolkit of GitHub Actions does.
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(marked(s))
}

func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(marked(s))
}

// Azure writes findings as logging commands of Azure Pipelines (Microsoft
// Learn, "Logging commands"). It has no notices: they are plain lines.
func Azure(w io.Writer, l report.Lint, sources map[string][]byte, prefix string) error {
	var b strings.Builder
	for _, f := range l.Findings {
		f.Diagnostic = briefed(f.Diagnostic)
		if f.Severity == diag.Notice {
			fmt.Fprintf(&b, "notice %s: %s%s\n", f.Code, oneLine(f.Summary), place(f, prefix))
			continue
		}
		at := []string{"type=" + f.Severity.String()}
		if !f.Subject.IsZero() {
			start, _ := codePoints(f.Subject, sources[f.Subject.File])
			at = append(at, "sourcepath="+azureProperty(path.Join(prefix, f.Subject.File)),
				fmt.Sprintf("linenumber=%d", f.Subject.Start.Line), fmt.Sprintf("columnnumber=%d", start))
		}
		at = append(at, "code="+azureProperty(f.Code))
		text := f.Summary
		if m := message(f); m != f.Summary {
			text += ". " + m
		}
		fmt.Fprintf(&b, "##vso[task.logissue %s]%s\n", strings.Join(at, ";"), azureData(text))
	}
	b.WriteString(lintSummary(l) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// place names where a finding stands, for lines that are read as they are.
func place(f report.Finding, prefix string) string {
	if f.Subject.IsZero() {
		return ""
	}
	return fmt.Sprintf(" (%s:%d)", oneLine(path.Join(prefix, f.Subject.File)), f.Subject.Start.Line)
}

// oneLine keeps a text from beginning a line, and with it a command, of its
// own.
func oneLine(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(clean(s)) }

// azureData and azureProperty escape as the task library of Azure Pipelines
// does.
func azureData(s string) string {
	return strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A").Replace(marked(s))
}

func azureProperty(s string) string {
	return strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A", "]", "%5D", ";", "%3B").Replace(marked(s))
}
