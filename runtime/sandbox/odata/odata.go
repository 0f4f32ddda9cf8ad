// Package odata reads the OData query options and key predicates that the
// twins receive and translates them to SQLite.
//
// It belongs to the twins alone and shares nothing with the connectors, so that
// a misreading of the protocol cannot hide on both ends of the wire.
package odata

import (
	"fmt"
	"time"
)

// Limits of what is accepted; beyond them a SyntaxError is returned.
const (
	MaxLength   = 128 << 10 // bytes of one option
	MaxDepth    = 100       // nested parentheses, functions and nots
	MaxLiterals = 16000     // literals of one filter; SQLite binds at most 32,766
)

// Node is a boolean expression of a filter: And, Or, Not, Compare, Match, Among
// or Between.
type Node interface{ isNode() }

// Operand is a side of a comparison: Path, Literal or Fold.
type Operand interface{ isOperand() }

// And holds where all of two or more terms hold.
type And struct{ Terms []Node }

// Or holds where one of two or more terms holds.
type Or struct{ Terms []Node }

// Not negates a term.
type Not struct{ Term Node }

// Op is a comparison operator as OData writes it.
type Op string

// The comparison operators.
const (
	Eq Op = "eq"
	Ne Op = "ne"
	Gt Op = "gt"
	Ge Op = "ge"
	Lt Op = "lt"
	Le Op = "le"
)

// Compare compares two operands.
type Compare struct {
	Op          Op
	Left, Right Operand
}

// Match is contains, startswith or endswith.
type Match struct {
	Function string
	Subject  Operand
	Pattern  Literal
}

// Among is Microsoft.Dynamics.CRM.In or NotIn: the property's value is one of
// the values, which are written as text whatever the property's type.
type Among struct {
	Negated bool
	Path    Path
	Values  []Literal
}

// Between is Microsoft.Dynamics.CRM.Between or NotBetween, bounds included.
type Between struct {
	Negated   bool
	Path      Path
	Low, High Literal
}

func (And) isNode()     {}
func (Or) isNode()      {}
func (Not) isNode()     {}
func (Compare) isNode() {}
func (Match) isNode()   {}
func (Among) isNode()   {}
func (Between) isNode() {}

// Path names a property, through navigation properties where it has more than
// one segment.
type Path []string

// Fold is tolower or toupper of an operand.
type Fold struct {
	Upper   bool
	Operand Operand
}

// LiteralKind is the form in which a literal was written.
type LiteralKind int

// The forms of literals.
const (
	Null LiteralKind = iota
	String
	Numeral
	Boolean
	GUIDLiteral
	DateLiteral
	DateTimeLiteral
	EnumLiteral
)

func (k LiteralKind) String() string {
	switch k {
	case Null:
		return "null"
	case String:
		return "Edm.String"
	case Numeral:
		return "a number"
	case Boolean:
		return "Edm.Boolean"
	case GUIDLiteral:
		return "Edm.Guid"
	case DateLiteral:
		return "Edm.Date"
	case DateTimeLiteral:
		return "Edm.DateTimeOffset"
	case EnumLiteral:
		return "an enum"
	}
	return fmt.Sprintf("LiteralKind(%d)", int(k))
}

// Literal is a constant. Text is the value without quotes: unescaped for
// strings, lower case for guids, "true" or "false" for booleans, the symbol for
// enums, otherwise as written.
type Literal struct {
	Kind LiteralKind
	Text string
	Type string    // of enum literals, the qualified type name before the quote
	Time time.Time // of dates and datetimes, in UTC
}

func (Path) isOperand()    {}
func (Fold) isOperand()    {}
func (Literal) isOperand() {}

// Order is one term of $orderby.
type Order struct {
	Path Path
	Desc bool
}

// KeyPart is one part of a key predicate; Name is empty in the positional form
// Set(value).
type KeyPart struct {
	Name  string
	Value Literal
}

// Expand is one navigation property of $expand with its nested options, keyed
// with their dollar sign.
type Expand struct {
	Path    Path
	Options map[string]string
}

// SyntaxError is text that is not OData.
type SyntaxError struct {
	Offset  int // bytes from the start of the option
	Message string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at position %d", e.Message, e.Offset)
}

// TypeError is a comparison of types that cannot be compared.
type TypeError struct {
	Left, Right string // Edm types, as far as they are known
	Op          string
}

func (e *TypeError) Error() string {
	return fmt.Sprintf("A binary operator with incompatible types was detected. Found operand types '%s' and '%s' for operator kind '%s'.", e.Left, e.Right, e.Op)
}

// UnsupportedError is well-formed OData that the service does not offer.
type UnsupportedError struct{ What string }

func (e *UnsupportedError) Error() string { return e.What + " is not supported." }
