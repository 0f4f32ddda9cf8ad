package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/lease"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// applyCommand is how dw apply names itself in the lock of the state.
const applyCommand = "dw apply"

// writer is the state as the one process sees it that may change it. Ctx ends
// when another takes the lock over.
type writer struct {
	ctx   context.Context
	store store.Store
	lease *lease.Lease
}

// readState opens the state for reading; nil where there is none.
func (s *Session) readState(ctx context.Context) (store.Store, error) {
	st, err := sqlite.Open(ctx, sqlite.Options{Path: s.statePath(), Role: sqlite.Reader})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, st.Close)
	return st, nil
}

// askState opens the state beside a running engine, to leave commands for it.
func (s *Session) askState(ctx context.Context) (store.Store, error) {
	st, err := sqlite.Open(ctx, sqlite.Options{Path: s.statePath(), Role: sqlite.Operator})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, st.Close)
	return st, nil
}

// writeState opens the state for changing it, and takes its lock until the
// session ends. Command is what others are told meanwhile: "dw apply". Where
// another process is at it, it waits as long as the options say. Everything
// that writes must run under the writer's context.
func (s *Session) writeState(ctx context.Context, command string) (*writer, error) {
	if s.engine != nil {
		return s.engine, nil
	}
	began, told := s.Host.Clock.Now(), false
	for {
		w, err := s.tryState(ctx, command)
		if err == nil {
			s.engine = w
			return w, nil
		}
		left := s.o.LockTimeout - s.Host.Clock.Now().Sub(began)
		if left <= 0 || !locked(err) {
			return nil, err
		}
		if !told {
			told = true
			s.say(fmt.Sprintf("Waiting up to %s for the state: %s", s.o.LockTimeout, detailOf(err)))
		}
		if s.o.Stopping != nil && s.o.Stopping() {
			return nil, context.Canceled
		}
		if err := s.Host.Clock.Sleep(ctx, min(lockEvery, left)); err != nil {
			return nil, err
		}
	}
}

// lockEvery is how often a lock that is waited for is tried again.
const lockEvery = 250 * time.Millisecond

// tryState opens the state and takes its lock, or fails with who has it.
func (s *Session) tryState(ctx context.Context, command string) (*writer, error) {
	st, err := sqlite.Open(ctx, sqlite.Options{
		Path: s.statePath(), Role: sqlite.Engine, NewID: s.Host.Random.NewID,
		Holder: sqlite.Holder{PID: os.Getpid(), Command: command},
	})
	if err != nil {
		return nil, s.describeLock(ctx, err, command)
	}
	under, lost := context.WithCancelCause(ctx)
	claim := lease.Claim{
		Owner: s.owner(), Machine: s.Host.Machine, PID: os.Getpid(), Purpose: strings.TrimPrefix(command, "dw "), Run: s.pipelineRun(), Sole: true,
	}
	l, over, err := lease.Take(ctx, st, s.Host.Clock, claim, func(err error) { lost(err) })
	if err != nil {
		lost(err)
		err = errors.Join(err, st.Close())
		var held *lease.HeldError
		if errors.As(err, &held) { // by another machine: the lock of the operating system does not tell
			err = heldFailure(s.statePath(), held.Lock)
		}
		return nil, err
	}
	if over.Held() {
		s.say(tookOver(over, s.Host.Machine))
	}
	beats, stop := context.WithCancel(under)
	go l.Keep(beats)
	s.closers = append(s.closers, func() error {
		stop()
		err := errors.Join(l.Release(context.WithoutCancel(ctx)), st.Close())
		lost(context.Canceled)
		return err
	})
	return &writer{ctx: under, store: l.Store(), lease: l}, nil
}

// fenced gives the reason why a process that has lost the lock stopped, in the
// place of what it ran into when it did.
func (w *writer) fenced(err error) error {
	lost := w.lease.Lost()
	if lost == nil {
		return err
	}
	by := "Another process has taken it over"
	if lost.By.Held() {
		by = "It was taken over by " + lease.Describe(lost.By)
	}
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeLockLost, Severity: diag.Error, Summary: "the lock of the state was lost; nothing more is written",
		Detail: fmt.Sprintf("%s. A lock that is not renewed for %.0f seconds may be taken over, as after a machine has slept.", by, lease.Length.Seconds()),
		Hint:   "Everything that was stored before is kept. Wait for the other one to end, then run this command again: it goes on from there.",
	})
}

// owner names who changes the state, and where.
func (s *Session) owner() string {
	name := s.operator()
	if s.Host.Machine != "" {
		name += "@" + s.Host.Machine
	}
	return name
}

// pipelineRun gives the address of the pipeline's run that this process is part
// of; "" where there is none.
func (s *Session) pipelineRun() string {
	env := s.Host.Getenv
	if server, repo, id := env("GITHUB_SERVER_URL"), env("GITHUB_REPOSITORY"), env("GITHUB_RUN_ID"); server != "" && repo != "" && id != "" {
		return strings.TrimSuffix(server, "/") + "/" + repo + "/actions/runs/" + id
	}
	if server, project, id := env("SYSTEM_COLLECTIONURI"), env("SYSTEM_TEAMPROJECT"), env("BUILD_BUILDID"); server != "" && project != "" && id != "" {
		return strings.TrimSuffix(server, "/") + "/" + strings.ReplaceAll(project, " ", "%20") + "/_build/results?buildId=" + id
	}
	return ""
}

// locked tells whether an error says that another process has the state.
func locked(err error) bool {
	var failure *diag.Failure
	return errors.As(err, &failure) && len(failure.List) == 1 && failure.List[0].Code == diag.CodeStateLocked
}

func detailOf(err error) string {
	var failure *diag.Failure
	if errors.As(err, &failure) && len(failure.List) > 0 {
		return failure.List[0].Detail
	}
	return err.Error()
}

// tookOver tells whose lock was taken over, and why it could be.
func tookOver(l store.Lock, machine string) string {
	why := "its lease ended at " + l.Until + " and was not renewed"
	if machine != "" && l.Machine == machine {
		why = "its process has ended without giving it back"
	}
	return fmt.Sprintf("Took over the lock of the state from %s: %s.", lease.Describe(l), why)
}

// Free tells whether the state may be changed now: its error says which process
// is at it.
func (s *Session) Free(ctx context.Context) error {
	if s.engine != nil {
		return nil
	}
	if _, held, err := sqlite.Held(s.statePath()); err != nil || !held {
		return err
	}
	return s.describeLock(ctx, sqlite.Locked(s.statePath()), cmp.Or(s.command, applyCommand))
}

// heldFailure is the error of a lock that another process holds.
func heldFailure(path string, l store.Lock) error {
	return diag.Fail(diag.Diagnostic{
		Code: diag.CodeStateLocked, Severity: diag.Error, Address: path, Summary: "the state is in use by another dw",
		Detail: fmt.Sprintf("Held by %s. Its lease ends at %s unless it is renewed. Only one process at a time may change a state.", lease.Describe(l), l.Until),
		Hint: "Wait until it ends (-lock-timeout 10m does so), or stop it. A lock that is not renewed is taken over by itself, " +
			"it never needs to be removed by hand.",
	})
}

// describeLock says who holds a locked state, since when and for what, and what
// to do about it.
func (s *Session) describeLock(ctx context.Context, err error, command string) error {
	if !locked(err) {
		return err
	}
	// Where nothing more can be told, the message stays as it is.
	holder, held, _ := sqlite.Held(s.statePath())
	if l, e := s.lockRecord(ctx); e == nil && l.Held() && (!held || l.PID == holder.PID) {
		err = heldFailure(s.statePath(), l)
	}
	if !held || holder.Command != runCommand {
		return err
	}
	// It does not end by itself, so that waiting for it is no advice.
	var failure *diag.Failure
	errors.As(err, &failure)
	d := failure.List[0]
	d.Hint = fmt.Sprintf("It runs until it is stopped. Stop it (Ctrl-C, or send process %d SIGTERM), run `%s`, then start `dw run` again: "+
		"what changes meanwhile on either side is carried over then.", holder.PID, command)
	if command == runCommand {
		d.Hint = "One `dw run` keeps all maps of the link equal; another is not needed. `dw status` shows what it does."
	}
	return diag.Fail(d)
}

// lockRecord reads who holds the lock; the zero Lock where there is no state.
func (s *Session) lockRecord(ctx context.Context) (l store.Lock, err error) {
	st, err := sqlite.Open(ctx, sqlite.Options{Path: s.statePath(), Role: sqlite.Reader})
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	err = st.View(ctx, func(tx store.Tx) error {
		l, err = tx.Lock()
		return err
	})
	return l, errors.Join(err, st.Close())
}
