package bind

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/reach"
	"github.com/dualwrite/dw/planner/order"
)

// sort puts the bound maps into waves and says which references are deferred
// and which map delivers which target.
func (b *Bound) sort() diag.List {
	fills := map[string][]*Map{} // logical name of a table -> maps that fill it
	for _, m := range b.Maps {
		fills[m.Dataverse.Name] = append(fills[m.Dataverse.Name], m)
	}
	nodes := make([]order.Node, len(b.Maps))
	for i, m := range b.Maps {
		nodes[i] = order.Node{Map: m.Source.Name, Refs: m.references(fills)}
		m.Delivers = m.delivers(fills)
	}
	b.Order = order.Sort(nodes)
	wave := map[string]int{}
	for i, names := range b.Order.Waves {
		for _, name := range names {
			wave[name] = i + 1
		}
	}
	byName := map[string]*Map{}
	for _, m := range b.Maps {
		m.Wave = wave[m.Source.Name]
		byName[m.Source.Name] = m
	}
	for _, d := range b.Order.Deferred {
		m := byName[d.Map]
		m.Deferred = append(m.Deferred, d.Field)
	}
	var ds diag.List
	for _, s := range b.Order.Stuck {
		ds = append(ds, stuckRing(byName, s))
	}
	return ds
}

// references lists the lookups of a map whose targets other maps, or the map
// itself, fill.
func (m *Map) references(fills map[string][]*Map) []order.Ref {
	var refs []order.Ref
	for _, f := range m.Resolved.Fields {
		ref := order.Ref{Field: f.Name(), Fixed: m.fixed(f)}
		ref.Targets = delivering(m.Hops(f), fills)
		if len(ref.Targets) > 0 {
			refs = append(refs, ref)
		}
	}
	if targets := delivering(m.CompanyHops(), fills); len(targets) > 0 {
		refs = append(refs, order.Ref{Field: m.companyName(), Fixed: "every record belongs to a company", Targets: targets})
	}
	return refs
}

// delivering names the maps that fill the tables of some hops.
func delivering(hops []reach.Hop, fills map[string][]*Map) []string {
	var out []string
	for _, h := range hops {
		for _, other := range fills[h.Table] {
			out = append(out, other.Source.Name)
		}
	}
	return out
}

func (m *Map) companyName() string {
	if c := m.Resolved.Company; c != nil && c.Path != "" {
		return c.Path
	}
	return "company"
}

// fixed says why a lookup cannot be written later, as a clause; "" where it
// can.
func (m *Map) fixed(f *model.Field) string {
	switch {
	case IsKeyField(m.Resolved, m.Dataverse, f):
		return "it is part of the key"
	case f.Missing != "" && f.Missing != "defer":
		return fmt.Sprintf("missing = %q is set", f.Missing)
	}
	if column := m.Dataverse.Field(f.Column.Name); column != nil && column.Required && f.Direction != model.ToFnO {
		return "the column is required in Dataverse"
	}
	for _, name := range f.FnOFields() {
		if field := m.FnO.Field(name.Name); field != nil && field.Required && f.Direction != model.ToDataverse {
			return fmt.Sprintf("the field %s is required in F&O", field.Name)
		}
	}
	return ""
}

// delivers names, per lookup target, the maps that fill it: first those whose
// key the lookup names, then the others, each by name.
func (m *Map) delivers(fills map[string][]*Map) map[string][]string {
	out := map[string][]string{}
	choose := func(table, keyColumn string) {
		var others []string
		for _, other := range fills[table] {
			if other.keyHas(keyColumn) {
				out[table] = append(out[table], other.Source.Name)
			} else {
				others = append(others, other.Source.Name)
			}
		}
		if others = append(out[table], others...); len(others) > 0 {
			out[table] = others
		}
	}
	for _, f := range m.Resolved.Fields {
		for _, h := range m.Hops(f) {
			if _, chosen := out[h.Table]; !chosen {
				choose(h.Table, h.Column)
			}
		}
	}
	for _, h := range m.CompanyHops() {
		if _, chosen := out[h.Table]; !chosen {
			choose(h.Table, h.Column)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// keyHas tells whether a Dataverse column belongs to the key of the map.
func (m *Map) keyHas(column string) bool {
	for _, f := range m.Resolved.Fields {
		if strings.EqualFold(f.Column.Name, column) && IsKeyField(m.Resolved, m.Dataverse, f) {
			return true
		}
	}
	return false
}

func stuckRing(maps map[string]*Map, s order.Stuck) diag.Diagnostic {
	var trail, reasons []string
	for _, name := range s.Ring {
		trail = append(trail, model.MapAddress(name))
	}
	for _, step := range s.Steps {
		reasons = append(reasons, fmt.Sprintf("%s needs %s, since %s", model.MapAddress(step.Map), step.Field, step.Fixed))
	}
	first := maps[s.Ring[0]]
	d := diag.Diagnostic{
		Code: diag.CodeRing, Severity: diag.Error, Subject: first.Source.Range, Address: first.Source.Address(),
		Summary: "maps wait for each other: " + strings.Join(trail, " -> "),
		Detail: "Each map of this ring refers to records of the next, so none can be sent first, and no reference of the ring may be " +
			"written later: " + strings.Join(reasons, "; ") + ".",
		Hint: `Let one reference wait: set missing = "defer" on a lookup of the ring that is neither key nor required, or leave it out.`,
	}
	if f := first.field(s.Steps[0].Field); f != nil {
		d.Subject = f.Range
	}
	return d
}

// field finds a field of the map as it is named after binding.
func (m *Map) field(name string) *model.Field {
	for _, f := range m.Resolved.Fields {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// FieldRange gives the place of a field by its name after binding, else that
// of the map.
func (m *Map) FieldRange(name string) diag.Range {
	if f := m.field(name); f != nil {
		return f.Range
	}
	return m.Source.Range
}
