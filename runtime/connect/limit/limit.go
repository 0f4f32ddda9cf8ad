// Package limit keeps the load on an endpoint within what it accepts: how many
// requests may be in flight and when none may be sent at all.
package limit

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dualwrite/dw/runtime/host"
)

// Budget is the share of an endpoint that its callers may use together. Its
// methods are safe for concurrent use.
type Budget interface {
	// Acquire waits until a request may be sent. Release is called once, when
	// its answer has been read.
	Acquire(ctx context.Context) (release func(), err error)
	// Pushback says that the service refused a request for load and asked for
	// a pause; nobody gets through before it is over.
	Pushback(pause time.Duration)
	// Hint passes on how many requests in parallel the service recommends.
	Hint(parallel int)
}

// The defaults of a budget.
const (
	defaultStart = 4
	defaultMax   = 16
)

// Options of a local budget.
type Options struct {
	Clock host.Clock
	Start int // requests in flight to begin with; 0 means 4
	Max   int // and at most; 0 means 16
}

// Local is the budget of one process. It lets more requests through as long as
// they are answered and halves the number when the service pushes back, as
// both services advise: their 429 tells the ceiling.
type Local struct {
	clock host.Clock
	max   int

	mu      sync.Mutex
	limit   int
	ceiling int // max, or less where the service recommends less
	inUse   int
	calm    int // answers since the last change of limit
	until   time.Time
	waiting []chan struct{}
}

// New makes a local budget.
func New(o Options) *Local {
	if o.Start <= 0 {
		o.Start = defaultStart
	}
	if o.Max <= 0 {
		o.Max = defaultMax
	}
	return &Local{clock: o.Clock, max: o.Max, limit: min(o.Start, o.Max), ceiling: o.Max}
}

// Acquire implements Budget.
func (b *Local) Acquire(ctx context.Context) (func(), error) {
	for {
		if err := b.slot(ctx); err != nil {
			return nil, err
		}
		b.mu.Lock()
		pause := b.until.Sub(b.clock.Now())
		b.mu.Unlock()
		if pause <= 0 {
			return sync.OnceFunc(func() { b.free(true) }), nil
		}
		b.free(false)
		if err := b.clock.Sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// slot waits for a place among the requests in flight.
func (b *Local) slot(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	if b.inUse < b.limit && len(b.waiting) == 0 {
		b.inUse++
		b.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	b.waiting = append(b.waiting, turn)
	b.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	for i, w := range b.waiting {
		if w == turn {
			b.waiting = append(b.waiting[:i], b.waiting[i+1:]...)
			b.mu.Unlock()
			return ctx.Err()
		}
	}
	b.mu.Unlock()
	b.free(false) // the turn came at the same moment: hand it on
	return ctx.Err()
}

// free gives a place back. answered counts towards growth.
func (b *Local) free(answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inUse--
	if answered {
		b.calm++
		if b.calm >= b.limit && b.limit < b.ceiling {
			b.limit++
			b.calm = 0
		}
	}
	b.wake()
}

// wake lets those in who have room now.
func (b *Local) wake() {
	for b.inUse < b.limit && len(b.waiting) > 0 {
		b.inUse++
		close(b.waiting[0])
		b.waiting = b.waiting[1:]
	}
}

// Pushback implements Budget. Refusals that arrive during a pause belong to
// the same overload: they may lengthen the pause but do not halve again.
func (b *Local) Pushback(pause time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if !b.until.After(now) {
		b.limit = max(b.limit/2, 1)
	}
	b.calm = 0
	if until := now.Add(pause); until.After(b.until) {
		b.until = until
	}
}

// Hint implements Budget.
func (b *Local) Hint(parallel int) {
	if parallel <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ceiling = min(parallel, b.max)
	b.limit = min(b.limit, b.ceiling)
}

// Parallel tells how many requests are let through at present.
func (b *Local) Parallel() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.limit
}

// The bounds of pauses.
const (
	// MaxPause caps what a service may ask for.
	MaxPause = 5 * time.Minute
	// DefaultPause follows a refusal without a usable Retry-After header.
	DefaultPause = 10 * time.Second

	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 30 * time.Second
)

// RetryAfter reads the header of that name, seconds or an HTTP date, capped at
// MaxPause. ok is false where it is missing or makes no sense.
func RetryAfter(h http.Header, now time.Time) (pause time.Duration, ok bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if !(seconds >= 0) {
			return 0, false
		}
		if seconds >= MaxPause.Seconds() {
			return MaxPause, true
		}
		return time.Duration(seconds * float64(time.Second)), true
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	return min(max(at.Sub(now), 0), MaxPause), true
}

// Backoff is the pause before the given repetition (1 is the first) of a
// request that failed for a reason that may pass.
func Backoff(repetition int) time.Duration {
	d := firstBackoff
	for i := 1; i < repetition && d < maxBackoff; i++ {
		d *= 2
	}
	return min(d, maxBackoff)
}
