// Package memory keeps the store in memory, with the semantics of the durable
// ones, for tests and simulation.
package memory

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/dualwrite/dw/runtime/store"
)

// Store is a store in memory. Views work on the state as it was committed when
// they began; an Update works on a copy of what it changes.
type Store struct {
	now    atomic.Pointer[state]
	write  chan struct{} // holds the one permit to update
	mu     sync.Mutex    // guards closed
	closed bool
}

var _ store.Store = (*Store)(nil)

// New gives an empty store with the given lineage.
func New(lineage string) *Store {
	s := &Store{write: make(chan struct{}, 1)}
	s.now.Store(&state{lineage: lineage, maps: map[string]*mapState{}})
	s.write <- struct{}{}
	return s
}

// View implements store.Store.
func (s *Store) View(ctx context.Context, f func(store.Tx) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	t := &tx{ctx: ctx, st: *s.now.Load()}
	defer func() { t.ended = true }()
	return f(t)
}

// Look implements store.Store.
func (s *Store) Look(ctx context.Context, f func(store.Tx) error) error { return s.View(ctx, f) }

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.write:
	}
	defer func() { s.write <- struct{}{} }()
	if err := s.usable(ctx); err != nil {
		return err
	}
	t := &tx{ctx: ctx, st: *s.now.Load(), writes: true, own: map[string]*owned{}}
	defer t.rollback() // does nothing after the commit; also where f panics
	if err := f(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	st := t.st
	s.now.Store(&st)
	t.ended = true
	return nil
}

// Close implements store.Store. What was stored is gone.
func (s *Store) Close() error {
	<-s.write
	defer func() { s.write <- struct{}{} }()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *Store) usable(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return store.ErrClosed
	}
	return ctx.Err()
}
