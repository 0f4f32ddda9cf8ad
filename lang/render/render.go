// Package render writes a map as its author would: as blocks of the language,
// laid out as `dw fmt` does, that load to the same map again.
package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/lang/value"
)

// Map gives the text of a map with the value maps that it names.
func Map(m *model.Map) []byte {
	w := &writer{}
	name := label(m.Name)
	if name != m.Name {
		w.line("# %s", m.Address())
	}
	seen := map[string]bool{}
	for _, f := range m.Fields {
		if f.Values != nil && f.Values.Name != "" && !seen[f.Values.Name] {
			seen[f.Values.Name] = true
			w.enum(f.Values)
		}
	}
	w.open("map %s", source.Quote(name))
	w.head(m)
	w.filter(m.Filter)
	w.fields(m.Fields)
	w.rules(m)
	w.close()
	src := []byte(w.b.String())
	if laid, ds := source.Format(src, "map.dw.hcl"); !ds.HasErrors() {
		return laid
	}
	return src
}

// label gives a name that can stand as a label: without modules and keys.
func label(name string) string {
	name, _, _ = strings.Cut(name, "[")
	return name[strings.LastIndexByte(name, '.')+1:]
}

type writer struct{ b strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

func (w *writer) open(format string, args ...any) { w.line(format+" {", args...) }

func (w *writer) close() { w.line("}") }

// set writes an attribute with a text, unless it is the default.
func (w *writer) set(name, text, byDefault string) {
	if text != "" && text != byDefault {
		w.line("%s = %s", name, source.Quote(text))
	}
}

func (w *writer) head(m *model.Map) {
	if m.Link != "" {
		w.line("link = link.%s", m.Link)
	}
	w.set("version", m.Version, "")
	w.set("fno", m.FnO.Name, "")
	w.set("dataverse", m.Dataverse.Name, "")
	w.line("key = %s", list(names(m.Key)))
	switch {
	case m.Company == nil:
	case m.Company.Global:
		w.line("company = null")
	default:
		w.set("company", m.Company.Path, "")
	}
	w.set("owner", m.Owner.Name, "")
	if len(m.Companies) > 0 {
		w.line("companies = %s", list(names(m.Companies)))
	}
	w.set("status", m.Status, "running")
}

func (w *writer) filter(f model.Filter) {
	if f.FnO.Name == "" && f.Dataverse.Name == "" {
		return
	}
	w.open("filter")
	w.set("fno", f.FnO.Name, "")
	w.set("dataverse", f.Dataverse.Name, "")
	w.set("on_leave", f.OnLeave, "unlink")
	w.close()
}

// rules are what follows the fields.
func (w *writer) rules(m *model.Map) {
	if len(m.Together) > 0 {
		groups := make([]string, len(m.Together))
		for i, g := range m.Together {
			groups[i] = list(g)
		}
		w.line("together = [%s]", strings.Join(groups, ", "))
	}
	// Creation is allowed where the fields allow it, unless somebody says no.
	var no []string
	for _, c := range []struct {
		name string
		on   *bool
	}{{"to_dataverse", m.Creates.ToDataverse}, {"to_fno", m.Creates.ToFnO}} {
		if c.on != nil && !*c.on {
			no = append(no, c.name+" = false")
		}
	}
	if len(no) > 0 {
		w.line("creates = { %s }", strings.Join(no, ", "))
	}
	var deletes []string
	for _, d := range [][2]string{{"to_dataverse", m.Deletes.ToDataverse}, {"to_fno", m.Deletes.ToFnO}} {
		if d[1] != "" {
			deletes = append(deletes, d[0]+" = "+source.Quote(d[1]))
		}
	}
	if len(deletes) > 0 {
		w.line("deletes = { %s }", strings.Join(deletes, ", "))
	}
	w.mastering(m.Mastering)
	w.set("conflict", m.Conflict, "merge")
	w.initial(m.Initial)
}

func (w *writer) mastering(m model.Mastering) {
	if m.Master == "" && len(m.FnO) == 0 && len(m.Dataverse) == 0 && m.Violation == "" {
		return
	}
	w.open("mastering")
	w.set("master", string(m.Master), "")
	if len(m.FnO) > 0 {
		w.line("fno = %s", list(names(m.FnO)))
	}
	if len(m.Dataverse) > 0 {
		w.line("dataverse = %s", list(names(m.Dataverse)))
	}
	w.set("violation", m.Violation, "revert")
	w.close()
}

func (w *writer) initial(i model.InitialSync) {
	if i.IsZero() {
		return
	}
	w.open("initial_sync")
	w.set("winner", string(i.Winner), "")
	w.set("via", i.Via, "")
	w.set("read_via", i.ReadVia, "")
	if i.AllowBlank {
		w.line("allow_blank = true")
	}
	if i.MaxErrors != nil {
		w.line("max_errors = %d", *i.MaxErrors)
	}
	if i.MaxErrorRate != "" {
		w.line("max_error_rate = %s", i.MaxErrorRate)
	}
	if len(i.Match) > 0 {
		groups := make([]string, len(i.Match))
		for n, fields := range i.Match {
			groups[n] = list(names(fields))
		}
		w.line("match = [%s]", strings.Join(groups, ", "))
	}
	if i.Crosswalk != nil {
		w.line("crosswalk = %s", source.Quote(i.Crosswalk.File))
	}
	w.close()
}

// fields writes the mappings in their order: neighbours that are plain and flow
// the same way stand in one block.
func (w *writer) fields(all []*model.Field) {
	for i := 0; i < len(all); {
		n := 0
		seen := map[string]bool{}
		for i+n < len(all) && plain(all[i+n]) && all[i+n].Direction == all[i].Direction && !seen[all[i+n].FnO.Name] {
			seen[all[i+n].FnO.Name] = true
			n++
		}
		if n == 0 {
			w.field(all[i])
			i++
			continue
		}
		w.open("fields %s", source.Quote(string(all[i].Direction)))
		for _, f := range all[i : i+n] {
			w.line("%s = %s", f.FnO.Name, source.Quote(f.Name()))
		}
		w.close()
		i += n
	}
}

// plain tells whether a field can stand as a line of a fields block.
func plain(f *model.Field) bool {
	return !f.IsConstant && len(f.Targets) == 0 && f.ToDataverse == nil && f.ToFnO == nil && f.Values == nil &&
		(f.Writes == "" || f.Writes == "always") && f.Missing == "" && source.IsName(f.FnO.Name)
}

func (w *writer) field(f *model.Field) {
	switch {
	case f.IsConstant:
		w.constant(f)
		return
	case len(f.Targets) > 0:
		w.lookup(f)
		return
	}
	w.open("field %s", source.Quote(f.Name()))
	w.set("fno", f.FnO.Name, "")
	if f.Values != nil && f.Values.Name != "" {
		w.line("values = enum.%s", label(f.Values.Name))
	} else if f.Values != nil {
		w.values(f.Values)
	}
	if f.ToDataverse != nil {
		w.line("to_dataverse = %s", expression(f.ToDataverse))
	}
	if f.ToFnO != nil {
		w.line("to_fno = %s", expression(f.ToFnO))
	}
	implied := model.Both
	switch {
	case f.ToDataverse != nil && f.ToFnO == nil:
		implied = model.ToDataverse
	case f.ToDataverse == nil && f.ToFnO != nil:
		implied = model.ToFnO
	}
	w.set("direction", string(f.Direction), string(implied))
	w.set("writes", f.Writes, "always")
	w.set("missing", f.Missing, "")
	w.close()
}

func (w *writer) constant(f *model.Field) {
	w.open("constant %s", source.Quote(f.Name()))
	if f.Column.Name == "" {
		w.set("side", string(value.FnO), "")
	}
	w.line("value = %s", literal(f.Constant))
	w.set("writes", f.Writes, "create")
	w.close()
}

func (w *writer) lookup(f *model.Field) {
	w.open("lookup %s", source.Quote(f.Column.Name))
	for _, t := range f.Targets {
		parts := make([]string, len(t.Match))
		for i, m := range t.Match {
			parts[i] = key(m.FnO.Name) + " = " + source.Quote(strings.Join(m.Path, "."))
		}
		match := "match = { " + strings.Join(parts, ", ") + " }"
		if t.Table.Name == "" {
			w.line("%s", match)
			continue
		}
		w.open("target %s", source.Quote(t.Table.Name))
		w.line("%s", match)
		w.close()
	}
	w.set("direction", string(f.Direction), string(model.Both))
	w.set("writes", f.Writes, "always")
	w.set("missing", f.Missing, "")
	w.close()
}

func (w *writer) enum(e *model.Enum) {
	w.open("enum %s", source.Quote(label(e.Name)))
	w.values(e)
	w.close()
	w.line("")
}

// values writes what a value map says, as attributes.
func (w *writer) values(e *model.Enum) {
	w.line("values = {")
	for _, v := range e.Values {
		w.line("%s = %s", key(v.FnO.String()), literal(v.Dataverse))
	}
	w.line("}")
	if len(e.Reverse) > 0 {
		w.line("reverse = {")
		for _, v := range e.Reverse {
			w.line("%s = %s", key(v.Dataverse.String()), source.Quote(v.FnO.String()))
		}
		w.line("}")
	}
	var otherwise []string
	if e.ToDataverse.Kind != "" {
		otherwise = append(otherwise, "to_dataverse = "+otherwiseText(e.ToDataverse))
	}
	if e.ToFnO.Kind != "" {
		otherwise = append(otherwise, "to_fno = "+otherwiseText(e.ToFnO))
	}
	if len(otherwise) > 0 {
		w.line("otherwise = { %s }", strings.Join(otherwise, ", "))
	}
}

func otherwiseText(o model.Otherwise) string {
	switch o.Kind {
	case "value":
		return literal(o.Value)
	case "null":
		return "null"
	default:
		return source.Quote(o.Kind)
	}
}

func names(list []model.Named) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = n.Name
	}
	return out
}

func list(texts []string) string {
	quoted := slices.Clone(texts)
	for i := range quoted {
		quoted[i] = source.Quote(quoted[i])
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// key writes a key of an object, bare where it can be.
func key(text string) string {
	if source.IsName(text) {
		return text
	}
	return source.Quote(text)
}

// literal writes a value as the language has it.
func literal(v value.Value) string {
	switch v.Kind() {
	case value.Null:
		return "null"
	case value.Integer, value.Decimal, value.Bool, value.Option:
		return v.String()
	default:
		return source.Quote(v.String())
	}
}
