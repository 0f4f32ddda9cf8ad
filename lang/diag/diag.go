// Package diag describes a mistake of an author or an operator: what is wrong,
// where, why it matters and how to mend it.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity says what a diagnostic means for the run.
type Severity uint8

// The severities, worst first.
const (
	Error   Severity = iota // the run cannot go on with this
	Warning                 // likely to hurt in production
	Notice                  // worth knowing
)

// String gives the lower-case word used in every rendering.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "notice"
	}
}

// Pos is a place in a file. Line and Column count from 1 (columns in user
// characters), Byte from 0.
type Pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Range is a half-open span of a source file.
type Range struct {
	File  string `json:"file"`
	Start Pos    `json:"start"`
	End   Pos    `json:"end"`
	// Origin is where it really stands, for what a map inherits from a text
	// that is not its author's. File, Start and End then are the place where
	// the author has asked for it, and can do something about it.
	Origin Place `json:"origin,omitzero"`
}

// Place is a line of a text.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// IsZero tells whether the place is none.
func (p Place) IsZero() bool { return p.File == "" }

// String gives "file:line,column".
func (p Place) String() string { return fmt.Sprintf("%s:%d,%d", p.File, p.Line, p.Column) }

// IsZero tells whether the range names no place.
func (r Range) IsZero() bool { return r.File == "" }

// InheritedAt gives the place of what stands at r and was asked for at another
// place, which is the one to show.
func (r Range) InheritedAt(at Range) Range {
	if r.IsZero() {
		return r
	}
	at.Origin = Place{File: r.File, Line: r.Start.Line, Column: r.Start.Column}
	return at
}

// IsQuoted tells whether the range is that of a text in quotes and of nothing
// else, neither an expression that computes it nor a text with escapes.
func (r Range) IsQuoted(text string) bool {
	return r.Start.Line == r.End.Line && r.End.Byte-r.Start.Byte == len(text)+2
}

// String gives "file:line,column" of where it really stands.
func (r Range) String() string {
	if !r.Origin.IsZero() {
		return r.Origin.String()
	}
	return Place{File: r.File, Line: r.Start.Line, Column: r.Start.Column}.String()
}

// Fix is a change of source text that mends a diagnostic.
type Fix struct {
	Summary string `json:"summary"`
	Range   Range  `json:"range"`
	NewText string `json:"new_text"`
	Line    bool   `json:"line,omitempty"`    // a line that is left blank goes away
	Certain bool   `json:"certain,omitempty"` // nothing else can be meant; others are proposals
}

// Diagnostic is one mistake.
type Diagnostic struct {
	Code     string   `json:"code"`              // stable: "DW101"
	Severity Severity `json:"severity"`          // as a word in JSON
	Summary  string   `json:"summary"`           // what, in one line
	Detail   string   `json:"detail,omitempty"`  // where it comes from and why it matters
	Hint     string   `json:"hint,omitempty"`    // how to mend it, did-you-mean included
	Subject  Range    `json:"subject,omitzero"`  // the tightest span that is wrong
	Context  Range    `json:"context,omitzero"`  // a wider span to show, if any
	Address  string   `json:"address,omitempty"` // "map.customers", a record key or an endpoint where there is no source
	Fix      *Fix     `json:"fix,omitempty"`
}

// MarshalText writes the severity as its word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word that MarshalText writes.
func (s *Severity) UnmarshalText(b []byte) error {
	for _, c := range []Severity{Error, Warning, Notice} {
		if c.String() == string(b) {
			*s = c
			return nil
		}
	}
	return fmt.Errorf("unknown severity %q", b)
}

// List is a set of diagnostics. The zero value is empty and ready.
type List []Diagnostic

// HasErrors tells whether any diagnostic is an error.
func (l List) HasErrors() bool { return l.Count(Error) > 0 }

// Count gives the number of diagnostics of one severity.
func (l List) Count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// Sorted returns the list ordered by file, place, code and text, without
// repetitions: what several maps say of one place, as of a value map that they
// share, is said once.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Subject.File, b.Subject.File),
			cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Summary, b.Summary),
			cmp.Compare(a.Address, b.Address),
		)
	})
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Subject == b.Subject && a.Summary == b.Summary && (a.Address == b.Address || !a.Subject.IsZero())
	})
}

// Traced says of findings about inherited text where it stands, and takes away
// fixes of it: at the place that is shown they would replace something else.
func (l List) Traced() List {
	out := slices.Clone(l)
	for i, d := range out {
		if d.Fix != nil && !d.Fix.Range.Origin.IsZero() {
			out[i].Fix = nil
		}
		o := d.Subject.Origin
		if o.IsZero() {
			continue
		}
		lead := ""
		if d.Detail != "" {
			lead = " "
		}
		out[i].Detail += lead + fmt.Sprintf("It is inherited: line %d of %s. What the map writes itself overrides it; omit leaves fields out.", o.Line, o.File)
	}
	return out
}

// Failure carries diagnostics through an error return, for callers outside
// the language whose mistakes have no source range (services, credentials).
type Failure struct{ List List }

// Error gives the summaries on one line.
func (f *Failure) Error() string {
	s := ""
	for i, d := range f.List {
		if i > 0 {
			s += "; "
		}
		s += d.Summary
		if d.Detail != "" {
			s += ": " + d.Detail
		}
	}
	return s
}

// Only tells whether every diagnostic has one of some codes.
func (f *Failure) Only(codes ...string) bool {
	return len(f.List) > 0 && !slices.ContainsFunc(f.List, func(d Diagnostic) bool { return !slices.Contains(codes, d.Code) })
}

// Fail wraps one diagnostic into an error.
func Fail(d Diagnostic) error { return &Failure{List: List{d}} }
