package fno

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"

	"github.com/dualwrite/dw/runtime/sandbox/batch"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// transaction is a write in progress: of one operation, or of a change set.
type transaction struct {
	*sql.Tx
	twin   *Twin
	ctx    context.Context
	outer  context.Context
	writes []gate.Write
	closed bool
}

type transactionKey struct{}

func (t *Twin) begin(ctx context.Context) (*transaction, error) {
	t.writing.Lock()
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		t.writing.Unlock()
		return nil, err
	}
	out := &transaction{Tx: tx, twin: t, outer: ctx}
	out.ctx = context.WithValue(ctx, transactionKey{}, out)
	return out, nil
}

func (t *Twin) beginChangeSet(ctx context.Context) (batch.Transaction, error) {
	return t.begin(ctx)
}

// Context carries the transaction to the operations of a change set.
func (tx *transaction) Context() context.Context { return tx.ctx }

// Commit makes the writes durable and reports them to the request log.
func (tx *transaction) Commit() error {
	if tx.closed {
		return sql.ErrTxDone
	}
	tx.closed = true
	defer tx.twin.writing.Unlock()
	if err := tx.Tx.Commit(); err != nil {
		return err
	}
	notes := gate.Note(tx.outer)
	notes.AddRows(len(tx.writes))
	notes.AddWrites(tx.writes...)
	return nil
}

// Rollback undoes the writes; after a commit it does nothing.
func (tx *transaction) Rollback() {
	if tx.closed {
		return
	}
	tx.closed = true
	_ = tx.Tx.Rollback() // fails only where the transaction is gone already
	tx.twin.writing.Unlock()
}

// wrote notes a row for the request log.
func (tx *transaction) wrote(op string, s *set, key string) {
	tx.writes = append(tx.writes, gate.Write{Op: op, Table: s.EntitySet, ID: key})
}

// write runs fn in the change set that the request belongs to, else in a
// transaction of its own.
func (t *Twin) write(ctx context.Context, fn func(tx *transaction) error) error {
	if tx, ok := ctx.Value(transactionKey{}).(*transaction); ok {
		return fn(tx)
	}
	tx, err := t.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// newBoundary gives the unique part of a batch answer's boundary.
func (t *Twin) newBoundary() string {
	b, err := t.randomBytes(16)
	if err != nil {
		// Without randomness a boundary that no JSON body contains must do.
		b = make([]byte, 16)
	}
	h := hex.EncodeToString(b)
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
