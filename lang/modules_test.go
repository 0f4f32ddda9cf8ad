package lang

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang/diag"
)

// notedMistakes gives the mistakes that the files of a folder announce in
// comments, as "file:line severity code: summary".
func notedMistakes(t *testing.T, fsys fs.FS) (want []string) {
	t.Helper()
	note := regexp.MustCompile(`# (ERROR|WARNING) (DW[0-9]{3}): ([^#]*[^# ])`)
	err := fs.WalkDir(fsys, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		src, err := fs.ReadFile(fsys, path)
		for i, line := range strings.Split(string(src), "\n") {
			for _, m := range note.FindAllStringSubmatch(line, -1) {
				want = append(want, fmt.Sprintf("%s:%d %s %s: %s", path, i+1, strings.ToLower(m[1]), m[2], m[3]))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return want
}

// mistakes gives diagnostics in the same form.
func mistakes(list diag.List) (got []string) {
	for _, d := range list {
		got = append(got, fmt.Sprintf("%s:%d %s %s: %s", d.Subject.File, d.Subject.Start.Line, d.Severity, d.Code, d.Summary))
	}
	return got
}

// TestBadModules holds Load to the notes in the files of a configuration whose
// modules have mistakes.
func TestBadModules(t *testing.T) {
	for _, dir := range []string{"bad", "broken"} {
		t.Run(dir, func(t *testing.T) { badModules(t, os.DirFS("testdata/modules/"+dir)) })
	}
}

func badModules(t *testing.T, fsys fs.FS) {
	t.Helper()
	want := notedMistakes(t, fsys)
	cfg, list := Load(fsys, Options{})
	got := mistakes(list)
	for _, d := range list {
		checkDiagnostic(t, d, cfg.Sources[d.Subject.File])
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("not reported: %s", w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("reported without a note: %s", g)
		}
	}
	if len(want) != len(got) && !t.Failed() {
		t.Errorf("%d reported, %d wanted: a repetition", len(got), len(want))
	}
}

// TestModules holds what a module sees and shows to the page of the language.
func TestModules(t *testing.T) {
	fsys := fstest.MapFS{
		"main.dw.hcl": {Data: []byte(`link "one" {
  companies = ["USMF"]
  sandbox {}
}
link "two" {
  companies = ["DEMF"]
  sandbox {}
}
variable "word" {
  default = "outer"
}
module "a" {
  source = "./maps"
  link   = link.one
  secret = "hush"
  word   = "a"
}
module "b" {
  source = "./maps/"
  link   = link.two
  secret = "hush hush"
  word   = null
}
`)},
		"main.dwvars.hcl": {Data: []byte("word = \"given\"\n")},
		"maps/maps.dw.hcl": {Data: []byte(`variable "word" {
  type    = string
  default = "inner"
}
variable "secret" { sensitive = true }
locals { upper = upper(var.word) }
enum "e" {
  values = { A = 1 }
}
map "plain" {
  fno       = "Plain_${local.upper}"
  dataverse = "plains"
  key       = { Id = "id" }
  field "kind" {
    fno    = "Kind"
    values = enum.e
  }
}
# dw:ignore DW203 in one file, noted once
map "chosen" {
  link      = link.one
  fno       = "Chosen"
  dataverse = "chosens"
  key       = { Id = "id" }
}
`)},
		"maps/maps.dwvars.hcl":   {Data: []byte("word = \"not read\"\nnowhere = 1\n")},
		"maps/deeper/x.dw.hcl":   {Data: []byte("map \"not read\" {\n")},
		"another/unused.dw.json": {Data: []byte("{")},
	}
	cfg, list := Load(fsys, Options{})
	for _, d := range list {
		t.Errorf("%s %s: %s", d.Subject, d.Code, d.Summary)
	}
	var got []string
	for _, m := range cfg.Maps {
		got = append(got, fmt.Sprintf("%s %s %s %s", m.Address(), m.Link, m.FnO.Name, m.Range))
	}
	want := []string{
		"module.a.map.chosen one Chosen maps/maps.dw.hcl:20,1", "module.a.map.plain one Plain_A maps/maps.dw.hcl:10,1",
		"module.b.map.chosen one Chosen maps/maps.dw.hcl:20,1", "module.b.map.plain two Plain_INNER maps/maps.dw.hcl:10,1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("maps\n%q\nwant\n%q", got, want)
	}
	for name, src := range cfg.Sources {
		if strings.Contains(string(src), "hush") {
			t.Errorf("%s shows a secret:\n%s", name, src)
		}
	}
	if len(cfg.IgnoreNotes) != 1 || len(cfg.Sources) != 2 {
		t.Errorf("%d notes, %d sources", len(cfg.IgnoreNotes), len(cfg.Sources))
	}
	if folders := ModuleFolders(fsys); !slices.Equal(folders, []string{"maps"}) {
		t.Errorf("folders %q", folders)
	}
	if folders := ModuleFolders(os.DirFS("testdata/good")); !slices.Equal(folders, []string{"shared", "shared/inner"}) {
		t.Errorf("folders %q", folders)
	}
	if folders := ModuleFolders(os.DirFS("testdata/modules/bad")); !slices.Equal(folders, []string{"chain/a", "chain/b", "maps", "needs", "ring", "ring/inner"}) {
		t.Errorf("folders %q", folders)
	}
}
