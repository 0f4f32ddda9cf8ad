package source

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/unicode/norm"
)

// raw is an unevaluated expression together with the text that its ranges
// count in. It is one of: native syntax (syntax set), or JSON (json set).
type raw struct {
	syntax hclsyntax.Expression
	json   hcl.Expression
	src    []byte
	base   int // offset of src[0] in the ranges
	at     diag.Range
}

func rawOf(f *file, e hcl.Expression) raw {
	r := raw{src: f.src, at: rangeOf(e.Range())}
	if s, ok := e.(hclsyntax.Expression); ok {
		r.syntax = s
	} else {
		r.json = e
	}
	return r
}

// sub gives a part of a native expression.
func (r raw) sub(e hclsyntax.Expression) raw {
	return raw{syntax: e, src: r.src, base: r.base, at: rangeOf(e.Range())}
}

// address gives the text of a bare address such as map.old or map.old["USMF"];
// false where the expression is something else, or a variable or local.
func (r raw) address() (string, bool) {
	t, ok := r.syntax.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return "", false
	}
	if root := t.Traversal.RootName(); root == variableRoot || root == localRoot {
		return "", false
	}
	return string(r.text(t.SrcRange)), true
}

// text gives the bytes of a range.
func (r raw) text(at hcl.Range) []byte {
	return cutBytes(r.src, at.Start.Byte-r.base, at.End.Byte-r.base)
}

// static is the form of an expression that says its value without evaluation.
// Exactly one of scalar (kind is a scalar or Null), list, items and dynamic is
// meant, chosen by kind; kind 0 is dynamic.
type static struct {
	kind    Shape
	scalar  value.Value
	list    []raw
	items   []rawItem
	dynamic raw
	err     *diag.Diagnostic
}

type rawItem struct {
	key      string
	keyRange diag.Range
	value    raw
	err      *diag.Diagnostic
}

// look finds the static form. Texts and numbers are taken from the bytes of
// the file, never by way of cty, which would normalise and round them.
func (r raw) look() static {
	if r.json != nil {
		return r.lookJSON()
	}
	switch e := r.syntax.(type) {
	case *hclsyntax.ParenthesesExpr:
		return r.sub(e.Expression).look()
	case *hclsyntax.LiteralValueExpr:
		if !e.Val.IsNull() && e.Val.Type() == ctyString { // a branch of a template directive
			return static{kind: Text, scalar: value.NewText(e.Val.AsString())}
		}
		return r.literal(string(r.text(e.SrcRange)))
	case *hclsyntax.UnaryOpExpr:
		if lit, ok := e.Val.(*hclsyntax.LiteralValueExpr); ok && e.Op == hclsyntax.OpNegate {
			if s := r.literal("-" + string(r.text(lit.SrcRange))); s.kind == Number {
				return s
			}
		}
	case *hclsyntax.TemplateExpr:
		if text, ok := r.plainText(e); ok {
			return static{kind: Text, scalar: value.NewText(text)}
		}
	case *hclsyntax.TupleConsExpr:
		out := static{kind: List}
		for _, x := range e.Exprs {
			out.list = append(out.list, r.sub(x))
		}
		return out
	case *hclsyntax.ObjectConsExpr:
		out := static{kind: Object}
		for _, x := range e.Items {
			item := rawItem{keyRange: rangeOf(x.KeyExpr.Range()), value: r.sub(x.ValueExpr)}
			item.key, item.err = r.key(x.KeyExpr)
			out.items = append(out.items, item)
		}
		return out
	}
	return static{dynamic: r}
}

// literal reads null, true, false or a number.
func (r raw) literal(text string) static {
	switch text {
	case "null":
		return static{kind: Null}
	case "true", "false":
		return static{kind: Bool, scalar: value.NewBool(text == "true")}
	}
	v, err := number(text)
	if err != nil {
		return static{kind: Number, err: &diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: "the number cannot be used", Detail: err.Error() + ".", Subject: r.at,
			Hint: "Write a number of at most 100 digits.",
		}}
	}
	return static{kind: Number, scalar: v}
}

// number reads the exact text of a number.
func number(text string) (value.Value, error) {
	if !guardNumber(text) {
		return value.Value{}, fmt.Errorf("the number has too many digits")
	}
	d, err := value.NewDecimal(text)
	if err != nil {
		return value.Value{}, err
	}
	if n, ok := wholeNumber(d.String()); ok {
		return value.NewInteger(n), nil
	}
	return d, nil
}

// plainText gives the text of a template without interpolations, byte for byte.
func (r raw) plainText(e *hclsyntax.TemplateExpr) (string, bool) {
	if len(e.Parts) == 1 { // as most
		if lit, ok := e.Parts[0].(*hclsyntax.LiteralValueExpr); ok && !lit.Val.IsNull() && lit.Val.Type() == ctyString {
			return r.literalPart(e, lit), true
		}
		return "", false
	}
	var b strings.Builder
	for _, p := range e.Parts {
		lit, ok := p.(*hclsyntax.LiteralValueExpr)
		if !ok || lit.Val.IsNull() || !lit.Val.Type().Equals(ctyString) {
			return "", false
		}
		b.WriteString(r.literalPart(e, lit))
	}
	return b.String(), true
}

// literalPart gives a literal part of a template. Its bytes are decoded again,
// since the parser normalises them to NFC. Where the parser also stripped
// white space (trim markers, indented heredocs) its own text stands.
func (r raw) literalPart(in *hclsyntax.TemplateExpr, lit *hclsyntax.LiteralValueExpr) string {
	parsed := lit.Val.AsString()
	if plainASCII(r.text(lit.SrcRange)) {
		return parsed // nothing that has two spellings
	}
	kind := hclsyntax.TokenStringLit
	if b := r.text(in.SrcRange); len(b) > 0 && b[0] == '"' {
		kind = hclsyntax.TokenQuotedLit
	}
	text, diags := hclsyntax.ParseStringLiteralToken(hclsyntax.Token{
		Type: kind, Bytes: r.text(lit.SrcRange), Range: lit.SrcRange,
	})
	if diags.HasErrors() || norm.NFC.String(text) != parsed {
		return parsed
	}
	return text
}

// plainASCII tells whether a text stands for itself: it has no escapes and no
// characters that could be composed.
func plainASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || c == '\\' || c == '$' || c == '%' {
			return false
		}
	}
	return true
}

// key reads the key of an object entry as it stands: a bare word, a number or
// a text.
func (r raw) key(e hclsyntax.Expression) (string, *diag.Diagnostic) {
	k, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok {
		return "", keyError(rangeOf(e.Range()))
	}
	switch w := k.Wrapped.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if len(w.Traversal) == 1 && !k.ForceNonLiteral {
			return w.Traversal.RootName(), nil
		}
	case *hclsyntax.LiteralValueExpr:
		return string(r.text(w.SrcRange)), nil
	case *hclsyntax.UnaryOpExpr:
		if s := r.sub(w).look(); s.kind == Number && s.err == nil {
			return string(r.text(w.SrcRange)), nil
		}
	case *hclsyntax.TemplateExpr:
		if text, ok := r.plainText(w); ok {
			return text, nil
		}
	}
	return "", keyError(rangeOf(e.Range()))
}

func keyError(at diag.Range) *diag.Diagnostic {
	return &diag.Diagnostic{
		Code: diag.CodeBadExpression, Summary: "the key of an object must be a plain name or text",
		Detail: "Keys name fields, enum members or values and are not computed.",
		Hint:   "Write the name, in quotes where it is no identifier.", Subject: at,
	}
}

func (r raw) lookJSON() static {
	b := cutBytes(r.src, r.at.Start.Byte, r.at.End.Byte)
	if len(b) == 0 {
		return static{kind: Null}
	}
	switch b[0] {
	case '"':
		text := unquoteJSON(b)
		if !strings.Contains(text, "${") && !strings.Contains(text, "%{") {
			return static{kind: Text, scalar: value.NewText(text)}
		}
		parsed, err := r.template(text)
		if err != nil {
			return static{kind: Text, err: err}
		}
		return parsed.look()
	case '[':
		out := static{kind: List}
		parts, _ := hcl.ExprList(r.json)
		for _, p := range parts {
			out.list = append(out.list, raw{json: p, src: r.src, at: rangeOf(p.Range())})
		}
		return out
	case '{':
		out := static{kind: Object}
		pairs, _ := hcl.ExprMap(r.json)
		for _, p := range pairs {
			at := rangeOf(p.Key.Range())
			key := unquoteJSON(cutBytes(r.src, at.Start.Byte, at.End.Byte))
			if key == "//" {
				continue
			}
			out.items = append(out.items, rawItem{key: key, keyRange: at, value: raw{json: p.Value, src: r.src, at: rangeOf(p.Value.Range())}})
		}
		return out
	}
	return r.literal(string(b))
}

// template parses a JSON text with interpolations. A text that is nothing but
// one interpolation stands for its expression: JSON has no other way to write
// one.
func (r raw) template(text string) (raw, *diag.Diagnostic) {
	start := hcl.Pos{Line: r.at.Start.Line, Column: r.at.Start.Column + 1, Byte: r.at.Start.Byte + 1}
	e, diags := hclsyntax.ParseTemplate([]byte(text), r.at.File, start)
	if diags.HasErrors() {
		d := syntaxErrors(diags)[0]
		d.Subject, d.Context = r.at, diag.Range{}
		return raw{}, &d
	}
	if w, ok := e.(*hclsyntax.TemplateWrapExpr); ok {
		e = w.Wrapped
	}
	return raw{syntax: e, src: []byte(text), base: start.Byte, at: r.at}, nil
}

// unquoteJSON reads a JSON text; what is no JSON text is given back as it is.
func unquoteJSON(b []byte) string {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return string(b)
	}
	return s
}

// traversal gives the names of a reference such as link.contoso, or nil.
func (r raw) traversal() []string {
	var t hcl.Traversal
	switch {
	case r.json != nil:
		b := cutBytes(r.src, r.at.Start.Byte, r.at.End.Byte)
		if len(b) == 0 || b[0] != '"' {
			return nil
		}
		text := unquoteJSON(b)
		if strings.HasPrefix(text, "${") && strings.HasSuffix(text, "}") {
			text = strings.TrimSpace(text[2 : len(text)-1])
		}
		parsed, diags := hclsyntax.ParseTraversalAbs([]byte(text), r.at.File, hcl.InitialPos)
		if diags.HasErrors() {
			return nil
		}
		t = parsed
	default:
		e := r.syntax
		if p, ok := e.(*hclsyntax.ParenthesesExpr); ok {
			e = p.Expression
		}
		s, ok := e.(*hclsyntax.ScopeTraversalExpr)
		if !ok {
			return nil
		}
		t = s.Traversal
	}
	return traversalNames(t)
}

// traversalNames gives the names of a traversal up to the first step that is
// no name.
func traversalNames(t hcl.Traversal) []string {
	var out []string
	for _, step := range t {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			out = append(out, s.Name)
		case hcl.TraverseAttr:
			out = append(out, s.Name)
		case hcl.TraverseIndex:
			if s.Key.Type() != ctyString {
				return out
			}
			out = append(out, s.Key.AsString())
		default:
			return out
		}
	}
	return out
}
