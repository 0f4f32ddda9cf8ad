package transform

import (
	"errors"
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// constant compiles a field that one side gets from the map.
func (b *builder) constant(f *model.Field) {
	side, name := value.Dataverse, f.Column
	if f.Column.Name == "" {
		side, name = value.FnO, f.FnO
	}
	field := b.lookUp(side, name)
	if field == nil {
		return
	}
	onCreate := f.Writes != "always"
	if !field.OnCreate && (onCreate || !field.OnUpdate) {
		b.fail(diag.CodeReadOnlyField, name.Range, fmt.Sprintf("%s of %s cannot be written", field.Name, b.projection(side).Table.Set),
			side.Title()+" ignores or refuses what is written to it.", "Remove the constant.")
		return
	}
	v, ok := b.literal(field.Name, f.Constant, side, field, f.Range)
	if !ok {
		return
	}
	b.c.Constants[side] = append(b.c.Constants[side], Constant{Field: field, Value: v, OnCreate: onCreate})
}

// literal types a value that stands in the map for a field. Only whole numbers
// become choices, truth values the enum of Yes and No, and texts enum members,
// dates and guids.
func (b *builder) literal(slot string, v value.Value, side value.Side, f *schema.Field, at diag.Range) (value.Value, bool) {
	if v.IsNull() {
		return v, true
	}
	wants, fine := "", false
	k := v.Kind()
	switch f.Type {
	case schema.TypeText:
		wants, fine = `a text in quotes`, k == value.Text
	case schema.TypeInteger, schema.TypeChoice:
		wants, fine = "a whole number", k == value.Integer
	case schema.TypeDecimal:
		wants, fine = "a number", k == value.Integer || k == value.Decimal
	case schema.TypeBool:
		wants, fine = "true or false", k == value.Bool
	case schema.TypeEnum:
		wants, fine = "a member of "+f.Enum+" in quotes", k == value.Text || k == value.Bool && isNoYes(f)
	case schema.TypeTime, schema.TypeGuid, schema.TypeChoices:
		wants, fine = "a text in quotes", k == value.Text
	default:
		wants = "no constant in this version of dw, since it is a " + string(f.Type)
	}
	if !fine {
		hint := ""
		if e := b.enum(f.Enum); e != nil {
			hint = memberHint(e, "")
			if m := memberOfNumber(e, v.String()); m != nil {
				hint = fmt.Sprintf("%s is the number of %s in F&O's database: write %q.", v, m.Name, m.Name)
			}
		}
		b.fail(diag.CodeConstantFit, at, fmt.Sprintf("%s takes %s, not %s %s", f.Name, wants, k, shown(v)), "", hint)
		return value.Value{}, false
	}
	out, err := fit(slot, side, f, b.enum(f.Enum))(v)
	if err == nil {
		return out, true
	}
	hint := ""
	if e := b.enum(f.Enum); e != nil {
		if similar := b.speller.Suggest(v.Text(), e.MemberNames()); similar != "" {
			hint = fmt.Sprintf("Did you mean %q?", similar)
		}
	} else if f.Type == schema.TypeChoice {
		hint = "Its choices are " + optionList(f) + "."
	}
	code := diag.CodeConstantFit
	if ve, ok := errors.AsType[*ValueError](err); ok {
		switch ve.Code {
		case diag.CodeNoSuchMember:
			code = diag.CodeUnknownMember
		case diag.CodeNoSuchOption:
			code = diag.CodeUnknownOption
		}
	}
	b.fail(code, at, fmt.Sprintf("%s does not fit %s", shown(v), f.Name), detailOf(err), hint)
	return value.Value{}, false
}

// shown gives a constant as it is written.
func shown(v value.Value) string {
	if v.Kind() == value.Text {
		return fmt.Sprintf("%q", v.Text())
	}
	return v.String()
}

// detailOf gives the sentence of a ValueError without the field's name.
func detailOf(err error) string {
	if ve, ok := errors.AsType[*ValueError](err); ok {
		return ve.Detail
	}
	return err.Error()
}
