package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/control"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// patience bounds every wait for something that has to happen; nothing is said
// about how quickly it happens.
const patience = 60 * time.Second

// pollEvery is the time between two looks at something that has to happen: most
// looks are commands, which take as long.
const pollEvery = 200 * time.Millisecond

// liveWorld is an applied copy of the example whose twins run in a process of
// their own and ask for no sign-in: so the requests of dw carry no token, the
// test shows one, and the request log tells whose a write is.
type liveWorld struct {
	*testing.T
	dir   string
	twins *served
	at    sandbox.Addresses
}

// prepareLive applies the example with so many records, to be copied.
func prepareLive(t *testing.T, records int) string {
	t.Helper()
	dir := t.TempDir()
	if err := copyContoso(dir, records); err != nil {
		t.Fatal(err)
	}
	mustDW(t, dir, "apply", "-auto-approve")
	mustDW(t, dir, "schema", "pull")
	return dir
}

// copyLive copies a prepared folder and serves its twins.
func copyLive(t *testing.T, from string) *liveWorld {
	t.Helper()
	w := &liveWorld{T: t, dir: t.TempDir()}
	if err := os.CopyFS(w.dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	w.serve()
	return w
}

// serve serves the twins until the test ends; of addresses that were served
// before, the same ones are taken again.
func (w *liveWorld) serve() {
	w.Helper()
	w.twins, w.at = serveTwins(w.T, w.dir, "-no-auth")
}

// dw runs a command that has to succeed.
func (w *liveWorld) dw(args ...string) string {
	w.Helper()
	return mustDW(w.T, w.dir, args...)
}

// fails runs a command that has to end with an error that says something.
func (w *liveWorld) fails(wanted string, args ...string) {
	w.Helper()
	out, talk, code := runDW(w.T, nil, append([]string{"-chdir", w.dir}, args...)...)
	if code != exitError || !strings.Contains(out+talk, wanted) {
		w.Errorf("dw %s: exit code %d, wanted %d and %q\n%s%s", strings.Join(args, " "), code, exitError, wanted, out, talk)
	}
}

// decode reads what a command answers in JSON.
func (w *liveWorld) decode(into any, args ...string) {
	w.Helper()
	if err := json.Unmarshal([]byte(w.dw(args...)), into); err != nil {
		w.Fatalf("dw %s: %v", strings.Join(args, " "), err)
	}
}

// until waits for something that has to happen.
func (w *liveWorld) until(what string, happened func() bool) {
	w.Helper()
	for end := time.Now().Add(patience); !happened(); time.Sleep(pollEvery) {
		if time.Now().After(end) {
			w.Fatalf("it never happened that %s\n%s", what, w.dw("status"))
		}
	}
}

// status gives one map's line of dw status.
func (w *liveWorld) status(mapName string) report.MapStatus {
	w.Helper()
	var s report.Status
	w.decode(&s, "status", "-json")
	at := slices.IndexFunc(s.Maps, func(m report.MapStatus) bool { return m.Map == mapName })
	if at < 0 {
		w.Fatalf("dw status has no map %s", mapName)
	}
	return s.Maps[at]
}

// listed gives what dw has set aside; kind and map "" mean all.
func (w *liveWorld) listed(kind record.Kind, mapName string) []record.Listed {
	w.Helper()
	var l struct {
		Records []record.Listed `json:"records"`
	}
	args := []string{"errors", "list", "-json", "-limit", "0"}
	if kind != "" {
		args = append(args, "-kind", string(kind))
	}
	if mapName != "" {
		args = append(args, "-map", mapName)
	}
	w.decode(&l, args...)
	return l.Records
}

// look gives one field of a record as it stands in both twins.
func (w *liveWorld) look(mapName, key, field string) (fno, dataverse string) {
	w.Helper()
	var l report.Look
	w.decode(&l, "sandbox", "get", "-json", mapName, key, field)
	if len(l.Fields) != 1 {
		w.Fatalf("%d fields", len(l.Fields))
	}
	return l.Fields[0].Values.FnO, l.Fields[0].Values.Dataverse
}

// equalizes waits until a field of a record has a value on both sides.
func (w *liveWorld) equalizes(mapName, key, field, wanted string) {
	w.Helper()
	w.until(fmt.Sprintf("%s of %s is %q on both sides", field, key, wanted), func() bool {
		fno, dataverse := w.look(mapName, key, field)
		return fno == wanted && dataverse == wanted
	})
}

// edit changes a record as a person would.
func (w *liveWorld) edit(mapName, key string, set ...string) {
	w.Helper()
	w.dw(append([]string{"sandbox", "edit", mapName, key}, set...)...)
}

// control is the interface of the sandbox that the real systems have pages for.
func (w *liveWorld) control() control.Client {
	return control.Client{Address: w.at.Control, Key: w.at.ControlKey}
}

// testerToken is what the test shows; the twins ask for none.
const testerToken = "the-tester"

// rowURL is the address of a record: the key predicate in F&O, the id in
// Dataverse; "" is the set as a whole.
func (w *liveWorld) rowURL(side value.Side, set, key string) string {
	u := w.at.Dataverse + "/api/data/v9.2/" + set
	if side == value.FnO {
		u = w.at.FnO + "/data/" + set
	}
	if key != "" {
		u += "(" + url.PathEscape(key) + ")"
	}
	if side == value.FnO {
		u += "?cross-company=true"
	}
	return u
}

// send sends a request as somebody else than dw and gives the status and what
// was answered.
func (w *liveWorld) send(method, address string, body any) (int, []byte, http.Header) {
	w.Helper()
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			w.Fatal(err)
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, address, content)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testerToken)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	return resp.StatusCode, answer, resp.Header
}

// written gives the rows of mapped tables that dw wrote according to a part of
// the request log; beside them dw registers itself in tables of the service.
func written(entries []gate.Entry, tables map[string]bool) []twinWrite {
	var out []twinWrite
	for _, e := range entries {
		if e.Token {
			continue // the tester's
		}
		for _, x := range e.Writes {
			if side := value.Side(e.Twin); tables[e.Twin+"/"+x.Table] {
				out = append(out, twinWrite{side: side, table: x.Table, id: x.ID, op: x.Op, at: e.Time})
			}
		}
	}
	return out
}

// twinWrite is one row that was written.
type twinWrite struct {
	side      value.Side
	table, id string
	op        string
	at        time.Time
}

// liveRun is `dw run` in a process of its own.
type liveRun struct {
	w    *liveWorld
	cmd  *exec.Cmd
	out  *syncedBuffer
	done chan struct{} // closed when it has ended
}

// syncedBuffer takes what a process prints while others look at it.
type syncedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// runReady is what dw run says once it listens.
const runReady = `"event":"ready"`

// run starts `dw run` and waits until it is at work. It ends with the test.
func (w *liveWorld) run(env ...string) *liveRun { return w.runAs("dw", env...) }

func (w *liveWorld) runAs(program string, env ...string) *liveRun {
	w.Helper()
	r := w.start(program, env...)
	for end := time.Now().Add(patience); !strings.Contains(r.out.String(), runReady); time.Sleep(10 * time.Millisecond) {
		select {
		case <-r.done:
			w.Fatalf("dw run ended: exit code %d\n%s", r.cmd.ProcessState.ExitCode(), r.talk())
		default:
		}
		if time.Now().After(end) {
			w.Fatalf("dw run does not say that it runs\n%s", r.out)
		}
	}
	return r
}

// start starts `dw run`.
func (w *liveWorld) start(program string, env ...string) *liveRun {
	w.Helper()
	r := &liveRun{w: w, out: &syncedBuffer{}, done: make(chan struct{})}
	r.cmd = exec.Command(program, "-chdir", w.dir, "run", "-json")
	r.cmd.Env = append(os.Environ(), env...)
	r.cmd.Stdout, r.cmd.Stderr = r.out, r.out
	if err := r.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	go func() {
		_ = r.cmd.Wait() // the exit code says it
		close(r.done)
	}()
	w.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.done
		if w.Failed() {
			w.Logf("dw run said:\n%s", r.talk())
		}
	})
	return r
}

// talk gives what it said but for how the maps are doing.
func (r *liveRun) talk() string {
	var b strings.Builder
	for line := range strings.Lines(r.out.String()) {
		if !strings.Contains(line, `"event":"live"`) && !strings.Contains(line, `"event":"progress"`) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// ends waits for the end and holds it to an exit code.
func (r *liveRun) ends(code int) {
	r.w.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		r.w.Fatalf("dw run does not end\n%s", r.talk())
	}
	if got := r.cmd.ProcessState.ExitCode(); got != code {
		r.w.Errorf("dw run: exit code %d, want %d\n%s", got, code, r.talk())
	}
}

// interrupt presses Ctrl-C and waits for the clean end.
func (r *liveRun) interrupt() {
	r.w.Helper()
	if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
		r.w.Fatal(err)
	}
	r.ends(exitDone)
}

// kill ends it at once, wherever it is.
func (r *liveRun) kill() {
	r.w.Helper()
	if err := r.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.w.Fatal(err)
	}
	<-r.done
}

// killed tells whether it ended by kill -9.
func (r *liveRun) killed() bool {
	s, ok := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && s.Signal() == syscall.SIGKILL
}

// logTail reads the request log from a byte on: it grows long in a soak.
func (w *liveWorld) logTail(from int64) ([]gate.Entry, int64) {
	w.Helper()
	f, err := os.Open(filepath.Join(w.dir, ".dw", "sandbox", "requests.jsonl"))
	if err != nil {
		w.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		w.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		w.Fatal(err)
	}
	whole := bytes.LastIndexByte(b, '\n') + 1
	var out []gate.Entry
	for line := range bytes.Lines(b[:whole]) {
		var e gate.Entry
		if err := json.Unmarshal(line, &e); err != nil {
			w.Fatal(err)
		}
		out = append(out, e)
	}
	return out, from + int64(whole)
}
