package gate

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Kind is what a fault does to a request.
type Kind string

// Kinds of faults.
const (
	Busy       Kind = "429"         // refused with Retry-After
	Down       Kind = "503"         // refused by the gateway with an HTML page
	Failed     Kind = "500"         // refused with an error that says nothing; nothing is carried out
	Denied     Kind = "401"         // the token is refused though it is valid
	LostAnswer Kind = "lost_answer" // carried out and committed, then the connection is cut
	HalfAnswer Kind = "half_answer" // carried out and committed, then the connection is cut in the middle of the answer's body
	HalfSent   Kind = "half_sent"   // the connection is cut while the request's body is being read; nothing is carried out
	Cut        Kind = "cut"         // the connection is cut before anything is carried out
	Slow       Kind = "slow"        // carried out after Delay
)

// Kinds lists the kinds of faults for people.
const Kinds = "429, 503, 500, 401, lost_answer, half_answer, half_sent, cut and slow"

// Fault disturbs some of the requests that match it.
type Fault struct {
	Twin         string        // "" any
	Method       string        // "" any
	PathContains string        // of the path with its query, as sent; "" any
	From         int           // the first matching request that is disturbed, from 1; 0 is 1
	Count        int           // how many are disturbed; 0 is 1, negative is all
	Kind         Kind          // what happens
	RetryAfter   int           // seconds, of Busy
	Delay        time.Duration // of Slow
}

// Check returns an error where the fault could never do anything sensible.
func (f Fault) Check() error {
	switch f.Kind {
	case Busy, Down, Failed, Denied, LostAnswer, HalfAnswer, HalfSent, Cut, Slow:
	default:
		return fmt.Errorf("unknown kind of fault %q; known are %s", f.Kind, Kinds)
	}
	if f.From < 0 || f.RetryAfter < 0 || f.Delay < 0 {
		return fmt.Errorf("a fault's from, retry_after and delay must not be negative")
	}
	return nil
}

// armed is a fault with its count of matching requests.
type armed struct {
	Fault
	seen int
}

// Inject adds a fault; its count of matching requests begins now.
func (g *Gate) Inject(f Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = append(g.faults, &armed{Fault: f})
}

// ClearFaults takes all faults away.
func (g *Gate) ClearFaults() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.faults = nil
}

// strike counts a request against all faults and returns the first that hits
// it.
func (g *Gate) strike(twin string, r *http.Request) *Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	var hit *Fault
	for _, f := range g.faults {
		if f.Twin != "" && f.Twin != twin || f.Method != "" && !strings.EqualFold(f.Method, r.Method) ||
			!strings.Contains(r.URL.RequestURI(), f.PathContains) {
			continue
		}
		f.seen++
		from, count := max(f.From, 1), f.Count
		if count == 0 {
			count = 1
		}
		if hit == nil && f.seen >= from && (count < 0 || f.seen < from+count) {
			c := f.Fault
			hit = &c
		}
	}
	return hit
}

// controlPath is outside the documented protocols: tests and people steer the
// faults of twins in another process by it.
const controlPath = "/_sandbox/faults"

func isControl(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/_sandbox/")
}

// faultJSON is the form of a fault on the control path.
type faultJSON struct {
	Twin         string  `json:"twin,omitempty"`
	Method       string  `json:"method,omitempty"`
	PathContains string  `json:"path_contains,omitempty"`
	From         int     `json:"from,omitempty"`
	Count        int     `json:"count,omitempty"`
	Kind         Kind    `json:"kind"`
	RetryAfter   int     `json:"retry_after,omitempty"`
	DelaySeconds float64 `json:"delay_seconds,omitempty"`
}

// control serves POST (one fault as JSON) and DELETE (all faults away) on the
// control path, to callers on this machine only.
func (g *Gate) control(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		http.Error(w, "only for callers on this machine", http.StatusForbidden)
		return
	}
	if r.URL.Path != controlPath {
		http.NotFound(w, r)
		return
	}
	switch r.Method {
	case http.MethodPost:
		dec := json.NewDecoder(io.LimitReader(r.Body, 64<<10))
		dec.DisallowUnknownFields()
		var in faultJSON
		if err := dec.Decode(&in); err != nil {
			http.Error(w, "reading the fault: "+err.Error(), http.StatusBadRequest)
			return
		}
		f := Fault{Twin: in.Twin, Method: in.Method, PathContains: in.PathContains, From: in.From, Count: in.Count,
			Kind: in.Kind, RetryAfter: in.RetryAfter, Delay: time.Duration(in.DelaySeconds * float64(time.Second))}
		if err := f.Check(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		g.Inject(f)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodDelete:
		g.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Allow", "POST, DELETE")
		http.Error(w, "POST a fault or DELETE all", http.StatusMethodNotAllowed)
	}
}
