package transform

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
)

// computation is a compiled expression over a record and the field's value.
//
// Null goes through: an operator or function with a null argument gives null.
// The exceptions: coalesce; == and !=, to which null is a value like others;
// a condition that is null counts as false; a template takes null for "".
type computation func(r *Record, v value.Value) (value.Value, error)

// expression compiles a tree that reads records of a side; nil where it has
// mistakes, which are reported.
func (b *builder) expression(e *expr.Expr, from value.Side) computation {
	if e == nil {
		b.fail(diag.CodeBadExpression, diag.Range{}, "a value expression has an empty part", "", "")
		return nil
	}
	args := make([]computation, len(e.Args))
	for i, a := range e.Args {
		if args[i] = b.expression(a, from); args[i] == nil {
			return nil
		}
	}
	switch e.Op {
	case expr.OpValue:
		return func(_ *Record, v value.Value) (value.Value, error) { return v, nil }
	case expr.OpCompany:
		return func(r *Record, _ value.Value) (value.Value, error) { return value.NewText(r.Company), nil }
	case expr.OpLiteral:
		literal := e.Literal
		return func(*Record, value.Value) (value.Value, error) { return literal, nil }
	case expr.OpRecord:
		f := b.lookUp(from, model.Named{Name: e.Name, Range: e.Range})
		if f == nil {
			return nil
		}
		i := b.column(from, f)
		return func(r *Record, _ value.Value) (value.Value, error) { return r.Values[i], nil }
	case expr.OpConcat:
		return concat(args)
	case expr.OpCall:
		return b.call(e, args)
	case expr.OpUnary, expr.OpBinary, expr.OpCond:
		if c := operator(e, args); c != nil {
			return c
		}
	}
	b.fail(diag.CodeBadExpression, e.Range, fmt.Sprintf("%s %s is not possible in a value expression", e.Op, e.Name), "", "")
	return nil
}

func (b *builder) call(e *expr.Expr, args []computation) computation {
	f, known := expr.FunctionNamed(e.Name)
	run := functionNamed(e.Name)
	if !known || run == nil {
		b.fail(diag.CodeUnknownFunction, e.Range, fmt.Sprintf("there is no function %s", e.Name), "", "")
		return nil
	}
	if len(args) < f.Min || f.Max >= 0 && len(args) > f.Max {
		b.fail(diag.CodeFunctionArguments, e.Range, fmt.Sprintf("%s does not take %s", e.Name, countOf(len(args), "argument")), f.Doc, f.Example)
		return nil
	}
	name := e.Name
	takesNull := name == "coalesce"
	return func(r *Record, v value.Value) (value.Value, error) {
		var few [4]value.Value
		values := few[:0]
		for _, a := range args {
			x, err := a(r, v)
			if err != nil {
				return value.Value{}, err
			}
			if x.IsNull() && !takesNull {
				return value.Value{}, nil
			}
			values = append(values, x)
		}
		out, err := run(values)
		if err != nil {
			return value.Value{}, fmt.Errorf("%s: %w", name, err)
		}
		return out, nil
	}
}

func concat(args []computation) computation {
	return func(r *Record, v value.Value) (value.Value, error) {
		var b strings.Builder
		for _, a := range args {
			x, err := a(r, v)
			if err != nil {
				return value.Value{}, err
			}
			b.WriteString(x.String())
		}
		return value.NewText(b.String()), nil
	}
}

// operator compiles operators and conditions; nil for one that does not exist.
func operator(e *expr.Expr, args []computation) computation {
	switch {
	case e.Op == expr.OpCond && len(args) == 3:
		return func(r *Record, v value.Value) (value.Value, error) {
			yes, err := truth(args[0], r, v)
			if err != nil {
				return value.Value{}, err
			}
			if yes {
				return args[1](r, v)
			}
			return args[2](r, v)
		}
	case e.Op == expr.OpUnary && len(args) == 1 && e.Name == "!":
		return func(r *Record, v value.Value) (value.Value, error) {
			yes, err := truth(args[0], r, v)
			return value.NewBool(!yes), err
		}
	case e.Op == expr.OpUnary && len(args) == 1 && e.Name == "-":
		return func(r *Record, v value.Value) (value.Value, error) {
			x, err := args[0](r, v)
			if err != nil || x.IsNull() {
				return value.Value{}, err
			}
			return value.Arithmetic("-", value.NewInteger(0), x)
		}
	case e.Op != expr.OpBinary || len(args) != 2:
		return nil
	}
	switch e.Name {
	case "&&", "||":
		stop := e.Name == "||" // the truth that decides without the other side
		return func(r *Record, v value.Value) (value.Value, error) {
			yes, err := truth(args[0], r, v)
			if err == nil && yes != stop {
				yes, err = truth(args[1], r, v)
			}
			return value.NewBool(yes), err
		}
	case "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/":
		return binary(e.Name, args[0], args[1])
	default:
		return nil
	}
}

func truth(c computation, r *Record, v value.Value) (bool, error) {
	x, err := c(r, v)
	if err != nil || x.IsNull() {
		return false, err
	}
	if x.Kind() == value.Bool {
		return x.Bool(), nil
	}
	if x.Kind() == value.Symbol && (strings.EqualFold(x.Text(), "Yes") || strings.EqualFold(x.Text(), "No")) {
		return strings.EqualFold(x.Text(), "Yes"), nil
	}
	return false, fmt.Errorf("%s %q is neither true nor false", x.Kind(), clip(x.String()))
}

func binary(name string, left, right computation) computation {
	return func(r *Record, v value.Value) (value.Value, error) {
		a, err := left(r, v)
		if err != nil {
			return value.Value{}, err
		}
		b, err := right(r, v)
		if err != nil {
			return value.Value{}, err
		}
		switch name {
		case "==", "!=":
			return value.NewBool(alike(a, b) == (name == "==")), nil
		}
		if a.IsNull() || b.IsNull() {
			return value.Value{}, nil
		}
		switch name {
		case "+", "-", "*", "/":
			return value.Arithmetic(name, a, b)
		}
		order, ok := value.Compare(plainKind(a), plainKind(b))
		if !ok {
			return value.Value{}, fmt.Errorf("%s %q and %s %q have no order", a.Kind(), clip(a.String()), b.Kind(), clip(b.String()))
		}
		switch name {
		case "<":
			return value.NewBool(order < 0), nil
		case "<=":
			return value.NewBool(order <= 0), nil
		case ">":
			return value.NewBool(order > 0), nil
		default:
			return value.NewBool(order >= 0), nil
		}
	}
}

// alike compares values as an author writes them: choices with whole numbers,
// enum members, dates and guids with texts.
func alike(a, b value.Value) bool {
	if a == b {
		return true
	}
	if a.IsNull() || b.IsNull() {
		return false
	}
	a, b = plainKind(a), plainKind(b)
	if order, ok := value.Compare(a, b); ok {
		return order == 0
	}
	if a.Kind() == value.Text || b.Kind() == value.Text {
		return a.String() == b.String()
	}
	return false
}

// plainKind gives choices as whole numbers and enum members as texts.
func plainKind(v value.Value) value.Value {
	switch v.Kind() {
	case value.Option:
		return value.NewInteger(v.Int())
	case value.Symbol:
		return value.NewText(v.Text())
	default:
		return v
	}
}
