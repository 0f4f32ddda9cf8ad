// Package outbox posts what happened in a twin to HTTP endpoints: in order for
// each endpoint, with retries, a log of what failed, and faults on purpose.
package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

const (
	// maxPending limits the messages that wait for one endpoint; further ones
	// fail at once.
	maxPending = 100_000
	// maxFailures limits the log of failures; the oldest go first.
	maxFailures = 10_000
)

// Options of an outbox.
type Options struct {
	Name    string        // tells this outbox from others with the same faults
	Timeout time.Duration // of one attempt
	Retries int           // attempts after the first
	Wait    time.Duration // before each further attempt
	// Again tells whether an attempt with this status is followed by another;
	// 0 is no answer. Nil: every attempt that failed.
	Again func(status int) bool

	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration)
}

// Message is one post.
type Message struct {
	Endpoint string // whose queue it stands in; shown to people, so without secrets
	URL      string // where it is posted
	Header   http.Header
	Body     []byte
	Subject  string // what it is about, for the log of failures
}

// Failure is a message that was given up.
type Failure struct {
	ID       int64     `json:"id"`
	At       time.Time `json:"at"`
	Endpoint string    `json:"endpoint"`
	Subject  string    `json:"subject"`
	Attempts int       `json:"attempts"`
	Status   int       `json:"status,omitempty"` // of the last attempt; 0: no answer
	Error    string    `json:"error"`

	message Message
}

// Outbox is safe for concurrent use.
type Outbox struct {
	o      Options
	client *http.Client
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	queues   map[string]*queue
	faults   Faults
	counts   Counts
	failures []Failure
	lastID   int64
	closed   bool
	active   int           // workers
	quiet    chan struct{} // closed while no worker is active
	workers  sync.WaitGroup
}

// queue is what waits for one endpoint. A worker exists while there is
// something.
type queue struct {
	pending []Message
	held    []Message // by a fault, until the next message
	name    string    // what its draws of faults depend on; the address may be another in the next run
	draws   *draws
	working bool
	dropped int // grows with each Forget, so that the worker stops its retries
}

// New makes an outbox. Close ends it.
func New(o Options) *Outbox {
	b := &Outbox{
		o: o, queues: map[string]*queue{}, quiet: make(chan struct{}),
		client: &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	close(b.quiet)
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// Put queues messages in their order and returns at once.
func (b *Outbox) Put(messages ...Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range messages {
		q := b.queue(m.Endpoint)
		b.push(q, q.disturb(b.faults, m, &b.counts)...)
	}
}

func (b *Outbox) queue(endpoint string) *queue {
	q := b.queues[endpoint]
	if q == nil {
		q = &queue{name: fmt.Sprint(b.o.Name, " ", len(b.queues))}
		b.queues[endpoint] = q
	}
	return q
}

// push appends to a queue and sees to it that somebody works on it.
func (b *Outbox) push(q *queue, messages ...Message) {
	if b.closed {
		return
	}
	for _, m := range messages {
		if len(q.pending) >= maxPending {
			b.fail(m, 0, 0, "too many messages wait for the endpoint")
			continue
		}
		q.pending = append(q.pending, m)
	}
	if q.working || len(q.pending) == 0 {
		return
	}
	q.working = true
	if b.active == 0 {
		b.quiet = make(chan struct{})
	}
	b.active++
	b.workers.Go(func() { b.work(q) })
}

// work sends what is in a queue, one after the other, until it is empty.
func (b *Outbox) work(q *queue) {
	for {
		b.mu.Lock()
		if b.closed || len(q.pending) == 0 {
			q.working = false
			if b.active--; b.active == 0 {
				close(b.quiet)
			}
			b.mu.Unlock()
			return
		}
		m, epoch := q.pending[0], q.dropped
		q.pending[0] = Message{}
		q.pending = q.pending[1:]
		b.mu.Unlock()
		b.deliver(q, m, epoch)
	}
}

// deliver sends a message with its retries.
func (b *Outbox) deliver(q *queue, m Message, epoch int) {
	for attempt := 1; ; attempt++ {
		status, err := b.Try(b.ctx, m)
		b.mu.Lock()
		switch {
		case b.ctx.Err() != nil, q.dropped != epoch:
			b.mu.Unlock()
			return
		case err == nil:
			b.counts.Sent++
			b.mu.Unlock()
			return
		case attempt > b.o.Retries, b.o.Again != nil && !b.o.Again(status):
			b.fail(m, attempt, status, err.Error())
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		b.o.Sleep(b.ctx, b.o.Wait)
	}
}

func (b *Outbox) fail(m Message, attempts, status int, why string) {
	b.counts.Failed++
	b.lastID++
	if len(b.failures) >= maxFailures {
		b.failures = slices.Delete(b.failures, 0, len(b.failures)-maxFailures+1)
	}
	b.failures = append(b.failures, Failure{
		ID: b.lastID, At: b.o.Now().UTC(), Endpoint: m.Endpoint, Subject: m.Subject, Attempts: attempts, Status: status, Error: why, message: m,
	})
}

// Try posts a message once and waits for the answer, any 2xx of which is a
// success. Status is 0 where there was none.
func (b *Outbox) Try(ctx context.Context, m Message) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.o.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return 0, errors.New("the address cannot be used")
	}
	for name, values := range m.Header {
		request.Header[name] = values
	}
	answer, err := b.client.Do(request)
	if err != nil {
		if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
			err = wrapped.Err // without the address, which has the key
		}
		return 0, err
	}
	defer answer.Body.Close()
	// What is left of a small answer is read, so that the connection can serve
	// the next post.
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10)
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return answer.StatusCode, fmt.Errorf("the endpoint answered with status %d", answer.StatusCode)
	}
	return answer.StatusCode, nil
}

// SetFaults replaces the faults. Their draws begin anew, and what a fault holds
// back is sent.
func (b *Outbox) SetFaults(f Faults) error {
	if err := f.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = f
	for _, q := range b.queues {
		q.draws = nil
		held := q.held
		q.held = nil
		b.push(q, held...)
	}
	return nil
}

// Counts tells what became of the messages so far.
func (b *Outbox) Counts() Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts
}

// Failures gives the messages that were given up, the oldest first.
func (b *Outbox) Failures() []Failure {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.failures)
}

// Resend takes failures out of the log and queues their messages again, past
// the faults, and tells how many there were.
func (b *Outbox) Resend(ids ...int64) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	var again []Message
	b.failures = slices.DeleteFunc(b.failures, func(f Failure) bool {
		chosen := slices.Contains(ids, f.ID)
		if chosen {
			again = append(again, f.message)
		}
		return chosen
	})
	for _, m := range again {
		b.push(b.queue(m.Endpoint), m)
	}
	return len(again)
}

// Forget drops what waits for an endpoint.
func (b *Outbox) Forget(endpoint string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if q := b.queues[endpoint]; q != nil {
		q.pending, q.held = nil, nil
		q.dropped++
	}
}

// Wait waits until nothing waits to be sent, save what a fault holds back.
func (b *Outbox) Wait(ctx context.Context) error {
	b.mu.Lock()
	quiet := b.quiet
	b.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-quiet:
		return nil
	}
}

// Close gives up what waits and returns when no worker is left.
func (b *Outbox) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	b.workers.Wait()
	b.client.CloseIdleConnections()
}
