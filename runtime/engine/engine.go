// Package engine holds what the parts of the engine share: the surroundings
// of one link and its maps, compiled from what is deployed.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/schema"
	"github.com/dualwrite/dw/lang/transform"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Markers of progress at which a test may cut the process off. Together they
// name every place where durable state or a remote system has just moved.
const (
	MarkPageStored      = "page_stored"      // a page of observations and its cursor
	MarkScanStored      = "scan_stored"      // the last page of a side, with its token
	MarkMatchStored     = "match_stored"     // which rows without key belong to which records
	MarkIntentsStored   = "intents_stored"   // writes of a batch, before they are sent
	MarkRequestSent     = "request_sent"     // a writing request has left, no answer yet
	MarkAnswered        = "answered"         // its answer has arrived, nothing stored yet
	MarkAnswersStored   = "answers_stored"   // which writes were answered
	MarkBaseStored      = "base_stored"      // agreed values of confirmed writes
	MarkDeferredStored  = "deferred_stored"  // second-pass writes of owed references
	MarkMapDone         = "map_done"         // a map's initial sync
	MarkWaveClosed      = "wave_closed"      // all maps of a wave
	MarkDefinitionSaved = "definition_saved" // the deployment of a map, before any of its data

	MarkPackageMade = "package_made" // all rows of a package are in it

	MarkHeadsStored = "heads_stored" // a page of the keys of a company that is to be exported
)

// Markers lists all markers in the order in which a first apply meets them.
func Markers() []string {
	return []string{
		MarkDefinitionSaved, MarkPageStored, MarkScanStored, MarkIntentsStored, MarkRequestSent, MarkAnswered,
		MarkAnswersStored, MarkBaseStored, MarkDeferredStored, MarkMapDone, MarkWaveClosed,
	}
}

// PackageMarkers lists the markers that only packages meet, in the order in
// which the first of them does. Others that it meets are MarkIntentsStored, when
// the id of the job is stored, MarkAnswered and MarkAnswersStored.
func PackageMarkers() []string {
	return []string{
		MarkPackageMade, connect.MarkPackageUploaded, connect.MarkJobStarting, connect.MarkJobStarted, connect.MarkJobPolled,
		connect.MarkErrorKeysRead,
	}
}

// ExportMarkers lists the markers that only reading by exports meets, in the
// order in which the first company does. MarkPageStored stands for a part of the
// file.
func ExportMarkers() []string {
	return []string{MarkHeadsStored, connect.MarkExportStarting, connect.MarkExportStarted, connect.MarkExportFetched}
}

// Env is the surroundings of the engine for one link.
type Env struct {
	Host      *host.Host
	Store     store.Store
	FnO       connect.Connector
	Dataverse connect.Connector
	Link      string
	Batch     int    // keys merged and stored as one step; 0 is the default
	Maps      []*Map // in the order of waves, then names
	Progress  func(report.Progress)
	// Scratch makes an empty store of its own for what is sorted on disk; end
	// removes it. Nil where nothing has to be.
	Scratch func(ctx context.Context) (st store.Store, end func() error, err error)
	// Crosswalk gives the content of the file that a map names, as it lies in the
	// folder now. Nil where there are no files.
	Crosswalk func(mapName string) []byte
	// Stopping tells that somebody asked to stop: the batch in flight is
	// finished, the next is not begun. Nil never stops.
	Stopping func() bool
	// Stop is done at the same time, for work that waits long for a service and
	// can be gone on with later. Nil never is.
	Stop context.Context
}

// ErrStopped ends work that was asked to stop between two batches.
var ErrStopped = errors.New("stopped on request")

// Stopped gives ErrStopped once somebody asked to stop, or the error of ctx.
func (e *Env) Stopped(ctx context.Context) error {
	if e.Stopping != nil && e.Stopping() {
		return ErrStopped
	}
	return ctx.Err()
}

// Waiting gives a context for a long wait that needs not come to its end: it is
// cancelled also when somebody asks to stop. The caller calls end.
func (e *Env) Waiting(ctx context.Context) (waiting context.Context, end func()) {
	waiting, cancel := context.WithCancel(ctx)
	if e.Stop == nil {
		return waiting, cancel
	}
	stop := context.AfterFunc(e.Stop, cancel)
	return waiting, func() { stop(); cancel() }
}

// Map is a deployed map ready to run.
type Map struct {
	Name     string
	Version  int
	Def      plan.Definition
	Compiled *transform.Compiled
}

// In gives the map as it is for one of its companies alone.
func (m *Map) In(company string) *Map {
	one := *m
	one.Def.Companies = []string{company}
	return &one
}

// defaultBatch is how many keys are merged and stored as one step.
const defaultBatch = 500

// BatchSize gives how many keys are merged and stored as one step.
func (e *Env) BatchSize() int {
	if e.Batch > 0 {
		return e.Batch
	}
	return defaultBatch
}

// Connector gives the connector of a side.
func (e *Env) Connector(s value.Side) connect.Connector {
	if s == value.FnO {
		return e.FnO
	}
	return e.Dataverse
}

// Map finds a map by name; nil where the link has none.
func (e *Env) Map(name string) *Map {
	for _, m := range e.Maps {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Target finds a Dataverse table by its logical name, as some map deploys it
// with the named columns; nil where none does. Deployed tables have only the
// columns that their map uses.
func (e *Env) Target(logicalName string, columns ...string) *schema.Table {
	fits := func(t *schema.Table) bool {
		return t.Name == logicalName && !slices.ContainsFunc(columns, func(c string) bool { return t.Field(c) == nil })
	}
	for _, m := range e.Maps {
		if fits(m.Def.Dataverse) {
			return m.Def.Dataverse
		}
		for i := range m.Def.Targets {
			if fits(&m.Def.Targets[i]) {
				return &m.Def.Targets[i]
			}
		}
	}
	return nil
}

// Report passes progress on where somebody listens.
func (e *Env) Report(p report.Progress) {
	if e.Progress != nil {
		e.Progress(p)
	}
}

// Compile makes deployed maps ready to run, in the order of waves, then names.
func Compile(deployed []plan.DeployedMap) ([]*Map, error) {
	maps := make([]*Map, 0, len(deployed))
	for _, d := range deployed {
		m, err := CompileOne(d)
		if err != nil {
			return nil, err
		}
		maps = append(maps, m)
	}
	slices.SortStableFunc(maps, func(a, b *Map) int {
		return cmp.Or(cmp.Compare(a.Def.Wave, b.Def.Wave), cmp.Compare(a.Name, b.Name))
	})
	return maps, nil
}

// CompileOne makes one deployed map ready to run.
func CompileOne(d plan.DeployedMap) (*Map, error) {
	def := d.Definition
	c, ds := transform.Compile(transform.Input{
		Map: def.Map, FnO: def.FnO, Dataverse: def.Dataverse, Targets: def.Targets, Enums: def.Enums,
		Companies: def.Companies, Deferred: def.Deferred, Delivers: def.Delivers,
	})
	if ds.HasErrors() {
		return nil, fmt.Errorf("compile deployed map %s@%d: %w", def.Map.Name, d.Version, &diag.Failure{List: ds})
	}
	return &Map{Name: def.Map.Name, Version: d.Version, Def: def, Compiled: c}, nil
}
