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

// keySeparator stands between the parts of a canonical key. No field of either
// side can hold it as part of a key that a person enters.
const keySeparator = "\x1f"

// FoldKey gives the form of a key part or company code in which neither letter
// case nor trailing blanks count.
func FoldKey(s string) string { return value.Fold(s) }

// JoinKey makes a canonical key of its parts, the company's first where the
// map has one.
func JoinKey(parts ...string) string {
	folded := make([]string, len(parts))
	for i, p := range parts {
		folded[i] = value.Fold(p)
	}
	return strings.Join(folded, keySeparator)
}

// KeysOf gives the canonical keys of a company's records as a range of texts:
// those from the first on, before the second. It is not ok where keys do not
// begin with the company.
func (c *Compiled) KeysOf(company string) (from, until string, ok bool) {
	if c.Company < 0 || len(c.Key) < 2 || c.Key[0] != c.Company {
		return "", "", false
	}
	from = value.Fold(company)
	return from + keySeparator, from + string(keySeparator[0]+1), true
}

// ReadableCanonical shows a canonical key to people; the case of its letters
// is lost. ReadableKey keeps it.
func ReadableCanonical(key string) string { return strings.ReplaceAll(key, keySeparator, " / ") }

// KeyOf gives the canonical key of a record of either side: the company and
// the key fields as they stand on the side that the key is sent to (Dataverse,
// unless the key only goes to F&O), each by FoldKey. It is not ok where a part
// is empty or cannot be translated.
func (c *Compiled) KeyOf(side value.Side, vals []value.Value, company string) (key string, ok bool) {
	r := Record{Side: side, Values: vals, Company: company}
	var buf [128]byte
	b := buf[:0]
	for n, k := range c.Key {
		part := company
		if k != c.Company {
			var err error
			if part, err = c.keyPart(&c.Slots[k], &r); err != nil {
				return "", false
			}
		}
		if part = value.Fold(part); part == "" || part[0] == keySeparator[0] {
			return "", false
		}
		if n > 0 {
			b = append(b, keySeparator...)
		}
		b = append(b, part...)
	}
	return string(b), len(c.Key) > 0
}

// keyPart gives a part of the key in its canonical side's terms: of a lookup
// the text by which its row is found.
func (c *Compiled) keyPart(s *Slot, r *Record) (string, error) {
	v := c.value(s, r.Side, r.Values)
	if s.Lookup != nil {
		return c.lookupKeyPart(s, r, v)
	}
	canonical := value.FnO
	if s.Direction.Sends(value.Dataverse) {
		canonical = value.Dataverse
	}
	if s.plain || r.Side == canonical {
		return v.String(), nil
	}
	v, err := c.Translate(s, r, nil)
	return v.String(), err
}

func (c *Compiled) lookupKeyPart(s *Slot, r *Record, v value.Value) (string, error) {
	if r.Side == value.FnO {
		if s.tuple != nil && !s.complete(v) {
			return "", nil
		}
		if s.key == nil {
			return v.String(), nil
		}
		return s.key(r, v)
	}
	text := c.keyTextOf(s, r.Values)
	if s.asFnO == nil || text.IsNull() {
		return text.String(), nil
	}
	out, err := s.asFnO(r, text)
	return out.String(), err
}

// keyTextOf gives the key of the row that a key lookup of a full Dataverse
// record refers to; null where it is not known.
func (c *Compiled) keyTextOf(s *Slot, vals []value.Value) value.Value {
	if s.keyText < 0 || s.keyText >= len(vals) {
		return value.Value{}
	}
	return vals[s.keyText]
}

// ReadableKey shows the key of a record as its side has it: "USMF / US-001".
func (c *Compiled) ReadableKey(side value.Side, vals []value.Value, company string) string {
	parts := make([]string, 0, len(c.Key))
	for _, k := range c.Key {
		part := company
		if k != c.Company {
			s := &c.Slots[k]
			v := c.value(s, side, vals)
			if s.Lookup != nil && side == value.Dataverse {
				v = c.keyTextOf(s, vals)
			}
			part = strings.TrimSpace(readable(v.String()))
		}
		if part == "" {
			part = "(empty)"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " / ")
}

func (c *Compiled) value(s *Slot, side value.Side, vals []value.Value) value.Value {
	at := s.Dataverse
	if side == value.FnO {
		at = s.FnO
	}
	if at >= len(vals) { // not full: see Widen
		return value.Value{}
	}
	return vals[at]
}

// key finds the slots of the integration key.
func (b *builder) key() {
	c := b.c
	if c.Company >= 0 {
		c.Key = append(c.Key, c.Company)
	}
	for _, name := range b.in.Map.Key {
		if strings.EqualFold(name.Name, schema.CompanyField) && c.Company >= 0 {
			continue
		}
		i := b.keySlot(name)
		if i < 0 {
			continue
		}
		s := &c.Slots[i]
		if s.IsKey {
			continue // another field of the same lookup
		}
		s.IsKey = true
		c.Key = append(c.Key, i)
		if s.Lookup != nil {
			b.keyLookup(i, name)
		}
	}
	if len(b.in.Map.Key) == 0 {
		b.fail(diag.CodeMissingAttr, b.in.Map.Range, fmt.Sprintf("%s has no key", b.in.Map.Address()),
			"The key finds the same record on the other side.", `Write key = ["Field"] with F&O fields that are mapped.`)
	}
}

// keySlot chooses the slot of a key field. An F&O field may be mapped to
// several columns: one that goes both ways is preferred, then one that an
// alternate key of the table contains, then one that is no lookup, then the
// first. A lookup of several fields comes in only where the field has no line
// of its own.
func (b *builder) keySlot(name model.Named) int {
	if b.in.FnO.Field(name.Name) == nil {
		b.lookUp(value.FnO, name)
		return -1
	}
	best, bestRank := -1, -1
	for i := range b.c.Slots {
		s := &b.c.Slots[i]
		if i == b.c.Company {
			continue
		}
		rank := 0
		switch {
		case s.tuple == nil && strings.EqualFold(b.c.Column(s, value.FnO).Name, name.Name):
			rank = 8
		case s.tuple == nil || !s.tuple.has(name.Name):
			continue
		}
		if s.Direction == model.Both {
			rank += 4
		}
		if b.in.Dataverse.InKey(b.c.Column(s, value.Dataverse).Name) {
			rank += 2
		}
		if s.Lookup == nil {
			rank++
		}
		if rank > bestRank {
			best, bestRank = i, rank
		}
	}
	if best < 0 && !b.failedField(name.Name) {
		b.fail(diag.CodeKeyNotMapped, name.Range, fmt.Sprintf("key field %s is not mapped", name.Name),
			"The key finds a record on the other side, so both sides must hold it.", fmt.Sprintf("Map it: %s = \"column\".", name.Name))
	}
	return best
}

// keyLookup makes a lookup part of the key: Dataverse rows get a virtual column
// with the key of the row that they refer to.
func (b *builder) keyLookup(i int, name model.Named) {
	s := &b.c.Slots[i]
	if s.tuple != nil {
		for _, f := range s.tuple.fields {
			if !slices.ContainsFunc(b.in.Map.Key, func(k model.Named) bool { return strings.EqualFold(k.Name, f.Name) }) &&
				!(b.c.Company >= 0 && strings.EqualFold(f.Name, schema.CompanyField)) {
				b.fail(diag.CodeKeyOfPart, name.Range, fmt.Sprintf("the key has %s but not %s, which finds the same row of %s", name.Name, f.Name, setsOf(s.Lookups)),
					fmt.Sprintf("%s refers to a row that is told by %s.", b.c.Column(s, value.Dataverse).Name, b.c.Column(s, value.FnO).Name), fmt.Sprintf("Add %q to the key.", f.Name))
				return
			}
		}
	}
	b.derive(s.Name, derived{source: s.Dataverse, reaches: s.reaches, width: s.width(), slot: i})
}

// failedField tells whether an F&O field is mapped but could not be compiled,
// which has been reported already.
func (b *builder) failedField(name string) bool {
	for _, f := range b.in.Map.Fields {
		if strings.EqualFold(f.FnO.Name, name) && !f.IsConstant {
			return true
		}
		for _, t := range f.Targets {
			if slices.ContainsFunc(t.Match, func(m model.Match) bool { return strings.EqualFold(m.FnO.Name, name) }) {
				return true
			}
		}
	}
	return false
}

// EntityKey gives the values of F&O's entity key in its order, from the values
// of an F&O record; null for a part that the map does not read.
func (c *Compiled) EntityKey(vals []value.Value) []value.Value {
	names := c.FnO.Table.Key
	key := make([]value.Value, len(names))
	for i, name := range names {
		if at := c.FnO.Index(name); at >= 0 {
			key[i] = vals[at]
		}
	}
	return key
}
