package odata

import (
	"fmt"
	"strings"
)

// ParseFilter reads a $filter. Errors are *SyntaxError.
func ParseFilter(s string) (Node, error) {
	l, err := newLexer(s)
	if err != nil {
		return nil, err
	}
	p := &parser{lexer: l}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if l.tok.kind != tokEnd {
		return nil, l.unexpected("the end of the filter")
	}
	return n, nil
}

type parser struct {
	*lexer
	depth    int
	literals int
}

func (p *parser) enter() error {
	p.depth++
	if p.depth > MaxDepth {
		return &SyntaxError{Offset: p.tok.offset, Message: fmt.Sprintf("nested deeper than %d", MaxDepth)}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) or() (Node, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	terms, err := p.chain("or", p.and)
	if err != nil || len(terms) > 1 {
		return Or{Terms: terms}, err
	}
	return terms[0], nil
}

func (p *parser) and() (Node, error) {
	terms, err := p.chain("and", p.unary)
	if err != nil || len(terms) > 1 {
		return And{Terms: terms}, err
	}
	return terms[0], nil
}

func (p *parser) chain(word string, operand func() (Node, error)) ([]Node, error) {
	var terms []Node
	for {
		n, err := operand()
		if err != nil {
			return nil, err
		}
		terms = append(terms, n)
		if !p.atWord(word) {
			return terms, nil
		}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) unary() (Node, error) {
	if p.atWord("not") {
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		if err := p.next(); err != nil {
			return nil, err
		}
		n, err := p.unary()
		return Not{Term: n}, err
	}
	if ok, err := p.accept("("); err != nil {
		return nil, err
	} else if ok {
		n, err := p.or()
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	}
	return p.predicate()
}

// predicate reads a comparison, a boolean function or a boolean property alone.
func (p *parser) predicate() (Node, error) {
	if fn := p.functionAhead(); fn != "" {
		n, err := p.booleanFunction(fn)
		if err != nil {
			return nil, err
		}
		if n != nil {
			return p.functionTest(n)
		}
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	op, ok := p.operator()
	if !ok {
		if path, isPath := left.(Path); isPath {
			return Compare{Op: Eq, Left: path, Right: Literal{Kind: Boolean, Text: "true"}}, nil
		}
		return nil, p.unexpected("a comparison operator")
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	return Compare{Op: op, Left: left, Right: right}, nil
}

func (p *parser) operator() (Op, bool) {
	if p.tok.kind != tokWord {
		return "", false
	}
	switch op := Op(p.tok.text); op {
	case Eq, Ne, Gt, Ge, Lt, Le:
		return op, true
	}
	return "", false
}

// functionAhead gives the word that comes next if a parenthesis follows it.
func (p *parser) functionAhead() string {
	if p.tok.kind == tokWord && strings.HasPrefix(strings.TrimLeft(p.input[p.pos:], " \t"), "(") {
		return p.tok.text
	}
	return ""
}

// booleanFunction reads the call of a function that gives a boolean; nil where
// the name is not one of those.
func (p *parser) booleanFunction(name string) (Node, error) {
	switch name {
	case "contains", "startswith", "endswith":
		return p.match(name)
	}
	if fn, ok := strings.CutPrefix(name, "Microsoft.Dynamics.CRM."); ok {
		switch fn {
		case "In", "NotIn", "Between", "NotBetween":
			return p.crmFunction(fn)
		}
		return nil, &SyntaxError{Offset: p.tok.offset, Message: fmt.Sprintf("the function %q is not known", name)}
	}
	return nil, nil
}

// functionTest reads the "eq true" that may follow a boolean function.
func (p *parser) functionTest(n Node) (Node, error) {
	op, ok := p.operator()
	if !ok {
		return n, nil
	}
	if op != Eq && op != Ne {
		return nil, p.unexpected(`"eq" or "ne" after a boolean function`)
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if !p.atWord("true") && !p.atWord("false") {
		return nil, p.unexpected(`"true" or "false"`)
	}
	if (op == Eq) != p.atWord("true") {
		n = Not{Term: n}
	}
	return n, p.next()
}

func (p *parser) match(name string) (Node, error) {
	if err := p.call(); err != nil {
		return nil, err
	}
	subject, err := p.operand()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	if p.tok.kind != tokText || p.tok.double {
		return nil, p.unexpected("a string literal")
	}
	pattern, err := p.literal()
	if err != nil {
		return nil, err
	}
	return Match{Function: name, Subject: subject, Pattern: pattern}, p.expect(")")
}

// call consumes a function's name and its opening parenthesis.
func (p *parser) call() error {
	if err := p.next(); err != nil {
		return err
	}
	return p.expect("(")
}

// crmFunction reads (PropertyName='x',PropertyValues=['a','b']).
func (p *parser) crmFunction(fn string) (Node, error) {
	start := p.tok.offset
	if err := p.call(); err != nil {
		return nil, err
	}
	var path Path
	var values []Literal
	for {
		name := p.tok.text
		if err := p.next(); err != nil {
			return nil, err
		}
		if err := p.expect("="); err != nil {
			return nil, err
		}
		var err error
		switch name {
		case "PropertyName":
			if p.tok.kind != tokText || p.tok.text == "" {
				return nil, p.unexpected("the name of a property in quotes")
			}
			path = strings.Split(p.tok.text, "/")
			err = p.next()
		case "PropertyValues":
			values, err = p.list()
		default:
			return nil, &SyntaxError{Offset: start, Message: fmt.Sprintf("%s has no parameter %q", fn, name)}
		}
		if err != nil {
			return nil, err
		}
		more, err := p.accept(",")
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if path == nil || values == nil {
		return nil, &SyntaxError{Offset: start, Message: fmt.Sprintf("%s needs PropertyName and PropertyValues", fn)}
	}
	negated := strings.HasPrefix(fn, "Not")
	if fn == "In" || fn == "NotIn" {
		return Among{Negated: negated, Path: path, Values: values}, nil
	}
	if len(values) != 2 {
		return nil, &SyntaxError{Offset: start, Message: fmt.Sprintf("%s needs two values", fn)}
	}
	return Between{Negated: negated, Path: path, Low: values[0], High: values[1]}, nil
}

// list reads ['a',"b",3]; never nil.
func (p *parser) list() ([]Literal, error) {
	if err := p.expect("["); err != nil {
		return nil, err
	}
	values := []Literal{}
	if ok, err := p.accept("]"); ok || err != nil {
		return values, err
	}
	for {
		lit, err := p.literal()
		if err != nil {
			return nil, err
		}
		values = append(values, lit)
		more, err := p.accept(",")
		if err != nil {
			return nil, err
		}
		if !more {
			return values, p.expect("]")
		}
	}
}

func (p *parser) operand() (Operand, error) {
	switch fn := p.functionAhead(); fn {
	case "":
	case "tolower", "toupper":
		if err := p.enter(); err != nil {
			return nil, err
		}
		defer p.leave()
		if err := p.call(); err != nil {
			return nil, err
		}
		inner, err := p.operand()
		if err != nil {
			return nil, err
		}
		return Fold{Upper: fn == "toupper", Operand: inner}, p.expect(")")
	default:
		return nil, &SyntaxError{Offset: p.tok.offset, Message: fmt.Sprintf("the function %q is not known", fn)}
	}
	if p.tok.kind == tokText && !p.tok.double { // only lists of functions take double quotes
		return p.literal()
	}
	if p.tok.kind == tokWord {
		if _, ok, err := bareLiteral(p.tok); ok || err != nil {
			if err != nil {
				return nil, err
			}
			return p.literal()
		}
		if p.quoteFollows() {
			return p.literal()
		}
		if reserved(p.tok.text) {
			return nil, p.unexpected("a property or a literal")
		}
		return p.path()
	}
	return nil, p.unexpected("a property or a literal")
}

// reserved says that the word is an operator and cannot name a property.
func reserved(word string) bool {
	switch word {
	case "and", "or", "not", "eq", "ne", "gt", "ge", "lt", "le":
		return true
	}
	return false
}

// quoteFollows says that the word at hand is the type of an enum literal.
func (p *parser) quoteFollows() bool {
	return p.tok.kind == tokWord && p.pos < len(p.input) && p.input[p.pos] == '\''
}

func (p *parser) literal() (Literal, error) {
	p.literals++
	if p.literals > MaxLiterals {
		return Literal{}, &SyntaxError{Offset: p.tok.offset, Message: fmt.Sprintf("more than %d literals", MaxLiterals)}
	}
	return p.lexer.literal()
}

// literal reads one literal.
func (l *lexer) literal() (Literal, error) {
	switch l.tok.kind {
	case tokText:
		lit := Literal{Kind: String, Text: l.tok.text}
		return lit, l.next()
	case tokWord:
		lit, ok, err := bareLiteral(l.tok)
		if err != nil {
			return Literal{}, err
		}
		if ok {
			return lit, l.next()
		}
		if l.pos < len(l.input) && l.input[l.pos] == '\'' && namePattern.MatchString(l.tok.text) {
			typeName := l.tok.text
			if err := l.next(); err != nil {
				return Literal{}, err
			}
			lit := Literal{Kind: EnumLiteral, Type: typeName, Text: l.tok.text}
			return lit, l.next()
		}
	}
	return Literal{}, l.unexpected("a literal")
}

// path reads names joined by slashes.
func (l *lexer) path() (Path, error) {
	var path Path
	for {
		if l.tok.kind != tokWord || !namePattern.MatchString(l.tok.text) {
			return nil, l.unexpected("a property name")
		}
		path = append(path, l.tok.text)
		if err := l.next(); err != nil {
			return nil, err
		}
		more, err := l.accept("/")
		if err != nil {
			return nil, err
		}
		if !more {
			return path, nil
		}
	}
}
