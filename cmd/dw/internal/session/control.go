package session

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/deploy"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/record"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// runCommand is how a running engine names itself in the lock of the state.
const runCommand = "dw run"

// askEvery is how often an answer of the running engine is looked for.
const askEvery = 50 * time.Millisecond

// tellEvery is how often it is told how far a running engine is with a command.
const tellEvery = 5 * time.Second

// Command hands wishes to the engine that runs, or carries them out where none
// does. Wait bounds the time to wait for its answers, or for the next sign that
// it is on its way; a command that is still waiting then is in the answer as
// such. Begin is called when they are left or begun: until then nothing is
// changed. Progress hears how far long ones are that this process carries out.
// With an error the answers tell what was done before.
func (s *Session) Command(ctx context.Context, wait time.Duration, begin func(), progress func(report.Progress), commands ...store.Command) (report.Commands, error) {
	out := report.Commands{FormatVersion: report.FormatVersion}
	if s.Link == nil {
		return out, &diag.Failure{List: s.loaded.Sorted()}
	}
	for i := range commands {
		if err := s.deployedHere(ctx, commands[i].Map); err != nil {
			return out, err
		}
		commands[i].At, commands[i].By = s.Host.Clock.Now().UTC().Format(time.RFC3339), s.operator()
	}
	holder, held, err := sqlite.Held(s.statePath())
	if err != nil {
		return out, err
	}
	if held && holder.Command == runCommand {
		begin()
		err = s.leave(ctx, commands, wait)
	} else {
		err = s.execute(ctx, begin, progress, commands)
	}
	for _, c := range commands {
		out.Commands = append(out.Commands, report.Command{
			Name: c.Name, Map: c.Map, Args: c.Args, Done: c.State == store.CommandDone, Waits: c.State == store.CommandWaits, Answer: c.Answer,
			Interrupted: c.State == "",
		})
	}
	return out, err
}

// operator names who gives a command: as for an apply, else the login that the
// system knows where the environment names none.
func (s *Session) operator() string {
	name := s.user()
	if u, err := user.Current(); name == nobody && err == nil && u.Username != "" {
		return u.Username
	}
	return name
}

// deployedHere refuses a command for a map that is not deployed.
func (s *Session) deployedHere(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	st, err := s.readState(ctx)
	if err != nil {
		return err
	}
	d, err := s.deployed(ctx, st)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(d.Maps, func(m plan.DeployedMap) bool { return m.Definition.Map.Name == name }) {
		return s.notDeployed(d, name)
	}
	return nil
}

// leave stores commands for the running engine and waits for its answers,
// which it puts in place.
func (s *Session) leave(ctx context.Context, commands []store.Command, wait time.Duration) error {
	st, err := s.askState(ctx)
	if err != nil {
		return err
	}
	return s.leaveIn(ctx, st, commands, wait)
}

// leaveIn is leave with the state at hand.
func (s *Session) leaveIn(ctx context.Context, st store.Store, commands []store.Command, wait time.Duration) error {
	err := st.Update(ctx, func(tx store.Tx) error {
		for i := range commands {
			if err := tx.AddCommand(&commands[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("leave the command for the running engine: %w", err)
	}
	heard := s.Host.Clock.Now()
	told := heard
	for {
		waits, news := false, ""
		err := st.View(ctx, func(tx store.Tx) error {
			for i, c := range commands {
				got, err := tx.Commands(c.ID-1, 1, false)
				if err != nil {
					return err
				}
				if len(got) == 1 && got[0].ID == c.ID {
					if commands[i].Answer != got[0].Answer {
						news = got[0].Answer
					}
					commands[i] = got[0]
				}
				waits = waits || commands[i].State == store.CommandWaits
			}
			return nil
		})
		now := s.Host.Clock.Now()
		if news != "" {
			heard = now
		}
		if err != nil || !waits || now.Sub(heard) >= wait || s.o.Stopping != nil && s.o.Stopping() {
			return err
		}
		if news != "" && now.Sub(told) >= tellEvery {
			told = now
			s.say("The running engine is at it: " + news + ".")
		}
		if err := s.Host.Clock.Sleep(ctx, askEvery); err != nil {
			return err
		}
	}
}

// execute carries commands out in this process, which has the engine's role
// then.
func (s *Session) execute(ctx context.Context, begin func(), progress func(report.Progress), commands []store.Command) error {
	w, err := s.writeState(ctx, "dw "+commands[0].Name)
	if err != nil {
		return err
	}
	env, err := s.liveEnv(w.ctx, w.store, connects(commands[0].Name))
	if err != nil {
		return err
	}
	env.Progress = progress
	begin()
	for i := range commands {
		c := &commands[i]
		answer, err := control.Execute(w.ctx, env, *c)
		c.Answer = answer
		err = w.fenced(err)
		var failure *diag.Failure
		switch {
		case errors.As(err, &failure), errors.Is(err, engine.ErrStopped):
			return err
		case err != nil:
			return fmt.Errorf("dw %s: %w", c.Name, err)
		}
		if c.Name == control.BatchEnd {
			if c.Answer, err = s.catchUp(w, env, *c); err != nil {
				return err
			}
		}
		c.State = store.CommandDone
	}
	return nil
}

// catchUp moves what changed in batch windows that have ended, as no engine runs
// that would.
func (s *Session) catchUp(w *writer, env *engine.Env, c store.Command) (answer string, err error) {
	names, err := control.Begin(env, c).Maps(w.ctx)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, m := range env.Maps { // in the order of waves
		if !slices.Contains(names, m.Name) {
			continue
		}
		var run store.RunState
		err := w.store.View(w.ctx, func(tx store.Tx) (err error) {
			run, err = store.RunStateOf(tx, m.Name)
			return err
		})
		if err != nil {
			return "", err
		}
		if !run.Bulk {
			continue
		}
		moved, err := control.CatchUp(w.ctx, env, m)
		if err = w.fenced(err); err != nil {
			return "", err
		}
		lines = append(lines, moved.Answer(m.Name))
	}
	if len(lines) == 0 {
		return c.Answer, nil
	}
	return strings.Join(lines, "\n"), nil
}

// Batches lists the maps that are in a batch window, or on their way out of one.
func (s *Session) Batches(ctx context.Context) (report.Batches, error) {
	out := report.Batches{FormatVersion: report.FormatVersion, Maps: []report.Batch{}}
	if s.Link == nil {
		return out, &diag.Failure{List: s.loaded.Sorted()}
	}
	out.Link = s.Link.Name
	st, err := s.readState(ctx)
	if err != nil || st == nil {
		return out, err
	}
	d, err := s.deployed(ctx, st)
	if err != nil {
		return out, err
	}
	return out, st.View(ctx, func(tx store.Tx) error {
		for _, m := range byWave(d.Maps) {
			name := m.Definition.Map.Name
			run, err := store.RunStateOf(tx, name)
			if err != nil {
				return err
			}
			if run.Batch == "" && !run.Bulk {
				continue
			}
			queued, err := tx.CountObservations(name)
			if err != nil {
				return err
			}
			out.Maps = append(out.Maps, report.Batch{
				Map: name, Since: run.Batch, By: run.By, Reason: run.BatchReason, Ending: run.Batch == "",
				Queued: report.Sides{FnO: queued[value.FnO], Dataverse: queued[value.Dataverse]},
			})
		}
		return nil
	})
}

// connects tells whether a command asks the two systems anything.
func connects(name string) bool {
	return name != control.Pause && name != control.Stop && name != control.Approve && name != control.BatchBegin
}

// liveEnv makes the engine's surroundings from what is deployed; connections
// only where they are needed.
func (s *Session) liveEnv(ctx context.Context, st store.Store, connected bool) (*engine.Env, error) {
	d, err := s.deployed(ctx, st)
	if err != nil {
		return nil, err
	}
	if len(d.Maps) == 0 {
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("nothing is deployed for link %q", s.Link.Name),
			Hint: "Run `dw apply` first: it deploys the maps and does their initial sync.",
		})
	}
	maps, err := engine.Compile(d.Maps)
	if err != nil {
		return nil, err
	}
	env := &engine.Env{Host: s.Host, Store: st, Link: s.Link.Name, Maps: maps, Stopping: s.o.Stopping, Stop: s.o.Stop, Batch: s.batchSize(), Scratch: s.tempStore, Crosswalk: s.crosswalk}
	if !connected {
		return env, nil
	}
	sys, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	env.FnO, env.Dataverse = sys.fno, sys.dataverse
	return env, deploy.SameEnvironments(ctx, s.Link.Name, st, sys.fno, sys.dataverse)
}

// Listed gives one listed record by its id.
func (s *Session) Listed(ctx context.Context, id int64) (record.Listed, error) {
	var found []record.Listed
	if s.Link == nil {
		return record.Listed{}, &diag.Failure{List: s.loaded.Sorted()}
	}
	st, err := s.readState(ctx)
	if err != nil {
		return record.Listed{}, err
	}
	if st != nil {
		err = st.View(ctx, func(tx store.Tx) error {
			found, err = tx.Listed(store.ListedQuery{IDs: []int64{id}}, 0, 0)
			return err
		})
	}
	if err != nil {
		return record.Listed{}, err
	}
	if len(found) == 0 {
		return record.Listed{}, diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("nothing is listed under %d", id),
			Hint: "`dw errors list` shows the ids; a record that went through is listed no more.",
		})
	}
	return found[0], nil
}
