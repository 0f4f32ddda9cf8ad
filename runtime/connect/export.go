package connect

import (
	"context"
	"errors"
	"time"

	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
)

// Exports is what a connector offers beside Page whose service hands over all
// records of an entity in one company as a file. The file has neither record
// ids nor versions, and its records are in no order.
type Exports interface {
	// ExportsReady says whether records of the tables can be read so: nil, or a
	// *diag.Failure with everything that is missing.
	ExportsReady(ctx context.Context, tables []*schema.Table) error

	// Export has the service write the records of a company to a file, under an
	// id that the caller has chosen and stored, and waits for the end. company
	// is "" for an entity without companies. started is called when the request
	// that begins the job is about to leave. Records are as they were at some
	// time after that.
	Export(ctx context.Context, t *schema.Table, id, company string, started func() error) (Job, error)

	// FollowExport waits for the end of an export that was begun earlier, maybe
	// by another process, at the given time. Its State is JobUnknown where the
	// service has no such job.
	FollowExport(ctx context.Context, t *schema.Table, id string, begun time.Time) (Job, error)

	// OpenExport fetches the file of an export that is done. Its records come in
	// the same order each time. The caller closes it. The error is ErrExportGone
	// where the service has the file no longer: another export has to be begun.
	OpenExport(ctx context.Context, p *transform.Projection, id, company string) (ExportFile, error)
}

// ErrExportGone is what OpenExport gives where the file of an export is kept no
// longer. Test with errors.Is.
var ErrExportGone = errors.New("the service keeps the file of the export no longer")

// ExportFile is the file of an export.
type ExportFile interface {
	// Next gives up to n more records, in full; none at the end. An error
	// leaves the file unusable. A value that cannot be read is one.
	Next(n int) ([]Exported, error)
	// Skip passes over n records.
	Skip(n int64) error
	Close() error
}

// Exported is a record of a file.
type Exported struct {
	Key    []value.Value // in schema.Table.Key order, the company included
	Values []value.Value // by the projection's columns
	// Doubtful says that a value has something that files are not known to carry
	// over unchanged, such as a carriage return in a text. The record has to be
	// read the other way to be sure of it.
	Doubtful bool
}

// ExportRoute is what reading by exports costs.
type ExportRoute struct {
	Start  time.Duration // until a job begins, whatever its size; 0: the connector has no exports
	PerRow time.Duration
}

// Markers of progress on the way of an export, at which a test may cut the
// process off.
const (
	MarkExportStarting = "export_starting" // the job's id is stored, the request that begins it has not left
	MarkExportStarted  = "export_started"  // the service has taken the job
	MarkExportFetched  = "export_fetched"  // the file is here
)
