// Package filter reads the OData filters of maps, checks them against the
// schema of a table, writes them for the service and evaluates them over the
// values of a record. A filter that it cannot evaluate exactly as the service
// does is an error.
package filter

import (
	"fmt"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// maxDepth bounds the nesting of brackets and negations.
const maxDepth = 100

// Cause is what kind of mistake an error is.
type Cause uint8

// The causes.
const (
	CannotEvaluate Cause = iota // syntax, types, and what dw cannot repeat as the service does it
	UnknownColumn
	UnknownValue // an enum member or a choice that its column does not have
	QueryRange   // a query range of F&O in X++, where OData is meant
)

// Error is a mistake in a filter. Start and End are byte offsets into its
// text.
type Error struct {
	Cause      Cause
	Start, End int
	Summary    string
	Hint       string
	Suggestion string // what the text between Start and End was meant to be, if known
	Certain    bool   // nothing else can be meant than Suggestion
}

// Error gives the place and what is wrong.
func (e *Error) Error() string {
	return fmt.Sprintf("filter, at character %d: %s", e.Start+1, e.Summary)
}

func fail(start, end int, summary, hint string) *Error {
	return &Error{Start: start, End: end, Summary: summary, Hint: hint}
}

// Filter is a checked filter of one table. It is immutable.
type Filter struct {
	table *schema.Table
	enums []schema.Enum
	root  node
}

// op is a comparison.
type op uint8

const (
	opEq op = iota
	opNe
	opGt
	opGe
	opLt
	opLe
	opContains
	opStartsWith
	opEndsWith
)

var opNames = [...]string{"eq", "ne", "gt", "ge", "lt", "le", "contains", "startswith", "endswith"}

// node is a part of the tree.
type node interface{ isNode() }

type (
	and struct{ terms []node }
	or  struct{ terms []node }
	not struct{ term node }
	// compare is a column with a literal; a null literal asks for nothing.
	compare struct {
		field   *schema.Field
		op      op
		literal value.Value

		null       bool // the filter says null
		start, end int  // of the literal
	}
)

func (and) isNode()     {}
func (or) isNode()      {}
func (not) isNode()     {}
func (compare) isNode() {}

// Compile reads a filter of a table. Enums are the F&O enum types that its
// columns have. All mistakes of types and names are given, in their order; a
// syntax error is the only one of its list.
func Compile(text string, table *schema.Table, enums []schema.Enum) (*Filter, []*Error) {
	f, errs := compileOData(text, table, enums)
	if f == nil {
		if e := queryRange(text, table, enums); e != nil {
			return nil, []*Error{e}
		}
	}
	return f, errs
}

func compileOData(text string, table *schema.Table, enums []schema.Enum) (*Filter, []*Error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, []*Error{err}
	}
	p := &parser{text: text, tokens: tokens, table: table, enums: enums}
	root, err := p.or(0)
	if err == nil && p.peek().kind != tokEnd {
		t := p.peek()
		err = fail(t.start, t.end, fmt.Sprintf("unexpected %q", t.text), "Join conditions by and, or.")
	}
	if err != nil {
		return nil, []*Error{err}
	}
	if len(p.errors) > 0 {
		return nil, p.errors
	}
	return &Filter{table: table, enums: enums, root: root}, nil
}

// Columns gives the names of the columns that the filter reads, in the order
// of their first use and in the schema's spelling.
func (f *Filter) Columns() []string {
	var names []string
	seen := map[string]bool{}
	walk(f.root, func(c compare) {
		if !seen[c.field.Name] {
			seen[c.field.Name] = true
			names = append(names, c.field.Name)
		}
	})
	return names
}

// Condition is a comparison of a filter, as it is written.
type Condition struct {
	Column     *schema.Field
	Op         string // eq, ne, gt, ge, lt, le, contains, startswith, endswith
	Literal    value.Value
	Null       bool // the literal is null
	Start, End int  // of the literal in the text
}

// Conditions gives all comparisons, in their order.
func (f *Filter) Conditions() []Condition {
	var out []Condition
	walk(f.root, func(c compare) {
		out = append(out, Condition{Column: c.field, Op: opNames[c.op], Literal: c.literal, Null: c.null, Start: c.start, End: c.end})
	})
	return out
}

func walk(n node, visit func(compare)) {
	switch n := n.(type) {
	case and:
		for _, t := range n.terms {
			walk(t, visit)
		}
	case or:
		for _, t := range n.terms {
			walk(t, visit)
		}
	case not:
		walk(n.term, visit)
	case compare:
		visit(n)
	}
}
