package control_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/store"
)

// counted counts the queued records that a store gives.
type counted struct {
	store.Store
	given int
}

func (c *counted) View(ctx context.Context, f func(store.Tx) error) error {
	return c.Store.View(ctx, func(tx store.Tx) error { return f(countedTx{tx, c}) })
}

func (c *counted) Update(ctx context.Context, f func(store.Tx) error) error {
	return c.Store.Update(ctx, func(tx store.Tx) error { return f(countedTx{tx, c}) })
}

type countedTx struct {
	store.Tx
	c *counted
}

func (t countedTx) Work(mapName, after string, limit int) ([]store.Work, error) {
	work, err := t.Tx.Work(mapName, after, limit)
	t.c.given += len(work)
	return work, err
}

// TestLongQueueIsReadAFewTimes: what is taken out of the queue batch by batch
// must not read all of it for each batch.
func TestLongQueueIsReadAFewTimes(t *testing.T) {
	const customers, batch = 60, 5
	d := newDesk(t, customers)
	d.does(control.Pause, "customers")
	for _, r := range d.FnO.Rows("CustomersV3") {
		d.FnO.Change("CustomersV3", r.ID, values{"OrganizationName": text("New")})
	}
	d.capture()
	c := &counted{Store: d.Env.Store}
	d.Env.Store, d.Env.Batch = c, batch
	d.does(control.Resume, "customers", store.ResumeDiscard)
	if n := d.Queued("customers"); n != 0 {
		t.Errorf("%d wait", n)
	}
	if most := 4 * customers; c.given > most {
		t.Errorf("%d queued records were read for %d, want %d at most", c.given, customers, most)
	}
	if l := d.Listed("customers"); len(l) != customers {
		t.Errorf("%d are listed", len(l))
	}
	// The same for what is dropped, whose keys lie anywhere.
	for i := range customers {
		if i%7 == 0 {
			d.rename(fmt.Sprint("US-", i), "Newer")
		}
	}
	c.given = 0
	d.does(control.Drop, "customers")
	if most := 4 * customers; c.given > most || d.Queued("customers") != 0 {
		t.Errorf("%d queued records were read, %d are left", c.given, d.Queued("customers"))
	}
}
