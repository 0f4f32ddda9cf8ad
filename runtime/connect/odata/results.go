package odata

import (
	"sync"

	"github.com/dualwrite/dw/runtime/connect"
)

// Results collects the results of a batch of writes that are sent in parallel
// and passes them on as they become final: one call at a time, with all that
// have come meanwhile, so that a slow receiver gets few large portions.
type Results struct {
	receive func(indexes []int, results []connect.Result)

	mu      sync.Mutex
	all     []connect.Result
	pending []int
	passing bool
}

// NewResults prepares for n writes, all NotSent. Receive may be nil.
func NewResults(n int, receive func(indexes []int, results []connect.Result)) *Results {
	return &Results{receive: receive, all: make([]connect.Result, n)}
}

// Set makes results final. It returns when they have been passed on or when
// another caller is bound to do so.
func (r *Results) Set(indexes []int, results []connect.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, at := range indexes {
		r.all[at] = results[i]
	}
	r.pending = append(r.pending, indexes...)
	if r.passing || r.receive == nil {
		return
	}
	r.passing = true
	defer func() { r.passing = false }()
	for len(r.pending) > 0 {
		now := r.pending
		r.pending = nil
		portion := make([]connect.Result, len(now))
		for i, at := range now {
			portion[i] = r.all[at]
		}
		r.mu.Unlock()
		r.receive(now, portion)
		r.mu.Lock()
	}
}

// All gives the results once nothing is under way any more.
func (r *Results) All() []connect.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all
}
