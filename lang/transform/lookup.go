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

// reach is one table of a slot's lookup with how the slot's F&O fields make
// its key.
type reach struct {
	lookup *Lookup
	from   []int // by leaf of the lookup: the F&O field of the slot; nil where the slot has one
}

// key makes the lookup's key of the text of the slot's F&O side; "" where a
// part of it is empty.
func (h *reach) key(text string) string {
	if h.from == nil {
		return text
	}
	parts := strings.Split(text, keySeparator)
	leaves := make([]string, len(h.from))
	for i, at := range h.from {
		if at >= len(parts) || parts[at] == "" {
			return ""
		}
		leaves[i] = parts[at]
	}
	return strings.Join(leaves, keySeparator)
}

// text is the reverse of key: the texts of the slot's F&O fields, of which
// there are width, from the lookup's key. Fields of other tables are empty.
func (h *reach) text(key string, width int) string {
	if h.from == nil {
		return key
	}
	parts := make([]string, width)
	for i, leaf := range strings.Split(key, keySeparator) {
		if i < len(h.from) {
			parts[h.from[i]] = strings.TrimRight(leaf, " ")
		}
	}
	return strings.Join(parts, keySeparator)
}

// width is the number of F&O fields of a slot.
func (s *Slot) width() int {
	if s.tuple == nil {
		return 1
	}
	return len(s.tuple.fields)
}

// reachOf gives the slot's lookup of a reference's table; nil where it has none.
func (s *Slot) reachOf(ref value.Value) *reach {
	table, _ := ref.Ref()
	for i := range s.reaches {
		if strings.EqualFold(s.reaches[i].lookup.Table, table) {
			return &s.reaches[i]
		}
	}
	return nil
}

// lookupSlot compiles a lookup: a field with a path, or a lookup block. It tells
// whether that could be done.
func (b *builder) lookupSlot(s *Slot, f *model.Field, dv *schema.Field) bool {
	switch {
	case dv.Type != schema.TypeLookup:
		b.fail(diag.CodeNotALookup, f.Column.Range, fmt.Sprintf("%s is no lookup", dv.Name),
			fmt.Sprintf("The path %s leads through %s, which is %s.", s.Name, dv.Name, dv.Type), fmt.Sprintf("Map the column itself: %q.", dv.Name))
		return false
	case len(f.Path) == 0 && len(f.Targets) == 0:
		b.fail(diag.CodeLookupNeedsKey, f.Column.Range, fmt.Sprintf("%s is a lookup and needs the key column of its target", dv.Name),
			"F&O does not know the ids of Dataverse's rows.", b.keyHint(dv))
		return false
	case f.Values != nil:
		b.fail(diag.CodeNotYet, f.Values.Range, "a value map of a lookup is not in this version", "", "Use an expression that gives the key.")
		return false
	case len(f.Targets) > 0 && (f.ToDataverse != nil || f.ToFnO != nil):
		b.fail(diag.CodeNotYet, f.Range, "an expression of a lookup block is not in this version", "", "Map the lookup by one F&O field with a field block.")
		return false
	case b.writtenTwice(s, f, dv):
		return false
	}
	targets := b.targets(f, dv)
	if targets == nil {
		return false
	}
	fields := fieldsOf(targets)
	if len(f.Path) > 0 && len(targets) == 1 {
		s.Name = dv.Name + "." + targets[0].leaves[0].shown
	}
	if !b.lookups(s, f, dv, fields, targets) {
		return false
	}
	if len(fields) == 1 {
		s.FnO = b.column(value.FnO, fields[0])
		b.zeroNothing(s, fields[0], dv)
	} else {
		b.tuple(s, f, fields)
	}
	b.lookupSteps(s, f, dv)
	return true
}

// writtenTwice refuses a second field that writes the same lookup column.
func (b *builder) writtenTwice(s *Slot, f *model.Field, dv *schema.Field) bool {
	for i := range b.c.Slots {
		o := &b.c.Slots[i]
		if i == b.c.Company || o.Lookup == nil || !o.Direction.Sends(value.Dataverse) || !s.Direction.Sends(value.Dataverse) || b.c.Column(o, value.Dataverse).Name != dv.Name {
			continue
		}
		b.fail(diag.CodeLookupTwice, f.Column.Range, fmt.Sprintf("%s is written by two fields, %s and %s", dv.Name, o.Name, f.Name()),
			"A reference is found by all of its key columns together.", fmt.Sprintf("Write one block: lookup %q { match = { Field = \"column\", Other = \"lookup.column\" } }.", dv.Name))
		return true
	}
	return false
}

// lookups makes the slot's lookups of its targets.
func (b *builder) lookups(s *Slot, f *model.Field, dv *schema.Field, fields []*schema.Field, targets []lookupTarget) bool {
	// An expression makes the key of something else than the field's own text.
	checked := f.ToDataverse == nil || f.Direction == model.Both && f.ToFnO == nil
	for _, t := range targets {
		l, order := b.lookup(t.table, t.leaves)
		if l == nil {
			return false
		}
		for _, leaf := range t.leaves {
			if key := leaf.column; checked && !keysAgree(leaf.fno, key) {
				b.fail(diag.CodeTypes, leaf.at, fmt.Sprintf("%s (%s) cannot be the key %s (%s) of %s", leaf.fno.Name, leaf.fno.Type, key.Name, key.Type, leaf.table.Set),
					"The values of the F&O field are compared with those of the key column.", "Look the row up by another column.")
				return false
			}
		}
		if l.InCompany() && b.c.Company < 0 {
			if b.noCompany {
				return false // told already
			}
			b.fail(diag.CodeLookupCompany, f.Column.Range, fmt.Sprintf("%s refers to rows that belong to companies, but %s has no company", s.Name, b.in.Map.Address()),
				fmt.Sprintf("%s is found by %s and company; without a company the row cannot be told.", t.table.Set, strings.Join(l.paths(), ", ")), "Give the map a company, or map another column.")
			return false
		}
		l.Missing = b.missing(s.Name, f)
		h := reach{lookup: l}
		if len(fields) > 1 {
			for _, leaf := range order {
				h.from = append(h.from, slices.Index(fields, leaf.fno))
			}
		}
		s.Lookups = append(s.Lookups, l)
		s.reaches = append(s.reaches, h)
	}
	s.Lookup = s.Lookups[0]
	return true
}

// lookupSteps builds the steps of a reference: towards Dataverse the key is
// looked up for the row's id, towards F&O the id for the key.
func (b *builder) lookupSteps(s *Slot, f *model.Field, dv *schema.Field) {
	if f.Direction.Sends(value.Dataverse) {
		s.key = b.keyOfFnO(s, b.keyExpression(f.ToDataverse, value.FnO))
		s.forward = s.toReference(dv)
	}
	if !f.Direction.Sends(value.FnO) {
		return
	}
	if s.tuple != nil {
		s.backward = s.fromReference(func(_ *Record, v value.Value) (value.Value, error) { return s.tuple.fit(v) })
		return
	}
	fno := b.c.Column(s, value.FnO)
	toTarget := fit(s.Name, value.FnO, fno, b.enum(fno.Enum))
	compute := b.keyExpression(f.ToFnO, value.Dataverse)
	name := s.Name
	finish := func(r *Record, v value.Value) (value.Value, error) {
		if compute != nil {
			out, err := compute(r, v)
			if err != nil {
				return value.Value{}, failedExpression(name, err)
			}
			v = out
		}
		return toTarget(v)
	}
	s.backward = s.fromReference(finish)
	if !f.Direction.Sends(value.Dataverse) {
		s.asFnO = finish
	}
}

func failedExpression(slot string, err error) error {
	return &ValueError{Code: diag.CodeExpression, Slot: slot, Detail: err.Error(), Hint: "Correct the value, or the expression of the map."}
}

func (b *builder) keyExpression(e *expr.Expr, from value.Side) computation {
	if e == nil {
		return nil
	}
	compute := b.expression(e, from)
	if compute != nil {
		b.literals("", e, from.Other(), nil, nil)
	}
	return compute
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

// keyOfFnO gives the function that makes the key text of an F&O value.
func (b *builder) keyOfFnO(s *Slot, compute computation) func(r *Record, v value.Value) (string, error) {
	name := s.Name
	return func(r *Record, v value.Value) (string, error) {
		if compute != nil {
			out, err := compute(r, v)
			if err != nil {
				return "", failedExpression(name, err)
			}
			v = out
		}
		if isBlank(v, "") {
			return "", nil
		}
		return keyText(v), nil
	}
}

// toReference resolves the key that stands in F&O, in the tables that the
// column may refer to one after the other. A missing target is an error unless
// the lookup says that it is null then.
func (s *Slot) toReference(dv *schema.Field) step {
	name, required, reaches, key := s.Name, dv.Required, s.reaches, s.key
	return func(r *Record, v value.Value, refs Refs) (value.Value, error) {
		text, err := key(r, v)
		if err != nil {
			return value.Value{}, err
		}
		var missed *RefError
		for i := range reaches {
			h := &reaches[i]
			k := ""
			if text != "" {
				k = h.key(text)
			}
			if k == "" {
				continue
			}
			state := RefUnknown
			var ref value.Value
			if refs != nil {
				ref, state = refs.ID(h.lookup, r.Company, k)
			}
			switch {
			case state == RefKnown:
				return ref, nil
			case state == RefUnknown:
				return value.Value{}, &RefError{Slot: name, Lookup: h.lookup, Company: h.lookup.companyOf(r), Key: k}
			case missed == nil:
				missed = &RefError{Slot: name, Lookup: h.lookup, Company: h.lookup.companyOf(r), Key: k, Missing: true}
			default:
				missed.Others = append(missed.Others, RefTry{Lookup: h.lookup, Key: k})
			}
		}
		switch {
		case missed != nil && (required || missed.Lookup.Missing != "null"):
			return value.Value{}, missed
		case missed == nil && required:
			return value.Value{}, &ValueError{Code: diag.CodeValueMissing, Slot: name, Detail: fmt.Sprintf("Dataverse requires %s, and there is no value for it", name), Hint: "Enter a value in F&O."}
		}
		return value.Value{}, nil
	}
}

// fromReference gives what F&O holds for the row that Dataverse refers to.
func (s *Slot) fromReference(finish func(r *Record, v value.Value) (value.Value, error)) step {
	name, width := s.Name, s.width()
	reaches, sets := Slot{reaches: s.reaches}, setsOf(s.Lookups)
	return func(r *Record, v value.Value, refs Refs) (value.Value, error) {
		if v.IsNull() {
			return finish(r, v)
		}
		h := reaches.reachOf(v)
		if h == nil {
			return value.Value{}, &ValueError{Code: diag.CodeWrongReference, Slot: name,
				Detail: fmt.Sprintf("it refers to %s, and the map translates references to %s only", v, sets),
				Hint:   "refer to a row of " + sets + ", or clear the column"}
		}
		state := RefUnknown
		var key string
		if refs != nil {
			key, state = refs.Key(h.lookup, v)
		}
		switch {
		case state == RefKnown:
			return finish(r, value.NewText(h.text(key, width)))
		case state == RefMissing && h.lookup.Missing == "null":
			return finish(r, value.Value{})
		default:
			return value.Value{}, &RefError{Slot: name, Lookup: h.lookup, Ref: v, Missing: state == RefMissing}
		}
	}
}

func setsOf(lookups []*Lookup) string {
	var sets []string
	for _, l := range lookups {
		sets = append(sets, l.Set)
	}
	return strings.Join(sets, " or ")
}

// refersTo tells whether a reference is the row that the F&O value stands for
// in the reference's own table. A key that several tables have may mean any of
// them; the order of precedence decides only what a new reference becomes.
func (s *Slot) refersTo(fno *Record, v, ref value.Value, refs Refs) bool {
	h := s.reachOf(ref)
	if h == nil || refs == nil || s.key == nil {
		return false
	}
	text, err := s.key(fno, v)
	if err != nil || text == "" {
		return false
	}
	key := h.key(text)
	if key == "" {
		return false
	}
	found, state := refs.ID(h.lookup, fno.Company, key)
	return state == RefKnown && found == ref
}
