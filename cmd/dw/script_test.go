package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// stateKey finds the script's state among its values.
type stateKey struct{}

// scriptState is what the commands of one script share.
type scriptState struct {
	served map[string]*served // by folder
	marks  map[string]int     // folder: requests logged at its mark
}

func newScriptState() *scriptState {
	return &scriptState{served: map[string]*served{}, marks: map[string]int{}}
}

func stateOf(ts *testscript.TestScript) *scriptState {
	return ts.Value(stateKey{}).(*scriptState)
}

// usage ends a script whose command is written wrongly.
func usage(ts *testscript.TestScript, neg, ok bool, text string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", text)
	}
}

// codeCommand runs a program and holds it to an exit code.
func codeCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 2, "code N program args...")
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("exit code %d, want %s", got, want)
	}
}

// contosoCommand copies the example with a small sandbox.
func contosoCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "contoso DIR RECORDS")
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(copyContoso(dir, n))
}

var exampleRecords = regexp.MustCompile(`(?m)^( *records = )20000\b`)

// copyContoso copies the files of the example into a folder, with so many
// records in its sandbox.
func copyContoso(dir string, records int) error {
	root, err := repository()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(root, "examples", "contoso", "*.hcl"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("the example is not there: %w", err)
	}
	sized := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		sized += len(exampleRecords.FindAll(b, -1))
		b = exampleRecords.ReplaceAll(b, fmt.Appendf(nil, "${1}%d", records))
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), b, 0o644); err != nil {
			return err
		}
	}
	if sized != 1 {
		return fmt.Errorf("the example says %d times how many records it has", sized)
	}
	return nil
}

// repository gives the root of the project.
func repository() (string, error) { return filepath.Abs("../..") }

// decodeCommand reads a plan as other programs would.
func decodeCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "decode FILE")
	if _, err := plan.Decode([]byte(ts.ReadFile(args[0]))); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
}

// getCommand sends a GET without a token and holds the answer to a status. The
// body becomes the standard output of the script.
func getCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "get STATUS URL")
	resp, err := http.Get(args[1])
	ts.Check(err)
	defer resp.Body.Close()
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
	if strconv.Itoa(resp.StatusCode) != args[0] {
		ts.Fatalf("GET %s: %s, want %s", args[1], resp.Status, args[0])
	}
}

// sendCommand sends a JSON body without a token and expects success.
func sendCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "send METHOD URL JSON")
	req, err := http.NewRequest(args[0], args[1], strings.NewReader(args[2]))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode/100 != 2 {
		ts.Fatalf("%s %s: %s\n%s", args[0], args[1], resp.Status, text)
	}
}

// dropCommand deletes the lines of a file that hold a text; there must be some.
func dropCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "drop FILE TEXT")
	lines := strings.SplitAfter(ts.ReadFile(args[0]), "\n")
	kept := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.Contains(l, args[1]) })
	if len(kept) == len(lines) {
		ts.Fatalf("%s has no line with %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(kept, "")), 0o644))
}

// replaceCommand puts a text in the place of another wherever it stands in a
// file; it must stand there.
func replaceCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "replace FILE OLD NEW")
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s has no %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o644))
}

// jsonCommand compares a member of a JSON text, or keeps it in a variable of
// the script. The path has names, indexes and conditions of elements
// ("maps.map=accounts.version") with dots between; "len" counts a list.
func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3 || len(args) == 4 && args[2] == "->", "json FILE PATH VALUE | json FILE PATH -> NAME")
	got, err := member([]byte(ts.ReadFile(args[0])), args[1])
	ts.Check(err)
	if len(args) == 4 {
		ts.Setenv(args[3], got)
		return
	}
	if got != args[2] {
		ts.Fatalf("%s is %s, want %s", args[1], got, args[2])
	}
}

// member gives a member of a JSON text: texts as they are, all else as JSON. Of
// a list a step is an index, "len", or "name=value": the first element whose
// member has that value.
func member(text []byte, path string) (string, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "", fmt.Errorf("no JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", errors.New("something follows the JSON value")
	}
	for _, step := range strings.Split(path, ".") {
		object, isObject := v.(map[string]any)
		list, isList := v.([]any)
		n, notNumber := strconv.Atoi(step)
		switch {
		case step == "len" && isList:
			v = json.Number(strconv.Itoa(len(list)))
		case isObject:
			inner, ok := object[step]
			if !ok {
				return "", fmt.Errorf("%s: no member %q", path, step)
			}
			v = inner
		case isList && notNumber == nil && n >= 0 && n < len(list):
			v = list[n]
		case isList && strings.Contains(step, "="):
			name, value, _ := strings.Cut(step, "=")
			at := slices.IndexFunc(list, func(e any) bool { o, ok := e.(map[string]any); return ok && fmt.Sprint(o[name]) == value })
			if at < 0 {
				return "", fmt.Errorf("%s: no element with %s", path, step)
			}
			v = list[at]
		default:
			return "", fmt.Errorf("%s: %q leads nowhere", path, step)
		}
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// What differs from run to run, and what is shown in its place. A mask keeps
// the width of what it hides, so that tables keep their columns.
var unstable = []*regexp.Regexp{
	regexp.MustCompile(`\b[0-9]+(?:\.[0-9]+)? (?:ms|s)\b`),
	regexp.MustCompile(`127\.0\.0\.1:[0-9]+`),
	regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
	regexp.MustCompile(`\b[0-9a-f]{16}\b`), // fingerprints of plans
}

// maskedCommand writes an output with its unstable parts hidden to a file, for
// cmp to look at. Of the table of apply the last column is a speed.
func maskedCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "masked FILE OUT")
	text := ts.ReadFile(args[0])
	for _, r := range unstable {
		text = r.ReplaceAllString(text, "…")
	}
	speed := -1
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if at := strings.Index(l, "rows/s"); at >= 0 {
			speed = at
		} else if speed >= 0 && len(l) > speed {
			lines[i] = strings.TrimRight(l[:speed], " 0123456789") + " …"
			if strings.HasPrefix(l, "Applied") {
				lines[i], speed = l, -1
			}
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(lines, "\n")), 0o644))
}

// served are twins in a process of their own.
type served struct {
	dir  string
	cmd  *exec.Cmd
	line []byte // what it printed when it was ready
	talk *bytes.Buffer
	out  *bufio.Reader
}

// serve starts the twins of a folder and waits until they are ready.
func serve(dir string, flags ...string) (*served, error) {
	s := &served{dir: dir, talk: &bytes.Buffer{}}
	s.cmd = exec.Command("dw", append([]string{"-chdir", dir, "sandbox", "serve"}, flags...)...)
	s.cmd.Stderr = s.talk
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	if s.line, err = s.out.ReadBytes('\n'); err != nil {
		return nil, fmt.Errorf("the twins did not start: %w, %w\n%s", err, s.cmd.Wait(), s.talk)
	}
	return s, nil
}

// stop ends them as Ctrl-C does and gives what else they printed and their exit
// code. It may be called again.
func (s *served) stop() (rest string, code int, err error) {
	if s.cmd.ProcessState != nil {
		return "", s.cmd.ProcessState.ExitCode(), nil
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return "", 0, err
	}
	text, err := io.ReadAll(s.out)
	if err != nil {
		return "", 0, err
	}
	err = s.cmd.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		err = nil
	}
	return string(text), s.cmd.ProcessState.ExitCode(), err
}

// serveTwins serves the twins of a folder until the test ends.
func serveTwins(t *testing.T, dir string, flags ...string) (*served, sandbox.Addresses) {
	t.Helper()
	s, err := serve(dir, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, _, err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	a, err := sandbox.Read(filepath.Join(dir, ".dw", "sandbox.json"))
	if err != nil {
		t.Fatal(err)
	}
	return s, a
}

// serveCommand starts the twins of a folder; the line that they print goes to
// serve.json of the script, until unserve or the end.
func serveCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 1, "serve DIR flags...")
	dir := ts.MkAbs(args[0])
	s, err := serve(dir, args[1:]...)
	ts.Check(err)
	stateOf(ts).served[dir] = s
	ts.Defer(func() {
		if _, _, err := s.stop(); err != nil {
			ts.Logf("stopping the twins of %s: %v", dir, err)
		}
	})
	ts.Check(os.WriteFile(ts.MkAbs("serve.json"), s.line, 0o644))
}

// unserveCommand presses Ctrl-C and holds the twins to what they promise then.
func unserveCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "unserve DIR")
	s := stateOf(ts).served[ts.MkAbs(args[0])]
	if s == nil {
		ts.Fatalf("%s is not being served", args[0])
	}
	rest, code, err := s.stop()
	ts.Check(err)
	if code != exitDone && code != exitInterrupted {
		ts.Fatalf("exit code %d\n%s", code, s.talk)
	}
	if rest != "" {
		ts.Fatalf("more than one line on standard output: %q", rest)
	}
	if strings.Contains(s.talk.String(), "While closing") {
		ts.Fatalf("the twins did not end cleanly:\n%s", s.talk)
	}
	address, err := member(s.line, "dataverse")
	ts.Check(err)
	if resp, err := http.Get(address); err == nil {
		resp.Body.Close()
		ts.Fatalf("%s still answers", address)
	}
}

// readLog reads the request log of a folder's twins.
func readLog(dir string) ([]gate.Entry, error) {
	b, err := os.ReadFile(filepath.Join(dir, ".dw", "sandbox", "requests.jsonl"))
	if err != nil {
		return nil, err
	}
	var out []gate.Entry
	for line := range bytes.Lines(b) {
		var e gate.Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("request log: %w", err)
		}
		out = append(out, e)
	}
	return out, nil
}

func mustReadLog(t *testing.T, dir string) []gate.Entry {
	t.Helper()
	entries, err := readLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// markCommand remembers how many requests a folder's twins have had.
func markCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "mark DIR")
	entries, err := readLog(ts.MkAbs(args[0]))
	ts.Check(err)
	stateOf(ts).marks[args[0]] = len(entries)
}

// requestsCommand judges the requests since the mark: "none", "reads" (some, and
// nothing but GETs beside token requests), "writes" (some on both sides) or
// "tokens" (some requests, whatever they do). None may go without a token.
func requestsCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2 && slices.Contains([]string{"none", "reads", "writes", "tokens"}, args[1]), "requests DIR none|reads|writes|tokens")
	entries, err := readLog(ts.MkAbs(args[0]))
	ts.Check(err)
	from := stateOf(ts).marks[args[0]]
	if from > len(entries) {
		ts.Fatalf("the log of %s has been made anew since its mark", args[0])
	}
	n := tally(entries[from:])
	if len(n.bare) > 0 {
		ts.Fatalf("requests without a token: %v", n.bare)
	}
	switch args[1] {
	case "none":
		if n.reads > 0 || n.all() > 0 {
			ts.Fatalf("%d reads and %d writes, want none", n.reads, n.all())
		}
	case "reads":
		if n.reads == 0 || n.all() > 0 {
			ts.Fatalf("%d reads and these writes: %v", n.reads, n.writes)
		}
	case "tokens":
		if n.reads+n.all() == 0 {
			ts.Fatalf("no requests")
		}
	case "writes":
		if len(n.writes[sandbox.FnOTwin]) == 0 || len(n.writes[sandbox.DataverseTwin]) == 0 {
			ts.Fatalf("writes to F&O: %d, to Dataverse: %d", len(n.writes[sandbox.FnOTwin]), len(n.writes[sandbox.DataverseTwin]))
		}
	}
}

// counted are data requests by kind; token requests are left out.
type counted struct {
	reads  int
	writes map[string][]string // by twin: anything but a GET, "METHOD URL"
	bare   []string            // without a token
}

func tally(entries []gate.Entry) counted {
	c := counted{writes: map[string][]string{}}
	for _, e := range entries {
		if e.Twin == sandbox.EntraTwin {
			continue
		}
		what := e.Method + " " + e.URL
		if !e.Token {
			c.bare = append(c.bare, what)
		}
		if e.Method == http.MethodGet {
			c.reads++
		} else {
			c.writes[e.Twin] = append(c.writes[e.Twin], what)
		}
	}
	return c
}

func (c counted) all() int {
	n := 0
	for _, w := range c.writes {
		n += len(w)
	}
	return n
}

// tameCommand holds the output of the last program to what may reach a
// terminal.
func tameCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 0, "tame")
	for _, name := range []string{"stdout", "stderr"} {
		for _, r := range ts.ReadFile(name) {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				ts.Fatalf("%s holds %U", name, r)
			}
		}
	}
}
