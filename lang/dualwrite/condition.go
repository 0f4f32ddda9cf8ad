package dualwrite

import (
	"fmt"
	"strings"
)

// Bounds of a filter.
const (
	maxFilterBytes = 20_000
	maxFilterDepth = 100
)

// condition is a filter between its two spellings: F&O's query range in X++
// and OData.
type condition interface{ isCondition() }

type (
	allOf  struct{ terms []condition }
	anyOf  struct{ terms []condition }
	negate struct{ term condition }
	// comparison is a field with a literal.
	comparison struct {
		field string
		op    string // an operator of OData: eq, ne, gt, ge, lt, le, contains, startswith, endswith
		with  literal
	}
)

func (allOf) isCondition()      {}
func (anyOf) isCondition()      {}
func (negate) isCondition()     {}
func (comparison) isCondition() {}

// literal is a value in a filter.
type literal struct {
	kind literalKind
	text string
}

type literalKind uint8

const (
	literalText literalKind = iota // also members of enums
	literalNumber
	literalBool
	literalDate // 2021-06-23
	literalNull
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
	tokens []filterToken
	next   int
	// or, and, not tell whether a token is that operator.
	or, and, not func(filterToken) bool
	// term reads a comparison.
	term func(p *filterParser) (condition, error)
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
func (p *filterParser) parse() (condition, error) {
	c, err := p.any(0)
	if err == nil && p.peek().kind != tokenEnd {
		err = unexpected(p.peek())
	}
	return c, err
}

func unexpected(t filterToken) error {
	return fmt.Errorf("unexpected %s at character %d", t, t.at+1)
}

func (p *filterParser) any(depth int) (condition, error) {
	terms, err := p.joined(depth, p.or, p.all)
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return anyOf{terms}, nil
}

func (p *filterParser) all(depth int) (condition, error) {
	terms, err := p.joined(depth, p.and, p.one)
	if err != nil || len(terms) == 1 {
		return first(terms), err
	}
	return allOf{terms}, nil
}

func first(terms []condition) condition {
	if len(terms) == 0 {
		return nil
	}
	return terms[0]
}

func (p *filterParser) joined(depth int, by func(filterToken) bool, term func(int) (condition, error)) ([]condition, error) {
	if depth > maxFilterDepth {
		return nil, fmt.Errorf("brackets are nested more than %d deep", maxFilterDepth)
	}
	var out []condition
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

func (p *filterParser) one(depth int) (condition, error) {
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

// each calls f for every comparison.
func each(c condition, f func(*comparison)) condition {
	switch c := c.(type) {
	case allOf:
		for i := range c.terms {
			c.terms[i] = each(c.terms[i], f)
		}
		return c
	case anyOf:
		for i := range c.terms {
			c.terms[i] = each(c.terms[i], f)
		}
		return c
	case negate:
		c.term = each(c.term, f)
		return c
	case comparison:
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
