// Package connect is the one view that the engine has of a side: what a
// connector must do. The engine cannot tell a twin from the real system.
package connect

import (
	"context"
	"errors"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
)

// Connector speaks to one environment over HTTP with its documented protocol.
// Its methods are safe for concurrent use. Errors that a person can cause
// (unreachable, sign-in, role) are *diag.Failure.
type Connector interface {
	Side() value.Side

	// Identity signs in and names the environment and the user; the first
	// call of a run.
	Identity(ctx context.Context) (Identity, error)

	// Tables reads the metadata of the named sets. Dataverse accepts logical
	// names too. Sets that do not exist come back in unknown, with the most
	// similar existing one.
	Tables(ctx context.Context, sets []string) (tables []schema.Table, enums []schema.Enum, unknown []schema.Unknown, err error)

	// Count estimates the rows of a set; exact is false where the service
	// gives a snapshot or cannot filter.
	Count(ctx context.Context, q Query) (rows int64, exact bool, err error)

	// Page reads one page of all rows of q.Projection.Table. The first call
	// has an empty q.Resume; Page.Next resumes, also in another process. On
	// Dataverse the read is tracked: the last page has the delta token. On
	// F&O it is ordered by the entity key.
	Page(ctx context.Context, q Query) (Page, error)

	// Changes reads one page of what changed since the token in q.Resume (or
	// goes on with Page.Next). Only where Capabilities.Changes.
	Changes(ctx context.Context, q Query) (Page, error)

	// Read reads rows afresh by id (Dataverse guids) or entity key (F&O). Rows
	// that do not exist are left out.
	Read(ctx context.Context, p *transform.Projection, ids []RowID) ([]Row, error)

	// Find reads the rows of a table whose column has one of the values, for
	// the resolution of references: their id and the named columns.
	Find(ctx context.Context, q FindQuery) ([]Row, error)

	// Write sends the batch, by the route that fits it, and gives one result
	// per write in the same order. A returned error means that nothing is
	// known beyond the results; results of writes never sent are NotSent.
	// answered is called, as soon as it is known, with the indexes of writes
	// whose result is final.
	Write(ctx context.Context, t *schema.Table, batch []Write, answered func(indexes []int, results []Result)) ([]Result, error)

	// Capabilities of one table.
	Capabilities(t *schema.Table) Capabilities
}

// ErrTokenExpired is what Changes gives for a token that the service does not
// take any more: a new tracked read from the start is needed. Test with
// errors.Is.
var ErrTokenExpired = errors.New("the change tracking token has expired")

// Identity of an environment and of the user that dw is there.
type Identity struct {
	Environment string // stable id: Dataverse organisation id, F&O environment host
	User        string
}

// Query says what to read.
type Query struct {
	Projection *transform.Projection
	Companies  []string // F&O, company-specific entities: only these; empty: no restriction
	Filter     string   // F&O only: OData for the service; "" none
	Resume     string   // Page.Next or a token; "" from the start
	Since      *Since   // Page only: rows edited since a time; nil: all
	Equal      *Equal   // Page of Dataverse only: rows whose column has a value; nil: all
}

// Equal asks for rows of Dataverse whose column has a value: a text, or a
// reference. Such a read is not tracked: its last page has no token.
type Equal struct {
	Column *schema.Field
	Value  value.Value
}

// Since asks for rows that were edited at a time or later, as a column says
// that the service keeps by itself. On Dataverse such a read is not tracked:
// its last page has no token.
type Since struct {
	Column *schema.Field
	Time   time.Time
}

// Filter gives it as both services take it.
func (s *Since) Filter() string {
	if s == nil {
		return ""
	}
	return s.Column.Name + " ge " + s.Time.UTC().Format(time.RFC3339)
}

// FindQuery asks for rows by a column's values.
type FindQuery struct {
	Table   *schema.Table
	Column  string        // "" finds by primary id
	Values  []value.Value // Text, Integer or Guid
	Columns []string      // to return beside the id, lookups as Reference
	Company string        // F&O: the company; Dataverse: ignored, company columns are returned instead
}

// Page is one page of rows.
type Page struct {
	Rows  []Row
	Next  string // resumes after this page; "" on the last
	Token string // on the last page of a tracked read: where Changes goes on
}

// Row is a record as read.
type Row struct {
	ID      string        // Dataverse guid; F&O RecId
	Version string        // ETag
	Values  []value.Value // by the projection's (or FindQuery's) columns
	Deleted bool          // Changes only: ID is gone
}

// RowID addresses a row: ID on Dataverse, Key (in schema.Table.Key order) on F&O.
type RowID struct {
	ID  string
	Key []value.Value
}

// Write is one row to create, update or delete.
type Write struct {
	Create  bool
	Delete  bool  // neither Values nor Return; a row that is not there is Gone
	Row     RowID // Dataverse create: the id to use. F&O create: Key is part of Values too
	IfMatch string
	Bulk    bool // conditions may be dropped for a bulk route
	Values  []ColumnValue
	Return  *transform.Projection // representation wanted where the route gives one
}

// ColumnValue is one column of a write.
type ColumnValue struct {
	Field *schema.Field
	Value value.Value
}

// Outcome of one write.
type Outcome uint8

// The outcomes. Done: the service accepted it. Refused: it did not, and will
// not by itself. Conflict: the row moved since IfMatch. Duplicate: a row with
// this id or key exists. Gone: the row to update is not there. Unresolved: no
// answer, it may have happened. NotSent: certainly not sent.
const (
	NotSent Outcome = iota
	Done
	Refused
	Conflict
	Duplicate
	Gone
	Unresolved
)

// Result of one write.
type Result struct {
	Outcome Outcome
	Row     *Row   // representation that came with the answer, by Write.Return
	Code    string // the service's error code, if any
	Message string // the service's message, cleaned
	Missing bool   // Refused since a record that it refers to is not there
}

// Yes, No, Unknown: whether a route honours conditions.
type Tristate string

// The answers.
const (
	Yes     Tristate = "yes"
	No      Tristate = "no"
	Unknown Tristate = "unknown"
)

// Capabilities of a connector for one table.
type Capabilities struct {
	Conditional Tristate // single writes with IfMatch
	BulkCreate  int      // rows per bulk create call; 0: none
	BulkUpdate  int
	Changes     bool // change tracking
	Parallel    int  // writes worth having in flight
	// Package is the route by packages, without conditions. A connector that
	// has one implements Packages.
	Package PackageRoute
	// Export is the route of reading by files. A connector that has one
	// implements Exports.
	Export ExportRoute
}

// Notice says that a side reported a change of a record by itself. It is a
// hint to read the record: reports may be lost, repeated or out of order.
type Notice struct {
	Side value.Side

	// Table is the logical name of a Dataverse table. For F&O it is the name of
	// the entity in the application (schema.Table.AOT) in lower case.
	Table string
	Op    string // "create", "update" or "delete"
	ID    string // Dataverse guid, lower case; F&O RecId in decimal; "" unknown

	// Values are those of the record's fields that came along, F&O only: by
	// the field's name in lower case. Fields without a value and values that
	// are no plain text, number, truth, time or choice are left out. Times are
	// in RFC 3339 and UTC; a choice is the number that virtual tables give it.
	Values map[string]string

	User    string // who wrote: the Entra object id (F&O) or systemuserid; "" unknown
	Tag     string // Dataverse: of the request that wrote; "" none or unknown
	EventID string // the same when one report comes repeatedly; "" unknown
}
