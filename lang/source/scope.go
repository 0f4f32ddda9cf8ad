package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// sensitiveMark marks what comes from a sensitive variable.
type sensitiveMark struct{}

// scope is what expressions of the configuration see.
type scope struct {
	root       *BlockSpec
	variables  map[string]cty.Value
	locals     map[string]*local
	declared   map[string]map[string]*declaration // of referable blocks, by type and name
	known      map[string]*knownNames             // what can be named without being declared, by root
	repeats    map[*Block][]each                  // of blocks with for_each
	each       *each                              // of the instance that is being evaluated
	incomplete bool                               // do not report what may stand in a file that is not there
	loading    *loading                           // to which the scope belongs
	names      map[string][]string                // of variables and locals, sorted, once they are asked for
	list       diag.List
}

// knownNames are names from outside, asked for when they are needed.
type knownNames struct {
	Known
	names []string
}

func (k *knownNames) all() []string {
	if k.names == nil {
		k.names = k.Names()
	}
	return k.names
}

// local is a named value; it is evaluated once, after those it needs.
type local struct {
	attr  *Attr
	state uint8 // 0 not looked at, 1 being evaluated, 2 done
	value cty.Value
}

func (s *scope) report(d diag.Diagnostic) { s.list = append(s.list, d) }

// declare collects the names of referable blocks and of locals.
func (s *scope) declare(tree *Block) {
	for _, b := range tree.Blocks {
		if b.Spec.Type == localsBlock {
			for _, a := range b.Attrs {
				if first := s.locals[a.Name]; first != nil {
					s.duplicate("the local "+a.Name, first.attr.NameRange, a.NameRange)
					continue
				}
				s.locals[a.Name] = &local{attr: a}
			}
			continue
		}
		if !b.Spec.Referable {
			continue
		}
		names := s.declared[b.Spec.Type]
		if names == nil {
			names = map[string]*declaration{}
			s.declared[b.Spec.Type] = names
		}
		name := b.Labels[0]
		if first, ok := names[name.Text]; ok {
			s.duplicate(fmt.Sprintf("%s %q", b.Spec.Type, name.Text), first.at, name.Range)
			continue
		}
		names[name.Text] = &declaration{at: name.Range}
	}
}

func (s *scope) duplicate(what string, first, second diag.Range) {
	s.report(diag.Diagnostic{
		Code: diag.CodeDuplicate, Summary: what + " is declared twice",
		Detail:  fmt.Sprintf("The first declaration stands at %s. All files of a folder are one configuration.", first),
		Hint:    "Rename or remove one of the two.",
		Subject: second,
	})
}

// resolveLocals evaluates all locals, in the order in which they need each
// other.
func (s *scope) resolveLocals() {
	for _, name := range slices.Sorted(maps.Keys(s.locals)) {
		s.resolveLocal(name, nil)
	}
}

func (s *scope) resolveLocal(name string, trail []string) {
	l := s.locals[name]
	switch l.state {
	case 2:
		return
	case 1:
		start := slices.Index(trail, name)
		ring := append(slices.Clone(trail[start:]), name)
		for i := range ring {
			ring[i] = "local." + ring[i]
		}
		s.report(diag.Diagnostic{
			Code: diag.CodeCycle, Summary: "locals need each other in a ring",
			Detail:  strings.Join(ring, " needs ") + ".",
			Hint:    "Give one of them a value of its own.",
			Subject: l.attr.NameRange, Context: l.attr.Range,
		})
		for _, member := range trail[start:] {
			s.locals[member].value, s.locals[member].state = cty.DynamicVal, 2
		}
		return
	}
	l.state = 1
	trail = append(trail, name)
	for _, need := range localsIn(l.attr.raw) {
		if s.locals[need] != nil {
			s.resolveLocal(need, trail)
		}
	}
	if l.state == 2 { // part of a ring that was reported
		return
	}
	l.value, l.state = s.compute(l.attr.raw), 2
	if size(l.value, maxValueSize) > maxValueSize {
		s.report(tooLarge("local."+name, l.attr.NameRange))
		l.value = cty.DynamicVal
	}
}

// tooLarge refuses a value without measure.
func tooLarge(name string, at diag.Range) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CodeTooLarge, Summary: "the value of " + name + " is larger than 1 MB",
		Detail: "Values that repeat each other grow without measure.", Hint: "Look for a loop or a text that is repeated more often than was meant.", Subject: at,
	}
}

// localsIn gives the locals that an expression names.
func localsIn(r raw) []string {
	var out []string
	r.dynamics(func(d raw) {
		for _, t := range d.syntax.Variables() {
			if names := traversalNames(t); len(names) > 1 && names[0] == localRoot {
				out = append(out, names[1])
			}
		}
	})
	return out
}

// dynamics calls f for the parts of an expression that need evaluation.
func (r raw) dynamics(f func(raw)) {
	switch s := r.look(); {
	case s.err != nil:
	case s.kind == List:
		for _, x := range s.list {
			x.dynamics(f)
		}
	case s.kind == Object:
		for _, x := range s.items {
			x.value.dynamics(f)
		}
	case s.kind == 0:
		f(s.dynamic)
	}
}

// compute evaluates any expression to a value of the configuration;
// cty.DynamicVal where a mistake was reported.
func (s *scope) compute(r raw) cty.Value {
	switch st := r.look(); {
	case st.err != nil:
		s.report(*st.err)
		return cty.DynamicVal
	case st.kind == Null:
		return cty.NullVal(cty.DynamicPseudoType)
	case st.kind == List:
		members := make([]cty.Value, len(st.list))
		for i, x := range st.list {
			members[i] = s.compute(x)
		}
		return cty.TupleVal(members)
	case st.kind == Object:
		members := map[string]cty.Value{}
		for _, x := range st.items {
			if x.err != nil {
				s.report(*x.err)
				continue
			}
			if _, twice := members[x.key]; twice {
				s.report(repeatedKey(x.key, x.keyRange))
			}
			members[x.key] = s.compute(x.value)
		}
		return cty.ObjectVal(members)
	case st.kind != 0:
		return ctyOf(st.scalar)
	default:
		return s.evaluate(st.dynamic)
	}
}

// evaluate computes a native expression that is not static. All names are
// checked first, since evaluation would hide some of them.
func (s *scope) evaluate(r raw) cty.Value {
	if !s.checkNames(r) {
		return cty.DynamicVal
	}
	vars, locals := map[string]cty.Value{}, map[string]cty.Value{}
	roots := map[string]cty.Value{}
	for _, t := range r.syntax.Variables() {
		switch names := traversalNames(t); names[0] {
		case variableRoot:
			vars[names[1]] = s.variables[names[1]]
		case localRoot:
			locals[names[1]] = s.locals[names[1]].value
		case eachRoot:
			roots[eachRoot] = cty.ObjectVal(map[string]cty.Value{eachKey: cty.StringVal(s.each.key), eachValue: s.each.value})
		}
	}
	roots[variableRoot], roots[localRoot] = cty.ObjectVal(vars), cty.ObjectVal(locals)
	v, diags, ok := s.loading.work.within(r.syntax, &hcl.EvalContext{
		Variables: roots,
		Functions: s.loading.functions,
	})
	if !ok {
		if !s.loading.exhausted {
			s.loading.exhausted = true
			s.report(diag.Diagnostic{
				Code: diag.CodeTooLarge, Summary: "the expressions of the configuration are too much work",
				Detail: "Loops inside of loops, or large values that are repeated, would take all of the time and memory that there is. This is where it became too much; what follows is not evaluated.",
				Hint:   "Loop over fewer members, or write the values out.", Subject: r.at,
			})
		}
		return cty.DynamicVal
	}
	if diags.HasErrors() {
		for _, d := range diags {
			if d.Severity != hcl.DiagError {
				continue
			}
			out := diag.Diagnostic{Code: diag.CodeEvaluation, Summary: lowerFirst(d.Summary), Detail: d.Detail, Subject: r.at}
			if d.Subject != nil {
				out.Subject = rangeOf(*d.Subject)
			}
			s.report(out)
		}
		return cty.DynamicVal
	}
	return v
}

// checkNames reports every name and function of an expression that does not
// exist; false where there is one.
func (s *scope) checkNames(r raw) bool {
	ok := true
	for _, t := range r.syntax.Variables() {
		ok = s.checkReference(traversalNames(t), rangeOf(t.SourceRange())) && ok
	}
	known := s.loading.functionNames
	_ = hclsyntax.VisitAll(r.syntax, func(n hclsyntax.Node) hcl.Diagnostics {
		if c, isCall := n.(*hclsyntax.FunctionCallExpr); isCall && !slices.Contains(known, c.Name) {
			ok = false
			s.report(unknownFunction(c.Name, known, rangeOf(c.NameRange)))
		}
		return nil
	})
	return ok
}

func unknownFunction(name string, known []string, at diag.Range) diag.Diagnostic {
	out := diag.Diagnostic{
		Code: diag.CodeUnknownFunction, Summary: fmt.Sprintf("no function %q", name),
		Detail:  "Functions: " + strings.Join(known, ", ") + ".",
		Subject: at,
	}
	if m := diag.Suggest(name, known); m != "" {
		out.Hint = fmt.Sprintf("Did you mean %s?", m)
		out.Fix = &diag.Fix{Summary: "Replace by " + m, Range: at, NewText: m, Certain: diag.Certain(name, m, known)}
	}
	return out
}

// checkReference reports a reference that leads nowhere.
func (s *scope) checkReference(names []string, at diag.Range) bool {
	if len(names) == 0 {
		return false
	}
	root := names[0]
	var known []string
	switch {
	case root == variableRoot:
		if _, ok := s.variables[second(names)]; ok {
			return true
		}
		known = s.sorted(variableRoot)
	case root == localRoot:
		if _, ok := s.locals[second(names)]; ok {
			return true
		}
		known = s.sorted(localRoot)
	case root == eachRoot && s.each == nil:
		s.report(diag.Diagnostic{
			Code: diag.CodeUnknownReference, Summary: "each is not known here",
			Detail: "each.key and each.value are those of an instance, inside of a block with for_each.", Hint: "Add for_each to the block, or write the value.", Subject: at,
		})
		return false
	case root == eachRoot:
		known = []string{eachKey, eachValue}
	case s.known[root] != nil || s.declared[root] != nil || s.root.block(root) != nil && s.root.block(root).Referable:
		s.report(diag.Diagnostic{
			Code: diag.CodeReferenceKind, Summary: "a reference such as " + root + ".NAME is not possible here",
			Detail:  "It stands for the whole block and can be used only where an attribute asks for it.",
			Subject: at,
		})
		return false
	default:
		out := diag.Diagnostic{
			Code: diag.CodeUnknownReference, Summary: fmt.Sprintf("no name %q here", root),
			Detail:  "A bare word is a reference: var.NAME for a variable or local.NAME for a local. A text stands in quotes.",
			Subject: at,
		}
		if len(names) == 1 {
			out.Hint = fmt.Sprintf("Write %q if a text is meant.", root)
			out.Fix = &diag.Fix{Summary: "Put it in quotes", Range: at, NewText: fmt.Sprintf("%q", root)}
		} else if m := diag.Suggest(root, []string{variableRoot, localRoot}); m != "" {
			out.Hint = fmt.Sprintf("Did you mean %s.%s?", m, names[1])
		}
		s.report(out)
		return false
	}
	if len(names) == 1 {
		s.report(diag.Diagnostic{
			Code: diag.CodeUnknownReference, Summary: fmt.Sprintf("%q needs a name", root),
			Detail: "Write " + root + ".NAME.", Subject: at,
		})
		return false
	}
	if slices.Contains(known, names[1]) {
		return true
	}
	if !s.incomplete {
		s.report(s.loading.unknownReference(root, names[1], known, at))
	}
	return false
}

// second gives the name after the root; "" where there is none.
func second(names []string) string {
	if len(names) < 2 {
		return ""
	}
	return names[1]
}

// sorted gives the names of all variables or locals. They are known before the
// first of them is asked for.
func (s *scope) sorted(root string) []string {
	if s.names[root] == nil {
		if s.names == nil {
			s.names = map[string][]string{}
		}
		if root == variableRoot {
			s.names[root] = slices.Sorted(maps.Keys(s.variables))
		} else {
			s.names[root] = slices.Sorted(maps.Keys(s.locals))
		}
	}
	return s.names[root]
}

// declaredNames gives what a reference to a type of blocks may name, sorted.
func (s *scope) declaredNames(blockType string) []string {
	if k := s.known[blockType]; k != nil {
		return k.all()
	}
	return slices.Sorted(maps.Keys(s.declared[blockType]))
}

// unknownReference says that nothing of the name is declared.
func (l *loading) unknownReference(root, name string, known []string, at diag.Range) diag.Diagnostic {
	out := diag.Diagnostic{
		Code: diag.CodeUnknownReference, Summary: fmt.Sprintf("%s.%s is not declared", root, name),
		Detail:  "Nothing of that name is declared in the folder.",
		Subject: at,
	}
	if root == eachRoot {
		out.Detail = "An instance has a key and a value."
	}
	out.Detail += listed(known)
	if m := l.speller.Suggest(name, known); m != "" {
		out.Hint = fmt.Sprintf("Did you mean %s.%s?", root, m)
		out.Fix = &diag.Fix{Summary: "Replace by " + root + "." + m, Range: at, NewText: root + "." + m, Certain: diag.Certain(name, m, known)}
	} else if l.speller.Tired() {
		out.Hint = diag.TooManyToGuess
	}
	return out
}

// listed says which names are declared.
func listed(names []string) string {
	if len(names) == 0 {
		return ""
	}
	show := names[:min(len(names), 20)]
	out := " Declared: " + strings.Join(show, ", ")
	if len(show) < len(names) {
		out += fmt.Sprintf(" and %d more", len(names)-len(show))
	}
	return out + "."
}

func repeatedKey(key string, at diag.Range) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CodeRepeatedObjKey, Summary: fmt.Sprintf("the key %q is given twice", key),
		Detail:  "The later entry would silently replace the earlier one.",
		Hint:    "Remove or rename one of them.",
		Subject: at,
	}
}
