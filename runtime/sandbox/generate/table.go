package generate

import (
	"context"
	"slices"
)

// target says how the rows of a map are made from F&O records.
type target struct {
	report  *MapReport
	fields  []binding
	id      string // primary key column in Dataverse
	company string // Dataverse column of the company; "" where rows have none
	owned   bool   // rows have an owner: the team of their company
	// complete sets what rows have besides mapped columns; nil for nothing.
	complete func(row map[string]any, r record)
}

// sink gathers the rows of a target and loads them.
type sink struct {
	w *world
	*target
	batch
}

func (w *world) sink(t *target) *sink {
	s := &sink{w: w, target: t}
	w.sinks = append(w.sinks, s)
	return s
}

// sinkOf finds the sink of a map that has data.
func (w *world) sinkOf(name string) *sink {
	i := slices.IndexFunc(w.sinks, func(s *sink) bool { return s.report.Map == name })
	return w.sinks[i]
}

// put takes a record in. A row that Dataverse has gets the id, or a fresh one
// where that is ""; vary changes the row of a record that is to differ.
func (s *sink) put(ctx context.Context, c *company, k kind, id string, r record, to links, vary func(row map[string]any)) (string, error) {
	s.report.count(c, k)
	if k.inFnO() {
		s.addRecord(c, r)
	}
	if k.inDataverse() {
		if id == "" {
			id = s.w.guid()
		}
		row := s.row(c, id, r, to)
		if k == differ {
			vary(row)
		}
		s.dataverse = append(s.dataverse, row)
	}
	if len(s.fno)+len(s.dataverse) < chunk {
		return id, nil
	}
	return id, s.flush(ctx)
}

func (s *sink) addRecord(c *company, r record) {
	if c != nil {
		r["dataAreaId"] = c.area()
	}
	s.fno = append(s.fno, r)
}

// row renders a record as the Dataverse row that equals it.
func (s *sink) row(c *company, id string, r record, to links) map[string]any {
	row := mirror(s.fields, r, to)
	row[s.id] = id
	if s.complete != nil {
		s.complete(row, r)
	}
	if c != nil && s.company != "" {
		row[s.company] = c.id
	}
	if c != nil && s.owned {
		row["ownerid"], row["owneridtype"] = c.team, "team"
	}
	return row
}

// stray takes in Dataverse rows that no map may touch.
func (s *sink) stray(rows ...map[string]any) {
	s.dataverse = append(s.dataverse, rows...)
	s.report.UntouchedDataverse += len(rows)
}

func (s *sink) flush(ctx context.Context) error {
	return s.load(ctx, s.w, s.report.EntitySet, s.report.Table)
}

// batch gathers rows of both twins and loads them.
type batch struct {
	fno, dataverse []map[string]any
}

func (b *batch) load(ctx context.Context, w *world, set, table string) error {
	if len(b.fno) > 0 {
		if err := w.fno.Load(ctx, set, b.fno); err != nil {
			return err
		}
	}
	if len(b.dataverse) > 0 {
		if err := w.dataverse.Load(ctx, table, b.dataverse); err != nil {
			return err
		}
	}
	b.fno, b.dataverse = nil, nil
	return nil
}

// companyTable is a table of master data that every company has its own rows of.
type companyTable struct {
	target
	key  string // F&O key field besides the company
	vary string // text field in which the sides differ
	size int
	make func(c *company, i int, k kind) (record, links)
}

func (w *world) loadTable(ctx context.Context, report MapReport, t companyTable) error {
	t.report, t.company = w.counted(report), "msdyn_company"
	s := w.sink(&t.target)
	for _, c := range w.companies {
		for i, k := range c.kinds(t.size) {
			r, to := t.make(c, i, k)
			key := r[t.key].(string)
			id, err := s.put(ctx, c, k, "", r, to, func(row map[string]any) { w.varyRow(t.fields, row, t.vary) })
			if err != nil {
				return err
			}
			c.refs[report.Map] = append(c.refs[report.Map], reference{key: key, kind: k, id: id})
		}
	}
	// A row that nobody gave a company, under the key of a real one.
	r, _ := t.make(w.companies[0], 0, onlyDataverse)
	s.stray(s.row(nil, w.guid(), r, nil))
	return s.flush(ctx)
}

// varyRow changes a text of a Dataverse row, and sometimes a number with it.
func (w *world) varyRow(fields []binding, row map[string]any, field string) {
	for _, b := range fields {
		switch {
		case b.field == field:
			row[b.column] = row[b.column].(string) + " *"
		case b.as == whole && row[b.column] != 0 && w.chance(50):
			if n, ok := row[b.column].(int); ok {
				row[b.column] = n + 1
			}
		}
	}
}
