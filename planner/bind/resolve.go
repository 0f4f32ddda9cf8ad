package bind

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/expr"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// resolve gives a copy of a map with names in the schema's spelling and with
// defaults written out, so that two ways of writing the same map compare equal.
// Names that the schema does not have stay as written.
func resolve(m *Map) *model.Map {
	r := *m.Source
	r.FnO.Name, r.Dataverse.Name = m.FnO.Set, m.Dataverse.Set
	r.Key = respell(m.FnO, r.Key)
	r.Companies = nil // Definition.Companies has them, in the spelling of the link
	r.Fields = make([]*model.Field, len(m.Source.Fields))
	for i, f := range m.Source.Fields {
		r.Fields[i] = m.resolveField(f)
	}
	r.Together = make([][]string, len(m.Source.Together))
	for i, group := range m.Source.Together {
		for _, column := range group {
			r.Together[i] = append(r.Together[i], m.columnPath(column))
		}
	}
	r.Initial.Match = slices.Clone(r.Initial.Match)
	for i, way := range r.Initial.Match {
		r.Initial.Match[i] = respell(m.FnO, way)
	}
	r.Mastering.FnO = m.respellPaths(r.Mastering.FnO)
	r.Mastering.Dataverse = m.respellPaths(r.Mastering.Dataverse)
	if c := r.Company; c != nil {
		company := *c
		company.Path = m.columnPath(c.Path)
		r.Company = &company
	}
	defaults(&r, m.Dataverse)
	return &r
}

// defaults writes out what the author left to them.
func defaults(r *model.Map, dv *schema.Table) {
	set := func(s *string, to string) {
		if *s == "" {
			*s = to
		}
	}
	set(&r.Conflict, "merge")
	set(&r.Status, "running")
	set(&r.Mastering.Violation, "revert")
	if r.Filter.FnO.Name != "" || r.Filter.Dataverse.Name != "" {
		set(&r.Filter.OnLeave, "unlink")
	}
	if r.Mastering.Master == "" {
		r.Mastering.Master = value.FnO
	}
	if r.Initial.Winner == "" {
		r.Initial.Winner = r.Mastering.Master
	}
	toDataverse := "ignore"
	if dv.Field("statecode") != nil {
		toDataverse = "deactivate"
	}
	set(&r.Deletes.ToDataverse, toDataverse)
	set(&r.Deletes.ToFnO, "ignore")
}

func (m *Map) resolveField(f *model.Field) *model.Field {
	r := *f
	r.FnO = respellOne(m.FnO, f.FnO)
	r.Column = respellOne(m.Dataverse, f.Column)
	r.Path = m.path(m.Dataverse.Field(f.Column.Name), "", f.Path)
	r.Targets = m.resolveTargets(f)
	r.ToDataverse = respellExpr(m.FnO, f.ToDataverse)
	r.ToFnO = respellExpr(m.Dataverse, f.ToFnO)
	if r.Writes == "" {
		r.Writes = "always"
		if f.IsConstant {
			r.Writes = "create"
		}
	}
	return &r
}

// resolveTargets respells the targets of a lookup block: tables by their
// entity sets, F&O fields and columns as the schema has them.
func (m *Map) resolveTargets(f *model.Field) []model.Target {
	if len(f.Targets) == 0 {
		return nil
	}
	column := m.Dataverse.Field(f.Column.Name)
	out := make([]model.Target, len(f.Targets))
	for i, t := range f.Targets {
		out[i].Table = t.Table
		if t.Table.Name != "" && column != nil {
			if to := column.Target(t.Table.Name); to != nil {
				out[i].Table.Name = to.Set
			}
		}
		for _, x := range t.Match {
			out[i].Match = append(out[i].Match, model.Match{FnO: respellOne(m.FnO, x.FnO), Path: m.path(column, t.Table.Name, x.Path), Range: x.Range})
		}
	}
	return out
}

func respell(t *schema.Table, names []model.Named) []model.Named {
	out := slices.Clone(names)
	for i := range out {
		out[i] = respellOne(t, out[i])
	}
	return out
}

func respellOne(t *schema.Table, n model.Named) model.Named {
	if f := t.Field(n.Name); f != nil {
		n.Name = f.Name
	}
	return n
}

func (m *Map) respellPaths(names []model.Named) []model.Named {
	out := slices.Clone(names)
	for i := range out {
		out[i].Name = m.columnPath(out[i].Name)
	}
	return out
}

// columnPath respells "column" and "column.key".
func (m *Map) columnPath(text string) string {
	column, rest, hops := strings.Cut(text, ".")
	out := respellOne(m.Dataverse, model.Named{Name: column}).Name
	if hops {
		out += "." + strings.Join(m.path(m.Dataverse.Field(column), "", strings.Split(rest, ".")), ".")
	}
	return out
}

// path respells the hops of a lookup as far as the catalog knows the tables;
// only is the name of the one target that is meant, or "".
func (m *Map) path(lookup *schema.Field, only string, hops []string) []string {
	out := slices.Clone(hops)
	for i := range out {
		if lookup == nil {
			return out
		}
		var next *schema.Field
		for _, target := range lookup.Targets {
			if only != "" && !strings.EqualFold(only, target.Table) && !strings.EqualFold(only, target.Set) {
				continue
			}
			if t := m.Target(target.Table); t != nil {
				if next = t.Field(out[i]); next != nil {
					break
				}
			}
		}
		if next != nil {
			out[i] = next.Name
		}
		lookup, only = next, ""
	}
	return out
}

// Target finds a table to which references of the map lead by its logical
// name; nil where the catalog does not have it.
func (m *Map) Target(name string) *schema.Table {
	for i := range m.Targets {
		if m.Targets[i].Name == name {
			return &m.Targets[i]
		}
	}
	return nil
}

// respellExpr copies an expression with the fields that it names respelled by
// the table of the side that it reads.
func respellExpr(t *schema.Table, e *expr.Expr) *expr.Expr {
	if e == nil {
		return nil
	}
	r := *e
	if e.Op == expr.OpRecord {
		r.Name = respellOne(t, model.Named{Name: e.Name}).Name
	}
	r.Args = make([]*expr.Expr, len(e.Args))
	for i, a := range e.Args {
		r.Args[i] = respellExpr(t, a)
	}
	if len(r.Args) == 0 {
		r.Args = nil
	}
	return &r
}
