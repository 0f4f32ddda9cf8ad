package catalog_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

const contosoFolder = "../../../examples/contoso"

func contoso(t *testing.T) *model.Config {
	t.Helper()
	cfg, list := lang.Load(os.DirFS(contosoFolder), lang.Options{})
	if list.HasErrors() {
		t.Fatalf("%s does not load: %v", contosoFolder, list)
	}
	if len(cfg.Maps) < 8 {
		t.Fatalf("%s has only %d maps", contosoFolder, len(cfg.Maps))
	}
	return cfg
}

func tableOf(c catalog.Catalog, name string) *catalog.Table {
	return table(c, func(t catalog.Table) bool {
		return strings.EqualFold(t.EntitySet, name) || strings.EqualFold(t.LogicalName, name)
	})
}

// reference is a lookup of a map with the table that it leads to.
type reference struct {
	column string
	target *catalog.Table
}

// references gives what a field of a map refers to, every hop of its paths
// included, and reports what the catalog does not have.
func references(t *testing.T, c catalog.Catalog, m *model.Map, f *model.Field) []reference {
	t.Helper()
	tab := tableOf(c, m.Dataverse.Name)
	col := column(tab, strings.ToLower(f.Column.Name))
	if col == nil {
		t.Errorf("%s: %s has no column %s", m.Address(), tab.LogicalName, f.Column.Name)
		return nil
	}
	var out []reference
	follow := func(from *catalog.Table, path []string) {
		for i, name := range path {
			next := column(from, strings.ToLower(name))
			if next == nil {
				t.Errorf("%s: %s.%s: %s has no column %s", m.Address(), f.Column.Name, strings.Join(path, "."), from.LogicalName, name)
				return
			}
			if i == len(path)-1 {
				return
			}
			from = tableOf(c, next.Targets[0].Table)
			out = append(out, reference{column: name, target: from})
		}
	}
	if len(f.Path) > 0 {
		target := tableOf(c, col.Targets[0].Table)
		out = append(out, reference{column: f.Name(), target: target})
		follow(target, f.Path)
	}
	for _, way := range f.Targets {
		target := tableOf(c, way.Table.Name)
		if way.Table.Name == "" {
			target = tableOf(c, col.Targets[0].Table)
		}
		out = append(out, reference{column: f.Column.Name, target: target})
		for _, match := range way.Match {
			follow(target, match.Path)
		}
	}
	return out
}

// Whatever a mapped lookup of the example refers to is carried by a map of the
// example, and all of its names are known to the twins.
func TestExampleIsAClosedSet(t *testing.T) {
	c, cfg := load(t), contoso(t)
	delivered := map[string]bool{}
	for _, m := range cfg.Maps {
		e, tab := entity(c, m.FnO.Name), tableOf(c, m.Dataverse.Name)
		if e == nil || tab == nil {
			t.Fatalf("%s: the twins do not have %s or %s", m.Address(), m.FnO.Name, m.Dataverse.Name)
		}
		delivered[tab.LogicalName] = true
	}
	count := 0
	for _, m := range cfg.Maps {
		e := entity(c, m.FnO.Name)
		for _, f := range m.Fields {
			for _, name := range f.FnOFields() {
				if property(e, name.Name) == nil {
					t.Errorf("%s: %s has no field %s", m.Address(), m.FnO.Name, name.Name)
				}
			}
			if f.Column.Name == "" {
				continue
			}
			for _, r := range references(t, c, m, f) {
				count++
				if !delivered[r.target.LogicalName] {
					t.Errorf("%s: %s refers to %s, which no map carries", m.Address(), r.column, r.target.LogicalName)
				}
			}
		}
	}
	if count == 0 {
		t.Error("no reference was looked at")
	}
}

// comment is what a line of a configuration says after its number sign.
var comment = regexp.MustCompile(`(?m)#(.*)$`)

// A field of Microsoft's standard map is mapped by the example or named in a
// comment beside the map.
func TestExampleNamesWhatItLeavesOut(t *testing.T) {
	c, cfg := load(t), contoso(t)
	for _, m := range cfg.Maps {
		tab := tableOf(c, m.Dataverse.Name)
		said := map[string]bool{}
		for _, line := range comment.FindAllSubmatch(cfg.Sources[m.Range.File], -1) {
			for _, word := range strings.FieldsFunc(string(line[1]), func(r rune) bool { return r != '_' && !isLetterOrDigit(r) }) {
				said[word] = true
			}
		}
		mapped := map[string]bool{}
		for _, f := range m.Fields {
			mapped[f.Column.Name] = true
			for _, name := range f.FnOFields() {
				mapped[name.Name] = true
			}
		}
		found := false
		for _, standard := range standardMaps {
			if standard.set != m.FnO.Name || standard.table != tab.EntitySet {
				continue
			}
			found = true
			for _, pair := range strings.Fields(standard.fields) {
				field, path, _ := strings.Cut(pair, "=")
				name := field
				if name == "" {
					name, _, _ = strings.Cut(path, ".")
				}
				if !mapped[name] && !said[name] {
					t.Errorf("%s: %s of the standard map is neither mapped nor named in a comment", m.Address(), pair)
				}
			}
		}
		if !found {
			t.Errorf("%s is no standard map", m.Address())
		}
	}
}

func isLetterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
