package planner

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
)

// sign shows a direction as dual-write shows it: F&O on the left.
func sign(d model.Direction) string {
	switch d {
	case model.ToDataverse:
		return ">"
	case model.ToFnO:
		return "<"
	default:
		return "="
	}
}

// fieldText says all about one field but what stands in its name's place:
// settings of lookups are facts of their own.
func fieldText(f *model.Field) string {
	var b strings.Builder
	switch {
	case f.IsConstant && f.Column.Name == "":
		b.WriteString(f.FnO.Name + " < " + literalText(f.Constant))
	case f.IsConstant:
		b.WriteString(literalText(f.Constant) + " > " + f.Column.Name)
	case len(f.Targets) > 0:
		b.WriteString(targetsText(f))
	default:
		b.WriteString(f.FnO.Name + " " + sign(f.Direction) + " " + f.Name())
	}
	if f.ToDataverse != nil {
		b.WriteString("; to_dataverse = " + exprText(f.ToDataverse))
	}
	if f.ToFnO != nil {
		b.WriteString("; to_fno = " + exprText(f.ToFnO))
	}
	if f.Values != nil {
		b.WriteString("; values " + enumText(f.Values))
	}
	switch {
	case f.Writes == "create":
		b.WriteString("; on create only")
	case f.IsConstant:
		b.WriteString("; always")
	}
	return b.String()
}

// targetsText shows a lookup of several fields or tables. The order of the
// tables is that in which they are tried.
func targetsText(f *model.Field) string {
	var names []string
	for _, n := range f.FnOFields() {
		names = append(names, n.Name)
	}
	targets := make([]string, len(f.Targets))
	for i, t := range f.Targets {
		parts := make([]string, len(t.Match))
		for j, m := range t.Match {
			parts[j] = m.FnO.Name + " = " + strings.Join(m.Path, ".")
		}
		targets[i] = t.Table.Name
		if targets[i] != "" {
			targets[i] += " "
		}
		targets[i] += "{" + strings.Join(parts, ", ") + "}"
	}
	return strings.Join(names, ", ") + " " + sign(f.Direction) + " " + f.Name() + " by " + strings.Join(targets, ", else ")
}

// enumText shows a value map. The order of its lines means nothing; its name
// neither.
func enumText(e *model.Enum) string {
	var b strings.Builder
	b.WriteString("{" + pairsText(e.Values) + "}")
	if len(e.Reverse) > 0 {
		b.WriteString(", back {" + pairsText(e.Reverse) + "}")
	}
	if e.ToDataverse.Kind != "" {
		b.WriteString(", else to_dataverse " + otherwiseText(e.ToDataverse))
	}
	if e.ToFnO.Kind != "" {
		b.WriteString(", else to_fno " + otherwiseText(e.ToFnO))
	}
	return b.String()
}

func pairsText(values []model.EnumValue) string {
	pairs := make([]string, len(values))
	for i, v := range values {
		pairs[i] = symbolText(v.FnO) + " = " + literalText(v.Dataverse)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ", ")
}

// symbolText shows an F&O symbol bare where it reads as one.
func symbolText(v value.Value) string {
	text := v.String()
	if v.Kind() != value.Text && v.Kind() != value.Symbol || text == "" || strings.ContainsFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return literalText(v)
	}
	return text
}

func otherwiseText(o model.Otherwise) string {
	if o.Kind == "value" {
		return literalText(o.Value)
	}
	return o.Kind
}

// literalText shows a literal as it is written in the language.
func literalText(v value.Value) string {
	switch v.Kind() {
	case value.Null:
		return "null"
	case value.Integer, value.Decimal, value.Bool, value.Option:
		return v.String()
	default:
		return strconv.Quote(v.String())
	}
}

// exprText shows an expression as it is written in the language. Every inner
// operator is in parentheses, so that no two trees look alike.
func exprText(e *expr.Expr) string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = exprText(a)
		if inner := a.Op; e.Op != expr.OpCall && (inner == expr.OpUnary || inner == expr.OpBinary || inner == expr.OpCond) {
			args[i] = "(" + args[i] + ")"
		}
	}
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return "?"
	}
	switch e.Op {
	case expr.OpValue:
		return "value"
	case expr.OpRecord:
		return "record." + e.Name
	case expr.OpCompany:
		return "company"
	case expr.OpLiteral:
		return literalText(e.Literal)
	case expr.OpCall:
		return e.Name + "(" + strings.Join(args, ", ") + ")"
	case expr.OpUnary:
		return e.Name + arg(0)
	case expr.OpBinary:
		return arg(0) + " " + e.Name + " " + arg(1)
	case expr.OpCond:
		return arg(0) + " ? " + arg(1) + " : " + arg(2)
	case expr.OpConcat:
		return "join(" + strings.Join(args, ", ") + ")"
	default:
		return string(e.Op)
	}
}
