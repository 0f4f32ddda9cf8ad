package filter

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// maxClauses bounds the alternatives into which a filter is taken apart. What
// has more is not decided: every answer is then that a row may pass.
const maxClauses = 512

// A question about filters is decided by taking them apart into alternatives,
// each a list of comparisons that must all come out in a certain way, and by
// trying values for each column: all that a comparison could tell apart. So an
// answer of "no row" is proven.

// Never tells whether it is certain that no row passes the filter.
func (f *Filter) Never() bool { return Disjoint(f) }

// Always tells whether it is certain that every row passes the filter.
func (f *Filter) Always() bool {
	c, ok := clausesOf(f.root, wantNotYes)
	if !ok {
		return false
	}
	s := solver{filters: []*Filter{f}}
	return !slices.ContainsFunc(c, s.possible)
}

// Disjoint tells whether it is certain that no row passes all of the filters,
// which are of one table. A nil filter admits every row.
func Disjoint(filters ...*Filter) bool { return !PossibleWith(nil, filters...) }

// PossibleWith tells whether a row may pass all of the filters, which are of
// one table, where the values that some columns may have are known. Known gives
// them by the schema's name of the column; ok is false for columns that may
// have any value.
func PossibleWith(known func(column string) (values []value.Value, ok bool), filters ...*Filter) bool {
	s := solver{known: known}
	var all and
	for _, f := range filters {
		if f != nil {
			s.filters = append(s.filters, f)
			all.terms = append(all.terms, f.root)
		}
	}
	if len(s.filters) == 0 {
		return true
	}
	c, ok := clausesOf(all, wantYes)
	return !ok || slices.ContainsFunc(c, s.possible)
}

// Values gives which of some values of a column rows may have that pass the
// filter.
func (f *Filter) Values(column string, of []value.Value) []value.Value {
	var out []value.Value
	for _, v := range of {
		only := func(name string) ([]value.Value, bool) { return []value.Value{v}, strings.EqualFold(name, column) }
		if PossibleWith(only, f) {
			out = append(out, v)
		}
	}
	return out
}

// Candidates gives values of a column, one at least for every way in which the
// filter's comparisons of it can come out; none where the filter does not read
// it.
func (f *Filter) Candidates(column string) []value.Value {
	var atoms clause
	walk(f.root, func(c compare) {
		if strings.EqualFold(c.field.Name, column) {
			atoms = append(atoms, atom{compare: c})
		}
	})
	if len(atoms) == 0 {
		return nil
	}
	s := solver{filters: []*Filter{f}}
	return s.candidates(atoms[0].field, atoms)
}

// want is how a comparison must come out.
type want uint8

const (
	wantYes want = iota
	wantNo
	wantNotYes
	wantNotNo
)

func (w want) holds(t truth) bool {
	switch w {
	case wantYes:
		return t == yes
	case wantNo:
		return t == no
	case wantNotYes:
		return t != yes
	default:
		return t != no
	}
}

// negated is what the inside of a "not" must come out as.
func (w want) negated() want {
	return [...]want{wantYes: wantNo, wantNo: wantYes, wantNotYes: wantNotNo, wantNotNo: wantNotYes}[w]
}

// atom is a comparison that must come out in a certain way.
type atom struct {
	compare
	want want
}

// clause is one alternative: all atoms hold.
type clause []atom

// clausesOf takes a tree apart; ok is false where that is too much.
func clausesOf(n node, w want) (out []clause, ok bool) {
	switch n := n.(type) {
	case not:
		return clausesOf(n.term, w.negated())
	case and:
		return joined(n.terms, w, w == wantYes || w == wantNotNo)
	case or:
		return joined(n.terms, w, w == wantNo || w == wantNotYes)
	default:
		return []clause{{atom{n.(compare), w}}}, true
	}
}

// joined takes terms apart of which all must come out as wanted, or one.
func joined(terms []node, w want, all bool) (out []clause, ok bool) {
	if all {
		out = []clause{nil}
	}
	for _, t := range terms {
		c, ok := clausesOf(t, w)
		if !ok || len(c)*max(1, len(out)) > maxClauses || len(c)+len(out) > maxClauses {
			return nil, false
		}
		if !all {
			out = append(out, c...)
			continue
		}
		var product []clause
		for _, left := range out {
			for _, right := range c {
				product = append(product, slices.Concat(left, right))
			}
		}
		out = product
	}
	return out, true
}

// solver looks for a row.
type solver struct {
	filters []*Filter
	known   func(column string) ([]value.Value, bool)
}

// possible tells whether a row may be as a clause says: columns are
// independent of each other.
func (s *solver) possible(c clause) bool {
	_, ok := s.witness(c)
	return ok
}

// witness gives a row that is as a clause says, by lower case names of columns;
// a column that is missing from it may have any value.
func (s *solver) witness(c clause) (row map[string]value.Value, ok bool) {
	byColumn := map[string]clause{}
	for _, a := range c {
		name := strings.ToLower(a.field.Name)
		byColumn[name] = append(byColumn[name], a)
	}
	row = map[string]value.Value{}
	for name, atoms := range byColumn {
		f := atoms[0].field
		candidates, isKnown := []value.Value(nil), false
		if s.known != nil {
			candidates, isKnown = s.known(f.Name)
		}
		if !isKnown {
			candidates = s.candidates(f, atoms)
		}
		at := slices.IndexFunc(candidates, func(v value.Value) bool { return s.meets(atoms, v) })
		switch {
		case at >= 0:
			row[name] = candidates[at]
		case !isKnown && hasWildcards(f, atoms):
			row[name] = value.Value{} // what several patterns leave is not decided
		default:
			return nil, false
		}
	}
	return row, true
}

// meets tells whether a value of a column is as all atoms say.
func (s *solver) meets(atoms clause, v value.Value) bool {
	for _, a := range atoms {
		if !a.want.holds(s.filters[0].bindCompare(a.compare, 0)([]value.Value{v})) {
			return false
		}
	}
	return true
}

// hasWildcards tells whether F&O's asterisks stand in a comparison: together
// with others candidates would not be all that there is.
func hasWildcards(f *schema.Field, atoms clause) bool {
	return f.Type == schema.TypeText && len(atoms) > 1 && slices.ContainsFunc(atoms, func(a atom) bool {
		return a.op == opEq && strings.Contains(a.literal.Text(), "*")
	})
}

// Equals gives the columns of which every row that passes the filter has one
// certain value, by lower case names, each with a text that stands for the
// value: two filters with different texts for one column admit no common row.
func (f *Filter) Equals() map[string]string {
	c, ok := clausesOf(f.root, wantYes)
	if !ok || len(c) != 1 {
		return nil
	}
	out := map[string]string{}
	for _, a := range c[0] {
		if a.want != wantYes || a.op != opEq || a.literal.IsNull() || strings.Contains(a.literal.Text(), "*") {
			continue
		}
		out[strings.ToLower(a.field.Name)] = value.Fold(a.literal.String())
	}
	return out
}
