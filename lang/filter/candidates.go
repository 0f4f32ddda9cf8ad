package filter

import (
	"math/big"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// candidates gives values of a column, one at least for every way in which the
// comparisons of a clause can come out together.
func (s *solver) candidates(f *schema.Field, atoms clause) []value.Value {
	var out []value.Value
	if s.filters[0].table.Side == value.Dataverse {
		out = append(out, value.Value{}) // F&O knows no null
	}
	var literals []value.Value
	for _, a := range atoms {
		if !a.literal.IsNull() {
			literals = append(literals, a.literal)
		}
	}
	switch f.Type {
	case schema.TypeText:
		out = append(out, texts(atoms)...)
	case schema.TypeEnum:
		for _, filter := range s.filters {
			if e := schema.FindEnum(filter.enums, f.Enum); e != nil {
				for _, m := range e.Members {
					out = append(out, value.NewSymbol(m.Name))
				}
				break
			}
		}
	case schema.TypeChoice:
		for _, o := range f.Options {
			out = append(out, value.NewOption(o.Value))
		}
		if len(f.Options) == 0 {
			out = append(out, around(literals, value.NewOption)...)
		}
	case schema.TypeBool:
		out = append(out, value.NewBool(true), value.NewBool(false))
	case schema.TypeInteger:
		out = append(out, within(f, around(literals, value.NewInteger))...)
	case schema.TypeDecimal:
		out = append(out, within(f, between(literals))...)
	case schema.TypeTime:
		out = append(out, moments(f, literals)...)
	case schema.TypeGuid, schema.TypeLookup:
		out = append(out, literals...)
		out = append(out, guids(literals))
	default:
		out = append(out, value.NewText("x")) // only null can be asked for
	}
	return out
}

// around gives whole numbers, those beside them, and one where there is none.
func around(literals []value.Value, make func(int64) value.Value) []value.Value {
	out := []value.Value{make(0)}
	for _, l := range literals {
		for _, d := range []int64{0, -1, 1} {
			out = append(out, make(l.Int()+d))
		}
	}
	return out
}

// between gives numbers, one between each two of them, and one beyond each end.
func between(literals []value.Value) []value.Value {
	out := []value.Value{value.NewInteger(0)}
	var numbers []*big.Rat
	for _, l := range literals {
		if r, ok := new(big.Rat).SetString(l.DecimalText()); ok {
			numbers = append(numbers, r)
			out = append(out, l)
		}
	}
	if len(numbers) == 0 {
		return out
	}
	slices.SortFunc(numbers, func(a, b *big.Rat) int { return a.Cmp(b) })
	one, half := big.NewRat(1, 1), big.NewRat(1, 2)
	add := func(r *big.Rat) {
		text, exact := r.FloatPrec()
		if v, err := value.NewDecimal(r.FloatString(text)); err == nil && exact {
			out = append(out, v)
		}
	}
	add(new(big.Rat).Sub(numbers[0], one))
	add(new(big.Rat).Add(numbers[len(numbers)-1], one))
	for i := 1; i < len(numbers); i++ {
		middle := new(big.Rat).Add(numbers[i-1], numbers[i])
		add(middle.Mul(middle, half))
	}
	return out
}

// within leaves out numbers that a column cannot have and adds its bounds.
func within(f *schema.Field, numbers []value.Value) []value.Value {
	low, errLow := value.NewDecimal(f.Min)
	high, errHigh := value.NewDecimal(f.Max)
	for _, bound := range []string{f.Min, f.Max} {
		if v, err := value.ParseInteger(bound); bound != "" && err == nil && f.Type == schema.TypeInteger {
			numbers = append(numbers, v)
		} else if v, err := value.NewDecimal(bound); bound != "" && err == nil && f.Type == schema.TypeDecimal {
			numbers = append(numbers, v)
		}
	}
	return slices.DeleteFunc(numbers, func(v value.Value) bool {
		if f.Min != "" && errLow == nil {
			if order, ok := value.Compare(v, low); ok && order < 0 {
				return true
			}
		}
		if f.Max != "" && errHigh == nil {
			if order, ok := value.Compare(v, high); ok && order > 0 {
				return true
			}
		}
		return false
	})
}

// moments gives times or days, and those beside them.
func moments(f *schema.Field, literals []value.Value) []value.Value {
	make, of := value.NewDateTime, value.Value.Unix
	if f.DateOnly {
		make, of = value.NewDate, value.Value.Days
	}
	out := []value.Value{make(0)}
	for _, l := range literals {
		for _, d := range []int64{0, -1, 1} {
			out = append(out, make(of(l)+d))
		}
	}
	return out
}

// guids gives a guid that is none of those given.
func guids(not []value.Value) value.Value {
	for _, digit := range "123456789abcdef0" {
		v := value.NewGuid("00000000-0000-4000-8000-" + strings.Repeat(string(digit), 12))
		if !slices.ContainsFunc(not, func(n value.Value) bool { return n.Guid() == v.Guid() }) {
			return v
		}
	}
	return value.NewGuid("ffffffff-ffff-4fff-8fff-ffffffffffff")
}

// texts gives all literals, a text that has to do with none of them, and one
// that begins, ends and contains what is asked for: with something between the
// parts that stands in no literal, so that nothing else comes about by chance.
func texts(atoms clause) []value.Value {
	all := ""
	for _, a := range atoms {
		all += a.literal.Text()
	}
	filler := "一"
	for _, r := range "一丁七万丈三上下" {
		if filler = string(r); !strings.Contains(all, filler) {
			break
		}
	}
	var out []value.Value
	add := func(s string) { out = append(out, value.NewText(s)) }
	add("")
	add(filler)
	prefix, suffix, middle := "", "", ""
	longer := func(a, b string) string {
		if len(a) > len(b) {
			return a
		}
		return b
	}
	for _, a := range atoms {
		text := a.literal.Text()
		add(text)
		if strings.Contains(text, "*") {
			add(strings.ReplaceAll(text, "*", ""))
			add(strings.ReplaceAll(text, "*", filler))
		}
		if a.want != wantYes && a.want != wantNotNo {
			continue
		}
		switch a.op {
		case opStartsWith:
			prefix = longer(prefix, text)
		case opEndsWith:
			suffix = longer(suffix, text)
		case opContains:
			middle += filler + text
		}
	}
	add(prefix + middle + filler + suffix)
	return out
}
