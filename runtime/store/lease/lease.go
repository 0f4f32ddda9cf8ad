// Package lease decides who may change a state: it takes, renews and gives back
// the state's lock, and keeps a process that has lost it from writing.
package lease

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/store"
)

// Length is how long a lock is held after it was taken or renewed, and Beat how
// often it is renewed: two renewals may fail before the lease ends.
const (
	Length = 30 * time.Second
	Beat   = 10 * time.Second
)

// Claim is what a process says of itself when it takes a lock.
type Claim struct {
	Owner   string // "ada@laptop"
	Machine string // "" unknown
	PID     int
	Purpose string // "apply"
	Run     string // address of the pipeline's run, or ""
	// Sole says that this process is the only one of its machine that may write to
	// the store, as a lock of the operating system makes sure: a lock that a process
	// of this machine has not given back is then that of a dead one.
	Sole bool
}

// HeldError is the error of taking a lock that another process holds.
type HeldError struct{ Lock store.Lock }

func (e *HeldError) Error() string {
	return fmt.Sprintf("the state is locked: %s", Describe(e.Lock))
}

// LostError is the error of writing under a lock that another process has taken
// over. It is store.ErrFenced.
type LostError struct{ By store.Lock }

func (e *LostError) Error() string {
	return fmt.Sprintf("%v: %s", store.ErrFenced, Describe(e.By))
}

func (e *LostError) Unwrap() error { return store.ErrFenced }

// Describe says who holds a lock, for what and since when.
func Describe(l store.Lock) string {
	if !l.Held() {
		return "nobody holds it"
	}
	text := fmt.Sprintf("%s, for `dw %s` since %s", l.Owner, l.Purpose, l.Since)
	if l.PID != 0 {
		text += fmt.Sprintf(" (process %d)", l.PID)
	}
	if l.Run != "" {
		text += ", " + l.Run
	}
	return text
}

// Lease is the right to change a state.
type Lease struct {
	st    store.Store
	clock host.Clock
	claim Claim

	mu    sync.Mutex
	epoch int64
	lost  *LostError
	fall  func(error) // told once that the lock is lost
}

// Take takes the lock of a state. Over is the lock of another that was taken
// over, because its lease has ended or its process is dead; the zero Lock where
// it was free. Lost is called once with a *LostError when another has taken it
// over since; it may be nil. Where another holds it, the error is a *HeldError.
func Take(ctx context.Context, st store.Store, clock host.Clock, c Claim, lost func(error)) (_ *Lease, over store.Lock, err error) {
	l := &Lease{st: st, clock: clock, claim: c, fall: lost}
	err = st.Update(ctx, func(tx store.Tx) error {
		old, err := tx.Lock()
		if err != nil {
			return err
		}
		now := clock.Now()
		dead := c.Sole && c.Machine != "" && old.Machine == c.Machine
		if old.Held() && !dead && !old.Ended(now) {
			return &HeldError{Lock: old}
		}
		over, l.epoch = store.Lock{}, old.Epoch+1
		if old.Held() {
			over = old
		}
		return tx.PutLock(l.lock(now, now))
	})
	if err != nil {
		return nil, store.Lock{}, err
	}
	return l, over, nil
}

// lock is the record of this lease.
func (l *Lease) lock(since, now time.Time) store.Lock {
	return store.Lock{
		Epoch: l.epoch, Owner: l.claim.Owner, Machine: l.claim.Machine, PID: l.claim.PID, Purpose: l.claim.Purpose, Run: l.claim.Run,
		Since: since.UTC().Format(time.RFC3339), Until: now.Add(Length).UTC().Format(time.RFC3339),
	}
}

// Store gives the state as this process may use it: no Update does anything
// once another has taken the lock over.
func (l *Lease) Store() store.Store { return fenced{l.st, l} }

type fenced struct {
	store.Store
	l *Lease
}

// Update implements store.Store.
func (f fenced) Update(ctx context.Context, do func(store.Tx) error) error {
	return f.Store.Update(ctx, func(tx store.Tx) error {
		if _, err := f.l.mine(tx); err != nil {
			return err
		}
		return do(tx)
	})
}

// mine gives the record of the lock, or the error of having lost it.
func (l *Lease) mine(tx store.Tx) (store.Lock, error) {
	now, err := tx.Lock()
	if err != nil || now.Epoch == l.epoch {
		return now, err
	}
	return now, l.fenced(now)
}

// fenced remembers that the lock is lost.
func (l *Lease) fenced(by store.Lock) error {
	l.mu.Lock()
	first := l.lost == nil
	if first {
		l.lost = &LostError{By: by}
	}
	lost := l.lost
	l.mu.Unlock()
	if first && l.fall != nil {
		l.fall(lost)
	}
	return lost
}

// Lost tells who has taken the lock over; nil where nobody has, as far as this
// process knows.
func (l *Lease) Lost() *LostError {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// Renew moves the end of the lease. A lease that has ended is renewed too, as
// long as nobody has taken the lock over.
func (l *Lease) Renew(ctx context.Context) error {
	return l.st.Update(ctx, func(tx store.Tx) error {
		now, err := l.mine(tx)
		if err != nil {
			return err
		}
		now.Until = l.clock.Now().Add(Length).UTC().Format(time.RFC3339)
		return tx.PutLock(now)
	})
}

// Keep renews the lease at every beat until ctx ends or the lock is lost. A
// renewal that fails for another reason is tried again at the next beat.
func (l *Lease) Keep(ctx context.Context) {
	for l.clock.Sleep(ctx, Beat) == nil {
		if err := l.Renew(ctx); errors.Is(err, store.ErrFenced) || errors.Is(err, store.ErrClosed) {
			return
		}
	}
}

// Release gives the lock back. A lock that was lost is left alone.
func (l *Lease) Release(ctx context.Context) error {
	err := l.st.Update(ctx, func(tx store.Tx) error {
		if _, err := l.mine(tx); err != nil {
			return err
		}
		return tx.PutLock(store.Lock{Epoch: l.epoch})
	})
	if errors.Is(err, store.ErrFenced) {
		return nil
	}
	return err
}
