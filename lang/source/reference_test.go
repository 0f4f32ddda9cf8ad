package source

import (
	"strings"
	"testing"
	"testing/fstest"
)

// refGrammar has things with instances and pointers that name one of them.
func refGrammar() *BlockSpec {
	return &BlockSpec{Blocks: []*BlockSpec{
		{
			Type: "thing", Referable: true, Repeat: true, Labels: []LabelSpec{{Name: "name", Identifier: true}},
			Attrs: []AttrSpec{{Name: "for_each", Accept: List | Object}, {Name: "enabled", Accept: Bool}},
		},
		{Type: "pointer", Attrs: []AttrSpec{{Name: "to", Accept: Reference | Text, RefTo: "thing"}}},
	}}
}

// TestReferencesToInstances holds references to blocks with for_each to naming
// one instance.
func TestReferencesToInstances(t *testing.T) {
	const things = "thing \"many\" {\n  for_each = [\"USMF\", \"DEMF\"]\n}\nthing \"one\" {}\nthing \"none\" {\n  for_each = []\n}\n"
	for _, c := range []struct{ expression, name, mistake, hint string }{
		{`thing.one`, `one`, ``, ``},
		{`thing["one"]`, `one`, ``, ``},
		{`thing.many["USMF"]`, `many["USMF"]`, ``, ``},
		{`(thing.many["DEMF"])`, `many["DEMF"]`, ``, ``},
		{`thing.many`, ``, `thing.many stands for several`, `thing.many["USMF"]`},
		{`thing.none`, ``, `thing.none stands for several`, `thing.none["KEY"]`},
		{`thing.many["USMG"]`, ``, `thing.many has no instance "USMG"`, `Did you mean thing.many["USMF"]?`},
		{`thing.one["USMF"]`, ``, `the attribute to must name a whole thing`, ``},
		{`thing.many["USMF"].x`, ``, `the attribute to must name a whole thing`, ``},
		{`thing.mnay["USMF"]`, ``, `thing.mnay is not declared`, `Did you mean thing.many?`},
		{`thing`, ``, `the attribute to must name a whole thing`, ``},
		{`many`, ``, `the attribute to must name a thing`, `Write thing.many.`},
		{`thing.many[0]`, ``, `thing.many stands for several`, ``},
	} {
		for name, src := range map[string]string{
			"a.dw.hcl":  "pointer {\n  to = " + c.expression + "\n}\n",
			"a.dw.json": `{"pointer": {"to": "${` + strings.ReplaceAll(c.expression, `"`, `\"`) + `}"}}`,
		} {
			tree, list := Load(fstest.MapFS{name: {Data: []byte(src)}, "things.dw.hcl": {Data: []byte(things)}}, refGrammar(), Inputs{})
			got, mistake, hint := "", "", ""
			for _, b := range tree.Blocks {
				if a := b.Attr("to"); a != nil {
					got = a.Value.Ref.Name
				}
			}
			if len(list) > 0 {
				mistake, hint = list[0].Summary, list[0].Hint
			}
			if name == "a.dw.json" && (c.expression == "many" || strings.HasPrefix(c.expression, "(")) {
				continue // in JSON these are expressions like any other
			}
			if got != c.name || mistake != c.mistake || !strings.Contains(hint, c.hint) || len(list) > 1 {
				t.Errorf("%s in %s: %q, %q (%q), %d mistakes", c.expression, name, got, mistake, hint, len(list))
			}
		}
	}
}
