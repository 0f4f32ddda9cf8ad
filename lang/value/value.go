// Package value holds the typed values of record fields and their canonical
// forms. Values of records never pass through cty.
package value

// Side names one of the two systems. It stands here, in the lowest package,
// because everything that is typed is typed for a side.
type Side string

// The sides.
const (
	FnO       Side = "fno"
	Dataverse Side = "dataverse"
)

// Other gives the opposite side.
func (s Side) Other() Side {
	if s == FnO {
		return Dataverse
	}
	return FnO
}

// Title gives the name that people read.
func (s Side) Title() string {
	if s == FnO {
		return "F&O"
	}
	return "Dataverse"
}

// Kind is the type of a value.
type Kind uint8

// The kinds. Symbol is an F&O enum member by name, Option a Dataverse choice
// by number, Options a multi-select choice, Reference a Dataverse lookup.
const (
	Null Kind = iota
	Text
	Integer
	Decimal
	Bool
	Date
	DateTime
	Symbol
	Option
	Options
	Guid
	Reference
)

// Value is one canonical value. Two values of the same kind mean the same if
// and only if they are equal by ==: decimals carry no trailing zeros, times
// whole seconds of UTC, guids lower case. Text is kept byte for byte. The zero
// Value is null.
type Value struct {
	kind Kind
	n    int64  // Integer, Bool (0 or 1), Date (days since 1970-01-01), DateTime (Unix seconds), Option
	s    string // Text, Decimal (canonical), Symbol, Options ("1,9" ascending), Guid, Reference ("table/guid")
}

// Kind gives the type of the value.
func (v Value) Kind() Kind { return v.kind }

// IsNull tells whether the value is null.
func (v Value) IsNull() bool { return v.kind == Null }

// String is for people and messages.
func (v Value) String() string { return v.s }
