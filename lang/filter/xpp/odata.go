package xpp

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// ParseOData reads the part of OData's filters that query ranges of F&O can
// say too.
func ParseOData(text string) (Condition, error) {
	tokens, err := lexOData(text)
	if err != nil {
		return nil, err
	}
	is := func(word string) func(filterToken) bool {
		return func(t filterToken) bool { return t.kind == tokenName && t.text == word }
	}
	p := &filterParser{tokens: tokens, or: is("or"), and: is("and"), not: is("not"), term: odataTerm}
	return p.parse()
}

func lexOData(text string) ([]filterToken, error) {
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
		case c == '(' || c == ')' || c == ',':
			out = append(out, filterToken{tokenSign, text[i : i+1], i})
			i++
			continue
		case c == '\'':
			s, end := odataText(text, i)
			if end < 0 {
				return nil, fmt.Errorf("the quote at character %d is not closed", i+1)
			}
			out = append(out, filterToken{tokenText, s, i})
			i = end
			continue
		}
		end := odataWord(text, i)
		if end == i {
			_, size := utf8.DecodeRuneInString(text[i:])
			return nil, unexpected(filterToken{tokenSign, text[i : i+size], i})
		}
		word, at := text[i:end], i
		i = end
		// Microsoft.Dynamics.DataEntities.NoYes'Yes' is the member alone.
		if end < len(text) && text[end] == '\'' && strings.Contains(word, ".") {
			s, after := odataText(text, end)
			if after < 0 {
				return nil, fmt.Errorf("the quote at character %d is not closed", end+1)
			}
			out = append(out, filterToken{tokenText, s, at})
			i = after
			continue
		}
		out = append(out, filterToken{odataKind(word), word, at})
	}
	return append(out, filterToken{kind: tokenEnd, at: len(text)}), nil
}

// odataText reads a text in single quotes, a quote inside of it doubled; the
// end is -1 where it is not closed.
func odataText(s string, i int) (string, int) {
	var b strings.Builder
	for j := i + 1; j < len(s); j++ {
		if s[j] != '\'' {
			b.WriteByte(s[j])
			continue
		}
		if j+1 >= len(s) || s[j+1] != '\'' {
			return b.String(), j + 1
		}
		b.WriteByte('\'')
		j++
	}
	return "", -1
}

// odataWord gives the end of the name, number, date or time that begins at i.
func odataWord(s string, i int) int {
	for i < len(s) && (isWordRune(rune(s[i])) || strings.IndexByte(".-+:", s[i]) >= 0) {
		i++
	}
	return i
}

func odataKind(word string) tokenKind {
	switch {
	case len(word) == 10 && word[4] == '-' && word[7] == '-' && digits(word[:4]) && digits(word[5:7]) && digits(word[8:]):
		return tokenDate
	case word[0] == '-' || word[0] >= '0' && word[0] <= '9':
		return tokenNumber
	default:
		return tokenName
	}
}

func odataTerm(p *filterParser) (Condition, error) {
	field := p.take()
	if field.kind != tokenName || odataReserved(field.text) {
		return nil, unexpected(field)
	}
	switch field.text {
	case "contains", "startswith", "endswith":
		if p.sign("(") {
			return odataCall(p, field.text)
		}
	}
	op := p.take()
	if op.kind != tokenName || !strings.Contains(" eq ne lt gt le ge ", " "+op.text+" ") {
		return nil, unexpected(op)
	}
	with, err := odataLiteral(p.take())
	return Comparison{field.text, op.text, with}, err
}

func odataReserved(word string) bool {
	return strings.ContainsAny(word, ".-+:") || strings.Contains(" and or not null true false ", " "+word+" ")
}

// odataCall reads contains(field, 'text') after its bracket.
func odataCall(p *filterParser, name string) (Condition, error) {
	field := p.take()
	if field.kind != tokenName || odataReserved(field.text) {
		return nil, unexpected(field)
	}
	if !p.sign(",") {
		return nil, unexpected(p.peek())
	}
	text := p.take()
	if text.kind != tokenText {
		return nil, unexpected(text)
	}
	if !p.sign(")") {
		return nil, unexpected(p.peek())
	}
	return Comparison{field.text, name, Literal{Text, text.text}}, nil
}

func odataLiteral(t filterToken) (Literal, error) {
	switch {
	case t.kind == tokenText:
		return Literal{Text, t.text}, nil
	case t.kind == tokenDate:
		return Literal{Date, t.text}, nil
	case t.kind == tokenNumber && isNumber(t.text):
		return Literal{Number, t.text}, nil
	case t.kind == tokenName && t.text == "null":
		return Literal{Null, ""}, nil
	case t.kind == tokenName && (t.text == "true" || t.text == "false"):
		return Literal{Bool, t.text}, nil
	}
	return Literal{}, unexpected(t)
}

// OData writes a condition as an OData filter.
func OData(c Condition) string { return odataIn(c, false) }

// odataIn brackets what stands inside of an "and" or "not" and binds less.
func odataIn(c Condition, bracket bool) string {
	out := ""
	switch c := c.(type) {
	case allOf:
		var parts []string
		for _, t := range c.terms {
			_, or := t.(anyOf)
			parts = append(parts, odataIn(t, or))
		}
		out = strings.Join(parts, " and ")
	case anyOf:
		var parts []string
		for _, t := range c.terms {
			parts = append(parts, odataIn(t, false))
		}
		out = strings.Join(parts, " or ")
	case negate:
		return "not (" + OData(c.term) + ")"
	case Comparison:
		switch c.Op {
		case "contains", "startswith", "endswith":
			return c.Op + "(" + c.Field + "," + odataQuote(c.With.Text) + ")"
		}
		return c.Field + " " + c.Op + " " + odataValue(c.With)
	}
	if bracket {
		return "(" + out + ")"
	}
	return out
}

func odataValue(l Literal) string {
	switch l.Kind {
	case Text:
		return odataQuote(l.Text)
	case Null:
		return "null"
	default:
		return l.Text
	}
}

func odataQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
