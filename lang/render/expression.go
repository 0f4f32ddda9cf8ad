package render

import (
	"strings"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

// expression writes a value expression. Inner operators stand in parentheses,
// which mean nothing where they are not needed.
func expression(e *expr.Expr) string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = expression(a)
		if inner := a.Op; e.Op != expr.OpCall && e.Op != expr.OpConcat && (inner == expr.OpUnary || inner == expr.OpBinary || inner == expr.OpCond) {
			args[i] = "(" + args[i] + ")"
		}
	}
	switch e.Op {
	case expr.OpValue:
		return "value"
	case expr.OpRecord:
		return "record." + e.Name
	case expr.OpCompany:
		return "company"
	case expr.OpLiteral:
		return literal(e.Literal)
	case expr.OpCall:
		return e.Name + "(" + strings.Join(args, ", ") + ")"
	case expr.OpUnary:
		return e.Name + args[0]
	case expr.OpBinary:
		return args[0] + " " + e.Name + " " + args[1]
	case expr.OpCond:
		return args[0] + " ? " + args[1] + " : " + args[2]
	default:
		return template(e.Args)
	}
}

// template writes texts and expressions that are joined.
func template(parts []*expr.Expr) string {
	var b strings.Builder
	b.WriteByte('"')
	text := func(i int) bool {
		return i < len(parts) && parts[i].Op == expr.OpLiteral && parts[i].Literal.Kind() == value.Text
	}
	for i, p := range parts {
		if text(i) && !text(i+1) { // of two neighbours the first stands for itself
			quoted := source.Quote(p.Literal.String())
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteString("${" + expression(p) + "}")
	}
	b.WriteByte('"')
	return b.String()
}
