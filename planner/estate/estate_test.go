package estate

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner"
	"github.com/dualwrite/dw/planner/lint"
)

func load(e Estate) fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range e.Files {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// TestEstatesAreClean holds every shape to what its users rely on: nothing to
// say, laid out well, and with the references that the shape is named for.
func TestEstatesAreClean(t *testing.T) {
	for _, shape := range Shapes() {
		for _, size := range []struct{ maps, fields int }{{1, MinFields}, {25, 10}, {7, 60}} {
			t.Run(fmt.Sprintf("%s %dx%d", shape, size.maps, size.fields), func(t *testing.T) {
				e := New(Options{Maps: size.maps, Fields: size.fields, Shape: shape})
				cfg, found := lang.Load(load(e), lang.Options{})
				if len(found) > 0 {
					t.Fatalf("the language says: %v", found)
				}
				for name, text := range e.Files {
					if laidOut, _ := lang.Format([]byte(text), name); string(laidOut) != text {
						t.Errorf("%s is not laid out as fmt would:\n%s", name, text)
					}
				}
				if len(cfg.Maps) != size.maps+1 {
					t.Errorf("%d maps", len(cfg.Maps))
				}
				for _, m := range cfg.Maps {
					if m.Name != "companies" && len(m.Fields) != size.fields {
						t.Errorf("%s has %d fields", m.Name, len(m.Fields))
					}
				}
				for _, d := range lint.Check(cfg, &e.Schema) {
					t.Errorf("lint says: %s %s", d.Code, d.Summary)
				}
				p, found := planner.Build(planner.Input{Config: cfg, Link: Link, Catalog: &e.Schema})
				if found.HasErrors() {
					t.Fatal(found)
				}
				waves := map[Shape]int{Flat: 2, Chain: size.maps + 1}[shape]
				if shape == Tree {
					waves = 1
					for n := size.maps; n > 0; n = (n + children - 2) / children {
						waves++
						if n == 1 {
							break
						}
					}
				}
				if len(p.Waves) != waves {
					t.Errorf("%d waves, want %d", len(p.Waves), waves)
				}
			})
		}
	}
}

func TestSchemaIsWide(t *testing.T) {
	e := New(Options{Maps: 3, Fields: 10, Shape: Tree})
	back, err := schema.Decode(schema.Encode(e.Schema))
	if err != nil || schema.Hash(back) != schema.Hash(e.Schema) {
		t.Fatalf("the snapshot does not come back: %v", err)
	}
	for _, tables := range [][]schema.Table{e.Schema.FnO, e.Schema.Dataverse} {
		for _, x := range tables {
			if len(x.Fields) < 40 && x.Name != "LegalEntity" && x.Name != "cdm_company" {
				t.Errorf("%s has %d columns", x.Set, len(x.Fields))
			}
		}
	}
	if !slices.IsSortedFunc(e.Schema.FnO, func(a, b schema.Table) int { return slices.Compare([]byte(a.Set), []byte(b.Set)) }) {
		t.Error("the tables are not sorted")
	}
}
