package odata

import (
	"fmt"
	"slices"
	"strings"
)

// Dialect is the way in which one of the services reads a filter.
type Dialect int

const (
	// Dataverse compares text without regard to case, excludes null rows from
	// every comparison and takes % and _ as wildcards in string functions.
	Dataverse Dialect = iota
	// FnO compares text without regard to case and trailing blanks, knows no
	// nulls, reads * in an equality as a wildcard, compares enums only with
	// eq and ne, and has no string functions.
	FnO
)

// Kind is the type of a column as far as comparisons go.
type Kind int

// The kinds of columns and the SQLite values their expressions must have.
const (
	Text   Kind = iota // text with collation NOCASE
	Number             // integer or real
	Bool               // 0 or 1
	Time               // text "2006-01-02T15:04:05Z"
	Date               // text "2006-01-02", with Column.DateSuffix behind it
	GUID               // text, lower case
	Enum               // text: the symbol, with collation NOCASE
)

func (k Kind) String() string {
	switch k {
	case Text:
		return "Edm.String"
	case Number:
		return "Edm.Decimal"
	case Bool:
		return "Edm.Boolean"
	case Time:
		return "Edm.DateTimeOffset"
	case Date:
		return "Edm.Date"
	case GUID:
		return "Edm.Guid"
	case Enum:
		return "Edm.Enum"
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Column is what a property path means in SQL.
type Column struct {
	Expr  string // SQL expression; text expressions carry collation NOCASE
	Order string // expression to sort by; "" where it is Expr

	Kind       Kind
	DateSuffix string // of Date columns: what follows the date in storage

	// Empty is the value that a NULL in storage stands for, as the expression
	// would give it (string, int64 or float64). Nil where NULL is null, or
	// where there is no NULL.
	Empty any

	EnumType string   // of Enum columns: the qualified type name
	Symbols  []string // of Enum columns
}

// Resolver finds the column of a property path; its errors are passed on.
type Resolver interface {
	Column(path []string) (Column, error)
}

// SQL translates a filter to an SQLite expression and its arguments. Plain
// comparisons come out as "column op ?", so that an index over the column with
// the column's collation serves them; chains of equalities of one column as an
// IN list. Errors are *TypeError, *UnsupportedError or the resolver's.
func SQL(n Node, r Resolver, d Dialect) (where string, args []any, err error) {
	t := &translator{resolver: r, dialect: d}
	if err := t.node(n, false); err != nil {
		return "", nil, err
	}
	return t.out.String(), t.args, nil
}

// OrderSQL translates an $orderby to the terms of an ORDER BY. Errors are the
// resolver's.
func OrderSQL(orders []Order, r Resolver) (string, error) {
	var terms []string
	for _, o := range orders {
		c, err := r.Column(o.Path)
		if err != nil {
			return "", err
		}
		term := c.Order
		if term == "" {
			term = c.coalesced()
		}
		if o.Desc {
			term += " DESC"
		}
		terms = append(terms, term)
	}
	return strings.Join(terms, ", "), nil
}

// coalesced is the expression with the empty value in place of NULL.
func (c Column) coalesced() string {
	if c.Empty == nil {
		return c.Expr
	}
	collate := ""
	if c.Kind == Text || c.Kind == Enum {
		collate = " COLLATE NOCASE"
	}
	return "coalesce(" + c.Expr + ", " + quote(c.Empty) + ")" + collate
}

func quote(v any) string {
	if s, ok := v.(string); ok {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return fmt.Sprint(v)
}

// translator writes a filter with its negations pushed down to the comparisons:
// the only form in which "NULL stands for the empty value" needs no coalesce
// around the column, which would keep SQLite from its indexes.
type translator struct {
	resolver Resolver
	dialect  Dialect
	out      strings.Builder
	args     []any
}

func (t *translator) write(parts ...string) {
	for _, p := range parts {
		t.out.WriteString(p)
	}
}

func (t *translator) bind(v any) {
	t.out.WriteByte('?')
	t.args = append(t.args, v)
}

func (t *translator) node(n Node, negated bool) error {
	switch n := n.(type) {
	case Not:
		return t.node(n.Term, !negated)
	case And:
		return t.chain(n.Terms, negated, negated)
	case Or:
		if among, ok := equalities(n, t.dialect); ok {
			among.Negated = negated
			return t.among(among, false)
		}
		return t.chain(n.Terms, !negated, negated)
	case Compare:
		return t.compare(n, negated)
	case Match:
		return t.match(n, negated)
	case Among:
		if t.dialect == FnO {
			return &UnsupportedError{What: "The function 'Microsoft.Dynamics.CRM.In'"}
		}
		n.Negated = n.Negated != negated
		return t.among(n, true)
	case Between:
		if t.dialect == FnO {
			return &UnsupportedError{What: "The function 'Microsoft.Dynamics.CRM.Between'"}
		}
		return t.between(n, negated)
	}
	return fmt.Errorf("odata: unknown node %T", n)
}

// chain writes the terms as a balanced tree, since SQLite limits the depth of
// an expression but not its width.
func (t *translator) chain(terms []Node, or, negated bool) error {
	if len(terms) == 1 {
		return t.node(terms[0], negated)
	}
	word := " AND "
	if or {
		word = " OR "
	}
	half := len(terms) / 2
	t.write("(")
	if err := t.chain(terms[:half], or, negated); err != nil {
		return err
	}
	t.write(word)
	if err := t.chain(terms[half:], or, negated); err != nil {
		return err
	}
	t.write(")")
	return nil
}

// equalities recognises "a eq 1 or a eq 2 or …".
func equalities(or Or, d Dialect) (Among, bool) {
	var among Among
	for _, term := range or.Terms {
		c, ok := term.(Compare)
		if !ok || c.Op != Eq {
			return Among{}, false
		}
		path, isPath := c.Left.(Path)
		lit, isLiteral := c.Right.(Literal)
		if !isPath || !isLiteral || lit.Kind == Null || lit.Kind == EnumLiteral || d == FnO && strings.Contains(lit.Text, "*") {
			return Among{}, false
		}
		if among.Path != nil && !slices.Equal(among.Path, path) {
			return Among{}, false
		}
		among.Path = path
		among.Values = append(among.Values, lit)
	}
	return among, true
}

// among writes an IN list; loose says that the values may be text whatever the
// column's type.
func (t *translator) among(n Among, loose bool) error {
	c, err := t.resolver.Column(n.Path)
	if err != nil {
		return err
	}
	values := make([]any, 0, len(n.Values))
	null := false
	for _, lit := range n.Values {
		if loose {
			if lit, err = loosen(lit, c); err != nil {
				return err
			}
		}
		v, exact, err := t.value(c, lit, Eq)
		if err != nil {
			return err
		}
		if exact {
			values = append(values, v)
			null = null || c.isEmpty(v)
		}
	}
	expr := c.Expr
	if null {
		expr = c.coalesced()
	}
	if len(values) == 0 {
		t.write(truth(n.Negated))
		return nil
	}
	orNull := n.Negated && c.Empty != nil && !null
	if orNull {
		t.write("(")
	}
	t.write(expr)
	if n.Negated {
		t.write(" NOT")
	}
	t.write(" IN (")
	for i, v := range values {
		if i > 0 {
			t.write(",")
		}
		t.bind(v)
	}
	t.write(")")
	if orNull {
		t.write(" OR ", c.Expr, " IS NULL)")
	}
	return nil
}

func (t *translator) between(n Between, negated bool) error {
	c, err := t.resolver.Column(n.Path)
	if err != nil {
		return err
	}
	low, err := loosen(n.Low, c)
	if err != nil {
		return err
	}
	high, err := loosen(n.High, c)
	if err != nil {
		return err
	}
	return t.node(And{Terms: []Node{
		Compare{Op: Ge, Left: n.Path, Right: low},
		Compare{Op: Le, Left: n.Path, Right: high},
	}}, n.Negated != negated)
}

// match writes a string function as LIKE.
func (t *translator) match(n Match, negated bool) error {
	if t.dialect == FnO {
		return &UnsupportedError{What: "The function '" + n.Function + "'"}
	}
	if err := plain(n.Subject); err != nil {
		return err
	}
	path, ok := n.Subject.(Path)
	if !ok {
		return &UnsupportedError{What: "A literal as the subject of " + n.Function}
	}
	c, err := t.resolver.Column(path)
	if err != nil {
		return err
	}
	if c.Kind != Text {
		return &TypeError{Left: c.Kind.String(), Right: String.String(), Op: n.Function}
	}
	pattern := n.Pattern.Text
	if n.Function != "startswith" {
		pattern = "%" + pattern
	}
	if n.Function != "endswith" {
		pattern += "%"
	}
	t.write(c.Expr)
	if negated {
		t.write(" NOT")
	}
	t.write(" LIKE ")
	t.bind(pattern)
	return nil
}

// plain refuses tolower and toupper: neither service lists them for its rows,
// whose comparisons disregard case anyway.
func plain(operands ...Operand) error {
	for _, o := range operands {
		if fold, ok := o.(Fold); ok {
			name := "tolower"
			if fold.Upper {
				name = "toupper"
			}
			return &UnsupportedError{What: "The function '" + name + "'"}
		}
	}
	return nil
}

func truth(v bool) string {
	if v {
		return "1"
	}
	return "0"
}
