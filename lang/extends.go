package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/library"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

// libraryNames are the standard maps, as references name them.
func libraryNames() source.Known {
	return source.Known{
		Where: "The standard maps are listed by `dw library list`.",
		Names: func() []string {
			var names []string
			for _, e := range library.List() {
				names = append(names, e.Name)
			}
			return names
		},
	}
}

// extended gives what a map starts from: a copy of the standard map that it
// extends, whose places are all that of the reference, or the defaults.
func (l *loader) extended(b *source.Block) *model.Map {
	if a := b.Attr("extends"); a != nil {
		if m := l.standardMap(a.Value.Ref.Name); m != nil {
			return inherited(m, a.Value.Range)
		}
	}
	return &model.Map{
		Conflict: "merge", Status: "running", Mastering: model.Mastering{Master: value.FnO, Violation: "revert"},
	}
}

// standardMap reads a map of the library, once. Its text is called as
// references call it, which no file can be.
func (l *loader) standardMap(name string) *model.Map {
	if m, known := l.standard[name]; known {
		return m
	}
	text, _ := library.Source(name)
	called := "library." + name
	tree, list := source.Parse(called, text, grammar())
	inner := newLoader(&model.Config{})
	inner.incomplete = true // the link is not there
	inner.folder(&tree.Folder, nil)
	l.cfg.Sources[called] = text
	l.notes(tree, true)
	l.list = append(append(l.list, list...), inner.list...)
	var m *model.Map
	if len(inner.cfg.Maps) > 0 {
		m = inner.cfg.Maps[0]
	}
	l.standard[name] = m
	return m
}

// inherited copies a map of the library for a map that refers to it at a place.
func inherited(m *model.Map, at diag.Range) *model.Map {
	out := *m
	move := func(n *model.Named) { n.Range = n.Range.InheritedAt(at) }
	names := func(list []model.Named) []model.Named {
		list = slices.Clone(list)
		for i := range list {
			move(&list[i])
		}
		return list
	}
	for _, n := range []*model.Named{&out.FnO, &out.Dataverse, &out.Owner, &out.Filter.FnO, &out.Filter.Dataverse} {
		move(n)
	}
	out.Key, out.Companies = names(m.Key), names(m.Companies)
	out.Mastering.FnO, out.Mastering.Dataverse = names(m.Mastering.FnO), names(m.Mastering.Dataverse)
	out.ConflictRange, out.Mastering.ViolationRange = m.ConflictRange.InheritedAt(at), m.Mastering.ViolationRange.InheritedAt(at)
	out.TogetherRanges = slices.Clone(m.TogetherRanges)
	for i, r := range out.TogetherRanges {
		out.TogetherRanges[i] = r.InheritedAt(at)
	}
	out.Filter.LeaveRange, out.Deletes.Range = m.Filter.LeaveRange.InheritedAt(at), m.Deletes.Range.InheritedAt(at)
	out.Initial.Match = slices.Clone(m.Initial.Match)
	for i, way := range out.Initial.Match {
		out.Initial.Match[i] = names(way)
	}
	if m.Initial.Crosswalk != nil {
		x := *m.Initial.Crosswalk
		x.Range = x.Range.InheritedAt(at)
		out.Initial.Crosswalk = &x
	}
	if m.Company != nil {
		c := *m.Company
		c.Range = c.Range.InheritedAt(at)
		out.Company = &c
	}
	out.Fields = make([]*model.Field, len(m.Fields))
	for i, f := range m.Fields {
		out.Fields[i] = inheritedField(f, at)
	}
	return &out
}

func inheritedField(f *model.Field, at diag.Range) *model.Field {
	out := *f
	out.Column.Range, out.FnO.Range, out.Range = f.Column.Range.InheritedAt(at), f.FnO.Range.InheritedAt(at), f.Range.InheritedAt(at)
	out.ToDataverse, out.ToFnO = inheritedExpr(f.ToDataverse, at), inheritedExpr(f.ToFnO, at)
	if f.Values != nil {
		e := *f.Values
		e.Range = e.Range.InheritedAt(at)
		e.ToDataverse.Range, e.ToFnO.Range = e.ToDataverse.Range.InheritedAt(at), e.ToFnO.Range.InheritedAt(at)
		e.Values, e.Reverse = inheritedValues(e.Values, at), inheritedValues(e.Reverse, at)
		out.Values = &e
	}
	out.Targets = slices.Clone(f.Targets)
	for i := range out.Targets {
		t := &out.Targets[i]
		t.Table.Range = t.Table.Range.InheritedAt(at)
		t.Match = slices.Clone(t.Match)
		for k := range t.Match {
			t.Match[k].Range, t.Match[k].FnO.Range = t.Match[k].Range.InheritedAt(at), t.Match[k].FnO.Range.InheritedAt(at)
		}
	}
	return &out
}

func inheritedValues(list []model.EnumValue, at diag.Range) []model.EnumValue {
	list = slices.Clone(list)
	for i := range list {
		list[i].Range = list[i].Range.InheritedAt(at)
	}
	return list
}

func inheritedExpr(e *expr.Expr, at diag.Range) *expr.Expr {
	if e == nil {
		return nil
	}
	out := *e
	out.Range = e.Range.InheritedAt(at)
	out.Args = make([]*expr.Expr, len(e.Args))
	for i, a := range e.Args {
		out.Args[i] = inheritedExpr(a, at)
	}
	return &out
}

func isInherited(f *model.Field) bool { return !f.Range.Origin.IsZero() }

// sameField gives what two fields have in common of which one overrides the
// other: the Dataverse column, or the F&O field of constants for F&O.
func sameField(f *model.Field) string {
	if f.Column.Name == "" {
		return "fno " + strings.ToLower(f.FnO.Name)
	}
	return strings.ToLower(f.Column.Name)
}

// inherit puts the fields that a map inherits around its own, which stand in
// the place of those that they override, and drops what rules say of fields
// that are no longer there.
func (l *loader) inherit(b *source.Block, m *model.Map, inherited []*model.Field) {
	own := map[string][]*model.Field{}
	for _, f := range m.Fields {
		own[sameField(f)] = append(own[sameField(f)], f)
	}
	omitted := l.omitted(b, m, own, inherited)
	if len(inherited) == 0 {
		return
	}
	var out []*model.Field
	placed := map[string]bool{}
	for _, f := range inherited {
		name := sameField(f)
		switch {
		case omitted[f] || placed[name]:
		case own[name] != nil:
			placed[name] = true
			out = append(out, own[name]...)
		default:
			out = append(out, f)
		}
	}
	for _, f := range m.Fields {
		if !placed[sameField(f)] {
			out = append(out, f)
		}
	}
	m.Fields = out

	var there []model.Named
	for _, f := range out {
		there = append(there, model.Named{Name: f.Name()})
	}
	gone := func(n model.Named) bool { return !contains(there, n.Name) }
	m.Mastering.FnO, m.Mastering.Dataverse = slices.DeleteFunc(m.Mastering.FnO, gone), slices.DeleteFunc(m.Mastering.Dataverse, gone)
	var together [][]string
	for _, group := range m.Together {
		group = slices.DeleteFunc(slices.Clone(group), func(name string) bool { return !contains(there, name) })
		if len(group) > 1 {
			together = append(together, group)
		}
	}
	m.Together = together
}

func contains(list []model.Named, name string) bool {
	return slices.ContainsFunc(list, func(n model.Named) bool { return n.Name == name })
}

// without gives the names of a list that are not in another.
func without(list, other []model.Named) []model.Named {
	return slices.DeleteFunc(slices.Clone(list), func(n model.Named) bool { return contains(other, n.Name) })
}

// omitted finds the inherited fields that a map leaves out.
func (l *loader) omitted(b *source.Block, m *model.Map, own map[string][]*model.Field, inherited []*model.Field) map[*model.Field]bool {
	a := b.Attr("omit")
	if a == nil {
		return nil
	}
	if !b.Written("extends") {
		l.report(diag.Diagnostic{
			Code: diag.CodeConflictingKeys, Summary: "omit without extends",
			Detail: "It leaves fields of a standard map out, and the map extends none.", Hint: "Remove omit, or write extends = library.NAME.",
			Subject: a.NameRange, Context: a.Range, Address: m.Address(),
		})
		return nil
	}
	if b.Attr("extends") == nil {
		return nil // a mistake that was told
	}
	out := map[*model.Field]bool{}
	for i, t := range a.Value.Texts() {
		named := func(f *model.Field) bool {
			return strings.EqualFold(f.Name(), t.Text) || strings.EqualFold(f.Column.Name, t.Text)
		}
		d := diag.Diagnostic{Subject: t.Range, Context: a.Range, Address: m.Address()}
		switch mine := ownField(own, named); {
		case mine != nil:
			d.Code, d.Summary = diag.CodeConflictingKeys, fmt.Sprintf("omit names %q, which the map writes itself", t.Text)
			d.Detail = "A field of the map overrides the inherited one, so that there is nothing left to leave out."
			d.Hint = "Remove it from omit, or remove the field."
		case slices.ContainsFunc(a.Value.Texts()[:i], func(o source.Label) bool { return strings.EqualFold(o.Text, t.Text) }):
			d.Code, d.Summary, d.Detail = diag.CodeListedTwice, fmt.Sprintf("%q is listed twice in omit", t.Text), "It is left out once."
			d.Hint = "Remove it, or name the column that was meant."
		default:
			found := false
			for _, f := range inherited {
				if named(f) {
					found, out[f] = true, true
				}
			}
			if found {
				continue
			}
			d = l.notInherited(b, t, inherited, d)
		}
		l.report(d)
	}
	return out
}

func ownField(own map[string][]*model.Field, named func(*model.Field) bool) *model.Field {
	for _, list := range own {
		if i := slices.IndexFunc(list, named); i >= 0 {
			return list[i]
		}
	}
	return nil
}

// notInherited says that the standard map has no field of a name.
func (l *loader) notInherited(b *source.Block, t source.Label, inherited []*model.Field, d diag.Diagnostic) diag.Diagnostic {
	of := "library." + b.Attr("extends").Value.Ref.Name
	d.Code, d.Summary = diag.CodeFieldNotMapped, fmt.Sprintf("omit names %q, which %s does not carry", t.Text, of)
	d.Detail = "A field is named by its Dataverse column, a constant for F&O by its F&O field."
	var known []string
	for _, f := range inherited {
		if f.Column.Name != "" && strings.EqualFold(f.FnO.Name, t.Text) {
			d.Hint = fmt.Sprintf("Write %q, the column of the F&O field %s.", f.Name(), f.FnO.Name)
			return d
		}
		known = append(known, f.Name())
		if len(f.Path) > 0 {
			known = append(known, f.Column.Name)
		}
	}
	if s := l.speller.Suggest(t.Text, known); s != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", s)
		d.Fix = replaceBy(t, s, known)
	} else {
		d.Hint = fmt.Sprintf("`dw library show %s` shows its fields.", strings.TrimPrefix(of, "library."))
	}
	return d
}
