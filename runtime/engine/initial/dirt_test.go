package initial_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/generate"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/memory"
)

// TestDirt: after the first apply of dirty data the failed and parked records
// are the planted ones, key by key and for the planted reason, and everything
// else is equal on both sides.
func TestDirt(t *testing.T) {
	cfg, list := lang.Load(os.DirFS("../../../examples/contoso"), lang.Options{})
	if list.HasErrors() {
		t.Fatal(list)
	}
	c := &city{config: cfg, dir: t.TempDir()}
	dirty := func(dir string, seed uint64) sandbox.Options {
		o := c.options(dir, seed)
		o.Records, o.Dirt = generate.FullRecords(len(o.Companies)), 7
		return o
	}
	s, err := sandbox.Start(t.Context(), dirty(c.dir, 0xffff))
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	w := c.world(t, host.Simulated(1), dirty(t.TempDir(), 1), memory.New("lineage"))
	w.mustApply()

	type key struct{ kind, name, record string }
	want := map[key]string{}
	for _, p := range w.sandbox.Report().Planted {
		if p.Expect == generate.Failed || p.Expect == generate.Parked {
			want[key{string(p.Expect), p.Map, strings.ToLower(p.Key)}] = p.Code
		}
	}
	w.view(func(tx store.Tx) error {
		for _, kind := range []record.Kind{record.Failed, record.Parked, record.Held, record.Tolerated, record.OwedField} {
			listed, err := tx.Listed(store.ListedQuery{Kind: kind}, 0, 0)
			if err != nil {
				return err
			}
			for _, l := range listed {
				k := key{string(l.Kind), l.Map, strings.ToLower(l.Record)}
				if code, planted := want[k]; !planted || code != l.Code {
					t.Errorf("listed, planted %v %s: %+v", planted, code, l)
				}
				delete(want, k)
			}
		}
		return nil
	})
	for k, code := range want {
		t.Errorf("planted and not listed: %+v %s", k, code)
	}
	for _, v := range w.verify().Maps {
		if n := int64(w.sandbox.Report().Of(v.Map).Records()); v.Equal != n {
			t.Errorf("%s: %d equal, want %d", v.Map, v.Equal, n)
		}
	}
}
