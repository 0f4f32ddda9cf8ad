// Package dataverse is the twin of a Dataverse environment: it serves the Web
// API over a SQLite file, after Microsoft's public documentation, with the
// plug-ins that dual-write's tables rely on.
//
// The file has one SQL table for each Dataverse table, named as its entity set,
// with a column for each attribute. Lookups hold the guid of their target,
// and where there are several target tables a column "<lookup>type" holds its
// logical name. No row is cached: what is changed in the file by other means
// is served by the next request, though without a new row version.
package dataverse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the database driver

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// Options of a twin.
type Options struct {
	Path   string // of the SQLite file; made where it does not exist
	Tables []catalog.Table

	Now   func() time.Time
	NewID func() string // a new guid, lower case

	// BaseURL is the address without /api/data, such as
	// "https://contoso.crm4.dynamics.com"; "" takes the host of each request.
	BaseURL        string
	OrganizationID string // guid; "" takes a new one
	DeltaDays      int    // how long delta tokens live; 0 is 7
	// ExpiredStatus is the HTTP status of an expired delta token, which
	// Microsoft does not document; 0 is 400.
	ExpiredStatus int
	DOPHint       int // the recommended number of parallel requests; 0 is 4

	// Authority is the sign-in address that a 401 answer names.
	Authority string
	// Plugins are run with the writes of clients; nil is StandardPlugins.
	Plugins []Plugin
}

// Twin serves one environment. It is safe for concurrent use: one write at a
// time, reads beside it.
type Twin struct {
	opts    Options
	schema  *schema
	db      *sql.DB
	writer  writer
	org     string
	user    string // the application user that every client is
	unit    string // root business unit
	request atomic.Int64

	webhooks *outbox.Outbox
}

var (
	_ gate.Advertiser = (*Twin)(nil)
	_ gate.Refuser    = (*Twin)(nil)
)

// writer is the one connection that writes, with its prepared statements and
// the webhooks that its writes set off.
type writer struct {
	mu    sync.Mutex
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	hooks hookCache

	// The last statement that inserted a row: into which table, which columns.
	table    *table
	inserted []string
	insert   string
	names    []string // for the next one
	args     []any
}

// Open opens the file of a twin or makes it. A file that was made for other
// table definitions is refused.
func Open(ctx context.Context, o Options) (*Twin, error) {
	if o.Now == nil || o.NewID == nil {
		return nil, errors.New("dataverse twin: Now and NewID are needed")
	}
	if o.DeltaDays == 0 {
		o.DeltaDays = 7
	}
	if o.ExpiredStatus == 0 {
		o.ExpiredStatus = 400
	}
	if o.DOPHint == 0 {
		o.DOPHint = 4
	}
	if o.Plugins == nil {
		o.Plugins = StandardPlugins()
	}
	if o.OrganizationID != "" {
		if _, err := uuid.Parse(o.OrganizationID); err != nil {
			return nil, fmt.Errorf("dataverse twin: the organization id %q is not a guid", o.OrganizationID)
		}
	}
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	s, err := newSchema(o.Tables)
	if err != nil {
		return nil, fmt.Errorf("dataverse twin: %w", err)
	}
	t := &Twin{opts: o, schema: s}
	t.openWebhooks()
	if err := t.open(ctx); err != nil {
		t.Close()
		return nil, fmt.Errorf("dataverse twin: %s: %w", o.Path, err)
	}
	return t, nil
}

func (t *Twin) open(ctx context.Context) error {
	dsn := "file:" + (&url.URL{Path: t.opts.Path}).EscapedPath() +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"
	var err error
	if t.writer.db, err = sql.Open("sqlite", dsn+"&_pragma=cache_size(-65536)"); err != nil {
		return err
	}
	t.writer.db.SetMaxOpenConns(1)
	if t.writer.conn, err = t.writer.db.Conn(ctx); err != nil {
		return err
	}
	t.writer.stmts = map[string]*sql.Stmt{}
	// What a reader keeps is void after each write.
	if t.db, err = sql.Open("sqlite", dsn+"&_pragma=cache_size(-8192)"); err != nil {
		return err
	}
	t.db.SetMaxOpenConns(8)
	t.db.SetMaxIdleConns(8)
	return t.prepareFile(ctx)
}

// prepareFile makes the tables and the rows that every environment has.
func (t *Twin) prepareFile(ctx context.Context) error {
	var n int
	if err := t.db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = '_twin'").Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		if err := t.create(ctx); err != nil {
			return fmt.Errorf("making the tables: %w", err)
		}
	}
	saved := map[string]string{}
	rows, err := t.db.QueryContext(ctx, "SELECT name, value FROM _twin")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return err
		}
		saved[name] = value
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if saved["schema"] != strconv.FormatInt(t.schema.version, 10) {
		return errors.New("the file was made for other table definitions; remove it to start anew")
	}
	t.org, t.user, t.unit = saved["organization"], saved["user"], saved["unit"]
	return nil
}

func (t *Twin) create(ctx context.Context) error {
	t.org = t.opts.OrganizationID
	if t.org == "" {
		t.org = t.opts.NewID()
	}
	t.user, t.unit = t.opts.NewID(), t.opts.NewID()
	return t.inTx(ctx, func(x *tx) error {
		statements := []string{
			"CREATE TABLE _twin (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
			"CREATE TABLE deleted (tbl TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, deletedon TEXT NOT NULL, PRIMARY KEY (tbl, id))",
			"CREATE INDEX deleted_version ON deleted (tbl, version)",
		}
		for _, tb := range t.schema.tables {
			statements = append(statements, tb.ddl()...)
		}
		for _, s := range statements {
			if _, err := x.conn().ExecContext(ctx, s); err != nil {
				return fmt.Errorf("%w in: %.200s", err, s)
			}
		}
		for name, value := range map[string]string{"rowversion": "1000000", "schema": strconv.FormatInt(t.schema.version, 10),
			"organization": t.org, "user": t.user, "unit": t.unit} {
			if _, err := x.conn().ExecContext(ctx, "INSERT INTO _twin (name, value) VALUES (?, ?)", name, value); err != nil {
				return err
			}
		}
		x.version = 1000000
		return x.systemRows()
	})
}

// systemRows are the rows of a fresh environment.
func (x *tx) systemRows() error {
	t := x.twin
	team := t.opts.NewID()
	rows := []struct {
		table string
		row   row
	}{
		{"organization", row{"organizationid": t.org, "name": "twin", "expirechangetrackingindays": int64(t.opts.DeltaDays), "expiresubscriptionsindays": int64(90)}},
		{"businessunit", row{"businessunitid": t.unit, "name": "twin"}},
		{"systemuser", row{"systemuserid": t.user, "fullname": "# dw", "businessunitid": t.unit}},
		{"team", row{"teamid": team, "name": "twin", "isdefault": int64(1), "businessunitid": t.unit}},
	}
	for _, r := range rows {
		if err := x.insertSystem(r.table, r.row); err != nil {
			return err
		}
	}
	messages := map[string]string{}
	for _, name := range []string{"Create", "Update", "Delete", "CreateMultiple", "UpdateMultiple"} {
		messages[name] = t.opts.NewID()
		if err := x.insertSystem("sdkmessage", row{"sdkmessageid": messages[name], "name": name}); err != nil {
			return err
		}
	}
	for _, tb := range t.schema.tables {
		for _, name := range []string{"Create", "Update", "Delete", "CreateMultiple", "UpdateMultiple"} {
			if strings.HasSuffix(name, "Multiple") && !tb.offers(name) {
				continue
			}
			filter := row{"sdkmessagefilterid": t.opts.NewID(), "primaryobjecttypecode": tb.LogicalName,
				"iscustomprocessingstepallowed": int64(1), "sdkmessageid": messages[name]}
			if err := x.insertSystem("sdkmessagefilter", filter); err != nil {
				return err
			}
		}
	}
	return nil
}

// insertSystem inserts what of a row the table has columns for.
func (x *tx) insertSystem(name string, r row) error {
	tb := x.twin.schema.byName[name]
	for column := range r {
		if !tb.has(column) {
			delete(r, column)
		}
	}
	x.fillDefaults(tb, r)
	return x.insert(tb, r)
}

// DB is the database of the twin, for those who count its rows or damage them.
func (t *Twin) DB() *sql.DB { return t.db }

// UserID is the systemuserid of the application user that every client is.
func (t *Twin) UserID() string { return t.user }

// OrganizationID is what WhoAmI answers.
func (t *Twin) OrganizationID() string { return t.org }

// Close gives up the posts that are on their way and closes the file.
func (t *Twin) Close() error {
	t.webhooks.Close()
	t.writer.mu.Lock()
	defer t.writer.mu.Unlock()
	var errs []error
	for _, s := range t.writer.stmts {
		errs = append(errs, s.Close())
	}
	t.writer.stmts = nil
	if t.writer.conn != nil {
		errs = append(errs, t.writer.conn.Close())
		t.writer.conn = nil
	}
	for _, db := range []*sql.DB{t.writer.db, t.db} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	t.writer.db, t.db = nil, nil
	return errors.Join(errs...)
}

// Advertise sets the headers about the remaining budget.
func (t *Twin) Advertise(h http.Header, b gate.Budget) {
	h.Set("x-ms-dop-hint", strconv.Itoa(t.opts.DOPHint))
	h.Set("x-ms-ratelimit-burst-remaining-xrm-requests", strconv.Itoa(b.Requests))
	h.Set("x-ms-ratelimit-time-remaining-xrm-requests", strconv.FormatFloat(b.Execution.Seconds(), 'f', 2, 64))
}
