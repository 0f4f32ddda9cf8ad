package library_test

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
	"github.com/dualwrite/dw/lang/library"
)

const link = "link \"test\" {\n  companies = [\"USMF\"]\n  sandbox {}\n}\n"

// TestFiles holds every file to what its entry says, and to the style: it loads
// by itself, is laid out as dw fmt does, says first what the map carries, and
// has one map of the file's name.
func TestFiles(t *testing.T) {
	if n := len(library.List()); n < 136 {
		t.Fatalf("only %d maps", n)
	}
	for _, e := range library.List() {
		text, ok := library.Source(e.Name)
		if !ok {
			t.Errorf("%s has no file", e.Name)
			continue
		}
		laid, ds := lang.Format(text, e.File)
		if len(ds) > 0 || !bytes.Equal(laid, text) {
			t.Errorf("%s is not laid out as dw fmt does", e.File)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		if !strings.HasPrefix(first, "# ") || len(first) < 8 {
			t.Errorf("%s does not begin with what it carries: %q", e.File, first)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if len(line) > 160 {
				t.Errorf("%s:%d is %d bytes long", e.File, i+1, len(line))
			}
		}
		cfg, ds := lang.Load(fstest.MapFS{e.File: {Data: text}, "link.dw.hcl": {Data: []byte(link)}}, lang.Options{})
		if len(ds) > 0 {
			t.Errorf("%s: %s: %s", e.File, ds[0].Code, ds[0].Summary)
			continue
		}
		if len(cfg.Maps) != 1 {
			t.Errorf("%s has %d maps", e.File, len(cfg.Maps))
			continue
		}
		m := cfg.Maps[0]
		if m.Name != e.Name || m.FnO.Name != e.FnO || m.Dataverse.Name != e.Dataverse {
			t.Errorf("%s: map %q of %s and %s, listed as %+v", e.File, m.Name, m.FnO.Name, m.Dataverse.Name, e)
		}
		for _, enum := range cfg.Enums {
			if !strings.HasPrefix(enum.Name, e.Name) {
				t.Errorf("%s: the enum %q could meet another one", e.File, enum.Name)
			}
		}
	}
}

// TestIndex compares the list with the folder.
func TestIndex(t *testing.T) {
	var listed []string
	for i, e := range library.List() {
		if e.Order != i+1 || e.Title == "" || e.Area == "" || e.File != e.Name+".dw.hcl" {
			t.Errorf("entry %d: %+v", i, e)
		}
		listed = append(listed, e.File)
	}
	slices.Sort(listed)
	there, err := fs.Glob(library.FS(), "*")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(listed, there) {
		t.Errorf("listed %d, there %d", len(listed), len(there))
	}
	if again := slices.Compact(slices.Clone(listed)); len(again) != len(listed) {
		t.Error("a name is given twice")
	}
}

func TestFind(t *testing.T) {
	e, ok := library.Find("Customers_V3_Accounts")
	if !ok || e.Name != "customers_v3_accounts" || e.Title != "Customers V3" || e.Area != "Finance" {
		t.Errorf("%v %+v", ok, e)
	}
	if _, ok := library.Find("../library"); ok {
		t.Error("found what is no map")
	}
	if _, ok := library.Source("nothing"); ok {
		t.Error("there is a text of nothing")
	}
	if text, _ := library.Source("customers_v3_accounts"); !bytes.Contains(text, []byte(`map "customers_v3_accounts" {`)) {
		t.Error("another text")
	}
}
