package transform

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// fits lists the fields whose master may hold values that the other side does
// not take: longer texts, and values of a wider type. Expressions and value
// maps are left to the author.
func (b *builder) fits() {
	for _, to := range []value.Side{value.Dataverse, value.FnO} {
		var longer, wider []string
		for i := range b.c.Slots {
			s := &b.c.Slots[i]
			if s.Master == to || !s.Direction.Sends(to) || s.Lookup != nil || s.Field.Values != nil || s.Field.ToDataverse != nil || s.Field.ToFnO != nil {
				continue
			}
			from, target := b.c.Column(s, to.Other()), b.c.Column(s, to)
			if s.plain && target.MaxLength > 0 && from.MaxLength > target.MaxLength {
				longer = append(longer, fmt.Sprintf("%s (%d) to %s (%d)", from.Name, from.MaxLength, target.Name, target.MaxLength))
			}
			if has, takes := b.wider(from, target); has != "" {
				wider = append(wider, fmt.Sprintf("%s (%s) to %s (%s)", from.Name, has, target.Name, takes))
			}
		}
		if len(longer) > 0 {
			b.report(diag.CodeMayNotFit, diag.Notice, diag.Range{}, fmt.Sprintf("%s may hold texts that %s has no room for", countOf(len(longer), "field"), to.Title()),
				"Characters of both sides: "+strings.Join(longer, ", ")+".", "Records with longer texts are listed as failed; lengthen the columns, or cut with substr.")
		}
		if len(wider) > 0 {
			b.report(diag.CodeMayNotFit, diag.Notice, diag.Range{}, fmt.Sprintf("%s may hold values that %s does not take", countOf(len(wider), "field"), to.Title()),
				"What both sides hold: "+strings.Join(wider, ", ")+".", "Records with other values are listed as failed; map another column, or say with an expression what becomes of them.")
		}
	}
}

// wider says what a field holds and its target takes where the first is more;
// nothing where it is not, or where the schema does not tell.
func (b *builder) wider(from, target *schema.Field) (has, takes string) {
	switch {
	case from.Type == schema.TypeDecimal && target.Type == schema.TypeInteger:
		if n, known := from.Decimals(); !known || n > 0 {
			return "decimals", "whole numbers"
		}
	case from.Type == schema.TypeText && target.Type == schema.TypeGuid:
		return "any text", "guids"
	case from.Type == schema.TypeText && target.Type == schema.TypeEnum:
		return "any text", "members of " + target.Enum
	case from.Type == schema.TypeInteger && target.Type == schema.TypeChoice:
		return "any whole number", "its choices"
	case from.Type == schema.TypeEnum && target.Type == schema.TypeText && target.MaxLength > 0:
		if e := b.enum(from.Enum); e != nil {
			for _, m := range e.Members {
				if utf16Length(m.Name) > target.MaxLength {
					return m.Name, fmt.Sprintf("%d characters", target.MaxLength)
				}
			}
		}
	}
	if low, high := narrower(from, target); low || high {
		return span(from), span(target)
	}
	return "", ""
}

// narrower tells whether the least or the greatest value of a number is outside
// of what the target takes; bounds that are not known do not count.
func narrower(from, target *schema.Field) (low, high bool) {
	below := func(a, b string) bool {
		x, ok := bound(a)
		y, alsoOK := bound(b)
		order, _ := value.Compare(x, y)
		return ok && alsoOK && order < 0
	}
	return below(from.Min, target.Min), below(target.Max, from.Max)
}

func span(f *schema.Field) string { return fmt.Sprintf("%s to %s", f.Min, f.Max) }
