// Package expr is the value expressions of maps as a small tree of our own.
// The tree has a JSON form, since deployed versions of a map are stored and
// run from it without their HCL.
package expr

import (
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
)

// Op is the kind of a node.
type Op string

// The kinds of nodes.
const (
	OpValue   Op = "value"   // the value of the field on the sending side
	OpRecord  Op = "record"  // record.Name: another field of the sending record
	OpCompany Op = "company" // the record's company code
	OpLiteral Op = "literal"
	OpCall    Op = "call"   // Name(Args...)
	OpUnary   Op = "unary"  // Name is "!" or "-"
	OpBinary  Op = "binary" // Name is one of == != < <= > >= && || + - * /
	OpCond    Op = "cond"   // Args: condition, then, else
	OpConcat  Op = "concat" // a template: the texts of Args joined
)

// Expr is a node.
type Expr struct {
	Op      Op          `json:"op"`
	Name    string      `json:"name,omitempty"`
	Literal value.Value `json:"literal,omitzero"`
	Args    []*Expr     `json:"args,omitempty"`
	Range   diag.Range  `json:"-"`
}

// Walk calls f for e and all nodes below it, parents first.
func (e *Expr) Walk(f func(*Expr)) {
	if e == nil {
		return
	}
	f(e)
	for _, a := range e.Args {
		a.Walk(f)
	}
}
