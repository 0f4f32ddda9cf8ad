package memory_test

import (
	"testing"

	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/conformance"
	"github.com/dualwrite/dw/runtime/store/memory"
)

func TestConformance(t *testing.T) {
	conformance.Run(t, func(testing.TB) store.Store { return memory.New("6a1c6a68-0000-4000-8000-000000000001") })
}
