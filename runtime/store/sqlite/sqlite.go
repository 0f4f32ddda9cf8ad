// Package sqlite keeps the store in one SQLite file, written by the one process
// that holds the engine's role and read by any number beside it.
package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver, a translation of SQLite that needs no C compiler

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/store"
)

// Role is what a process may do with the store.
type Role uint8

// The roles. An Engine may write; one process has the role at a time. A Reader
// reads beside it and changes nothing. An Operator reads and leaves commands.
const (
	Reader Role = iota
	Engine
	Operator
)

// Holder says who holds the engine's role, for the message to those who find
// it taken.
type Holder struct {
	PID     int    `json:"pid"`
	Command string `json:"command"`
}

// Options say how to open a store.
type Options struct {
	Path   string        // of the file; an Engine makes it, and its folder, where missing
	Role   Role          // Reader unless said otherwise
	Holder Holder        // Engine: this process
	NewID  func() string // Engine: makes the lineage of a new store, a GUID
}

const (
	// readers is how many Views run at once; more wait. Two cores are busy
	// with four, and each has a page cache of its own.
	readers = 4

	// checkpointEvery is how many statements may write before the log is
	// moved into the file. Fewer checkpoints write hot pages less often.
	checkpointEvery = 4000

	// logLimit is the length of the log, in pages, at which an Update waits
	// for a checkpoint: readers and writers without a pause could otherwise
	// keep it growing for ever. 256 MB.
	logLimit = 64 << 10
)

// Store is a store in a SQLite file.
type Store struct {
	path  string
	role  Role
	db    *sql.DB
	lock  *roleLock
	write chan *session // the one writer; empty while an Update runs
	read  chan *session // readers, nil until first used
	check *checkpointer // nil for a Reader
}

var _ store.Store = (*Store)(nil)

// Open opens the store at o.Path. An Engine makes the file where there is none
// and brings an older one up to date; a Reader gets an error that is
// fs.ErrNotExist where there is none. Whatever a person can mend is a
// *diag.Failure.
func Open(ctx context.Context, o Options) (_ *Store, err error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, fileFailure(o.Path, err)
	}
	s := &Store{path: path, role: o.Role, write: make(chan *session, 1), read: make(chan *session, readers)}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	if o.Role == Engine {
		if s.lock, err = takeRole(path, o.Holder); err != nil {
			return nil, err
		}
		if err := makeFile(path); err != nil {
			return nil, fileFailure(path, err)
		}
	} else if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, noState(path)
		}
		return nil, fileFailure(path, err)
	}
	if s.db, err = sql.Open("sqlite", dsn(path)); err != nil {
		return nil, fileFailure(path, err)
	}
	first, err := s.session(ctx)
	if err != nil {
		return nil, openFailure(path, err)
	}
	if o.Role == Engine {
		if err = prepareFile(first, path, o.NewID); err == nil {
			err = first.exec("PRAGMA cache_size = " + writerCache)
		}
	} else {
		err = checkFile(first, path)
	}
	if err != nil {
		first.close()
		return nil, err
	}
	for range readers {
		s.read <- nil
	}
	if o.Role == Reader {
		<-s.read
		s.read <- first
		s.write <- nil
		return s, nil
	}
	if o.Role == Operator {
		s.write <- first
		return s, nil
	}
	s.write <- first
	own, err := s.session(ctx)
	if err != nil {
		return nil, openFailure(path, err)
	}
	s.check = startCheckpointer(own)
	return s, nil
}

// makeFile makes an empty file that only its owner may read, since a state
// holds values of records. SQLite gives its side files the same mode.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// How much of the file connections keep in memory, in SQLite's unit. What reads
// mostly reads each page once, and what a reader keeps is void after each commit
// of the writer.
const (
	readerCache = "-4096"
	writerCache = "-16384"
)

// dsn gives the data source name of a file with settings for every connection.
// The log mode stands in the file and is set once, by prepareFile.
func dsn(abs string) string {
	path := filepath.ToSlash(abs)
	if !strings.HasPrefix(path, "/") { // a Windows drive
		path = "/" + path
	}
	settings := url.Values{"mode": {"rw"}, "_pragma": {
		"busy_timeout(10000)",
		"synchronous(FULL)",
		"wal_autocheckpoint(0)",
		"journal_size_limit(67108864)",
		"cache_size(" + readerCache + ")",
		"temp_store(MEMORY)",
		"foreign_keys(ON)",
	}}
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + settings.Encode()
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Tx) error) error {
	var on *session
	select {
	case <-ctx.Done():
		return ctx.Err()
	case got, open := <-s.read:
		if !open {
			return store.ErrClosed
		}
		on = got
	}
	defer func() { s.read <- on }()
	if on == nil {
		fresh, err := s.session(ctx)
		if err != nil {
			return fmt.Errorf("store: open a reader: %w", err)
		}
		on = fresh
	}
	return s.see(ctx, on, f)
}

// see runs a transaction that reads.
func (s *Store) see(ctx context.Context, on *session, f func(store.Tx) error) error {
	t := &tx{on: on, ctx: ctx}
	if err := t.begin("BEGIN"); err != nil {
		return err
	}
	defer t.rollback() // also where f panics
	return s.damage(f(t))
}

// Look implements store.Store. The engine uses the connection of the writer: a
// commit makes what all others keep of the file void, so that they would read
// the same pages from the log again and again.
func (s *Store) Look(ctx context.Context, f func(store.Tx) error) error {
	if s.role != Engine {
		return s.View(ctx, f)
	}
	on, err := s.writer(ctx)
	if err != nil {
		return err
	}
	defer func() { s.write <- on }()
	return s.see(ctx, on, f)
}

// writer gives the session of the writer, which has to be given back.
func (s *Store) writer(ctx context.Context) (*session, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case on, open := <-s.write:
		if !open {
			return nil, store.ErrClosed
		}
		return on, nil
	}
}

// Update implements store.Store. The context is not heeded once the commit has
// begun: its outcome is always known.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	if s.role == Reader {
		return store.ErrReadOnly
	}
	on, err := s.writer(ctx)
	if err != nil {
		return err
	}
	defer func() { s.write <- on }()
	if s.role == Engine && s.check.behind() {
		if err := s.check.now(on); err != nil {
			return err
		}
	}
	t := &tx{on: on, ctx: ctx, writes: s.role == Engine, commands: s.role == Operator}
	if err := t.begin("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer t.rollback() // does nothing after the commit
	if err := f(t); err != nil {
		return s.damage(err)
	}
	if err := t.commit(); err != nil {
		return s.damage(err)
	}
	if s.check != nil {
		s.check.wrote(t.statements)
	}
	return nil
}

// Close waits for the running transactions and lets go of the file and the
// role. It may be called once.
func (s *Store) Close() error {
	w := <-s.write
	close(s.write)
	all := []*session{w}
	for range readers {
		all = append(all, <-s.read)
	}
	close(s.read)
	var errs []error
	if s.check != nil {
		errs = append(errs, s.check.stop())
	}
	for _, on := range all {
		if on != nil {
			errs = append(errs, on.close())
		}
	}
	return errors.Join(append(errs, s.release())...)
}

// release gives back the database handle and the role.
func (s *Store) release() error {
	var errs []error
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}

func (s *Store) session(ctx context.Context) (*session, error) {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	on := &session{conn: c, stmts: make(map[string]*sql.Stmt)}
	if s.role != Reader {
		return on, nil
	}
	// The engine may bring the file up to date at any time: each connection looks
	// for itself. Files that are none of dw's are told later, by checkFile.
	app, version, err := header(on)
	if err == nil && app == applicationID && version >= oldestRead {
		err = readAs(on, version)
	}
	if err == nil {
		err = on.exec("PRAGMA query_only = ON")
	}
	if err != nil {
		on.close()
		return nil, err
	}
	return on, nil
}

// damage tells of pages and rows that cannot be what dw has written; any other
// error stays what it is.
func (s *Store) damage(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if err == nil || !notADatabase(err) && !errors.Is(err, errBase) && !errors.Is(err, errFields) && !errors.As(err, &syntax) && !errors.As(err, &kind) {
		return err
	}
	return diag.Fail(diag.Diagnostic{Code: diag.CodeStateForeign, Severity: diag.Error, Address: s.path,
		Summary: "the state file is damaged",
		Detail:  fmt.Sprintf("%v.", err),
		Hint:    "Restore it from a backup. Without one, remove it: `dw apply` then matches both sides by key again."})
}

func noState(path string) error { return fmt.Errorf("no state at %s: %w", path, fs.ErrNotExist) }

func fileFailure(path string, err error) error {
	return diag.Fail(diag.Diagnostic{Code: diag.CodeStateFile, Severity: diag.Error, Address: path,
		Summary: "the state file cannot be opened",
		Detail:  fmt.Sprintf("%s: %v.", path, err),
		Hint:    "Check that the folder exists and that this user may write in it."})
}

// openFailure tells a file that is no database from one that cannot be opened.
func openFailure(path string, err error) error {
	if !notADatabase(err) {
		return fileFailure(path, err)
	}
	return diag.Fail(diag.Diagnostic{Code: diag.CodeStateForeign, Severity: diag.Error, Address: path,
		Summary: "the state file is not a state of dw",
		Detail:  fmt.Sprintf("%s: %v.", path, err),
		Hint:    "Name another file in the state block, or restore this one from a backup. dw does not touch it."})
}
