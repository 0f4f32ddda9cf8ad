package odata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/host"
)

// tokens gives "first" until it is refused.
type tokens struct{}

func (tokens) Token(_ context.Context, refused string) (string, error) {
	if refused == "first" {
		return "second", nil
	}
	return "first", nil
}

// service answers requests from a script, the last entry again and again.
type service struct {
	mu      sync.Mutex
	script  []http.HandlerFunc
	seen    []*http.Request
	bodies  []string
	wrote   chan struct{}
	clock   host.Clock
	client  *Client
	address string
}

func newService(t *testing.T, script ...http.HandlerFunc) *service {
	s := &service{script: script, clock: host.Simulated(1).Clock, wrote: make(chan struct{}, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		step := s.script[min(len(s.seen), len(s.script)-1)]
		s.seen = append(s.seen, r)
		s.bodies = append(s.bodies, string(body))
		s.mu.Unlock()
		step(w, r)
	}))
	t.Cleanup(server.Close)
	s.address = server.URL
	var err error
	s.client, err = New(Options{
		Title: "Dataverse", URL: server.URL + "/", Path: "/api/", HTTP: NewHTTPClient(), Tokens: tokens{},
		Budget: limit.New(limit.Options{Clock: s.clock}), Clock: s.clock, NewID: host.Simulated(1).Random.NewID,
		Wrote: func() { s.wrote <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		if code != http.StatusNoContent {
			fmt.Fprintf(w, `{"value":"%d"}`, code)
		}
	}
}

// cut breaks the connection, after half an answer or before any.
func cut(half bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if half {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"value":`)
			w.(http.Flusher).Flush()
		}
		panic(http.ErrAbortHandler)
	}
}

func (s *service) do(r Request) (string, error) {
	var got string
	err := s.client.Do(context.Background(), r, func(response *Response) error {
		b, err := io.ReadAll(response.Body)
		got = string(b)
		return err
	})
	return got, err
}

func TestRequestsCarryWhatTheServicesWant(t *testing.T) {
	s := newService(t, status(200, "Set-Cookie", "ARRAffinity=x"))
	if _, err := s.do(Request{Method: "GET", URL: "accounts?$filter=" + Escape("name eq 'a/b'")}); err != nil {
		t.Fatal(err)
	}
	// A link that the service gave keeps its path and query, but no other host.
	link := "https://elsewhere.test/api/accounts?$skiptoken=%3Ccookie%20x%3D%2522y%2522%3E"
	if _, err := s.do(Request{Method: "GET", URL: link}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.do(Request{Method: "PATCH", URL: "accounts(1)", Body: []byte("{}"), Header: http.Header{"If-Match": {"*"}}}); err != nil {
		t.Fatal(err)
	}
	<-s.wrote // of the PATCH; it may come just after the answer
	get, next, patch := s.seen[0], s.seen[1], s.seen[2]
	for name, want := range map[string]string{"Authorization": "Bearer first", "OData-Version": "4.0", "OData-MaxVersion": "4.0", "Accept": "application/json", "If-None-Match": "null", "Content-Type": ""} {
		if got := get.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if get.RequestURI != "/api/accounts?$filter=name%20eq%20%27a%2Fb%27" || next.RequestURI != "/api/accounts?$skiptoken=%3Ccookie%20x%3D%2522y%2522%3E" {
		t.Errorf("%s %s", get.RequestURI, next.RequestURI)
	}
	if patch.Header.Get("If-Match") != "*" || patch.Header.Get("If-None-Match") != "" || !strings.HasPrefix(patch.Header.Get("Content-Type"), "application/json") || s.bodies[2] != "{}" {
		t.Errorf("%v", patch.Header)
	}
	if next.Header.Get("Cookie") != "" || get.Header.Get("x-ms-client-request-id") == "" || len(s.wrote) != 0 {
		t.Errorf("cookie %q, %d writes too many", next.Header.Get("Cookie"), len(s.wrote))
	}
}

func TestRepetitions(t *testing.T) {
	const day = "Mon, 05 Jan 2026 08:00:20 GMT" // twenty seconds after the clock's beginning
	for name, test := range map[string]struct {
		method     string
		repeatable bool
		script     []http.HandlerFunc
		requests   int
		waited     time.Duration
		want       string // "" success, a code of a diagnostic, "unanswered", or the status of a refusal
	}{
		"plain":                        {"GET", false, []http.HandlerFunc{status(200)}, 1, 0, ""},
		"token refused once":           {"POST", false, []http.HandlerFunc{status(401), status(204)}, 2, 0, ""},
		"token refused twice":          {"GET", false, []http.HandlerFunc{status(401)}, 2, 0, "401"},
		"busy, with seconds":           {"POST", false, []http.HandlerFunc{status(429, "Retry-After", "7"), status(204)}, 2, 7 * time.Second, ""},
		"busy, with a date":            {"POST", false, []http.HandlerFunc{status(429, "Retry-After", day), status(204)}, 2, 20 * time.Second, ""},
		"busy, without a header":       {"GET", false, []http.HandlerFunc{status(429), status(200)}, 2, limit.DefaultPause, ""},
		"busy, for ever":               {"POST", false, []http.HandlerFunc{status(429, "Retry-After", "1")}, maxRefusals, 11 * time.Second, diag.CodeServiceOverloaded},
		"read cut off":                 {"GET", false, []http.HandlerFunc{cut(true), cut(false), status(200)}, 3, 1500 * time.Millisecond, ""},
		"read from a broken gateway":   {"GET", false, []http.HandlerFunc{status(503), status(502), status(504), status(200)}, 4, 3500 * time.Millisecond, ""},
		"gateway says when":            {"GET", false, []http.HandlerFunc{status(503, "Retry-After", "60"), status(200)}, 2, 60 * time.Second, ""},
		"read, for ever":               {"GET", false, []http.HandlerFunc{status(503)}, maxFailures, 61500 * time.Millisecond, diag.CodeServiceUnreachable},
		"write cut off":                {"POST", false, []http.HandlerFunc{cut(false), status(204)}, 1, 0, "unanswered"},
		"write with half an answer":    {"POST", false, []http.HandlerFunc{cut(true), status(204)}, 1, 0, "unanswered"},
		"write behind a gateway":       {"POST", false, []http.HandlerFunc{status(504), status(204)}, 1, 0, "unanswered"},
		"repeatable write cut off":     {"PATCH", true, []http.HandlerFunc{cut(false), status(204)}, 2, 500 * time.Millisecond, ""},
		"repeatable write, for ever":   {"PATCH", true, []http.HandlerFunc{cut(false)}, maxFailures, 61500 * time.Millisecond, "unanswered"},
		"repeatable, then refused":     {"PATCH", true, []http.HandlerFunc{cut(false), status(412)}, 2, 500 * time.Millisecond, "412 repeated"},
		"repeatable, busy in between":  {"PATCH", true, []http.HandlerFunc{status(503), status(429, "Retry-After", "1"), status(204)}, 3, 1500 * time.Millisecond, ""},
		"refused":                      {"POST", true, []http.HandlerFunc{status(400)}, 1, 0, "400"},
		"sent elsewhere, with a token": {"GET", false, []http.HandlerFunc{status(302, "Location", "https://elsewhere.test/")}, 1, 0, "302"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, test.script...)
			before := s.clock.Now()
			_, err := s.do(Request{Method: test.method, URL: "x", Repeatable: test.repeatable})
			if got := outcome(err); got != test.want {
				t.Errorf("%q (%v), want %q", got, err, test.want)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if len(s.seen) != test.requests {
				t.Errorf("%d requests, want %d", len(s.seen), test.requests)
			}
			if waited := s.clock.Now().Sub(before); waited != test.waited {
				t.Errorf("waited %v, want %v", waited, test.waited)
			}
		})
	}
}

func outcome(err error) string {
	var unanswered *Unanswered
	var refused *ServiceError
	var failure *diag.Failure
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		if refused.Repeated {
			return fmt.Sprint(refused.Status, " repeated")
		}
		return fmt.Sprint(refused.Status)
	case errors.As(err, &unanswered):
		return "unanswered"
	case errors.As(err, &failure):
		return failure.List[0].Code
	}
	return err.Error()
}

func TestExplain(t *testing.T) {
	s := newService(t, status(200))
	for _, test := range []struct {
		err  error
		want string
	}{
		{&ServiceError{Status: 401}, diag.CodeTokenRefused},
		{&ServiceError{Status: 403, Code: "0x80040220", Message: "prvRead"}, diag.CodePrivilegeMissing},
		{&ServiceError{Status: 302}, diag.CodeUnexpectedAnswer},
		{&ServiceError{Status: 400, Message: "no"}, diag.CodeRequestRefused},
		{&Malformed{Detail: "x"}, diag.CodeUnexpectedAnswer},
		{nil, ""},
		{context.Canceled, "context canceled"},
	} {
		err := s.client.Explain(test.err, "read accounts")
		if got := outcome(err); got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
		var f *diag.Failure
		if errors.As(err, &f) && (f.List[0].Address != s.client.Host() || !strings.Contains(f.List[0].Summary, s.client.Host())) {
			t.Errorf("%v names no host", f)
		}
	}
}

func TestCancelledWrite(t *testing.T) {
	arrived := make(chan struct{})
	over := make(chan struct{})
	s := newService(t, func(http.ResponseWriter, *http.Request) { close(arrived); <-over })
	defer close(over)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-arrived; cancel() }()
	err := s.client.Do(ctx, Request{Method: "POST", URL: "x"}, func(*Response) error { return nil })
	if outcome(err) != "unanswered" || !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := s.client.Do(ctx, Request{Method: "POST", URL: "x"}, func(*Response) error { return nil }); outcome(err) != "context canceled" {
		t.Fatal(err)
	}
}
