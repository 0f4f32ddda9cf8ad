package transform

import (
	"strings"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// KeyFor gives the canonical key of the record of this map whose Dataverse row
// the lookup finds by a key, for a record of the company. It is ok where the
// lookup's columns are exactly the map's integration key.
func (c *Compiled) KeyFor(l *Lookup, company, key string) (canonical string, ok bool) {
	if !strings.EqualFold(l.Table, c.Dataverse.Table.Name) {
		return "", false
	}
	leaves, texts := l.paths(), strings.Split(key, keySeparator)
	if len(leaves) != len(texts) {
		return "", false
	}
	used := 0
	take := func(path string) (string, bool) {
		for i, leaf := range leaves {
			if strings.EqualFold(leaf, path) {
				used++
				return texts[i], true
			}
		}
		return "", false
	}
	parts := make([]string, 0, len(c.Key))
	for _, k := range c.Key {
		s := &c.Slots[k]
		if k == c.Company {
			code := company
			if text, said := take(c.companyPath()); said {
				code = text
			} else if !l.InCompany() {
				return "", false
			}
			parts = append(parts, code)
			continue
		}
		if !s.Direction.Sends(value.Dataverse) && !s.plain {
			return "", false // the canonical key is in F&O's terms
		}
		paths := c.keyPaths(s)
		found := make([]string, len(paths))
		for i, path := range paths {
			if found[i], ok = take(path); !ok {
				return "", false
			}
		}
		if len(paths) == 0 {
			return "", false
		}
		parts = append(parts, strings.Join(found, keySeparator))
	}
	if used != len(leaves) || c.Company < 0 && l.CompanyColumn != "" {
		return "", false
	}
	return JoinKey(parts...), true
}

// keyPaths gives the Dataverse columns that make the canonical text of a key
// slot, in the order of that text; none where they are not the same for all
// rows.
func (c *Compiled) keyPaths(s *Slot) []string {
	column := c.Column(s, value.Dataverse).Name
	switch {
	case s.Lookup == nil:
		return []string{column}
	case len(s.reaches) > 1:
		return nil
	}
	h := &s.reaches[0]
	paths := make([]string, s.width())
	for i, path := range h.lookup.paths() {
		at := 0
		if h.from != nil {
			at = h.from[i]
		}
		paths[at] = column + "." + path
	}
	return paths
}

// companyPath is the path from a row to the code of its company.
func (c *Compiled) companyPath() string {
	return strings.TrimSuffix(c.Slots[c.Company].Name, "."+schema.CompanyCode) + "." + schema.CompanyCode
}

// KeyFrom gives the key by which a lookup finds the Dataverse row of a record
// of this map, from the record's company and agreed values; agreed is not ok
// for a slot whose values are not known. It is not ok where they do not tell
// the key.
func (c *Compiled) KeyFrom(l *Lookup, company string, agreed func(slot int) (fno, dataverse value.Value, ok bool)) (key string, ok bool) {
	if !strings.EqualFold(l.Table, c.Dataverse.Table.Name) {
		return "", false
	}
	leaves := l.paths()
	texts := make([]string, len(leaves))
	for i, leaf := range leaves {
		if texts[i], ok = c.leafFrom(leaf, company, agreed); !ok || texts[i] == "" {
			return "", false
		}
	}
	return l.joinLeaves(texts), true
}

func (l *Lookup) joinLeaves(texts []string) string {
	for i := range texts {
		texts[i] = strings.TrimRight(texts[i], " ")
	}
	return strings.Join(texts, keySeparator)
}

// leafFrom finds the text of one column of a lookup's key.
func (c *Compiled) leafFrom(leaf, company string, agreed func(slot int) (fno, dataverse value.Value, ok bool)) (string, bool) {
	if c.Company >= 0 && strings.EqualFold(leaf, c.companyPath()) {
		return company, company != ""
	}
	for i := range c.Slots {
		s := &c.Slots[i]
		if i == c.Company {
			continue
		}
		if s.Lookup == nil {
			if strings.EqualFold(c.Column(s, value.Dataverse).Name, leaf) {
				_, v, ok := agreed(i)
				return v.String(), ok
			}
			continue
		}
		if s.key == nil || !s.IsKey {
			continue // only keys are sure to mean the same on both sides
		}
		for at, path := range c.keyPaths(s) {
			if !strings.EqualFold(path, leaf) {
				continue
			}
			fno, _, ok := agreed(i)
			if !ok || s.Field.ToDataverse != nil {
				return "", false
			}
			if texts := strings.Split(fno.String(), keySeparator); at < len(texts) {
				return texts[at], true
			}
			return "", false
		}
	}
	return "", false
}

// CompanyLookup gives how the company of the map's rows is found in the table
// of companies; nil for a global map.
func (c *Compiled) CompanyLookup() *Lookup {
	if c.Company < 0 {
		return nil
	}
	if l := c.Slots[c.Company].Lookup; l != nil {
		return l
	}
	for _, d := range c.derived {
		if d.slot == c.Company {
			l := d.reaches[0].lookup
			for l.Parts[0].Via != nil {
				l = l.Parts[0].Via
			}
			return l
		}
	}
	return nil
}
