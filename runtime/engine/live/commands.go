package live

import (
	"context"
	"errors"
	"slices"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/store"
)

// obey carries out the commands that wait, in their order, as soon as nobody
// works on the maps that they concern.
func (r *Runner) obey(ctx context.Context) error {
	next := r.o.Commands
	err := r.obeyAll(ctx)
	if errors.Is(err, errBusy) {
		next, err = r.o.Commands/10, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ordering = false
	r.orders = r.now().Add(next)
	if err != nil && ctx.Err() != nil {
		return nil
	}
	return err
}

// errBusy says that a map which a command concerns is being worked on, or that a
// command has further steps.
var errBusy = errors.New("a map is being worked on")

func (r *Runner) obeyAll(ctx context.Context) error {
	var waiting []store.Command
	err := r.env.Store.View(ctx, func(tx store.Tx) (err error) {
		waiting, err = tx.Commands(0, 0, true)
		return err
	})
	if err != nil {
		return err
	}
	later := map[string]bool{} // maps for which a command has to wait
	more := false              // a command has further steps
	for _, cmd := range waiting {
		if err := r.env.Stopped(ctx); err != nil {
			return nil
		}
		work := r.works[cmd.ID]
		if work == nil {
			work = control.Begin(r.env, cmd)
			r.works[cmd.ID] = work
		}
		names, err := work.Maps(ctx)
		if err != nil {
			return err
		}
		var maps []*mapRun
		free := !slices.ContainsFunc(names, func(name string) bool { return later[name] })
		if free {
			maps, free = r.reserve(names)
		}
		if !free {
			for _, name := range names {
				later[name] = true
			}
			continue
		}
		done, err := r.execute(ctx, cmd, work, maps)
		if err != nil {
			return err
		}
		more = more || !done
	}
	if more || len(later) > 0 {
		return errBusy
	}
	return nil
}

// reserve takes maps out of the round. Those that are busy are not given new
// work, so that they are free before long.
func (r *Runner) reserve(names []string) (maps []*mapRun, free bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	free = true
	for _, mr := range r.maps {
		if slices.Contains(names, mr.m.Name) {
			maps = append(maps, mr)
			// An initial sync may take long, and a map that waits for its end
			// has nothing to do until then.
			mr.wanted = !mr.pending || mr.state.Status != store.StatusInitializing
			free = free && !mr.busy && !r.occupied(mr)
		}
	}
	if free {
		for _, mr := range maps {
			mr.wanted = false
			r.occupy(mr, true)
		}
	}
	return maps, free
}

// execute carries out one step of a command and lets its maps go on. After the
// last one it answers the command. Others that come meanwhile are obeyed between
// two steps: a pause need not wait for the end of a long retry.
func (r *Runner) execute(ctx context.Context, cmd store.Command, work *control.Work, maps []*mapRun) (done bool, err error) {
	defer r.free(maps, cmd.Name == control.Retry || cmd.Name == control.Resume && !aside(cmd))
	done, answer, err := work.Step(ctx)
	state := store.CommandDone
	switch {
	case ctx.Err() != nil, errors.Is(err, engine.ErrStopped):
		return true, nil // it is carried out by the next process
	case errors.Is(err, store.ErrClosed):
		return true, err
	case err != nil:
		state, done = store.CommandRefused, true
		if answer != "" {
			answer += "\nThen it ended: "
		}
		answer += refusal(err)
	case !done:
		state, answer = store.CommandWaits, work.Progress()
	}
	if done {
		delete(r.works, cmd.ID)
	}
	err = r.env.Store.Update(ctx, func(tx store.Tx) error { return tx.AnswerCommand(cmd.ID, state, answer) })
	if err != nil {
		return true, err
	}
	return done, r.refresh(ctx, maps)
}

// aside tells whether a command lets what waits of a map wait on.
func aside(cmd store.Command) bool { return len(cmd.Args) > 0 && cmd.Args[0] != store.ResumeCatchUp }

// refusal says why a command was not carried out, and what to do.
func refusal(err error) string {
	text := line(err)
	var f *diag.Failure
	if errors.As(err, &f) && len(f.List) > 0 && f.List[0].Hint != "" {
		text += ". " + f.List[0].Hint
	}
	return text
}

// free lets maps go on after a command: whatever it was, everything is due.
// Afresh says that records which nobody could write are to be looked at again.
func (r *Runner) free(maps []*mapRun, afresh bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.joinAt = now
	for _, mr := range maps {
		r.occupy(mr, false)
		mr.failures, mr.faults = 0, 0
		mr.parked = map[string]int64{}
		if afresh {
			mr.watcher.Forget()
		}
		mr.startLocked(now, 0)
	}
	r.wakeLocked()
}
