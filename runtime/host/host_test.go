package host_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dualwrite/dw/runtime/host"
)

func TestSimulatedRunsTheSameForTheSameSeed(t *testing.T) {
	trace := func(seed uint64) (order []int, id string, now time.Time) {
		h := host.Simulated(seed)
		tasks := make([]func(context.Context) error, 20)
		for i := range tasks {
			tasks[i] = func(ctx context.Context) error {
				order = append(order, i)
				return h.Clock.Sleep(ctx, time.Duration(h.Random.Int63n(1000))*time.Millisecond)
			}
		}
		if err := h.Scheduler.Run(context.Background(), 4, tasks...); err != nil {
			t.Fatal(err)
		}
		return order, h.Random.NewID(), h.Clock.Now()
	}
	order1, id1, now1 := trace(7)
	order2, id2, now2 := trace(7)
	if !slices.Equal(order1, order2) || id1 != id2 || !now1.Equal(now2) {
		t.Fatal("the same seed gave two traces")
	}
	if order3, id3, _ := trace(8); slices.Equal(order1, order3) || id1 == id3 {
		t.Fatal("another seed gave the same trace")
	}
}

func TestRunGivesTheFirstErrorAndCancelsTheRest(t *testing.T) {
	boom := errors.New("boom")
	for name, h := range map[string]*host.Host{"real": host.Real("."), "simulated": host.Simulated(1)} {
		var ended atomic.Int32
		tasks := []func(context.Context) error{
			func(context.Context) error { ended.Add(1); return boom },
			func(ctx context.Context) error {
				defer ended.Add(1)
				if name == "real" {
					<-ctx.Done()
				}
				return ctx.Err()
			},
		}
		if err := h.Scheduler.Run(context.Background(), 2, tasks...); !errors.Is(err, boom) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
		if ended.Load() != 2 {
			t.Errorf("%s: %d tasks ended, want 2", name, ended.Load())
		}
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, h := range map[string]*host.Host{"real": host.Real("."), "simulated": host.Simulated(1)} {
		if err := h.Clock.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestBesideRunsTheSameForTheSameSeed(t *testing.T) {
	trace := func(seed uint64) (order []int) {
		g := host.Simulated(seed).Scheduler.Beside(context.Background(), 3)
		for i := range 30 {
			if err := g.Go(func(context.Context) error { order = append(order, i); return nil }); err != nil {
				t.Fatal(err)
			}
			if behind := i + 1 - len(order); behind > 3 {
				t.Fatalf("%d tasks at once", behind)
			}
		}
		if err := g.Wait(); err != nil || len(order) != 30 {
			t.Fatal(err, order)
		}
		return order
	}
	if !slices.Equal(trace(7), trace(7)) {
		t.Error("the same seed gave two traces")
	}
	if slices.Equal(trace(7), trace(8)) {
		t.Error("another seed gave the same trace")
	}
}

func TestBesideGivesTheFirstError(t *testing.T) {
	boom := errors.New("boom")
	for name, h := range map[string]*host.Host{"real": host.Real("."), "simulated": host.Simulated(1)} {
		g := h.Scheduler.Beside(context.Background(), 2)
		var running, most, ended atomic.Int32
		var said error
		for i := 0; i < 1000 && said == nil; i++ {
			said = g.Go(func(ctx context.Context) error {
				defer running.Add(-1)
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				ended.Add(1)
				if i == 5 {
					return boom
				}
				return ctx.Err()
			})
		}
		if err := g.Wait(); !errors.Is(err, boom) || !errors.Is(said, boom) {
			t.Errorf("%s: Wait gives %v, Go %v", name, err, said)
		}
		if most.Load() > 2 || ended.Load() < 6 {
			t.Errorf("%s: %d at once, %d tasks", name, most.Load(), ended.Load())
		}
	}
}
