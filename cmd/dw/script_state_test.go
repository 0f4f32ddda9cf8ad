package main

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// awaitCommand runs a program until its standard output holds a text.
func awaitCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 2, "await TEXT program args...")
	var out []byte
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(pollEvery) {
		cmd := exec.Command(args[1], args[2:]...)
		cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), "HOME="+ts.Getenv("HOME"))
		out, _ = cmd.Output() // it may fail until what is waited for is there
		if strings.Contains(string(out), args[0]) {
			return
		}
	}
	ts.Fatalf("%s never said %q; at last:\n%s", strings.Join(args[1:], " "), args[0], out)
}

// appliedExample is a copy of the example that is applied once, for all scripts
// that begin where an apply has ended.
type appliedExample struct {
	dir  string
	once sync.Once
	err  error
}

// appliedRecords is how many records it has.
const appliedRecords = 120

// appliedCommand makes a folder a copy of the applied example.
func (a *appliedExample) appliedCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "applied DIR")
	a.once.Do(func() {
		if a.err = copyContoso(a.dir, appliedRecords); a.err != nil {
			return
		}
		cmd := exec.Command("dw", "-chdir", a.dir, "apply", "-auto-approve")
		cmd.Env = append(os.Environ(), "DW_USER="+scriptUser)
		if out, err := cmd.CombinedOutput(); err != nil {
			a.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	ts.Check(a.err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.RemoveAll(dir))
	ts.Check(os.CopyFS(dir, os.DirFS(a.dir)))
}

// seizeCommand takes the lock of a folder's state for a process of another
// machine, whose lease ends after a time from now.
func seizeCommand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 3, "seize DIR OWNER LEASE")
	lease, err := time.ParseDuration(args[2])
	ts.Check(err)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(ts.MkAbs(args[0]), ".dw", "state.db")+"?mode=rw&_pragma=busy_timeout(10000)")
	ts.Check(err)
	defer db.Close()
	now := time.Now().UTC()
	_, err = db.Exec(`UPDATE lock SET epoch = epoch + 1, owner = ?, machine = 'elsewhere', pid = 7, purpose = 'apply',
		run = 'https://ci.example/7', since = ?, until = ?`, args[1], now.Format(time.RFC3339), now.Add(lease).Format(time.RFC3339))
	ts.Check(err)
}
