// Package odata holds what both connectors need to speak OData over HTTP:
// requests with their repetitions, pages decoded into values, error answers,
// batches and the spelling of literals.
package odata

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/connect/auth"
	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/host"
)

// Options of a client.
type Options struct {
	Title  string // how people call the service: "Dataverse"
	URL    string // of the environment: "https://contoso.crm.dynamics.com"
	Path   string // of the service below it, with slashes at both ends: "/data/"
	HTTP   *http.Client
	Tokens auth.Source
	Budget limit.Budget
	Clock  host.Clock
	NewID  func() string // names requests for tracing

	// Fails recognises answers with status 500 that say nothing of the request:
	// it has not been carried out, and may be the next time. Nil for none.
	Fails func(e *ServiceError) bool

	// Wrote is called when a request that may change something has left
	// completely and before its answer is read; nil for nobody.
	Wrote func()
}

// Client sends requests to one service. It is safe for concurrent use.
type Client struct {
	o    Options
	base *url.URL
}

// New makes a client. Its error is a *diag.Failure.
func New(o Options) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(o.URL, "/"))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.User != nil {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeBadAddress, Summary: "the address of " + o.Title + " is not a web address", Detail: strconv.Quote(redact(o.URL)),
			Hint: "Write the url of the environment like https://contoso.crm4.dynamics.com.",
		})
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeBadAddress, Summary: "the address of " + o.Title + " is not encrypted", Detail: u.String(),
			Hint: "Use https: tokens and records must not travel in the clear; http is for the twins on this machine.",
		})
	}
	u.Path += o.Path
	return &Client{o: o, base: u}, nil
}

// redact cuts a user name and password out of an address that may not parse.
func redact(address string) string {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return "…" + address[i:]
	}
	return address
}

func isLoopback(name string) bool {
	if name == "localhost" {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

// Host gives the host that the client talks to.
func (c *Client) Host() string { return c.base.Host }

// Title gives the name that people use for the service.
func (c *Client) Title() string { return c.o.Title }

// ServicePath gives the path of the service on its host, as the request lines
// inside a batch need it.
func (c *Client) ServicePath() string { return c.base.EscapedPath() }

// NewHTTPClient makes a client for a data service. It keeps no cookies, since
// both services pin a client with cookies to one server, whose limits then
// count alone; and it follows no redirects, which would carry the token to
// somebody else. Its transport is a *http.Transport, whose TLSClientConfig is
// for the caller to set where other certificates than the system's are to be
// trusted.
func NewHTTPClient() *http.Client {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   15 * time.Second,
		MaxIdleConns:          128,
		MaxIdleConnsPerHost:   64, // more than either service answers at once
		IdleConnTimeout:       90 * time.Second,
		ResponseHeaderTimeout: requestTimeout,
	}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

const (
	// requestTimeout is twice the two minutes after which both services give
	// up themselves.
	requestTimeout = 4 * time.Minute

	maxRefusals = 12 // answers 429 to one request
	maxFailures = 8  // cut connections and 502, 503, 504; about 90 seconds
	maxFailed   = 4  // answers with status 500 that say nothing
	maxAtStart  = 2  // the same for requests of the first contact
)

// Request is one request.
type Request struct {
	Method string
	URL    string // relative to the service, or a link that the service gave
	Header http.Header
	Body   []byte

	// Repeatable says that the request may be sent again when nothing is
	// known about its outcome. Requests with GET always may.
	Repeatable bool
	// FirstContact makes the client give up soon: somebody waits to hear that
	// an address is wrong.
	FirstContact bool
}

// Response is an answer with a status below 300.
type Response struct {
	Status int
	Header http.Header
	Body   io.Reader
	// Repeated says that an earlier attempt got no answer.
	Repeated bool
	// Took is the time from sending the request to the first byte of the answer.
	Took time.Duration
}

// Do sends a request, again where that is safe and sensible, and hands the
// answer to handle. Handle may be called again after an answer that broke off,
// so it must start afresh each time.
//
// Errors: *ServiceError where the service refused; *Unanswered where the
// request may have been carried out, but nobody knows; *diag.Failure where it
// certainly was not and repeating did not help; the context's.
func (c *Client) Do(ctx context.Context, r Request, handle func(*Response) error) error {
	t := try{c: c, r: r, repeatable: r.Repeatable || r.Method == http.MethodGet}
	for {
		again, err := t.once(ctx, handle)
		switch {
		case err != nil && t.unknown:
			return t.unanswered(err)
		case err != nil || !again:
			return err
		}
	}
}

// try is the state of one request over its repetitions.
type try struct {
	c          *Client
	r          Request
	repeatable bool
	refused    string // token that got a 401
	refusals   int    // by 429
	failures   int    // by the network or a gateway
	failed     int    // by answers that say nothing
	unknown    bool   // an attempt left without an answer
}

// once makes one attempt. again says that another one should follow.
func (t *try) once(ctx context.Context, handle func(*Response) error) (again bool, err error) {
	release, err := t.c.o.Budget.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	token, err := t.c.o.Tokens.Token(ctx, t.refused)
	if err != nil {
		return false, err
	}
	attempt, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var sent atomic.Bool
	request, err := t.request(attempt, token, &sent)
	if err != nil {
		return false, err
	}
	began := t.c.o.Clock.Now()
	response, err := t.c.o.HTTP.Do(request)
	if err != nil {
		release()
		return t.broken(ctx, sent.Load(), err)
	}
	took := t.c.o.Clock.Now().Sub(began)
	body := &watched{r: response.Body}
	defer response.Body.Close()
	if hint, err := strconv.Atoi(response.Header.Get("x-ms-dop-hint")); err == nil {
		t.c.o.Budget.Hint(hint)
	}
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized && t.refused == "" && token != "":
		drain(body)
		t.refused = token
		return true, nil
	case status == http.StatusTooManyRequests:
		return t.throttled(response, body)
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		failure := readError(t.c, status, response.Header, body)
		pause, ok := limit.RetryAfter(response.Header, t.c.o.Clock.Now())
		response.Body.Close()
		release()
		if ok {
			t.c.o.Budget.Pushback(pause)
		}
		return t.broken(ctx, true, failure)
	case status >= 300:
		failure := readError(t.c, status, response.Header, body)
		if t.fails(failure) {
			response.Body.Close()
			release()
			return true, t.c.o.Clock.Sleep(ctx, limit.Backoff(t.failed))
		}
		failure.Repeated = t.unknown
		t.unknown = false // the service has spoken
		return false, failure
	}
	err = handle(&Response{Status: response.StatusCode, Header: response.Header, Body: body, Repeated: t.unknown, Took: took})
	if body.err != nil {
		response.Body.Close()
		release()
		return t.broken(ctx, true, body.err)
	}
	drain(body)
	t.unknown = false
	return false, err
}

// fails tells whether to send the request again after an answer that says
// nothing of it.
func (t *try) fails(e *ServiceError) bool {
	if e.Status != http.StatusInternalServerError || t.c.o.Fails == nil || !t.repeatable || !t.c.o.Fails(e) {
		return false
	}
	t.failed++
	return t.failed < maxFailed
}

func (t *try) request(ctx context.Context, token string, sent *atomic.Bool) (*http.Request, error) {
	u, err := t.c.resolve(t.r.URL)
	if err != nil {
		return nil, err
	}
	writes := t.r.Method != http.MethodGet
	trace := &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if writes && info.Err == nil && t.c.o.Wrote != nil {
				t.c.o.Wrote()
			}
		},
	}
	var body io.Reader
	if t.r.Body != nil {
		body = bytes.NewReader(t.r.Body)
	}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), t.r.Method, u, body)
	if err != nil {
		return nil, fmt.Errorf("build request to %s: %w", t.c.Host(), err)
	}
	h := request.Header
	h.Set("Accept", "application/json")
	h.Set("OData-Version", "4.0")
	h.Set("OData-MaxVersion", "4.0")
	h.Set("x-ms-client-request-id", t.c.o.NewID())
	if writes {
		h.Set("Content-Type", "application/json; charset=utf-8")
	} else {
		h.Set("If-None-Match", "null")
	}
	for name, values := range t.r.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	return request, nil
}

// resolve makes a relative address absolute. Of links that the service gave
// only path and query are used: behind a gateway they may name another host,
// which must not get the token.
func (c *Client) resolve(address string) (string, error) {
	if strings.Contains(address, "://") {
		u, err := url.Parse(address)
		if err != nil {
			return "", c.fail(diag.CodeUnexpectedAnswer, c.o.Title+" gave a link that is no address", err.Error(), "")
		}
		address = u.RequestURI()
	}
	if strings.HasPrefix(address, "/") {
		return c.base.Scheme + "://" + c.base.Host + address, nil
	}
	return c.base.String() + address, nil
}

// throttled waits for its next attempt in Budget.Acquire.
func (t *try) throttled(response *http.Response, body io.Reader) (bool, error) {
	failure := readError(t.c, response.StatusCode, response.Header, body)
	pause, ok := limit.RetryAfter(response.Header, t.c.o.Clock.Now())
	if !ok {
		pause = limit.DefaultPause
	}
	t.c.o.Budget.Pushback(pause)
	if t.refusals++; t.refusals < maxRefusals {
		return true, nil
	}
	return false, t.c.fail(diag.CodeServiceOverloaded, fmt.Sprintf("%s at %s refused a request for load %d times", t.c.o.Title, t.c.Host(), t.refusals),
		fmt.Sprintf("last answer: status %d, %s", failure.Status, failure.Message),
		"Let it rest and run the command again; if other integrations use the same application user, give dw one of its own.")
}

// broken decides about an attempt without a usable answer. sent says that it
// may have reached the service.
func (t *try) broken(ctx context.Context, sent bool, cause error) (bool, error) {
	if sent && t.r.Method != http.MethodGet {
		t.unknown = true
	}
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if untrusted(cause) {
		return false, t.c.fail(diag.CodeServerUntrusted, "the certificate of "+t.c.Host()+" is not trusted", "the service could not prove who it is",
			"Check the url, and that this machine trusts the certificate authority that your network uses.")
	}
	if sent && !t.repeatable {
		return false, cause
	}
	allowed := maxFailures
	if t.r.FirstContact {
		allowed = maxAtStart
	}
	if t.failures++; t.failures < allowed {
		return true, t.c.o.Clock.Sleep(ctx, limit.Backoff(t.failures))
	}
	return false, t.c.unreachable(cause, t.failures)
}

// unanswered wraps the last error. A gateway's refusal loses its type: it is
// no answer of the service, and must not be taken for one.
func (t *try) unanswered(err error) error {
	var gateway *ServiceError
	if errors.As(err, &gateway) {
		err = errors.New(gateway.Error())
	}
	return &Unanswered{Host: t.c.Host(), Err: err}
}

// drain reads what is left of a small body so that the connection can be used
// again.
func drain(r io.Reader) { _, _ = io.CopyN(io.Discard, r, 64<<10) }

// watched remembers that a body broke off, which a decoder reports as if the
// text were malformed.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
