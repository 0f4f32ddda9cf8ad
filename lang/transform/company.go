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

// company adds the slot of the company, which no author writes: dataAreaId
// with the lookup column to the table of companies.
func (b *builder) company() {
	m := b.in.Map
	switch {
	case m.Company != nil && m.Company.Global, m.Company == nil && !b.in.FnO.CompanySpecific:
		return
	case !b.in.FnO.CompanySpecific:
		b.fail(diag.CodeCompanyColumn, m.Company.Range, fmt.Sprintf("%s belongs to no company", b.in.FnO.Set),
			"The F&O entity has no dataAreaId, so its records are shared by all companies.", "Leave company out.")
		return
	}
	fno := b.in.FnO.Field(schema.CompanyField)
	if fno == nil {
		b.fail(diag.CodeCompanyColumn, m.FnO.Range, fmt.Sprintf("%s is company-specific but has no field %s", b.in.FnO.Set, schema.CompanyField),
			"", "Refresh the schema with `dw schema pull`.")
		return
	}
	column, path := b.companyColumn()
	if column == nil {
		return
	}
	for _, f := range m.Fields {
		if len(path) == 0 && strings.EqualFold(f.Column.Name, column.Name) {
			b.fail(diag.CodeConflictingKeys, f.Column.Range, fmt.Sprintf("%s is the company and joins by itself", column.Name),
				"dw maps dataAreaId to it without being told.", "Remove this field.")
		}
	}
	field := &model.Field{
		Column: model.Named{Name: column.Name, Range: companyRange(m)}, Path: append(path, schema.CompanyCode), FnO: model.Named{Name: fno.Name},
		Direction: b.directions(), Writes: "create", Missing: "park",
	}
	s := Slot{
		Name: strings.Join(append([]string{column.Name}, path...), "."), Field: field, FnO: b.column(value.FnO, fno), Dataverse: b.column(value.Dataverse, column),
		Direction: field.Direction, Master: value.FnO, OnCreate: true, IsKey: true, keyText: -1,
	}
	if field.Direction == model.ToFnO {
		s.Master = value.Dataverse
	}
	if !b.companyLookup(&s, field, column, fno) {
		return
	}
	if len(path) > 0 {
		b.companyByPath(&s, field, path)
	}
	b.c.Company = len(b.c.Slots)
	b.c.Slots = append(b.c.Slots, s)
}

// companyLookup makes the steps of the company's slot.
func (b *builder) companyLookup(s *Slot, field *model.Field, column, fno *schema.Field) bool {
	target := schema.FindTable(b.in.Targets, schema.CompanyTable)
	if target == nil || target.Field(schema.CompanyCode) == nil {
		b.fail(diag.CodeLookupTarget, field.Column.Range, fmt.Sprintf("the schema has no table %s with a column %s", schema.CompanyTable, schema.CompanyCode),
			"Companies are found in it by their code.", "Refresh the schema with `dw schema pull`.")
		return false
	}
	targets := b.targets(field, column)
	if targets == nil {
		return false
	}
	// The path says the company, so that nothing on it is looked for by company.
	l, _ := b.lookup(targets[0].table, targets[0].leaves)
	if l == nil {
		return false
	}
	if l.InCompany() {
		b.fail(diag.CodeCompanyColumn, field.Column.Range, fmt.Sprintf("%s is not the company of the rows on the way", s.Name),
			fmt.Sprintf("%s belongs to the company in its column %s.", l.Set, l.CompanyColumn), "Name the path that leads to that column.")
		return false
	}
	l.Missing = field.Missing
	s.Lookup, s.Lookups, s.reaches = l, []*Lookup{l}, []reach{{lookup: l}}
	s.key = b.keyOfFnO(s, nil)
	s.forward = s.toReference(column)
	toTarget := fit(s.Name, value.FnO, fno, nil)
	s.backward = s.fromReference(func(_ *Record, v value.Value) (value.Value, error) { return toTarget(v) })
	return true
}

// companyByPath makes the company a virtual column: rows get it from the row
// that they refer to, so it is read and never written in Dataverse.
func (b *builder) companyByPath(s *Slot, field *model.Field, path []string) {
	for i, hop := range strings.Split(s.reaches[0].lookup.paths()[0], ".") {
		if i < len(path) {
			path[i] = hop
		}
	}
	s.Name = strings.Join(append([]string{field.Column.Name}, path...), ".")
	s.Dataverse = ^b.derive(s.Name, derived{source: s.Dataverse, reaches: s.reaches, width: 1, slot: len(b.c.Slots)})
	s.Lookup, s.Lookups, s.reaches = nil, nil, nil
	fno := b.c.FnO.Columns[s.FnO]
	toTarget := fit(s.Name, value.FnO, fno, nil)
	s.forward = func(_ *Record, v value.Value, _ Refs) (value.Value, error) { return v, nil }
	s.backward = func(_ *Record, v value.Value, _ Refs) (value.Value, error) { return toTarget(v) }
}

// companyComes tells whether new records of a side get their company without
// its being written.
func (c *Compiled) companyComes(to value.Side) bool {
	return to == value.Dataverse && c.Slots[c.Company].Lookup == nil
}

func companyRange(m *model.Map) diag.Range {
	if m.Company != nil {
		return m.Company.Range
	}
	return m.Dataverse.Range
}

// companyColumn finds the Dataverse column of the company, or the column with
// which a path to it begins and the further hops.
func (b *builder) companyColumn() (column *schema.Field, path []string) {
	m, t := b.in.Map, b.in.Dataverse
	if m.Company == nil || m.Company.Path == "" {
		if f := t.CompanyColumn(); f != nil {
			return f, nil
		}
		b.fail(diag.CodeCompanyColumn, companyRange(m), fmt.Sprintf("%s has no single lookup to %s", t.Set, schema.CompanyTable),
			fmt.Sprintf("%s is company-specific, so its rows in Dataverse need a company.", b.in.FnO.Set),
			b.companyHint())
		return nil, nil
	}
	hops := strings.Split(m.Company.Path, ".")
	if last := len(hops) - 1; last > 0 && strings.EqualFold(hops[last], schema.CompanyCode) {
		hops = hops[:last]
	}
	f := b.lookUp(value.Dataverse, model.Named{Name: hops[0], Range: m.Company.Range})
	if f == nil {
		if d := &b.list[len(b.list)-1]; len(hops) == 1 && b.similarName(hops[0], t) == "" {
			d.Hint = b.companyHint()
		}
		return nil, nil
	}
	if f.Type != schema.TypeLookup || len(hops) == 1 && f.Target(schema.CompanyTable) == nil {
		hint := ""
		if own := t.CompanyColumn(); own != nil {
			hint = fmt.Sprintf("Write %q.", own.Name)
		}
		b.fail(diag.CodeCompanyColumn, m.Company.Range, fmt.Sprintf("%s is no lookup to %s", f.Name, schema.CompanyTable), "", hint)
		return nil, nil
	}
	return f, hops[1:]
}

// companyHint says what can stand for the company of a table: its lookups to
// companies, else paths that lead to one.
func (b *builder) companyHint() string {
	const most = 3
	var columns, paths []string
	t := b.in.Dataverse
	for i := range t.Fields {
		f := t.Fields[i]
		if f.Type != schema.TypeLookup {
			continue
		}
		if f.Target(schema.CompanyTable) != nil {
			columns = append(columns, f.Name)
			continue
		}
		for _, target := range f.Targets {
			other := schema.FindTable(b.in.Targets, target.Table)
			if other == nil || other.CompanyColumn() == nil {
				continue
			}
			path := f.Name + "." + other.CompanyColumn().Name
			if b.inKey(f) {
				return fmt.Sprintf("Name the path to it: company = %q.", path) // rows belong to what their key names
			}
			if len(paths) < most {
				paths = append(paths, path)
			}
			break
		}
	}
	can, how := columns, "Name the column: "
	if len(can) == 0 {
		can, how = paths, "Name a path to it: "
	}
	if len(can) == 0 {
		return "Write company = null if the rows belong to no company."
	}
	for i, name := range can {
		can[i] = fmt.Sprintf("company = %q", name)
	}
	return how + strings.Join(can, " or ") + "; or company = null if the rows belong to no company."
}

// inKey tells whether the map's key has a field of a column.
func (b *builder) inKey(column *schema.Field) bool {
	for _, f := range b.in.Map.Fields {
		if strings.EqualFold(f.Column.Name, column.Name) &&
			slices.ContainsFunc(b.in.Map.Key, func(k model.Named) bool { return strings.EqualFold(k.Name, f.FnO.Name) }) {
			return true
		}
	}
	return false
}

// directions gives the directions in which any field of the map flows.
func (b *builder) directions() model.Direction {
	toFnO, toDataverse := false, false
	for _, f := range b.in.Map.Fields {
		if !f.IsConstant {
			toFnO = toFnO || f.Direction.Sends(value.FnO)
			toDataverse = toDataverse || f.Direction.Sends(value.Dataverse)
		}
	}
	switch {
	case toFnO && !toDataverse:
		return model.ToFnO
	case toDataverse && !toFnO:
		return model.ToDataverse
	default:
		return model.Both
	}
}
