package session

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOutagesAreToldOnce(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var said []string
	o := newOutages(func() time.Time { return now }, func(text string) { said = append(said, text) })
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	address := server.Listener.Addr().String()
	client := &http.Client{Transport: o.watch("Dataverse", &http.Transport{})}
	get := func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err == nil {
			err = response.Body.Close()
		}
		client.CloseIdleConnections()
		return err
	}
	if err := get(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Close()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for range 4 {
		if get(t.Context()) == nil || get(canceled) == nil {
			t.Fatal("a server that is gone answers")
		}
		now = now.Add(time.Second)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	again := &http.Server{Handler: http.NotFoundHandler()}
	go func() { _ = again.Serve(listener) }()
	defer again.Close()
	for range 2 {
		if err := get(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"Dataverse at " + address + " does not answer (connection refused)", "Dataverse at " + address + " answers again, after 4 s."}
	if !slices.EqualFunc(said, want, func(text, begin string) bool { return strings.HasPrefix(text, begin) }) {
		t.Errorf("said %q, want %q", said, want)
	}
}

func TestCauseHoldsNoAddress(t *testing.T) {
	for want, err := range map[string]error{
		"its name is not known": &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "secret.example"}},
		"no answer in time":     context.DeadlineExceeded,
		"the connection broke":  errors.New("EOF"),
	} {
		if got := cause(err); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
