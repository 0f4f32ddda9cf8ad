package lint

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/filter"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/bind"
)

// scopes holds the filters of maps, F&O's first, each read once. A filter that
// cannot be read is nil: it admits everything, as far as can be told.
type scopes map[*bind.Map][2]*filter.Filter

func (s scopes) filter(m *bind.Map, side value.Side) *filter.Filter {
	both, ok := s[m]
	if !ok {
		for i, t := range []*schema.Table{m.FnO, m.Dataverse} {
			text := m.Resolved.Filter.FnO.Name
			if t == m.Dataverse {
				text = m.Resolved.Filter.Dataverse.Name
			}
			if strings.TrimSpace(text) != "" {
				both[i], _ = filter.Compile(text, t, m.Enums)
			}
		}
		s[m] = both
	}
	if side == value.FnO {
		return both[0]
	}
	return both[1]
}

// apart tells whether no row of the table can belong to both maps: their
// companies differ, or their filters exclude each other. Where both maps join
// the same two tables, the filters of either side will do, since they see the
// same pairs.
func (s scopes) apart(a, b *bind.Map, t *schema.Table) bool {
	if len(a.Companies) > 0 && len(b.Companies) > 0 && !slices.ContainsFunc(a.Companies, func(c string) bool { return slices.Contains(b.Companies, c) }) {
		return true
	}
	sides := []value.Side{t.Side}
	if a.FnO == b.FnO && a.Dataverse == b.Dataverse {
		sides = []value.Side{value.FnO, value.Dataverse}
	}
	for _, side := range sides {
		x, y := s.filter(a, side), s.filter(b, side)
		if (x != nil || y != nil) && filter.Disjoint(x, y) {
			return true
		}
	}
	return false
}

// asks gives what a map's filters ask of a row of a side, by column. What the
// other side's filter asks counts between maps that join the same two tables,
// so that it stands under the name of the other table.
func (s scopes) asks(m *bind.Map, side value.Side) map[string]string {
	out := map[string]string{}
	if f := s.filter(m, side); f != nil {
		maps.Copy(out, f.Equals())
	}
	if f := s.filter(m, side.Other()); f != nil {
		for column, text := range f.Equals() {
			out[tableOf(m, side.Other()).Set+"."+column] = text
		}
	}
	return out
}

// mostPartners bounds the findings about one map: who has many maps on one
// table needs to hear of a few.
const mostPartners = 5

// pairs calls meet for pairs of maps of one table that may meet on a row, the
// first by name first, until it has been true mostPartners times for a map.
// Maps whose filters ask for different values of one column are not compared
// one by one, so that many maps on one table cost little.
func (s scopes) pairs(of []*bind.Map, side value.Side, meet func(a, b *bind.Map) bool) {
	if len(of) < 2 {
		return
	}
	sorted := slices.SortedFunc(slices.Values(of), func(a, b *bind.Map) int { return cmp.Compare(a.Source.Name, b.Source.Name) })
	asks := make([]map[string]string, len(sorted))
	values := map[string]map[string]bool{} // asked for, by column
	for i, m := range sorted {
		asks[i] = s.asks(m, side)
		for column, text := range asks[i] {
			if values[column] == nil {
				values[column] = map[string]bool{}
			}
			values[column][text] = true
		}
	}
	by := "" // the column that tells most maps apart
	for _, column := range slices.Sorted(maps.Keys(values)) {
		if len(values[column]) > len(values[by]) {
			by = column
		}
	}
	alike := map[string][]int{} // by the value asked for, those before the one at hand
	var any []int
	for i, m := range sorted {
		asked, ok := asks[i][by]
		before := slices.Concat(alike[asked], any)
		if !ok {
			before = make([]int, i)
			for n := range before {
				before[n] = i - 1 - n
			}
		}
		slices.Sort(before)
		met := 0
		for _, at := range before {
			if meet(sorted[at], m) {
				if met++; met == mostPartners {
					break
				}
			}
		}
		if ok {
			alike[asked] = append(alike[asked], i)
		} else {
			any = append(any, i)
		}
	}
}
