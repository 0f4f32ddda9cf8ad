package report

import "github.com/dualwrite/dw/lang/diag"

// Lint is the answer of dw lint.
type Lint struct {
	FormatVersion string      `json:"format_version"`
	Checked       string      `json:"checked"` // "schema": names and types too; "language": there is no schema file
	Maps          int         `json:"maps"`
	Files         int         `json:"files"`
	Errors        int         `json:"error_count"`
	Warnings      int         `json:"warning_count"`
	Notices       int         `json:"notice_count"`
	Findings      []Finding   `json:"findings"` // by file and place
	Silenced      []Finding   `json:"silenced"` // by notes
	Groups        []LintGroup `json:"groups"`   // that have findings
	Rules         []LintRule  `json:"rules"`    // of all findings, by code
}

// Finding is a diagnostic with what lint knows of it.
type Finding struct {
	diag.Diagnostic
	Group  string     `json:"group"`
	Reason string     `json:"reason,omitempty"` // silenced: what the note says
	Note   diag.Range `json:"note,omitzero"`    // silenced: where it stands
}

// LintGroup is a group of rules with how often they found something.
type LintGroup struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Findings int    `json:"findings"`
}

// LintRule describes what is found under a code.
type LintRule struct {
	Code     string        `json:"code"`
	Severity diag.Severity `json:"severity"`
	Group    string        `json:"group"`
	Title    string        `json:"title"`
	Why      string        `json:"why"`
	Mend     string        `json:"mend,omitempty"`
	Page     string        `json:"page"` // its documentation
}

// Count adds up the findings by severity.
func (l *Lint) Count() {
	l.Errors, l.Warnings, l.Notices = 0, 0, 0
	for _, f := range l.Findings {
		switch f.Severity {
		case diag.Error:
			l.Errors++
		case diag.Warning:
			l.Warnings++
		default:
			l.Notices++
		}
	}
}

// Reaches tells whether any finding is at least as bad as a severity.
func (l *Lint) Reaches(s diag.Severity) bool {
	for _, f := range l.Findings {
		if f.Severity <= s {
			return true
		}
	}
	return false
}

// Certain gives the number of findings that can be mended without guessing.
func (l *Lint) Certain() int {
	n := 0
	for _, f := range l.Findings {
		if f.Fix != nil && f.Fix.Certain {
			n++
		}
	}
	return n
}
