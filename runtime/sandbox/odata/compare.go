package odata

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

var inverse = map[Op]Op{Eq: Ne, Ne: Eq, Gt: Le, Le: Gt, Lt: Ge, Ge: Lt}

var mirrored = map[Op]Op{Eq: Eq, Ne: Ne, Gt: Lt, Lt: Gt, Ge: Le, Le: Ge}

var symbols = map[Op]string{Eq: " = ", Ne: " <> ", Gt: " > ", Ge: " >= ", Lt: " < ", Le: " <= "}

// operatorKind is the operator's name in the services' error texts.
var operatorKind = map[Op]string{Eq: "Equal", Ne: "NotEqual", Gt: "GreaterThan", Ge: "GreaterThanOrEqual", Lt: "LessThan", Le: "LessThanOrEqual"}

func (t *translator) compare(n Compare, negated bool) error {
	op := n.Op
	if negated {
		op = inverse[op]
	}
	if err := plain(n.Left, n.Right); err != nil {
		return err
	}
	left, right := n.Left, n.Right
	if _, isPath := left.(Path); !isPath {
		left, right, op = right, left, mirrored[op]
	}
	path, isPath := left.(Path)
	if !isPath {
		return &UnsupportedError{What: "A comparison of two literals"}
	}
	c, err := t.resolver.Column(path)
	if err != nil {
		return err
	}
	if other, isPath := right.(Path); isPath {
		return t.compareColumns(c, op, other)
	}
	return t.compareLiteral(c, op, right.(Literal))
}

func (t *translator) compareColumns(c Column, op Op, other Path) error {
	d, err := t.resolver.Column(other)
	if err != nil {
		return err
	}
	if c.Kind != d.Kind || c.EnumType != d.EnumType {
		return &TypeError{Left: c.typeName(), Right: d.typeName(), Op: operatorKind[op]}
	}
	t.write(c.coalesced(), symbols[op], d.coalesced())
	return nil
}

func (t *translator) compareLiteral(c Column, op Op, lit Literal) error {
	if lit.Kind == Null {
		return t.compareNull(c, op)
	}
	if t.dialect == FnO && c.Kind == Text && lit.Kind == String && (op == Eq || op == Ne) && strings.Contains(lit.Text, "*") {
		t.wildcard(c, op, lit.Text)
		return nil
	}
	v, exact, err := t.value(c, lit, op)
	if err != nil {
		return err
	}
	if !exact {
		// The literal lies between two values that the column can have.
		switch op {
		case Eq:
			t.write("0")
			return nil
		case Ne:
			t.write("(", c.coalesced(), " IS NOT NULL)")
			return nil
		case Ge:
			op = Gt
		case Lt:
			op = Le
		}
	}
	if c.Empty != nil && holds(c.Empty, op, v) {
		t.write("(", c.Expr, symbols[op])
		t.bind(v)
		t.write(" OR ", c.Expr, " IS NULL)")
		return nil
	}
	t.write(c.Expr, symbols[op])
	t.bind(v)
	return nil
}

func (t *translator) compareNull(c Column, op Op) error {
	switch {
	case op != Eq && op != Ne:
		t.write("0")
	case t.dialect == FnO:
		t.write(truth(op == Ne))
	case op == Eq:
		t.write(c.Expr, " IS NULL")
	default:
		t.write(c.Expr, " IS NOT NULL")
	}
	return nil
}

// wildcard writes an equality with asterisks, which match any text.
func (t *translator) wildcard(c Column, op Op, text string) {
	pattern := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, `*`, `%`).Replace(strings.TrimRight(text, " "))
	t.write(c.coalesced())
	if op == Ne {
		t.write(" NOT")
	}
	t.write(" LIKE ")
	t.bind(pattern)
	t.write(` ESCAPE '\'`)
}

// value gives the SQL value of a literal for a comparison with a column. exact
// is false where the column cannot have that value and the next lower one is
// given instead.
func (t *translator) value(c Column, lit Literal, op Op) (v any, exact bool, err error) {
	mismatch := &TypeError{Left: c.typeName(), Right: lit.typeName(), Op: operatorKind[op]}
	switch c.Kind {
	case Text:
		if lit.Kind != String {
			return nil, false, mismatch
		}
		if t.dialect == FnO {
			return strings.TrimRight(lit.Text, " "), true, nil
		}
		return lit.Text, true, nil
	case Number:
		if lit.Kind != Numeral {
			return nil, false, mismatch
		}
		if i, err := strconv.ParseInt(lit.Text, 10, 64); err == nil {
			return i, true, nil
		}
		f, err := strconv.ParseFloat(lit.Text, 64)
		if err != nil {
			return nil, false, mismatch
		}
		return f, true, nil
	case Bool:
		if lit.Kind != Boolean {
			return nil, false, mismatch
		}
		if lit.Text == "true" {
			return int64(1), true, nil
		}
		return int64(0), true, nil
	case Time:
		if lit.Kind != DateTimeLiteral && lit.Kind != DateLiteral {
			return nil, false, mismatch
		}
		return lit.Time.Format("2006-01-02T15:04:05Z"), lit.Time.Nanosecond() == 0, nil
	case Date:
		if lit.Kind != DateTimeLiteral && lit.Kind != DateLiteral {
			return nil, false, mismatch
		}
		return lit.Time.Format(time.DateOnly) + c.DateSuffix, true, nil
	case GUID:
		quoted := t.dialect == Dataverse && lit.Kind == String && guidPattern.MatchString(lit.Text)
		if lit.Kind != GUIDLiteral && !quoted {
			return nil, false, mismatch
		}
		return strings.ToLower(lit.Text), true, nil
	case Enum:
		return t.symbol(c, lit, op)
	}
	return nil, false, mismatch
}

// symbol gives the symbol of an enum literal, in the enum's own case.
func (t *translator) symbol(c Column, lit Literal, op Op) (v any, exact bool, err error) {
	mismatch := &TypeError{Left: c.typeName(), Right: lit.typeName(), Op: operatorKind[op]}
	if lit.Kind != EnumLiteral || lit.Type != c.EnumType {
		return nil, false, mismatch
	}
	if op != Eq && op != Ne {
		return nil, false, &UnsupportedError{What: "The operator '" + string(op) + "' on an enum"}
	}
	for _, s := range c.Symbols {
		if s == lit.Text {
			return s, true, nil
		}
	}
	return nil, false, &UnsupportedError{What: "The value '" + lit.Text + "' of the enum type '" + c.EnumType + "'"}
}

// loosen turns a text value of In and Between into a literal of the column's
// kind.
func loosen(lit Literal, c Column) (Literal, error) {
	if lit.Kind != String || c.Kind == Text {
		return lit, nil
	}
	bare, ok, err := bareLiteral(token{text: strings.TrimSpace(lit.Text)})
	if err != nil || !ok {
		return lit, &TypeError{Left: c.typeName(), Right: lit.typeName(), Op: "In"}
	}
	if c.Kind == Bool && bare.Kind == Numeral && (bare.Text == "0" || bare.Text == "1") {
		return Literal{Kind: Boolean, Text: strconv.FormatBool(bare.Text == "1")}, nil
	}
	return bare, nil
}

func (c Column) typeName() string {
	if c.Kind == Enum {
		return c.EnumType
	}
	return c.Kind.String()
}

func (l Literal) typeName() string {
	switch l.Kind {
	case EnumLiteral:
		return l.Type
	case Numeral:
		if strings.ContainsAny(l.Text, ".eE") {
			return "Edm.Decimal"
		}
		return "Edm.Int32"
	}
	return l.Kind.String()
}

// isEmpty says that the value is the one that NULL stands for.
func (c Column) isEmpty(v any) bool { return c.Empty != nil && holds(c.Empty, Eq, v) }

// holds compares two values of one column as SQLite would.
func holds(left any, op Op, right any) bool {
	order := 0
	if l, ok := left.(string); ok {
		r, _ := right.(string)
		order = strings.Compare(strings.ToLower(l), strings.ToLower(r))
	} else {
		order = cmp.Compare(number(left), number(right))
	}
	switch op {
	case Eq:
		return order == 0
	case Ne:
		return order != 0
	case Gt:
		return order > 0
	case Ge:
		return order >= 0
	case Lt:
		return order < 0
	default:
		return order <= 0
	}
}

func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return 0
}
