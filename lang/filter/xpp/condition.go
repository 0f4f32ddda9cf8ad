// Package xpp translates filters between the query ranges of F&O, written in
// X++, and OData: as far as both can say the same.
package xpp

import (
	"fmt"
	"strings"
)

// Bounds of a filter.
const (
	maxFilterBytes = 20_000
	maxFilterDepth = 100
)

// clip shortens a text for a message.
func clip(s string) string {
	const most = 200
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most]) + "…"
}

// isWordRune tells what names consist of.
func isWordRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}

// Condition is a filter between its two spellings: F&O's query range in X++
// and OData.
type Condition interface{ isCondition() }

type (
	allOf  struct{ terms []Condition }
	anyOf  struct{ terms []Condition }
	negate struct{ term Condition }
	// Comparison is a field with a literal.
	Comparison struct {
		Field string
		Op    string // an operator of OData: eq, ne, gt, ge, lt, le, contains, startswith, endswith
		With  Literal
	}
)

func (allOf) isCondition()      {}
func (anyOf) isCondition()      {}
func (negate) isCondition()     {}
func (Comparison) isCondition() {}

// Literal is a value in a filter.
type Literal struct {
	Kind Kind
	Text string
}

// Kind is what a literal is.
type Kind uint8

// The kinds of literals.
const (
	Text Kind = iota // also members of enums
	Number
	Bool
	Date // 2021-06-23
	Null
)

// filterToken is a token of either spelling.
type filterToken struct {
	kind tokenKind
	text string // of texts the unquoted one
	at   int    // offset in the filter
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenText
	tokenNumber
	tokenDate
	tokenSign // operators, brackets, commas
)

// String gives the token as a message shows it.
func (t filterToken) String() string {
	if t.kind == tokenEnd {
		return "the end"
	}
	return fmt.Sprintf("%q", clip(t.text))
}

// filterParser parses either spelling, whose grammars differ in words only.
type filterParser struct {
	tokens  []filterToken
	next    int
	sources []string // data sources whose fields are the entity's own
	// or, and, not tell whether a token is that operator.
	or, and, not func(filterToken) bool
	// term reads a comparison.
	term func(p *filterParser) (Condition, error)
}

func (p *filterParser) peek() filterToken { return p.tokens[p.next] }

func (p *filterParser) take() filterToken {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

func (p *filterParser) sign(s string) bool {
	if t := p.peek(); t.kind != tokenSign || t.text != s {
		return false
	}
	p.next++
	return true
}

// parse reads the whole filter.
func (p *filterParser) parse() (Condition, error) {
	c, err := p.any(0)
	if err == nil && p.peek().kind != tokenEnd {
		err = unexpected(p.peek())
	}
	return c, err
}

func unexpected(t filterToken) error {
	return fmt.Errorf("unexpected %s at character %d", t, t.at+1)
}

func (p *filterParser) any(depth int) (Condition, error) {
	terms, err := p.joined(depth, p.or, p.all)
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return anyOf{terms}, nil
}

func (p *filterParser) all(depth int) (Condition, error) {
	terms, err := p.joined(depth, p.and, p.one)
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return allOf{terms}, nil
}

func first(terms []Condition) Condition {
	if len(terms) == 0 {
		return nil
	}
	return terms[0]
}

func (p *filterParser) joined(depth int, by func(filterToken) bool, term func(int) (Condition, error)) ([]Condition, error) {
	if depth > maxFilterDepth {
		return nil, fmt.Errorf("brackets are nested more than %d deep", maxFilterDepth)
	}
	var out []Condition
	for {
		c, err := term(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
		if !by(p.peek()) {
			return out, nil
		}
		p.next++
	}
}

func (p *filterParser) one(depth int) (Condition, error) {
	if p.not(p.peek()) {
		p.next++
		if depth > maxFilterDepth {
			return nil, fmt.Errorf("negations are nested more than %d deep", maxFilterDepth)
		}
		c, err := p.one(depth + 1)
		return negate{c}, err
	}
	if p.sign("(") {
		c, err := p.any(depth + 1)
		if err == nil && !p.sign(")") {
			err = unexpected(p.peek())
		}
		return c, err
	}
	return p.term(p)
}

// Each calls f for every comparison, which it may change, and gives the result.
func Each(c Condition, f func(*Comparison)) Condition {
	switch c := c.(type) {
	case allOf:
		for i := range c.terms {
			c.terms[i] = Each(c.terms[i], f)
		}
		return c
	case anyOf:
		for i := range c.terms {
			c.terms[i] = Each(c.terms[i], f)
		}
		return c
	case negate:
		c.term = Each(c.term, f)
		return c
	case Comparison:
		f(&c)
		return c
	}
	return c
}

// wordEnd gives the end of the name or number that begins at i.
func wordEnd(s string, i int) int {
	for i < len(s) && (isWordRune(rune(s[i])) || s[i] == '.') {
		i++
	}
	return i
}

// isNumber tells a decimal number: digits, with a sign and a point at most.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, fraction, point := strings.Cut(s, ".")
	return len(s) <= 60 && digits(whole) && (!point || digits(fraction))
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
