package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
)

// parser reads tokens by recursive descent. Errors of types are collected so
// that all are told at once; an error of syntax ends it.
type parser struct {
	tokens  []token
	at      int
	table   *schema.Table
	enums   []schema.Enum
	errors  []*Error
	text    string // that the tokens are of
	speller diag.Speller
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) word(w string) bool {
	if t := p.peek(); t.kind == tokName && t.text == w {
		p.at++
		return true
	}
	return false
}

func (p *parser) or(depth int) (node, *Error) {
	first, err := p.and(depth)
	if err != nil {
		return nil, err
	}
	terms := []node{first}
	for p.word("or") {
		n, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		terms = append(terms, n)
	}
	if len(terms) == 1 {
		return first, nil
	}
	return or{terms}, nil
}

func (p *parser) and(depth int) (node, *Error) {
	first, err := p.unary(depth)
	if err != nil {
		return nil, err
	}
	terms := []node{first}
	for p.word("and") {
		n, err := p.unary(depth)
		if err != nil {
			return nil, err
		}
		terms = append(terms, n)
	}
	if len(terms) == 1 {
		return first, nil
	}
	return and{terms}, nil
}

func (p *parser) unary(depth int) (node, *Error) {
	t := p.peek()
	if depth > maxDepth {
		return nil, fail(t.start, t.end, "the filter is nested too deep", "")
	}
	if p.word("not") {
		n, err := p.unary(depth + 1)
		return not{n}, err
	}
	if t.kind != tokOpen {
		return p.condition()
	}
	p.next()
	n, err := p.or(depth + 1)
	if err != nil {
		return nil, err
	}
	if c := p.next(); c.kind != tokClose {
		return nil, fail(t.start, t.end, "the bracket is not closed", "")
	}
	return n, nil
}

// condition reads `column op literal`, `literal op column` or a function.
func (p *parser) condition() (node, *Error) {
	left := p.next()
	if left.kind == tokName && p.peek().kind == tokOpen {
		return p.function(left)
	}
	if err := operand(left); err != nil {
		return nil, err
	}
	o := p.next()
	i := slices.Index(opNames[:opContains], o.text)
	if o.kind != tokName || i < 0 {
		return nil, p.notAnOperator(left, o)
	}
	right := p.next()
	if right.kind == tokName && p.peek().kind == tokOpen {
		return nil, fail(right.start, right.end, fmt.Sprintf("%s cannot be compared with", right.text), "Compare a column with a literal.")
	}
	if err := operand(right); err != nil {
		return nil, err
	}
	by := op(i)
	if isColumn(right) {
		if isColumn(left) {
			return nil, fail(right.start, right.end, "a column cannot be compared with another column here", "Put a text into quotes: 'x'.")
		}
		left, right = right, left
		by = turned(by)
	}
	return p.comparison(left, by, right), nil
}

func (p *parser) notAnOperator(left, o token) *Error {
	if e := p.oneOf(left, o); e != nil {
		return e
	}
	switch {
	case o.kind == tokEnd:
		return fail(o.start, o.end, "the filter ends where an operator was expected", "Use eq, ne, gt, ge, lt or le.")
	case slices.Contains([]string{"has", "in", "add", "sub", "mul", "div", "divby", "mod"}, o.text):
		return fail(o.start, o.end, fmt.Sprintf("the operator %s is not supported, since dw must evaluate the filter itself", o.text), "Use eq, ne, gt, ge, lt or le.")
	}
	e := fail(o.start, o.end, fmt.Sprintf("%q is no operator", o.text), "Use eq, ne, gt, ge, lt or le.")
	written := o.text
	for next := p.peek(); next.kind == tokOther && next.text == "=" && next.start == e.End; next = p.peek() {
		written, e.End = written+next.text, next.end
		p.next()
	}
	operators := map[string]string{"=": "eq", "==": "eq", "!=": "ne", "<": "lt", ">": "gt", "<=": "le", ">=": "ge"}
	if s := operators[written]; s != "" {
		e.Summary, e.Hint = fmt.Sprintf("%q is no operator", written), "use "+s
		if operand(p.peek()) == nil { // else more is wrong
			e.Suggestion, e.Certain = s, true
		}
	} else if e.Suggestion = diag.Suggest(o.text, opNames[:opContains]); e.Suggestion != "" {
		e.Certain = strings.EqualFold(o.text, e.Suggestion)
	}
	return e
}

// oneOf tells `column in (a, b)`, which comparisons joined by or say too; nil
// where it is something else.
func (p *parser) oneOf(column, o token) *Error {
	if o.kind != tokName || o.text != "in" || !isColumn(column) || p.peek().kind != tokOpen {
		return nil
	}
	var parts []string
	for p.next(); ; p.next() {
		literal := p.next()
		if operand(literal) != nil || isColumn(literal) {
			return nil
		}
		parts = append(parts, fmt.Sprintf("%s eq %s", p.text[column.start:column.end], p.text[literal.start:literal.end]))
		if p.peek().kind != tokComma {
			break
		}
	}
	end := p.next()
	if end.kind != tokClose {
		return nil
	}
	e := fail(column.start, end.end, "the operator in is not supported, since dw must evaluate the filter itself", "Join comparisons with eq by or.")
	if e.Suggestion, e.Certain = strings.Join(parts, " or "), true; len(parts) > 1 {
		e.Suggestion = "(" + e.Suggestion + ")"
	}
	return e
}

// turned gives the operator that means the same with its sides exchanged.
func turned(o op) op {
	switch o {
	case opGt:
		return opLt
	case opGe:
		return opLe
	case opLt:
		return opGt
	case opLe:
		return opGe
	default:
		return o
	}
}

func operand(t token) *Error {
	switch t.kind {
	case tokName, tokText, tokEnum, tokNumber, tokTime, tokGuid:
		return nil
	case tokEnd:
		return fail(t.start, t.end, "the filter ends where a column or a literal was expected", "")
	default:
		return fail(t.start, t.end, fmt.Sprintf("a column or a literal was expected, not %q", t.text), "")
	}
}

func isColumn(t token) bool {
	return t.kind == tokName && t.text != "null" && t.text != "true" && t.text != "false"
}

// function reads contains, startswith or endswith of a column and a text,
// with an optional comparison with true or false.
func (p *parser) function(name token) (node, *Error) {
	i := slices.Index(opNames[opContains:], name.text)
	if i < 0 {
		e := fail(name.start, name.end, fmt.Sprintf("the function %s is not supported, since dw must evaluate the filter itself", name.text),
			"Use contains, startswith or endswith.")
		e.Suggestion = diag.Suggest(name.text, opNames[opContains:])
		return nil, e
	}
	p.next()
	column := p.next()
	comma := p.next()
	literal := p.next()
	if !isColumn(column) || comma.kind != tokComma || literal.kind != tokText || p.next().kind != tokClose {
		return nil, fail(name.start, literal.end, name.text+" takes a column and a text in quotes", fmt.Sprintf("%s(%s,'x')", name.text, sampleColumn(p.table)))
	}
	n := p.comparison(column, opContains+op(i), literal)
	negate := false
	if t := p.peek(); t.kind == tokName && (t.text == "eq" || t.text == "ne") {
		p.next()
		truth := p.next()
		if truth.kind != tokName || truth.text != "true" && truth.text != "false" {
			return nil, fail(truth.start, truth.end, name.text+" is true or false and compares only with those", "")
		}
		negate = (t.text == "eq") != (truth.text == "true")
	}
	if negate {
		return not{n}, nil
	}
	return n, nil
}

func sampleColumn(t *schema.Table) string {
	for _, f := range t.Fields {
		if f.Type == schema.TypeText {
			return f.Name
		}
	}
	return "column"
}

// report keeps an error of types and lets the reading go on.
func (p *parser) report(e *Error) node {
	p.errors = append(p.errors, e)
	return and{}
}

// column finds the field that a token names; on Dataverse a lookup may be
// written as it stands in rows, _x_value.
func (p *parser) column(t token) *schema.Field {
	if f := p.table.Field(t.text); f != nil {
		return f
	}
	if inner, ok := strings.CutPrefix(t.text, "_"); ok {
		if inner, ok = strings.CutSuffix(inner, "_value"); ok {
			if f := p.table.Field(inner); f != nil && f.Type == schema.TypeLookup {
				return f
			}
		}
	}
	e := fail(t.start, t.end, fmt.Sprintf("%s has no column %q", p.table.Set, t.text), "")
	e.Cause = UnknownColumn
	if strings.Contains(t.text, "/") {
		e.Hint = "A filter reads the columns of its own table only."
	} else if s := p.speller.Suggest(t.text, p.table.FieldNames()); s != "" {
		e.Hint, e.Suggestion = fmt.Sprintf("Did you mean %q?", s), s
		e.Certain = diag.Certain(t.text, s, p.table.FieldNames())
	}
	p.errors = append(p.errors, e)
	return nil
}
