package transform

import (
	"fmt"
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
			v, err := c.keyPart(&c.Slots[k], &r)
			if err != nil {
				return "", false
			}
			part = v.String()
		}
		if part = value.Fold(part); part == "" {
			return "", false
		}
		if n > 0 {
			b = append(b, keySeparator...)
		}
		b = append(b, part...)
	}
	return string(b), len(c.Key) > 0
}

// keyPart gives a part of the key in its canonical side's terms.
func (c *Compiled) keyPart(s *Slot, r *Record) (value.Value, error) {
	v := c.value(s, r.Side, r.Values)
	canonical := value.FnO
	if s.Direction.Sends(value.Dataverse) {
		canonical = value.Dataverse
	}
	if s.plain || r.Side == canonical {
		return v, nil
	}
	return c.Translate(s, r, nil)
}

// ReadableKey shows the key of a record as its side has it: "USMF / US-001".
func (c *Compiled) ReadableKey(side value.Side, vals []value.Value, company string) string {
	parts := make([]string, 0, len(c.Key))
	for _, k := range c.Key {
		part := company
		if k != c.Company {
			part = strings.TrimSpace(c.value(&c.Slots[k], side, vals).String())
		}
		if part == "" {
			part = "(empty)"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " / ")
}

func (c *Compiled) value(s *Slot, side value.Side, vals []value.Value) value.Value {
	if side == value.FnO {
		return vals[s.FnO]
	}
	return vals[s.Dataverse]
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
		if s.Lookup != nil {
			b.fail(diag.CodeNotYet, name.Range, fmt.Sprintf("%s is a lookup and cannot be part of the key in this version", s.Name),
				"The key is compared before references are resolved.", "Use a key of plain fields; the company joins by itself.")
		}
		s.IsKey = true
		c.Key = append(c.Key, i)
	}
	if len(b.in.Map.Key) == 0 {
		b.fail(diag.CodeMissingAttr, b.in.Map.Range, fmt.Sprintf("%s has no key", b.in.Map.Address()),
			"The key finds the same record on the other side.", `Write key = ["Field"] with F&O fields that are mapped.`)
	}
}

// keySlot chooses the slot of a key field. An F&O field may be mapped to
// several columns: one that goes both ways is preferred, then one that an
// alternate key of the table contains, then the first.
func (b *builder) keySlot(name model.Named) int {
	if b.in.FnO.Field(name.Name) == nil {
		b.lookUp(value.FnO, name)
		return -1
	}
	best, bestRank := -1, -1
	for i := range b.c.Slots {
		s := &b.c.Slots[i]
		if i == b.c.Company || !strings.EqualFold(b.c.FnO.Columns[s.FnO].Name, name.Name) {
			continue
		}
		rank := 0
		if s.Direction == model.Both {
			rank += 2
		}
		if b.in.Dataverse.InKey(b.c.Dataverse.Columns[s.Dataverse].Name) {
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

// failedField tells whether an F&O field is mapped but could not be compiled,
// which has been reported already.
func (b *builder) failedField(name string) bool {
	for _, f := range b.in.Map.Fields {
		if strings.EqualFold(f.FnO.Name, name) && !f.IsConstant {
			return true
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
