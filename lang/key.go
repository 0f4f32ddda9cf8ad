package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

// shortKey adds the fields that the short form of a key maps.
func (l *loader) shortKey(a *source.Attr, m *model.Map, inherited []*model.Field) {
	direction := keyDirection(slices.Concat(m.Fields, inherited))
	var short []*model.Field
	for _, i := range a.Value.Items {
		if i.Value.Kind != source.Text {
			continue
		}
		named := model.Named{Name: i.Key, Range: i.KeyRange}
		m.Key = append(m.Key, named)
		at := diag.Range{File: i.KeyRange.File, Start: i.KeyRange.Start, End: i.Value.Range.End}
		f := l.newField(m, source.Label{Text: i.Value.Scalar.String(), Range: i.Value.Range}, named, at)
		f.Direction = direction
		short = append(short, f)
	}
	// The fields of the key stand first, as they do for a reader.
	m.Fields = append(short, m.Fields[:len(m.Fields)-len(short)]...)
}

// key reads the fields of a key that are mapped elsewhere.
func (l *loader) key(a *source.Attr, m *model.Map) {
	if len(a.Value.List)+len(a.Value.Items) == 0 {
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: "the key is empty",
			Detail: "The key finds the same record on the other side.", Hint: "Name the F&O fields of the key.",
			Subject: a.Value.Range, Address: m.Address(),
		})
	}
	for _, t := range a.Value.Texts() {
		l.keyField(m, t)
	}
}

// inheritedKey checks that the fields of a key that the map does not write
// itself are still mapped.
func (l *loader) inheritedKey(b *source.Block, m *model.Map) {
	if b.Written("key") {
		return // a mistake that was told
	}
	key := m.Key
	m.Key = nil
	for _, n := range key {
		l.keyField(m, source.Label{Text: n.Name, Range: n.Range})
	}
}

// keyField checks one field of a key that is mapped elsewhere.
func (l *loader) keyField(m *model.Map, t source.Label) {
	if slices.ContainsFunc(m.Key, func(n model.Named) bool { return strings.EqualFold(n.Name, t.Text) }) {
		l.report(diag.Diagnostic{
			Code: diag.CodeListedTwice, Summary: fmt.Sprintf("%q is listed twice in the key", t.Text),
			Detail: "A field is part of the key once.", Subject: t.Range, Address: m.Address(),
		})
		return
	}
	m.Key = append(m.Key, model.Named{Name: t.Text, Range: t.Range})
	var known []string
	for _, f := range m.Fields {
		if f.FnO.Name == "" || f.IsConstant {
			continue
		}
		if strings.EqualFold(f.FnO.Name, t.Text) {
			return
		}
		known = append(known, f.FnO.Name)
	}
	for _, f := range m.Fields {
		if by := matched(f, t.Text); by != "" {
			if len(f.Targets) == 1 {
				return // the key then needs the other fields of the lookup too, which the schema check says
			}
			l.report(diag.Diagnostic{
				Code: diag.CodeKeyNotMapped, Summary: fmt.Sprintf("the key field %q is mapped as part of a lookup only", t.Text),
				Detail:  fmt.Sprintf("%s is found in several tables, so no column of Dataverse holds the value of %s alone.", f.Column.Name, by),
				Hint:    fmt.Sprintf(`Map it by itself as well, such as %s = "column" in fields.`, by),
				Subject: t.Range, Address: m.Address(),
			})
			return
		}
	}
	d := diag.Diagnostic{
		Code: diag.CodeKeyNotMapped, Summary: fmt.Sprintf("the key field %q is not mapped", t.Text),
		Detail:  "The key finds the same record on the other side, so both sides must hold it.",
		Hint:    fmt.Sprintf(`Map it in fields, or write key = { %s = "column" }.`, t.Text),
		Subject: t.Range, Address: m.Address(),
	}
	if !t.Range.Origin.IsZero() {
		d.Hint = "Leave it out of omit, map it, or write a key of your own."
		l.report(d)
		return
	}
	if s := l.speller.Suggest(t.Text, known); s != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", s)
		d.Fix = replaceBy(t, s, known)
	}
	l.report(d)
}

// matched gives the F&O field of that name by which a lookup with targets
// finds its row, or "".
func matched(f *model.Field, name string) string {
	for _, t := range f.Targets {
		for _, x := range t.Match {
			if strings.EqualFold(x.FnO.Name, name) {
				return x.FnO.Name
			}
		}
	}
	return ""
}

// keyDirection is how a key that is mapped by its short form flows: as all
// other fields do, both ways where they differ or there are none.
func keyDirection(fields []*model.Field) model.Direction {
	var out model.Direction
	for _, f := range fields {
		switch {
		case f.IsConstant:
		case out == "":
			out = f.Direction
		case out != f.Direction:
			return model.Both
		}
	}
	return cmp.Or(out, model.Both)
}

// written reports columns and F&O fields that two fields of the map write.
func (l *loader) written(m *model.Map) {
	columns, fno := map[string]*model.Field{}, map[string]*model.Field{}
	for _, f := range m.Fields {
		if f.Direction.Sends(value.Dataverse) && f.Column.Name != "" {
			l.writtenOnce(m, f, f.Column, columns, diag.CodeColumnTwice, "the column")
		}
		if !f.Direction.Sends(value.FnO) {
			continue
		}
		for _, name := range f.FnOFields() {
			l.writtenOnce(m, f, name, fno, diag.CodeFnOFieldTwice, "the F&O field")
		}
	}
}

func (l *loader) writtenOnce(m *model.Map, f *model.Field, name model.Named, seen map[string]*model.Field, code, what string) {
	key := strings.ToLower(name.Name)
	first := seen[key]
	if first == nil {
		seen[key] = f
		return
	}
	at := func(x *model.Field) diag.Range {
		for _, n := range x.FnOFields() {
			if code == diag.CodeFnOFieldTwice && strings.EqualFold(n.Name, name.Name) {
				return n.Range
			}
		}
		return x.Column.Range
	}
	detail := "The first field that writes it stands at %s."
	hint := "Remove one of them, or narrow the direction of one."
	if code == diag.CodeFnOFieldTwice && first.Column.Name != "" && f.Column.Name != "" {
		hint = fmt.Sprintf("Let one column send to F&O: put %q under fields \"to_dataverse\".", f.Name())
	}
	if isInherited(f) != isInherited(first) {
		if isInherited(f) { // the author's own one is shown
			f, first = first, f
		}
		detail = "An inherited field that writes it stands at %s. A field overrides inherited ones of the same Dataverse column only."
		hint = fmt.Sprintf("Leave the inherited one out: omit = [%q].", first.Name())
	}
	l.report(diag.Diagnostic{
		Code: code, Summary: fmt.Sprintf("%s %q is written twice", what, name.Name),
		Detail:  fmt.Sprintf(detail, at(first)),
		Hint:    hint,
		Subject: at(f), Context: f.Range, Address: m.Address(),
	})
}
