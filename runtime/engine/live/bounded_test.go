package live_test

import (
	"context"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/engine/enginetest"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
)

// bounded fails a test where a list is asked for whose length nothing bounds:
// memory must not grow with the records of a map, nor with what is listed of
// them.
type bounded struct {
	store.Store
	t testing.TB
}

func (b bounded) View(ctx context.Context, f func(store.Tx) error) error {
	return b.Store.View(ctx, func(tx store.Tx) error { return f(boundedTx{tx, b.t}) })
}

func (b bounded) Update(ctx context.Context, f func(store.Tx) error) error {
	return b.Store.Update(ctx, func(tx store.Tx) error { return f(boundedTx{tx, b.t}) })
}

type boundedTx struct {
	store.Tx
	t testing.TB
}

func (b boundedTx) check(what string, limit int) {
	if limit <= 0 {
		b.t.Errorf("%s without a bound", what)
	}
}

func (b boundedTx) Work(mapName, after string, limit int) ([]store.Work, error) {
	b.check("the queue is read", limit)
	return b.Tx.Work(mapName, after, limit)
}

func (b boundedTx) Pairs(mapName string, after int64, limit int, owing bool) ([]*record.Pair, error) {
	b.check("pairs are read", limit)
	return b.Tx.Pairs(mapName, after, limit, owing)
}

func (b boundedTx) Intents(mapName string, side value.Side, after int64, limit int) ([]*record.Intent, error) {
	b.check("writes are read", limit)
	return b.Tx.Intents(mapName, side, after, limit)
}

func (b boundedTx) Listed(q store.ListedQuery, after int64, limit int) ([]record.Listed, error) {
	if len(q.Keys)+len(q.IDs) == 0 {
		b.check("the list is read", limit)
	}
	return b.Tx.Listed(q, after, limit)
}

// TestListsAreReadInParts: a run with records of all kinds that are listed.
func TestListsAreReadInParts(t *testing.T) {
	o := newOffice(t, enginetest.Edit(t, "  mastering {", "  conflict = \"hold\"\n  mastering {"), 1)
	o.Customer("USMF", "US-1", nil)
	o.Customer("USMF", "US-2", nil)
	o.Customer("USMF", "US-3", nil)
	o.joined()
	o.Env.Store = bounded{o.Env.Store, t}
	both := func(account, fno, dataverse string) {
		o.FnO.Change("CustomersV3", idOf(t, o.FnO, "CustomersV3", "CustomerAccount", account), values{"OrganizationName": text(fno)})
		o.Dataverse.Change("accounts", idOf(t, o.Dataverse, "accounts", "accountnumber", account), values{"name": text(dataverse)})
	}
	both("US-1", "One", "Uno")
	// A key that changes and gets back what it was.
	id := idOf(t, o.Dataverse, "accounts", "accountnumber", "US-2")
	o.Dataverse.Change("accounts", id, values{"accountnumber": text("US-9")})
	o.Customer("USMF", "US-4", values{"CustomerGroupId": text("none")})
	o.run(40 * time.Second)
	o.Dataverse.Change("accounts", id, values{"accountnumber": text("US-2")})
	o.run(40 * time.Second)
	t.Log(o.Listed("customers"))
}
