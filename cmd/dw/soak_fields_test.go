package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// soakMap is a map of the example as the tester sees it: what it can edit there.
type soakMap struct {
	*model.Map
	tables map[value.Side]*schema.Table
	plain  []*soakField // values that the tester makes up
	rings  []*soakField // references that lead round in a ring
}

// soakField is a field that the tester edits.
type soakField struct {
	*model.Field
	columns map[value.Side]*schema.Field
	unit    string              // fields of one unit are merged as one value
	rights  map[value.Side]bool // where an edit holds; elsewhere it is undone
	master  value.Side          // whose edit holds where both sides made one
	values  []soakValue         // the only ones that there are; none: any text or number
	target  string              // of a reference: the map of the records that it leads to
	refused map[value.Side]bool // the service does not take edits
}

// soakValue is one value in the words of both sides and as rowReader shows it.
type soakValue struct {
	on   map[value.Side]any
	text string
}

// soakMaps reads what there is to edit in the maps of a folder.
func soakMaps(t *testing.T, r *rowReader) []*soakMap {
	t.Helper()
	var out []*soakMap
	for _, m := range r.maps {
		s := &soakMap{Map: m, tables: map[value.Side]*schema.Table{
			value.FnO: schema.FindTable(r.catalog.FnO, m.FnO.Name), value.Dataverse: schema.FindTable(r.catalog.Dataverse, m.Dataverse.Name),
		}}
		for _, f := range m.Fields {
			if x := newSoakField(s, f, r); x != nil {
				s.plain = append(s.plain, x)
			}
		}
		out = append(out, s)
	}
	for _, s := range out {
		for _, f := range s.Fields {
			if x := ringField(s, f, out); x != nil {
				s.rings = append(s.rings, x)
			}
		}
	}
	return out
}

// base gives what all editable fields have; nil where the tester leaves a field
// alone: keys, what is written once, and what expressions make.
func (s *soakMap) base(f *model.Field) *soakField {
	if f.IsConstant || f.Writes == "create" || len(f.Targets) > 0 || f.ToDataverse != nil || f.ToFnO != nil || f.FnO.Name == "" ||
		slices.ContainsFunc(s.Key, func(k model.Named) bool { return strings.EqualFold(k.Name, f.FnO.Name) }) {
		return nil
	}
	x := &soakField{Field: f, unit: f.Name(), refused: map[value.Side]bool{}, columns: map[value.Side]*schema.Field{
		value.FnO: s.tables[value.FnO].Field(f.FnO.Name), value.Dataverse: s.tables[value.Dataverse].Field(f.Column.Name),
	}}
	for _, c := range x.columns {
		if c == nil || !c.OnUpdate {
			return nil
		}
	}
	if slices.ContainsFunc(s.Fields, func(g *model.Field) bool { return g != f && !g.IsConstant && g.FnO.Name == f.FnO.Name }) {
		x.unit = "of " + f.FnO.Name // one field and several columns
	}
	for i, group := range s.Together {
		if slices.ContainsFunc(group, func(name string) bool { return strings.EqualFold(name, f.Column.Name) }) {
			x.unit = fmt.Sprintf("together %d", i)
		}
	}
	x.master = s.Mastering.MasterOf(f)
	x.rights = map[value.Side]bool{}
	for _, side := range bothSides {
		x.rights[side] = f.Direction.Sends(other(side)) && !masteredBy(s.Map, other(side), f)
	}
	if !x.rights[x.master] {
		x.master = other(x.master)
	}
	return x
}

var bothSides = []value.Side{value.FnO, value.Dataverse}

// masteredBy tells whether mastering lists a field for a side by name.
func masteredBy(m *model.Map, side value.Side, f *model.Field) bool {
	names := m.Mastering.FnO
	if side == value.Dataverse {
		names = m.Mastering.Dataverse
	}
	return slices.ContainsFunc(names, func(n model.Named) bool {
		return strings.EqualFold(n.Name, f.Name()) || strings.EqualFold(n.Name, f.Column.Name)
	})
}

// numbered fields get their values from F&O's number sequences.
var numbered = []string{"PartyNumber", "VendorPartyNumber"}

func newSoakField(s *soakMap, f *model.Field, r *rowReader) *soakField {
	x := s.base(f)
	if x == nil || len(f.Path) > 0 || slices.Contains(numbered, f.FnO.Name) {
		return nil
	}
	fno, dataverse := x.columns[value.FnO], x.columns[value.Dataverse]
	noYes := fno.Type == schema.TypeEnum && strings.EqualFold(fno.Enum, "NoYes")
	switch {
	case f.Values != nil:
		for _, v := range f.Values.Values {
			text, in := v.Dataverse.String(), any(v.Dataverse.String())
			switch v.Dataverse.Kind() {
			case value.Integer:
				in = v.Dataverse.Int()
			case value.Bool:
				in, text = v.Dataverse.Bool(), map[bool]string{true: "true"}[v.Dataverse.Bool()]
			}
			// Of several members for one option the first is what comes back.
			if !slices.ContainsFunc(x.values, func(o soakValue) bool { return o.text == text }) {
				x.values = append(x.values, soakValue{on: map[value.Side]any{value.FnO: v.FnO.Text(), value.Dataverse: in}, text: text})
			}
		}
		if len(x.values) < 2 {
			return nil
		}
	case noYes && dataverse.Type == schema.TypeBool:
		x.values = []soakValue{
			{on: map[value.Side]any{value.FnO: "No", value.Dataverse: false}},
			{on: map[value.Side]any{value.FnO: "Yes", value.Dataverse: true}, text: "true"},
		}
	case fno.Type == schema.TypeText && dataverse.Type == schema.TypeText:
		if room(fno.MaxLength, dataverse.MaxLength) < 2 {
			return nil
		}
	case numeric(fno) && numeric(dataverse):
		if greatest(fno, dataverse) < 2 {
			return nil
		}
	default:
		return nil
	}
	return x
}

func numeric(f *schema.Field) bool {
	return f.Type == schema.TypeInteger || f.Type == schema.TypeDecimal
}

// ringField gives a reference that leads back to its own map, or to a map that
// refers to this one.
func ringField(s *soakMap, f *model.Field, all []*soakMap) *soakField {
	if len(f.Path) != 1 {
		return nil
	}
	x := s.base(f)
	if x == nil || x.columns[value.Dataverse].Type != schema.TypeLookup {
		return nil
	}
	for _, to := range all {
		delivers := leadsTo(x.columns[value.Dataverse], to) && slices.ContainsFunc(to.Key, func(k model.Named) bool {
			return slices.ContainsFunc(to.Fields, func(g *model.Field) bool {
				return g.FnO.Name == k.Name && strings.EqualFold(g.Column.Name, f.Path[0])
			})
		})
		back := slices.ContainsFunc(to.Fields, func(g *model.Field) bool {
			c := to.tables[value.Dataverse].Field(g.Column.Name)
			return len(g.Path) == 1 && c != nil && c.Type == schema.TypeLookup && leadsTo(c, s)
		})
		if delivers && (to == s || back) {
			x.target = to.Name
			return x
		}
	}
	return nil
}

// leadsTo tells whether a lookup column points at a map's table.
func leadsTo(c *schema.Field, to *soakMap) bool {
	return slices.ContainsFunc(c.Targets, func(t schema.Target) bool { return t.Set == to.tables[value.Dataverse].Set })
}

// another makes a value that a record does not have; old is what it has, as
// rowReader shows it.
func (x *soakField) another(random *rand.Rand, old string) soakValue {
	if len(x.values) > 0 {
		for {
			if v := x.values[random.IntN(len(x.values))]; v.text != old {
				return v
			}
		}
	}
	fno, dataverse := x.columns[value.FnO], x.columns[value.Dataverse]
	for {
		var v soakValue
		if fno.Type == schema.TypeText {
			v = textValue(random, fno.MaxLength, dataverse.MaxLength)
		} else {
			v = numberValue(random, fno, dataverse)
		}
		if v.text != old {
			return v
		}
	}
}

// room gives how long a text may be that fits; 0 is an unknown length.
func room(lengths ...int) int {
	most := 18
	for _, n := range lengths {
		if n > 0 {
			most = min(most, n)
		}
	}
	return most
}

// textValue makes a text that fits both sides.
func textValue(random *rand.Rand, lengths ...int) soakValue {
	most := room(lengths...)
	text := fmt.Sprintf("T%017d", random.Uint64N(1e17))
	text = text[:1] + text[len(text)-(most-1):]
	return soakValue{on: map[value.Side]any{value.FnO: text, value.Dataverse: text}, text: text}
}

// greatest gives the greatest whole number, with a half to spare, that columns
// take, as far as they say so.
func greatest(columns ...*schema.Field) int {
	most := 85 // also a latitude and a number of days
	for _, c := range columns {
		if n, err := strconv.ParseFloat(c.Max, 64); err == nil && n < float64(most+1) {
			most = int(n) - 1
		}
	}
	return most
}

// numberValue makes a number that both sides keep as it is.
func numberValue(random *rand.Rand, fno, dataverse *schema.Field) soakValue {
	n := 1 + random.IntN(greatest(fno, dataverse))
	in, text := float64(n), fmt.Sprint(n)
	if fno.Type == schema.TypeDecimal && dataverse.Type == schema.TypeDecimal {
		in, text = in+0.5, fmt.Sprintf("%d/2", 2*n+1)
	}
	return soakValue{on: map[value.Side]any{value.FnO: in, value.Dataverse: in}, text: text}
}
