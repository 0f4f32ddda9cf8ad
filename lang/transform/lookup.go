package transform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// lookupSteps builds the steps of a reference: towards Dataverse the key is
// looked up for the row's id, towards F&O the id for the key.
func (b *builder) lookupSteps(s *Slot, f *model.Field, fno, dv *schema.Field) {
	switch {
	case dv.Type != schema.TypeLookup:
		b.fail(diag.CodeNotALookup, f.Column.Range, fmt.Sprintf("%s is no lookup", dv.Name),
			fmt.Sprintf("The path %s leads through %s, which is %s.", s.Name, dv.Name, dv.Type), fmt.Sprintf("Map the column itself: %q.", dv.Name))
		return
	case len(f.Path) == 0:
		b.fail(diag.CodeLookupNeedsKey, f.Column.Range, fmt.Sprintf("%s is a lookup and needs the key column of its target", dv.Name),
			"F&O does not know the ids of Dataverse's rows.", b.keyHint(dv))
		return
	case len(f.Path) > 1:
		b.fail(diag.CodeNotYet, f.Column.Range, "a lookup through several tables is not in this version",
			fmt.Sprintf("%s takes %d hops; dw follows one.", s.Name, len(f.Path)), "Map a key column of the first target.")
		return
	case f.Values != nil:
		b.fail(diag.CodeNotYet, f.Values.Range, "a value map of a lookup is not in this version", "", "Use an expression that gives the key.")
		return
	}
	target, key := b.lookupTarget(f, dv)
	if target == nil {
		return
	}
	if !keysAgree(fno, key) && (f.ToDataverse == nil || f.Direction == model.Both && f.ToFnO == nil) {
		b.fail(diag.CodeTypes, f.Column.Range, fmt.Sprintf("%s (%s) cannot be the key %s (%s) of %s", fno.Name, fno.Type, key.Name, key.Type, target.Set),
			"The values of the F&O field are compared with those of the key column.", "Look the row up by another column.")
		return
	}
	company := target.CompanyColumn()
	if target.Name == schema.CompanyTable {
		company = nil
	}
	if company != nil && b.c.Company < 0 {
		b.fail(diag.CodeLookupCompany, f.Column.Range, fmt.Sprintf("%s refers to rows that belong to companies, but %s has no company", s.Name, b.in.Map.Address()),
			fmt.Sprintf("%s is found by %s and company; without a company the row cannot be told.", target.Set, key.Name), "Give the map a company, or map another column.")
		return
	}
	s.Name = dv.Name + "." + key.Name
	s.Lookup = &Lookup{
		Table: target.Name, Set: target.Set, PrimaryID: target.PrimaryID, KeyColumn: key.Name,
		Map: first(b.in.Delivers[target.Name]), Maps: b.in.Delivers[target.Name], Missing: b.missing(s.Name, f),
	}
	if company != nil {
		s.Lookup.CompanyColumn = company.Name
	}
	if f.Direction.Sends(value.Dataverse) {
		s.forward = toReference(s, b.keyExpression(f.ToDataverse, value.FnO), dv)
	}
	if f.Direction.Sends(value.FnO) {
		s.backward = fromReference(s, fit(s.Name, value.FnO, fno, b.enum(fno.Enum)))
		if compute := b.keyExpression(f.ToFnO, value.Dataverse); compute != nil {
			s.backward = through(s.backwardKey(), compute, s.Name, fit(s.Name, value.FnO, fno, b.enum(fno.Enum)))
		}
	}
}

func (b *builder) keyExpression(e *expr.Expr, from value.Side) computation {
	if e == nil {
		return nil
	}
	return b.expression(e, from)
}

func (b *builder) keyHint(dv *schema.Field) string {
	if len(dv.Targets) > 0 {
		if t := schema.FindTable(b.in.Targets, dv.Targets[0].Table); t != nil {
			for _, k := range t.Keys {
				for _, c := range k.Columns {
					if f := t.Field(c); f != nil && f.Type == schema.TypeText {
						return fmt.Sprintf("Write %q.", dv.Name+"."+f.Name)
					}
				}
			}
			return fmt.Sprintf("Write %q.", dv.Name+"."+t.PrimaryName)
		}
	}
	return fmt.Sprintf("Write %q.", dv.Name+".key_column")
}

// lookupTarget finds the one target of a lookup that has the key column.
func (b *builder) lookupTarget(f *model.Field, dv *schema.Field) (*schema.Table, *schema.Field) {
	at := f.Column.Range
	var known, with []*schema.Table
	for _, t := range dv.Targets {
		if table := schema.FindTable(b.in.Targets, t.Table); table != nil {
			known = append(known, table)
			if table.Field(f.Path[0]) != nil {
				with = append(with, table)
			}
		}
	}
	switch {
	case len(known) == 0:
		b.fail(diag.CodeLookupTarget, at, fmt.Sprintf("the schema has no table that %s refers to", dv.Name),
			"It refers to "+targetNames(dv)+".", "Refresh the schema with `dw schema pull`.")
		return nil, nil
	case len(with) == 0:
		hint := ""
		if similar := similarName(f.Path[0], known[0]); similar != "" {
			hint = fmt.Sprintf("Did you mean %q?", dv.Name+"."+similar)
		}
		b.fail(diag.CodeLookupColumn, at, fmt.Sprintf("%s has no column %q", known[0].Set, f.Path[0]),
			fmt.Sprintf("The lookup %s refers to %s.", dv.Name, targetNames(dv)), hint)
		return nil, nil
	case len(with) > 1:
		b.fail(diag.CodeNotYet, at, fmt.Sprintf("%s may refer to several tables that have a column %s", dv.Name, f.Path[0]),
			"It refers to "+targetNames(dv)+". Lookups with several targets are not in this version.", "Map a key column that only one of them has.")
		return nil, nil
	}
	key := with[0].Field(f.Path[0])
	if key.Type == schema.TypeLookup {
		b.fail(diag.CodeNotYet, at, "a lookup by a column that is itself a lookup is not in this version", "", "Map a column that holds the key itself.")
		return nil, nil
	}
	return with[0], key
}

func targetNames(dv *schema.Field) string {
	var names []string
	for _, t := range dv.Targets {
		names = append(names, t.Table)
	}
	return strings.Join(names, ", ")
}

// keysAgree tells whether the text of an F&O field can be the text of a key
// column.
func keysAgree(fno, key *schema.Field) bool {
	switch key.Type {
	case schema.TypeText:
		return fno.Type == schema.TypeText || fno.Type == schema.TypeInteger || fno.Type == schema.TypeEnum
	case schema.TypeInteger:
		return fno.Type == schema.TypeInteger
	case schema.TypeGuid:
		return fno.Type == schema.TypeGuid || fno.Type == schema.TypeText
	default:
		return false
	}
}

func (b *builder) missing(name string, f *model.Field) string {
	deferred := slices.ContainsFunc(b.in.Deferred, func(d string) bool {
		return strings.EqualFold(d, name) || strings.EqualFold(d, f.Name())
	})
	switch {
	case f.Missing == "" && deferred:
		return "defer"
	case f.Missing == "":
		return "park"
	default:
		return f.Missing
	}
}

// keyText gives the text by which an F&O value finds its row.
func keyText(v value.Value) string { return strings.TrimRight(v.String(), " ") }

// toReference resolves the key that stands in F&O. A missing target is an
// error unless the lookup says that it is null then.
func toReference(s *Slot, compute computation, dv *schema.Field) step {
	l, name, required := s.Lookup, s.Name, dv.Required
	s.key = func(r *Record, v value.Value) (string, error) {
		if compute != nil {
			out, err := compute(r, v)
			if err != nil {
				return "", &ValueError{Code: diag.CodeExpression, Slot: name, Detail: err.Error(), Hint: "Correct the value, or the expression of the map."}
			}
			v = out
		}
		if isBlank(v, "") {
			return "", nil
		}
		return keyText(v), nil
	}
	key := s.key
	return func(r *Record, v value.Value, refs Refs) (value.Value, error) {
		text, err := key(r, v)
		if err != nil {
			return value.Value{}, err
		}
		if text == "" {
			if required {
				return value.Value{}, &ValueError{Code: diag.CodeValueMissing, Slot: name, Detail: fmt.Sprintf("Dataverse requires %s, and there is no value for it", name), Hint: "Enter a value in F&O."}
			}
			return value.Value{}, nil
		}
		state := RefUnknown
		var ref value.Value
		if refs != nil {
			ref, state = refs.ID(l, r.Company, text)
		}
		switch {
		case state == RefKnown:
			return ref, nil
		case state == RefMissing && l.Missing == "null" && !required:
			return value.Value{}, nil
		default:
			return value.Value{}, &RefError{Slot: name, Lookup: l, Company: l.companyOf(r), Key: text, Missing: state == RefMissing}
		}
	}
}

// fromReference gives the key of the row that Dataverse refers to.
func fromReference(s *Slot, toTarget fitter) step {
	key := s.backwardKey()
	return func(r *Record, v value.Value, refs Refs) (value.Value, error) {
		text, err := key(v, refs)
		if err != nil {
			return value.Value{}, err
		}
		return toTarget(text)
	}
}

// through applies an expression to the key before it is fitted.
func through(key func(value.Value, Refs) (value.Value, error), compute computation, name string, toTarget fitter) step {
	return func(r *Record, v value.Value, refs Refs) (value.Value, error) {
		text, err := key(v, refs)
		if err != nil {
			return value.Value{}, err
		}
		out, err := compute(r, text)
		if err != nil {
			return value.Value{}, &ValueError{Code: diag.CodeExpression, Slot: name, Detail: err.Error(), Hint: "Correct the value, or the expression of the map."}
		}
		return toTarget(out)
	}
}

// backwardKey gives the key text of a reference as a value; null of null.
func (s *Slot) backwardKey() func(v value.Value, refs Refs) (value.Value, error) {
	l, name := s.Lookup, s.Name
	return func(v value.Value, refs Refs) (value.Value, error) {
		if v.IsNull() {
			return value.Value{}, nil
		}
		table, _ := v.Ref()
		if !strings.EqualFold(table, l.Table) {
			return value.Value{}, &ValueError{Code: diag.CodeWrongReference, Slot: name,
				Detail: fmt.Sprintf("it refers to %s, and the map translates references to %s only", v, l.Set),
				Hint:   "refer to a row of " + l.Set + ", or clear the column"}
		}
		state := RefUnknown
		var text string
		if refs != nil {
			text, state = refs.Key(l, v)
		}
		switch {
		case state == RefKnown:
			return value.NewText(text), nil
		case state == RefMissing && l.Missing == "null":
			return value.Value{}, nil
		default:
			return value.Value{}, &RefError{Slot: name, Lookup: l, Ref: v, Missing: state == RefMissing}
		}
	}
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}
