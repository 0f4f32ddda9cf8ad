package model

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
)

// Part gives the range of a part of a quoted text, by its bytes, or of the
// whole text where it is not written literally (with escapes, as a heredoc).
func (n Named) Part(start, end int) diag.Range {
	r := n.Range
	if !n.literal() || start > end || end > len(n.Name) {
		return r
	}
	if start == end && start > 0 {
		start--
	}
	at := r.Start
	move := func(i int) diag.Pos {
		return diag.Pos{Line: at.Line, Column: at.Column + 1 + len([]rune(n.Name[:i])), Byte: at.Byte + 1 + i}
	}
	return diag.Range{File: r.File, Start: move(start), End: move(end)}
}

// Fix replaces a part of a quoted text, or the whole of one; nil where that
// cannot be done by bytes.
func (n Named) Fix(start, end int, by string) *diag.Fix {
	r := n.Range
	plain := !strings.ContainsAny(by, "\"\\") && !strings.Contains(by, "${") && !strings.Contains(by, "%{")
	whole := start == 0 && end == len(n.Name)
	switch {
	case by == "" || !plain || r.IsZero() || !r.Origin.IsZero() || r.Start.Line != r.End.Line:
		return nil
	case n.literal():
		return &diag.Fix{Summary: "write " + by, Range: n.Part(start, end), NewText: by}
	case whole && r.End.Byte-r.Start.Byte > len(n.Name): // with escapes
		return &diag.Fix{Summary: "write " + by, Range: r, NewText: fmt.Sprintf("%q", by)}
	}
	return nil
}

// literal tells whether the range covers the text in quotes, as it is.
func (n Named) literal() bool {
	return n.Range.Origin.IsZero() && n.Range.End.Byte-n.Range.Start.Byte == len(n.Name)+2 && n.Range.Start.Line == n.Range.End.Line
}
