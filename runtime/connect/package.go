package connect

import (
	"context"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/value"
)

// Packages is what a connector offers beside Write whose service takes many
// records of one company as one job. Jobs carry no conditions: a record with
// the key of a row is updated, else one is created.
type Packages interface {
	// PackagesReady says whether records of the tables can be written so: nil,
	// or a *diag.Failure with everything that is missing.
	PackagesReady(ctx context.Context, tables []*schema.Table) error

	// NewPackage begins a package for rows with the same columns, key columns
	// among them; the company is not one of them.
	NewPackage(ctx context.Context, t *schema.Table, columns []*schema.Field) (Package, error)

	// Upload puts a package, to which no more rows come, where the service
	// fetches it. id names the file. It may be done while another job runs.
	Upload(ctx context.Context, p Package, id string) error

	// Import has the service carry a package out, which it uploads where that was
	// not done yet, under an id that the caller has chosen and stored, and waits
	// for the end. One job runs at a time. started is called when the request that begins the job is about
	// to leave.
	Import(ctx context.Context, p Package, id, company string, started func() error) (Job, error)

	// Follow waits for the end of a job that was begun earlier, maybe by another
	// process, at the given time. Its State is JobUnknown where the service has
	// no such job.
	Follow(ctx context.Context, t *schema.Table, id string, begun time.Time) (Job, error)

	// PackageKey gives the key by which a job tells of a row that failed.
	PackageKey(ctx context.Context, t *schema.Table, key []value.Value) (string, error)
}

// Markers of progress on the way of a package, at which a test may cut the
// process off.
const (
	MarkPackageUploaded = "package_uploaded" // the package lies where the service fetches it
	MarkJobStarting     = "job_starting"     // the job's id is stored, the request that begins it has not left
	MarkJobStarted      = "job_started"      // the service has taken the job
	MarkJobPolled       = "job_polled"       // it has said that the job is under way
	MarkErrorKeysRead   = "error_keys_read"  // which rows of a job failed
)

// Package collects the rows of one job.
type Package interface {
	// Add takes a row, which has values of columns of the package only. False
	// means that the row cannot go this way: its key is there already, or a
	// value cannot be written to a file as it is.
	Add(w *Write) (taken bool, err error)
	// Rows counts the rows taken, Size the bytes that they need in memory.
	Rows() int
	Size() int
}

// JobState is how a job ended.
type JobState string

// The states. JobUnknown: the service has no such job. JobFailed: nothing or
// not everything was done, and the service does not say which rows.
const (
	JobUnknown JobState = "unknown"
	JobDone    JobState = "done"
	JobPartly  JobState = "partly" // all but Job.Failed
	JobFailed  JobState = "failed"
)

// Job is how a job ended.
type Job struct {
	State   JobState
	Failed  []FailedRow // of JobPartly
	Open    bool        // of JobPartly: it was cut off, so that others may not have been done either
	Message string      // of JobFailed: why
}

// FailedRow is a row that a job did not carry over.
type FailedRow struct {
	Key     string // as PackageKey writes it
	Message string // "" where the service does not say why
}

// PackageRoute is what writing by packages costs.
type PackageRoute struct {
	Rows   int           // most rows of a package; 0: the connector has no packages
	Start  time.Duration // until a job begins, whatever its size
	PerRow time.Duration
	// PerWrite is what the other route takes for a row, all that is in flight
	// together.
	PerWrite time.Duration
}

// Least gives from how many rows on a package takes less time than single
// writes; 0: never.
func (r PackageRoute) Least() int {
	if r.Rows == 0 || r.PerWrite <= r.PerRow {
		return 0
	}
	return int(r.Start/(r.PerWrite-r.PerRow)) + 1
}
