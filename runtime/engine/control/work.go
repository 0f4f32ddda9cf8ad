package control

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
)

// Execute carries out a command and tells what was done. Its error is a
// *diag.Failure where the command makes no sense or a service could not be
// asked, or engine.ErrStopped: part of the work may be done then, which answer
// tells, and doing it again does no harm.
func Execute(ctx context.Context, env *engine.Env, cmd store.Command) (answer string, err error) {
	w := Begin(env, cmd)
	for {
		done, answer, err := w.Step(ctx)
		if done || err != nil {
			return answer, err
		}
		w.report()
		if err := env.Stopped(ctx); err != nil {
			return answer, err
		}
	}
}

// Work is a command on its way. Those for any number of entries are carried out
// in steps of some hundred records: between two of them others may work on the
// maps, and other commands be obeyed. What a step did is stored; where a command
// was in its work is not: begun again it goes over what is still listed.
type Work struct {
	e    *executor
	env  *engine.Env
	walk *walk // nil before the first step, and for commands of a single step

	at     *engine.Map // that the steps are at; nil before the first
	rested bool        // it wrote nothing when they came to it
	sum    tally       // of this map
	all    tally
	lines  []string // about the maps that are done

	reported bool // somebody was told of this map's progress
}

// tally counts what a command about entries did.
type tally struct {
	records  int // that were retried or dropped
	open     int // of them: still listed
	unseen   int // of these: not found by key
	approved int // findings
}

func (t *tally) add(o tally) {
	t.records += o.records
	t.open += o.open
	t.unseen += o.unseen
	t.approved += o.approved
}

// Begin makes the work of a command, which is to be done by Step.
func Begin(env *engine.Env, cmd store.Command) *Work {
	w := &Work{e: &executor{env: env, cmd: cmd}, env: env}
	if w.entries() {
		quiet := *env // each step would begin to count anew
		quiet.Progress = nil
		w.e.env = &quiet
	}
	return w
}

// entries tells whether the command is about listed entries.
func (w *Work) entries() bool {
	name := w.e.cmd.Name
	return name == Retry || name == Drop || name == Approve
}

// Maps gives the names of the maps that the next step concerns, sorted. Nobody
// else may work on them during it.
func (w *Work) Maps(ctx context.Context) ([]string, error) {
	if !w.entries() {
		names, err := w.e.maps()
		if err != nil {
			return nil, nil // Step tells what is wrong
		}
		return names, nil
	}
	m, err := w.next(ctx)
	var failure *diag.Failure
	if m == nil || errors.As(err, &failure) {
		return nil, nil // Step tells what is wrong
	}
	return []string{m.Name}, err
}

// next gives the map of the next step; nil where there is none.
func (w *Work) next(ctx context.Context) (m *engine.Map, err error) {
	if w.walk == nil {
		began, err := w.e.walk(ctx)
		if err != nil {
			return nil, err
		}
		w.walk = began
	}
	return w.walk.next(ctx)
}

// Step does the next part of a command. It tells whether that was the last, and
// what was done until now: for people, and in the end the answer. After an error
// it may be called again.
func (w *Work) Step(ctx context.Context) (done bool, answer string, err error) {
	if !w.entries() {
		answer, err = w.e.whole(ctx)
		return true, answer, err
	}
	m, err := w.next(ctx)
	if err == nil && m != nil {
		err = w.page(ctx, m)
	}
	switch {
	case err != nil:
		return false, w.told(), err
	case m != nil:
		return false, w.told(), nil
	}
	w.leave()
	if w.e.cmd.Name == Approve && w.all.approved == 0 {
		return true, "", bad("none of the entries is a finding that can be approved", "Approve takes entries that say that many known records are not found any more; see `dw errors list -kind held`.")
	}
	if answer = w.told(); answer == "" {
		answer = "Nothing is listed."
	}
	return true, answer, nil
}

// whole carries out a command of a single step.
func (e *executor) whole(ctx context.Context) (string, error) {
	switch e.cmd.Name {
	case Pause:
		return e.pause(ctx)
	case Resume:
		return e.resume(ctx)
	case Stop:
		return e.stop(ctx)
	case Repair:
		return e.repair(ctx)
	case BatchBegin:
		return e.batchBegin(ctx)
	case BatchEnd:
		return e.batchEnd(ctx)
	}
	known := []string{Pause, Resume, Stop, Retry, Drop, Approve, Repair, BatchBegin, BatchEnd}
	return "", bad(fmt.Sprintf("there is no command %q", e.cmd.Name), "Commands are "+strings.Join(known, ", ")+".")
}

// page deals with the next entries of a map.
func (w *Work) page(ctx context.Context, m *engine.Map) error {
	rests, err := w.e.rests(ctx, m)
	if err != nil {
		return err
	}
	switch {
	case m != w.at:
		w.leave()
		w.at, w.rested = m, rests
	case rests && !w.rested:
		// Who pauses or stops a map wants nothing written from then on.
		w.leave()
		w.lines[len(w.lines)-1] += " The map was paused or stopped meanwhile: the rest stays listed."
		w.walk.skip()
		return nil
	}
	listed, pass, err := w.walk.page(ctx)
	if err != nil {
		return err
	}
	var c tally
	switch w.e.cmd.Name {
	case Retry:
		c, err = w.e.retry(ctx, m, listed)
	case Drop:
		c, err = w.e.drop(ctx, m, listed)
	case Approve:
		c, err = w.e.approve(ctx, listed)
	}
	if err != nil {
		return err
	}
	w.sum.add(c)
	w.all.add(c)
	pass()
	return nil
}

// rests tells whether a map is paused or stopped.
func (e *executor) rests(ctx context.Context, m *engine.Map) (rests bool, err error) {
	err = e.env.Store.View(ctx, func(tx store.Tx) error {
		d, err := tx.DeployedMap(e.env.Link, m.Name)
		if err != nil || d == nil {
			return err
		}
		s, err := store.RunStateOf(tx, m.Name)
		status := effective(*d, s)
		rests = status == store.StatusPaused || status == store.StatusStopped
		return err
	})
	return rests, err
}

// leave ends the work on a map.
func (w *Work) leave() {
	if w.at != nil {
		w.lines = append(w.lines, w.line())
	}
	if w.reported {
		w.env.Report(report.Progress{Map: w.at.Name, Phase: "done", Failed: int64(w.sum.open)})
	}
	w.at, w.sum, w.reported = nil, tally{}, false
}

// line says what a retry of the entries of the map at hand came to.
func (w *Work) line() string {
	c := w.sum
	text := fmt.Sprintf("Map %s: %s retried, %d settled, %d still listed.", w.at.Name, count(c.records, "record"), c.records-c.open, c.open)
	if c.unseen > 0 {
		text += fmt.Sprintf(" %d of these could not be found by key; the next scan looks for them.", c.unseen)
	}
	if c.approved > 0 {
		text += fmt.Sprintf(" %s approved.", count(c.approved, "finding"))
	}
	return text
}

// told says what was done until now; "" where nothing was.
func (w *Work) told() string {
	switch {
	case w.e.cmd.Name == Drop && w.all.records > 0:
		return fmt.Sprintf("%s dropped: both sides stay as they are until the next edit.", count(w.all.records, "record"))
	case w.e.cmd.Name == Approve && w.all.approved > 0:
		return fmt.Sprintf("%s approved: what the next scan still does not find counts as deleted.", count(w.all.approved, "finding"))
	case w.e.cmd.Name != Retry:
		return ""
	case w.at != nil:
		return strings.Join(append(w.lines[:len(w.lines):len(w.lines)], w.line()), "\n")
	}
	return strings.Join(w.lines, "\n")
}

// Progress says for people how far a command is that takes several steps.
func (w *Work) Progress() string {
	if w.walk == nil {
		return ""
	}
	return fmt.Sprintf("%s: %d of %d entries", w.e.cmd.Name, w.walk.seen, w.walk.total)
}

// report passes on how far the work is, where it takes more than a moment.
func (w *Work) report() {
	if w.walk == nil || w.at == nil || w.walk.total <= int64(w.env.BatchSize()) {
		return
	}
	w.reported = true
	w.env.Report(report.Progress{Map: w.at.Name, Phase: w.e.cmd.Name, Done: w.walk.here, Total: w.walk.of[w.at.Name], Failed: int64(w.sum.open)})
}
