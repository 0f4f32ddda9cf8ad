// Package gate is what every request to a twin passes through: sign-in,
// service protection limits, injected faults, latency and the request log.
package gate

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options of a gate. The zero value of every field but Now means "not in use".
type Options struct {
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration)

	Latency Latency
	Limits  Limits
	Faults  []Fault

	// Auth decides whether a request carries a valid bearer token; nil lets
	// everybody in. Its error's text becomes part of the 401 answer and must
	// not hold the token.
	Auth func(*http.Request) error

	// Log receives an entry for each request; nil keeps none.
	Log *Log
}

// Latency is how long each answer takes at least: Base, PerRow for every row that
// the handler read or wrote, and PerWrite on top for every row that it wrote.
// What the handler itself takes is part of it.
type Latency struct {
	Base, PerRow, PerWrite time.Duration
}

func (l Latency) of(rows, writes int) time.Duration {
	return l.Base + time.Duration(rows)*l.PerRow + time.Duration(writes)*l.PerWrite
}

// Reason says why the gate refuses a request.
type Reason int

// Reasons of a Refusal.
const (
	Unauthorized Reason = iota
	TooManyRequests
	TooMuchExecution
	TooConcurrent
	Throttled // an injected 429
	Broken    // an injected 500
)

// Refusal is a request that the gate answers in the twin's place.
type Refusal struct {
	Reason     Reason
	RetryAfter int    // seconds; 0 leaves the header out
	Detail     string // of Unauthorized: what is wrong with the token
}

// Refuser renders a refusal in the error envelope of its service. A handler
// given to Wrap that implements it is asked; others get a plain answer.
type Refuser interface {
	Refuse(w http.ResponseWriter, r *http.Request, refusal Refusal)
}

// Advertiser adds headers about the remaining budget to each answer. A handler
// given to Wrap that implements it is asked.
type Advertiser interface {
	Advertise(h http.Header, b Budget)
}

// Streamer sends some answers as they are made, since they may be large. A
// handler given to Wrap that implements it is asked. The latency comes before
// such an answer.
type Streamer interface {
	Streams(r *http.Request) bool
}

// Gate guards twins. It is safe for concurrent use. Limits are counted for
// each twin by itself, as for one user on one server.
type Gate struct {
	opts Options

	mu     sync.Mutex
	faults []*armed
	limits map[string]*limiter
}

// New makes a gate.
func New(o Options) *Gate {
	g := &Gate{opts: o, limits: map[string]*limiter{}}
	for _, f := range o.Faults {
		g.Inject(f)
	}
	return g
}

// Log returns the request log, nil where there is none.
func (g *Gate) Log() *Log { return g.opts.Log }

// Wrap puts the gate in front of a twin's handler. The name stands in log
// entries and selects faults. Paths under /_sandbox/ are the gate's own: see
// Inject.
func (g *Gate) Wrap(twin string, h http.Handler) http.Handler {
	g.mu.Lock()
	lim := g.limits[twin]
	if lim == nil {
		lim = newLimiter(g.opts.Limits)
		g.limits[twin] = lim
	}
	g.mu.Unlock()
	return &door{gate: g, twin: twin, next: h, limit: lim}
}

// door is the gate in front of one twin.
type door struct {
	gate  *Gate
	twin  string
	next  http.Handler
	limit *limiter
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isControl(r) {
		d.gate.control(w, r)
		return
	}
	g := d.gate
	start := g.opts.Now()
	entry := Entry{Time: start, Twin: d.twin, Method: r.Method, URL: loggedURL(r), Token: hasBearer(r)}
	notes := &Notes{}
	answer := &recorder{header: http.Header{}}
	if st, ok := d.next.(Streamer); ok && st.Streams(r) {
		answer.to = w
	}
	// A refusal ends the request before the handler; faults come first, since
	// a cut connection or a gateway's 503 does not depend on the token.
	fault := g.strike(d.twin, r)
	cut := d.answer(answer, r, notes, fault, start)

	entry.Status = answer.status()
	entry.Rows, entry.Writes, entry.Batch = notes.take()
	if cut {
		entry.Status = 0
		switch fault.Kind {
		case Cut, HalfSent:
			entry.Cut = "before"
		default:
			entry.Cut = "after"
		}
	}
	entry.Milliseconds = float64(g.opts.Now().Sub(start).Microseconds()) / 1000
	if g.opts.Log != nil {
		g.opts.Log.add(entry)
	}
	if cut {
		if fault.Kind == HalfAnswer && !answer.sent {
			answer.sendHalf(w)
		}
		// The documented way to end a request without an answer: the server
		// closes the connection and logs nothing.
		panic(http.ErrAbortHandler)
	}
	if !answer.sent {
		answer.send(w)
	}
}

// loggedURL is the address of a request without the signature that stands in
// those of a storage account.
func loggedURL(r *http.Request) string {
	path, query, _ := strings.Cut(r.URL.RequestURI(), "?")
	if strings.Contains(query, "sig=") {
		return path + "?…"
	}
	return r.URL.RequestURI()
}

// answer fills a with what the client gets; cut says that it gets nothing.
func (d *door) answer(a *recorder, r *http.Request, notes *Notes, fault *Fault, start time.Time) (cut bool) {
	g := d.gate
	if fault != nil {
		switch fault.Kind {
		case Cut:
			return true
		case HalfSent:
			// What has come so far is thrown away with the connection.
			_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
			return true
		case Busy:
			d.refuse(a, r, Refusal{Reason: Throttled, RetryAfter: max(fault.RetryAfter, 0)})
			return false
		case Down:
			serviceUnavailable(a)
			return false
		case Failed:
			d.refuse(a, r, Refusal{Reason: Broken})
			return false
		case Denied:
			d.refuse(a, r, Refusal{Reason: Unauthorized, Detail: "the token has been revoked"})
			return false
		case Slow:
			g.sleep(r.Context(), fault.Delay)
		}
	}
	if g.opts.Auth != nil {
		if err := g.opts.Auth(r); err != nil {
			d.refuse(a, r, Refusal{Reason: Unauthorized, Detail: err.Error()})
			return false
		}
	}
	refusal, release := d.limit.enter(start)
	if refusal != nil {
		d.refuse(a, r, *refusal)
		return false
	}
	defer func() { release(start, g.opts.Now()) }()
	began := g.opts.Now()
	if a.to != nil {
		g.sleep(r.Context(), g.opts.Latency.of(notes.count()))
		s := &stream{recorder: a, left: -1}
		if fault != nil && fault.Kind == LostAnswer {
			s.left = 0
		}
		s.halve = fault != nil && fault.Kind == HalfAnswer
		d.next.ServeHTTP(s, r.WithContext(withNotes(r.Context(), notes)))
		return fault != nil && (fault.Kind == LostAnswer || fault.Kind == HalfAnswer)
	}
	d.next.ServeHTTP(a, r.WithContext(withNotes(r.Context(), notes)))
	g.sleep(r.Context(), g.opts.Latency.of(notes.count())-g.opts.Now().Sub(began))
	if adv, ok := d.next.(Advertiser); ok {
		adv.Advertise(a.Header(), d.limit.budget(g.opts.Now()))
	}
	return fault != nil && (fault.Kind == LostAnswer || fault.Kind == HalfAnswer)
}

func (d *door) refuse(w http.ResponseWriter, r *http.Request, refusal Refusal) {
	if rf, ok := d.next.(Refuser); ok {
		rf.Refuse(w, r, refusal)
		return
	}
	PlainRefusal(w, refusal)
}

func (g *Gate) sleep(ctx context.Context, d time.Duration) {
	if d > 0 && g.opts.Sleep != nil {
		g.opts.Sleep(ctx, d)
	}
}

// hasBearer tells whether a request carries a bearer token at all.
func hasBearer(r *http.Request) bool {
	return BearerToken(r) != ""
}

// recorder buffers an answer until the latency has passed: a fault may still
// throw it away.
type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer

	to   http.ResponseWriter // of an answer that is sent as it is made, else nil
	sent bool                // it has been sent so
}

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(code int) {
	if a.code == 0 {
		a.code = code
	}
}

func (a *recorder) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *recorder) status() int {
	if a.code == 0 {
		return http.StatusOK
	}
	return a.code
}

func (a *recorder) send(w http.ResponseWriter) {
	a.sendHeader(w)
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(a.body.Bytes())
}

func (a *recorder) sendHeader(w http.ResponseWriter) {
	h := w.Header()
	for k, v := range a.header {
		h[k] = v
	}
	w.WriteHeader(a.status())
}

// sendHalf promises the whole body and sends half of it. An answer without a
// body is not sent at all.
func (a *recorder) sendHalf(w http.ResponseWriter) {
	body := a.body.Bytes()
	if len(body) == 0 {
		return
	}
	a.header.Set("Content-Length", strconv.Itoa(len(body)))
	a.sendHeader(w)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
}

// stream sends an answer as it is made.
type stream struct {
	*recorder
	halve bool  // only half of the body gets through
	left  int64 // bytes that still get through; -1: all
}

func (s *stream) WriteHeader(code int) {
	if s.sent {
		return
	}
	s.recorder.WriteHeader(code)
	s.sent = true
	if length, err := strconv.ParseInt(s.header.Get("Content-Length"), 10, 64); err == nil && s.halve {
		s.left = length / 2
	}
	if s.left != 0 {
		s.sendHeader(s.to)
	}
}

func (s *stream) Write(p []byte) (int, error) {
	s.WriteHeader(http.StatusOK)
	if s.left < 0 {
		return s.to.Write(p)
	}
	n, err := 0, error(nil)
	if part := p[:min(s.left, int64(len(p)))]; len(part) > 0 {
		n, err = s.to.Write(part)
		s.left -= int64(n)
		_ = http.NewResponseController(s.to).Flush() // what cannot be flushed is lost with the connection
	}
	if err == nil && n < len(p) {
		err = http.ErrAbortHandler
	}
	return n, err
}
