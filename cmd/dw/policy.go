package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

// violated turns the violations of a verdict that ask for an outcome into
// diagnostics with the rule shown.
func violated(v plan.Verdict, outcome plan.Outcome, hint string) diag.List {
	code, word := diag.CodePolicyDenied, "policy denies the plan"
	if outcome == plan.NeedsApproval {
		code, word = diag.CodeNeedsApproval, "policy asks for approval"
	}
	var out diag.List
	for _, x := range v.Violations {
		if x.Outcome() != outcome {
			continue
		}
		d := diag.Diagnostic{
			Code: code, Severity: diag.Error, Summary: fmt.Sprintf("%s: %s", word, x.Rule), Detail: strings.ToUpper(x.Detail[:1]) + x.Detail[1:] + ".",
			Hint: hint, Subject: x.At,
		}
		if len(x.Maps) > 0 {
			d.Detail += " Maps: " + few(x.Maps) + "."
		}
		out = append(out, d)
	}
	return out
}

// few names at most a few maps.
func few(maps []string) string {
	const most = 8
	text := strings.Join(model.MapAddresses(maps[:min(most, len(maps))]), ", ")
	if len(maps) > most {
		text += fmt.Sprintf(" and %d more", len(maps)-most)
	}
	return text
}

// interactive tells whether somebody sits at the standard input: a yes that is
// piped in is no person's.
func (p *program) interactive() bool {
	in, ok := p.host.In.(io.Writer)
	if !ok {
		return false
	}
	_, terminal := p.host.Terminal(in)
	return terminal
}
