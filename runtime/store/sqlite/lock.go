package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/dualwrite/dw/lang/diag"
)

// roleLock is the engine's role: a lock of the operating system on a file
// beside the database. It ends with the process, however that ends.
type roleLock struct{ file *flock.Flock }

// takeRole takes the engine's role of the store at path, or fails with who has it.
func takeRole(path string, me Holder) (*roleLock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fileFailure(path, err)
	}
	name := path + ".lock"
	f := flock.New(name, flock.SetPermissions(0o600))
	got, err := f.TryLock()
	if err != nil {
		return nil, fileFailure(name, err)
	}
	if !got {
		return nil, Locked(path)
	}
	text, err := json.Marshal(me)
	if err == nil {
		// The file is the lock and may not be replaced: it is written in place.
		err = os.WriteFile(name, text, 0o600)
	}
	if err != nil {
		_ = f.Unlock()
		return nil, fileFailure(name, err)
	}
	return &roleLock{file: f}, nil
}

// release gives the role back. The file stays: to remove it would let two
// processes lock two files of one name.
func (l *roleLock) release() error { return l.file.Unlock() }

// Locked is the error of opening the store at path while another process has
// the engine's role; it names that process where it can be told.
func Locked(path string) error {
	who := "Another process"
	var h Holder
	// Some systems let nobody read a locked file, and the holder may be about
	// to write it: then the message goes without a name.
	if text, err := os.ReadFile(path + ".lock"); err == nil && json.Unmarshal(text, &h) == nil && h.PID != 0 {
		who = fmt.Sprintf("Process %d (%s)", h.PID, h.Command)
	}
	return diag.Fail(diag.Diagnostic{Code: diag.CodeStateLocked, Severity: diag.Error, Address: path,
		Summary: "the state is in use by another dw",
		Detail:  fmt.Sprintf("%s writes to %s. Only one process at a time may change a state.", who, path),
		Hint:    "Wait until it ends (-lock-timeout 10m does so), or stop it. The lock goes with its process and never needs to be removed by hand."})
}

// Held tells whether a process has the engine's role of the store at path, and
// which.
func Held(path string) (h Holder, held bool, err error) {
	name := path + ".lock"
	if _, err := os.Stat(name); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return h, false, err
	}
	f := flock.New(name, flock.SetPermissions(0o600))
	got, err := f.TryLock()
	if err != nil {
		return h, false, fileFailure(name, err)
	}
	if got {
		return h, false, f.Unlock()
	}
	if text, err := os.ReadFile(path + ".lock"); err == nil {
		_ = json.Unmarshal(text, &h) // the holder may be about to write it
	}
	return h, true, nil
}
