// Package layers_test holds the code to the table of allowed imports.
package layers_test

import (
	"bufio"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/dualwrite/dw"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// rule is a line of docs/layers.txt.
type rule struct {
	importer string
	allowed  []string
}

func rules(t *testing.T) []rule {
	t.Helper()
	f, err := os.Open("docs/layers.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []rule
	for s := bufio.NewScanner(f); s.Scan(); {
		line, _, _ := strings.Cut(s.Text(), "#")
		importer, allowed, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		out = append(out, rule{strings.TrimSpace(importer), strings.Fields(allowed)})
	}
	return out
}

func matches(pattern, name string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == tree || strings.HasPrefix(name, tree+"/")
	}
	return name == pattern
}

func inside(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

func TestImportsFollowTheTable(t *testing.T) {
	table := rules(t)
	used := map[string]bool{}
	for _, p := range packages(t) {
		name, ok := inside(p.ImportPath)
		if !ok || name == "" {
			continue
		}
		at := slices.IndexFunc(table, func(r rule) bool { return matches(r.importer, name) })
		if at < 0 {
			t.Errorf("%s has no line in docs/layers.txt", name)
			continue
		}
		used[table[at].importer] = true
		for _, i := range p.Imports {
			imported, ok := inside(i)
			if !ok {
				continue
			}
			if !slices.ContainsFunc(table[at].allowed, func(a string) bool { return matches(a, imported) }) {
				t.Errorf("%s must not import %s", name, imported)
			}
		}
	}
	for _, r := range table {
		if !used[r.importer] {
			t.Errorf("docs/layers.txt: no package matches %q", r.importer)
		}
	}
}

// layer orders the top folders; nothing imports a higher one, tests included.
func layer(name string) int {
	top, _, _ := strings.Cut(name, "/")
	return slices.Index([]string{"lang", "planner", "runtime", "cmd"}, top)
}

func TestTestsImportNoHigherLayer(t *testing.T) {
	for _, p := range packages(t) {
		name, ok := inside(p.ImportPath)
		if !ok || layer(name) < 0 {
			continue
		}
		for _, i := range slices.Concat(p.TestImports, p.XTestImports) {
			if imported, ok := inside(i); ok && layer(imported) > layer(name) {
				t.Errorf("the tests of %s must not import %s", name, imported)
			}
		}
	}
}

func TestOnlyCommandsAndTestsImportTheSandbox(t *testing.T) {
	for _, p := range packages(t) {
		name, _ := inside(p.ImportPath)
		if strings.HasPrefix(name, "cmd/") || matches("runtime/sandbox/...", name) {
			continue
		}
		for _, i := range p.Imports {
			if imported, ok := inside(i); ok && matches("runtime/sandbox/...", imported) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}

// pure tells the packages that know no network, clock, randomness, database or
// goroutine.
func pure(name string) bool {
	return matches("lang/...", name) || matches("planner/...", name) || name == "runtime/merge"
}

func TestPurePackagesStayPure(t *testing.T) {
	forbidden := []string{"net", "net/http", "os", "os/exec", "math/rand", "math/rand/v2", "crypto/rand", "database/sql", "sync", "sync/atomic", "log", "syscall"}
	for _, p := range packages(t) {
		name, ok := inside(p.ImportPath)
		if !ok || !pure(name) {
			continue
		}
		for _, i := range p.Imports {
			if slices.Contains(forbidden, i) {
				t.Errorf("%s must not import %s", name, i)
			}
		}
	}
}

func TestOnlySourceKnowsHCL(t *testing.T) {
	for _, p := range packages(t) {
		name, _ := inside(p.ImportPath)
		for _, i := range p.Imports {
			if (strings.HasPrefix(i, "github.com/hashicorp/hcl") || strings.HasPrefix(i, "github.com/zclconf/go-cty")) && name != "lang/source" {
				t.Errorf("%s must not import %s", name, i)
			}
		}
	}
}

// TestClockAndGoroutinesComeFromTheHost reads the code for what imports do not
// show: calls of the clock, and go statements in pure packages.
func TestClockAndGoroutinesComeFromTheHost(t *testing.T) {
	// MSAL reckons the end of a token by the clock of the process; the rest of
	// its life is asked for once, when the token comes.
	exceptions := map[string]string{"runtime/connect/auth": "Until"}
	clock := []string{"Now", "Sleep", "After", "AfterFunc", "Since", "Until", "NewTimer", "NewTicker", "Tick"}
	for _, p := range packages(t) {
		name, ok := inside(p.ImportPath)
		if !ok || layer(name) < 0 || layer(name) > 2 || name == "runtime/host" {
			continue
		}
		for _, f := range p.GoFiles {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, f), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					if pure(name) {
						t.Errorf("%s: a goroutine in a pure package", fset.Position(n.Pos()))
					}
				case *ast.SelectorExpr:
					x, ok := n.X.(*ast.Ident)
					if !ok {
						return true
					}
					if x.Name == "time" && slices.Contains(clock, n.Sel.Name) && exceptions[name] != n.Sel.Name {
						t.Errorf("%s: time.%s; the clock comes from runtime/host", fset.Position(n.Pos()), n.Sel.Name)
					}
					if x.Name == "os" && slices.Contains([]string{"Getenv", "LookupEnv", "Environ", "Args", "Stdout", "Stderr", "Stdin"}, n.Sel.Name) {
						t.Errorf("%s: os.%s; the process's surroundings come from runtime/host", fset.Position(n.Pos()), n.Sel.Name)
					}
				}
				return true
			})
		}
	}
}
