package xpp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseRange reads a query range of F&O: comparisons of fields by ==, !=, <, >,
// <=, >= and like, joined by &&, || and !. A single = counts as ==, since one
// of Microsoft's maps has it (dual-write documentation, filters). Fields of the
// data sources that are named are the entity's own: CustomersV3.DataAreaId.
func ParseRange(text string, sources ...string) (Condition, error) {
	tokens, err := lexXpp(text)
	if err != nil {
		return nil, err
	}
	is := func(s string) func(filterToken) bool {
		return func(t filterToken) bool { return t.kind == tokenSign && t.text == s }
	}
	p := &filterParser{tokens: tokens, sources: sources, or: is("||"), and: is("&&"), not: is("!"), term: xppTerm}
	return p.parse()
}

func lexXpp(text string) ([]filterToken, error) {
	if len(text) > maxFilterBytes {
		return nil, fmt.Errorf("the filter has more than %d characters", maxFilterBytes)
	}
	var out []filterToken
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			i++
			continue
		case c == '"' || c == '\'':
			s, end, err := xppText(text, i)
			if err != nil {
				return nil, err
			}
			out = append(out, filterToken{tokenText, s, i})
			i = end
			continue
		case c >= '0' && c <= '9' || c == '-':
			end := wordEnd(text, i+1)
			kind := tokenNumber
			for end < len(text) && text[end] == '\\' { // 23\06\2021
				kind, end = tokenDate, wordEnd(text, end+1)
			}
			out = append(out, filterToken{kind, text[i:end], i})
			i = end
			continue
		case isWordRune(rune(c)):
			end := wordEnd(text, i)
			if strings.HasPrefix(text[end:], "::") {
				end = wordEnd(text, end+2)
			}
			out = append(out, filterToken{tokenName, text[i:end], i})
			i = end
			continue
		}
		s := xppSign(text[i:])
		if s == "" {
			_, size := utf8.DecodeRuneInString(text[i:])
			return nil, unexpected(filterToken{tokenSign, text[i : i+size], i})
		}
		out = append(out, filterToken{tokenSign, s, i})
		i += len(s)
	}
	return append(out, filterToken{kind: tokenEnd, at: len(text)}), nil
}

func xppSign(s string) string {
	for _, sign := range []string{"==", "!=", "<=", ">=", "&&", "||", "=", "<", ">", "!", "(", ")"} {
		if strings.HasPrefix(s, sign) {
			return sign
		}
	}
	return ""
}

// xppText reads a text in either quotes, in which a backslash takes the next
// character as it is.
func xppText(s string, i int) (string, int, error) {
	var b strings.Builder
	for j := i + 1; j < len(s); j++ {
		switch s[j] {
		case '\\':
			if j++; j < len(s) {
				b.WriteByte(s[j])
			}
		case s[i]:
			return b.String(), j + 1, nil
		default:
			b.WriteByte(s[j])
		}
	}
	return "", 0, fmt.Errorf("the quote at character %d is not closed", i+1)
}

func xppTerm(p *filterParser) (Condition, error) {
	field := p.take()
	if field.kind != tokenName || strings.Contains(field.text, ":") {
		return nil, unexpected(field)
	}
	if source, name, ok := strings.Cut(field.text, "."); ok && slices.ContainsFunc(p.sources, func(s string) bool { return strings.EqualFold(s, source) }) {
		field.text = name
	}
	if strings.Contains(field.text, ".") {
		return nil, fmt.Errorf("%s names a data source, which the service does not know", field)
	}
	op := p.take()
	if op.kind == tokenName && strings.EqualFold(op.text, "like") {
		return xppLike(field.text, p.take())
	}
	odata := map[string]string{"==": "eq", "=": "eq", "!=": "ne", "<": "lt", ">": "gt", "<=": "le", ">=": "ge"}[op.text]
	if op.kind != tokenSign || odata == "" {
		return nil, unexpected(op)
	}
	with, err := xppLiteral(p.take())
	return Comparison{field.text, odata, with}, err
}

func xppLiteral(t filterToken) (Literal, error) {
	switch t.kind {
	case tokenText:
		return Literal{Text, t.text}, nil
	case tokenNumber:
		if isNumber(t.text) {
			return Literal{Number, t.text}, nil
		}
	case tokenDate:
		if day, ok := xppDate(t.text); ok {
			return Literal{Date, day}, nil
		}
	case tokenName:
		if _, member, ok := strings.Cut(t.text, "::"); ok && member != "" {
			return Literal{Text, member}, nil
		}
		if word := strings.ToLower(t.text); word == "true" || word == "false" {
			return Literal{Bool, word}, nil
		}
	}
	return Literal{}, unexpected(t)
}

// xppDate turns day\month\year into a date of OData.
func xppDate(s string) (string, bool) {
	parts := strings.Split(s, `\`)
	if len(parts) != 3 {
		return "", false
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			return "", false
		}
		n[i] = int(v)
	}
	if n[0] < 1 || n[0] > 31 || n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 9999 {
		return "", false
	}
	return fmt.Sprintf("%04d-%02d-%02d", n[2], n[1], n[0]), true
}

// xppLike takes the patterns that OData has a function for.
func xppLike(field string, t filterToken) (Condition, error) {
	if t.kind != tokenText {
		return nil, unexpected(t)
	}
	inner, start := strings.CutPrefix(t.text, "*")
	inner, end := strings.CutSuffix(inner, "*")
	if strings.ContainsAny(inner, "*?") {
		return nil, fmt.Errorf("the pattern %s has no counterpart in OData", t)
	}
	op := "eq"
	switch {
	case start && end:
		op = "contains"
	case start:
		op = "endswith"
	case end:
		op = "startswith"
	}
	return Comparison{field, op, Literal{Text, inner}}, nil
}

// Range writes a condition as a query range; the error says what it cannot
// say.
func Range(c Condition) (string, error) {
	switch c := c.(type) {
	case allOf:
		return xppJoin(c.terms, " && ")
	case anyOf:
		return xppJoin(c.terms, " || ")
	case negate:
		s, err := Range(c.term)
		return "(!" + s + ")", err
	case Comparison:
		s, err := xppComparison(c)
		return "(" + s + ")", err
	}
	return "", fmt.Errorf("empty condition")
}

func xppJoin(terms []Condition, by string) (string, error) {
	var parts []string
	for _, t := range terms {
		s, err := Range(t)
		if err != nil {
			return "", err
		}
		parts = append(parts, s)
	}
	return "(" + strings.Join(parts, by) + ")", nil
}

func xppComparison(c Comparison) (string, error) {
	pattern := map[string]string{"startswith": "%s*", "endswith": "*%s", "contains": "*%s*"}[c.Op]
	if pattern != "" {
		if c.With.Kind != Text || strings.ContainsAny(c.With.Text, "*?") {
			return "", fmt.Errorf("%s with %q", c.Op, clip(c.With.Text))
		}
		return c.Field + " like " + xppQuote(fmt.Sprintf(pattern, c.With.Text)), nil
	}
	op := map[string]string{"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}[c.Op]
	switch c.With.Kind {
	case Text:
		return c.Field + " " + op + " " + xppQuote(c.With.Text), nil
	case Date:
		return fmt.Sprintf(`%s %s %s\%s\%s`, c.Field, op, c.With.Text[8:10], c.With.Text[5:7], c.With.Text[:4]), nil
	case Null:
		return "", fmt.Errorf("a comparison with null")
	default:
		return c.Field + " " + op + " " + c.With.Text, nil
	}
}

func xppQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
