// Package sandbox starts the local twins of both systems and of their sign-in
// service on loopback, over data that it generates on first start.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/dualwrite/dw/runtime/sandbox/blob"
	"github.com/dualwrite/dw/runtime/sandbox/catalog"
	"github.com/dualwrite/dw/runtime/sandbox/control"
	"github.com/dualwrite/dw/runtime/sandbox/dataverse"
	"github.com/dualwrite/dw/runtime/sandbox/entra"
	"github.com/dualwrite/dw/runtime/sandbox/fno"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/generate"
	"github.com/dualwrite/dw/runtime/sandbox/outbox"
)

// Options of Start.
type Options struct {
	// Dir holds the twins' data; it is made where it does not exist.
	Dir string

	// What the data are made from on first start. Later starts must name the
	// same: see ErrOtherData.
	Seed      uint64
	Records   int // 0 is generate.DefaultRecords; from generate.FullRecords on all maps have some
	Customers int // in place of their share of Records; 0: that share
	Companies []string
	Others    []string // companies that no link covers; empty: one of the generator's choice
	Dirt      int      // planted cases of each kind of dirt

	// ModifiedTimes are the entity sets of F&O that show when a record was last
	// written, in the field ModifiedDateTime.
	ModifiedTimes []string

	Latency gate.Latency
	Limits  gate.Limits
	Faults  []gate.Fault
	// JobStart is how long an execution of F&O's data management waits for the
	// batch server, JobPerRow how long it takes for a row that it imports,
	// JobPerExported for one that it exports.
	JobStart, JobPerRow, JobPerExported time.Duration
	// EventFaults disturb the delivery of data events and webhook posts.
	EventFaults outbox.Faults

	// Addresses to listen on, loopback only; "" is "127.0.0.1:0". Port 0 is the
	// port of the last start, if it is free, else any.
	DataverseAddr, FnOAddr, EntraAddr, ControlAddr, BlobAddr string

	// NoAuth serves requests without a token as well.
	NoAuth bool
	// Certificate keeps a client certificate in Dir with which one can sign in
	// in place of the secret; see Addresses.CertificatePath.
	Certificate bool
	// TokenLifetime of access tokens; 0 is an hour.
	TokenLifetime time.Duration

	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration)
	Rand  io.Reader // of ids, keys and secrets; need not be safe for concurrent use

	LogPath string // of the request log; "" keeps it in memory
}

// ErrOtherData means that the directory holds data made from another seed or
// size than the options name.
var ErrOtherData = errors.New("the sandbox holds other data")

// ErrInUse means that another process has the twins' data open.
var ErrInUse = errors.New("the sandbox is in use by another process")

// Sandbox is a set of running twins.
type Sandbox struct {
	addresses Addresses
	report    generate.Report
	log       *gate.Log
	gates     []*gate.Gate
	lock      *flock.Flock
	dataverse *dataverse.Twin
	fno       *fno.Twin
	blobs     *blob.Store
	servers   []*server
}

// Start opens or makes the data and serves the twins until Stop. The context
// bounds the start only.
func Start(ctx context.Context, o Options) (*Sandbox, error) {
	if o.Now == nil || o.Sleep == nil || o.Rand == nil {
		return nil, errors.New("sandbox: Now, Sleep and Rand are needed")
	}
	if o.Records == 0 {
		o.Records = generate.DefaultRecords
	}
	for _, f := range o.Faults {
		if err := f.Check(); err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
	}
	if err := o.EventFaults.Check(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	o.Rand = &lockedReader{r: o.Rand}
	s := &Sandbox{}
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox: %w", err), s.Stop(ctx))
	}
	return s, nil
}

func (s *Sandbox) start(ctx context.Context, o Options) error {
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return err
	}
	s.lock = flock.New(filepath.Join(o.Dir, "lock"))
	locked, err := s.lock.TryLock()
	if err != nil {
		return err
	}
	if !locked {
		s.lock = nil
		return fmt.Errorf("%w: stop it, or let it serve both with \"dw sandbox serve\" (%s)", ErrInUse, o.Dir)
	}
	made, err := readManifest(o)
	if err != nil {
		return err
	}
	if s.log, err = gate.NewLog(o.LogPath); err != nil {
		return err
	}
	if err := s.listen(o); err != nil {
		return err
	}
	identity, err := s.identity(o)
	if err != nil {
		return err
	}
	if err := s.openTwins(ctx, o); err != nil {
		return err
	}
	if made == nil {
		if made, err = s.fill(ctx, o); err != nil {
			return err
		}
	}
	s.report, s.addresses.ID = made.Report, made.ID
	s.serve(o, identity)
	return nil
}

// openTwins opens both data twins under the addresses that listen already.
func (s *Sandbox) openTwins(ctx context.Context, o Options) error {
	facts, err := catalog.Load()
	if err != nil {
		return err
	}
	if err := facts.WithModifiedTimes(o.ModifiedTimes); err != nil {
		return err
	}
	authority := s.addresses.Entra + "/" + s.addresses.Tenant + "/oauth2/authorize"
	s.dataverse, err = dataverse.Open(ctx, dataverse.Options{
		Path: filepath.Join(o.Dir, dataverseFile), Tables: facts.Tables,
		Now: o.Now, NewID: func() string { return newID(o.Rand) },
		BaseURL: s.addresses.Dataverse, Authority: authority,
	})
	if err != nil {
		return fmt.Errorf("%w (%s)", err, startAnew(o.Dir))
	}
	s.blobs, err = blob.Open(blob.Options{Dir: filepath.Join(o.Dir, blobFolder), BaseURL: s.addresses.Blob, Now: o.Now, Random: o.Rand})
	if err != nil {
		return err
	}
	s.fno, err = fno.Open(ctx, fno.Options{
		Path: filepath.Join(o.Dir, fnoFile), Entities: facts.Entities, Enums: facts.Enums,
		Random: o.Rand, BaseURL: s.addresses.FnO, Authority: authority,
		User: entra.Caller, Now: o.Now, Sleep: o.Sleep,
		Storage: s.blobs, Jobs: fno.JobTimes{Start: o.JobStart, PerRow: o.JobPerRow, PerExported: o.JobPerExported},
	})
	if err != nil {
		return fmt.Errorf("%w (%s)", err, startAnew(o.Dir))
	}
	return errors.Join(s.fno.Events().SetFaults(o.EventFaults), s.dataverse.Webhooks().SetFaults(o.EventFaults))
}

// serve puts the gates in front of the twins. Each data twin has a gate of its
// own, since a token is good for one of them only.
func (s *Sandbox) serve(o Options, identity *entra.Twin) {
	data := gate.Options{Now: o.Now, Sleep: o.Sleep, Latency: o.Latency, Limits: o.Limits, Faults: o.Faults, Log: s.log}
	forDataverse, forFnO := data, data
	if !o.NoAuth {
		forDataverse.Auth, forFnO.Auth = identity.Auth(s.addresses.Dataverse), identity.Auth(s.addresses.FnO)
	}
	signIn := gate.Options{Now: o.Now, Sleep: o.Sleep, Faults: o.Faults, Log: s.log}
	s.servers[3].serve(control.NewHandler(s.addresses.ControlKey, s.fno, s.dataverse))
	s.gates = []*gate.Gate{gate.New(forDataverse), gate.New(forFnO), gate.New(signIn)}
	s.servers[0].serve(s.gates[0].Wrap(DataverseTwin, s.dataverse))
	s.servers[1].serve(s.gates[1].Wrap(FnOTwin, s.fno))
	s.servers[2].serve(s.gates[2].Wrap(EntraTwin, identity))
	s.servers[4].serve(s.gates[2].Wrap(BlobTwin, s.blobs))
}

// controlName names the control interface beside the twins.
const controlName = "control"

// Names of the twins in the request log and in faults.
const (
	DataverseTwin = "dataverse"
	FnOTwin       = "fno"
	EntraTwin     = "entra"
	BlobTwin      = "blob" // the storage account of F&O
)

// Addresses says where the twins are and how to sign in.
func (s *Sandbox) Addresses() Addresses { return s.addresses }

// Log is the request log of all twins; it has entries to read where
// Options.LogPath is "".
func (s *Sandbox) Log() *gate.Log { return s.log }

// Report says what data were generated on first start.
func (s *Sandbox) Report() generate.Report { return s.report }

// Dataverse is the twin itself, for tests that count or damage its rows.
func (s *Sandbox) Dataverse() *dataverse.Twin { return s.dataverse }

// FnO is the twin itself, for tests that count or damage its rows.
func (s *Sandbox) FnO() *fno.Twin { return s.fno }

// Inject adds a fault to the twins that it matches.
func (s *Sandbox) Inject(f gate.Fault) {
	for _, g := range s.gates {
		g.Inject(f)
	}
}

// ClearFaults takes all faults away.
func (s *Sandbox) ClearFaults() {
	for _, g := range s.gates {
		g.ClearFaults()
	}
}

// Stop lets requests in flight end, until ctx is done, and closes everything.
func (s *Sandbox) Stop(ctx context.Context) error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.stop(ctx))
	}
	s.servers = nil
	if s.fno != nil {
		errs = append(errs, s.fno.Close())
		s.fno = nil
	}
	if s.dataverse != nil {
		errs = append(errs, s.dataverse.Close())
		s.dataverse = nil
	}
	if s.log != nil {
		errs = append(errs, s.log.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Unlock())
		s.lock = nil
	}
	return errors.Join(errs...)
}
