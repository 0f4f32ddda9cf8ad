package limit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// portions sends rows as the initial sync does: portions of 1,000 are made one
// after the other and cut into calls, six of them are on their way at once, and
// what was sent is confirmed by a read for 4,000.
type portions struct {
	call, row time.Duration
	rows      int           // a call
	window    time.Duration // of the service's limits
	handle    time.Duration // until a portion is made
}

// TestPortionsUseWhatIsSustained compares what gets through of an initial sync
// of six windows, from the third on, with the ceiling of `dw bench initial -only
// ceiling`, in time of its own and without the work of dw and of twins.
func TestPortionsUseWhatIsSustained(t *testing.T) {
	published := portions{call: 60 * time.Millisecond, row: 6400 * time.Microsecond, rows: 250}
	optimistic := portions{call: 120 * time.Millisecond, row: 2 * time.Millisecond, rows: 500}
	large := optimistic
	large.rows = 1000
	short, profiles := 0., map[string]portions{"published": published, "optimistic": optimistic, "optimistic, 1,000 rows": large}
	for name, p := range profiles {
		for _, p.window = range []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute} {
			// One run says little: where a window ends within a call is chance.
			sum, n := 0., 0
			for p.handle = 250 * time.Millisecond; p.handle <= 370*time.Millisecond; p.handle += 40 * time.Millisecond {
				sum += p.reach(t)
				n++
			}
			if p.window < time.Minute {
				short += sum / float64(n) / float64(len(profiles))
			} else if sum/float64(n) < 0.9 {
				t.Errorf("%s, window %v: %.3f of what is allowed", name, p.window, sum/float64(n))
			}
			t.Logf("%s, window %v: %.3f of what is allowed", name, p.window, sum/float64(n))
		}
	}
	// A pause weighs most in short windows, and so does the order of what happens
	// at once: one profile alone is up and down by some percent there.
	if short < 0.885 {
		t.Errorf("short windows: %.3f of what is allowed", short)
	}
}

func (p portions) reach(t *testing.T) (ratio float64) {
	synctest.Test(t, func(t *testing.T) {
		limits := gate.Limits{Enabled: true}.Within(p.window)
		g := gate.New(gate.Options{Now: time.Now, Limits: limits, Sleep: func(_ context.Context, d time.Duration) { time.Sleep(d) }})
		service := g.Wrap("dataverse", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			rows, _ := strconv.Atoi(r.Header.Get("rows"))
			if time.Sleep(p.call + time.Duration(rows)*p.row); rows == 0 {
				time.Sleep(130 * time.Millisecond) // a page of changes
			}
		}))
		b := limit.New(limit.Options{Clock: host.Real("").Clock, Max: 52})
		b.Hint(4)
		began := time.Now()
		var mu sync.Mutex
		var writes []write
		send := func(rows int) {
			for {
				release, err := b.Acquire(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				sent := time.Now()
				w := httptest.NewRecorder()
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
				r.Header.Set("rows", strconv.Itoa(rows))
				service.ServeHTTP(w, r)
				if w.Code != http.StatusTooManyRequests {
					release()
					if took := time.Since(sent); rows > 0 {
						b.Served("rows", float64(rows+10), took)
						mu.Lock()
						writes = append(writes, write{sent, took, rows})
						mu.Unlock()
					}
					return
				}
				seconds, _ := strconv.Atoi(w.Header().Get("Retry-After"))
				b.Pushback(time.Duration(seconds) * time.Second)
				release()
			}
		}
		allowed := limits.Execution.Seconds() / p.window.Seconds() / (p.call.Seconds() + 1000*p.row.Seconds()) * 1000 // rows a second
		var beside errgroup.Group
		beside.SetLimit(6)
		open := 0
		for total := int(allowed * p.window.Seconds() * 6); total > 0; total -= 1000 {
			time.Sleep(p.handle)
			beside.Go(func() error {
				var calls sync.WaitGroup
				for rows := 0; rows < 1000; rows += p.rows {
					calls.Go(func() { send(p.rows) })
				}
				calls.Wait()
				return nil
			})
			if open += 1000; open >= 4000 {
				open = 0
				beside.Go(func() error { send(0); return nil })
			}
		}
		_ = beside.Wait() // they have no errors
		// From the third window on, until the last call begins: then there is less
		// to send. A call counts by the part of its time that lies within.
		from := began.Add(2 * p.window)
		last := slices.MaxFunc(writes, func(a, b write) int { return a.sent.Compare(b.sent) }).sent
		through := 0.
		for _, w := range writes {
			in := min(w.took, w.sent.Add(w.took).Sub(from), last.Sub(w.sent), last.Sub(from))
			through += float64(w.rows) * float64(max(in, 0)) / float64(w.took)
		}
		ratio = through / last.Sub(from).Seconds() / allowed
	})
	return ratio
}

// write is a call that was answered.
type write struct {
	sent time.Time
	took time.Duration
	rows int
}
