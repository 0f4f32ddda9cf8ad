package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a snapshot may hold. The services give far less: a Dataverse table has
// about a thousand columns, names have a hundred characters or so. A file that
// goes beyond was not written by dw, or was damaged.
const (
	maxTables  = 100_000   // of a side
	maxColumns = 20_000    // of a table
	maxFields  = 2_000_000 // of all tables
	maxMembers = 100_000   // of an enum or of the options of a column
	maxName    = 500       // bytes
	maxLength  = 1 << 30   // of a text; Dataverse counts files and memos in KB and characters
	maxScale   = 100
)

// saneName says what is wrong with a name that no service gives; "" where
// nothing is. What stands in diagnostics, requests and plans must not hold
// control characters.
func saneName(name string) string {
	switch {
	case len(name) > maxName:
		return fmt.Sprintf("a name of %d bytes", len(name))
	case !utf8.ValidString(name):
		return fmt.Sprintf("a name that is not UTF-8: %q", name)
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }):
		return fmt.Sprintf("a name with control characters: %q", name)
	}
	return ""
}

// saneNames is saneName for several.
func saneNames(names ...string) string {
	for _, n := range names {
		if problem := saneName(n); problem != "" {
			return problem
		}
	}
	return ""
}

// saneTable says what of a table, its fields apart, no service gives.
func saneTable(t *Table) string {
	if len(t.Fields) > maxColumns {
		return fmt.Sprintf("a table of %d fields", len(t.Fields))
	}
	names := slices.Concat([]string{t.Set, t.Name, t.SchemaName, t.AOT, t.PrimaryID, t.PrimaryName}, t.Key, t.Messages)
	for _, k := range t.Keys {
		names = append(append(names, k.Name), k.Columns...)
	}
	return saneNames(names...)
}

// saneField says what of a field, its name apart, no service gives.
func saneField(f *Field) string {
	switch {
	case f.MaxLength < 0 || f.MaxLength > maxLength:
		return fmt.Sprintf("a length of %d", f.MaxLength)
	case f.Scale != nil && (*f.Scale < 0 || *f.Scale > maxScale):
		return fmt.Sprintf("%d decimals", *f.Scale)
	case len(f.Options) > maxMembers || len(f.Targets) > maxMembers:
		return "more than 100,000 options or targets"
	}
	for i := range f.Targets {
		if problem := saneNames(f.Targets[i].Table, f.Targets[i].Set, f.Targets[i].Navigation); problem != "" {
			return problem
		}
	}
	return saneName(f.Enum)
}

// saneCatalog says what of a catalog as a whole no service gives.
func saneCatalog(c *Catalog) string {
	fields := 0
	for _, tables := range [][]Table{c.FnO, c.Dataverse} {
		if len(tables) > maxTables {
			return fmt.Sprintf("%d tables of one side", len(tables))
		}
		for i := range tables {
			fields += len(tables[i].Fields)
		}
	}
	if fields > maxFields {
		return fmt.Sprintf("%d fields", fields)
	}
	for i := range c.Enums {
		if len(c.Enums[i].Members) > maxMembers {
			return fmt.Sprintf("an enum of %d members", len(c.Enums[i].Members))
		}
		if problem := saneName(c.Enums[i].Name); problem != "" {
			return problem
		}
		for _, m := range c.Enums[i].Members {
			if problem := saneName(m.Name); problem != "" {
				return problem
			}
		}
	}
	// What the environment does not know is called as the configuration calls it.
	return saneNames(c.Companies...)
}

// ambiguous says what in a JSON text may be read in two ways: bytes that are no
// characters, and members that are given twice, of which the last would win; ""
// where nothing is, or where it is no JSON, which is told elsewhere.
func ambiguous(b []byte) string {
	if !utf8.Valid(b) {
		return "is not UTF-8 text"
	}
	d := json.NewDecoder(bytes.NewReader(b))
	type level struct {
		names map[string]bool // of an object, folded as encoding/json does; nil for a list
		value bool            // the next token is the value of a member
	}
	var levels []level
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		top := len(levels) - 1
		switch token {
		case json.Delim('}'), json.Delim(']'):
			levels = levels[:top]
			continue
		}
		if top >= 0 && levels[top].names != nil {
			l := &levels[top]
			if !l.value {
				name, _ := token.(string)
				folded := strings.ToLower(name)
				if l.names[folded] {
					return fmt.Sprintf("has the member %.100q twice in one object (line %d)", name, bytes.Count(b[:d.InputOffset()], []byte("\n"))+1)
				}
				l.names[folded], l.value = true, true
				continue
			}
			l.value = false
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{names: map[string]bool{}})
		case json.Delim('['):
			levels = append(levels, level{})
		}
	}
}
