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
	events []event
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

// Commit makes the writes durable, reports them to the request log and raises
// their events.
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
	tx.sendEvents()
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

// wrote notes a row for the request log and for its event.
func (tx *transaction) wrote(op string, d *draft) {
	tx.writes = append(tx.writes, gate.Write{Op: op, Table: d.set.EntitySet, ID: d.key()})
	tx.raise(op, d)
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

// newGUID makes a version 4 guid. Without randomness it is always the same.
func (t *Twin) newGUID() string {
	b, err := t.randomBytes(16)
	if err != nil {
		b = make([]byte, 16)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
