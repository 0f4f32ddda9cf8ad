package odata

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// WriteJSON writes what the library writes.
func TestWriteJSON(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ -~]{0,12}`))
	leaf := rapid.OneOf(rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int().AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), text.AsAny(),
		rapid.Just[any](json.Number("12.50")), rapid.SliceOf(text).AsAny(), rapid.Just[any]([]string(nil)), rapid.Just[any](map[string]any(nil)),
		rapid.Just[any](struct {
			A string `json:"a"`
		}{"<&>"}))
	one := func(of *rapid.Generator[any]) *rapid.Generator[any] {
		object := rapid.MapOfN(text, of, 0, 4)
		return rapid.OneOf(of, object.AsAny(), rapid.SliceOfN(object, 0, 3).AsAny(), rapid.SliceOfN(of, 0, 4).AsAny())
	}
	value := one(one(leaf))
	rapid.Check(t, func(t *rapid.T) {
		v := value.Draw(t, "value")
		// The long text makes it write in pieces.
		v = []any{v, strings.Repeat("x", rapid.SampledFrom([]int{0, 3 * pieceSize}).Draw(t, "more")), v}
		var got strings.Builder
		if err := WriteJSON(&got, v); err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
		if got.String()+"\n" != want.String() {
			t.Fatalf("got  %s\nwant %s", got.String(), want.String())
		}
	})
	if err := WriteJSON(io.Discard, map[string]any{"a": []any{make(chan int)}}); err == nil {
		t.Error("a channel is no JSON")
	}
}
