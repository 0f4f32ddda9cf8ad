package lint

import (
	"strings"

	"github.com/dualwrite/dw/lang/filter"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// pin is a condition that every row in the scope of a filter meets: a column
// equals a literal, or does not.
type pin struct {
	column, literal string
	not             bool
}

// pins reads the conditions that a map's filter joins by "and" at its top. It
// sees comparisons with eq and ne only; what it does not see it leaves out, so
// that it never claims too much.
func pins(m *bind.Map, side value.Side) []pin {
	text, table := m.Resolved.Filter.FnO.Name, m.FnO
	if side == value.Dataverse {
		text, table = m.Resolved.Filter.Dataverse.Name, m.Dataverse
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	f, errs := filter.Compile(text, table, m.Enums)
	if len(errs) > 0 || f == nil {
		return nil
	}
	var out []pin
	for _, term := range conjunction(f.Rewrite()) {
		words := strings.SplitN(term, " ", 3)
		if len(words) != 3 || words[1] != "eq" && words[1] != "ne" {
			continue
		}
		literal := words[2]
		// Brackets and joining words outside quotes make it no single literal;
		// in F&O an asterisk matches any text.
		if len(splitTop(literal, " ")) > 1 || strings.ContainsAny(words[0], "()") || strings.Contains(literal, "*") {
			continue
		}
		out = append(out, pin{column: strings.ToLower(words[0]), literal: strings.ToLower(literal), not: words[1] == "ne"})
	}
	return out
}

// conjunction splits a filter, as the service takes it, into the terms that
// "and" joins at its top. A top with "or" is one term.
func conjunction(text string) []string {
	text = unwrap(strings.TrimSpace(text))
	if len(splitTop(text, " or ")) > 1 {
		return []string{text}
	}
	parts := splitTop(text, " and ")
	if len(parts) == 1 {
		return parts
	}
	var out []string
	for _, p := range parts {
		out = append(out, conjunction(p)...)
	}
	return out
}

// unwrap takes off brackets that hold the whole text.
func unwrap(text string) string {
	for strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		inner := text[1 : len(text)-1]
		if !balanced(inner) {
			break
		}
		text = strings.TrimSpace(inner)
	}
	return text
}

// balanced tells whether every bracket outside quotes closes one before it.
func balanced(text string) bool {
	depth := 0
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}

// splitTop splits at a separator that stands outside quotes and brackets.
func splitTop(text, separator string) []string {
	var out []string
	depth, start := 0, 0
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && strings.HasPrefix(text[i:], separator):
			out = append(out, text[start:i])
			start = i + len(separator)
			i = start - 1
		}
	}
	return append(out, text[start:])
}

// disjoint tells whether no row can meet both sets of conditions.
func disjoint(a, b []pin) bool {
	for _, x := range a {
		for _, y := range b {
			switch {
			case x.column != y.column:
			case !x.not && !y.not && x.literal != y.literal:
				return true
			case x.not != y.not && x.literal == y.literal:
				return true
			}
		}
	}
	return false
}
