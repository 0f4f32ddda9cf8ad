package lang

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang/diag"
)

func seeds(f *testing.F, pattern string) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
}

// FuzzLoad holds Load to any file in native syntax and JSON: no panic, the
// same answer twice, places inside the file.
func FuzzLoad(f *testing.F) {
	seeds(f, "testdata/*/*.dw.hcl")
	seeds(f, "testdata/json/*.dw.json")
	f.Add([]byte(`locals { a = "${local.a}${local.a}" }` + "\nmap \"x\" {\n fields \"both\" { a = [for x in [1]: x] }\n}"))
	f.Add([]byte("module \"m\" {\n source = \"./m\"\n for_each = [\"a\", \"b\"]\n v = each.key\n}\nmap \"x\" {\n for_each = { a = [1] }\n enabled = each.value[0] == 1\n extends = library.customers_v3_accounts\n omit = [each.key]\n}"))
	f.Add([]byte(`{"module": {"m": {"source": "./m", "for_each": {"a": {"b": "${local.l}"}}}, "n": {"source": "../n"}}, "map": {"x": {"extends": "library.workers_workers", "omit": ["a"]}}}`))
	f.Add([]byte("constant \"x\" { value = <<~EOT\n  a\n EOT\n}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, name := range []string{"a.dw.hcl", "a.dw.json", "a.dwvars.hcl"} {
			fsys := fstest.MapFS{name: {Data: src}, "m/" + name: {Data: src}, "z.dw.hcl": {Data: []byte("variable \"v\" { default = \"x\" }\nlocals { l = var.v }")}}
			opts := Options{Variables: map[string]string{"v": string(src)}}
			cfg, list := Load(fsys, opts)
			if cfg == nil {
				t.Fatal("no configuration")
			}
			_, again := Load(fsys, opts)
			if len(list) != len(again) {
				t.Fatalf("%s: %d diagnostics, then %d", name, len(list), len(again))
			}
			for i, d := range list {
				if d.Code != again[i].Code || d.Subject != again[i].Subject || d.Summary != again[i].Summary {
					t.Fatalf("%s: %v, then %v", name, d, again[i])
				}
				if _, ok := diag.Lookup(d.Code); !ok || d.Summary == "" {
					t.Fatalf("%s: %v has no code of the catalogue or no summary", name, d)
				}
				if d.Subject.Start.Byte < 0 || name != "a.dw.json" && d.Subject.End.Byte > max(len(src), 100) {
					t.Fatalf("%s: %v lies outside of the file", name, d)
				}
			}
		}
	})
}
