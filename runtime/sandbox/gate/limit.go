package gate

import (
	"sync"
	"time"
)

// Limits are the service protection limits of one user on one server. Values
// of 0 mean the documented defaults (Dataverse developer documentation,
// "Service protection API limits").
type Limits struct {
	Enabled     bool
	Requests    int           // in a window; 6,000
	Execution   time.Duration // summed over the requests of a window; 20 minutes
	Concurrency int           // at once; 52
	Window      time.Duration // 5 minutes
}

func (l Limits) withDefaults() Limits {
	if l.Requests == 0 {
		l.Requests = 6000
	}
	if l.Execution == 0 {
		l.Execution = 20 * time.Minute
	}
	if l.Concurrency == 0 {
		l.Concurrency = 52
	}
	if l.Window == 0 {
		l.Window = 5 * time.Minute
	}
	return l
}

// Within gives limits of the same rates for another window.
func (l Limits) Within(window time.Duration) Limits {
	l = l.withDefaults()
	part := float64(window) / float64(l.Window)
	l.Requests = max(1, int(float64(l.Requests)*part))
	l.Execution = time.Duration(float64(l.Execution) * part)
	l.Window = window
	return l
}

// Budget is what is left in the current window.
type Budget struct {
	Requests  int
	Execution time.Duration
}

// limiter counts the requests of one twin in a sliding window.
type limiter struct {
	limits Limits

	mu        sync.Mutex
	running   int
	entered   []time.Time // starts of requests in the window, oldest first
	executed  []execution // ends of requests in the window, oldest first
	spent     time.Duration
	blocked   time.Time // requests are refused until then
	why       Reason
	pushes    int // refusals since the last request that was let in
	crowdedBy int // refusals for concurrency in a row
}

type execution struct {
	end  time.Time
	took time.Duration
}

func newLimiter(l Limits) *limiter {
	return &limiter{limits: l.withDefaults()}
}

// enter lets a request in or refuses it. release must be called when a request
// that was let in has ended.
func (l *limiter) enter(now time.Time) (*Refusal, func(start, end time.Time)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire(now)
	if l.limits.Enabled {
		if l.running >= l.limits.Concurrency {
			l.crowdedBy++
			return &Refusal{Reason: TooConcurrent, RetryAfter: min(1+l.crowdedBy/10, 60)}, nil
		}
		if refusal := l.overWindow(now); refusal != nil {
			return refusal, nil
		}
	}
	l.crowdedBy = 0
	l.pushes = 0
	l.running++
	l.entered = append(l.entered, now)
	return nil, l.leave
}

// overWindow refuses requests while a window limit is exceeded. Pushing on
// during the pause lengthens it.
func (l *limiter) overWindow(now time.Time) *Refusal {
	if !now.Before(l.blocked) {
		switch {
		case len(l.entered) >= l.limits.Requests:
			l.why = TooManyRequests
			// A tenth of the window's budget has to be free again, so that the
			// client does not stumble from refusal to refusal.
			free := min(len(l.entered)-1, len(l.entered)-l.limits.Requests+l.limits.Requests/10)
			l.blocked = l.entered[free].Add(l.limits.Window)
		case l.spent > l.limits.Execution:
			l.why = TooMuchExecution
			over := l.spent - l.limits.Execution
			for _, e := range l.executed {
				l.blocked = e.end.Add(l.limits.Window)
				if over -= e.took; over <= 0 {
					break
				}
			}
		default:
			return nil
		}
	}
	l.pushes++
	if l.pushes > 1 {
		l.blocked = l.blocked.Add(l.limits.Window / 300) // a second of the documented window
	}
	wait := l.blocked.Sub(now)
	return &Refusal{Reason: l.why, RetryAfter: max(1, int((wait+time.Second-1)/time.Second))}
}

func (l *limiter) leave(start, end time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running--
	took := max(0, end.Sub(start))
	l.executed = append(l.executed, execution{end, took})
	l.spent += took
}

// expire forgets what has left the window.
func (l *limiter) expire(now time.Time) {
	from := now.Add(-l.limits.Window)
	n := 0
	for n < len(l.entered) && !l.entered[n].After(from) {
		n++
	}
	l.entered = l.entered[n:]
	n = 0
	for n < len(l.executed) && !l.executed[n].end.After(from) {
		l.spent -= l.executed[n].took
		n++
	}
	l.executed = l.executed[n:]
}

func (l *limiter) budget(now time.Time) Budget {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire(now)
	return Budget{
		Requests:  max(0, l.limits.Requests-len(l.entered)),
		Execution: max(0, l.limits.Execution-l.spent),
	}
}
