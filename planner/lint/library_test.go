package lint

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/library"
	"github.com/dualwrite/dw/lang/library/snapshot"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/planner/bind"
	"github.com/dualwrite/dw/planner/internal/fixture"
	"pgregory.net/rapid"
)

// libraryFindings is what lint says of all standard maps together, and why
// that is right. DW_UPDATE=1 writes the file again.
const libraryFindings = "testdata/library.txt"

func librarySchema(t *testing.T) *schema.Catalog {
	t.Helper()
	cat, err := snapshot.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// withLink loads standard maps beside a link, as a user has them.
func withLink(maps map[string][]byte) (*model.Config, diag.List) {
	files := fstest.MapFS{"link.dw.hcl": {Data: []byte(exampleLink)}}
	for name, text := range maps {
		files[name] = &fstest.MapFile{Data: text}
	}
	return lang.Load(files, lang.Options{})
}

func standardMap(t *testing.T, e library.Entry) []byte {
	t.Helper()
	text, ok := library.Source(e.Name)
	if !ok {
		t.Fatalf("%s has no text", e.Name)
	}
	return text
}

// TestLibraryAlone checks each standard map by itself. The maps of what it
// refers to are not there, so lint says that nobody sends it (DW262).
func TestLibraryAlone(t *testing.T) {
	cat := librarySchema(t)
	for _, e := range library.List() {
		cfg, ds := withLink(map[string][]byte{e.File: standardMap(t, e)})
		ds = append(ds, Check(cfg, cat)...)
		ds = slices.DeleteFunc(ds, func(d diag.Diagnostic) bool {
			return d.Severity == diag.Notice || d.Code == diag.CodeNotDelivered
		})
		if len(ds) > 0 {
			t.Errorf("%s:\n%s", e.File, fixture.Lines(ds))
		}
	}
}

// TestLibraryTogether checks all maps of one generation in one folder: then
// nothing is missing, and what remains stands in the fixture.
func TestLibraryTogether(t *testing.T) {
	maps := map[string][]byte{}
	for _, e := range library.List() {
		if !strings.HasSuffix(e.Name, "_2020") { // these stand for others of today
			maps[e.File] = standardMap(t, e)
		}
	}
	cfg, ds := withLink(maps)
	ds = append(ds, Check(cfg, librarySchema(t))...)
	var b strings.Builder
	for _, d := range ds.Sorted() {
		fmt.Fprintf(&b, "%s %s %s: %s\n", d.Severity, d.Code, d.Address, d.Summary)
	}
	if os.Getenv("DW_UPDATE") != "" {
		if err := os.WriteFile(libraryFindings, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(libraryFindings)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("lint says\n%s\nbut %s has\n%s", b.String(), libraryFindings, want)
	}
	if ds.HasErrors() {
		t.Error("a standard map has an error")
	}
}

// TestLibraryOrder holds the order of the library to the waves of the planner: a
// map comes after those that it refers to, rings apart.
func TestLibraryOrder(t *testing.T) {
	maps := map[string][]byte{}
	for _, e := range library.List() {
		if !strings.HasSuffix(e.Name, "_2020") {
			maps[e.File] = standardMap(t, e)
		}
	}
	cfg, ds := withLink(maps)
	if ds.HasErrors() {
		t.Fatal(fixture.Lines(ds))
	}
	bound, _ := bind.Link(cfg, cfg.Links[0], librarySchema(t))
	waves := map[string]int{}
	for _, m := range bound.Maps {
		waves[m.Source.Name] = m.Wave
	}
	last := 1
	for _, e := range library.List() {
		if wave, ok := waves[e.Name]; ok {
			if wave < last {
				t.Errorf("%s is of wave %d, but stands after wave %d", e.Name, wave, last)
			}
			last = wave
		}
	}
}

// TestLibraryNamesMatter misspells names of each map: columns, key columns of
// lookups, F&O fields. No assumption is so wide that one goes through.
func TestLibraryNamesMatter(t *testing.T) {
	cat := librarySchema(t)
	list := library.List()
	texts, names := map[string][]byte{}, map[string][]diag.Range{}
	for _, e := range list {
		texts[e.Name] = standardMap(t, e)
		cfg, ds := withLink(map[string][]byte{e.File: texts[e.Name]})
		if ds.HasErrors() {
			t.Fatalf("%s:\n%s", e.File, fixture.Lines(ds))
		}
		names[e.Name] = namesOf(cfg.Maps[0])
	}
	// goesThrough tells whether lint does not see a wrong letter in a name.
	goesThrough := func(e library.Entry, at diag.Range) bool {
		text, end := texts[e.Name], at.End.Byte
		if text[end-1] == '"' {
			end--
		}
		cfg, ds := withLink(map[string][]byte{e.File: slices.Concat(text[:end], []byte("zq"), text[end:])})
		ds = append(ds, Check(cfg, cat)...)
		unknown := []string{diag.CodeUnknownField, diag.CodeUnknownColumn, diag.CodeLookupColumn, diag.CodeKeyNotMapped}
		return !slices.ContainsFunc(ds, func(d diag.Diagnostic) bool {
			return d.Severity == diag.Error && slices.Contains(unknown, d.Code)
		})
	}
	shown := func(e library.Entry, at diag.Range) string {
		return fmt.Sprintf("%s:%d: %s", e.File, at.Start.Line, texts[e.Name][at.Start.Byte:at.End.Byte])
	}
	for i, e := range list { // one of each map
		if at := names[e.Name][i%len(names[e.Name])]; goesThrough(e, at) {
			t.Errorf("misspelt, it goes through: %s", shown(e, at))
		}
	}
	rapid.Check(t, func(t *rapid.T) { // and any
		e := rapid.SampledFrom(list).Draw(t, "map")
		at := rapid.SampledFrom(names[e.Name]).Draw(t, "name")
		if goesThrough(e, at) {
			t.Fatalf("misspelt, it goes through: %s", shown(e, at))
		}
	})
}

// namesOf gives the places of all columns, paths and F&O fields of a map.
func namesOf(m *model.Map) []diag.Range {
	var out []diag.Range
	add := func(n model.Named) {
		if n.Name != "" {
			out = append(out, n.Range)
		}
	}
	for _, f := range m.Fields {
		add(f.Column)
		add(f.FnO)
		for _, t := range f.Targets {
			for _, x := range t.Match {
				add(x.FnO)
				out = append(out, x.Range)
			}
		}
	}
	return out
}
