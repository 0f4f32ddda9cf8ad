package write

import (
	"slices"
	"testing"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/record"
)

// Writes come from portions that are sent beside each other, in any order: what
// a package takes must lie in the order of the store all the same.
func TestPackagesAreTakenInTheOrderOfTheStore(t *testing.T) {
	p := &Packages{cost: connect.PackageRoute{Rows: 4}, held: map[shape][]int64{}}
	for _, id := range []int64{7, 8, 9, 1, 2, 3, 4, 10, 5, 6} {
		if !p.hold(&record.Intent{ID: id, Side: value.FnO, Bulk: true, Op: record.Create, Company: "USMF"}) {
			t.Fatalf("the write %d is not held", id)
		}
	}
	var got [][]int64
	for {
		_, ids := p.next()
		if len(ids) == 0 {
			if p.completed() {
				break
			}
			p.complete(true) // what is left need not be a package full
			continue
		}
		got = append(got, ids)
	}
	want := [][]int64{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("packages of %v, want %v", got, want)
	}
}
