// Package host is the only place that names the clock, randomness, the
// scheduler, the file system, the terminal and the process environment.
// Everything else gets them handed in, so that a simulation can hand in its own.
package host

import (
	"context"
	"io"
	"time"
)

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	// Sleep waits for d or until ctx is done, whose error it returns.
	Sleep(ctx context.Context, d time.Duration) error
}

// Random makes identifiers and jitter.
type Random interface {
	// NewID gives a fresh version 4 GUID in lower case.
	NewID() string
	// Int63n gives a number in [0, n).
	Int63n(n int64) int64
}

// Scheduler runs tasks. The real one runs them in parallel, a simulation's
// one at a time in an order that its seed decides.
type Scheduler interface {
	// Run runs all tasks, at most limit at once, and gives the first error
	// after all have ended. The context of the others is cancelled by it.
	Run(ctx context.Context, limit int, tasks ...func(context.Context) error) error
	// Beside makes a group of tasks that run beside the caller, at most limit
	// at once.
	Beside(ctx context.Context, limit int) Group
}

// Group runs tasks beside the caller, who is the only one to use it. The first
// error cancels the context of all tasks.
type Group interface {
	// Go starts a task, once fewer than the limit are running. It gives the
	// first error that there was so far; the task may not have been started then.
	Go(task func(context.Context) error) error
	// Wait gives the first error after all tasks have ended. The group may not be
	// used after it.
	Wait() error
}

// Markers are named points of progress. Tests cut the process off at them.
type Markers interface {
	Reached(marker string)
}

// Host is the process's surroundings.
type Host struct {
	Clock     Clock
	Random    Random
	Scheduler Scheduler
	Markers   Markers
	Out       io.Writer // results
	Err       io.Writer // talk
	In        io.Reader
	Getenv    func(string) string
	Environ   func() []string // "NAME=text"
	// Terminal tells whether Out, Err or In is a terminal, and its width in columns.
	Terminal func(io.Writer) (width int, ok bool)
	WorkDir  string
	Machine  string // name of the machine; "" unknown
	// LargePages prepares for a command that needs much memory for a short time;
	// nil where nothing is to be prepared.
	LargePages func(bytes int64)
}
