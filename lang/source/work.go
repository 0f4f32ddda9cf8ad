package source

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

const (
	// maxValueSize bounds what one local or variable may hold, in texts' bytes
	// and members.
	maxValueSize = 1 << 20
	// maxWork bounds what the expressions of a configuration go through, all
	// told, in the same measure: a few short lines can ask for more than any
	// machine has.
	maxWork = 1 << 27
	// memberSize is what a member of a list or an object counts.
	memberSize = 8
	// turnSize is what a turn of a loop counts: it makes a scope of its own.
	turnSize = 128
)

// size measures what a value holds, up to a limit and a little more.
func size(v cty.Value, limit int) int {
	v, _ = v.Unmark()
	n := memberSize
	switch t := v.Type(); {
	case !v.IsKnown() || v.IsNull():
	case t == cty.String:
		n += len(v.AsString())
	case t == cty.Number:
		f := v.AsBigFloat()
		if e := f.MantExp(nil); !f.IsInf() { // each three bits are about a digit of its text
			n += max(e, -e) / 3
		}
	case v.CanIterateElements():
		for it := v.ElementIterator(); n <= limit && it.Next(); {
			key, member := it.Element()
			if key.Type() == cty.String {
				n += len(key.AsString())
			}
			n += size(member, limit-n)
		}
	}
	return n
}

// tooMuch ends an evaluation from inside of it; evaluateWithin catches it.
type tooMuch struct{}

// work counts what evaluations go through.
type work struct{ left int }

func (w *work) spend(n int) {
	w.left -= n
	if w.left < 0 {
		panic(tooMuch{})
	}
}

// within evaluates an expression; false where that would be too much work. HCL
// itself cannot be told to stop, so that what it goes through is counted by
// parts that stand between those of the expression.
func (w *work) within(e hclsyntax.Expression, ctx *hcl.EvalContext) (v cty.Value, diags hcl.Diagnostics, ok bool) {
	defer func() {
		switch r := recover(); r.(type) {
		case nil:
		case tooMuch:
			v, diags, ok = cty.DynamicVal, nil, false
		default:
			panic(r)
		}
	}()
	v, diags = w.counted(e).Value(ctx)
	return v, diags, true
}

// counter is an expression whose values are counted.
type counter struct {
	hclsyntax.Expression
	work *work
	turn bool // evaluated once a turn of a loop
}

// Value gives the value of the expression that it stands for.
func (c counter) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if c.turn {
		c.work.spend(turnSize)
	}
	v, diags := c.Expression.Value(ctx)
	c.work.spend(size(v, c.work.left))
	return v, diags
}

// counted copies an expression so that its values are counted, and those of its
// parts. Literals stay as they are: the size of the file bounds them, except
// for what is done once a turn of a loop, which is counted whatever it is.
func (w *work) counted(e hclsyntax.Expression) hclsyntax.Expression {
	if c := w.copied(e); c != nil {
		return counter{c, w, false}
	}
	return e
}

func (w *work) all(list []hclsyntax.Expression) []hclsyntax.Expression {
	out := make([]hclsyntax.Expression, len(list))
	for i, e := range list {
		out[i] = w.counted(e)
	}
	return out
}

// searched is for what is only looked into: the whole of it is not gone
// through.
func (w *work) searched(e hclsyntax.Expression) hclsyntax.Expression {
	if _, ok := e.(*hclsyntax.ScopeTraversalExpr); ok {
		return e
	}
	return w.counted(e)
}

// turn is for what is evaluated once a turn of a loop.
func (w *work) turn(e hclsyntax.Expression) hclsyntax.Expression {
	if e == nil {
		return nil
	}
	if c := w.copied(e); c != nil {
		e = c
	}
	return counter{e, w, true}
}

// copied gives nil for what needs no counting.
func (w *work) copied(e hclsyntax.Expression) hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return e
	case *hclsyntax.ParenthesesExpr:
		x := *e
		x.Expression = w.counted(e.Expression)
		return &x
	case *hclsyntax.RelativeTraversalExpr:
		x := *e
		x.Source = w.searched(e.Source)
		return &x
	case *hclsyntax.IndexExpr:
		x := *e
		x.Collection, x.Key = w.searched(e.Collection), w.counted(e.Key)
		return &x
	case *hclsyntax.SplatExpr:
		x := *e
		x.Source, x.Each = w.counted(e.Source), w.turn(e.Each)
		return &x
	case *hclsyntax.FunctionCallExpr:
		x := *e
		x.Args = w.all(e.Args)
		return &x
	case *hclsyntax.ConditionalExpr:
		x := *e
		x.Condition, x.TrueResult, x.FalseResult = w.counted(e.Condition), w.counted(e.TrueResult), w.counted(e.FalseResult)
		return &x
	case *hclsyntax.BinaryOpExpr:
		x := *e
		x.LHS, x.RHS = w.counted(e.LHS), w.counted(e.RHS)
		return &x
	case *hclsyntax.UnaryOpExpr:
		x := *e
		x.Val = w.counted(e.Val)
		return &x
	case *hclsyntax.TemplateExpr:
		x := *e
		x.Parts = w.all(e.Parts)
		return &x
	case *hclsyntax.TemplateWrapExpr:
		x := *e
		x.Wrapped = w.counted(e.Wrapped)
		return &x
	case *hclsyntax.TemplateJoinExpr:
		x := *e
		x.Tuple = w.counted(e.Tuple)
		return &x
	case *hclsyntax.TupleConsExpr:
		x := *e
		x.Exprs = w.all(e.Exprs)
		return &x
	case *hclsyntax.ObjectConsExpr:
		x := *e
		x.Items = make([]hclsyntax.ObjectConsItem, len(e.Items))
		for i, item := range e.Items {
			x.Items[i] = hclsyntax.ObjectConsItem{KeyExpr: w.key(item.KeyExpr), ValueExpr: w.counted(item.ValueExpr)}
		}
		return &x
	case *hclsyntax.ForExpr:
		x := *e
		x.CollExpr, x.KeyExpr, x.ValExpr, x.CondExpr = w.searched(e.CollExpr), w.turn(e.KeyExpr), w.turn(e.ValExpr), w.turn(e.CondExpr)
		return &x
	case *hclsyntax.LiteralValueExpr:
		if e.Val.Type() == cty.Number && size(e.Val, maxValueSize) > shortText {
			return e
		}
	}
	return nil
}

// key counts the key of an object's entry where it is computed: a bare word is
// known by its form, which must stay.
func (w *work) key(e hclsyntax.Expression) hclsyntax.Expression {
	k, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok || !k.ForceNonLiteral {
		return e
	}
	x := *k
	x.Wrapped = w.counted(k.Wrapped)
	return &x
}

// bounded holds a function whose result may be far larger than what it is given
// to the size of a value.
func bounded(f function.Function, result func(args []cty.Value) int) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(), Type: f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if result(args) > maxValueSize {
				return cty.DynamicVal, fmt.Errorf("the result is larger than 1 MB")
			}
			return f.Call(args)
		},
	})
}
