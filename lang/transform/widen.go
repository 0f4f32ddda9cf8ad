package transform

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// derived is a virtual Dataverse column: what a row behind a lookup column
// says.
type derived struct {
	source  int     // place of the lookup column in Dataverse.Columns
	reaches []reach // by table; the key found is the value
	width   int
	slot    int // whose key or company it is
}

// derive makes a virtual Dataverse column and gives its place among them.
func (b *builder) derive(name string, d derived) int {
	b.c.Dataverse.Virtual = append(b.c.Dataverse.Virtual, &schema.Field{Name: name, Type: schema.TypeText, Readable: true})
	b.c.derived = append(b.c.derived, d)
	return len(b.c.derived) - 1
}

// Widen makes a full record of one: the values of the columns, as a connector
// reads them, followed by the virtual ones. A record that is full already is
// completed by what is known now. What refs do not know stays null; without
// refs only what needs none is computed. Vals is not changed, but is given back
// where the side has no virtual columns.
func (c *Compiled) Widen(side value.Side, vals []value.Value, refs Refs) []value.Value {
	p := c.projection(side)
	if len(p.Virtual) == 0 {
		return vals
	}
	out := make([]value.Value, p.Width())
	copy(out, vals)
	if side == value.FnO {
		for i, slot := range c.tuples {
			out[len(p.Columns)+i] = c.Slots[slot].tuple.read(out)
		}
		return out
	}
	for i := range c.derived {
		if text, ok := c.derived[i].resolve(out, refs); ok {
			out[len(p.Columns)+i] = value.NewText(text)
		}
	}
	return out
}

// resolve asks for the value of a virtual Dataverse column.
func (d *derived) resolve(vals []value.Value, refs Refs) (string, bool) {
	ref := vals[d.source]
	h := (&Slot{reaches: d.reaches}).reachOf(ref)
	if h == nil || refs == nil {
		return "", false
	}
	key, state := refs.Key(h.lookup, ref)
	if state != RefKnown {
		return "", false
	}
	return h.text(key, d.width), true
}

// WidenNeeds calls ask for every reference whose key Widen wants and the record
// does not have yet. Callers resolve them and call again until nothing new is
// asked.
func (c *Compiled) WidenNeeds(side value.Side, vals []value.Value, ask func(l *Lookup, ref value.Value)) {
	if side == value.FnO {
		return
	}
	for i := range c.derived {
		d := &c.derived[i]
		if at := len(c.Dataverse.Columns) + i; at < len(vals) && !vals[at].IsNull() {
			continue
		}
		if h := (&Slot{reaches: d.reaches}).reachOf(vals[d.source]); h != nil {
			ask(h.lookup, vals[d.source])
		}
	}
}

// Unresolved gives the first reference of a full Dataverse record that its key
// depends on and whose row has no key that is known, with its slot; ok is false
// where there is none. A reference to a table that the map does not translate
// counts.
func (c *Compiled) Unresolved(vals []value.Value) (s *Slot, ref value.Value, ok bool) {
	for i := range c.derived {
		d := &c.derived[i]
		if at := len(c.Dataverse.Columns) + i; d.slot != c.Company && d.source < len(vals) && !vals[d.source].IsNull() && (at >= len(vals) || vals[at].IsNull()) {
			return &c.Slots[d.slot], vals[d.source], true
		}
	}
	return nil, value.Value{}, false
}

// The column of a row's state, and the state of a new row.
const (
	stateColumn = "statecode"
	activeState = 0
)

// Complete fills in, in the full values of a record of side to that is about
// to be created from another one, what its slots alone do not say: the F&O
// fields of lookups of several, and in Dataverse the virtual columns. So the
// record can be judged by filters and keys before it exists. Values that are
// set already stay.
func (c *Compiled) Complete(to value.Side, vals []value.Value, from *Record) {
	if to == value.FnO {
		for _, slot := range c.tuples {
			s := &c.Slots[slot]
			values, err := s.tuple.parts(vals[s.FnO])
			if vals[s.FnO].IsNull() || err != nil {
				continue
			}
			for i, at := range s.tuple.at {
				if vals[at].IsNull() && s.tuple.writes[i] {
					vals[at] = values[i]
				}
			}
		}
		return
	}
	// Dataverse makes rows active, whatever their table's further states are.
	if c.state >= 0 && vals[c.state].IsNull() {
		vals[c.state] = value.NewOption(activeState)
	}
	for i, d := range c.derived {
		at := len(c.Dataverse.Columns) + i
		if !vals[at].IsNull() {
			continue
		}
		if d.slot == c.Company {
			vals[at] = value.NewText(from.Company)
			continue
		}
		s := &c.Slots[d.slot]
		if s.key == nil {
			continue
		}
		if text, err := s.key(from, c.value(s, value.FnO, from.Values)); err == nil && text != "" {
			vals[at] = value.NewText(text)
		}
	}
}

// Column gives the field of a slot on a side, or a made-up one where the value
// is virtual: its name joins those of the columns that it stands for. It may be
// written where all columns that the slot writes may be.
func (c *Compiled) Column(s *Slot, side value.Side) *schema.Field {
	p, at := c.projection(side), s.Dataverse
	if side == value.FnO {
		at = s.FnO
	}
	if at < 0 { // while the map is compiled
		return p.Virtual[^at]
	}
	if at >= len(p.Columns) {
		return p.Virtual[at-len(p.Columns)]
	}
	return p.Columns[at]
}

func (c *Compiled) projection(side value.Side) *Projection {
	if side == value.FnO {
		return &c.FnO
	}
	return &c.Dataverse
}

// Show gives a value of one side of a slot for people: of a reference the key
// of its row where it is known, of several fields their texts.
func (c *Compiled) Show(s *Slot, side value.Side, v value.Value, refs Refs) string {
	if s.Lookup == nil || v.IsNull() {
		return v.String()
	}
	if side == value.FnO {
		return readable(v.String())
	}
	if h := s.reachOf(v); h != nil && refs != nil {
		if key, state := refs.Key(h.lookup, v); state == RefKnown {
			return readable(h.text(key, s.width()))
		}
	}
	return v.String()
}

// readable shows a text of several parts to people; empty parts are left out.
func readable(text string) string {
	if !strings.Contains(text, keySeparator) {
		return text
	}
	parts := slices.DeleteFunc(strings.Split(text, keySeparator), func(p string) bool { return p == "" })
	return strings.Join(parts, " / ")
}

// settlePlaces puts virtual columns behind the real ones, all of which are
// known now.
func (b *builder) settlePlaces() {
	c := b.c
	for i := range c.Slots {
		s := &c.Slots[i]
		if s.FnO < 0 {
			s.FnO = len(c.FnO.Columns) + ^s.FnO
		}
		if s.Dataverse < 0 {
			s.Dataverse = len(c.Dataverse.Columns) + ^s.Dataverse
		}
	}
	for i, d := range c.derived {
		if d.slot != c.Company {
			c.Slots[d.slot].keyText = len(c.Dataverse.Columns) + i
		}
	}
}
