package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dualwrite/dw/lang/diag"
)

// TestRuleCatalogue: every rule is described and belongs to a group, every code
// of lint has a rule.
func TestRuleCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Code] {
			t.Errorf("%s is given twice", r.Code)
		}
		seen[r.Code] = true
		if r.Title == "" || r.Why == "" || r.Mend == "" {
			t.Errorf("%s is not described: %+v", r.Code, r)
		}
		if !slices.ContainsFunc(Groups(), func(g Group) bool { return g.Name == r.Group }) {
			t.Errorf("%s is of the group %q, which there is not", r.Code, r.Group)
		}
		for _, name := range r.Replaces {
			if !slices.ContainsFunc(DualWriteChecks(), func(c DualWriteCheck) bool { return c.Code == name }) {
				t.Errorf("%s replaces %q, which is no check of dual-write", r.Code, name)
			}
		}
	}
	for _, c := range diag.Codes() {
		if (strings.HasPrefix(c.Code, "DW2") || strings.HasPrefix(c.Code, "DW7")) && !seen[c.Code] {
			t.Errorf("%s (%s) has no rule", c.Code, c.Title)
		}
	}
}

// TestDualWriteChecks: each check of dual-write has a counterpart, or a reason
// why it has none.
func TestDualWriteChecks(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range DualWriteChecks() {
		if seen[c.Code] {
			t.Errorf("%s is given twice", c.Code)
		}
		seen[c.Code] = true
		for _, code := range c.By {
			if _, ok := diag.Lookup(code); !ok {
				t.Errorf("%s is replaced by %s, which is no code", c.Code, code)
			}
			if _, rule := Find(code); rule {
				t.Errorf("%s names %s, but that is a rule and names the check itself", c.Code, code)
			}
		}
		if text := counterpart(c); text == "none. " {
			t.Errorf("%s (%s) has neither a counterpart nor a reason", c.Code, c.What)
		}
	}
	for n := 1000; n <= 1031; n++ {
		if code := "DIPV" + strconv.Itoa(n); !seen[code] {
			t.Errorf("%s is not there", code)
		}
	}
}

// TestPages holds the documentation to the rules. DW_UPDATE=1 writes it.
func TestPages(t *testing.T) {
	pages := map[string]string{"lint.md": Index(), "lint-dual-write.md": DualWritePage()}
	for _, r := range Rules() {
		page, err := Page(r)
		if err != nil {
			t.Error(err)
			continue
		}
		pages["lint/"+r.Code+".md"] = page
	}
	docs := filepath.Join("..", "..", "docs")
	for name, want := range pages {
		path := filepath.Join(docs, filepath.FromSlash(name))
		if os.Getenv("DW_UPDATE") == "1" {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not up to date: DW_UPDATE=1 go test ./planner/lint", path)
		}
	}
	there, err := filepath.Glob(filepath.Join(docs, "lint", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if _, ok := pages["lint/"+filepath.Base(path)]; !ok {
			t.Errorf("%s is the page of no rule", path)
		}
	}
}
