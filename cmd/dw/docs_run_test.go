package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/report"
)

// pagePatience bounds the wait until a page's answer is true; how quickly it
// becomes true is said nowhere.
const pagePatience = 30 * time.Second

// TestDocsConsole types what pages show in their console blocks, one after the
// other, in a small copy of the example, and holds the answers to the page. "…"
// in an answer stands for anything; times and durations are not compared, nor
// is where lines are broken. `dw run` runs beside what follows it, until the
// end of the page.
func TestDocsConsole(t *testing.T) {
	notShort(t)
	for _, name := range []string{"live.md", "plan.md", "sandbox.md", "history.md", "preflight.md", "verify.md", "packages.md"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := os.ReadFile(filepath.Join("../../docs", name))
			if err != nil {
				t.Fatal(err)
			}
			c := &console{T: t, dir: t.TempDir(), ids: map[string]string{}}
			if err := copyContoso(c.dir, 120); err != nil {
				t.Fatal(err)
			}
			typed := consoleCommands(string(page))
			if len(typed) < 3 {
				t.Fatalf("only %d commands", len(typed))
			}
			for _, cmd := range typed {
				c.carryOut(cmd)
			}
			c.end()
		})
	}
}

// typed is a command of a page and what it answers there.
type typed struct {
	line   int
	args   []string
	answer string
}

var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

// consoleCommands gives the commands of a page in their order.
func consoleCommands(page string) (out []typed) {
	for _, at := range consoleBlock.FindAllStringSubmatchIndex(page, -1) {
		line := strings.Count(page[:at[2]], "\n")
		for text := range strings.Lines(page[at[2]:at[3]]) {
			line++
			if command, ok := strings.CutPrefix(text, "$ dw "); ok {
				out = append(out, typed{line: line, args: words(command)})
			} else if len(out) > 0 {
				out[len(out)-1].answer += text
			}
		}
	}
	return out
}

// words splits a command line at blanks outside of double quotes.
func words(line string) []string {
	quoted := false
	fields := strings.FieldsFunc(strings.TrimSpace(line), func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
	for i := range fields {
		fields[i] = strings.ReplaceAll(fields[i], `"`, "")
	}
	return fields
}

// console carries out the commands of one page.
type console struct {
	*testing.T
	dir string
	ids map[string]string // numbers of listed entries: the page's -> the real ones

	live *exec.Cmd // that runs beside
	said typed
	talk lockedBuffer
}

func (c *console) carryOut(cmd typed) {
	c.Helper()
	args := append([]string{"-chdir", c.dir}, cmd.args...)
	for i := range args {
		if id, ok := c.ids[args[i]]; ok {
			args[i] = id
		}
	}
	if cmd.args[0] == "run" {
		c.live, c.said = exec.Command("dw", args...), cmd
		c.live.Stdout, c.live.Stderr = &c.talk, &c.talk
		if err := c.live.Start(); err != nil {
			c.Fatal(err)
		}
		c.Cleanup(func() { _ = c.live.Process.Kill() })
		c.until(cmd, func() (string, bool) { return c.talk.String(), strings.Contains(c.talk.String(), "Ctrl-C stops.") })
		return
	}
	form, ids := answerForm(cmd.answer)
	run := func() (string, bool) {
		out, talk, code := runDW(c.T, nil, args...)
		if code != exitDone && !(code == exitChanges && finds(cmd.args[0])) {
			return fmt.Sprintf("exit code %d\n%s%s", code, out, talk), false
		}
		found := form.FindStringSubmatch(flat(out))
		if found == nil {
			return out, false
		}
		for i, id := range ids {
			c.ids[id] = found[i+1]
		}
		return out, true
	}
	if asks(cmd.args) {
		c.until(cmd, run)
	} else if got, ok := run(); !ok {
		c.Fatalf("line %d: dw %s\n%s\nthe page says\n%s", cmd.line, strings.Join(cmd.args, " "), got, cmd.answer)
	}
}

// finds tells whether a command says by its exit code that it has found
// something.
func finds(command string) bool {
	return command == "verify" || command == "repair" || command == "preflight"
}

// asks tells whether a command changes nothing, so that it can be asked again.
func asks(args []string) bool {
	reads := []string{"plan", "graph", "status", "verify", "blame", "errors list", "errors show", "sandbox get"}
	return slices.Contains(reads, args[0]) || len(args) > 1 && slices.Contains(reads, args[0]+" "+args[1])
}

func (c *console) until(cmd typed, try func() (string, bool)) {
	c.Helper()
	for end := time.Now().Add(pagePatience); ; time.Sleep(pollEvery) {
		got, ok := try()
		if ok {
			return
		}
		if time.Now().After(end) {
			c.Fatalf("line %d: dw %s\n%s\nthe page says\n%s", cmd.line, strings.Join(cmd.args, " "), got, cmd.answer)
		}
	}
}

// end presses Ctrl-C where something runs and looks at what it said.
func (c *console) end() {
	c.Helper()
	if c.live == nil {
		return
	}
	if err := c.live.Process.Signal(os.Interrupt); err != nil {
		c.Fatal(err)
	}
	if err := c.live.Wait(); err != nil {
		c.Errorf("dw run: %v\n%s", err, c.talk.String())
	}
	form, _ := answerForm(strings.ReplaceAll(c.said.answer, "^C\n", ""))
	if got := c.talk.String(); !form.MatchString(flat(got)) {
		c.Errorf("line %d: dw run says\n%s\nthe page says\n%s", c.said.line, got, c.said.answer)
	}
}

// flat makes a text one line.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

var (
	listedID = regexp.MustCompile(`(?m)^ *([0-9]+) +(failed|parked|held|owed|tolerated) `)
	changing = []struct{ what, form *regexp.Regexp }{
		{regexp.MustCompile(`…`), regexp.MustCompile(`.*?`)},
		{regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}`), regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}`)},
		{regexp.MustCompile(`[0-9]{2}:[0-9]{2}:[0-9]{2}`), regexp.MustCompile(`[0-9]{2}:[0-9]{2}:[0-9]{2}`)},
	}
)

// answerForm turns an answer of a page into the form that real ones have, as
// one line, and gives the numbers of listed entries that stand in it, each a
// group of the form. A page that shows no answer takes any.
func answerForm(answer string) (form *regexp.Regexp, ids []string) {
	if strings.TrimSpace(answer) == "" {
		return regexp.MustCompile(``), nil
	}
	for _, m := range listedID.FindAllStringSubmatch(answer, -1) {
		ids = append(ids, m[1])
	}
	text := regexp.QuoteMeta(flat(listedID.ReplaceAllString(answer, "\x00 $2 ")))
	text = strings.ReplaceAll(text, "\x00", "([0-9]+)")
	for _, ch := range changing {
		text = ch.what.ReplaceAllLiteralString(text, ch.form.String())
	}
	return regexp.MustCompile(`^` + text + `$`), ids
}

// lockedBuffer takes what a process says while somebody looks.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// The page of dw run names every member of its events.
func TestDocsEvents(t *testing.T) {
	page, err := os.ReadFile("../../docs/live.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []reflect.Type{reflect.TypeFor[event](), reflect.TypeFor[report.Live](), reflect.TypeFor[report.Running]()} {
		for f := range form.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if !strings.Contains(string(page), "`"+name+"`") {
				t.Errorf("docs/live.md says nothing of %q of %s", name, form.Name())
			}
		}
	}
}
