package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/dualwrite/dw/runtime/host"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/lease"
)

func lockOf(h *harness) store.Lock {
	h.Helper()
	return get(h, func(tx store.Tx) (store.Lock, error) { return tx.Lock() })
}

func testLock(h *harness) {
	same(h, "the lock of a new store", lockOf(h), store.Lock{})
	l := store.Lock{
		Epoch: 3, Owner: "ada@laptop", Machine: "laptop", PID: 42, Purpose: "apply", Run: "https://ci/7",
		Since: "2026-03-01T10:00:00Z", Until: "2026-03-01T10:00:30Z",
	}
	h.update(func(tx store.Tx) error {
		return errors.Join(tx.PutLock(store.Lock{Epoch: 2, Owner: "eve"}), tx.PutLock(l))
	})
	same(h, "the lock", lockOf(h), l)
	if err := h.s.Update(context.Background(), func(tx store.Tx) error {
		return errors.Join(tx.PutLock(store.Lock{Epoch: 9}), errStop)
	}); !errors.Is(err, errStop) {
		h.Fatal(err)
	}
	same(h, "after a rollback", lockOf(h), l)
}

// testLease plays two processes that want the same store.
func testLease(h *harness) {
	ctx := context.Background()
	clock := host.Simulated(1).Clock
	pass := func(d time.Duration) {
		if err := clock.Sleep(ctx, d); err != nil {
			h.Fatal(err)
		}
	}
	take := func(c lease.Claim) (*lease.Lease, store.Lock, error) {
		return lease.Take(ctx, h.s, clock, c, nil)
	}
	must := func(c lease.Claim) (*lease.Lease, store.Lock) {
		h.Helper()
		l, over, err := take(c)
		if err != nil {
			h.Fatal(err)
		}
		return l, over
	}
	write := func(l *lease.Lease, text string) error {
		return l.Store().Update(ctx, func(tx store.Tx) error { return tx.SetMeta("text", text) })
	}
	text := func() string { return get(h, func(tx store.Tx) (string, error) { return tx.Meta("text") }) }

	ada := lease.Claim{Owner: "ada@laptop", Machine: "laptop", PID: 42, Purpose: "apply"}
	eve := lease.Claim{Owner: "eve@server", Machine: "server", PID: 43, Purpose: "run", Run: "https://ci/7"}

	// Free: taken, and refused to another for as long as it is renewed.
	first, over := must(ada)
	same(h, "taken over from", over, store.Lock{})
	l := lockOf(h)
	began := clock.Now().UTC().Format(time.RFC3339)
	same(h, "the record", l, store.Lock{
		Epoch: 1, Owner: "ada@laptop", Machine: "laptop", PID: 42, Purpose: "apply", Since: began,
		Until: clock.Now().Add(lease.Length).UTC().Format(time.RFC3339),
	})
	for range 5 {
		pass(lease.Length - time.Second)
		var held *lease.HeldError
		if _, _, err := take(eve); !errors.As(err, &held) || held.Lock.Owner != "ada@laptop" {
			h.Fatalf("a second holder: %v, want a HeldError of ada's", err)
		}
		if err := first.Renew(ctx); err != nil {
			h.Fatal(err)
		}
	}
	same(h, "since, after renewals", lockOf(h).Since, began)

	// Not renewed: its holder may go on until another has taken it over.
	pass(lease.Length)
	if err := write(first, "ada's"); err != nil {
		h.Errorf("nobody has taken the lock over, and a write failed: %v", err)
	}
	second, over := must(eve)
	if over.Owner != "ada@laptop" || over.Since != began {
		h.Errorf("taken over from %+v, want ada's", over)
	}
	for what, err := range map[string]error{"write": write(first, "too late"), "renewal": first.Renew(ctx)} {
		var lost *lease.LostError
		if !errors.Is(err, store.ErrFenced) || !errors.As(err, &lost) || lost.By.Owner != "eve@server" {
			h.Errorf("%s after the lock was taken over: %v, want ErrFenced by eve", what, err)
		}
	}
	if first.Lost() == nil || second.Lost() != nil {
		h.Errorf("lost: %v and %v", first.Lost(), second.Lost())
	}
	same(h, "what was written", text(), "ada's")
	if err := first.Release(ctx); err != nil {
		h.Errorf("giving back what was lost: %v", err)
	}
	same(h, "the owner", lockOf(h).Owner, "eve@server")
	if err := write(second, "eve's"); err != nil {
		h.Error(err)
	}

	// Given back: nothing is taken over, and the earlier holder stays out.
	if err := second.Release(ctx); err != nil {
		h.Fatal(err)
	}
	if lockOf(h).Held() {
		h.Errorf("held after it was given back: %+v", lockOf(h))
	}
	third, over := must(ada)
	same(h, "taken over from", over, store.Lock{})
	if err := write(second, "too late"); !errors.Is(err, store.ErrFenced) {
		h.Errorf("a write after giving back: %v, want ErrFenced", err)
	}

	// A process of the same machine, where only one can write: the other is dead.
	again := ada
	again.PID, again.Sole = 44, true
	fourth, over := must(again)
	if over.PID != 42 {
		h.Errorf("taken over from %+v, want process 42", over)
	}
	if err := write(third, "of the dead"); !errors.Is(err, store.ErrFenced) {
		h.Errorf("a write of the dead: %v, want ErrFenced", err)
	}
	alone := eve
	alone.Sole = true
	if _, _, err := take(alone); err == nil {
		h.Error("the lock of another machine was taken before its lease ended")
	}
	if err := write(fourth, "last"); err != nil {
		h.Error(err)
	}
	same(h, "what was written", text(), "last")
	same(h, "epoch", lockOf(h).Epoch, int64(4))
}
