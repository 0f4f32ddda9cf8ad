package model

import "testing"

func TestParsePlace(t *testing.T) {
	for text, want := range map[string]Place{
		"map.a":                       {Map: "a"},
		"map.a.b":                     {Map: "a", Field: "b"},
		"map.a.b.c":                   {Map: "a", Field: "b.c"},
		`map.a["x.y"]`:                {Map: `a["x.y"]`},
		`map.a["x"].b`:                {Map: `a["x"]`, Field: "b"},
		"module.m.map.a":              {Map: "module.m.a"},
		"module.map.map.a.b":          {Map: "module.map.a", Field: "b"},
		`module.m["k"].map.a["x"].b`:  {Map: `module.m["k"].a["x"]`, Field: "b"},
		"module.m.module.n.map.a.b.c": {Map: "module.m.module.n.a", Field: "b.c"},
	} {
		got, ok := ParsePlace(text)
		if !ok || got != want {
			t.Errorf("%s is %+v, %v; want %+v", text, got, ok, want)
		}
		if got.String() != text {
			t.Errorf("%s is written %s", text, got)
		}
	}
	for _, text := range []string{"", "a", "map", "map.", "map..b", "map.a.", "enum.a", `map.a["x"]b`, `map.a["x`, "map.[x]", "module.m.a", "module.map.a"} {
		if p, ok := ParsePlace(text); ok {
			t.Errorf("%q is %+v", text, p)
		}
	}
}
