package transform

import (
	"fmt"
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
	column := b.companyColumn()
	if column == nil {
		return
	}
	target := schema.FindTable(b.in.Targets, schema.CompanyTable)
	if target == nil || target.Field(schema.CompanyCode) == nil {
		b.fail(diag.CodeLookupTarget, companyRange(m), fmt.Sprintf("the schema has no table %s with a column %s", schema.CompanyTable, schema.CompanyCode),
			"Companies are found in it by their code.", "Refresh the schema with `dw schema pull`.")
		return
	}
	for _, f := range m.Fields {
		if strings.EqualFold(f.Column.Name, column.Name) {
			b.fail(diag.CodeConflictingKeys, f.Column.Range, fmt.Sprintf("%s is the company and joins by itself", column.Name),
				"dw maps dataAreaId to it without being told.", "Remove this field.")
		}
	}
	field := &model.Field{
		Column: model.Named{Name: column.Name}, Path: []string{schema.CompanyCode}, FnO: model.Named{Name: fno.Name},
		Direction: b.directions(), Writes: "create",
	}
	lookup := &Lookup{
		Table: target.Name, Set: target.Set, PrimaryID: target.PrimaryID, KeyColumn: target.Field(schema.CompanyCode).Name,
		Map: first(b.in.Delivers[target.Name]), Maps: b.in.Delivers[target.Name], Missing: "park",
	}
	s := Slot{
		Name: column.Name, Field: field, FnO: b.column(value.FnO, fno), Dataverse: b.column(value.Dataverse, column),
		Direction: field.Direction, Master: value.FnO, OnCreate: true, IsKey: true, Lookup: lookup,
	}
	if field.Direction == model.ToFnO {
		s.Master = value.Dataverse
	}
	b.c.Company = len(b.c.Slots)
	s.forward = toReference(&s, nil, column)
	s.backward = fromReference(&s, fit(s.Name, value.FnO, fno, nil))
	b.c.Slots = append(b.c.Slots, s)
}

func companyRange(m *model.Map) diag.Range {
	if m.Company != nil {
		return m.Company.Range
	}
	return m.Dataverse.Range
}

// companyColumn finds the Dataverse column of the company.
func (b *builder) companyColumn() *schema.Field {
	m, t := b.in.Map, b.in.Dataverse
	if m.Company == nil || m.Company.Path == "" {
		if f := t.CompanyColumn(); f != nil {
			return f
		}
		b.fail(diag.CodeCompanyColumn, companyRange(m), fmt.Sprintf("%s has no single lookup to %s", t.Set, schema.CompanyTable),
			fmt.Sprintf("%s is company-specific, so its rows in Dataverse need a company.", b.in.FnO.Set),
			`Name the column: company = "msdyn_company"; or company = null if the rows belong to no company.`)
		return nil
	}
	name, rest, _ := strings.Cut(m.Company.Path, ".")
	if rest != "" && !strings.EqualFold(rest, schema.CompanyCode) {
		b.fail(diag.CodeNotYet, m.Company.Range, "a company by way of another row is not in this version",
			"", "name a lookup column of the table itself that refers to "+schema.CompanyTable)
		return nil
	}
	f := b.lookUp(value.Dataverse, model.Named{Name: name, Range: m.Company.Range})
	if f != nil && (f.Type != schema.TypeLookup || f.Target(schema.CompanyTable) == nil) {
		b.fail(diag.CodeCompanyColumn, m.Company.Range, fmt.Sprintf("%s is no lookup to %s", f.Name, schema.CompanyTable), "", "")
		return nil
	}
	return f
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
