package order

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// node reads "customers: groupid>groups owner>owners! parent>customers", where
// "!" marks a reference that cannot be deferred and "," separates targets.
func node(text string) Node {
	name, rest, _ := strings.Cut(text, ":")
	n := Node{Map: name}
	for _, r := range strings.Fields(rest) {
		field, targets, _ := strings.Cut(r, ">")
		ref := Ref{Field: field}
		if strings.HasSuffix(targets, "!") {
			ref.Fixed = "it is part of the key"
			targets = strings.TrimSuffix(targets, "!")
		}
		ref.Targets = strings.Split(targets, ",")
		n.Refs = append(n.Refs, ref)
	}
	return n
}

func nodes(lines ...string) []Node {
	var out []Node
	for _, l := range lines {
		out = append(out, node(l))
	}
	return out
}

func deferrals(r *Result) []string {
	var out []string
	for _, d := range r.Deferred {
		out = append(out, d.Map+"."+d.Field+" ("+strings.Join(d.Ring, " > ")+")")
	}
	return out
}

func TestSort(t *testing.T) {
	tests := []struct {
		name     string
		in       []Node
		waves    [][]string
		deferred []string
	}{
		{
			name:  "nothing",
			waves: nil,
		},
		{
			name: "earliest wave by the longest path",
			in: nodes("customers: company>companies! groupid>groups currency>currencies", "groups: company>companies!",
				"companies:", "currencies:", "units:"),
			waves: [][]string{{"companies", "currencies", "units"}, {"groups"}, {"customers"}},
		},
		{
			name:  "targets outside the set do not count",
			in:    nodes("customers: owner>teams"),
			waves: [][]string{{"customers"}},
		},
		{
			name:     "a map that refers to its own table",
			in:       nodes("customers: billing>customers company>companies!", "companies:"),
			waves:    [][]string{{"companies"}, {"customers"}},
			deferred: []string{"customers.billing (customers)"},
		},
		{
			name:     "the ring breaks at its only free reference",
			in:       nodes("accounts: contact>contacts", "contacts: parent>accounts!"),
			waves:    [][]string{{"accounts"}, {"contacts"}},
			deferred: []string{"accounts.contact (accounts > contacts > accounts)"},
		},
		{
			name:     "the ring breaks where fewest references are deferred",
			in:       nodes("a: one>b two>b", "b: back>a"),
			waves:    [][]string{{"b"}, {"a"}},
			deferred: []string{"b.back (b > a > b)"},
		},
		{
			name:     "where all cost the same the first name goes first",
			in:       nodes("b: x>a", "a: x>b"),
			waves:    [][]string{{"a"}, {"b"}},
			deferred: []string{"a.x (a > b > a)"},
		},
		{
			name:     "one reference may break two rings",
			in:       nodes("hub: x>left,right", "left: l>hub", "right: r>hub"),
			waves:    [][]string{{"hub"}, {"left", "right"}},
			deferred: []string{"hub.x (hub > left > hub)"},
		},
		{
			name:     "a reference to outside the ring stays when another is deferred",
			in:       nodes("a: x>b out>c", "b: y>a!", "c:"),
			waves:    [][]string{{"c"}, {"a"}, {"b"}},
			deferred: []string{"a.x (a > b > a)"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Sort(tt.in)
			if len(got.Stuck) > 0 {
				t.Fatalf("stuck: %v", got.Stuck)
			}
			if !reflect.DeepEqual(got.Waves, tt.waves) {
				t.Errorf("waves %v, want %v", got.Waves, tt.waves)
			}
			if d := deferrals(got); !slices.Equal(d, tt.deferred) {
				t.Errorf("deferred %v, want %v", d, tt.deferred)
			}
		})
	}
}

func TestStuck(t *testing.T) {
	got := Sort(nodes("c: z>a!", "a: w>c x>b!", "b: y>c!", "d: q>a"))
	want := []Stuck{{
		Ring: []string{"a", "b", "c", "a"},
		Steps: []Step{
			{"a", "x", "it is part of the key"}, {"b", "y", "it is part of the key"}, {"c", "z", "it is part of the key"},
		},
	}}
	if !reflect.DeepEqual(got.Stuck, want) {
		t.Errorf("stuck %+v, want %+v", got.Stuck, want)
	}
	if got.Waves != nil {
		t.Errorf("waves %v of a stuck set", got.Waves)
	}
}

func TestLoopThatCannotBeDeferred(t *testing.T) {
	got := Sort(nodes("categories: parent>categories!"))
	if !reflect.DeepEqual(got.Loops, []Loop{{"categories", "parent", "it is part of the key"}}) {
		t.Errorf("loops %v", got.Loops)
	}
	if got.Wave("categories") != 1 || got.Wave("other") != 0 {
		t.Errorf("waves %v", got.Waves)
	}
}

// drawNodes makes graphs of up to 18 maps: both the exact and the greedy way.
func drawNodes(t *rapid.T) []Node {
	n := rapid.IntRange(1, 18).Draw(t, "maps")
	free := rapid.IntRange(0, 10).Draw(t, "free")
	out := make([]Node, n)
	for i := range out {
		out[i].Map = fmt.Sprintf("m%02d", i)
		for f := range rapid.IntRange(0, 3).Draw(t, "refs") {
			r := Ref{Field: fmt.Sprintf("f%d", f)}
			for range rapid.IntRange(1, 2).Draw(t, "targets") {
				r.Targets = append(r.Targets, fmt.Sprintf("m%02d", rapid.IntRange(0, n).Draw(t, "target")))
			}
			if rapid.IntRange(0, 9).Draw(t, "fixed") >= free {
				r.Fixed = "it is required"
			}
			out[i].Refs = append(out[i].Refs, r)
		}
	}
	return out
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawNodes(t)
		got := Sort(in)

		shuffled := slices.Clone(in)
		rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed"))).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		for i := range shuffled {
			shuffled[i].Refs = slices.Clone(shuffled[i].Refs)
			slices.Reverse(shuffled[i].Refs)
		}
		if again := Sort(shuffled); !reflect.DeepEqual(got, again) {
			t.Fatalf("order of input matters:\n%+v\n%+v", got, again)
		}

		if len(got.Stuck) > 0 {
			checkStuck(t, in, got)
			return
		}
		deferred := map[string]bool{}
		for _, d := range got.Deferred {
			deferred[d.Map+"."+d.Field] = true
		}
		checkWaves(t, in, got, deferred)
		checkMinimal(t, in, got, deferred)
	})
}

func checkStuck(t *rapid.T, in []Node, got *Result) {
	for _, s := range got.Stuck {
		if s.Ring[0] != s.Ring[len(s.Ring)-1] || len(s.Steps) != len(s.Ring)-1 {
			t.Fatalf("not a ring: %+v", s)
		}
		for i, step := range s.Steps {
			r := find(in, step.Map, step.Field)
			if step.Map != s.Ring[i] || r.Fixed == "" || !slices.Contains(r.Targets, s.Ring[i+1]) {
				t.Fatalf("step %+v does not lead to %s", step, s.Ring[i+1])
			}
		}
	}
}

func find(in []Node, name, field string) Ref {
	for _, n := range in {
		for _, r := range n.Refs {
			if n.Map == name && r.Field == field {
				return r
			}
		}
	}
	return Ref{}
}

// checkWaves: targets in earlier waves, and no map later than it needs to be.
func checkWaves(t *rapid.T, in []Node, got *Result, deferred map[string]bool) {
	for _, n := range in {
		earliest := 1
		for _, r := range n.Refs {
			for _, target := range r.Targets {
				if target == n.Map || deferred[n.Map+"."+r.Field] {
					continue
				}
				earliest = max(earliest, got.Wave(target)+1)
			}
		}
		if got.Wave(n.Map) != earliest {
			t.Fatalf("%s stands in wave %d, its references ask for %d", n.Map, got.Wave(n.Map), earliest)
		}
	}
}

// checkMinimal: no fixed reference is deferred, and taking any one deferral
// back closes a ring.
func checkMinimal(t *rapid.T, in []Node, got *Result, deferred map[string]bool) {
	for _, d := range got.Deferred {
		if find(in, d.Map, d.Field).Fixed != "" {
			t.Fatalf("%s.%s cannot be deferred", d.Map, d.Field)
		}
		if len(d.Ring) == 1 {
			continue
		}
		if d.Ring[0] != d.Map || d.Ring[len(d.Ring)-1] != d.Map {
			t.Fatalf("ring of %s.%s: %v", d.Map, d.Field, d.Ring)
		}
		without := map[string]bool{}
		for k := range deferred {
			without[k] = k != d.Map+"."+d.Field
		}
		if !hasCycle(in, without) {
			t.Fatalf("%s.%s is deferred for nothing", d.Map, d.Field)
		}
	}
}

// hasCycle removes maps without open references until none is left to remove.
func hasCycle(in []Node, deferred map[string]bool) bool {
	done := map[string]bool{}
	for {
		moved := false
		for _, n := range in {
			if done[n.Map] {
				continue
			}
			open := false
			for _, r := range n.Refs {
				for _, target := range r.Targets {
					inside := slices.ContainsFunc(in, func(m Node) bool { return m.Map == target })
					if inside && target != n.Map && !done[target] && !deferred[n.Map+"."+r.Field] {
						open = true
					}
				}
			}
			if !open {
				done[n.Map], moved = true, true
			}
		}
		if !moved {
			return len(done) < len(in)
		}
	}
}

// TestExactIsLeast compares the exact way with trying every set of deferrals.
func TestExactIsLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 5).Draw(t, "maps")
		in := make([]Node, n)
		var free []string
		for i := range in {
			in[i].Map = fmt.Sprintf("m%d", i)
			for f := range rapid.IntRange(0, 2).Draw(t, "refs") {
				target := rapid.IntRange(0, n-1).Draw(t, "target")
				if target == i {
					continue
				}
				field := fmt.Sprintf("f%d", f)
				in[i].Refs = append(in[i].Refs, Ref{Field: field, Targets: []string{fmt.Sprintf("m%d", target)}})
				free = append(free, in[i].Map+"."+field)
			}
		}
		least := len(free)
		for set := range 1 << len(free) {
			deferred, size := map[string]bool{}, 0
			for i, f := range free {
				if set&(1<<i) != 0 {
					deferred[f] = true
					size++
				}
			}
			if size < least && !hasCycle(in, deferred) {
				least = size
			}
		}
		if got := Sort(in); len(got.Deferred) != least {
			t.Fatalf("%d deferrals, %d suffice: %v", len(got.Deferred), least, deferrals(got))
		}
	})
}

func BenchmarkSortThousandMaps(b *testing.B) {
	in := make([]Node, 1000)
	for i := range in {
		in[i].Map = fmt.Sprintf("m%04d", i)
		for f := range 5 {
			in[i].Refs = append(in[i].Refs, Ref{Field: fmt.Sprintf("f%d", f), Targets: []string{fmt.Sprintf("m%04d", i*(f+1)/7)}})
		}
	}
	for b.Loop() {
		Sort(in)
	}
}
