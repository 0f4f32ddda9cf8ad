package estate

import (
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/source"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/lint"
	"github.com/dualwrite/dw/planner/plan"
)

// The benchmarks take the stages of validate and plan one by one, on a thousand
// maps of ten fields. What whole commands cost, `dw bench lint` measures.
const benchMaps = 1000

func benchEstate(b *testing.B, shape Shape) Estate {
	b.Helper()
	b.ReportAllocs()
	return New(Options{Maps: benchMaps, Fields: 10, Shape: shape})
}

func BenchmarkBareParse(b *testing.B) {
	e := benchEstate(b, Tree)
	for b.Loop() {
		for name, text := range e.Files {
			if err := source.BareParse([]byte(text), name); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	files := load(benchEstate(b, Tree))
	for b.Loop() {
		if _, found := lang.Load(files, lang.Options{}); len(found) > 0 {
			b.Fatal(found)
		}
	}
}

func BenchmarkSnapshot(b *testing.B) {
	text := schema.Encode(benchEstate(b, Tree).Schema)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := schema.Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, shape := range Shapes() {
		b.Run(string(shape), func(b *testing.B) {
			e := benchEstate(b, shape)
			cfg, _ := lang.Load(load(e), lang.Options{})
			for b.Loop() {
				if found := lint.Check(cfg, &e.Schema); len(found) > 0 {
					b.Fatal(found)
				}
			}
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, shape := range Shapes() {
		b.Run(string(shape), func(b *testing.B) {
			e := benchEstate(b, shape)
			cfg, _ := lang.Load(load(e), lang.Options{})
			in := planner.Input{Config: cfg, Link: Link, Catalog: &e.Schema}
			in.Deployed = deployed(b, in)
			for b.Loop() {
				p, found := planner.Build(in)
				if found.HasErrors() || p.Changes() {
					b.Fatal("a plan with changes", found)
				}
			}
		})
	}
}

// deployed gives a state in which all of the estate runs.
func deployed(tb testing.TB, in planner.Input) plan.Deployed {
	tb.Helper()
	p, found := planner.Build(in)
	if found.HasErrors() {
		tb.Fatal(found)
	}
	d := plan.Deployed{Link: in.Link, Lineage: "l", Serial: 1}
	for _, a := range p.Actions {
		d.Maps = append(d.Maps, plan.DeployedMap{Definition: *a.Definition, Version: 1, Status: "running", Initial: "done"})
	}
	return d
}

// TestGrowth holds every stage to work that grows with the estate and not with
// its square: four times the maps may allocate at most six times as much. Time
// is not asserted; `dw bench lint` shows it.
func TestGrowth(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs beside another here: nothing for the race detector")
	}
	const small, large, most = 30, 120, 6.0
	for _, shape := range Shapes() {
		stages := func(maps int) map[string]float64 {
			e := New(Options{Maps: maps, Fields: 10, Shape: shape})
			files := load(e)
			cfg, _ := lang.Load(files, lang.Options{})
			text := schema.Encode(e.Schema)
			in := planner.Input{Config: cfg, Link: Link, Catalog: &e.Schema}
			in.Deployed = deployed(t, in)
			return map[string]float64{
				"load":     testing.AllocsPerRun(1, func() { lang.Load(files, lang.Options{}) }),
				"snapshot": testing.AllocsPerRun(1, func() { _, _ = schema.Decode(text) }),
				"lint":     testing.AllocsPerRun(1, func() { lint.Check(cfg, &e.Schema) }),
				"plan":     testing.AllocsPerRun(1, func() { planner.Build(in) }),
			}
		}
		few, many := stages(small), stages(large)
		for stage, n := range many {
			if n > most*few[stage] {
				t.Errorf("%s, %s: %.0f allocations for %d maps, %.0f for %d", shape, stage, few[stage], small, n, large)
			}
		}
	}
}

// TestEstateIsStable keeps figures of different days comparable.
func TestEstateIsStable(t *testing.T) {
	o := Options{Maps: 12, Fields: 10, Shape: Chain}
	a, b := New(o), New(o)
	if schema.Hash(a.Schema) != schema.Hash(b.Schema) || len(a.Files) != len(b.Files) {
		t.Error("two estates of the same options differ")
	}
	for name, text := range a.Files {
		if b.Files[name] != text {
			t.Errorf("%s differs", name)
		}
	}
	if !strings.Contains(a.Files["maps_00001.dw.hcl"], `ParentThingNumber     = "est_parentthing.est_thingnumber"`) {
		t.Error(a.Files["maps_00001.dw.hcl"])
	}
}
