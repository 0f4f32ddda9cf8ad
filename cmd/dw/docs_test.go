package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/lint"
	"github.com/dualwrite/dw/runtime/host"
)

const generated = "<!-- Written by tests: DW_UPDATE=1 go test ./cmd/dw -run Docs -->\n"

// docs/commands.md says what the commands say of themselves.
func TestDocsCommands(t *testing.T) {
	app := (&program{host: host.Simulated(1)}).app()
	var b strings.Builder
	b.WriteString("# Commands\n\n" + generated + `
` + "`dw [flags] COMMAND [flags] [arguments]`" + `

Results go to standard output, talk to standard error. Where there is ` + "`-json`" + `, mistakes are JSON on standard output too.
Flags may stand before or after arguments, with one dash or two. [Exit codes and environment](environment.md);
[codes of diagnostics](codes.md).

`)
	b.WriteString("| command | |\n| --- | --- |\n")
	eachCommand(app.Commands, "dw", func(name string, c *cli.Command) {
		if len(c.Subcommands) == 0 {
			fmt.Fprintf(&b, "| [`%s`](#%s) | %s |\n", name, strings.ReplaceAll(name, " ", "-"), c.Usage)
		}
	})
	b.WriteString("\n## Flags of every command\n\n")
	flagTable(t, &b, app.Flags)
	eachCommand(app.Commands, "dw", func(name string, c *cli.Command) {
		if len(c.Subcommands) > 0 {
			return
		}
		fmt.Fprintf(&b, "\n## %s\n\n", name)
		if c.Usage == "" || c.Description == "" && name != "dw version" {
			t.Errorf("%s does not say what it does", name)
		}
		usage := strings.ToUpper(c.Usage[:1]) + c.Usage[1:] + "."
		b.WriteString(strings.TrimSpace(usage+" "+strings.ReplaceAll(c.Description, "\n", " ")) + "\n\n")
		b.WriteString("    " + strings.TrimSpace(name+" [flags] "+c.ArgsUsage) + "\n")
		if len(c.Flags) > 0 {
			b.WriteString("\n")
			flagTable(t, &b, c.Flags)
		}
	})
	compareText(t, "../../docs/commands.md", b.String())
}

// eachCommand visits commands and what is below them, in their order; those for
// people who work on dw are left out, as in its help.
func eachCommand(commands []*cli.Command, under string, visit func(name string, c *cli.Command)) {
	for _, c := range commands {
		if c.Hidden {
			continue
		}
		name := under + " " + c.Name
		visit(name, c)
		eachCommand(c.Subcommands, name, visit)
	}
}

func flagTable(t *testing.T, b *strings.Builder, flags []cli.Flag) {
	t.Helper()
	b.WriteString("| flag | default | meaning |\n| --- | --- | --- |\n")
	for _, f := range flags {
		d, ok := f.(cli.DocGenerationFlag)
		if !ok {
			t.Fatalf("flag %v cannot be described", f.Names())
		}
		// The library marks the word for the value by quotes in the text.
		value, text := "", d.GetUsage()
		if before, rest, ok := strings.Cut(text, "`"); ok {
			word, after, _ := strings.Cut(rest, "`")
			value, text = " "+word, before+word+after
		} else if d.TakesValue() {
			value = " VALUE"
		}
		if text == "" {
			t.Errorf("flag %v says nothing", f.Names())
		}
		def := strings.Trim(d.GetDefaultText(), `"`)
		if !d.TakesValue() {
			def = ""
		}
		if def != "" {
			def = "`" + def + "`"
		}
		fmt.Fprintf(b, "| `-%s%s` | %s | %s |\n", f.Names()[0], value, def, text)
	}
}

// docs/codes.md lists every code that a diagnostic or a listed record can have.
func TestDocsCodes(t *testing.T) {
	explained := map[string]bool{}
	for _, r := range lint.Rules() {
		explained[r.Code] = true
	}
	areas := []struct{ digit, title string }{
		{"0", "Syntax and structure"},
		{"1", "References and duplicates"},
		{"2", "Checks against the schema"},
		{"3", "Plans, state and schema file"},
		{"4", "Connections and sign-in"},
		{"5", "Values of records"},
		{"6", "Records"},
		{"7", "Checks of several maps, of the environment and of what fits"},
		{"9", "Commands"},
	}
	var b strings.Builder
	b.WriteString("# Codes\n\n" + generated + `
Every diagnostic and every listed record has a code. Codes are stable: a code is never given to another mistake.
`)
	listed := 0
	for _, a := range areas {
		fmt.Fprintf(&b, "\n## DW%sxx: %s\n\n| code | what is wrong | why it matters |\n| --- | --- | --- |\n", a.digit, a.title)
		for _, c := range diag.Codes() {
			if c.Code[2:3] != a.digit {
				continue
			}
			listed++
			code := c.Code
			if explained[code] {
				code = fmt.Sprintf("[%s](lint/%s.md)", code, code)
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", code, c.Title, c.Why)
		}
	}
	if listed != len(diag.Codes()) {
		t.Errorf("%d of %d codes have an area", listed, len(diag.Codes()))
	}
	compareText(t, "../../docs/codes.md", b.String())
}

// docs/environment.md names every variable that dw reads and every exit code.
func TestDocsEnvironment(t *testing.T) {
	b, err := os.ReadFile("../../docs/environment.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	name := regexp.MustCompile(`"((?:DW|NO|GITHUB|GITLAB|BUILD)_[A-Z_]+|USER|USERNAME)"`)
	found := 0
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, m := range name.FindAllStringSubmatch(string(source), -1) {
			found++
			if !strings.Contains(page, "`"+strings.TrimSuffix(m[1], "_")) {
				t.Errorf("%s reads %s, which the page does not name", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 9 {
		t.Errorf("only %d variables found in the sources", found)
	}
	for _, code := range []int{exitDone, exitError, exitChanges, exitDenied, exitUnapproved, exitInterrupted} {
		if !strings.Contains(page, "\n| "+strconv.Itoa(code)+" |") {
			t.Errorf("exit code %d has no line", code)
		}
	}
}

// Links between the pages lead somewhere.
func TestDocsLinks(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"../../*.md", "../../docs/*.md", "../../docs/adr/*.md", "../../docs/lint/*.md", "../../examples/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading := regexp.MustCompile(`(?m)^#+ +(.+)$`)
	notInAnchors := regexp.MustCompile(`[^\pL\pN _-]`)
	links := 0
	for _, page := range pages {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(b), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
				continue
			}
			if anchor == "" {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var anchors []string
			for _, h := range heading.FindAllStringSubmatch(string(text), -1) {
				a := notInAnchors.ReplaceAllString(strings.ToLower(h[1]), "")
				anchors = append(anchors, strings.ReplaceAll(strings.TrimSpace(a), " ", "-"))
			}
			if !slices.Contains(anchors, anchor) && !strings.Contains(string(text), `id="`+anchor+`"`) {
				t.Errorf("%s: %s has no heading #%s", page, path, anchor)
			}
		}
	}
	if links < 10 {
		t.Errorf("only %d links found", links)
	}
}
