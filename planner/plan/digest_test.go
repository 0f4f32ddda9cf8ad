package plan

import (
	"reflect"
	"slices"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/schema"
)

// TestDigestKnowsAllTypes: whatever a definition can hold is something that the
// digest can write.
func TestDigestKnowsAllTypes(t *testing.T) {
	known := []reflect.Kind{
		reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint64, reflect.Uint8, reflect.Pointer, reflect.Slice, reflect.Map, reflect.Struct,
	}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(x reflect.Type) {
		if seen[x] || x == valueType {
			return
		}
		seen[x] = true
		if !slices.Contains(known, x.Kind()) {
			t.Errorf("%s", x)
		}
		switch x.Kind() {
		case reflect.Map:
			if x.Key().Kind() != reflect.String {
				t.Errorf("keys of %s", x)
			}
			walk(x.Elem())
		case reflect.Pointer, reflect.Slice:
			walk(x.Elem())
		case reflect.Struct:
			for f := range x.Fields() {
				if f.Tag.Get("json") == "-" {
					continue
				}
				if !f.IsExported() || f.Anonymous {
					t.Errorf("%s.%s", x, f.Name)
				}
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[Definition]())
	if len(seen) < 20 {
		t.Errorf("only %d types", len(seen))
	}
}

// TestDigestOfPlaces: places in files do not count, labels only where they are
// to.
func TestDigestOfPlaces(t *testing.T) {
	g := NewDigester()
	make := func(label, owner string, line int) *Definition {
		at := diag.Range{File: "f", Start: diag.Pos{Line: line}}
		return &Definition{
			Map:       &model.Map{Name: "m", Owner: model.Named{Name: owner, Range: at}, Filter: model.Filter{LeaveRange: at}, Range: at},
			FnO:       &schema.Table{Set: "s", Label: label},
			Dataverse: &schema.Table{Set: "d", Key: []string{}},
		}
	}
	first := g.Definition(make("Label", "", 1))
	if g.Definition(make("Label", "", 2)) != first || g.Definition(make("Label", "", 0)) != first {
		t.Error("the place counts")
	}
	if g.Definition(make("Other", "", 1)) == first || g.Definition(make("Label", "team:A", 1)) == first {
		t.Error("a change is not seen")
	}
	if g.Unlabelled(make("Label", "", 1).FnO) != g.Unlabelled(make("Other", "", 1).FnO) {
		t.Error("the label counts")
	}
}
