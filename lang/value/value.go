// Package value holds the typed values of record fields and their canonical
// forms. Values of records never pass through cty.
package value

import (
	"slices"
	"strconv"
	"strings"
)

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

// String gives the word used in messages.
func (k Kind) String() string {
	names := [...]string{"null", "text", "integer", "decimal", "bool", "date", "date-time", "enum member", "choice", "choices", "guid", "reference"}
	if int(k) < len(names) {
		return names[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Value is one canonical value. Two values of the same kind mean the same if
// and only if they are equal by ==: decimals carry no trailing zeros, times
// whole seconds of UTC, guids lower case. Text is kept byte for byte. The zero
// Value is null.
type Value struct {
	kind Kind
	n    int64  // Integer, Bool (0 or 1), Date (days since 1970-01-01), DateTime (Unix seconds), Option
	s    string // Text, Decimal (canonical), Symbol, Options ("1,9" ascending), Guid, Reference ("table/guid")
}

// NewText makes a text. "" is a text, not null.
func NewText(s string) Value { return Value{kind: Text, s: s} }

// NewInteger makes a whole number.
func NewInteger(n int64) Value { return Value{kind: Integer, n: n} }

// NewBool makes a truth value.
func NewBool(b bool) Value {
	if b {
		return Value{kind: Bool, n: 1}
	}
	return Value{kind: Bool}
}

// NewSymbol makes an F&O enum member of its name.
func NewSymbol(name string) Value { return Value{kind: Symbol, s: name} }

// NewOption makes a Dataverse choice of its number.
func NewOption(n int64) Value { return Value{kind: Option, n: n} }

// NewOptions makes a Dataverse multi-select choice; order and repetitions do
// not count. No numbers at all make the empty choice, which is not null.
func NewOptions(ns []int64) Value {
	ns = slices.Clone(ns)
	slices.Sort(ns)
	var b []byte
	for i, n := range slices.Compact(ns) {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return Value{kind: Options, s: string(b)}
}

// NewGuid makes a guid of text that is known to be one; only its case is
// changed. ParseGuid checks.
func NewGuid(guid string) Value { return Value{kind: Guid, s: strings.ToLower(guid)} }

// NewReference makes a Dataverse reference of the target's logical name and a
// text that is known to be a guid; only the case is changed.
func NewReference(table, guid string) Value {
	return Value{kind: Reference, s: strings.ToLower(table) + "/" + strings.ToLower(guid)}
}

// Kind gives the type of the value.
func (v Value) Kind() Kind { return v.kind }

// IsNull tells whether the value is null.
func (v Value) IsNull() bool { return v.kind == Null }

// Text gives the text of a Text or the name of a Symbol, "" for other kinds.
func (v Value) Text() string {
	if v.kind == Text || v.kind == Symbol {
		return v.s
	}
	return ""
}

// Int gives the number of an Integer or an Option, 0 for other kinds.
func (v Value) Int() int64 {
	if v.kind == Integer || v.kind == Option {
		return v.n
	}
	return 0
}

// DecimalText gives the canonical text of a Decimal or an Integer, "" for
// other kinds.
func (v Value) DecimalText() string {
	switch v.kind {
	case Decimal:
		return v.s
	case Integer:
		return strconv.FormatInt(v.n, 10)
	default:
		return ""
	}
}

// Bool gives the truth of a Bool, false for other kinds.
func (v Value) Bool() bool { return v.kind == Bool && v.n != 0 }

// Days gives the days of a Date since 1970-01-01, 0 for other kinds.
func (v Value) Days() int64 {
	if v.kind == Date {
		return v.n
	}
	return 0
}

// Unix gives the seconds of a DateTime since 1970-01-01T00:00:00Z, 0 for other
// kinds.
func (v Value) Unix() int64 {
	if v.kind == DateTime {
		return v.n
	}
	return 0
}

// OptionList gives the numbers of an Options in ascending order, nil for other
// kinds.
func (v Value) OptionList() []int64 {
	if v.kind != Options || v.s == "" {
		return nil
	}
	var ns []int64
	for part := range strings.SplitSeq(v.s, ",") {
		n, err := strconv.ParseInt(part, 10, 64)
		if err == nil { // always: the constructors write canonical numbers
			ns = append(ns, n)
		}
	}
	return ns
}

// Guid gives the lower-case text of a Guid or of the row that a Reference
// points at, "" for other kinds.
func (v Value) Guid() string {
	switch v.kind {
	case Guid:
		return v.s
	case Reference:
		_, id := v.Ref()
		return id
	default:
		return ""
	}
}

// Ref gives the logical name of the table and the guid of the row that a
// Reference points at, two empty texts for other kinds.
func (v Value) Ref() (table, guid string) {
	if v.kind != Reference {
		return "", ""
	}
	table, guid, _ = strings.Cut(v.s, "/")
	return table, guid
}

// String is for people and messages: dates as 2026-03-01, times as RFC 3339 in
// UTC, references as table/guid, null as "".
func (v Value) String() string {
	switch v.kind {
	case Null:
		return ""
	case Integer, Option:
		return strconv.FormatInt(v.n, 10)
	case Bool:
		if v.n != 0 {
			return "true"
		}
		return "false"
	case Date:
		return string(AppendDate(nil, v.n))
	case DateTime:
		return string(AppendDateTime(nil, v.n))
	default:
		return v.s
	}
}
