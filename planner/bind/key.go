package bind

import (
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
)

// KeyField finds the field that carries a key field of a map, by the F&O name:
// where several columns are filled from it, one that goes both ways is
// preferred, then one that an alternate key of the table contains, then the
// first. A lookup that is found by several fields comes in only where the field
// has no line of its own. Nil where none is mapped, and for the company, which
// joins by itself. It is the choice that transform.Compile makes.
func KeyField(m *model.Map, dv *schema.Table, key string) *model.Field {
	var best *model.Field
	bestRank := -1
	for _, f := range m.Fields {
		rank := 0
		switch {
		case f.IsConstant:
			continue
		case strings.EqualFold(f.FnO.Name, key):
			rank = 4
		case len(f.Targets) == 0:
			continue
		case !slices.ContainsFunc(f.FnOFields(), func(n model.Named) bool { return strings.EqualFold(n.Name, key) }):
			continue
		}
		if f.Direction == model.Both {
			rank += 2
		}
		if dv.InKey(f.Column.Name) {
			rank++
		}
		if rank > bestRank {
			best, bestRank = f, rank
		}
	}
	return best
}

// IsKeyField tells whether a field carries part of the key of its map.
func IsKeyField(m *model.Map, dv *schema.Table, f *model.Field) bool {
	for _, k := range m.Key {
		if KeyField(m, dv, k.Name) == f {
			return true
		}
	}
	return false
}
