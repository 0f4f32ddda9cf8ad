package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/store"
)

// session is one connection with its prepared statements. One goroutine uses
// it at a time.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	room  scratch
}

// Statements run to their end whatever happens to the caller's context: they
// are short, and SQLite undoes the whole transaction of one that is cut off.
var uncut = context.Background()

func (s *session) prepared(query string) (*sql.Stmt, error) {
	if st, ok := s.stmts[query]; ok {
		return st, nil
	}
	st, err := s.conn.PrepareContext(uncut, query)
	if err != nil {
		return nil, err
	}
	s.stmts[query] = st
	return st, nil
}

// exec runs a statement once, without keeping it.
func (s *session) exec(query string, args ...any) error {
	_, err := s.conn.ExecContext(uncut, query, args...)
	return err
}

func (s *session) close() error {
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, s.conn.Close())...)
}

// errForeign says that a SQLite file is not a state.
var errForeign = errors.New("it is a SQLite file of another program")

// notADatabase tells whether the file is something else than a state, or damaged.
func notADatabase(err error) bool {
	if errors.Is(err, errForeign) {
		return true
	}
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_NOTADB || e.Code()&0xff == sqlite3.SQLITE_CORRUPT)
}

// Busy tells whether a store could not be used because another program, one
// that is no dw, kept its file locked for long.
func Busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// breaksUnique tells whether a statement failed on a unique index over a column.
func breaksUnique(err error, column string) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE && strings.Contains(e.Error(), column)
}

// tx is one transaction on a session.
type tx struct {
	on         *session
	ctx        context.Context
	writes     bool
	commands   bool // may leave commands, and nothing else
	ended      bool
	statements int      // that wrote
	seq        int64    // the sequence: as it was at the beginning, and drawn from since
	drawn      bool     // seq has moved
	fresh      []*int64 // ids set in place, undone with the transaction
	buf        []byte   // for encoding
}

func (t *tx) begin(how string) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	if err := t.on.exec(how); err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	// The first read fixes what the transaction sees.
	st, err := t.on.prepared("SELECT seq FROM store")
	if err == nil {
		err = st.QueryRowContext(uncut).Scan(&t.seq)
	}
	if err != nil {
		t.rollback()
		return fmt.Errorf("store: begin: %w", err)
	}
	return nil
}

func (t *tx) commit() error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	if t.drawn {
		if err := t.exec("UPDATE store SET seq = ?", t.seq); err != nil {
			return err
		}
	}
	if err := t.on.exec("COMMIT"); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	t.ended = true
	return nil
}

// rollback ends a transaction that was not committed.
func (t *tx) rollback() {
	if t.ended {
		return
	}
	t.ended = true
	// An error means that SQLite has rolled back by itself.
	_ = t.on.exec("ROLLBACK")
	for _, id := range t.fresh {
		*id = 0
	}
}

// usable tells whether the transaction can still do what is asked.
func (t *tx) usable(toWrite bool) error {
	switch {
	case t.ended:
		return store.ErrEnded
	case toWrite && !t.writes:
		return store.ErrReadOnly
	}
	return t.ctx.Err()
}

// mayCommand tells whether the transaction may leave a command.
func (t *tx) mayCommand() error { return t.usable(!t.commands) }

// draw gives the next number of the sequence.
func (t *tx) draw() int64 {
	t.seq++
	t.drawn = true
	return t.seq
}

// number gives id its number where it has none.
func (t *tx) number(id *int64) {
	*id = t.draw()
	t.fresh = append(t.fresh, id)
}

// exec runs a statement that writes.
func (t *tx) exec(query string, args ...any) error {
	_, err := t.change(query, args...)
	return err
}

// change is exec that tells how many rows there were to change.
func (t *tx) change(query string, args ...any) (int64, error) {
	st, err := t.on.prepared(query)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	res, err := st.ExecContext(uncut, args...)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	t.statements++
	return res.RowsAffected()
}

// execEach runs a statement that deletes for each of some ids, given to it as a
// JSON array before all other arguments: one of many rows costs less than many of
// one.
func (t *tx) execEach(query string, ids []int64, args ...any) error {
	if len(ids) == 0 {
		return nil
	}
	n, err := t.change(query, append([]any{t.on.room.list(ids)}, args...)...)
	t.statements += int(n)
	return err
}

// each runs a query and calls row for every row of the answer.
func (t *tx) each(row func(scan func(...any) error) error, query string, args ...any) error {
	st, err := t.on.prepared(query)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	rows, err := st.QueryContext(uncut, args...)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// one runs a query of at most one row and tells whether there was one.
func (t *tx) one(query string, args, into []any) (found bool, err error) {
	st, err := t.on.prepared(query)
	if err != nil {
		return false, fmt.Errorf("store: %w", err)
	}
	switch err := st.QueryRowContext(uncut, args...).Scan(into...); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("store: %w", err)
	}
	return true, nil
}

// rowLimit turns a limit of the interface into SQLite's.
func rowLimit(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}

// Sides stand as small numbers in the file.
const (
	sideFnO       = 1
	sideDataverse = 2
)

func sideNumber(s value.Side) int {
	switch s {
	case value.FnO:
		return sideFnO
	case value.Dataverse:
		return sideDataverse
	}
	return 0
}

func sideOf(n int) value.Side {
	switch n {
	case sideFnO:
		return value.FnO
	case sideDataverse:
		return value.Dataverse
	}
	return ""
}
