package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/zclconf/go-cty/cty"
)

// The attributes of blocks that stand for any number of instances.
const (
	forEachAttr = "for_each"
	enabledAttr = "enabled"
)

const (
	// maxInstances bounds the maps and modules that for_each and modules make,
	// all told.
	maxInstances = 10_000
	maxKey       = 100
)

// each is what each.key and each.value stand for.
type each struct {
	key   string
	value cty.Value
}

// declaration is a block that others may name.
type declaration struct {
	at       diag.Range
	repeated bool     // it has for_each
	keys     []string // of its instances
}

// named finds an attribute as it stands, right or wrong.
func (b *Block) named(name string) *Attr {
	for _, a := range b.Attrs {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// clone copies a block for values of its own.
func (b *Block) clone() *Block {
	out := *b
	out.Attrs = make([]*Attr, len(b.Attrs))
	for i, a := range b.Attrs {
		x := *a
		out.Attrs[i] = &x
	}
	out.Blocks = make([]*Block, len(b.Blocks))
	for i, c := range b.Blocks {
		out.Blocks[i] = c.clone()
	}
	return &out
}

// expand finds the keys of all repeated blocks, before anything names them.
func (s *scope) expand(top *Block) {
	for _, b := range top.Blocks {
		a := b.named(forEachAttr)
		if !b.Spec.Repeat || a == nil {
			continue
		}
		list := s.forEach(a)
		if b.Spec.Folder == nil && !s.loading.count(len(list), a.raw.at) { // those of modules count as they are used
			list = nil
		}
		s.repeats[b] = list
		if d := s.declared[b.Spec.Type][b.Name()]; d != nil && d.at == b.Labels[0].Range {
			d.repeated = true
			for _, e := range list {
				d.keys = append(d.keys, e.key)
			}
		}
	}
}

// instances calls f for every instance of a block that is enabled. Its own
// attributes say which those are; all others are for f to evaluate.
func (s *scope) instances(b *Block, f func(*Block)) {
	l := s.loading
	one := func(x *Block) {
		if s.enabled(x) {
			l.present[b.Body] = true
			f(x)
		}
	}
	list, repeated := s.repeats[b]
	switch {
	case !b.Spec.Repeat:
		f(b)
		return
	case !repeated:
		one(b)
	}
	for _, e := range list {
		x := b.clone()
		x.Instance = instanceOf(e.key)
		s.each = &e
		one(x)
		s.each = nil
	}
	if !l.present[b.Body] {
		l.absent = append(l.absent, b.Body)
	}
}

// enabled tells whether an instance is there; one whose answer is not known
// because of a mistake is.
func (s *scope) enabled(b *Block) bool {
	a := b.named(enabledAttr)
	if a == nil {
		return true
	}
	a.Value = s.attribute(a)
	return a.Value.Kind != Bool || a.Value.Scalar.String() == "true"
}

// instanceOf writes a key as references do.
func instanceOf(key string) string { return `["` + key + `"]` }

// forEach gives the instances that for_each asks for; none where it has a
// mistake.
func (s *scope) forEach(a *Attr) (list []each) {
	v := s.compute(a.raw)
	at := a.raw.at
	switch {
	case v.IsMarked():
		s.report(diag.Diagnostic{
			Code: diag.CodeSensitiveShown, Summary: "for_each is a sensitive value",
			Detail: "Its keys become names, which are shown in plans, logs and the state.", Hint: "Use a variable that is not sensitive.", Subject: at,
		})
		return nil
	case !v.IsKnown():
		return nil // a mistake that was told
	case v.IsNull():
		s.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: "for_each is null",
			Detail: "It says for which keys there are instances, and null says nothing.", Hint: "Write [] for none, or leave for_each out for a single one.", Subject: at,
		})
		return nil
	}
	if n := members(v); n > maxInstances {
		s.loading.count(n, at)
		return nil
	}
	seen := map[string]bool{}
	st := a.raw.look()
	switch t := v.Type(); {
	case t.IsObjectType() || t.IsMapType():
		places := map[string]diag.Range{}
		for _, i := range st.items {
			places[i.key] = i.keyRange
		}
		members := v.AsValueMap()
		for _, key := range slices.Sorted(maps.Keys(members)) {
			place, ok := places[key]
			if !ok {
				place = at
			}
			if s.goodKey(key, place, seen) {
				list = append(list, each{key, members[key]})
			}
		}
	case t.IsListType() || t.IsTupleType() || t.IsSetType():
		for i, m := range v.AsValueSlice() {
			place := at
			if st.kind == List && i < len(st.list) {
				place = st.list[i].at
			}
			if key, ok := s.keyMember(m, i, place); ok && s.goodKey(key, place, seen) {
				list = append(list, each{key, m})
			}
		}
	default:
		s.report(diag.Diagnostic{
			Code: diag.CodeWrongType, Summary: "for_each must be a list of texts or an object, not " + kindOf(v),
			Detail: "Each text, or each key of the object, becomes an instance of its own name.", Hint: `Write for example ["USMF", "DEMF"].`, Subject: at,
		})
		return nil
	}
	return list
}

// members counts those of a list or an object.
func members(v cty.Value) int {
	if !v.CanIterateElements() {
		return 0
	}
	return v.LengthInt()
}

// keyMember reads a member of a list as a key.
func (s *scope) keyMember(v cty.Value, i int, at diag.Range) (string, bool) {
	d := diag.Diagnostic{Code: diag.CodeWrongType, Subject: at, Detail: "The members of the list become the names of the instances.", Hint: "Write a text."}
	switch {
	case v.IsMarked():
		d.Code, d.Summary = diag.CodeSensitiveShown, fmt.Sprintf("member %d of for_each is a sensitive value", i+1)
		d.Hint = "Use a variable that is not sensitive."
	case !v.IsKnown():
		return "", false
	case v.IsNull() || v.Type() != cty.String:
		d.Summary = fmt.Sprintf("member %d of for_each must be a text, not %s", i+1, kindOf(v))
		if !v.IsNull() && (v.Type().IsObjectType() || v.Type().IsMapType()) {
			d.Hint = "Write an object of objects, whose keys name the instances: { USMF = { ... } }."
		}
	default:
		return v.AsString(), true
	}
	s.report(d)
	return "", false
}

// kindOf says in words what a value is.
func kindOf(v cty.Value) string {
	switch t := v.Type(); {
	case v.IsNull():
		return "null"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "true or false"
	case t == cty.String:
		return "a text"
	case t.IsObjectType() || t.IsMapType():
		return "an object"
	default:
		return "a list"
	}
}

// goodKey holds a key to what can be part of a name on a command line.
func (s *scope) goodKey(key string, at diag.Range, seen map[string]bool) bool {
	problem := ""
	switch {
	case key == "":
		problem = "It is empty."
	case key != strings.TrimSpace(key):
		problem = "It has blanks around it."
	case utf8.RuneCountInString(key) > maxKey:
		problem = fmt.Sprintf("It has more than %d characters.", maxKey)
	case strings.ContainsAny(key, `"'\[]`) || strings.Contains(key, "${") || strings.Contains(key, "%{"):
		problem = "It has a quote, a bracket, a backslash or an interpolation in it."
	case strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) }):
		problem = "It has a character that cannot be shown."
	}
	if problem != "" {
		s.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%q cannot be a key of for_each", key),
			Detail: problem + " The key is part of the name by which plans, commands and the state call the instance.", Hint: "Use a short word, such as a company.", Subject: at,
		})
		return false
	}
	if seen[key] {
		s.report(diag.Diagnostic{
			Code: diag.CodeRepeatedObjKey, Summary: fmt.Sprintf("the key %q is given twice", key),
			Detail: "Two instances would have one name.", Hint: "Remove one of them.", Subject: at,
		})
		return false
	}
	seen[key] = true
	return true
}

// count adds instances to those that there are; false, and told once, where
// they become too many.
func (l *loading) count(n int, at diag.Range) bool {
	if l.instances+n <= maxInstances {
		l.instances += n
		return true
	}
	if !l.tooMany {
		l.tooMany = true
		l.list = append(l.list, diag.Diagnostic{
			Code: diag.CodeTooManyInstances, Summary: fmt.Sprintf("more than %d instances", maxInstances),
			Detail: fmt.Sprintf("for_each and modules make %d of them so far, and %d more stand here.", l.instances, n),
			Hint:   "Repeat maps by company or environment, not by record; or write separate folders.", Subject: at,
		})
	}
	return false
}
