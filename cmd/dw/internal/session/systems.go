package session

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/runtime/connect"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/dataverse"
	"github.com/dualwrite/dw/runtime/connect/fno"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/connect/odata"
	"github.com/dualwrite/dw/runtime/engine"
)

// endpoints is where the two systems of a link are and how to sign in: of
// real environments and of twins alike.
type endpoints struct {
	fno, dataverse string
	auth           *model.Auth // nil: nobody asks for a token
	ca             *x509.CertPool
}

// systems are the connections of a link.
type systems struct {
	s              *Session
	at             endpoints
	fno, dataverse connect.Connector
}

// connect gives the connections of the link, made on first use. A sandbox link
// uses the twins that are being served for the folder, else it starts them.
func (s *Session) connect(ctx context.Context) (*systems, error) {
	if s.systems != nil {
		return s.systems, nil
	}
	sys, err := s.reach(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range []connect.Connector{sys.fno, sys.dataverse} {
		// The first call: a wrong address or secret is told at once, and not
		// after the patience that a running sync has.
		if _, err := c.Identity(ctx); err != nil {
			return nil, err
		}
	}
	s.systems = sys
	return sys, nil
}

// reach makes the connections of the link without using them.
func (s *Session) reach(ctx context.Context) (*systems, error) {
	at := endpoints{fno: s.Link.FnOURL, dataverse: s.Link.DataverseURL, auth: s.Link.Auth}
	if s.Link.Sandbox != nil {
		var err error
		if at, err = s.twins(ctx); err != nil {
			return nil, err
		}
	}
	sys := &systems{s: s, at: at}
	var err error
	sys.fno, sys.dataverse, err = sys.connectors(dataverse.Tag)
	return sys, err
}

// connectors makes a fresh pair of connectors with connections of their own.
// Tag is what writes to Dataverse carry, "" nothing.
func (sys *systems) connectors(tag string) (connect.Connector, connect.Connector, error) {
	s := sys.s
	sources := func(string) auth.Source { return auth.None{} }
	if sys.at.auth != nil {
		provider, err := auth.New(auth.Options{Auth: sys.at.auth, HTTP: sys.client("The sign-in service"), Clock: s.Host.Clock, ReadFile: s.readFile})
		if err != nil {
			return nil, nil, err
		}
		sources = provider.For
	}
	clientID := ""
	if sys.at.auth != nil {
		clientID = sys.at.auth.ClientID
	}
	wrote := func() { s.Host.Markers.Reached(engine.MarkRequestSent) }
	f, err := fno.New(fno.Options{
		URL: sys.at.fno, HTTP: sys.client(value.FnO.Title()), Storage: sys.client("The storage account of F&O"), Tokens: sources(sys.at.fno), Budget: limit.New(limit.Options{Clock: s.Host.Clock}),
		Host: s.Host, User: clientID, Wrote: wrote, PageSize: s.pageSize(),
	})
	if err != nil {
		return nil, nil, err
	}
	d, err := dataverse.New(dataverse.Options{
		URL: sys.at.dataverse, HTTP: sys.client(value.Dataverse.Title()), Tokens: sources(sys.at.dataverse), Budget: limit.New(limit.Options{Clock: s.Host.Clock, Max: dataverse.MostAtOnce}),
		Host: s.Host, Wrote: wrote, PageSize: s.pageSize(), Tag: tag,
	})
	return f, d, err
}

// client makes an HTTP client for a service, by whose name people know it. It
// trusts the twins' certificate too. Its idle connections end with the session, before twins of this process do: one that
// was opened and never used would hold up their end.
func (sys *systems) client(title string) *http.Client {
	c := odata.NewHTTPClient()
	sys.s.closers = append(sys.s.closers, func() error { c.CloseIdleConnections(); return nil })
	if t, ok := c.Transport.(*http.Transport); ok && sys.at.ca != nil {
		t.TLSClientConfig = &tls.Config{RootCAs: sys.at.ca, MinVersion: tls.VersionTLS12}
	}
	c.Transport = sys.s.outages.watch(title, c.Transport)
	return c
}

func (s *Session) readFile(name string) ([]byte, error) { return os.ReadFile(s.Path(name)) }
