// Package fno is the local twin of Dynamics 365 Finance & Operations: it serves
// the OData service under /data/ and the metadata service under /metadata/ as
// their public documentation describes them, from rows in an SQLite file.
package fno

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the database/sql driver

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// Options of a twin.
type Options struct {
	Path     string // SQLite file; created where it does not exist
	Entities []catalog.Entity
	Enums    []catalog.Enum

	// Random gives the row versions after updates and the boundaries of batch
	// answers.
	Random io.Reader

	// BaseURL is the address without a path, as contexts and next links name
	// it; where it is empty they take the request's host.
	BaseURL string
	// Authority is named in the challenge of a 401 answer.
	Authority string

	DefaultCompany string // of the calling user; "dat" where empty
	PageSize       int    // rows of a page; 10,000 where 0
	ErrorStatus    int    // status of failed writes; 400 where 0

	// User names the caller of a request by its Entra object id, for the events
	// of what it writes; nil names nobody.
	User func(*http.Request) string
	// Now and Sleep are for data events, which cannot be activated without.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration)

	// Storage takes the packages of data management, which there is none of
	// without Now and Sleep; Jobs says how long executions take.
	Storage Storage
	Jobs    JobTimes

	// IgnoreConditions serves a stale If-Match instead of answering 412, since
	// no documentation says what the real service does.
	IgnoreConditions bool
}

// Twin is a running F&O twin. It keeps no rows in memory: what someone changes
// in the file is what the next request reads.
type Twin struct {
	opts       Options
	db         *sql.DB
	sets       map[string]*set // by entity set
	ordered    []*set
	enums      map[string]*enum
	metadata   *metadata
	rules      rules
	events     events
	management management

	writing  sync.Mutex  // held by the one write transaction
	analyzed atomic.Bool // the open connections have not read the newest statistics

	randomMu sync.Mutex
}

// Open opens the file, creates what it lacks of tables, columns and indexes,
// and returns the twin.
func Open(ctx context.Context, o Options) (*Twin, error) {
	if o.Random == nil {
		return nil, errors.New("fno: Options.Random is missing")
	}
	if o.Storage != nil && (o.Now == nil || o.Sleep == nil) {
		return nil, errNoManagement
	}
	if o.DefaultCompany == "" {
		o.DefaultCompany = "dat"
	}
	if o.PageSize <= 0 {
		o.PageSize = 10000
	}
	if o.ErrorStatus == 0 {
		o.ErrorStatus = http.StatusBadRequest
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	t := &Twin{opts: o, rules: standardRules()}
	if err := t.compile(); err != nil {
		return nil, fmt.Errorf("fno: %w", err)
	}
	t.metadata = t.describe()
	db, err := sql.Open("sqlite", dsn(o.Path))
	if err != nil {
		return nil, fmt.Errorf("fno: open %s: %w", o.Path, err)
	}
	db.SetMaxIdleConns(idleConnections)
	t.db = db
	if err := t.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("fno: prepare %s: %w", o.Path, err), db.Close())
	}
	if err := t.openManagement(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("fno: prepare %s: %w", o.Path, err), db.Close())
	}
	t.openEvents()
	return t, nil
}

// idleConnections is how many readers stay open between requests.
const idleConnections = 8

func dsn(path string) string {
	query := url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "cache_size(-32000)"},
		"_txlock": {"immediate"},
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query.Encode()}).String()
}

// DB is the twin's database: a table for each entity set, named after it.
func (t *Twin) DB() *sql.DB { return t.db }

// Close gives up the events that are on their way, interrupts executions and closes the database.
func (t *Twin) Close() error {
	t.closeManagement()
	t.closeEvents()
	return t.db.Close()
}

// random32 gives a positive number for a row version.
func (t *Twin) random32() (int32, error) {
	b, err := t.randomBytes(4)
	if err != nil {
		return 0, err
	}
	return int32(b[0]&0x7f)<<24 | int32(b[1])<<16 | int32(b[2])<<8 | int32(b[3]), nil
}

func (t *Twin) randomBytes(n int) ([]byte, error) {
	t.randomMu.Lock()
	defer t.randomMu.Unlock()
	b := make([]byte, n)
	if _, err := io.ReadFull(t.opts.Random, b); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return b, nil
}

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
