package sandbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// server serves one twin on a listener that is open before the twin exists,
// since the twin has to know its own address.
type server struct {
	listener net.Listener
	tls      *tls.Config
	http     *http.Server
	done     chan error
}

// listen opens the three listeners and fixes the addresses.
func (s *Sandbox) listen(o Options) error {
	for _, l := range []struct {
		name, addr, scheme string
		url                *string
	}{
		{"Dataverse", o.DataverseAddr, "http", &s.addresses.Dataverse},
		{"F&O", o.FnOAddr, "http", &s.addresses.FnO},
		{"sign-in", o.EntraAddr, "https", &s.addresses.Entra},
	} {
		addr := l.addr
		if addr == "" {
			addr = "127.0.0.1:0"
		}
		if err := checkLoopback(addr); err != nil {
			return fmt.Errorf("the address of the %s twin: %w", l.name, err)
		}
		listener, err := net.Listen("tcp", addr)
		if err != nil {
			return fmt.Errorf("listening for the %s twin: %w", l.name, err)
		}
		s.servers = append(s.servers, &server{listener: listener})
		*l.url = l.scheme + "://" + listener.Addr().String()
	}
	return nil
}

// checkLoopback refuses addresses that other machines can reach: the twins hold
// invented data, but a service on a network is more than a sandbox promises.
func checkLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%s is not on loopback; use 127.0.0.1:PORT", addr)
	}
	return nil
}

func (s *server) serve(h http.Handler) {
	s.http = &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 30 * time.Second,
		// Connections that clients cut or do not trust are no news here.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	listener := s.listener
	if s.tls != nil {
		listener = tls.NewListener(listener, s.tls)
	}
	s.done = make(chan error, 1)
	go func() { s.done <- s.http.Serve(listener) }()
}

func (s *server) stop(ctx context.Context) error {
	if s.http == nil {
		return s.listener.Close()
	}
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
