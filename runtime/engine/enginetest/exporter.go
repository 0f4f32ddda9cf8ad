package enginetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/host"
)

// Exporter is F&O in memory with exports. Its pages are ordered by the entity
// key and begin after a key, as the connector's do, so that rows may come and go
// between them. Files have the records in another order.
type Exporter struct {
	*System
	Host *host.Host
	Cost connect.ExportRoute

	// NotReady is what ExportsReady says.
	NotReady error
	// Admits tells whether the map's filter admits a row, where a query has one;
	// nil: all.
	Admits func(set string, v Values) bool
	// PerRow and PerKey are what pages take for each of their rows.
	PerRow, PerKey time.Duration
	// Begin is called when the service has taken an export and before it looks at
	// the records, Ended when it has, before anybody hears of it. They may edit.
	Begin, Ended func(set, company string)
	// Ends says how an export ends; nil: it is done.
	Ends func(set, company string) connect.Job
	// Doubtful tells of which records the files are not to be trusted.
	Doubtful func(set string, v Values) bool
	// Spoil gives what a file has for a value that is another; nil: the value.
	Spoil func(field string, v value.Value) value.Value
	// OnNext may refuse to give records of a file.
	OnNext func(set string) error

	jobs map[string]*exportJob
	log  []string
}

type exportJob struct {
	set, company string
	table        *schema.Table
	rows         []Values
	end          connect.Job
}

// NewExporter gives a system exports, of a minute each and a second a record.
func NewExporter(s *System, h *host.Host) *Exporter {
	return &Exporter{System: s, Host: h, Cost: connect.ExportRoute{Start: time.Minute, PerRow: time.Second}, jobs: map[string]*exportJob{}}
}

// Jobs gives the exports that were begun since the last call, "CustomersV3 USMF".
func (e *Exporter) Jobs() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	log := e.log
	e.log = nil
	return log
}

// Lose makes the service forget all exports.
func (e *Exporter) Lose() {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.jobs)
}

// Capabilities implements connect.Connector.
func (e *Exporter) Capabilities(t *schema.Table) connect.Capabilities {
	c := e.System.Capabilities(t)
	c.Export = e.Cost
	return c
}

// keyOf gives what rows are ordered by.
func keyOf(t *schema.Table, v Values) string {
	var b strings.Builder
	for _, name := range t.Key {
		b.WriteString(value.Fold(v[name].String()) + "\x1f")
	}
	return b.String()
}

// selected gives the rows that a query admits, by their keys.
func (e *Exporter) selected(q connect.Query) []*Row {
	t := q.Projection.Table
	rows := slices.Clone(e.visible(t.Set))
	rows = slices.DeleteFunc(rows, func(r *Row) bool {
		mine := len(q.Companies) == 0
		for _, c := range q.Companies {
			mine = mine || value.EqualFold(c, r.Values["dataAreaId"].String())
		}
		return !mine || q.Filter != "" && e.Admits != nil && !e.Admits(t.Set, r.Values)
	})
	slices.SortFunc(rows, func(a, b *Row) int { return cmp.Compare(keyOf(t, a.Values), keyOf(t, b.Values)) })
	return rows
}

// Count implements connect.Connector.
func (e *Exporter) Count(_ context.Context, q connect.Query) (int64, bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.note("Count %s %s", q.Projection.Table.Set, strings.Join(q.Companies, " "))
	return int64(len(e.selected(q))), true, nil
}

// Page implements connect.Connector.
func (e *Exporter) Page(ctx context.Context, q connect.Query) (connect.Page, error) {
	t := q.Projection.Table
	if err := e.refused("Page", t.Set); err != nil {
		return connect.Page{}, err
	}
	p, took := e.pageOf(q)
	return p, e.Host.Clock.Sleep(ctx, took)
}

func (e *Exporter) pageOf(q connect.Query) (p connect.Page, took time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := q.Projection.Table
	e.note("Page %s", t.Set)
	rows := e.selected(q)
	rows = slices.DeleteFunc(rows, func(r *Row) bool { return keyOf(t, r.Values) <= q.Resume })
	end := len(rows)
	if e.PageSize > 0 {
		end = min(e.PageSize, end)
	}
	for _, r := range rows[:end] {
		p.Rows = append(p.Rows, e.render(r, q.Projection))
	}
	if end < len(rows) {
		p.Next = keyOf(t, rows[end-1].Values)
	}
	took = e.PerRow
	if len(q.Projection.Columns) == len(t.Key) {
		took = e.PerKey
	}
	return p, took * time.Duration(end)
}

// ExportsReady implements connect.Exports.
func (e *Exporter) ExportsReady(context.Context, []*schema.Table) error { return e.NotReady }

// Export implements connect.Exports.
func (e *Exporter) Export(ctx context.Context, t *schema.Table, id, company string, started func() error) (connect.Job, error) {
	if err := started(); err != nil {
		return connect.Job{}, err
	}
	e.Host.Markers.Reached(connect.MarkExportStarting)
	if err := ctx.Err(); err != nil {
		return connect.Job{}, err
	}
	if err := e.refused("Export", t.Set); err != nil {
		return connect.Job{}, err
	}
	if e.Begin != nil {
		e.Begin(t.Set, company)
	}
	e.take(t, id, company)
	if e.Ended != nil {
		e.Ended(t.Set, company)
	}
	e.Host.Markers.Reached(connect.MarkExportStarted)
	return e.FollowExport(ctx, t, id, e.Host.Clock.Now())
}

// take keeps the records of a company as they are.
func (e *Exporter) take(t *schema.Table, id, company string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.log = append(e.log, strings.TrimSpace(t.Set+" "+company))
	j := &exportJob{set: t.Set, company: company, table: t, end: connect.Job{State: connect.JobDone}}
	if e.Ends != nil {
		j.end = e.Ends(t.Set, company)
	}
	q := connect.Query{Projection: &transform.Projection{Table: t}}
	if company != "" {
		q.Companies = []string{company}
	}
	for _, r := range e.selected(q) {
		v := Values{}
		for name, x := range r.Values {
			v[name] = x
		}
		j.rows = append(j.rows, v)
	}
	slices.Reverse(j.rows)
	e.jobs[id] = j
}

// FollowExport implements connect.Exports.
func (e *Exporter) FollowExport(ctx context.Context, _ *schema.Table, id string, _ time.Time) (connect.Job, error) {
	if err := e.Host.Clock.Sleep(ctx, e.Cost.Start); err != nil {
		return connect.Job{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if j := e.jobs[id]; j != nil {
		return j.end, nil
	}
	return connect.Job{State: connect.JobUnknown}, nil
}

// OpenExport implements connect.Exports.
func (e *Exporter) OpenExport(_ context.Context, p *transform.Projection, id, company string) (connect.ExportFile, error) {
	if err := e.refused("OpenExport", p.Table.Set); err != nil {
		return nil, err
	}
	e.mu.Lock()
	j := e.jobs[id]
	e.mu.Unlock()
	if j == nil {
		return nil, connect.ErrExportGone
	}
	if j.company != company {
		return nil, fmt.Errorf("the export is of %q and not of %q", j.company, company)
	}
	e.Host.Markers.Reached(connect.MarkExportFetched)
	return &exportFile{e: e, job: j, left: j.rows, columns: p}, nil
}

type exportFile struct {
	e       *Exporter
	job     *exportJob
	left    []Values
	columns *transform.Projection
	closed  bool
}

// Next implements connect.ExportFile. Keys come as a file may have them: the
// company in capitals, blanks at the end.
func (f *exportFile) Next(n int) (out []connect.Exported, err error) {
	if f.closed {
		return nil, fmt.Errorf("the file of %s is closed", f.job.set)
	}
	if f.e.OnNext != nil {
		if err := f.e.OnNext(f.job.set); err != nil {
			return nil, err
		}
	}
	for _, v := range f.left[:min(n, len(f.left))] {
		x := connect.Exported{Values: f.e.render(&Row{Values: v, Version: 0}, f.columns).Values}
		for i, c := range f.columns.Columns {
			if f.e.Spoil != nil {
				x.Values[i] = f.e.Spoil(c.Name, x.Values[i])
			}
		}
		for _, name := range f.job.table.Key {
			part := v[name]
			if part.Kind() == value.Text {
				part = value.NewText(strings.ToUpper(part.Text()) + " ")
			}
			x.Key = append(x.Key, part)
		}
		x.Doubtful = f.e.Doubtful != nil && f.e.Doubtful(f.job.set, v)
		out = append(out, x)
	}
	f.left = f.left[len(out):]
	return out, nil
}

// Skip implements connect.ExportFile.
func (f *exportFile) Skip(n int64) error {
	if n > int64(len(f.left)) {
		return fmt.Errorf("the file of %s has %d records and not %d", f.job.set, len(f.left), n)
	}
	f.left = f.left[n:]
	return nil
}

// Close implements connect.ExportFile.
func (f *exportFile) Close() error {
	f.closed = true
	return nil
}
