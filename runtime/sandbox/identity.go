package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dualwrite/dw/runtime/sandbox/entra"
)

// certificateLifetime of client certificates; renewAhead of its end a start
// makes a new one.
const (
	certificateLifetime = 90 * 24 * time.Hour
	renewAhead          = 24 * time.Hour
)

// kept is what stays the same from one start of the twins to the next, so that
// a program that runs beside them goes on when they come back: the tenant, the
// application with its secret, and the certificate of the sign-in service. It
// is of use on this machine's loopback only. A copy of the folder gets an
// identity of its own.
type kept struct {
	Folder       string `json:"folder"` // absolute
	Tenant       string `json:"tenant"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	ControlKey   string `json:"control_key"`
	Certificate  []byte `json:"certificate"` // PEM
	PrivateKey   []byte `json:"private_key"` // PEM
	Ends         int64  `json:"ends"`        // when the certificate does, Unix seconds
}

// readKept gives what the last start kept, or makes and keeps it anew.
func readKept(o Options) (*kept, tls.Certificate, error) {
	folder, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, tls.Certificate{}, err
	}
	path := filepath.Join(folder, identityFile)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, tls.Certificate{}, err
	}
	k := &kept{}
	if err == nil && json.Unmarshal(text, k) == nil && k.Folder == folder && o.Now().Add(renewAhead).Unix() < k.Ends {
		if server, err := tls.X509KeyPair(k.Certificate, k.PrivateKey); err == nil {
			return k, server, nil
		}
	}
	server, ca, err := entra.ServerCertificate(o.Now(), o.Rand)
	if err != nil {
		return nil, server, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(server.PrivateKey)
	if err != nil {
		return nil, server, err
	}
	leaf, err := x509.ParseCertificate(server.Certificate[0])
	if err != nil {
		return nil, server, err
	}
	k = &kept{
		Folder: folder, Tenant: newID(o.Rand), ClientID: newID(o.Rand), ClientSecret: newID(o.Rand) + newID(o.Rand), ControlKey: newID(o.Rand) + newID(o.Rand),
		Certificate: ca, PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), Ends: leaf.NotAfter.Unix(),
	}
	if text, err = json.Marshal(k); err == nil {
		err = writeFile(path, text, 0o600)
	}
	if err != nil {
		return nil, server, fmt.Errorf("keeping the twins' identity: %w", err)
	}
	return k, server, nil
}

// identity makes the sign-in service with one tenant and one application, and
// the certificate that its server shows.
func (s *Sandbox) identity(o Options) (*entra.Twin, error) {
	k, server, err := readKept(o)
	if err != nil {
		return nil, err
	}
	s.servers[2].tls = &tls.Config{Certificates: []tls.Certificate{server}, MinVersion: tls.VersionTLS12}
	a := &s.addresses
	a.NoAuth, a.PID = o.NoAuth, os.Getpid()
	a.Tenant, a.ClientID, a.ClientSecret, a.CAPEM, a.ControlKey = k.Tenant, k.ClientID, k.ClientSecret, string(k.Certificate), k.ControlKey
	client := entra.Client{ID: a.ClientID, Secret: a.ClientSecret}
	if o.Certificate {
		path := filepath.Join(o.Dir, certificateFile)
		certificate, err := clientCertificate(path, o.Now(), o.Rand)
		if err != nil {
			return nil, err
		}
		client.Certificates = []*x509.Certificate{certificate}
		if a.CertificatePath, err = filepath.Abs(path); err != nil {
			return nil, err
		}
	}
	return entra.New(entra.Options{
		Tenant: a.Tenant, Clients: []entra.Client{client}, Audiences: []string{a.Dataverse, a.FnO},
		TokenLifetime: o.TokenLifetime, Now: o.Now, Rand: o.Rand,
	})
}

// clientCertificate reads the certificate in a file, or makes it where it is
// missing or about to expire.
func clientCertificate(path string, now time.Time, rand io.Reader) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if block, _ := pem.Decode(text); block != nil && block.Type == "CERTIFICATE" {
		c, err := x509.ParseCertificate(block.Bytes)
		if err == nil && now.After(c.NotBefore) && now.Add(renewAhead).Before(c.NotAfter) {
			return c, nil
		}
	}
	c, secret, err := entra.ClientCertificate(now, certificateLifetime, rand)
	if err != nil {
		return nil, err
	}
	if err := writeFile(path, secret, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the client certificate: %w", err)
	}
	return c, nil
}

// newID makes a version 4 GUID. Where randomness fails it gives the nil GUID,
// which the twins refuse as a duplicate at its second use.
func newID(rand io.Reader) string {
	id, err := uuid.NewRandomFromReader(rand)
	if err != nil {
		return uuid.Nil.String()
	}
	return id.String()
}

// lockedReader lets the twins share one source of randomness.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}
