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

// fields reads all fields of a map, in the author's order.
func (l *loader) fields(b *source.Block, m *model.Map) {
	for _, c := range b.Blocks {
		switch c.Spec.Type {
		case "fields":
			l.plainFields(c, m)
		case "field":
			l.field(c, m)
		case "lookup":
			l.lookup(c, m)
		case "constant":
			l.constant(c, m)
		}
	}
	slices.SortStableFunc(m.Fields, func(a, b *model.Field) int {
		return cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte)
	})
}

// plainFields reads lines of the form F&O field = column.
func (l *loader) plainFields(b *source.Block, m *model.Map) {
	for _, a := range b.Attrs {
		columns := a.Value.Texts()
		switch a.Value.Kind {
		case source.Text:
			columns = []source.Label{{Text: a.Value.Scalar.String(), Range: a.Value.Range}}
		case source.Null:
			l.report(diag.Diagnostic{
				Code: diag.CodeWrongType, Summary: fmt.Sprintf("%s has no column", a.Name),
				Detail: "A line of fields names the Dataverse column.", Hint: "Remove the line.", Subject: a.Value.Range, Address: m.Address(),
			})
		}
		for _, c := range columns {
			f := l.newField(m, c, model.Named{Name: a.Name, Range: a.NameRange}, a.Range)
			f.Direction = model.Direction(b.Name())
		}
	}
}

// newField adds a field whose column is written as "column" or "lookup.key".
func (l *loader) newField(m *model.Map, column source.Label, fno model.Named, at diag.Range) *model.Field {
	name, path, ok := splitPath(column.Text)
	if !ok {
		l.report(diag.Diagnostic{
			Code: diag.CodeBadName, Summary: fmt.Sprintf("%q is no column", column.Text),
			Detail:  "A column is a name, a lookup is written as lookup.key_column.",
			Subject: column.Range, Address: m.Address(),
		})
	}
	f := &model.Field{
		Column: model.Named{Name: name, Range: column.Range}, Path: path, FnO: fno,
		Direction: model.Both, Writes: "always", Range: at,
	}
	m.Fields = append(m.Fields, f)
	return f
}

func (l *loader) field(b *source.Block, m *model.Map) {
	f := l.newField(m, source.Label(b.Labels[0]), l.entity(b, "fno"), b.Header)
	f.Writes = cmp.Or(b.Text("writes"), "always")
	f.Missing = b.Text("missing")
	l.missingOnlyOnLookups(b, f, m)
	if a := b.Attr("to_dataverse"); a != nil {
		f.ToDataverse = a.Value.Expr
	}
	if a := b.Attr("to_fno"); a != nil {
		f.ToFnO = a.Value.Expr
	}
	if a := b.Attr("values"); a != nil {
		f.Values = l.values(a)
	}
	for _, name := range []string{"fno", "values", "to_dataverse", "to_fno"} {
		f.Faulty = f.Faulty || b.Written(name) && b.Attr(name) == nil
	}
	f.Faulty = f.Faulty || b.Written("values") && f.Values == nil
	l.fieldDirection(b, f, m)
	if b.Written("values") && (b.Written("to_dataverse") || b.Written("to_fno")) {
		l.report(diag.Diagnostic{
			Code: diag.CodeConflictingKeys, Summary: "values and expressions exclude each other",
			Detail:  "A field is carried over by its value map or by its expressions.",
			Hint:    "Remove one of them.",
			Subject: b.Header, Context: b.Body, Address: m.Address(),
		})
	}
}

// fieldDirection finds the direction: the one that is written, or those that
// have an expression.
func (l *loader) fieldDirection(b *source.Block, f *model.Field, m *model.Map) {
	toDataverse, toFnO := b.Written("to_dataverse"), b.Written("to_fno")
	written := model.Direction(b.Text("direction"))
	if written == "" {
		switch {
		case toDataverse && !toFnO:
			f.Direction = model.ToDataverse
		case toFnO && !toDataverse:
			f.Direction = model.ToFnO
		}
		return
	}
	f.Direction = written
	for _, x := range []struct {
		attr, other string
		has, back   bool
		to          value.Side
	}{
		{"to_dataverse", "to_fno", toDataverse, toFnO, value.Dataverse},
		{"to_fno", "to_dataverse", toFnO, toDataverse, value.FnO},
	} {
		switch {
		case x.has && !written.Sends(x.to):
			l.report(diag.Diagnostic{
				Code: diag.CodeConflictingKeys, Summary: fmt.Sprintf("%s is never used", x.attr),
				Detail:  fmt.Sprintf("The direction of the field is %q.", written),
				Hint:    "Remove the expression or change the direction.",
				Subject: attrRange(b, x.attr), Context: b.Body, Address: m.Address(),
			})
		case x.has && written == model.Both && !x.back:
			l.report(diag.Diagnostic{
				Code: diag.CodeConflictingKeys, Summary: fmt.Sprintf("the way back is not said: %s is missing", x.other),
				Detail:  "The field flows both ways and has an expression for one of them.",
				Hint:    fmt.Sprintf("Write %s = value if the value goes back as it is.", x.other),
				Subject: attrRange(b, x.attr), Context: b.Body, Address: m.Address(),
			})
		}
	}
}

func attrRange(b *source.Block, name string) diag.Range {
	for _, a := range b.Attrs {
		if a.Name == name {
			return a.NameRange
		}
	}
	return b.Header
}

// values reads a value map, by reference or in place.
func (l *loader) values(a *source.Attr) *model.Enum {
	if a.Value.Kind == source.Reference {
		return l.enums[a.Value.Ref.Name]
	}
	return &model.Enum{Values: l.enumValues(a.Value), Range: a.Value.Range}
}

func (l *loader) missingOnlyOnLookups(b *source.Block, f *model.Field, m *model.Map) {
	if f.Missing == "" || len(f.Path) > 0 {
		return
	}
	l.report(diag.Diagnostic{
		Code: diag.CodeConflictingKeys, Summary: "missing belongs to lookups",
		Detail:  fmt.Sprintf("%s is a plain column: there is no target that could be missing.", f.Column.Name),
		Hint:    "Write the label as \"lookup.key_column\", or remove missing.",
		Subject: attrRange(b, "missing"), Address: m.Address(),
	})
}

func (l *loader) lookup(b *source.Block, m *model.Map) {
	label := b.Labels[0]
	f := &model.Field{
		Column:    model.Named{Name: label.Text, Range: label.Range},
		Direction: model.Direction(cmp.Or(b.Text("direction"), string(model.Both))),
		Writes:    "always", Missing: b.Text("missing"), Range: b.Header,
	}
	m.Fields = append(m.Fields, f)
	if _, path, ok := splitPath(label.Text); !ok || len(path) > 0 {
		l.report(diag.Diagnostic{
			Code: diag.CodeBadName, Summary: fmt.Sprintf("%q is no lookup column", label.Text),
			Detail: "The label of a lookup is the bare column; the key column of the target stands in match.", Subject: label.Range, Address: m.Address(),
		})
	}
	f.Faulty = true // until its match is read
	a := b.Attr("match")
	if a == nil {
		return
	}
	if len(a.Value.Items) != 1 {
		code, summary := diag.CodeNotYet, "a lookup by several fields is not in this version of dw"
		if len(a.Value.Items) == 0 {
			code, summary = diag.CodeNotAllowed, "match is empty"
		}
		l.report(diag.Diagnostic{
			Code: code, Summary: summary,
			Detail:  "A lookup is found by one F&O field and one key column of the target.",
			Hint:    `Write match = { FIELD = "key_column" }.`,
			Subject: a.Value.Range, Context: b.Body, Address: m.Address(),
		})
		return
	}
	item := a.Value.Items[0]
	f.FnO = model.Named{Name: item.Key, Range: item.KeyRange}
	if item.Value.Kind != source.Text {
		return
	}
	first, rest, ok := splitPath(item.Value.Scalar.String())
	if !ok {
		l.report(emptyName("the key column", item.Value.Range))
	}
	f.Path = append([]string{first}, rest...)
	f.Faulty = !ok
}

func (l *loader) constant(b *source.Block, m *model.Map) {
	label := b.Labels[0]
	name := model.Named{Name: label.Text, Range: label.Range}
	f := &model.Field{
		IsConstant: true, Writes: cmp.Or(b.Text("writes"), "create"), Range: b.Header,
		Column: name, Direction: model.ToDataverse,
	}
	if b.Text("side") == string(value.FnO) {
		f.Column, f.FnO, f.Direction = model.Named{}, name, model.ToFnO
	}
	if _, path, ok := splitPath(label.Text); !ok || len(path) > 0 {
		l.report(diag.Diagnostic{
			Code: diag.CodeBadName, Summary: fmt.Sprintf("%q is no field for a constant", label.Text),
			Detail: "A constant is written to a plain column.", Subject: label.Range, Address: m.Address(),
		})
	}
	if a := b.Attr("value"); a != nil {
		f.Constant = a.Value.Scalar
	}
	m.Fields = append(m.Fields, f)
}

// key reads the key and adds the fields that its short form maps.
func (l *loader) key(b *source.Block, m *model.Map) {
	a := b.Attr("key")
	if a == nil {
		return
	}
	if len(a.Value.List)+len(a.Value.Items) == 0 {
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: "the key is empty",
			Detail: "The key finds the same record on the other side.", Hint: "Name the F&O fields of the key.",
			Subject: a.Value.Range, Address: m.Address(),
		})
		return
	}
	direction := keyDirection(m.Fields)
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
	for _, t := range a.Value.Texts() {
		l.keyField(m, t)
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
	d := diag.Diagnostic{
		Code: diag.CodeKeyNotMapped, Summary: fmt.Sprintf("the key field %q is not mapped", t.Text),
		Detail:  "The key finds the same record on the other side, so both sides must hold it.",
		Hint:    fmt.Sprintf(`Map it in fields, or write key = { %s = "column" }.`, t.Text),
		Subject: t.Range, Address: m.Address(),
	}
	if s := diag.Suggest(t.Text, known); s != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", s)
		d.Fix = &diag.Fix{Summary: "Replace by " + s, Range: t.Range, NewText: fmt.Sprintf("%q", s)}
	}
	l.report(d)
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
		if f.Direction.Sends(value.FnO) && f.FnO.Name != "" {
			l.writtenOnce(m, f, f.FnO, fno, diag.CodeFnOFieldTwice, "the F&O field")
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
	other := first.Column.Range
	if code == diag.CodeFnOFieldTwice {
		other = first.FnO.Range
	}
	hint := "Remove one of them, or narrow the direction of one."
	if code == diag.CodeFnOFieldTwice && first.Column.Name != "" && f.Column.Name != "" {
		hint = fmt.Sprintf("Let one column send to F&O: put %q under fields \"to_dataverse\".", f.Name())
	}
	l.report(diag.Diagnostic{
		Code: code, Summary: fmt.Sprintf("%s %q is written twice", what, name.Name),
		Detail:  fmt.Sprintf("The first field that writes it stands at %s.", other),
		Hint:    hint,
		Subject: name.Range, Context: f.Range, Address: m.Address(),
	})
}
