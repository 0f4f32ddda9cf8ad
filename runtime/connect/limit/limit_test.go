package limit

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dualwrite/dw/runtime/host"
)

func take(t *testing.T, b *Local, n int) []func() {
	t.Helper()
	var out []func()
	for range n {
		release, err := b.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, release)
	}
	return out
}

// use has a budget's places all in use, n times.
func use(t *testing.T, b *Local, n int) {
	t.Helper()
	for range n {
		for _, release := range take(t, b, b.Parallel()) {
			release()
		}
	}
}

func TestGrowsUntilPushedBack(t *testing.T) {
	clock := host.Simulated(1).Clock
	b := New(Options{Clock: clock})
	if b.Parallel() != 4 {
		t.Fatalf("starts with %d", b.Parallel())
	}
	use(t, b, 200)
	if b.Parallel() != 16 {
		t.Fatalf("grew to %d, want 16", b.Parallel())
	}
	for range 50 {
		take(t, b, 1)[0]() // no reason to grow: one at a time
	}
	b.Pushback(10 * time.Second)
	b.Pushback(10 * time.Second)
	if b.Parallel() != 8 {
		t.Fatalf("after one overload %d, want 8", b.Parallel())
	}
	before := clock.Now()
	take(t, b, 1)[0]()
	if waited := clock.Now().Sub(before); waited != 10*time.Second {
		t.Fatalf("waited %v", waited)
	}
	use(t, b, 200)
	if b.Parallel() != 16 {
		t.Fatalf("did not recover: %d", b.Parallel())
	}
}

func TestHintIsWhereToBegin(t *testing.T) {
	b := New(Options{Clock: host.Simulated(1).Clock, Max: 20})
	b.Hint(8)
	if b.Parallel() != 8 {
		t.Fatalf("hint of 8: %d", b.Parallel())
	}
	use(t, b, 20)
	if grown := b.Parallel(); grown <= 8 {
		t.Fatalf("does not go beyond the hint: %d", grown)
	}
	b.Hint(3)
	if b.Parallel() != 3 {
		t.Fatalf("a lower hint: %d", b.Parallel())
	}
	use(t, b, 200)
	b.Hint(3) // the same again says nothing new
	b.Hint(100)
	if b.Parallel() != 20 {
		t.Fatalf("hint above the maximum: %d", b.Parallel())
	}
	b.Pushback(0)
	b.Hint(50)
	if b.Parallel() >= 20 {
		t.Fatalf("the hint %d after a pushback", b.Parallel())
	}
}

func TestSlowAnswersStopGrowth(t *testing.T) {
	b := New(Options{Clock: host.Simulated(1).Clock, Max: 52})
	b.Hint(6)
	for range 10 {
		b.Served("accounts", 110, time.Second)
	}
	for range 10 {
		b.Served("accounts", 110, 2500*time.Millisecond)
	}
	use(t, b, 10)
	if b.Parallel() != 6 {
		t.Fatalf("grew to %d while answers took longer", b.Parallel())
	}
	for range 10 {
		b.Served("accounts", 110, 1200*time.Millisecond)
	}
	use(t, b, 10)
	grown := b.Parallel()
	if grown <= 6 {
		t.Fatal("does not grow once answers are as fast as before")
	}
	for range 200 {
		b.Served("accounts", 110, 5*time.Second)
		use(t, b, 1)
	}
	if b.Parallel() != 6 {
		t.Fatalf("%d while answers take five times as long, want what is recommended", b.Parallel())
	}
}

func TestNeverMoreThanTheLimitInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{Clock: host.Real("").Clock, Start: 3, Max: 3})
		var mu sync.Mutex
		inFlight, most := 0, 0
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				release, err := b.Acquire(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				inFlight++
				most = max(most, inFlight)
				mu.Unlock()
				time.Sleep(time.Millisecond)
				mu.Lock()
				inFlight--
				mu.Unlock()
				release()
				release() // a second call must not free a second place
			})
		}
		wg.Wait()
		if most != 3 {
			t.Fatalf("%d in flight, want 3", most)
		}
	})
}

func TestAcquireEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{Clock: host.Real("").Clock, Start: 1, Max: 1})
		release := take(t, b, 1)[0]
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error)
		go func() { _, err := b.Acquire(ctx); got <- err }()
		synctest.Wait()
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		release()
		take(t, b, 1)[0]()

		b.Pushback(time.Hour)
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := b.Acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "1.5": 1500 * time.Millisecond, " 3 ": 3 * time.Second,
		"86400": MaxPause, "1e300": MaxPause,
		"Mon, 05 Jan 2026 08:00:30 GMT": 30 * time.Second,
		"Mon, 05 Jan 2026 07:00:00 GMT": 0,
		"Tue, 06 Jan 2026 08:00:30 GMT": MaxPause,
	} {
		got, ok := RetryAfter(http.Header{"Retry-After": {text}}, now)
		if !ok || got != want {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "-1", "soon", "NaN"} {
		if got, ok := RetryAfter(http.Header{"Retry-After": {text}}, now); ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestBackoffDoublesUpToHalfAMinute(t *testing.T) {
	want := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second}
	for i, w := range want {
		if got := Backoff(i + 1); got != w {
			t.Errorf("Backoff(%d) = %v, want %v", i+1, got, w)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Mon, 05 Jan 2026 08:00:30 GMT")
	now := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := RetryAfter(http.Header{"Retry-After": {text}}, now)
		if got < 0 || got > MaxPause || !ok && got != 0 {
			t.Fatalf("%q: %v %v", text, got, ok)
		}
	})
}
