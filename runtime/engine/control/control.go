// Package control carries out what operators want of a running or resting
// engine: to pause, resume and stop maps, and to retry, drop and approve what is
// listed. Whoever holds the engine's role calls it, and nobody works on the maps
// that a command concerns meanwhile (see Work.Maps).
package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/store"
)

// Names of the commands. Arguments:
//
//   - Pause, Stop: Map; none means all maps.
//   - Resume: Map, none means all that do not run; Args[0] may be a way
//     (store.ResumeCatchUp and so on), catch-up otherwise.
//   - Retry, Drop, Approve: Args are numbers of listed entries; or none with Map
//     and, after "kind=", a kind: all entries of the map; or "all".
//   - Repair: see RepairCommand.
//   - BatchBegin: Map, none means all; Args[0] may be a reason, for people.
//   - BatchEnd: Map, none means all that are in a batch window.
const (
	Pause   = "pause"
	Resume  = "resume"
	Stop    = "stop"
	Retry   = "retry"
	Drop    = "drop"
	Approve = "approve"
	Repair  = "repair"

	BatchBegin = "batch-begin"
	BatchEnd   = "batch-end"
)

func bad(summary, hint string) error {
	return diag.Fail(diag.Diagnostic{Code: diag.CodeBadCommand, Severity: diag.Error, Summary: summary, Hint: hint})
}

// executor carries out one command.
type executor struct {
	env *engine.Env
	cmd store.Command
}

func (e *executor) now() string { return e.env.Host.Clock.Now().UTC().Format(time.RFC3339) }

// maps gives the names of the maps that the command names.
func (e *executor) maps() ([]string, error) {
	var all []string
	for _, m := range e.env.Maps {
		all = append(all, m.Name)
	}
	slices.Sort(all)
	if e.cmd.Map == "" {
		return all, nil
	}
	if e.env.Map(e.cmd.Map) == nil {
		hint := "Deployed maps are " + strings.Join(all, ", ") + "."
		if near := diag.Suggest(e.cmd.Map, all); near != "" {
			hint = fmt.Sprintf("Did you mean %q?", near)
		}
		return nil, bad(fmt.Sprintf("no map %q is deployed", e.cmd.Map), hint)
	}
	return []string{e.cmd.Map}, nil
}

// each changes the run state of every map that the command names, in one
// transaction. Change tells what it did; "" where there was nothing to do.
func (e *executor) each(ctx context.Context, change func(tx store.Tx, d plan.DeployedMap, s *store.RunState) (string, error)) (string, error) {
	names, err := e.maps()
	if err != nil {
		return "", err
	}
	var done []string
	var status string // of the map that was not changed last
	err = e.env.Store.Update(ctx, func(tx store.Tx) error {
		done = nil
		d, err := tx.Deployed(e.env.Link)
		if err != nil {
			return err
		}
		for _, m := range d.Maps {
			name := m.Definition.Map.Name
			if !slices.Contains(names, name) {
				continue
			}
			s, err := store.RunStateOf(tx, name)
			if err != nil {
				return err
			}
			was := s
			text, err := change(tx, m, &s)
			if err != nil {
				return err
			}
			if s != was {
				if s.Status != was.Status {
					s.Since = e.now()
				}
				if err := store.PutRunState(tx, name, s); err != nil {
					return err
				}
			}
			if text != "" {
				done = append(done, text)
			} else {
				status = s.Status
				if status == "" {
					status = effective(m, s)
				}
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return "", err
	case len(done) > 0:
		return strings.Join(done, "\n"), nil
	case len(names) == 1:
		return fmt.Sprintf("Nothing to do: map %s is %s.", names[0], strings.ReplaceAll(status, "_", " ")), nil
	}
	return "Nothing to do: all maps are like that already.", nil
}

// effective gives the status that a map has or is to have.
func effective(d plan.DeployedMap, s store.RunState) string {
	switch {
	case s.Fault:
		return store.StatusStopped
	case s.Override != "":
		return s.Override
	case d.Status == "":
		return store.StatusRunning
	}
	return d.Status
}

func (e *executor) pause(ctx context.Context) (string, error) {
	return e.each(ctx, func(_ store.Tx, d plan.DeployedMap, s *store.RunState) (string, error) {
		name := d.Definition.Map.Name
		switch {
		case d.Initial == "pending" && e.cmd.Map != "":
			return "", bad(fmt.Sprintf("map %s has not been joined yet", name), "Pause it when its initial sync is done, or stop it.")
		case d.Initial == "pending", effective(d, *s) == store.StatusPaused, effective(d, *s) == store.StatusStopped:
			return "", nil
		}
		s.Override, s.By, s.Status, s.Reason = store.StatusPaused, e.cmd.By, store.StatusPaused, ""
		return fmt.Sprintf("Map %s is paused: changes are captured and wait.", name), nil
	})
}

func (e *executor) stop(ctx context.Context) (string, error) {
	return e.each(ctx, func(tx store.Tx, d plan.DeployedMap, s *store.RunState) (string, error) {
		name := d.Definition.Map.Name
		if effective(d, *s) == store.StatusStopped && !s.Fault {
			return "", nil
		}
		s.Override, s.By, s.Status, s.Reason, s.Fault = store.StatusStopped, e.cmd.By, store.StatusStopped, "", false
		window := ""
		if s.Batch != "" || s.Bulk {
			window = " Its batch window is over."
		}
		s.Batch, s.BatchReason, s.Bulk = "", "", false // it reads everything anew
		if err := dropCursors(tx, name); err != nil {
			return "", err
		}
		return fmt.Sprintf("Map %s is stopped: nothing is captured; it reads both sides from the start when it is resumed.%s", name, window), nil
	})
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		return fmt.Sprintf("%d %sies", n, what[:len(what)-1])
	}
	return fmt.Sprintf("%d %ss", n, what)
}
