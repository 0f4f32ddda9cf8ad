package dataverse

import (
	"context"
	"fmt"
	"strings"
)

// Load inserts rows into a table in one transaction, as a generator of data
// does: values by the logical name of their column, lookups as guids. Defaults
// are filled in; no plug-in runs, nothing is checked but the types and the
// alternate keys, and statecode may be given. Where a lookup has several
// targets, "<lookup>type" may say the logical name of the right one; else it
// is the target that has the row, or the first.
func (t *Twin) Load(ctx context.Context, entitySet string, rows []map[string]any) error {
	tb := t.schema.bySet[entitySet]
	if tb == nil {
		return fmt.Errorf("dataverse twin: there is no entity set %s", entitySet)
	}
	return t.inTx(ctx, func(x *tx) error {
		x.silent++ // what is loaded came over no request
		defer func() { x.silent-- }()
		columns := columnsOf(rows)
		for i, given := range rows {
			if err := x.load(tb, given, columns); err != nil {
				return fmt.Errorf("dataverse twin: row %d of %s: %w", i, entitySet, err)
			}
		}
		return nil
	})
}

// columnsOf gives the columns that occur in rows.
func columnsOf(rows []map[string]any) map[string]bool {
	columns := map[string]bool{}
	for _, r := range rows {
		for name := range r {
			columns[name] = true
		}
	}
	return columns
}

// load inserts a row. It names all of the columns, so that a few statements do
// for all rows.
func (x *tx) load(t *table, given map[string]any, columns map[string]bool) error {
	r := row{}
	for _, name := range sortedKeys(given) {
		c := t.byName[name]
		if c == nil {
			of := t.byName[strings.TrimSuffix(name, "type")]
			if of == nil || of.typeName != name {
				return fmt.Errorf("there is no column %s", name)
			}
			r[name] = given[name]
			continue
		}
		v, err := loadValue(c, given[name])
		if err != nil {
			return err
		}
		r[name] = v
	}
	for _, c := range t.columns {
		id, _ := r[c.LogicalName].(string)
		if c.typeName == "" || id == "" || r[c.typeName] != nil {
			continue
		}
		r[c.typeName] = firstTarget(c)
		if ref, err := x.findTarget(t, c, id); err == nil {
			r[c.typeName] = ref.table.LogicalName
		}
	}
	x.fillDefaults(t, r)
	for name := range columns {
		if _, given := r[name]; !given {
			r[name] = nil
		}
	}
	return x.insert(t, r)
}
