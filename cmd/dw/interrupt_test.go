package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// interrupted starts a command, presses Ctrl-C when it has said a text and gives
// what it says from then on. It has to end as interrupted commands do.
func interrupted(t *testing.T, cmd *exec.Cmd, until string) (rest string) {
	t.Helper()
	talk, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(talk)
	for line := ""; !strings.Contains(line, until); {
		if line, err = lines.ReadString('\n'); err != nil {
			t.Fatalf("it does not say %q: %v", until, err)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code says it
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Fatalf("exit code %d\n%s", code, all)
	}
	return string(all)
}

// Ctrl-C in the middle of an apply finishes what is in flight, says how to go
// on and ends with 130; apply then goes on and both sides are equal.
func TestInterruptedApplyGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for twins that answer slowly")
	}
	t.Parallel()
	dir := t.TempDir()
	if err := copyContoso(dir, 100); err != nil {
		t.Fatal(err)
	}
	slow(t, dir)
	cmd := exec.Command("dw", "-chdir", dir, "apply", "-auto-approve", "-progress=json")
	// The progress of a map shows that the work has begun.
	rest := interrupted(t, cmd, `"event":"progress"`)
	if !strings.Contains(rest, "`dw apply` goes on from here") {
		t.Errorf("it does not say how to go on:\n%s", rest)
	}
	for line := range strings.Lines(rest) {
		if event, err := member([]byte(line), "event"); err != nil || event != "progress" && event != "note" {
			t.Errorf("no event: %q, %v", line, err)
		}
	}
	if out := mustDW(t, dir, "apply", "-auto-approve"); !strings.Contains(out, "Applied: ") {
		t.Errorf("the second run had nothing left to do, so the first was not interrupted:\n%s", out)
	}
	mustDW(t, dir, "verify")
	if out := mustDW(t, dir, "apply", "-auto-approve"); !strings.HasPrefix(out, "Nothing to do") {
		t.Errorf("third run:\n%s", out)
	}
}

// Ctrl-C in the middle of a long retry finishes the step in flight; the next one
// does what is still listed.
func TestInterruptedRetryGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for twins that answer slowly")
	}
	t.Parallel()
	dir := t.TempDir()
	if err := copyContoso(dir, 280); err != nil {
		t.Fatal(err)
	}
	mustDW(t, dir, "sandbox", "spoil", "-rows", "40")
	mustDW(t, dir, "apply", "-auto-approve")
	mustDW(t, dir, "sandbox", "mend")
	slow(t, dir)
	cmd := exec.Command("dw", "-chdir", dir, "errors", "retry", "-all")
	cmd.Env = append(os.Environ(), "DW_BATCH_SIZE=1")
	if rest := interrupted(t, cmd, "retrying"); !strings.Contains(rest, "Run the command again for the rest") {
		t.Fatalf("it does not say how to go on:\n%s", rest)
	}
	if out := mustDW(t, dir, "errors", "list"); strings.HasPrefix(out, "No record is set aside") {
		t.Error("it was not interrupted")
	}
	mustDW(t, dir, "errors", "retry", "-all")
	if out := mustDW(t, dir, "errors", "list"); !strings.HasPrefix(out, "No record is set aside") {
		t.Error(out)
	}
}

// Ctrl-C ends a command that only reads at once, with an answer.
func TestInterruptedPlanEnds(t *testing.T) {
	dir := t.TempDir()
	if err := copyContoso(dir, 20000); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dw", "-chdir", dir, "plan", "-json")
	var out strings.Builder
	cmd.Stdout = &out
	talk, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(talk)
	if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, "Making the data") {
		t.Fatalf("%q, %v", line, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code says it
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Fatalf("exit code %d\n%s", code, rest)
	}
	if code, err := member([]byte(out.String()), "diagnostics.0.code"); err != nil || code != "DW904" {
		t.Errorf("answer: %s, %v\n%s", code, err, out.String())
	}
	// Data that were half made are made anew.
	if err := copyContoso(dir, 100); err != nil {
		t.Fatal(err)
	}
	mustDW(t, dir, "plan")
}

// slow makes the twins of a copy of the example answer slowly.
func slow(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "contoso.dw.hcl")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := regexp.MustCompile(`(?m)^( *)records = .*$`)
	if !at.Match(b) {
		t.Fatal("the sandbox of the example has no records")
	}
	write(t, path, string(at.ReplaceAll(b, fmt.Appendf(nil, "$0\n${1}latency = %q", "15ms"))))
}
