package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dualwrite/dw/lang"
)

// readme gives the text and the indented commands of the project's first page.
func readme(t *testing.T) (text string, commands []string) {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if c, ok := strings.CutPrefix(line, "    go "); ok {
			c, _, _ = strings.Cut(c, "#")
			commands = append(commands, "go "+strings.TrimSpace(c))
		}
	}
	return string(b), commands
}

// TestReadmeCommands runs what the first page tells people to run, on a small
// copy of the example.
func TestReadmeCommands(t *testing.T) {
	notShort(t)
	t.Parallel()
	_, commands := readme(t)
	if len(commands) < 2 || !strings.HasSuffix(commands[0], "apply -auto-approve") {
		t.Fatalf("the first page's commands are %q", commands)
	}
	dir := t.TempDir()
	copyExample(t, dir, 120)
	tests := ""
	for _, c := range commands {
		args, ok := strings.CutPrefix(c, "go run ./cmd/dw -chdir examples/contoso ")
		if !ok {
			tests += c + "\n"
			continue
		}
		if out, talk, code := runDW(t, nil, append([]string{"-chdir", dir}, strings.Fields(args)...)...); code != exitDone {
			t.Errorf("%s: exit code %d\n%s%s", c, code, out, talk)
		}
	}
	ci, err := os.ReadFile("../../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(strings.Split(strings.TrimSpace(tests), "\n"), commands[0]) {
		if !strings.Contains(string(ci), "\n"+c+"\n") {
			t.Errorf("CI does not run the first page's %q", c)
		}
	}
}

// TestReadmeSession runs what the first page and the example's page show beside
// those: a record that is edited, and the commands of the example. Of `dw run`,
// which ends by Ctrl-C only, the tests of live sync tell.
func TestReadmeSession(t *testing.T) {
	notShort(t)
	t.Parallel()
	dir := t.TempDir()
	copyExample(t, dir, 120)
	ran := map[string]int{}
	for _, page := range []struct{ file, prefix string }{
		{"../../examples/contoso/README.md", "dw -chdir examples/contoso "},
		{"../../README.md", "$ go run ./cmd/dw -chdir examples/contoso "},
	} {
		b, err := os.ReadFile(page.file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			c, ok := strings.CutPrefix(line, page.prefix)
			if !ok {
				continue
			}
			c, _, _ = strings.Cut(c, "#")
			var args []string
			for _, word := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(c, -1) {
				args = append(args, strings.Trim(word, `"`))
			}
			ran[args[0]]++
			switch args[0] {
			case "run":
				continue
			case "apply":
				args = append(args, "-auto-approve")
			}
			if out, talk, code := runDW(t, nil, append([]string{"-chdir", dir}, args...)...); code != exitDone {
				t.Errorf("%s: %s: exit code %d\n%s%s", page.file, c, code, out, talk)
			}
		}
	}
	if ran["apply"] == 0 || ran["run"] < 2 || ran["sandbox"] < 2 {
		t.Errorf("the pages show %v", ran)
	}
}

// TestReadmeMap loads the map that the first page shows.
func TestReadmeMap(t *testing.T) {
	text, _ := readme(t)
	blocks := regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("the first page shows no map")
	}
	for _, b := range blocks {
		src := b[1] + "\nlink \"l\" {\n  sandbox {}\n  companies = [\"USMF\"]\n}\n"
		if _, l := lang.Load(fstest.MapFS{"a.dw.hcl": {Data: []byte(src)}}, lang.Options{}); l.HasErrors() {
			t.Errorf("%v in\n%s", l, src)
		}
	}
}
