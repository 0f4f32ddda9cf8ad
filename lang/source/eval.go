package source

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/zclconf/go-cty/cty"
)

// evaluateBlock gives every attribute of a block and those below its value.
func (s *scope) evaluateBlock(b *Block) {
	for _, a := range b.Attrs {
		switch {
		case b.Spec.Repeat && (a.Name == forEachAttr || a.Name == enabledAttr): // known before
		case a.Spec.Unless != "" && b.Written(a.Spec.Unless):
			given := *a.Spec
			given.Required = false
			a.Value = s.value(a.raw, &given, "the attribute "+a.Name)
		default:
			a.Value = s.attribute(a)
		}
	}
	for _, c := range b.Blocks {
		s.evaluateBlock(c)
	}
}

func (s *scope) attribute(a *Attr) Value {
	spec := a.Spec
	switch {
	case spec.Accept&Type != 0:
		return Value{} // read by the variables themselves
	case spec.Accept&Expression != 0:
		e := s.expression(a.raw)
		if e == nil {
			return Value{Range: a.raw.at}
		}
		return Value{Kind: Expression, Expr: e, Range: a.raw.at}
	}
	v := s.value(a.raw, spec, "the attribute "+a.Name)
	if spec.Sensitive && v.Literal && v.Kind == Text {
		s.report(diag.Diagnostic{
			Code: diag.CodePlainSecret, Severity: diag.Warning, Summary: a.Name + " is written in the file",
			Detail:  "Who can read the repository and its history can sign in with it.",
			Hint:    fmt.Sprintf("Declare variable %q { sensitive = true }, write %s = var.%s and give the value by DW_VAR_%s.", a.Name, a.Name, a.Name, a.Name),
			Subject: a.raw.at,
		})
	}
	return v
}

// value evaluates an expression and checks it against what is accepted.
func (s *scope) value(r raw, spec *AttrSpec, what string) Value {
	if spec.Accept&Reference != 0 {
		if v, done := s.reference(r, spec, what); done {
			return v
		}
	}
	if text, ok := r.address(); ok && spec.Address {
		return Value{Kind: Text, Scalar: value.NewText(text), Range: r.at, Literal: true}
	}
	st := r.look()
	out := Value{Range: r.at, Literal: true}
	switch {
	case st.err != nil:
		s.report(*st.err)
		return Value{Range: r.at}
	case st.kind == 0:
		out = s.fromCty(s.evaluate(st.dynamic), r.at)
		if out.Kind == 0 {
			return out
		}
	case st.kind == List && spec.Accept&(List|Any) != 0:
		out.Kind = List
		for i, x := range st.list {
			out.List = append(out.List, s.value(x, spec.member(), fmt.Sprintf("member %d of %s", i+1, what)))
		}
		return out
	case st.kind == Object && spec.Accept&(Object|Any) != 0:
		out.Kind = Object
		seen := map[string]bool{}
		for _, x := range st.items {
			if x.err != nil {
				s.report(*x.err)
				continue
			}
			if seen[x.key] {
				s.report(repeatedKey(x.key, x.keyRange))
				continue
			}
			seen[x.key] = true
			member, ok := s.keySpec(spec, x.key, x.keyRange, what)
			if !ok {
				continue
			}
			out.Items = append(out.Items, Item{
				Key: x.key, KeyRange: x.keyRange,
				Value: s.value(x.value, member, fmt.Sprintf("the entry %s of %s", x.key, what)),
			})
		}
		return out
	default:
		out.Kind, out.Scalar = st.kind, st.scalar
	}
	return s.check(out, spec, what)
}

// member gives what the members of a list or an open object must be.
func (a *AttrSpec) member() *AttrSpec {
	if a.Depth > 1 {
		return &AttrSpec{Name: a.Name, Accept: List, Elem: a.Elem, Depth: a.Depth - 1}
	}
	if a.Accept&Any != 0 {
		return &AttrSpec{Name: a.Name, Accept: Any}
	}
	return &AttrSpec{Name: a.Name, Accept: a.Elem, Allowed: nil}
}

// keySpec finds what an entry of an object must be.
func (s *scope) keySpec(spec *AttrSpec, key string, at diag.Range, what string) (*AttrSpec, bool) {
	if len(spec.Keys) == 0 {
		return spec.member(), true
	}
	var names []string
	for i := range spec.Keys {
		if spec.Keys[i].Name == key {
			return &spec.Keys[i], true
		}
		names = append(names, spec.Keys[i].Name)
	}
	out := diag.Diagnostic{
		Code: diag.CodeUnknownAttr, Summary: fmt.Sprintf("no entry %q in %s", key, what),
		Detail: "Entries: " + strings.Join(names, ", ") + ".", Subject: at,
	}
	if m := diag.Suggest(key, names); m != "" {
		out.Hint = fmt.Sprintf("Did you mean %q?", m)
		out.Fix = &diag.Fix{Summary: "Rename to " + m, Range: at, NewText: m, Certain: diag.Certain(key, m, names)}
	}
	s.report(out)
	return nil, false
}

// check holds an evaluated value to its spec; values that came from cty are
// checked member by member here.
func (s *scope) check(v Value, spec *AttrSpec, what string) Value {
	switch {
	case v.Kind == 0:
		return v
	case spec.Accept&Any != 0:
		return v
	case v.Sensitive && !spec.Sensitive:
		s.report(diag.Diagnostic{
			Code: diag.CodeSensitiveShown, Summary: "a sensitive value cannot stand in " + what,
			Detail:  "The attribute is shown in plans, logs and the state.",
			Hint:    "Use a variable that is not sensitive.",
			Subject: v.Range,
		})
		return Value{Range: v.Range}
	case v.Kind == Null && spec.Required && spec.Accept&Null == 0:
		s.report(diag.Diagnostic{
			Code: diag.CodeMissingAttr, Summary: what + " must have a value", Detail: spec.Doc, Subject: v.Range,
			Hint: "null means that the attribute is left out.",
		})
		return Value{Range: v.Range}
	case v.Kind == Null:
		return v // absent, or accepted as such
	case v.Kind&spec.Accept == 0:
		s.report(wrongType(v, spec, what))
		return Value{Range: v.Range}
	}
	switch v.Kind {
	case Text:
		text := v.Scalar.String()
		if len(spec.Allowed) > 0 && !slices.Contains(spec.Allowed, text) {
			s.report(notAllowed(what, text, spec.Allowed, v.Range))
			return Value{Range: v.Range}
		}
	case List:
		for i := range v.List {
			v.List[i] = s.check(v.List[i], spec.member(), fmt.Sprintf("member %d of %s", i+1, what))
		}
	case Object:
		var kept []Item
		for _, item := range v.Items {
			member, ok := s.keySpec(spec, item.Key, item.KeyRange, what)
			if !ok {
				continue
			}
			item.Value = s.check(item.Value, member, fmt.Sprintf("the entry %s of %s", item.Key, what))
			kept = append(kept, item)
		}
		v.Items = kept
	}
	return v
}

func wrongType(v Value, spec *AttrSpec, what string) diag.Diagnostic {
	want := (spec.Accept &^ Expression).names()
	if spec.Accept&Reference != 0 {
		for i := range want {
			if want[i] == "a reference" {
				want[i] = "a reference such as " + spec.RefTo + ".NAME"
			}
		}
	}
	out := diag.Diagnostic{
		Code: diag.CodeWrongType, Summary: fmt.Sprintf("%s must be %s, not %s", what, strings.Join(want, " or "), v.Kind.names()[0]),
		Detail: spec.Doc, Subject: v.Range,
	}
	switch {
	case !v.Literal:
	case spec.Accept&Text != 0 && (v.Kind == Number || v.Kind == Bool):
		text := fmt.Sprintf("%q", v.Scalar.String())
		out.Hint = "Write it in quotes: " + text + "."
		out.Fix = &diag.Fix{Summary: "Put it in quotes", Range: v.Range, NewText: text}
	case spec.Accept&(Number|Bool) != 0 && v.Kind == Text:
		if text := v.Scalar.String(); text == "true" || text == "false" || isNumber(text) {
			out.Hint = "Write it without quotes: " + text + "."
			out.Fix = &diag.Fix{Summary: "Remove the quotes", Range: v.Range, NewText: text, Certain: true}
		}
	case spec.Accept&List != 0 && v.Kind == Text && spec.Elem&Text != 0:
		out.Hint = fmt.Sprintf("Write a list: [%q].", v.Scalar.String())
	case spec.Accept&Reference != 0 && v.Kind == Text:
		out.Hint = fmt.Sprintf("Write %s.%s without quotes.", spec.RefTo, v.Scalar.String())
	}
	return out
}

func isNumber(text string) bool {
	_, err := number(text)
	return err == nil
}

// reference reads a reference to a block; done tells whether the expression
// was one, or nothing else is accepted.
func (s *scope) reference(r raw, spec *AttrSpec, what string) (Value, bool) {
	names := r.traversal()
	if len(names) == 0 || names[0] == variableRoot || names[0] == localRoot || names[0] == eachRoot {
		return Value{}, false
	}
	if names[0] != spec.RefTo {
		if r.json != nil { // any text of JSON can be read as a name
			return Value{}, false
		}
		d := diag.Diagnostic{
			Code: diag.CodeReferenceKind, Summary: fmt.Sprintf("%s must name a %s", what, spec.RefTo),
			Detail:  spec.Doc,
			Hint:    fmt.Sprintf("Write %s.NAME.", spec.RefTo),
			Subject: r.at,
		}
		known := s.declaredNames(spec.RefTo)
		if len(names) == 1 && slices.Contains(known, names[0]) {
			d.Hint = fmt.Sprintf("Write %s.%s.", spec.RefTo, names[0])
			d.Fix = &diag.Fix{Summary: "Write the whole reference", Range: r.at, NewText: spec.RefTo + "." + names[0], Certain: true}
		} else if m := diag.Suggest(names[0], []string{spec.RefTo}); m != "" && len(names) > 1 {
			d.Hint = fmt.Sprintf("Did you mean %s.%s?", m, names[1])
		}
		s.report(d)
		return Value{Range: r.at}, true
	}
	name, ok := s.referred(names, spec.RefTo, what, r.at)
	if !ok {
		return Value{Range: r.at}, true
	}
	return Value{Kind: Reference, Ref: Ref{Type: spec.RefTo, Name: name}, Range: r.at, Literal: true}, true
}

// referred gives the name of the one block, or instance of one, that a
// reference names; false where there is none, which is told.
func (s *scope) referred(names []string, refTo, what string, at diag.Range) (string, bool) {
	d := diag.Diagnostic{Code: diag.CodeReferenceKind, Summary: fmt.Sprintf("%s must name a whole %s", what, refTo), Detail: fmt.Sprintf("Write %s.NAME.", refTo), Subject: at}
	if len(names) < 2 {
		s.report(d)
		return "", false
	}
	if k := s.known[refTo]; k != nil {
		if len(names) == 2 && slices.Contains(k.all(), names[1]) {
			return names[1], true
		}
		if len(names) == 2 {
			d = s.loading.unknownReference(refTo, names[1], k.all(), at)
			d.Summary, d.Detail = fmt.Sprintf("there is no %s.%s", refTo, names[1]), k.Where
		}
		s.report(d)
		return "", false
	}
	declared := s.declared[refTo][names[1]]
	switch {
	case declared == nil:
		if s.incomplete {
			return "", false
		}
		d = s.loading.unknownReference(refTo, names[1], s.declaredNames(refTo), at)
	case declared.repeated && len(names) == 2:
		d.Summary = fmt.Sprintf("%s.%s stands for several", refTo, names[1])
		d.Detail = fmt.Sprintf("It has for_each, and %s must name one.", what)
		d.Hint = fmt.Sprintf("Name an instance, such as %s.%s%s.", refTo, names[1], instanceOf("KEY"))
		if len(declared.keys) > 0 {
			d.Hint = fmt.Sprintf("Name an instance, such as %s.%s%s.", refTo, names[1], instanceOf(declared.keys[0]))
		}
	case declared.repeated && len(names) == 3:
		if slices.Contains(declared.keys, names[2]) {
			return names[1] + instanceOf(names[2]), true
		}
		d.Code, d.Summary = diag.CodeUnknownReference, fmt.Sprintf("%s.%s has no instance %q", refTo, names[1], names[2])
		d.Detail = "Its for_each does not have the key."
		if m := s.loading.speller.Suggest(names[2], declared.keys); m != "" {
			d.Hint = fmt.Sprintf("Did you mean %s.%s%s?", refTo, names[1], instanceOf(m))
		}
	case len(names) == 2:
		return names[1], true
	}
	s.report(d)
	return "", false
}

// fromCty takes a computed value over. All its parts have the place of the
// expression.
func (s *scope) fromCty(v cty.Value, at diag.Range) Value {
	v, marks := v.UnmarkDeep()
	out := s.plainCty(v, at)
	if len(marks) > 0 {
		out.Sensitive = true
	}
	return out
}

func (s *scope) plainCty(v cty.Value, at diag.Range) Value {
	out := Value{Range: at}
	t := v.Type()
	switch {
	case !v.IsKnown():
	case v.IsNull():
		out.Kind = Null
	case t == cty.String:
		out.Kind, out.Scalar = Text, value.NewText(v.AsString())
	case t == cty.Bool:
		out.Kind, out.Scalar = Bool, value.NewBool(v.True())
	case t == cty.Number:
		text, ok := decimalText(v.AsBigFloat())
		if !ok {
			text = "0"
		}
		n, err := number(text)
		if err != nil || !ok {
			s.report(diag.Diagnostic{
				Code: diag.CodeNotAllowed, Summary: "the number cannot be used", Detail: "It has too many digits.", Subject: at,
				Hint: "Write the exact decimal instead of computing it.",
			})
			return out
		}
		out.Kind, out.Scalar = Number, n
	case t.IsListType() || t.IsSetType() || t.IsTupleType():
		out.Kind = List
		for _, e := range v.AsValueSlice() {
			out.List = append(out.List, s.plainCty(e, at))
		}
	case t.IsMapType() || t.IsObjectType():
		out.Kind = Object
		members := v.AsValueMap()
		keys := slices.Collect(maps.Keys(members))
		sort.Strings(keys)
		for _, k := range keys {
			out.Items = append(out.Items, Item{Key: k, KeyRange: at, Value: s.plainCty(members[k], at)})
		}
	}
	return out
}
