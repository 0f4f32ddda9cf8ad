package merge

import (
	"testing"

	"github.com/dualwrite/dw/lang/value"
)

// BenchmarkMergeUnmoved handles a record that has not moved, the most common
// case by far; BenchmarkMergeFirst matches one for the first time.
func BenchmarkMergeUnmoved(b *testing.B) { benchmark(b, true) }

func BenchmarkMergeFirst(b *testing.B) { benchmark(b, false) }

func benchmark(b *testing.B, matched bool) {
	w := newWorld(customers(b, nil), newRefs("msdyn_customergroup/10"))
	w.put(value.FnO, vals{"Name": text("Ann"), "Email": text("a@x"), "GroupId": text("10")})
	w.put(value.Dataverse, vals{"name": text("Ann"), "emailaddress1": text("a@x"), "msdyn_group": w.refs.ids["msdyn_customergroup/10"]})
	if matched {
		w.round()
	}
	in := w.input()
	b.ReportAllocs()
	for b.Loop() {
		if r := Merge(in); !r.Equal {
			b.Fatal("not equal")
		}
	}
}
