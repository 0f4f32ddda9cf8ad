package source

import (
	"fmt"
	"maps"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// variable is a declared variable.
type variable struct {
	name      string
	block     *Block
	wanted    cty.Type
	sensitive bool
}

// resolveVariables gives every declared variable its value: flags, then files
// of variables, then the environment, then the default.
func (s *scope) resolveVariables(tree *Block, files []*file, in Inputs) {
	declared, names := s.declareVariables(tree)
	given := s.readVariableFiles(files, names)
	for _, name := range slices.Sorted(maps.Keys(in.Flags)) {
		if declared[name] == nil && !s.incomplete {
			s.report(s.loading.undeclared(name, names, diag.Range{}))
		}
	}
	for _, name := range names {
		v := declared[name]
		value := s.variableValue(v, given[name], in)
		if v.sensitive {
			value = value.Mark(sensitiveMark{})
		}
		s.variables[name] = value
	}
}

// declareVariables collects the variables of a folder, with their names sorted.
func (s *scope) declareVariables(tree *Block) (map[string]*variable, []string) {
	declared := map[string]*variable{}
	for _, b := range tree.Blocks {
		if b.Spec.Type != variableBlock {
			continue
		}
		name := b.Name()
		if first := declared[name]; first != nil {
			s.duplicate(fmt.Sprintf("variable %q", name), first.block.Labels[0].Range, b.Labels[0].Range)
			continue
		}
		declared[name] = s.declareVariable(b)
		s.variables[name] = cty.DynamicVal
	}
	return declared, slices.Sorted(maps.Keys(declared))
}

func (s *scope) declareVariable(b *Block) *variable {
	out := &variable{name: b.Name(), block: b, wanted: cty.DynamicPseudoType}
	for _, a := range b.Attrs {
		switch a.Name {
		case "type":
			e := a.raw.json
			if a.raw.syntax != nil {
				e = a.raw.syntax
			}
			t, diags := typeexpr.TypeConstraint(e)
			if diags.HasErrors() {
				s.report(diag.Diagnostic{
					Code: diag.CodeNotAllowed, Summary: "this is no type", Detail: diags[0].Detail, Subject: a.raw.at,
					Hint: "Types: string, number, bool, list(string), map(string), object({ name = string }), any.",
				})
				continue
			}
			out.wanted = t
		case "sensitive":
			st := a.raw.look()
			out.sensitive = st.kind != Bool || st.scalar.String() == "true"
			if st.kind != Bool {
				s.report(diag.Diagnostic{
					Code: diag.CodeWrongType, Summary: "sensitive must be true or false, written out", Subject: a.raw.at,
					Detail: "It decides what may be shown and does not depend on anything.",
				})
			}
		case "description":
			s.attribute(a)
		}
	}
	return out
}

// readVariableFiles collects the values that files of variables give.
func (s *scope) readVariableFiles(files []*file, declared []string) map[string]*Attr {
	given := map[string]*Attr{}
	isDeclared := make(map[string]bool, len(declared))
	for _, name := range declared {
		isDeclared[name] = true
	}
	spec := &BlockSpec{Type: "variables", Free: &AttrSpec{Accept: Any}, FreeDoc: "a declared variable and its value."}
	for _, f := range files {
		d := &decoder{}
		var b Block
		d.body(f, f.body, spec, &b)
		s.list = append(s.list, d.list...)
		for _, a := range b.Attrs {
			switch first := given[a.Name]; {
			case !isDeclared[a.Name]:
				if !s.incomplete {
					s.report(s.loading.undeclared(a.Name, declared, a.NameRange))
				}
			case first != nil:
				s.report(diag.Diagnostic{
					Code: diag.CodeDuplicate, Summary: fmt.Sprintf("the variable %q is given twice", a.Name),
					Detail:  fmt.Sprintf("The first value stands at %s.", first.NameRange),
					Subject: a.NameRange,
				})
			default:
				given[a.Name] = a
			}
		}
	}
	return given
}

func (l *loading) undeclared(name string, declared []string, at diag.Range) diag.Diagnostic {
	out := diag.Diagnostic{
		Code: diag.CodeVariableUndeclared, Summary: fmt.Sprintf("no variable %q is declared", name),
		Detail:  "A value is given for it. A misspelt name would leave the variable that was meant at its default.",
		Subject: at, Address: "var." + name,
	}
	out.Detail += listed(declared)
	if m := l.speller.Suggest(name, declared); m != "" {
		out.Hint = fmt.Sprintf("Did you mean %q?", m)
	} else if l.speller.Tired() {
		out.Hint = diag.TooManyToGuess
	}
	return out
}

func (s *scope) variableValue(v *variable, given *Attr, in Inputs) cty.Value {
	if text, ok := in.Flags[v.name]; ok {
		return s.fromText(v, text, "-var "+v.name)
	}
	if given != nil {
		return s.convert(v, s.compute(given.raw), given.raw.at)
	}
	if text, ok := in.Environment[v.name]; ok {
		return s.fromText(v, text, "DW_VAR_"+v.name)
	}
	for _, a := range v.block.Attrs {
		if a.Name == "default" {
			return s.convert(v, s.compute(a.raw), a.raw.at)
		}
	}
	s.report(diag.Diagnostic{
		Code: diag.CodeVariableUnset, Summary: fmt.Sprintf("the variable %q has no value", v.name),
		Detail:  "It has no default, and no value was given.",
		Hint:    fmt.Sprintf("Give it by -var %s=..., by the environment variable DW_VAR_%s or in a file that ends in %s.", v.name, v.name, VariablesSuffix),
		Subject: v.block.Header, Address: "var." + v.name,
	})
	return cty.DynamicVal
}

// convert holds a value to the variable's type. The value itself is never
// part of a message: it may be secret.
func (s *scope) convert(v *variable, given cty.Value, at diag.Range) cty.Value {
	out, err := convert.Convert(given, v.wanted)
	if err != nil {
		s.report(diag.Diagnostic{
			Code: diag.CodeWrongType, Summary: fmt.Sprintf("the value of the variable %q has the wrong type", v.name),
			Detail:  fmt.Sprintf("The type is %s: %s.", typeexpr.TypeString(v.wanted), err),
			Subject: at, Address: "var." + v.name,
		})
		return cty.DynamicVal
	}
	return out
}

// fromText reads a value given as text: as it stands for texts and variables
// without a type, else as an expression without names.
func (s *scope) fromText(v *variable, text, origin string) cty.Value {
	if v.wanted == cty.DynamicPseudoType || v.wanted == cty.String {
		return cty.StringVal(text)
	}
	if v.wanted.IsPrimitiveType() {
		return s.convert(v, cty.StringVal(text), v.block.Header)
	}
	wrong := func() cty.Value {
		s.report(diag.Diagnostic{
			Code: diag.CodeWrongType, Summary: fmt.Sprintf("the value of %s cannot be read", origin),
			Detail:  fmt.Sprintf("The type is %s.", typeexpr.TypeString(v.wanted)),
			Hint:    `Write it as in a file, for example ["USMF", "DEMF"].`,
			Subject: v.block.Header, Address: "var." + v.name,
		})
		return cty.DynamicVal
	}
	tokens, _ := hclsyntax.LexExpression([]byte(text), origin, hcl.InitialPos)
	if len(text) > maxFileBytes || len(guardTokens(tokens)) > 0 {
		return wrong()
	}
	e, diags := hclsyntax.ParseExpression([]byte(text), origin, hcl.InitialPos)
	if diags.HasErrors() {
		return wrong()
	}
	given, diags := e.Value(nil)
	if diags.HasErrors() {
		return wrong()
	}
	return s.convert(v, given, v.block.Header)
}
