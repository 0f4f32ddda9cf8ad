package transform

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// samples gives values that a field can hold, an ordinary one first.
func (b *builder) samples(f *schema.Field) []value.Value {
	var out []value.Value
	switch f.Type {
	case schema.TypeText:
		for _, s := range []string{"Abc Def", "", "a", "A", "US-001", " lead", "trail ", "a-b_c.d", "ÄÖß é", "0", "00042", "x@Y.Z", " both  ways ", strings.Repeat("W", min(max(f.MaxLength, 1), 64))} {
			if f.MaxLength == 0 || utf16Length(s) <= f.MaxLength {
				out = append(out, value.NewText(s))
			}
		}
	case schema.TypeInteger:
		for _, n := range []int64{42, 0, 1, -1, 7, 1000} {
			out = append(out, value.NewInteger(n))
		}
	case schema.TypeDecimal:
		scale, known := f.Decimals()
		if !known {
			scale = 2
		}
		all := "1." + strings.Repeat("1", scale) // a digit in each place that the field keeps
		for _, text := range []string{"12.5", "0", "1", "-1.5", "0.01", "0.005", "12345.678901234", strings.TrimSuffix(all, ".")} {
			if v, err := value.NewDecimal(text); err == nil {
				out = append(out, v.Round(scale))
			}
		}
	case schema.TypeBool:
		out = append(out, value.NewBool(true), value.NewBool(false))
	case schema.TypeTime:
		for _, text := range []string{"2026-03-01T12:00:00Z", "1999-12-31T23:59:59Z", "2024-02-29T00:00:00Z"} {
			v, err := value.ParseDateTime(text)
			if f.DateOnly {
				v, err = value.ParseDate(text)
			}
			if err == nil {
				out = append(out, v)
			}
		}
	case schema.TypeEnum:
		if e := b.enum(f.Enum); e != nil {
			for _, m := range e.Members {
				out = append(out, value.NewSymbol(m.Name))
			}
		}
	case schema.TypeChoice:
		for _, o := range f.Options {
			out = append(out, value.NewOption(o.Value))
		}
	case schema.TypeGuid:
		out = append(out, value.NewGuid("0f8fad5b-d9cb-469f-a165-70867728950e"))
	}
	return out
}

// near gives values that a field can hold made of the literals of a field's
// expressions: there an expression changes its mind.
func near(f *schema.Field, literals []value.Value) []value.Value {
	var out []value.Value
	add := func(v value.Value, err error) {
		if err == nil && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	for _, v := range literals {
		text := v.String()
		switch f.Type {
		case schema.TypeText:
			for _, s := range []string{text, text + "a", "a" + text, text + text, "a" + text + "b", strings.ToLower(text), strings.ToUpper(text)} {
				if f.MaxLength == 0 || utf16Length(s) <= f.MaxLength {
					add(value.NewText(s), nil)
				}
			}
		case schema.TypeInteger:
			if n, err := value.ParseInteger(text); err == nil {
				add(n, nil)
				for _, step := range []int64{1, -1} {
					add(value.Arithmetic("+", n, value.NewInteger(step)))
				}
			}
		case schema.TypeDecimal:
			if d, err := value.NewDecimal(text); err == nil {
				add(d, nil)
				for _, step := range []int64{1, -1} {
					add(value.Arithmetic("+", d, value.NewInteger(step)))
				}
			}
		case schema.TypeTime:
			if f.DateOnly {
				add(value.ParseDate(text))
			} else {
				add(value.ParseDateTime(text))
			}
		}
	}
	return out
}

// literalsOf gives the literals that stand in some expressions, a few at most.
func literalsOf(exprs ...*expr.Expr) []value.Value {
	const most = 16
	var out []value.Value
	for _, e := range exprs {
		e.Walk(func(x *expr.Expr) {
			if x.Op == expr.OpLiteral && !x.Literal.IsNull() && x.Literal.String() != "" && len(out) < most && !slices.Contains(out, x.Literal) {
				out = append(out, x.Literal)
			}
		})
	}
	return out
}
