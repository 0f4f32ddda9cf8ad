package initial_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// lengths measures what a store gives and takes at once.
type lengths struct {
	store.Store
	longest int
}

func (l *lengths) View(ctx context.Context, f func(store.Tx) error) error {
	return l.Store.View(ctx, func(tx store.Tx) error { return f(lengthsTx{tx, l}) })
}

func (l *lengths) Update(ctx context.Context, f func(store.Tx) error) error {
	return l.Store.Update(ctx, func(tx store.Tx) error { return f(lengthsTx{tx, l}) })
}

type lengthsTx struct {
	store.Tx
	l *lengths
}

func (t lengthsTx) Work(mapName, after string, limit int) ([]store.Work, error) {
	work, err := t.Tx.Work(mapName, after, limit)
	n := 0
	for _, w := range work {
		n += len(w.FnO) + len(w.Dataverse)
	}
	t.l.longest = max(t.l.longest, n)
	return work, err
}

func (t lengthsTx) PutPairs(pairs []*record.Pair) error {
	t.l.longest = max(t.l.longest, len(pairs))
	return t.Tx.PutPairs(pairs)
}

// TestMatchOfAValueThatManyHave: a value that stands in thousands of records and
// rows, "unknown" for a name, tells nothing. All of them fail, and are never all
// in memory to find that out.
func TestMatchOfAValueThatManyHave(t *testing.T) {
	const many, batch = 60, 5
	for _, c := range []struct {
		records, keyed int // with the value; of them those whose row has the key
		code, says     string
	}{
		{3, 0, "DW661", fmt.Sprintf("3 records in F&O and %d rows in Dataverse have the same OrganizationName", many)},
		{many, 0, "DW661", fmt.Sprintf("%d records in F&O and %d rows in Dataverse", many, many)},
		{1, 1, "DW662", "The record USMF / C000 has the same OrganizationName, but it belongs to another row already"},
	} {
		w := matching(t, "")
		w.Env.Batch = batch
		l := &lengths{Store: memory.New("scratch")}
		w.Env.Scratch = func(context.Context) (store.Store, func() error, error) { return l, l.Close, nil }
		told := map[string]string{} // rows of values that one record has alone, before and behind the value of many
		for _, name := range []string{"Alone", "Unknowns", "Zoo"} {
			told[w.Account("USMF", "", values{"name": text(name)})] = "A-" + name[:1]
			w.Customer("USMF", "A-"+name[:1], values{"OrganizationName": text(name)})
		}
		for i := range c.records {
			w.Customer("USMF", fmt.Sprintf("C%03d", i), values{"OrganizationName": text("Unknown")})
		}
		for i := range c.keyed {
			w.Account("USMF", fmt.Sprintf("C%03d", i), values{"name": text("Known")})
		}
		for range many {
			w.Account("USMF", "", values{"name": text("Unknown")})
		}
		rows := len(w.Dataverse.Rows("accounts"))
		mustJoin(w, "customers")
		for id, want := range told {
			if got := number(w, id); got != want {
				t.Errorf("a row that is told has the number %q, want %q", got, want)
			}
		}
		failed := many + c.records - c.keyed
		w.View(func(tx store.Tx) error {
			list, err := tx.Listed(store.ListedQuery{Map: "customers", Kind: record.Failed}, 0, 0)
			for _, one := range list {
				if one.Code != c.code || !strings.Contains(one.Reason, c.says) {
					t.Errorf("%s %s: %s, want %s %s", one.Record, one.Code, one.Reason, c.code, c.says)
				}
			}
			if len(list) != failed {
				t.Errorf("%d failed, want %d", len(list), failed)
			}
			return err
		})
		if now := len(w.Dataverse.Rows("accounts")); now != rows {
			t.Errorf("%d accounts, want the %d that were there", now, rows)
		}
		if l.longest > 2*batch {
			t.Errorf("%d at once, in batches of %d", l.longest, batch)
		}
		if v := tally(w, "customers"); v.ByMatch != 3 || v.Created[value.Dataverse] != 0 {
			t.Errorf("counted %+v", v)
		}
	}
}
