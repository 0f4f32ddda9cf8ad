package lang

import (
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzParts puts a text where a value expression, a moved place, a standard map,
// an ignore note and a file of variables have it: no panic, the same answer
// twice.
func FuzzParts(f *testing.F) {
	for _, s := range []string{
		"upper(trimspace(value))", `record.A == "x" ? company : "${value}-${record.B}"`, "map.old[\"USMF\"]", "library.customers_v3_accounts", "dw:ignore DW201 reason",
		"module.a[\"b\"].map.c", "[for x in local.a : x]", "-value + 1.5", "null", "\"%{ if true }a%{ endif }\"", "/* dw:ignore", "customers[\"USMF\"]", "var.v[*].x", "each.key",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := "variable \"v\" {\n default = 1\n}\nmap \"m\" { # " + strings.ReplaceAll(s, "\n", " ") + "\n extends = " + s + "\n field \"a\" {\n  fno = \"A\"\n  to_dataverse = " + s +
			"\n }\n}\nmoved {\n from = " + s + "\n to = map.m\n}\n"
		for _, fsys := range []map[string]string{{"a.dw.hcl": text}, {"a.dw.hcl": "variable \"v\" {\n default = 1\n}\n", "a.dwvars.hcl": "v = " + s + "\n"}} {
			_, first := Load(folderOf(fsys), Options{})
			if _, again := Load(folderOf(fsys), Options{}); len(first) != len(again) {
				t.Fatalf("%d diagnostics, then %d", len(first), len(again))
			}
		}
	})
}

func folderOf(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}
