package plan

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// FieldMove says that a field has another name than in the version before: its
// Dataverse column or its F&O field was renamed and holds what it held.
type FieldMove struct {
	From string `json:"from"` // the name of the field, its column, or its F&O field
	To   string `json:"to"`
}

// Renamed gives a definition as it would be with other names of maps (old name
// to new) and fields: what has no other name is shared with d. Changed tells
// whether anything has.
func (d *Definition) Renamed(maps map[string]string, fields []FieldMove) (_ *Definition, changed bool) {
	out := *d
	if now, ok := maps[d.Map.Name]; ok {
		m := *d.Map
		m.Name, out.Map, changed = now, &m, true
	}
	if delivers, ok := d.Delivers.renamed(maps); ok {
		out.Delivers, changed = delivers, true
	}
	for _, move := range fields {
		if out.moveField(move) {
			changed = true
		}
	}
	return &out, changed
}

// renamed gives the maps that deliver by their new names; false where none of
// them has one.
func (d Delivers) renamed(maps map[string]string) (out Delivers, changed bool) {
	out = make(Delivers, len(d))
	for table, names := range d {
		out[table] = slices.Clone(names)
		for i, name := range names {
			if now, ok := maps[name]; ok {
				out[table][i], changed = now, true
			}
		}
	}
	return out, changed
}

// moveField gives a field another name, everywhere in d but in filters and
// expressions; false where there is no such field, or the new name is taken.
func (d *Definition) moveField(move FieldMove) bool {
	f := d.Map.Field(move.From)
	if f == nil || d.Map.Field(move.To) != nil {
		return false
	}
	side := value.Dataverse
	if !strings.EqualFold(f.Name(), move.From) && !strings.EqualFold(f.Column.Name, move.From) {
		side = value.FnO
	}
	moved := *f
	m := *d.Map
	d.Map = &m
	m.Fields = slices.Clone(m.Fields)
	m.Fields[slices.Index(m.Fields, f)] = &moved
	if side == value.FnO {
		rename := func(n string) string { return renamedText(n, f.FnO.Name, move.To) }
		moved.FnO.Name = move.To
		m.Key = renamedNames(m.Key, rename)
		d.FnO = renamedColumn(d.FnO, rename)
		return true
	}
	column, path, _ := strings.Cut(move.To, ".")
	if path != "" && len(moved.Path) > 0 {
		moved.Path = strings.Split(path, ".")
	}
	moved.Column.Name = column
	inColumns := func(n string) string { return renamedText(n, f.Column.Name, column) }
	inFields := func(n string) string { return inColumns(renamedText(n, f.Name(), moved.Name())) }
	m.Mastering.FnO = renamedNames(m.Mastering.FnO, inFields)
	m.Mastering.Dataverse = renamedNames(m.Mastering.Dataverse, inFields)
	m.Together = slices.Clone(m.Together)
	for i := range m.Together {
		m.Together[i] = renamedTexts(m.Together[i], inFields)
	}
	d.Deferred = renamedTexts(d.Deferred, inFields)
	d.Dataverse = renamedColumn(d.Dataverse, inColumns)
	return true
}

func renamedText(text, from, to string) string {
	if strings.EqualFold(text, from) {
		return to
	}
	return text
}

func renamedTexts(list []string, rename func(string) string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = rename(out[i])
	}
	return out
}

func renamedNames(list []model.Named, rename func(string) string) []model.Named {
	out := slices.Clone(list)
	for i := range out {
		out[i].Name = rename(out[i].Name)
	}
	return out
}

// renamedColumn gives a table with another name of a column.
func renamedColumn(t *schema.Table, rename func(string) string) *schema.Table {
	out := *t
	out.Key = renamedTexts(t.Key, rename)
	out.Fields = slices.Clone(t.Fields)
	for i := range out.Fields {
		f := *out.Fields[i]
		f.Name = rename(f.Name)
		out.Fields[i] = &f
	}
	slices.SortStableFunc(out.Fields, func(a, b *schema.Field) int { return strings.Compare(a.Name, b.Name) })
	out.Keys = slices.Clone(t.Keys)
	for i := range out.Keys {
		out.Keys[i].Columns = renamedTexts(out.Keys[i].Columns, rename)
	}
	return &out
}
