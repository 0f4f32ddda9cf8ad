package dualwrite

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseXpp reads a query range of F&O: comparisons of fields by ==, !=, <, >,
// <=, >= and like, joined by &&, || and !. A single = counts as ==, since one
// of Microsoft's maps has it (dual-write documentation, filters).
func parseXpp(text string) (condition, error) {
	tokens, err := lexXpp(text)
	if err != nil {
		return nil, err
	}
	is := func(s string) func(filterToken) bool {
		return func(t filterToken) bool { return t.kind == tokenSign && t.text == s }
	}
	p := &filterParser{tokens: tokens, or: is("||"), and: is("&&"), not: is("!"), term: xppTerm}
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

func xppTerm(p *filterParser) (condition, error) {
	field := p.take()
	if field.kind != tokenName || strings.Contains(field.text, ":") {
		return nil, unexpected(field)
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
	return comparison{field.text, odata, with}, err
}

func xppLiteral(t filterToken) (literal, error) {
	switch t.kind {
	case tokenText:
		return literal{literalText, t.text}, nil
	case tokenNumber:
		if isNumber(t.text) {
			return literal{literalNumber, t.text}, nil
		}
	case tokenDate:
		if day, ok := xppDate(t.text); ok {
			return literal{literalDate, day}, nil
		}
	case tokenName:
		if _, member, ok := strings.Cut(t.text, "::"); ok && member != "" {
			return literal{literalText, member}, nil
		}
		if word := strings.ToLower(t.text); word == "true" || word == "false" {
			return literal{literalBool, word}, nil
		}
	}
	return literal{}, unexpected(t)
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
func xppLike(field string, t filterToken) (condition, error) {
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
	return comparison{field, op, literal{literalText, inner}}, nil
}

// xpp writes a condition as a query range; the error says what it cannot say.
func xpp(c condition) (string, error) {
	switch c := c.(type) {
	case allOf:
		return xppJoin(c.terms, " && ")
	case anyOf:
		return xppJoin(c.terms, " || ")
	case negate:
		s, err := xpp(c.term)
		return "(!" + s + ")", err
	case comparison:
		s, err := xppComparison(c)
		return "(" + s + ")", err
	}
	return "", fmt.Errorf("empty condition")
}

func xppJoin(terms []condition, by string) (string, error) {
	var parts []string
	for _, t := range terms {
		s, err := xpp(t)
		if err != nil {
			return "", err
		}
		parts = append(parts, s)
	}
	return "(" + strings.Join(parts, by) + ")", nil
}

func xppComparison(c comparison) (string, error) {
	pattern := map[string]string{"startswith": "%s*", "endswith": "*%s", "contains": "*%s*"}[c.op]
	if pattern != "" {
		if c.with.kind != literalText || strings.ContainsAny(c.with.text, "*?") {
			return "", fmt.Errorf("%s with %q", c.op, clip(c.with.text))
		}
		return c.field + " like " + xppQuote(fmt.Sprintf(pattern, c.with.text)), nil
	}
	op := map[string]string{"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}[c.op]
	switch c.with.kind {
	case literalText:
		return c.field + " " + op + " " + xppQuote(c.with.text), nil
	case literalDate:
		return fmt.Sprintf(`%s %s %s\%s\%s`, c.field, op, c.with.text[8:10], c.with.text[5:7], c.with.text[:4]), nil
	case literalNull:
		return "", fmt.Errorf("a comparison with null")
	default:
		return c.field + " " + op + " " + c.with.text, nil
	}
}

func xppQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
