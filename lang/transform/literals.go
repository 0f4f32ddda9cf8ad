package transform

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// literals checks the literals of an expression that carries a field's value to
// a target: what is compared with an enum or a choice can be equal to it, and
// what the expression gives as it stands fits the target. From is the field
// that `value` stands for, nil where that is no single field; target is nil
// where the expression makes the key of a lookup.
func (b *builder) literals(slot string, e *expr.Expr, to value.Side, from, target *schema.Field) {
	e.Walk(func(x *expr.Expr) {
		if x.Op != expr.OpBinary || len(x.Args) != 2 {
			return
		}
		switch x.Name {
		case "==", "!=", "<", "<=", ">", ">=":
		default:
			return
		}
		for i, operand := range x.Args {
			if f := b.fieldOf(operand, to.Other(), from); f != nil && x.Args[1-i].Op == expr.OpLiteral {
				b.comparable(f, x.Name, x.Args[1-i])
			}
		}
	})
	if target == nil {
		return
	}
	for _, x := range results(e) {
		b.result(slot, x, to, target)
	}
}

// fieldOf gives the field that an operand is; nil where it is none.
func (b *builder) fieldOf(e *expr.Expr, side value.Side, from *schema.Field) *schema.Field {
	switch e.Op {
	case expr.OpValue:
		return from
	case expr.OpRecord:
		return b.projection(side).Table.Field(e.Name)
	default:
		return nil
	}
}

// results gives the literals that an expression may have as its value.
func results(e *expr.Expr) []*expr.Expr {
	switch {
	case e.Op == expr.OpLiteral:
		return []*expr.Expr{e}
	case e.Op == expr.OpCond && len(e.Args) == 3:
		return append(results(e.Args[1]), results(e.Args[2])...)
	case e.Op == expr.OpCall && e.Name == "coalesce":
		var out []*expr.Expr
		for _, a := range e.Args {
			out = append(out, results(a)...)
		}
		return out
	default:
		return nil
	}
}

// comparable reports a literal that an enum or a choice never equals.
func (b *builder) comparable(f *schema.Field, operator string, literal *expr.Expr) {
	v := literal.Literal
	if v.IsNull() {
		return
	}
	switch f.Type {
	case schema.TypeEnum:
		b.symbolic(f, operator, literal)
	case schema.TypeChoice:
		b.numeric(f, operator, literal)
	}
}

// symbolic checks what an F&O enum is compared with: its values are symbols.
func (b *builder) symbolic(f *schema.Field, operator string, literal *expr.Expr) {
	enum, v := b.enum(f.Enum), literal.Literal
	if enum == nil {
		return
	}
	text := v.String()
	if v.Kind() == value.Text {
		m := enum.Member(text)
		if m != nil && m.Name == text {
			return
		}
		summary, likely := fmt.Sprintf("%s has no member %q", enum.Name, text), b.speller.Suggest(text, enum.MemberNames())
		if m != nil {
			summary, likely = fmt.Sprintf("%s has no member %q in this spelling", enum.Name, text), m.Name
		}
		b.unequal(diag.CodeUnknownMember, literal, summary,
			fmt.Sprintf("%s is compared with it by %s, which is never true: symbols are compared letter by letter.", f.Name, operator), memberHint(enum, likely), likely, m != nil || diag.Certain(text, likely, enum.MemberNames()))
		return
	}
	likely := ""
	if m := memberOfNumber(enum, text); m != nil {
		likely = m.Name
	} else if v.Kind() == value.Bool && isNoYes(f) {
		likely = map[bool]string{true: "Yes", false: "No"}[v.Bool()]
	}
	b.unequal(diag.CodeNeverEqual, literal, fmt.Sprintf("%s is never %s", f.Name, text),
		fmt.Sprintf("%s is of the enum %s, whose values are symbols in F&O's services: %s.", f.Name, enum.Name, strings.Join(enum.MemberNames(), ", ")), memberHint(enum, likely), likely, true)
}

// numeric checks what a Dataverse choice is compared with: its values are
// numbers.
func (b *builder) numeric(f *schema.Field, operator string, literal *expr.Expr) {
	v := literal.Literal
	if v.Kind() == value.Text {
		n, err := strconv.ParseInt(v.Text(), 10, 64)
		if err == nil && hasOption(f, n) {
			return
		}
		hint := "Compare with the number of a choice: " + optionList(f) + "."
		likely := ""
		for _, o := range f.Options {
			if strings.EqualFold(o.Label, v.Text()) {
				if likely != "" {
					likely = ""
					break
				}
				likely = fmt.Sprint(o.Value)
			}
		}
		if likely != "" {
			hint = fmt.Sprintf("Write %s, the number of %q.", likely, v.Text())
		}
		b.unequal(diag.CodeNeverEqual, literal, fmt.Sprintf("%s is never %q", f.Name, v.Text()),
			fmt.Sprintf("%s is a choice, whose values are numbers: labels are only shown.", f.Name), hint, likely, true)
		return
	}
	if v.Kind() == value.Integer && (operator == "==" || operator == "!=") && !hasOption(f, v.Int()) {
		b.unequal(diag.CodeUnknownOption, literal, fmt.Sprintf("%s has no choice %d", f.Name, v.Int()),
			fmt.Sprintf("It is compared with it by %s, and no row ever has it.", operator), "Its choices are "+optionList(f)+".", "", false)
	}
}

// unequal reports a literal, and offers another in its place where one is
// likely; certain says that nothing else can be meant.
func (b *builder) unequal(code string, literal *expr.Expr, summary, detail, hint, likely string, certain bool) {
	b.fail(code, literal.Range, summary, detail, hint)
	if likely == "" || literal.Range.IsZero() {
		return
	}
	if _, err := strconv.ParseInt(likely, 10, 64); err != nil {
		likely = quoted(likely)
	}
	b.list[len(b.list)-1].Fix = &diag.Fix{Summary: "write " + likely, Range: literal.Range, NewText: likely, Certain: certain}
}

// result checks a literal that an expression gives to its target.
func (b *builder) result(slot string, e *expr.Expr, to value.Side, target *schema.Field) {
	v, enum := e.Literal, b.enum(target.Enum)
	if v.IsNull() {
		return // a required target is told where it happens
	}
	if target.Type == schema.TypeEnum && enum != nil && v.Kind() == value.Integer {
		likely := ""
		if m := memberOfNumber(enum, v.String()); m != nil {
			likely = m.Name
		}
		b.unequal(diag.CodeConstantFit, e, fmt.Sprintf("%s takes a member of %s, not the number %s", target.Name, enum.Name, v),
			"F&O's services know the members of an enum by their symbols.", memberHint(enum, likely), likely, true)
		return
	}
	_, err := fit(slot, to, target, enum)(v)
	if err == nil {
		return
	}
	code, hint := diag.CodeConstantFit, "Correct the value in the expression."
	if bad, ok := errors.AsType[*ValueError](err); ok {
		switch bad.Code {
		case diag.CodeNoSuchMember:
			code, hint = diag.CodeUnknownMember, memberHint(enum, diag.Suggest(v.Text(), enum.MemberNames()))
		case diag.CodeNoSuchOption:
			code, hint = diag.CodeUnknownOption, "Its choices are "+optionList(target)+"."
		}
	}
	b.fail(code, e.Range, fmt.Sprintf("%s does not fit %s", shown(v), target.Name), detailOf(err), hint)
}

// memberOfNumber gives the member of an enum that a whole number stands for in
// F&O's database; nil where none or several do.
func memberOfNumber(e *schema.Enum, text string) *schema.Member {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	var found *schema.Member
	for i := range e.Members {
		if e.Members[i].Value != n {
			continue
		}
		if found != nil {
			return nil
		}
		found = &e.Members[i]
	}
	return found
}

// memberHint says which member is meant, or which there are.
func memberHint(e *schema.Enum, likely string) string {
	const most = 12
	if likely != "" {
		return fmt.Sprintf("Write %q.", likely)
	}
	names := e.MemberNames()
	if len(names) > most {
		return fmt.Sprintf("Its members are %s and %d more.", strings.Join(names[:most], ", "), len(names)-most)
	}
	return "Its members are " + strings.Join(names, ", ") + "."
}
