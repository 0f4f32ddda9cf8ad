package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// field compiles one field of the map into a slot or a constant.
func (b *builder) field(f *model.Field) {
	if f.IsConstant {
		b.constant(f)
		return
	}
	var fno *schema.Field
	if len(f.Targets) == 0 {
		fno = b.lookUp(value.FnO, f.FnO)
	}
	dv := b.lookUp(value.Dataverse, f.Column)
	if dv == nil || fno == nil && len(f.Targets) == 0 {
		return
	}
	s := Slot{
		Name: fieldName(f, dv), Field: f, Direction: f.Direction, Master: b.master(f, dv),
		OnCreate: f.Writes == "create", keyText: -1,
	}
	before := b.list.Count(diag.Error)
	if fno != nil {
		b.access(f, value.FnO, f.FnO, fno)
	}
	b.matchAccess(f)
	b.access(f, value.Dataverse, f.Column, dv)
	if len(f.Path) > 0 || len(f.Targets) > 0 || dv.Type == schema.TypeLookup {
		if !b.lookupSlot(&s, f, dv) {
			return
		}
	} else {
		b.steps(&s, f, fno, dv)
		b.zeroNothing(&s, fno, dv)
		s.FnO = b.column(value.FnO, fno)
	}
	if b.list.Count(diag.Error) > before {
		return
	}
	s.Dataverse = b.column(value.Dataverse, dv)
	b.c.Slots = append(b.c.Slots, s)
}

// matchAccess checks the F&O fields of a lookup block.
func (b *builder) matchAccess(f *model.Field) {
	seen := map[*schema.Field]bool{}
	for _, t := range f.Targets {
		for _, m := range t.Match {
			field := b.in.FnO.Field(m.FnO.Name)
			if field == nil || seen[field] {
				continue
			}
			seen[field] = true
			reads := *f
			reads.FnO = m.FnO
			if b.hasOwnWriter(f, field) {
				reads.Direction = model.ToDataverse
			}
			b.access(&reads, value.FnO, m.FnO, field)
		}
	}
}

// fieldName is model.Field.Name in the schema's spelling of the column.
func fieldName(f *model.Field, dv *schema.Field) string {
	return strings.Join(append([]string{dv.Name}, f.Path...), ".")
}

// master gives the side whose value wins. A field that goes one way is always
// mastered by the side it comes from.
func (b *builder) master(f *model.Field, dv *schema.Field) value.Side {
	switch f.Direction {
	case model.ToDataverse:
		return value.FnO
	case model.ToFnO:
		return value.Dataverse
	}
	listed := func(names []model.Named) bool {
		for _, n := range names {
			if strings.EqualFold(n.Name, f.Name()) || strings.EqualFold(n.Name, dv.Name) {
				return true
			}
		}
		return false
	}
	m := b.in.Map.Mastering
	switch {
	case listed(m.Dataverse):
		return value.Dataverse
	case listed(m.FnO):
		return value.FnO
	case m.Master == value.Dataverse:
		return value.Dataverse
	default:
		return value.FnO
	}
}

// access checks that what is read can be read and what is written written.
func (b *builder) access(f *model.Field, side value.Side, name model.Named, column *schema.Field) {
	at := rangeOr(name.Range, f.Range)
	if !column.Readable {
		// What is written must be read too, to see whether it has arrived.
		b.fail(diag.CodeUnreadableField, at, fmt.Sprintf("%s of %s cannot be read", column.Name, b.projection(side).Table.Set),
			"Neither its changes nor the outcome of writing it could ever be seen.", "Leave the field out of the map.")
	}
	if !f.Direction.Sends(side) {
		return
	}
	switch {
	case !column.OnCreate && !column.OnUpdate:
		hint := "Leave the field out of the map."
		if f.Direction == model.Both {
			hint = "Map it one way: direction = " + quoted(string(oneWay(side.Other()))) + "."
		}
		b.fail(diag.CodeReadOnlyField, at, fmt.Sprintf("%s of %s cannot be written", column.Name, b.projection(side).Table.Set),
			computed(column)+side.Title()+" ignores or refuses what is written to it.", hint)
	case !column.OnUpdate && f.Writes != "create" && !b.isKey(f):
		b.report(diag.CodeCreateOnlyField, diag.Warning, at,
			fmt.Sprintf("%s of %s can be written only when the record is created", column.Name, b.projection(side).Table.Set),
			"A later change on the other side cannot be carried over and stays as a difference.", `Set writes = "create", or map it the other way only.`)
	}
}

// computed says what makes the values of a column, where that is known.
func computed(column *schema.Field) string {
	switch column.Source {
	case schema.SourceCalculated, schema.SourceFormula:
		return fmt.Sprintf("It is a %s column: the server computes it from other columns whenever it is read. ", column.Source)
	case schema.SourceRollup:
		return "It is a rollup column: a job of the server sums it up from other rows every few hours. "
	case schema.SourcePrompt:
		return "It is a prompt column: a language model fills it. "
	case schema.SourceCurrency:
		return "It is a base currency column: the server converts it from another column by the row's exchange rate. "
	default:
		return ""
	}
}

// oneWay gives the direction away from a side.
func oneWay(from value.Side) model.Direction {
	if from == value.FnO {
		return model.ToFnO
	}
	return model.ToDataverse
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func (b *builder) isKey(f *model.Field) bool {
	for _, k := range b.in.Map.Key {
		if strings.EqualFold(k.Name, f.FnO.Name) {
			return true
		}
		for _, t := range f.Targets {
			if slices.ContainsFunc(t.Match, func(m model.Match) bool { return strings.EqualFold(m.FnO.Name, k.Name) }) {
				return true
			}
		}
	}
	return false
}

// steps builds the functions of a slot for the directions in which it flows.
func (b *builder) steps(s *Slot, f *model.Field, fno, dv *schema.Field) {
	if f.Values != nil && (f.ToDataverse != nil || f.ToFnO != nil) {
		b.fail(diag.CodeValuesExpression, f.Values.Range, fmt.Sprintf("%s has both a value map and an expression", s.Name),
			"Only one of them can say what a value becomes.", "Leave one of them out.")
		return
	}
	if f.Values != nil {
		b.valueMapSteps(s, f, fno, dv)
		return
	}
	b.plainSteps(s, f, fno, dv)
}

// plainSteps builds steps that convert types or evaluate expressions.
func (b *builder) plainSteps(s *Slot, f *model.Field, fno, dv *schema.Field) {
	if f.Direction.Sends(value.Dataverse) {
		s.forward = b.direction(s, f, value.Dataverse, fno, dv)
	}
	if f.Direction.Sends(value.FnO) {
		s.backward = b.direction(s, f, value.FnO, dv, fno)
	}
	s.plain = f.ToDataverse == nil && f.ToFnO == nil && fno.Type == schema.TypeText && dv.Type == schema.TypeText
}

// direction builds the step from one field to the other towards a side.
func (b *builder) direction(s *Slot, f *model.Field, to value.Side, from, target *schema.Field) step {
	toTarget := fit(s.Name, to, target, b.enum(target.Enum))
	zero := b.zeroOf(from)
	e := f.ToDataverse
	if to == value.FnO {
		e = f.ToFnO
	}
	if e == nil {
		if !b.convertible(s, f, to, from, target) {
			return nil
		}
		return func(_ *Record, v value.Value, _ Refs) (value.Value, error) {
			if isBlank(v, zero) {
				v = value.Value{}
			}
			return toTarget(v)
		}
	}
	compute := b.expression(e, to.Other())
	if compute == nil {
		return nil
	}
	b.literals(s.Name, e, to, from, target)
	name := s.Name
	return func(r *Record, v value.Value, _ Refs) (value.Value, error) {
		if v.Kind() != value.Text && isBlank(v, "") {
			v = value.Value{}
		}
		out, err := compute(r, v)
		if err != nil {
			return value.Value{}, &ValueError{Code: diag.CodeExpression, Slot: name, Detail: err.Error(), Hint: "Correct the value, or the expression of the map."}
		}
		return toTarget(out)
	}
}

func (b *builder) enum(name string) *schema.Enum {
	if name == "" {
		return nil
	}
	return schema.FindEnum(b.in.Enums, name)
}

// zeroOf gives the symbol that an F&O enum field holds for nothing, where no
// value map and no conversion to true and false gives it a meaning; else "".
func (b *builder) zeroOf(f *schema.Field) string {
	if f.Type != schema.TypeEnum || isNoYes(f) {
		return ""
	}
	if e := b.enum(f.Enum); e != nil {
		for _, m := range e.Members {
			if m.Value == 0 {
				return m.Name
			}
		}
	}
	return ""
}

// isNoYes tells whether an F&O enum is the one that stands for truth.
func isNoYes(f *schema.Field) bool {
	return f.Type == schema.TypeEnum && (strings.EqualFold(f.Enum, "NoYes") || strings.EqualFold(f.Enum, "Boolean"))
}

// convertible tells whether values of one type can be carried into another
// without a value map or an expression, and reports where not.
func (b *builder) convertible(s *Slot, f *model.Field, to value.Side, from, target *schema.Field) bool {
	fno, dv := from, target
	if to == value.FnO {
		fno, dv = target, from
	}
	if typesAgree(fno, dv) {
		return true
	}
	code, hint := diag.CodeTypes, fmt.Sprintf("Map another column, or say how with to_%s = an expression.", to)
	switch {
	case fno.Type == schema.TypeOther || dv.Type == schema.TypeOther:
		hint = "Files, images and containers cannot be mapped; leave the field out."
	case fno.Type == schema.TypeEnum, dv.Type == schema.TypeChoice:
		code, hint = diag.CodeNeedsValues, "Add values = { ... } that says which "+string(dv.Type)+" each "+string(fno.Type)+" value stands for."
	}
	at := f.Column.Range
	for _, d := range b.list {
		if d.Code == code && d.Subject == at {
			return false // told for the other direction already
		}
	}
	b.fail(code, at, fmt.Sprintf("%s (%s) and %s (%s) cannot be converted into each other", fno.Name, fno.Type, dv.Name, dv.Type),
		"Values are never converted by guessing.", hint)
	return false
}

// typesAgree tells whether values of an F&O field and a Dataverse column mean
// the same without being told how.
func typesAgree(fno, dv *schema.Field) bool {
	switch fno.Type {
	case schema.TypeText:
		return dv.Type == schema.TypeText || dv.Type == schema.TypeGuid
	case schema.TypeInteger:
		return dv.Type == schema.TypeInteger || dv.Type == schema.TypeDecimal || dv.Type == schema.TypeChoice
	case schema.TypeDecimal:
		return dv.Type == schema.TypeDecimal || dv.Type == schema.TypeInteger
	case schema.TypeBool:
		return dv.Type == schema.TypeBool
	case schema.TypeEnum:
		return dv.Type == schema.TypeText || dv.Type == schema.TypeBool && isNoYes(fno)
	case schema.TypeTime:
		return dv.Type == schema.TypeTime
	case schema.TypeGuid:
		return dv.Type == schema.TypeGuid || dv.Type == schema.TypeText
	default:
		return false
	}
}
