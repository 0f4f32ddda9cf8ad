package sqlite

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/conformance"
	"github.com/dualwrite/dw/runtime/store/memory"
)

const lineage = "6a1c6a68-0000-4000-8000-000000000001"

func engine(path string) Options {
	return Options{Path: path, Role: Engine, Holder: Holder{PID: 42, Command: "dw apply"}, NewID: func() string { return lineage }}
}

// open gives a store of its own that the test closes, or its end does.
func open(t testing.TB) store.Store {
	return mustOpen(t, engine(filepath.Join(t.TempDir(), "state.db")))
}

// once makes a second Close harmless.
type once struct {
	*Store
	closed bool
}

func (o *once) Close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	return o.Store.Close()
}

func mustOpen(t testing.TB, o Options) *once {
	t.Helper()
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	closer := &once{Store: s}
	t.Cleanup(func() {
		if err := closer.Close(); err != nil {
			t.Error(err)
		}
	})
	return closer
}

func TestConformance(t *testing.T) {
	conformance.Run(t, open)
}

func TestLikeMemory(t *testing.T) {
	model := func(testing.TB) store.Store { return memory.New(lineage) }
	conformance.Alike(t, open, model)
}

// TestListsOfIDsAreSearched: what is asked for by a list of ids is found by them,
// however many rows the map has.
func TestListsOfIDsAreSearched(t *testing.T) {
	s := mustOpen(t, engine(filepath.Join(t.TempDir(), "state.db")))
	var plans []string
	err := s.Update(t.Context(), func(x store.Tx) error {
		ids, names := []int64{1, 2}, []string{"a", "b"}
		if err := errors.Join(x.DropObservations("m", ids), x.DeleteIntents(ids), x.DeletePairs(ids)); err != nil {
			return err
		}
		if _, err := x.PairsByID(ids); err != nil {
			return err
		}
		if _, err := x.IntentsByTarget("m", value.Dataverse, names); err != nil {
			return err
		}
		on := x.(*tx).on
		for _, query := range slices.Sorted(maps.Keys(on.stmts)) {
			if !strings.Contains(query, "json_each") {
				continue
			}
			rows, err := on.conn.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
			if err != nil {
				return err
			}
			defer rows.Close()
			var id, parent, unused int
			var detail string
			if !rows.Next() {
				t.Errorf("no plan of %s", query)
			} else if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			plans = append(plans, detail)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, plan := range plans {
		if !strings.Contains(plan, "USING INTEGER PRIMARY KEY (rowid=?)") && !strings.Contains(plan, "target_id=?") {
			t.Errorf("%s", plan)
		}
	}
	if len(plans) != 5 {
		t.Errorf("%d statements: %q", len(plans), plans)
	}
}
