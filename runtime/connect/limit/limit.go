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
	// Served tells how long an answer took, for an amount of work of one kind:
	// a service that takes far longer for the same is at its limit.
	Served(kind string, work float64, took time.Duration)
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
// they are answered in the usual time, and fewer at once when the service
// pushes back. Both services tell their ceiling by a 429 only; how many
// requests were in flight on average from one 429 to the next, the pause
// included, is what they sustain.
type Local struct {
	clock host.Clock
	start int
	max   int

	mu      sync.Mutex
	limit   int
	hint    int // what the service recommends; 0: it has not said
	inUse   int
	calm    int  // answers since the last change of limit
	pushed  bool // the service has pushed back already
	until   time.Time
	waiting []chan struct{}

	// The load since the last pushback.
	since   time.Time
	changed time.Time     // inUse
	area    time.Duration // requests in flight, summed over the time since
	served  int           // answers
	again   bool          // it was pushed back again before it got going

	pace     map[string]*pace
	strained bool // the last answer took much longer than answers of its kind did at best
}

// pace is how long a unit of work of one kind takes.
type pace struct {
	n            int
	recent, best float64 // seconds
}

// New makes a local budget.
func New(o Options) *Local {
	if o.Start <= 0 {
		o.Start = defaultStart
	}
	if o.Max <= 0 {
		o.Max = defaultMax
	}
	now := o.Clock.Now()
	start := min(o.Start, o.Max)
	return &Local{clock: o.Clock, start: start, max: o.Max, limit: start, since: now, changed: now, pace: map[string]*pace{}}
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
		b.use(1)
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

// use changes the number of requests in flight.
func (b *Local) use(n int) {
	now := b.clock.Now()
	b.area += time.Duration(b.inUse) * now.Sub(b.changed)
	b.changed = now
	b.inUse += n
}

// free gives a place back. answered counts towards growth.
func (b *Local) free(answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	busy := b.inUse >= b.limit
	b.use(-1)
	if answered {
		b.served++
		b.calm++
		b.grow(busy)
	}
	b.wake()
}

// grow lets one more request through after enough answers: soon in the
// beginning, later after an eighth of those in flight have been answered. What
// a window leaves unused is lost, and a pause is as long as the load before it
// was too high: a slow return costs more than the refusals that it saves.
func (b *Local) grow(busy bool) {
	wait := max(b.limit/8, 1)
	if !b.pushed {
		wait = 2
	}
	if !busy || b.strained || b.calm < wait || b.limit >= b.max {
		return
	}
	b.limit++
	b.calm = 0
}

// wake lets those in who have room now.
func (b *Local) wake() {
	for b.inUse < b.limit && len(b.waiting) > 0 {
		b.use(1)
		close(b.waiting[0])
		b.waiting = b.waiting[1:]
	}
}

// Pushback implements Budget. Refusals that arrive during a pause belong to
// the same overload: they may lengthen the pause but do not count again.
func (b *Local) Pushback(pause time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	switch {
	case b.until.After(now):
	case b.pushed && !b.again && b.served < 2*b.limit:
		// What was in flight then has used up what the pause has freed.
		b.again = true
	default:
		b.limit = b.sustained(now)
		b.since, b.area, b.served, b.pushed, b.again = now, 0, 0, true, false
	}
	b.calm = 0
	if until := now.Add(pause); until.After(b.until) {
		b.until = until
	}
}

// sustained gives what to go on with after an overload: the average since the
// last one where enough requests were answered to tell, else half.
func (b *Local) sustained(now time.Time) int {
	b.use(0)
	half := max(b.limit/2, 1)
	took := now.Sub(b.since)
	if !b.pushed || b.served < 2*b.limit || took <= 0 {
		return half
	}
	average := int(float64(b.area)/float64(took) + 0.5)
	return max(half, min(average, b.limit-1))
}

// Hint implements Budget. What is recommended is where to begin: whether the
// service takes more is seen when it does.
func (b *Local) Hint(parallel int) {
	if parallel <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	parallel = min(parallel, b.max)
	switch {
	case parallel == b.hint:
		return
	case parallel < b.hint || b.hint == 0 && parallel < b.limit:
		b.limit = min(b.limit, parallel)
	case !b.pushed:
		b.limit = max(b.limit, parallel)
	}
	b.hint = parallel
	b.wake()
}

// How much longer than at best an answer may take before no more requests are
// let through, and before fewer are.
const (
	slower     = 2.0
	muchSlower = 3.0
)

// Served implements Budget.
func (b *Local) Served(kind string, work float64, took time.Duration) {
	if work <= 0 || took <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.pace[kind]
	if p == nil {
		p = &pace{}
		b.pace[kind] = p
	}
	each := took.Seconds() / work
	p.n++
	if p.n == 1 {
		p.recent = each
	}
	p.recent += (each - p.recent) * 0.3
	// What was best once is forgotten slowly: rows of a kind differ.
	p.best *= 1.001
	if p.n == 1 || p.recent < p.best {
		p.best = p.recent
	}
	b.strained = p.n > 3 && p.recent > slower*p.best
	if p.n > 3 && p.recent > muchSlower*p.best && b.calm >= b.limit && b.limit > max(b.start, b.hint) {
		b.limit--
		b.calm = 0
	}
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
