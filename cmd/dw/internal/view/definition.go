package view

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/planner/plan"
)

// definition shows a new map in full: scope, then a table of its fields with
// F&O on the left and Dataverse on the right.
func (v *planView) definition(a plan.Action) {
	d := a.Definition
	facts := table{indent: 6, columns: []column{{}, {least: 24}}}
	fact := func(name, text string) {
		if text != "" {
			facts.add(cell{name, dim}, cell{text: clean(text)})
		}
	}
	fact("key", keyNames(d))
	if c := d.Map.Company; c != nil && !c.Global {
		fact("companies", strings.Join(d.Companies, ", ")+" (in "+c.Path+")")
	} else {
		fact("companies", "none: the records belong to no company")
	}
	fact("F&O filter", d.Map.Filter.FnO.Name)
	fact("Dataverse filter", d.Map.Filter.Dataverse.Name)
	fact("creates", createsText(d.Map.Creates))
	fact("master", masterText(d.Map.Mastering))
	fact("owner", d.Map.Owner.Name)
	fact("deletes", deletesText(d.Map.Deletes))
	if leave := d.Map.Filter.OnLeave; leave != "" && leave != "unlink" {
		fact("on leave", leave)
	}
	switch d.Map.Conflict {
	case "hold":
		fact("conflict", "hold: a person decides")
	case "last_writer_wins":
		fact("conflict", "last_writer_wins: the side that was edited later")
	}
	for _, g := range d.Map.Together {
		fact("together", strings.Join(g, ", "))
	}
	if d.Map.Status != "" && d.Map.Status != "running" {
		fact("status", d.Map.Status)
	}
	v.table(&facts)
	v.linef("")

	fields := table{indent: 6, headed: true, columns: []column{
		{head: "F&O", least: 14}, {head: ""}, {head: "Dataverse", least: 14}, {head: ""},
	}}
	for _, f := range d.Map.Fields {
		fields.add(fieldCells(d, f, noteOf(a.Changes, f))...)
	}
	if !fields.fits(v.o) {
		notesBehind(&fields)
	}
	v.table(&fields)
}

// notesBehind moves the last column of a table into the one before it, so that
// long names keep their width: a note that has no room goes on the next line.
func notesBehind(t *table) {
	t.columns = t.columns[:3]
	for i, r := range t.rows {
		name, note := r[2], r[3]
		if note.text != "" {
			name.text += " (" + note.text + ")"
		}
		t.rows[i] = []cell{r[0], r[1], name}
	}
}

// fieldCells shows one field: the two names, the direction between them, and
// what is special about it.
func fieldCells(d *plan.Definition, f *model.Field, note string) []cell {
	var notes []string
	if note != "" {
		notes = append(notes, note)
	}
	left, right, sign := f.FnO.Name, f.Name(), map[model.Direction]string{model.ToDataverse: ">", model.ToFnO: "<"}[f.Direction]
	if sign == "" {
		sign = "="
	}
	if f.IsConstant {
		constant := f.Constant.String()
		if f.Constant.IsNull() {
			constant = "null"
		}
		if f.Column.Name == "" {
			left, sign, right = f.FnO.Name, "<", constant
		} else {
			left, sign, right = constant, ">", f.Column.Name
		}
		notes = append(notes, "constant")
	}
	if f.Values != nil {
		notes = append(notes, valuesNote(f.Values))
	}
	if f.ToDataverse != nil || f.ToFnO != nil {
		notes = append(notes, "computed")
	}
	if f.Writes == "create" {
		notes = append(notes, "on create only")
	}
	if len(f.Path) > 0 && note == "" {
		notes = append(notes, lookupNote(d, f))
	}
	if len(f.Targets) > 0 {
		left = lookupFields(f)
		if note == "" {
			notes = append(notes, targetsNote(d, f))
		}
	}
	signStyle := style("")
	if sign != "=" {
		signStyle = cyan
	}
	return []cell{{text: clean(left)}, {sign, signStyle}, {text: clean(right)}, {clean(strings.Join(notes, ", ")), dim}}
}

// lookupFields names the F&O fields of a lookup block, each once.
func lookupFields(f *model.Field) string {
	var names []string
	for _, t := range f.Targets {
		for _, m := range t.Match {
			if !slices.Contains(names, m.FnO.Name) {
				names = append(names, m.FnO.Name)
			}
		}
	}
	return strings.Join(names, " + ")
}

// targetsNote says where a lookup block leads, in the order in which it looks.
func targetsNote(d *plan.Definition, f *model.Field) string {
	var targets []string
	for _, t := range f.Targets {
		var columns []string
		for _, m := range t.Match {
			columns = append(columns, strings.Join(m.Path, "."))
		}
		table := t.Table.Name
		if column := d.Dataverse.Field(f.Column.Name); table == "" && column != nil && len(column.Targets) > 0 {
			table = column.Targets[0].Set
		}
		targets = append(targets, table+" by "+strings.Join(columns, " + "))
	}
	return "lookup to " + strings.Join(targets, ", else ")
}

// noteOf finds what the planner says about a field.
func noteOf(changes []plan.Change, f *model.Field) string {
	for _, c := range changes {
		if path, found := strings.CutPrefix(c.Path, "field "); found &&
			(path == f.Name() || path == f.Name()+" "+string(f.Direction)) {
			return c.Note
		}
	}
	return ""
}

// valuesNote names a value map and how many values it has.
func valuesNote(e *model.Enum) string {
	n := plural(int64(len(e.Values)), "value", "values")
	if e.Name != "" {
		return "enum." + e.Name + ": " + n
	}
	return n
}

// lookupNote says which map delivers the target of a lookup.
func lookupNote(d *plan.Definition, f *model.Field) string {
	column := d.Dataverse.Field(f.Column.Name)
	if column == nil {
		return "lookup"
	}
	for _, t := range column.Targets {
		if by := d.Delivers[t.Table]; len(by) > 0 {
			return "lookup to " + strings.Join(model.MapAddresses(by), ", ")
		}
	}
	if len(column.Targets) == 0 {
		return "lookup"
	}
	return "lookup to " + column.Targets[0].Set
}

func keyNames(d *plan.Definition) string {
	var names []string
	for _, k := range d.Map.Key {
		names = append(names, k.Name)
	}
	if c := d.Map.Company; c != nil && !c.Global {
		names = slices.Insert(names, 0, "company")
	}
	return strings.Join(names, " + ")
}

func createsText(c model.Creates) string {
	on := func(b *bool) bool { return b == nil || *b }
	switch {
	case on(c.ToDataverse) && on(c.ToFnO):
		return "" // as everybody expects
	case on(c.ToDataverse):
		return "in Dataverse only"
	case on(c.ToFnO):
		return "in F&O only"
	default:
		return "nothing: records must be there on both sides"
	}
}

// deletesText says what a delete on one side does on the other, where the map
// says it.
func deletesText(x model.Deletes) string {
	var parts []string
	if x.ToDataverse != "" {
		parts = append(parts, x.ToDataverse+" in Dataverse")
	}
	if x.ToFnO != "" {
		parts = append(parts, x.ToFnO+" in F&O")
	}
	return strings.Join(parts, ", ")
}

func masterText(m model.Mastering) string {
	text := "F&O"
	except, other := m.Dataverse, "Dataverse"
	if m.Master == "dataverse" {
		text, except, other = "Dataverse", m.FnO, "F&O"
	}
	if len(except) == 0 {
		return text
	}
	var names []string
	for _, n := range except {
		names = append(names, n.Name)
	}
	return text + "; " + other + " of " + strings.Join(names, ", ")
}
