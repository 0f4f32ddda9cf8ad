package limit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dualwrite/dw/runtime/connect/limit"
	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/sandbox/gate"
)

// TestUsesWhatIsSustained sends bulk calls through a budget to a service with
// the documented limits of Dataverse (6,000 requests and 1,200 s of execution
// in 300 s, 52 at once) and compares what gets through with what they allow.
// Time is the bubble's, so that the outcome does not depend on the machine.
func TestUsesWhatIsSustained(t *testing.T) {
	for _, test := range []struct {
		name      string
		call, row time.Duration
		rows      int
		window    time.Duration
	}{
		{"published", 60 * time.Millisecond, 6400 * time.Microsecond, 280, 20 * time.Second},
		{"published, shorter window", 60 * time.Millisecond, 6400 * time.Microsecond, 280, 15 * time.Second},
		{"published, real window", 60 * time.Millisecond, 6400 * time.Microsecond, 280, 5 * time.Minute},
		{"optimistic", 120 * time.Millisecond, 2 * time.Millisecond, 1000, 20 * time.Second},
		{"optimistic, shorter window", 120 * time.Millisecond, 2 * time.Millisecond, 1000, 15 * time.Second},
		{"optimistic, real window", 120 * time.Millisecond, 2 * time.Millisecond, 1000, 5 * time.Minute},
		{"single rows", 60 * time.Millisecond, 6400 * time.Microsecond, 1, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took := test.call + time.Duration(test.rows)*test.row
				limits := gate.Limits{Enabled: true}.Within(test.window)
				g := gate.New(gate.Options{Now: time.Now, Limits: limits, Sleep: func(ctx context.Context, d time.Duration) {
					select {
					case <-time.After(d):
					case <-ctx.Done():
					}
				}})
				service := g.Wrap("dataverse", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					time.Sleep(took)
				}))
				b := limit.New(limit.Options{Clock: host.Real("").Clock, Max: 52})
				b.Hint(4)
				began := time.Now()
				from, until := began.Add(2*test.window), began.Add(8*test.window)
				var mu sync.Mutex
				done, refused, inFlight := 0, 0, 0
				var wg sync.WaitGroup
				for range 60 {
					wg.Go(func() {
						for time.Now().Before(until) {
							release, err := b.Acquire(t.Context())
							if err != nil {
								t.Error(err)
								return
							}
							sent := time.Now()
							w := httptest.NewRecorder()
							service.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil))
							mu.Lock()
							if w.Code == http.StatusTooManyRequests {
								refused++
								seconds, _ := strconv.Atoi(w.Header().Get("Retry-After"))
								b.Pushback(time.Duration(seconds) * time.Second)
							} else {
								b.Served("rows", float64(test.rows), time.Since(sent))
								if time.Now().After(from) {
									done += test.rows
									inFlight += b.Parallel()
								}
							}
							mu.Unlock()
							release()
						}
					})
				}
				wg.Wait()
				reached := float64(done) / time.Since(from).Seconds()
				most := limits.Execution.Seconds() / test.window.Seconds() / took.Seconds() * float64(test.rows)
				if byRequests := float64(limits.Requests*test.rows) / test.window.Seconds(); byRequests < most {
					most = byRequests
				}
				if reached < 0.9*most {
					t.Errorf("%.0f of %.0f rows/s", reached, most)
				}
				t.Logf("%.0f of %.0f rows/s: %.3f; %d refusals, %.1f in flight", reached, most, reached/most, refused, float64(inFlight)*float64(test.rows)/float64(done))
			})
		})
	}
}
