package fno

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Load adds rows to an entity set in one transaction, without the validation,
// defaults and number sequences of the service: it lays down what was there
// before anyone called. Rows are keyed by field name; a value may be a string
// (enums as symbols, decimals as text, dates as 2006-01-02 or with a time), an
// int, int32, int64, float64, bool or time.Time; nil and "" leave the field
// empty. Each row gets the next RecId and RecVersion 1.
func (t *Twin) Load(ctx context.Context, entitySet string, rows []map[string]any) error {
	s := t.sets[entitySet]
	if s == nil {
		return fmt.Errorf("fno: load: there is no entity set %q", entitySet)
	}
	fields, err := s.fieldsOf(rows)
	if err != nil {
		return fmt.Errorf("fno: load %s: %w", entitySet, err)
	}
	tx, err := t.begin(ctx)
	if err != nil {
		return fmt.Errorf("fno: load %s: %w", entitySet, err)
	}
	defer tx.Rollback()
	columns := []string{"rec_version"}
	for _, f := range fields {
		columns = append(columns, f.column)
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+s.table+" ("+strings.Join(columns, ", ")+
		") VALUES (1"+strings.Repeat(", ?", len(fields))+")")
	if err != nil {
		return fmt.Errorf("fno: load %s: %w", entitySet, err)
	}
	defer insert.Close()
	args := make([]any, len(fields))
	for n, row := range rows {
		for i, f := range fields {
			v, err := f.fromGo(row[f.Name])
			if err != nil {
				return fmt.Errorf("fno: load %s: row %d: field %s: %w", entitySet, n+1, f.Name, err)
			}
			if v == nil && f.key {
				v = f.emptySQL()
			}
			if text, ok := v.(string); ok && f.Name == companyField {
				v = strings.ToLower(text)
			}
			args[i] = v
		}
		if _, err := insert.ExecContext(ctx, args...); err != nil {
			return fmt.Errorf("fno: load %s: row %d: %w", entitySet, n+1, err)
		}
	}
	fresh, err := t.analyze(ctx, tx, s, len(rows))
	if err != nil {
		return fmt.Errorf("fno: load %s: %w", entitySet, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("fno: load %s: %w", entitySet, err)
	}
	if fresh {
		t.analyzed.Store(true)
	}
	return nil
}

// analyze gathers statistics of a set that has got more rows: the planner has to
// know how many of them a company has, or it prefers reading a whole company to
// looking up a hundred keys. The magnitude suffices, and gathering reads the
// whole set, so it is done when the set has doubled.
func (t *Twin) analyze(ctx context.Context, tx *transaction, s *set, rows int) (done bool, err error) {
	s.loaded.rows += rows
	if done = s.loaded.rows >= 2*s.loaded.analyzed; done {
		s.loaded.analyzed = s.loaded.rows
		_, err = tx.ExecContext(ctx, "ANALYZE "+s.table)
	}
	return done, err
}

// readStatistics lets the next requests see fresh statistics: a connection reads
// them when it is opened.
func (t *Twin) readStatistics() {
	if t.analyzed.CompareAndSwap(true, false) {
		t.db.SetMaxIdleConns(0)
		t.db.SetMaxIdleConns(idleConnections)
	}
}

// fieldsOf gives the fields that occur in the rows, and the key's always.
func (s *set) fieldsOf(rows []map[string]any) ([]*field, error) {
	fields := slices.Clone(s.keys)
	seen := map[string]bool{}
	for _, f := range s.keys {
		seen[f.Name] = true
	}
	for _, row := range rows {
		for name := range row {
			if seen[name] {
				continue
			}
			f := s.byName[name]
			if f == nil {
				return nil, fmt.Errorf("there is no field %q", name)
			}
			seen[name] = true
			fields = append(fields, f)
		}
	}
	slices.SortFunc(fields, func(a, b *field) int { return a.position - b.position })
	return fields, nil
}
