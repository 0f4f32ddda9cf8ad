package host

import (
	"context"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Simulated gives surroundings in which the same seed gives the same run: time
// moves only by sleeping, identifiers come from the seed, and tasks run one at
// a time, each to its end, in an order that the seed picks.
func Simulated(seed uint64) *Host {
	s := &simulation{
		now: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC),
		rng: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)),
	}
	return &Host{
		Clock:     s,
		Random:    s,
		Scheduler: s,
		Markers:   noMarkers{},
		Out:       io.Discard,
		Err:       io.Discard,
		Getenv:    func(string) string { return "" },
		Environ:   func() []string { return nil },
		Terminal:  func(io.Writer) (int, bool) { return 0, false },
	}
}

type simulation struct {
	mu  sync.Mutex
	now time.Time
	rng *rand.Rand
}

func (s *simulation) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *simulation) Sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.now = s.now.Add(max(d, 0))
	return nil
}

func (s *simulation) NewID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b [16]byte
	for i := range b {
		b[i] = byte(s.rng.Uint32())
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return uuid.UUID(b).String()
}

func (s *simulation) Int63n(n int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rng.Int64N(n)
}

func (s *simulation) Run(ctx context.Context, _ int, tasks ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	order := s.rng.Perm(len(tasks))
	s.mu.Unlock()
	var first error
	for _, i := range order {
		if err := tasks[i](ctx); err != nil && first == nil {
			first = err
			cancel()
		}
	}
	return first
}

func (s *simulation) Beside(ctx context.Context, limit int) Group {
	ctx, cancel := context.WithCancel(ctx)
	return &queue{s: s, ctx: ctx, cancel: cancel, limit: max(limit, 1)}
}

// queue holds tasks that are said to run: each runs to its end at some time
// that the seed picks, before more than the limit are waiting.
type queue struct {
	s       *simulation
	ctx     context.Context
	cancel  context.CancelFunc
	limit   int
	waiting []func(context.Context) error
	first   error
}

func (q *queue) Go(task func(context.Context) error) error {
	if q.first != nil {
		return q.first
	}
	q.waiting = append(q.waiting, task)
	for len(q.waiting) > q.limit || len(q.waiting) > 0 && q.s.Int63n(2) == 0 {
		q.one()
	}
	return q.first
}

func (q *queue) Wait() error {
	for len(q.waiting) > 0 {
		q.one()
	}
	q.cancel()
	return q.first
}

// one runs one of the waiting tasks.
func (q *queue) one() {
	i := int(q.s.Int63n(int64(len(q.waiting))))
	task := q.waiting[i]
	q.waiting = append(q.waiting[:i], q.waiting[i+1:]...)
	if err := task(q.ctx); err != nil && q.first == nil {
		q.first = err
		q.cancel()
	}
}
