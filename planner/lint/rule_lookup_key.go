package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
)

// lookupKey finds lookups by columns of the target that cover no alternate key.
func lookupKey() Rule {
	return describe(Rule{
		Code: diag.CodeLookupKey, Severity: diag.Warning, Group: GroupLookups,
		Mend: "Look up by all columns of an alternate key of the target (the company counts by itself), or add such a key to the table.",
		check: func(p *pass) {
			for _, m := range p.bound.Maps {
				for _, f := range m.Resolved.Fields {
					for _, w := range ways(m, f) {
						p.lookupKey(m, f.Column.Name, w)
					}
				}
			}
		},
	})
}

// way is how a lookup finds rows of one table: by the values at the ends of
// some paths.
type way struct {
	table *schema.Table
	paths [][]string
	at    diag.Range
}

// ways gives the ways of a field, one a table that its column may refer to.
// Tables and columns that the schema does not have are mistakes of their own.
func ways(m *bind.Map, f *model.Field) []way {
	column := m.Dataverse.Field(f.Column.Name)
	if column == nil {
		return nil
	}
	var out []way
	add := func(only string, paths [][]string, at diag.Range) {
		for _, t := range column.Targets {
			if only != "" && column.Target(only).Table != t.Table {
				continue
			}
			if table := m.Target(t.Table); table != nil {
				out = append(out, way{table: table, paths: paths, at: at})
			}
		}
	}
	if len(f.Path) > 0 {
		add("", [][]string{f.Path}, f.Column.Range)
	}
	for _, t := range f.Targets {
		if t.Table.Name != "" && column.Target(t.Table.Name) == nil {
			continue
		}
		var paths [][]string
		for _, x := range t.Match {
			paths = append(paths, x.Path)
		}
		at := f.Column.Range
		if !t.Table.Range.IsZero() {
			at = t.Table.Range
		}
		add(t.Table.Name, paths, at)
	}
	return out
}

// lookupKey reports a way whose columns cover no key of the table, and looks
// at the tables beyond.
func (p *pass) lookupKey(m *bind.Map, lookup string, w way) {
	var columns []string
	beyond := map[string][][]string{}
	for _, path := range w.paths {
		if w.table.Field(path[0]) == nil {
			return
		}
		if !slices.Contains(columns, path[0]) {
			columns = append(columns, path[0])
		}
		if len(path) > 1 {
			beyond[path[0]] = append(beyond[path[0]], path[1:])
		}
	}
	if !covers(w.table, columns) {
		shown := strings.Join(columns, ", ")
		p.report(m, w.at,
			fmt.Sprintf("%s finds rows of %s by %s, which covers no alternate key", lookup, w.table.Set, shown),
			fmt.Sprintf("Nothing in Dataverse keeps two rows of %s from carrying the same %s. Where two do, the reference cannot be told and the record waits.",
				w.table.Set, shown),
			keyHint(lookup, w.table))
	}
	for _, name := range columns {
		if len(beyond[name]) == 0 {
			continue
		}
		for _, t := range w.table.Field(name).Targets {
			if table := m.Target(t.Table); table != nil {
				p.lookupKey(m, lookup+"."+name, way{table: table, paths: beyond[name], at: w.at})
			}
		}
	}
}

// covers tells whether the columns have among them the primary id or, with the
// company, all columns of an active alternate key.
func covers(t *schema.Table, columns []string) bool {
	has := func(c string) bool {
		return slices.ContainsFunc(columns, func(x string) bool { return strings.EqualFold(x, c) })
	}
	company := t.CompanyColumn()
	return t.PrimaryID != "" && has(t.PrimaryID) || slices.ContainsFunc(t.Keys, func(k schema.Key) bool {
		return k.Status == "Active" && !slices.ContainsFunc(k.Columns, func(c string) bool {
			return !has(c) && (company == nil || !strings.EqualFold(company.Name, c))
		})
	})
}

// keyHint names the columns of a key that would do.
func keyHint(lookup string, t *schema.Table) string {
	company := t.CompanyColumn()
	for _, k := range t.Keys {
		var own []string
		for _, c := range k.Columns {
			if company == nil || !strings.EqualFold(company.Name, c) {
				own = append(own, c)
			}
		}
		if k.Status != "Active" || len(own) == 0 {
			continue
		}
		if f := t.Field(own[0]); len(own) == 1 && f != nil && f.Type != schema.TypeLookup {
			return fmt.Sprintf("look up by a key of the table: %q", lookup+"."+f.Name)
		}
		return fmt.Sprintf("Match all columns of a key of the table: %s.", strings.Join(own, ", "))
	}
	return fmt.Sprintf("Add an alternate key to %s, or make sure that the column is unique.", t.Set)
}
