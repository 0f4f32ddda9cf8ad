package session

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/runtime/sandbox"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
	"github.com/dualwrite/dw/runtime/sandbox/spoil"
)

// stopWithin bounds how long requests in flight may hold up the end of twins.
const stopWithin = 5 * time.Second

// ServeOptions say where to serve twins.
type ServeOptions struct {
	Dataverse, FnO, Entra string // host:port on loopback
	NoAuth                bool
}

// Served is the line that tells that twins are ready.
type Served struct {
	Dataverse string `json:"dataverse"` // service root: "http://127.0.0.1:P/api/data/v9.2/"
	FnO       string `json:"fno"`       // "http://127.0.0.1:P/data/"
	Entra     string `json:"entra"`
	Tenant    string `json:"tenant"`
	NoAuth    bool   `json:"no_auth"`
	Details   string `json:"details"` // file with the credentials of the twins
	Log       string `json:"request_log"`
	PID       int    `json:"pid"`
}

func (s *Session) sandboxDir() string     { return s.Path(filepath.Join(".dw", "sandbox")) }
func (s *Session) sandboxAddress() string { return s.Path(filepath.Join(".dw", "sandbox.json")) }
func (s *Session) requestLog() string     { return filepath.Join(s.sandboxDir(), "requests.jsonl") }

// Serve starts the twins of the link's sandbox at the given addresses and makes
// them known to other commands in the folder until Close.
func (s *Session) Serve(ctx context.Context, o ServeOptions) (Served, diag.List, error) {
	if s.Link == nil {
		return Served{}, s.loaded.Sorted(), nil
	}
	if s.Link.Sandbox == nil {
		return Served{}, nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("link %q has no sandbox", s.Link.Name),
			Detail: "It leads to real environments.", Hint: "Add a link with a sandbox block, or choose one with -link.", Subject: s.Link.Range,
		})
	}
	if a, ok := s.running(ctx); ok {
		return Served{}, nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("the folder's twins are being served already (process %d)", a.PID),
			Hint: "Use those, or stop them first.",
		})
	}
	sb, err := s.start(ctx, o)
	if err != nil {
		return Served{}, nil, err
	}
	a := sb.Addresses()
	if err := sandbox.Write(s.sandboxAddress(), a); err != nil {
		return Served{}, nil, fmt.Errorf("make the twins known: %w", err)
	}
	s.closers = append(s.closers, func() error { return os.Remove(s.sandboxAddress()) })
	return Served{
		Dataverse: a.Dataverse + "/api/data/v9.2/", FnO: a.FnO + "/data/", Entra: a.Entra, Tenant: a.Tenant, NoAuth: o.NoAuth,
		Details: s.sandboxAddress(), Log: s.requestLog(), PID: os.Getpid(),
	}, nil, nil
}

// Spoil damages the data of the link's sandbox by raw edits.
func (s *Session) Spoil(ctx context.Context, o sandbox.SpoilOptions) ([]spoil.Row, error) {
	if err := s.raw(ctx, "damaged"); err != nil {
		return nil, err
	}
	rows, err := sandbox.Spoil(ctx, s.sandboxDir(), o)
	return rows, sandboxError("the data of the twins cannot be damaged", err)
}

// MendSandbox takes raw edits of Spoil back.
func (s *Session) MendSandbox(ctx context.Context, o sandbox.MendOptions) (sandbox.Mended, error) {
	if err := s.raw(ctx, "mended"); err != nil {
		return sandbox.Mended{}, err
	}
	m, err := sandbox.Mend(ctx, s.sandboxDir(), o)
	return m, sandboxError("the data of the twins cannot be mended", err)
}

// DirtList is the file that lists what is dirty in the twins' data.
func (s *Session) DirtList() string { return sandbox.DirtList(s.sandboxDir()) }

// raw makes sure that there are data of twins to edit.
func (s *Session) raw(ctx context.Context, what string) error {
	if s.Link == nil {
		return &diag.Failure{List: s.loaded.Sorted()}
	}
	if s.Link.Sandbox == nil {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("link %q has no sandbox", s.Link.Name),
			Detail: fmt.Sprintf("It leads to real environments; only the data of twins can be %s.", what), Subject: s.Link.Range,
		})
	}
	_, err := s.twins(ctx) // which makes the data where there are none
	return err
}

func sandboxError(summary string, err error) error {
	if err == nil {
		return nil
	}
	return diag.Fail(diag.Diagnostic{Code: diag.CodeSandbox, Severity: diag.Error, Summary: summary, Detail: err.Error()})
}

// twins gives the endpoints of the link's sandbox: those that are being served
// for the folder, else twins in this process.
func (s *Session) twins(ctx context.Context) (endpoints, error) {
	a, ok := s.running(ctx)
	if !ok {
		sb, err := s.start(ctx, ServeOptions{})
		if err != nil {
			return endpoints{}, err
		}
		a = sb.Addresses()
	}
	at := endpoints{fno: a.FnO, dataverse: a.Dataverse, ca: x509.NewCertPool()}
	if !at.ca.AppendCertsFromPEM([]byte(a.CAPEM)) {
		return endpoints{}, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUnreadable, Severity: diag.Error, Summary: "the certificate of the running twins cannot be read",
			Hint: fmt.Sprintf("Stop them and remove %s.", s.sandboxAddress()),
		})
	}
	if a.NoAuth {
		return at, nil
	}
	at.auth = &model.Auth{
		Kind: "client_secret", Authority: a.Entra, TenantID: a.Tenant, ClientID: a.ClientID, ClientSecret: model.NewSecret(a.ClientSecret),
	}
	if s.Link.Sandbox.Auth == "certificate" && a.CertificatePath != "" {
		path, err := filepath.Abs(a.CertificatePath)
		if err != nil {
			return endpoints{}, err
		}
		at.auth.Kind, at.auth.CertificatePath = "certificate", path
	}
	return at, nil
}

// running gives the twins that are being served for the folder.
func (s *Session) running(ctx context.Context) (sandbox.Addresses, bool) {
	a, err := sandbox.Read(s.sandboxAddress())
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.say(fmt.Sprint("Ignored: ", err))
		}
		return a, false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return a, a.Alive(ctx)
}

// limits gives the service protection limits of a sandbox. In a shorter window
// less is allowed, so that the rates stay as published.
func limits(b *model.Sandbox) gate.Limits {
	out := gate.Limits{Enabled: b.Limits == "published"}
	if b.LimitsWindowMillis > 0 {
		out = out.Within(time.Duration(b.LimitsWindowMillis) * time.Millisecond)
	}
	return out
}

// start starts twins in this process; they end with the session.
func (s *Session) start(ctx context.Context, o ServeOptions) (*sandbox.Sandbox, error) {
	b := s.Link.Sandbox
	opts := sandbox.Options{
		Dir: s.sandboxDir(), Seed: b.Seed, Records: b.Records, Customers: b.Customers, Dirt: b.Dirt, ModifiedTimes: b.ModifiedTimes, Certificate: b.Auth == "certificate",
		Latency: gate.Latency{
			Base:     time.Duration(b.LatencyMillis) * time.Millisecond,
			PerRow:   time.Duration(b.LatencyPerRowMicros) * time.Microsecond,
			PerWrite: time.Duration(b.LatencyPerWriteMicros) * time.Microsecond,
		},
		JobStart:       time.Duration(b.JobStartMillis) * time.Millisecond,
		JobPerRow:      time.Duration(b.LatencyPerRowMicros+b.LatencyPerWriteMicros) * time.Microsecond,
		JobPerExported: time.Duration(b.LatencyPerRowMicros) * time.Microsecond,
		Limits:         limits(b),
		DataverseAddr:  o.Dataverse, FnOAddr: o.FnO, EntraAddr: o.Entra, NoAuth: o.NoAuth,
		Now: s.Host.Clock.Now, Sleep: func(ctx context.Context, d time.Duration) { _ = s.Host.Clock.Sleep(ctx, d) },
		Rand: rand.Reader, LogPath: s.requestLog(),
	}
	for _, c := range s.Link.Companies {
		opts.Companies = append(opts.Companies, c.Name)
	}
	for _, c := range b.Companies {
		opts.Others = append(opts.Others, c.Name)
	}
	for _, text := range b.Faults {
		f, err := sandbox.ParseFault(text)
		if err != nil {
			return nil, diag.Fail(diag.Diagnostic{
				Code: diag.CodeWrongType, Severity: diag.Error, Summary: "a fault of the sandbox cannot be understood", Detail: err.Error(), Subject: b.Range,
			})
		}
		opts.Faults = append(opts.Faults, f)
	}
	if _, err := os.Stat(s.sandboxDir()); errors.Is(err, fs.ErrNotExist) {
		s.say("Making the data of the local twins (once) …")
	}
	sb, err := sandbox.Start(ctx, opts)
	if err != nil {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeSandbox, Severity: diag.Error, Summary: "the local twins cannot be started", Detail: err.Error(), Subject: b.Range,
		})
	}
	s.closers = append(s.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		return sb.Stop(ctx)
	})
	return sb, nil
}
