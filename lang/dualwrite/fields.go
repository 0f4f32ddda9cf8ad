package dualwrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// reject keeps a field that cannot be taken over as a comment.
func (d *draft) reject(f FieldMapping, why string) {
	text := fmt.Sprintf("%s %s %s", orNone(f.FnO), arrow(f.Direction), orNone(f.Column))
	if f.Transform.Unknown != "" {
		text += " with " + f.Transform.Unknown
	}
	d.notes = append(d.notes, fmt.Sprintf("%s: %s.", clip(text), why))
	d.report(diag.CodeFieldNotTaken, diag.Warning, "a field is not imported: "+clip(text), upperFirst(why)+".", "It stands as a comment in the file.")
}

func orNone(name string) string {
	if name == "" {
		return "(none)"
	}
	return name
}

func arrow(d model.Direction) string {
	switch d {
	case model.ToDataverse:
		return "->"
	case model.ToFnO:
		return "<-"
	default:
		return "<->"
	}
}

// field takes one line of the map over.
func (d *draft) field(f FieldMapping) {
	if f.Transform.Unknown != "" {
		why := "its transform is not known"
		if f.Direction == "" {
			why = "its direction is not known"
		}
		d.reject(f, why)
		return
	}
	if f.FnO == "" || f.Column == "" {
		d.constant(f)
		return
	}
	known, _ := d.im.names.fnoField(d.fno, f.FnO)
	if f.FnO = known.name; !isName(f.FnO) {
		d.reject(f, "the F&O field is no name")
		return
	}
	if f.Transform.Creates {
		d.report(diag.CodeFieldNotTaken, diag.Warning, fmt.Sprintf("the value map of %s creates values on the other side", f.FnO),
			"dw does not add options to a column. Values outside the map fail.", "")
		d.notes = append(d.notes, f.FnO+": its value map was to create values on the other side, which dw does not do.")
	}
	if targets, ok := polymorphic(f.Column); ok {
		d.polymorphic(f, targets)
		return
	}
	parts := strings.Split(f.Column, ".")
	if slices.ContainsFunc(parts, func(p string) bool { return !isName(p) }) {
		d.reject(f, "the column is no name")
		return
	}
	f.Column = strings.ToLower(f.Column)
	if path, ok := strings.CutSuffix(f.Column, companySuffix); ok && strings.EqualFold(f.FnO, schema.CompanyField) {
		d.company = path // it joins by itself
		return
	}
	d.mapped(f, strings.ToLower(parts[0]), len(parts) > 1)
}

// mapped places a field that has both sides.
func (d *draft) mapped(f FieldMapping, column string, lookup bool) {
	plainLookup := lookup && f.Transform.IsZero()
	if !d.claim(&f, column, plainLookup) {
		return
	}
	switch t := f.Transform; {
	case t.Default != nil:
		d.withDefault(f)
	case len(t.Values) > 0:
		vm := newValueMap(d.im.names, d.fno, f)
		if vm.isNoYes() && !lookup && d.im.names.carriesNoYes(d.fno, f.FnO, d.table, f.Column) {
			d.line(f)
			return
		}
		if vm.chosen && f.Direction.Sends(value.FnO) {
			d.report(diag.CodeWayBackChosen, diag.Warning, fmt.Sprintf("several values of %s become one of %s", f.FnO, f.Column),
				"Dual-write does not say which of them it becomes on the way back; dw takes the first.", "Check reverse.")
		}
		d.fields = append(d.fields, &fieldBlock{column: f.Column, fno: f.FnO, direction: f.Direction, values: vm})
	case plainLookup && f.Direction.Sends(value.Dataverse):
		b := d.columns[column]
		b.matches = append(b.matches, match{fno: f.FnO, path: strings.TrimPrefix(f.Column, column+"."), direction: f.Direction})
	default:
		d.line(f)
	}
}

// claim makes sure that no two fields write the same place. It narrows the
// direction of a field that would, or rejects it; false then.
func (d *draft) claim(f *FieldMapping, column string, plainLookup bool) bool {
	was := f.Direction
	fno := strings.ToLower(f.FnO)
	reason := ""
	if f.Direction.Sends(value.FnO) && d.sent[fno] {
		f.Direction = without(f.Direction, value.FnO)
		reason = "another field sends to the F&O field too"
	}
	if f.Direction.Sends(value.Dataverse) {
		if other, taken := d.columns[column]; taken && !joins(other, *f, column, plainLookup) {
			f.Direction = without(f.Direction, value.Dataverse)
			reason = "another field sends to the column too"
		}
	}
	if f.Direction == "" {
		f.Direction = was
		d.reject(*f, reason)
		return false
	}
	if f.Direction != was {
		d.report(diag.CodeDirectionCut, diag.Warning, fmt.Sprintf("%s and %s: the field only flows %s", f.FnO, f.Column, f.Direction),
			upperFirst(reason)+", and they would overwrite each other.", "")
		d.notes = append(d.notes, fmt.Sprintf("%s %s %s: narrowed to %s, since %s.", f.FnO, arrow(was), f.Column, f.Direction, reason))
	}
	if f.Direction.Sends(value.FnO) {
		d.sent[fno] = true
	}
	if f.Direction.Sends(value.Dataverse) {
		if plainLookup && d.columns[column] == nil {
			b := &lookupBlock{column: column}
			d.columns[column] = b
			d.lookups = append(d.lookups, b)
		} else if !plainLookup {
			d.columns[column] = nil
		}
	}
	return true
}

// without takes a side off a direction; "" where nothing is left.
func without(d model.Direction, side value.Side) model.Direction {
	switch {
	case !d.Sends(side.Other()):
		return ""
	case side == value.FnO:
		return model.ToDataverse
	default:
		return model.ToFnO
	}
}

// joins tells whether a lookup by path finds its row together with those that
// stand there: by another field in another column.
func joins(b *lookupBlock, f FieldMapping, column string, plainLookup bool) bool {
	if b == nil || !plainLookup {
		return false
	}
	path := strings.TrimPrefix(f.Column, column+".")
	return !slices.ContainsFunc(b.matches, func(m match) bool {
		return strings.EqualFold(m.fno, f.FnO) || m.path == path
	})
}

// line adds a plain mapping. A field that fills several columns has one line.
func (d *draft) line(f FieldMapping) {
	lines := d.lines[f.Direction]
	for i := range lines {
		if strings.EqualFold(lines[i].fno, f.FnO) {
			lines[i].columns = append(lines[i].columns, f.Column)
			return
		}
	}
	d.lines[f.Direction] = append(lines, line{f.FnO, []string{f.Column}})
}

// settleLookups turns references by one field into lines, and gives the others
// their direction. Where only some of the fields flow back, they do so in
// lines of their own.
func (d *draft) settleLookups() {
	var kept []*lookupBlock
	for _, b := range d.lookups {
		if len(b.targets) > 0 {
			kept = append(kept, b)
			continue
		}
		if len(b.matches) == 1 {
			m := b.matches[0]
			d.line(FieldMapping{FnO: m.fno, Column: b.column + "." + m.path, Direction: m.direction})
			continue
		}
		b.direction = b.matches[0].direction
		mixed := slices.ContainsFunc(b.matches, func(m match) bool { return m.direction != b.direction })
		if mixed {
			b.direction = model.ToDataverse
			for _, m := range b.matches {
				if m.direction == model.Both {
					d.line(FieldMapping{FnO: m.fno, Column: b.column + "." + m.path, Direction: model.ToFnO})
				}
			}
		}
		kept = append(kept, b)
	}
	d.lookups = kept
}

// withDefault takes over a default beside a source: what stands in where the
// sending side has nothing.
func (d *draft) withDefault(f FieldMapping) {
	b := &fieldBlock{column: f.Column, fno: f.FnO, direction: f.Direction}
	call := "coalesce(value, " + literalHCL(*f.Transform.Default) + ")"
	switch f.Direction {
	case model.ToFnO:
		b.toFnO = call
	case model.Both:
		b.toDataverse, b.toFnO = call, "value"
	default:
		b.toDataverse = call
	}
	d.report(diag.CodeDefaultAssumed, diag.Notice, fmt.Sprintf("%s has a source and a default", f.Column),
		fmt.Sprintf("dw takes %s where the sending side has nothing.", quoteJSON(clip(*f.Transform.Default))), "")
	d.fields = append(d.fields, b)
}

// constant takes over a field with one side.
func (d *draft) constant(f FieldMapping) {
	toFnO := f.Column == ""
	name := f.Column
	if toFnO {
		known, _ := d.im.names.fnoField(d.fno, f.FnO)
		name = known.name
	}
	switch {
	case f.FnO == "" && f.Column == "":
		d.reject(f, "it has no side")
		return
	case f.Transform.Default == nil:
		d.reject(f, "it has one side and no default")
		return
	case toFnO && !f.Direction.Sends(value.FnO), !toFnO && !f.Direction.Sends(value.Dataverse):
		d.reject(f, "its direction leads away from the field that it has")
		return
	case !isName(name):
		d.reject(f, "it is no name")
		return
	}
	if toFnO {
		key := strings.ToLower(name)
		if d.sent[key] {
			d.reject(f, "another field sends to the F&O field too")
			return
		}
		d.sent[key] = true
	} else {
		name = strings.ToLower(name)
		if _, taken := d.columns[name]; taken {
			d.reject(f, "another field sends to the column too")
			return
		}
		d.columns[name] = nil
	}
	d.constants = append(d.constants, constantBlock{name: name, toFnO: toFnO, text: *f.Transform.Default})
}

// polymorphic reads "customerid.Account(accountnumber).Contact(contactid)".
func polymorphic(column string) ([]target, bool) {
	_, rest, ok := strings.Cut(column, ".")
	if !ok || !strings.Contains(rest, "(") {
		return nil, false
	}
	var out []target
	for rest != "" {
		table, after, ok := strings.Cut(rest, "(")
		path, after, closed := strings.Cut(after, ")")
		if !ok || !closed {
			return nil, false
		}
		out = append(out, target{table: strings.TrimSpace(table), matches: []match{{path: strings.ToLower(strings.TrimSpace(path))}}})
		rest = strings.TrimPrefix(after, ".")
	}
	return out, true
}

// polymorphic takes over a reference to one of several tables.
func (d *draft) polymorphic(f FieldMapping, targets []target) {
	column, _, _ := strings.Cut(f.Column, ".")
	if !f.Transform.IsZero() {
		d.reject(f, "a reference to several tables has no value map")
		return
	}
	seen := map[string]bool{}
	for i := range targets {
		t := &targets[i]
		t.table = tableOfWord(t.table)
		t.matches[0].fno = f.FnO
		ok := isName(t.table) && !slices.ContainsFunc(strings.Split(t.matches[0].path, "."), func(p string) bool { return !isName(p) })
		if !ok || seen[t.table] {
			d.reject(f, "its targets cannot be read")
			return
		}
		seen[t.table] = true
	}
	if column = strings.ToLower(column); !isName(column) {
		d.reject(f, "the column is no name")
		return
	}
	if !f.Direction.Sends(value.Dataverse) {
		d.reject(f, "a reference to several tables that only flows to F&O has no counterpart")
		return
	}
	if !d.claim(&f, column, false) {
		return
	}
	if !f.Direction.Sends(value.Dataverse) {
		d.sent[strings.ToLower(f.FnO)] = false
		d.reject(f, "another field sends to the column too")
		return
	}
	d.lookups = append(d.lookups, &lookupBlock{column: column, direction: f.Direction, targets: targets})
}

// standardTables are the tables that polymorphic references name by their
// schema names, with capitals.
func standardTables() [][2]string {
	return [][2]string{
		{"Account", "accounts"}, {"Contact", "contacts"}, {"Lead", "leads"}, {"Opportunity", "opportunities"},
		{"SystemUser", "systemusers"}, {"Team", "teams"}, {"Quote", "quotes"}, {"SalesOrder", "salesorders"}, {"Invoice", "invoices"},
	}
}

// tableOfWord gives the entity set of a table in a polymorphic reference; its
// logical name where the set is not known.
func tableOfWord(word string) string {
	for _, t := range standardTables() {
		if strings.EqualFold(t[0], word) {
			return t[1]
		}
	}
	return strings.ToLower(word)
}

// wordOfTable is the way back.
func wordOfTable(table string) string {
	for _, t := range standardTables() {
		if strings.EqualFold(t[1], table) || strings.EqualFold(t[0], table) {
			return t[0]
		}
	}
	return table
}
