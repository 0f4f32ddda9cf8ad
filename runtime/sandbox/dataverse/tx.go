package dataverse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// row is the stored values of a row, or some of them, by SQL column: nil,
// string, int64 or float64.
type row map[string]any

// timeLayout is how times stand in the file and in JSON.
const timeLayout = "2006-01-02T15:04:05Z"

// tx is a transaction that writes. There is one at a time.
type tx struct {
	twin    *Twin
	ctx     context.Context
	now     string
	version int64 // the last row version given out
	writes  []gate.Write
	silent  int // depth of plug-ins: what they write did not come over HTTP
	targets map[string]reference
	request requestFacts     // of the request that is being carried out
	posts   []outbox.Message // to be queued after the commit

	hooksChecked bool // whether the steps in memory are those of the file
}

type txKey struct{}

// inTx runs f in a transaction and commits it, or in the transaction of the
// change set that ctx belongs to, which commits later. Errors undo everything.
func (t *Twin) inTx(ctx context.Context, f func(*tx) error) error {
	if x, ok := ctx.Value(txKey{}).(*tx); ok {
		return f(x)
	}
	x, err := t.begin(ctx)
	if err != nil {
		return err
	}
	open := true
	defer func() {
		if open { // an error, or a panic that the HTTP server catches
			x.Rollback()
		}
	}()
	if err := f(x); err != nil {
		return err
	}
	open = false
	return x.Commit()
}

// begin starts a transaction; it waits for the one before it. A client that
// goes away does not end it, as the service does not notice either.
func (t *Twin) begin(ctx context.Context) (*tx, error) {
	t.writer.mu.Lock()
	if t.writer.conn == nil {
		t.writer.mu.Unlock()
		return nil, errors.New("the twin is closed")
	}
	x := &tx{twin: t, now: t.opts.Now().UTC().Format(timeLayout), targets: map[string]reference{}}
	x.ctx = context.WithValue(context.WithoutCancel(ctx), txKey{}, x)
	if _, err := t.writer.conn.ExecContext(x.ctx, "BEGIN IMMEDIATE"); err != nil {
		t.writer.mu.Unlock()
		return nil, err
	}
	var version string
	err := x.queryRow("SELECT value FROM _twin WHERE name = 'rowversion'").Scan(&version)
	if err == nil {
		x.version, err = strconv.ParseInt(version, 10, 64)
	}
	if err != nil && !strings.Contains(err.Error(), "no such table") {
		x.Rollback()
		return nil, fmt.Errorf("reading the row version: %w", err)
	}
	return x, nil
}

// Context is for the operations that belong to the transaction.
func (x *tx) Context() context.Context { return x.ctx }

// Commit makes the writes durable and reports them.
func (x *tx) Commit() error {
	err := x.exec("UPDATE _twin SET value = ? WHERE name = 'rowversion'", strconv.FormatInt(x.version, 10))
	if err == nil {
		_, err = x.conn().ExecContext(x.ctx, "COMMIT")
	}
	if err != nil {
		x.Rollback()
		return err
	}
	// Queued while nobody else can commit, so that the posts are in order.
	x.twin.webhooks.Put(x.posts...)
	x.twin.writer.mu.Unlock()
	gate.Note(x.ctx).AddWrites(x.writes...)
	return nil
}

// Rollback undoes everything.
func (x *tx) Rollback() {
	// A failure leaves nothing to undo: the next BEGIN reports it.
	_, _ = x.conn().ExecContext(x.ctx, "ROLLBACK")
	x.twin.writer.hooks.steps = nil // may be those of this transaction
	x.twin.writer.mu.Unlock()
}

func (x *tx) conn() *sql.Conn { return x.twin.writer.conn }

// statement prepares a statement once for the connection.
func (x *tx) statement(query string) (*sql.Stmt, error) {
	w := &x.twin.writer
	if s := w.stmts[query]; s != nil {
		return s, nil
	}
	if len(w.stmts) >= 400 {
		for q, s := range w.stmts {
			s.Close()
			delete(w.stmts, q)
		}
	}
	s, err := w.conn.PrepareContext(x.ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%w in: %.300s", err, query)
	}
	w.stmts[query] = s
	return s, nil
}

func (x *tx) exec(query string, args ...any) error {
	s, err := x.statement(query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(x.ctx, args...)
	return err
}

// scanner is a row that may be missing or could not be asked for.
type scanner struct {
	row *sql.Row
	err error
}

func (s scanner) Scan(dest ...any) error {
	if s.err != nil {
		return s.err
	}
	return s.row.Scan(dest...)
}

func (x *tx) queryRow(query string, args ...any) scanner {
	s, err := x.statement(query)
	if err != nil {
		return scanner{err: err}
	}
	return scanner{row: s.QueryRowContext(x.ctx, args...)}
}

// nextVersion gives out the next row version of the database.
func (x *tx) nextVersion() int64 {
	x.version++
	return x.version
}

// note remembers a write for the request log; those of plug-ins are not part
// of a request.
func (x *tx) note(op string, t *table, id string) {
	if x.silent == 0 {
		x.writes = append(x.writes, gate.Write{Op: op, Table: t.EntitySet, ID: id})
		gate.Note(x.ctx).AddRows(1)
	}
}

// insert adds a complete row. A duplicate is an *apiError.
func (x *tx) insert(t *table, r row) error {
	r["versionnumber"] = x.nextVersion()
	w := &x.twin.writer
	w.names, w.args = w.names[:0], w.args[:0]
	add := func(name string) {
		if v, ok := r[name]; ok {
			w.names, w.args = append(w.names, name), append(w.args, v)
		}
	}
	for _, c := range t.columns {
		add(c.LogicalName)
		if c.typeName != "" && t.byName[c.typeName] == nil {
			add(c.typeName)
		}
	}
	for _, name := range t.hidden {
		add(name)
	}
	if len(w.args) != len(r) {
		return fmt.Errorf("a row of %s has values for columns that the table does not have", t.LogicalName)
	}
	// The rows of one call mostly have values for the same columns.
	if w.table != t || !slices.Equal(w.names, w.inserted) {
		w.table, w.inserted = t, slices.Clone(w.names)
		quoted := make([]string, len(w.names))
		for i, name := range w.names {
			quoted[i] = quoteName(name)
		}
		w.insert = "INSERT INTO " + t.sqlName() + " (" + strings.Join(quoted, ",") + ") VALUES (" + strings.Repeat(",?", len(quoted))[1:] + ")"
	}
	if err := x.exec(w.insert, w.args...); err != nil {
		return t.duplicate(err)
	}
	id, _ := r[t.PrimaryID].(string)
	return x.exec("DELETE FROM deleted WHERE tbl = ? AND id = ?", t.LogicalName, id)
}

// change writes some columns of a row that exists.
func (x *tx) change(t *table, id string, r row) error {
	r["versionnumber"] = x.nextVersion()
	var sets strings.Builder
	args := make([]any, 0, len(r)+1)
	for _, name := range sortedKeys(r) {
		if len(args) > 0 {
			sets.WriteByte(',')
		}
		sets.WriteString(quoteName(name) + "=?")
		args = append(args, r[name])
	}
	args = append(args, id)
	err := x.exec("UPDATE "+t.sqlName()+" SET "+sets.String()+" WHERE "+t.pk.sqlName()+"=?", args...)
	return t.duplicate(err)
}

// remove deletes a row that exists and leaves a tombstone. Lookups that point
// at it are cleared, the default behaviour of a relationship.
func (x *tx) remove(t *table, id string) error {
	for _, c := range t.referrers {
		if err := x.unlink(t, c, id); err != nil {
			return err
		}
	}
	if err := x.exec("DELETE FROM "+t.sqlName()+" WHERE "+t.pk.sqlName()+"=?", id); err != nil {
		return err
	}
	clear(x.targets)
	return x.exec("INSERT OR REPLACE INTO deleted (tbl, id, version, deletedon) VALUES (?,?,?,?)", t.LogicalName, id, x.nextVersion(), x.now)
}

// pointingAt gives the ids of the rows whose lookup c points at a row of t.
func (x *tx) pointingAt(t *table, c *column, id string) (ids []string, err error) {
	from := t.referrerOf[c]
	s, err := x.statement("SELECT " + from.pk.sqlName() + " FROM " + from.sqlName() + " WHERE " + c.sqlName() + "=?")
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(x.ctx, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var other string
		if err := rows.Scan(&other); err != nil {
			return nil, err
		}
		ids = append(ids, other)
	}
	return ids, rows.Err()
}

// unlink clears the lookup c of all rows that point at a row of t.
func (x *tx) unlink(t *table, c *column, id string) error {
	if c.Type == "OwnerType" {
		return nil // an owner that is gone cannot be replaced by nobody
	}
	from := t.referrerOf[c]
	ids, err := x.pointingAt(t, c, id)
	if err != nil {
		return err
	}
	for _, other := range ids {
		r := row{c.LogicalName: nil}
		if c.typeName != "" {
			r[c.typeName] = nil
		}
		if err := x.change(from, other, r); err != nil {
			return err
		}
	}
	return nil
}

// formatTime renders a time as the twin stores it.
func formatTime(t time.Time) string { return t.UTC().Truncate(time.Second).Format(timeLayout) }
