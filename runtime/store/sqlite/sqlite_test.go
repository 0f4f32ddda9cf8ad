package sqlite

import (
	"context"
	"path/filepath"
	"testing"

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
