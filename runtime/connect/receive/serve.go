package receive

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/lang/diag"
)

// stopWithin bounds how long posts in flight may hold up the end.
const stopWithin = 5 * time.Second

// Server is a receiver that listens.
type Server struct {
	// URL is where it is reached, such as "http://127.0.0.1:7071/". Behind a
	// proxy or a name of its own, senders know it by another one.
	URL string

	http    *http.Server
	drained chan struct{} // closed by the first Stop, once no post is in flight
	drain   sync.Once
	done    chan struct{}
	err     error // of serving; read after done
}

// Serve listens at an address, "127.0.0.1:0" for any free port of this machine
// only, and takes posts until Stop is called or ctx ends. With a certificate it
// speaks TLS; without one it is for loopback, or for a proxy that does. Errors
// are *diag.Failure.
func Serve(ctx context.Context, listen string, certificate *tls.Certificate, o Options) (*Server, error) {
	h, err := NewHandler(o)
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeReceiverListen, Summary: "the event receiver cannot listen at " + listen, Detail: err.Error(),
			Hint: "Name a host:port of this machine that no other program uses, or end that program.",
		})
	}
	s := &Server{URL: "http://" + listener.Addr().String() + "/", drained: make(chan struct{}), done: make(chan struct{})}
	if certificate != nil {
		s.URL = "https" + strings.TrimPrefix(s.URL, "http")
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12})
	}
	// A post that has come is finished although ctx ends.
	base := context.WithoutCancel(ctx)
	s.http = &http.Server{
		Handler:           h,
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          log.New(lines(h.(*handler).Log), "", 0),
	}
	unhook := context.AfterFunc(ctx, func() {
		within, cancel := context.WithTimeout(base, stopWithin)
		defer cancel()
		_ = s.Stop(within) // Wait tells
	})
	go func() {
		defer close(s.done)
		defer unhook()
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.err = err
			return
		}
		<-s.drained
	}()
	return s, nil
}

// Stop takes no more posts and waits until those in flight are answered, until
// ctx is done: then it cuts them off and gives the context's error.
func (s *Server) Stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.drain.Do(func() { close(s.drained) })
	<-s.done
	return errors.Join(err, s.err)
}

// Wait waits until no more posts are taken and none is in flight, and tells
// why: nil after Stop or the end of Serve's context.
func (s *Server) Wait() error {
	<-s.done
	return s.err
}

// lines hands what net/http logs to a function.
type lines func(text string)

func (l lines) Write(b []byte) (int, error) {
	l(strings.TrimSpace(string(b)))
	return len(b), nil
}
