package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
)

func unusedNote() Rule {
	return describe(Rule{
		Code: diag.CodeUnusedNote, Severity: diag.Warning, Group: GroupNotes,
		Mend: "Remove the note.",
	})
}

func noteWithoutReason() Rule {
	return describe(Rule{
		Code: diag.CodeNoteWithoutReason, Severity: diag.Warning, Group: GroupNotes,
		Mend: "Say after the code why the finding may be ignored.",
	})
}

func noteRefused() Rule {
	return describe(Rule{
		Code: diag.CodeNoteRefused, Severity: diag.Warning, Group: GroupNotes,
		Mend: "Mend the mistake and remove the note. Only warnings and notices can be ignored.",
	})
}

// applyNotes sets aside the findings that a note silences and adds what is
// wrong with the notes themselves. Errors cannot be silenced: what has one
// cannot run. Notes for codes that lint does not look for are left alone, and
// so are those that silence nothing where not everything could be checked.
func applyNotes(notes []model.IgnoreNote, found diag.List, complete bool) Result {
	silencers := make([]*model.IgnoreNote, len(found))
	var out Result
	for i := range notes {
		n := notes[i]
		if _, known := diag.Lookup(n.Code); !known {
			out.Found = append(out.Found, noteFinding(n, unusedNote(), fmt.Sprintf("there is no code %s", n.Code)))
			continue
		}
		if !ours(n.Code) {
			continue
		}
		used, refused := false, false
		for at, d := range found {
			if d.Code != n.Code || !inside(n.Target, d.Subject) && !(n.Library && standsIn(n.Target, d.Subject.Origin)) {
				continue
			}
			switch {
			case d.Severity == diag.Error:
				refused = true
			case n.Reason != "":
				silencers[at] = &notes[i]
				used = true
			default:
				used = true // its own mistake says what is missing
			}
		}
		switch {
		case n.Library: // not the author's
		case refused:
			out.Found = append(out.Found, noteFinding(n, noteRefused(), fmt.Sprintf("%s is an error and cannot be ignored", n.Code)))
		case !used && complete:
			out.Found = append(out.Found, noteFinding(n, unusedNote(), fmt.Sprintf("there is no %s here to ignore", n.Code)))
		case used && n.Reason == "":
			out.Found = append(out.Found, noteFinding(n, noteWithoutReason(), fmt.Sprintf("the note for %s gives no reason and silences nothing", n.Code)))
		}
	}
	for i, d := range found {
		if n := silencers[i]; n != nil {
			out.Silenced = append(out.Silenced, Silenced{Diagnostic: d, Reason: n.Reason, Note: n.Range})
		} else {
			out.Found = append(out.Found, d)
		}
	}
	return out
}

func noteFinding(n model.IgnoreNote, r Rule, summary string) diag.Diagnostic {
	d := diag.Diagnostic{Code: r.Code, Severity: r.Severity, Summary: summary, Detail: r.Why, Hint: r.Mend, Subject: n.Range}
	if r.Code == diag.CodeUnusedNote {
		d.Fix = &diag.Fix{Summary: "Remove the note", Range: n.Range, Line: true, Certain: true}
	}
	return d
}

// ours tells whether a code is one that lint finds, notes apart.
func ours(code string) bool {
	notes := []string{diag.CodeUnusedNote, diag.CodeNoteWithoutReason, diag.CodeNoteRefused}
	return (strings.HasPrefix(code, "DW2") || strings.HasPrefix(code, "DW7")) && !slices.Contains(notes, code)
}

// standsIn tells whether what a map inherits stands in the span that a note of
// its standard map is about.
func standsIn(span diag.Range, at diag.Place) bool {
	return span.File == at.File && span.Start.Line <= at.Line && at.Line <= span.End.Line
}

// inside tells whether a finding stands in the span that a note is about.
func inside(span, at diag.Range) bool {
	return span.File == at.File && span.Start.Byte <= at.Start.Byte && at.Start.Byte < max(span.End.Byte, span.Start.Byte+1)
}
