package transform

import (
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/crosswalk"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// match finds the slots of the ways of a first match.
func (b *builder) match() {
	for _, way := range b.in.Map.Initial.Match {
		var slots []int
		for _, name := range way {
			if i := b.matchSlot(name); i >= 0 {
				slots = append(slots, i)
			}
		}
		b.c.Match = append(b.c.Match, slots)
	}
}

// matchSlot chooses the slot of a field that records are matched by: one that
// goes both ways before one that does not.
func (b *builder) matchSlot(name model.Named) int {
	best, reference := -1, false
	for i := range b.c.Slots {
		s := &b.c.Slots[i]
		if i == b.c.Company || s.tuple != nil || !strings.EqualFold(b.c.Column(s, value.FnO).Name, name.Name) {
			continue
		}
		if s.Lookup != nil {
			reference = true
			continue
		}
		if best < 0 || s.Direction == model.Both && b.c.Slots[best].Direction != model.Both {
			best = i
		}
	}
	switch {
	case best >= 0 || b.failedField(name.Name) && !reference:
	case reference:
		b.fail(diag.CodeMatchReference, name.Range, fmt.Sprintf("match names %s, which is a reference in Dataverse", name.Name),
			"Records are told by values of their own: many of them refer to the same row.", "Name a field with a value that only one record has.")
	default:
		b.fail(diag.CodeFieldNotMapped, name.Range, fmt.Sprintf("match names %q, which the map does not carry", name.Name),
			"Records are compared by fields that both sides have.", fmt.Sprintf("Map it: %s = \"column\".", name.Name))
	}
	return best
}

// MatchKey gives what a record of either side has in the fields of a way of a
// first match (an index of Match), with its company, as KeyOf gives a key. It is
// not ok where a part is empty or cannot be translated.
func (c *Compiled) MatchKey(way int, side value.Side, vals []value.Value, company string) (key string, ok bool) {
	r := Record{Side: side, Values: vals, Company: company}
	parts := []string{company}
	for _, i := range c.Match[way] {
		s := &c.Slots[i]
		if c.IsNothing(s, side, c.value(s, side, vals)) {
			return "", false
		}
		part, err := c.keyPart(s, &r)
		if part = value.Fold(part); err != nil || part == "" || part[0] == keySeparator[0] {
			return "", false
		}
		parts = append(parts, part)
	}
	return JoinKey(parts...), len(parts) > 1
}

// MatchTitle names the fields of a way for people.
func (c *Compiled) MatchTitle(way int) string {
	var names []string
	for _, i := range c.Match[way] {
		names = append(names, c.Column(&c.Slots[i], value.FnO).Name)
	}
	return strings.Join(names, " + ")
}

// Crosswalk says what a crosswalk file of the map has to have. Companies are
// those in scope.
func (c *Compiled) Crosswalk(companies []string) crosswalk.Spec {
	spec := crosswalk.Spec{Company: c.Company >= 0, Companies: companies, ID: c.Dataverse.Table.PrimaryID}
	for _, k := range c.Key {
		if k == c.Company {
			continue
		}
		s := &c.Slots[k]
		spec.FnO = append(spec.FnO, c.Column(s, value.FnO).Name)
		column := ""
		if s.Lookup == nil {
			column = c.Column(s, value.Dataverse).Name
		}
		spec.Dataverse = append(spec.Dataverse, column)
	}
	return spec
}

// KeyOfTexts gives the canonical key of a record whose key fields, the company's
// left out, were written by a person.
func (c *Compiled) KeyOfTexts(side value.Side, company string, texts []string) (key string, err error) {
	p := c.projection(side)
	vals := make([]value.Value, p.Width())
	n := 0
	for _, k := range c.Key {
		if k == c.Company {
			continue
		}
		if n >= len(texts) {
			return "", fmt.Errorf("%d parts of a key of more", len(texts))
		}
		s := &c.Slots[k]
		v, err := fromText(c.Column(s, side), texts[n])
		if err != nil {
			return "", err
		}
		at := s.FnO
		if side == value.Dataverse {
			at = s.Dataverse
		}
		vals[at] = v
		n++
	}
	key, ok := c.KeyOf(side, vals, company)
	if !ok {
		return "", fmt.Errorf("%s is no complete key", strings.Join(texts, " / "))
	}
	return key, nil
}

// fromText reads a value of a column as people write it.
func fromText(f *schema.Field, text string) (value.Value, error) {
	switch f.Type {
	case schema.TypeInteger, schema.TypeChoice:
		return value.ParseInteger(text)
	case schema.TypeDecimal:
		return value.ParseDecimal(text)
	case schema.TypeGuid:
		return value.ParseGuid(text)
	default:
		return value.NewText(text), nil
	}
}
