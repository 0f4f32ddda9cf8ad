package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/value"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The names of value expressions.
const (
	valueName   = "value"
	recordName  = "record"
	companyName = "company"
)

// expression converts a value expression to our own tree, or reports why it
// cannot; then it gives nil.
func (s *scope) expression(r raw) *expr.Expr {
	if r.json != nil {
		st := r.look()
		switch {
		case st.err != nil:
			s.report(*st.err)
			return nil
		case st.kind == 0:
			return s.expression(st.dynamic)
		case st.kind&(Scalar|Null) != 0:
			return &expr.Expr{Op: expr.OpLiteral, Literal: st.scalar, Range: r.at}
		}
		return s.notPossible(r.at, "a list or an object", "A value expression gives one value.")
	}
	if st := r.look(); st.kind&(Scalar|Null) != 0 {
		if st.err != nil {
			s.report(*st.err)
			return nil
		}
		return &expr.Expr{Op: expr.OpLiteral, Literal: st.scalar, Range: r.at}
	}
	switch e := r.syntax.(type) {
	case *hclsyntax.ParenthesesExpr:
		return s.expression(r.sub(e.Expression))
	case *hclsyntax.ScopeTraversalExpr:
		return s.name(r, e)
	case *hclsyntax.FunctionCallExpr:
		return s.call(r, e)
	case *hclsyntax.ConditionalExpr:
		return s.node(expr.OpCond, "", r, e.Condition, e.TrueResult, e.FalseResult)
	case *hclsyntax.UnaryOpExpr:
		return s.node(expr.OpUnary, map[bool]string{true: "!", false: "-"}[e.Op == hclsyntax.OpLogicalNot], r, e.Val)
	case *hclsyntax.BinaryOpExpr:
		if name := operator(e.Op); name != "" {
			return s.node(expr.OpBinary, name, r, e.LHS, e.RHS)
		}
		return s.notPossible(r.at, "this operator", "Operators: == != < <= > >= && || ! + - * /.")
	case *hclsyntax.TemplateWrapExpr:
		return s.node(expr.OpConcat, "", r, e.Wrapped)
	case *hclsyntax.TemplateExpr:
		return s.concat(r, e)
	case *hclsyntax.ForExpr, *hclsyntax.TemplateJoinExpr:
		return s.notPossible(r.at, "for", "A value expression computes one value from one record.")
	case *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr:
		return s.notPossible(r.at, "a list or an object", "A value expression gives one value.")
	case *hclsyntax.SplatExpr, *hclsyntax.IndexExpr, *hclsyntax.RelativeTraversalExpr:
		return s.notPossible(r.at, "an index", "Fields are named as record.Field.")
	}
	return s.notPossible(r.at, "this expression", "Use value, record.Field, company, texts, numbers, operators, conditions and functions.")
}

func (s *scope) notPossible(at diag.Range, what, detail string) *expr.Expr {
	s.report(diag.Diagnostic{
		Code: diag.CodeBadExpression, Summary: what + " is not possible in a value expression", Detail: detail, Subject: at,
	})
	return nil
}

// node converts the parts of an operation; all their mistakes are reported.
func (s *scope) node(op expr.Op, name string, r raw, parts ...hclsyntax.Expression) *expr.Expr {
	out := &expr.Expr{Op: op, Name: name, Range: r.at}
	ok := true
	for _, p := range parts {
		arg := s.expression(r.sub(p))
		ok = ok && arg != nil
		out.Args = append(out.Args, arg)
	}
	if !ok {
		return nil
	}
	return out
}

// concat converts a template with interpolations.
func (s *scope) concat(r raw, e *hclsyntax.TemplateExpr) *expr.Expr {
	out := &expr.Expr{Op: expr.OpConcat, Range: r.at}
	ok := true
	for _, p := range e.Parts {
		var part *expr.Expr
		if lit, isText := p.(*hclsyntax.LiteralValueExpr); isText && lit.Val.Type() == ctyString && !lit.Val.IsNull() {
			part = &expr.Expr{Op: expr.OpLiteral, Literal: value.NewText(r.literalPart(e, lit)), Range: rangeOf(lit.SrcRange)}
		} else {
			part = s.expression(r.sub(p))
		}
		ok = ok && part != nil
		out.Args = append(out.Args, part)
	}
	if !ok {
		return nil
	}
	return out
}

func (s *scope) name(r raw, e *hclsyntax.ScopeTraversalExpr) *expr.Expr {
	names := traversalNames(e.Traversal)
	switch root := names[0]; {
	case root == valueName && len(e.Traversal) == 1:
		return &expr.Expr{Op: expr.OpValue, Range: r.at}
	case root == companyName && len(e.Traversal) == 1:
		return &expr.Expr{Op: expr.OpCompany, Range: r.at}
	case root == recordName && len(names) == 2 && len(e.Traversal) == 2:
		return &expr.Expr{Op: expr.OpRecord, Name: names[1], Range: r.at}
	case root == recordName:
		return s.notPossible(r.at, "record without one field", "Write record.Field, a field of the sending side.")
	case root == valueName || root == companyName:
		return s.notPossible(r.at, "a part of "+root, root+" is one value.")
	case root == variableRoot || root == localRoot || root == eachRoot:
		return s.constant(r)
	default:
		known := []string{valueName, recordName, companyName, variableRoot, localRoot}
		if s.each != nil {
			known = append(known, eachRoot)
		}
		out := diag.Diagnostic{
			Code: diag.CodeUnknownName, Summary: fmt.Sprintf("no name %q in a value expression", root),
			Detail:  "Names: value, record.Field, company, var.NAME, local.NAME. A text stands in quotes.",
			Subject: r.at,
		}
		switch m := diag.Suggest(root, known); {
		case m != "":
			out.Hint = fmt.Sprintf("Did you mean %s?", m)
		case len(names) == 1:
			out.Hint = fmt.Sprintf("Write record.%s for a field of the sending side, or %q for a text.", root, root)
		}
		s.report(out)
		return nil
	}
}

// constant folds a variable, a local or a part of each, whose value does not depend on records.
func (s *scope) constant(r raw) *expr.Expr {
	v := s.fromCty(s.evaluate(r), r.at)
	switch {
	case v.Kind == 0:
		return nil
	case v.Sensitive:
		s.report(diag.Diagnostic{
			Code: diag.CodeSensitiveShown, Summary: "a sensitive value cannot stand in a value expression",
			Detail: "Value expressions are stored with the deployed map and shown in plans.", Subject: r.at,
		})
		return nil
	case v.Kind&(Scalar|Null) == 0:
		return s.notPossible(r.at, "a list or an object", "A value expression gives one value.")
	}
	return &expr.Expr{Op: expr.OpLiteral, Literal: v.Scalar, Range: r.at}
}

func (s *scope) call(r raw, e *hclsyntax.FunctionCallExpr) *expr.Expr {
	f, ok := expr.FunctionNamed(e.Name)
	if !ok {
		var known []string
		for _, f := range expr.Functions() {
			known = append(known, f.Name)
		}
		s.report(unknownFunction(e.Name, known, rangeOf(e.NameRange)))
	}
	out := s.node(expr.OpCall, e.Name, r, e.Args...)
	if !ok {
		return nil
	}
	if e.ExpandFinal {
		return s.notPossible(r.at, "...", "A function takes its arguments one by one.")
	}
	if n := len(e.Args); n < f.Min || f.Max >= 0 && n > f.Max {
		s.report(diag.Diagnostic{
			Code: diag.CodeFunctionArguments, Summary: fmt.Sprintf("%s takes %s, not %d", f.Name, counts(f), n),
			Detail:  fmt.Sprintf("%s(%s): %s", f.Name, strings.Join(f.Params, ", "), f.Doc),
			Hint:    "Example: " + f.Example + ".",
			Subject: r.at,
		})
		return nil
	}
	return out
}

func counts(f expr.Function) string {
	switch {
	case f.Max < 0:
		return fmt.Sprintf("%d or more arguments", f.Min)
	case f.Min != f.Max:
		return fmt.Sprintf("%d to %d arguments", f.Min, f.Max)
	case f.Min == 1:
		return "1 argument"
	default:
		return fmt.Sprintf("%d arguments", f.Min)
	}
}

func operator(op *hclsyntax.Operation) string {
	ops := []*hclsyntax.Operation{
		hclsyntax.OpEqual, hclsyntax.OpNotEqual, hclsyntax.OpLessThan, hclsyntax.OpLessThanOrEqual, hclsyntax.OpGreaterThan,
		hclsyntax.OpGreaterThanOrEqual, hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr, hclsyntax.OpAdd, hclsyntax.OpSubtract,
		hclsyntax.OpMultiply, hclsyntax.OpDivide,
	}
	names := []string{"==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/"}
	if i := slices.Index(ops, op); i >= 0 {
		return names[i]
	}
	return ""
}
