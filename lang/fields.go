package lang

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

// fields reads all fields that a map writes itself, in the author's order.
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
		if a.Value.Kind == source.List && len(a.Value.List) == 0 {
			l.report(diag.Diagnostic{
				Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%s has no column", a.Name),
				Detail: "A line of fields names a Dataverse column, or several.", Hint: "Remove the line.", Subject: a.Value.Range, Address: m.Address(),
			})
		}
		direction := model.Direction(b.Name())
		for i, c := range columns {
			if i > 0 && direction == model.ToFnO {
				l.report(diag.Diagnostic{
					Code: diag.CodeFnOFieldTwice, Summary: fmt.Sprintf("the F&O field %q is written twice", a.Name),
					Detail:  "It can take its value from one column only. A list of columns is for fields that fill several columns in Dataverse.",
					Hint:    fmt.Sprintf(`Keep one column here; put others under fields "to_dataverse" if %s shall fill them.`, a.Name),
					Subject: c.Range, Context: a.Range, Address: m.Address(),
				})
				break
			}
			f := l.newField(m, c, model.Named{Name: a.Name, Range: a.NameRange}, a.Range)
			f.Direction = direction
			if i > 0 {
				f.Direction = model.ToDataverse
			}
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
		f.Values = l.values(b, a, m)
	}
	l.valuesOnly(b, m)
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
func (l *loader) values(b *source.Block, a *source.Attr, m *model.Map) *model.Enum {
	if a.Value.Kind != source.Reference {
		out := &model.Enum{Values: l.enumValues(a.Value), Range: a.Value.Range}
		l.aroundValues(b, out)
		return out
	}
	for _, name := range []string{"otherwise", "reverse"} {
		if b.Written(name) {
			l.report(diag.Diagnostic{
				Code: diag.CodeConflictingKeys, Summary: fmt.Sprintf("%s belongs to enum.%s", name, a.Value.Ref.Name),
				Detail:  "A value map that stands elsewhere says itself what becomes of the values that it does not name.",
				Hint:    fmt.Sprintf("Write %s in the enum, or the value map in place.", name),
				Subject: attrRange(b, name), Context: b.Body, Address: m.Address(),
			})
		}
	}
	return l.in.enums[a.Value.Ref.Name]
}

// valuesOnly reports what only value maps have.
func (l *loader) valuesOnly(b *source.Block, m *model.Map) {
	if b.Written("values") {
		return
	}
	for _, name := range []string{"otherwise", "reverse"} {
		if b.Written(name) {
			l.report(diag.Diagnostic{
				Code: diag.CodeConflictingKeys, Summary: fmt.Sprintf("%s belongs to a value map", name),
				Detail:  "The field has no values, so every value is carried over as it is or by its expressions.",
				Hint:    fmt.Sprintf("Add values, or remove %s.", name),
				Subject: attrRange(b, name), Context: b.Body, Address: m.Address(),
			})
		}
	}
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
