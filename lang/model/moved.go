package model

import (
	"strings"

	"github.com/dualwrite/dw/lang/diag"
)

// Moved says that a map or a field has another name than it had.
type Moved struct {
	From, To Place
	Range    diag.Range // of the block's header
}

// Place is a map, or a field of one.
type Place struct {
	Map   string // name of the map
	Field string // its Dataverse column with its path, or its F&O field; "": the map
	Range diag.Range
}

// String gives the place as people write it.
func (p Place) String() string {
	text := MapAddress(p.Map)
	if p.Field != "" {
		text += "." + p.Field
	}
	return text
}

// Same tells whether two places are one. Names of columns and fields are the
// same whatever their case.
func (p Place) Same(o Place) bool { return p.Map == o.Map && strings.EqualFold(p.Field, o.Field) }

// ParsePlace reads the address of a map, map.customers, or of a field,
// map.customers.telephone1.
func ParsePlace(text string) (Place, bool) {
	modules, rest := splitModules(text)
	rest, ok := strings.CutPrefix(rest, mapWord)
	if !ok {
		return Place{}, false
	}
	end := strings.IndexAny(rest, ".[")
	if end >= 0 && rest[end] == '[' {
		closing := strings.IndexByte(rest[end:], ']')
		if closing < 0 {
			return Place{}, false
		}
		end += closing + 1
		if end == len(rest) {
			end = -1
		} else if rest[end] != '.' {
			return Place{}, false
		}
	}
	p := Place{Map: modules + rest}
	if end >= 0 {
		p.Map, p.Field = modules+rest[:end], rest[end+1:]
		if p.Field == "" {
			return Place{}, false
		}
	}
	return p, p.Map != modules && !strings.HasPrefix(p.Map, "[")
}

// Field finds a field by its name, its Dataverse column or its F&O field; nil
// where there is none.
func (m *Map) Field(name string) *Field {
	for _, f := range m.Fields {
		if f.Called(name) {
			return f
		}
	}
	return nil
}

// Called tells whether a name is that of the field: its column with its path,
// its column, or its F&O field.
func (f *Field) Called(name string) bool {
	return strings.EqualFold(f.Name(), name) || f.Column.Name != "" && strings.EqualFold(f.Column.Name, name) ||
		f.FnO.Name != "" && strings.EqualFold(f.FnO.Name, name)
}
