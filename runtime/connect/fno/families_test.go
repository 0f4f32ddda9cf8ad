package fno

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
)

// TestFamilies: every write of a round is sent once, children of one header
// never at once and in their order, and records without header all at once.
func TestFamilies(t *testing.T) {
	tables := []*schema.Table{
		{Set: "Orders", Key: []string{"dataAreaId", "OrderNumber"}},
		{Set: "Lines", Key: []string{"dataAreaId", "OrderNumber", "Line"}},
		{Set: "Categories", Key: []string{"Hierarchy", "Name"}},
	}
	rapid.Check(t, func(r *rapid.T) {
		table := rapid.SampledFrom(tables).Draw(r, "table")
		part := rapid.SampledFrom([]string{"a", "A ", "b", "c"})
		batch := make([]connect.Write, rapid.IntRange(0, 12).Draw(r, "writes"))
		for i := range batch {
			for range table.Key {
				batch[i].Row.Key = append(batch[i].Row.Key, value.NewText(part.Draw(r, "part")))
			}
		}
		header := func(i int) string {
			key := batch[i].Row.Key
			switch table.Set {
			case "Orders":
				return fmt.Sprint("alone", i)
			case "Lines":
				return value.Fold(key[0].String()) + "|" + value.Fold(key[1].String())
			default:
				return value.Fold(key[0].String())
			}
		}
		seen := map[int]bool{}
		for _, round := range rounds(batch) {
			family := map[string]int{}
			for n, f := range families(table, batch, round) {
				last := -1
				for _, at := range f {
					if seen[at] || at <= last || header(at) != header(f[0]) {
						r.Fatalf("family %v of %v", f, round)
					}
					seen[at], last = true, at
				}
				if before, twice := family[header(f[0])]; twice {
					r.Fatalf("families %d and %d have one header", before, n)
				}
				family[header(f[0])] = n
			}
		}
		if len(seen) != len(batch) {
			r.Fatalf("%d of %d are sent", len(seen), len(batch))
		}
	})
}
