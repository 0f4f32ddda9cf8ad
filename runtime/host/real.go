package host

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"
)

// Real gives the surroundings of an ordinary process: workDir is the folder of
// the configuration.
func Real(workDir string) *Host {
	machine, _ := os.Hostname() // "" where the system does not tell
	return &Host{
		Clock:     realClock{},
		Random:    realRandom{},
		Scheduler: parallel{},
		Markers:   noMarkers{},
		Out:       os.Stdout,
		Err:       os.Stderr,
		In:        os.Stdin,
		Getenv:    os.Getenv,
		Environ:   os.Environ,
		Terminal:  terminalWidth,
		WorkDir:   workDir,
		Machine:   machine,

		LargePages: LargePages,
	}
}

type realClock struct{}

func (realClock) Now() time.Time { return time.Now() }

func (realClock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

type realRandom struct{}

func (realRandom) NewID() string        { return uuid.NewString() }
func (realRandom) Int63n(n int64) int64 { return rand.Int64N(n) }

type parallel struct{}

func (parallel) Run(ctx context.Context, limit int, tasks ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(limit, 1))
	for _, t := range tasks {
		g.Go(func() error { return t(ctx) })
	}
	return g.Wait()
}

func (parallel) Beside(ctx context.Context, limit int) Group {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(limit, 1))
	return &beside{tasks: g, ctx: ctx}
}

type beside struct {
	tasks *errgroup.Group
	ctx   context.Context
}

func (b *beside) Go(task func(context.Context) error) error {
	if b.ctx.Err() == nil {
		b.tasks.Go(func() error { return task(b.ctx) })
	}
	return context.Cause(b.ctx)
}

func (b *beside) Wait() error { return b.tasks.Wait() }

type noMarkers struct{}

func (noMarkers) Reached(string) {}

// terminalWidth gives the width of a terminal, or false where w is none.
func terminalWidth(w io.Writer) (int, bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}
