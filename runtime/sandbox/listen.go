package sandbox

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
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

// listen opens the listeners and fixes the addresses. Ports that nobody
// asked for are those of the last start where they are free: the host and port
// of an F&O environment is the only name that it has.
func (s *Sandbox) listen(o Options) error {
	path := filepath.Join(o.Dir, listenFile)
	folder, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	last := readLastPorts(path, folder)
	used := map[string]string{folderName: folder}
	for _, l := range []struct {
		name, addr, scheme string
		url                *string
	}{
		{DataverseTwin, o.DataverseAddr, "http", &s.addresses.Dataverse},
		{FnOTwin, o.FnOAddr, "http", &s.addresses.FnO},
		{EntraTwin, o.EntraAddr, "https", &s.addresses.Entra},
		{controlName, o.ControlAddr, "http", &s.addresses.Control},
		{BlobTwin, o.BlobAddr, "http", &s.addresses.Blob},
	} {
		listener, err := listen(l.addr, last[l.name])
		if err != nil {
			return fmt.Errorf("listening for %s: %w", l.name, err)
		}
		s.servers = append(s.servers, &server{listener: listener})
		*l.url = l.scheme + "://" + listener.Addr().String()
		if _, used[l.name], err = net.SplitHostPort(listener.Addr().String()); err != nil {
			return err
		}
	}
	text, err := json.Marshal(used)
	if err != nil {
		return err
	}
	return writeFile(path, append(text, '\n'), 0o644)
}

// folderName is under which the file of ports names the folder that they are of.
const folderName = "folder"

// readLastPorts gives the ports of the last start by twin. They are a wish
// only, so a file that cannot be read is as good as none. So is one that was
// copied with its folder: twins of the copy at the ports of the first would be
// taken for those by whoever runs beside them.
func readLastPorts(path, folder string) map[string]string {
	ports := map[string]string{}
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &ports) != nil || ports[folderName] != folder {
		return nil
	}
	return ports
}

// listen opens one listener. Where the address leaves the port open it tries
// the wished one first.
func listen(addr, wish string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	if err := checkLoopback(addr); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if port == "0" && wish != "" {
		if listener, err := net.Listen("tcp", net.JoinHostPort(host, wish)); err == nil {
			return listener, nil
		}
	}
	return net.Listen("tcp", addr)
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

// notFromPages refuses what a page in a browser on this machine sends: without
// sign-in every page that somebody visits could otherwise write to the twins or
// inject faults. Programs send neither Origin nor Sec-Fetch-Site. The name in
// Host has to be one of loopback, since a page's own name may be made to point
// there.
func notFromPages(h http.Handler) http.Handler {
	guarded := http.NewCrossOriginProtection().Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopbackName(r.Host) {
			http.Error(w, "the sandbox answers only to 127.0.0.1, ::1 and localhost", http.StatusMisdirectedRequest)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// isLoopbackName takes what a Host header says, with or without a port.
func isLoopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func (s *server) serve(h http.Handler) {
	s.http = &http.Server{
		Handler:           notFromPages(h),
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
