package gate

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a time that sleeping moves.
type clock struct {
	mu    sync.Mutex
	t     time.Time
	slept time.Duration
}

func newClock() *clock { return &clock{t: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) sleep(_ context.Context, d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
	c.slept += d
}

func (c *clock) total() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.slept
}

// twin is a handler that writes a row on each POST.
type twin struct {
	mu     sync.Mutex
	writes int
}

func (s *twin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := Note(r.Context())
	n.AddRows(3)
	if r.Method == http.MethodPost {
		s.mu.Lock()
		s.writes++
		s.mu.Unlock()
		n.AddWrites(Write{OpCreate, "accounts", "1"})
		w.WriteHeader(http.StatusCreated)
	}
	w.Header().Set("X-Twin", "yes")
	_, _ = io.WriteString(w, "done")
}

func (s *twin) written() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes
}

func (s *twin) Refuse(w http.ResponseWriter, _ *http.Request, refusal Refusal) {
	SetRetryAfter(w.Header(), refusal.RetryAfter)
	status := http.StatusTooManyRequests
	if refusal.Reason == Unauthorized {
		status = http.StatusUnauthorized
		Challenge(w.Header(), "https://login/", "https://twin/")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, refusal.Detail)
}

func (s *twin) Advertise(h http.Header, b Budget) { h.Set("X-Left", http.StatusText(b.Requests)) }

func serve(t *testing.T, o Options) (*Gate, *twin, *httptest.Server) {
	t.Helper()
	g, h := New(o), &twin{}
	server := httptest.NewUnstartedServer(g.Wrap("dataverse", h))
	server.Config.ErrorLog = nil
	server.Start()
	t.Cleanup(server.Close)
	return g, h, server
}

func get(t *testing.T, method, url string, headers ...string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	// A connection of its own, so that a cut one is not tried again.
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := c.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, string(body), err
}

func TestAuth(t *testing.T) {
	log, err := NewLog("")
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	_, h, s := serve(t, Options{Now: c.now, Log: log, Auth: func(r *http.Request) error {
		if BearerToken(r) != "good" {
			return errors.New("bad token")
		}
		return nil
	}})
	res, body, err := get(t, "POST", s.URL+"/x")
	if err != nil || res.StatusCode != 401 || body != "bad token" || !strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "Bearer authorization_uri=https://login/, resource_id=") {
		t.Errorf("without a token: %v %v %q", res, err, body)
	}
	if h.written() != 0 {
		t.Error("a request without a token was carried out")
	}
	res, _, err = get(t, "POST", s.URL+"/x", "Authorization: bearer good")
	if err != nil || res.StatusCode != 201 || res.Header.Get("X-Twin") != "yes" {
		t.Errorf("with a token: %v %v", res, err)
	}
	entries := log.Entries()
	if len(entries) != 2 || entries[0].Token || !entries[1].Token || entries[0].Status != 401 || len(entries[0].Writes) != 0 {
		t.Errorf("%+v", entries)
	}
}

func TestLogFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "requests.jsonl")
	log, err := NewLog(path)
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	_, _, s := serve(t, Options{Now: c.now, Sleep: c.sleep, Latency: Latency{Base: 10 * time.Millisecond, PerRow: time.Millisecond}, Log: log})
	for range 2 {
		if _, _, err := get(t, "POST", s.URL+"/accounts?tag=x"); err != nil {
			t.Fatal(err)
		}
	}
	if c.total() != 26*time.Millisecond {
		t.Errorf("slept %v for two requests of three rows", c.total())
	}
	if n := len(log.Entries()); n != 0 {
		t.Errorf("%d entries fill the memory", n)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		n++
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if e.Number != n || e.URL != "/accounts?tag=x" || e.Status != 201 || e.Rows != 3 || e.Milliseconds != 13 || len(e.Writes) != 1 || e.Writes[0].ID != "1" {
			t.Errorf("%+v", e)
		}
	}
	if n != 2 {
		t.Errorf("%d lines", n)
	}
}

func TestFaults(t *testing.T) {
	log, err := NewLog("")
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	g, h, s := serve(t, Options{Now: c.now, Sleep: c.sleep, Log: log, Faults: []Fault{
		{Twin: "dataverse", Method: "POST", PathContains: "lost", From: 2, Kind: LostAnswer},
		{PathContains: "cut", Kind: Cut},
		{PathContains: "busy", Kind: Busy, RetryAfter: 7, Count: 2},
		{PathContains: "down", Kind: Down, Count: -1},
		{Twin: "fno", PathContains: "other", Kind: Down},
	}})
	if res, _, err := get(t, "POST", s.URL+"/lost"); err != nil || res.StatusCode != 201 {
		t.Errorf("the first is disturbed: %v %v", res, err)
	}
	if _, _, err := get(t, "POST", s.URL+"/lost"); err == nil {
		t.Error("the answer came")
	}
	if h.written() != 2 {
		t.Errorf("%d writes; the lost answer's has to be done", h.written())
	}
	if _, _, err := get(t, "POST", s.URL+"/cut"); err == nil {
		t.Error("the answer came")
	}
	if h.written() != 2 {
		t.Error("the cut request was carried out")
	}
	for i, want := range []int{429, 429, 200} {
		res, _, err := get(t, "GET", s.URL+"/busy")
		if err != nil || res.StatusCode != want || want == 429 && res.Header.Get("Retry-After") != "7" {
			t.Errorf("busy %d: %v %v", i, res, err)
		}
	}
	for range 3 {
		res, body, err := get(t, "GET", s.URL+"/down")
		if err != nil || res.StatusCode != 503 || !strings.HasPrefix(body, "<html>") {
			t.Errorf("down: %v %v", res, err)
		}
	}
	if res, _, err := get(t, "GET", s.URL+"/other"); err != nil || res.StatusCode != 200 {
		t.Errorf("another twin's fault: %v %v", res, err)
	}
	entries := log.Entries()
	if e := entries[1]; e.Status != 0 || e.Cut != "after" || len(e.Writes) != 1 {
		t.Errorf("%+v", e)
	}
	if e := entries[2]; e.Status != 0 || e.Cut != "before" || len(e.Writes) != 0 {
		t.Errorf("%+v", e)
	}
	g.ClearFaults()
	if res, _, err := get(t, "GET", s.URL+"/down"); err != nil || res.StatusCode != 200 {
		t.Errorf("cleared: %v %v", res, err)
	}
	g.Inject(Fault{Kind: Slow, Delay: time.Minute})
	if _, _, err := get(t, "GET", s.URL+"/slow"); err != nil || c.total() != time.Minute {
		t.Errorf("slow: %v %v", c.total(), err)
	}
	g.Inject(Fault{Kind: Denied})
	if res, _, err := get(t, "GET", s.URL+"/x"); err != nil || res.StatusCode != 401 {
		t.Errorf("denied: %v %v", res, err)
	}
}

func TestControl(t *testing.T) {
	c := newClock()
	_, _, s := serve(t, Options{Now: c.now})
	post := func(body string) int {
		res, err := http.Post(s.URL+"/_sandbox/faults", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	for body, want := range map[string]int{
		`{"kind":"503","path_contains":"x","count":-1}`: 204,
		`{"kind":"nonsense"}`:                           400,
		`{"kind":"429","retry_after":-1}`:               400,
		`{"unknown":1}`:                                 400,
		`[`:                                             400,
	} {
		if got := post(body); got != want {
			t.Errorf("%s: %d, want %d", body, got, want)
		}
	}
	if res, _, err := get(t, "GET", s.URL+"/x"); err != nil || res.StatusCode != 503 {
		t.Errorf("%v %v", res, err)
	}
	if res, _, err := get(t, "DELETE", s.URL+"/_sandbox/faults"); err != nil || res.StatusCode != 204 {
		t.Errorf("%v %v", res, err)
	}
	if res, _, err := get(t, "GET", s.URL+"/x"); err != nil || res.StatusCode != 200 {
		t.Errorf("%v %v", res, err)
	}
	if res, _, err := get(t, "GET", s.URL+"/_sandbox/faults"); err != nil || res.StatusCode != 405 {
		t.Errorf("%v %v", res, err)
	}
	r := httptest.NewRequest("DELETE", "/_sandbox/faults", nil)
	r.RemoteAddr = "192.0.2.7:1234"
	w := httptest.NewRecorder()
	New(Options{Now: c.now}).Wrap("x", &twin{}).ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("a caller on another machine: %d", w.Code)
	}
}

func TestLimitRequests(t *testing.T) {
	c := newClock()
	l := newLimiter(Limits{Enabled: true, Requests: 10, Window: 300 * time.Second})
	pass := func() *Refusal {
		refusal, release := l.enter(c.now())
		if release != nil {
			release(c.now(), c.now())
		}
		return refusal
	}
	for i := range 10 {
		if r := pass(); r != nil {
			t.Fatalf("request %d: %+v", i, r)
		}
		c.sleep(context.Background(), time.Second)
	}
	first := pass()
	if first == nil || first.Reason != TooManyRequests || first.RetryAfter != 291 {
		t.Fatalf("%+v", first)
	}
	second, third := pass(), pass()
	if second.RetryAfter != first.RetryAfter+1 || third.RetryAfter != first.RetryAfter+2 {
		t.Errorf("pushing does not lengthen the pause: %v %v %v", first, second, third)
	}
	if b := l.budget(c.now()); b.Requests != 0 {
		t.Errorf("%+v", b)
	}
	c.sleep(context.Background(), time.Duration(third.RetryAfter)*time.Second)
	if r := pass(); r != nil {
		t.Errorf("after the pause: %+v", r)
	}
}

func TestLimitExecution(t *testing.T) {
	c := newClock()
	l := newLimiter(Limits{Enabled: true, Execution: time.Minute})
	_, release := l.enter(c.now())
	start := c.now()
	c.sleep(context.Background(), 2*time.Minute)
	release(start, c.now())
	r, _ := l.enter(c.now())
	if r == nil || r.Reason != TooMuchExecution || r.RetryAfter != 300 {
		t.Fatalf("%+v", r)
	}
	c.sleep(context.Background(), 300*time.Second)
	if r, _ := l.enter(c.now()); r != nil {
		t.Errorf("after the pause: %+v", r)
	}
}

func TestLimitConcurrency(t *testing.T) {
	c := newClock()
	l := newLimiter(Limits{Enabled: true, Concurrency: 2})
	_, one := l.enter(c.now())
	_, two := l.enter(c.now())
	if r, _ := l.enter(c.now()); r == nil || r.Reason != TooConcurrent || r.RetryAfter != 1 {
		t.Fatalf("%+v", r)
	}
	one(c.now(), c.now())
	r, three := l.enter(c.now())
	if r != nil {
		t.Fatalf("%+v", r)
	}
	two(c.now(), c.now())
	three(c.now(), c.now())
	if l.running != 0 {
		t.Errorf("%d running", l.running)
	}
}

func TestNotesOutsideGate(t *testing.T) {
	n := Note(context.Background())
	n.AddRows(1)
	n.AddWrites(Write{})
	n.AddPart(Part{})
}

func TestHalves(t *testing.T) {
	c := newClock()
	_, h, s := serve(t, Options{Now: c.now, Sleep: c.sleep, Faults: []Fault{
		{PathContains: "answer", Kind: HalfAnswer},
		{PathContains: "sent", Kind: HalfSent},
		{PathContains: "failed", Kind: Failed},
	}})
	if res, body, err := get(t, "POST", s.URL+"/answer"); err == nil || res != nil && body == "done" {
		t.Errorf("the whole answer came: %v %q", res, body)
	}
	if h.written() != 1 {
		t.Error("what was answered by half was not carried out")
	}
	if _, _, err := get(t, "POST", s.URL+"/sent"); err == nil {
		t.Error("an answer came")
	}
	if h.written() != 1 {
		t.Error("what was sent by half was carried out")
	}
	if res, _, err := get(t, "POST", s.URL+"/failed"); err != nil || res.StatusCode != 429 && res.StatusCode != 500 {
		t.Errorf("failed: %v %v", res, err)
	}
	if h.written() != 1 {
		t.Error("what failed was carried out")
	}
}

// large sends more than a gate could keep, a part at a time.
type large struct{ part []byte }

func (l large) Streams(r *http.Request) bool { return r.Method == http.MethodGet }

func (l large) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", strconv.Itoa(64*len(l.part)))
	for range 64 {
		if _, err := w.Write(l.part); err != nil {
			return
		}
	}
}

// TestStreams: an answer that is large goes through as it is made, and faults
// reach it all the same.
func TestStreams(t *testing.T) {
	c, l := newClock(), large{bytes.Repeat([]byte("x"), 1<<20)}
	log, err := NewLog("")
	if err != nil {
		t.Fatal(err)
	}
	g := New(Options{Now: c.now, Sleep: c.sleep, Log: log, Latency: Latency{Base: time.Second}})
	server := httptest.NewUnstartedServer(g.Wrap("blob", l))
	server.Config.ErrorLog = nil
	server.Start()
	t.Cleanup(server.Close)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // a cut connection is not tried again
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r.Body)
	r.Body.Close()
	runtime.ReadMemStats(&after)
	if err != nil || n != 64<<20 || c.total() != time.Second {
		t.Errorf("%d bytes, %v, latency %v", n, err, c.total())
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
		t.Errorf("%d MB were kept", grown>>20)
	}
	for _, f := range []struct {
		kind   Kind
		status int
		bytes  int64
	}{{HalfAnswer, 200, 32 << 20}, {LostAnswer, 0, 0}, {Cut, 0, 0}, {Busy, 429, -1}, {Down, 503, -1}, {Failed, 500, -1}} {
		g.Inject(Fault{Kind: f.kind})
		status, n, failed := 0, int64(0), false
		if r, err := client.Get(server.URL); err != nil {
			failed = true
		} else {
			status = r.StatusCode
			n, err = io.Copy(io.Discard, r.Body)
			r.Body.Close()
			failed = err != nil
		}
		if status != f.status || f.bytes >= 0 && n != f.bytes || failed != (f.bytes >= 0) {
			t.Errorf("%s: status %d, %d bytes, failed %v", f.kind, status, n, failed)
		}
		g.ClearFaults()
	}
	if e := log.Entries()[0]; e.Status != 200 || e.Cut != "" {
		t.Errorf("%+v", e)
	}
}

func TestLimitsWithinAnotherWindow(t *testing.T) {
	got := Limits{Enabled: true}.Within(15 * time.Second)
	want := Limits{Enabled: true, Requests: 300, Execution: time.Minute, Concurrency: 52, Window: 15 * time.Second}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	l := Latency{Base: 60 * time.Millisecond, PerRow: time.Millisecond, PerWrite: 6 * time.Millisecond}
	if d := l.of(10, 4); d != 94*time.Millisecond {
		t.Errorf("latency %v", d)
	}
}
