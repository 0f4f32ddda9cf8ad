// Package control carries out what operators want of a running or resting
// engine: to pause, resume and stop maps, and to retry, drop and approve what is
// listed. Whoever holds the engine's role calls it, and nobody works on the maps
// that a command concerns meanwhile (see Maps).
package control

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/record"
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

// Execute carries out a command and tells what was done. Its error is a
// *diag.Failure where the command makes no sense or a service could not be
// asked: part of the work may be done then, and doing it again does no harm.
func Execute(ctx context.Context, env *engine.Env, cmd store.Command) (answer string, err error) {
	e := &executor{env: env, cmd: cmd}
	switch cmd.Name {
	case Pause:
		return e.pause(ctx)
	case Resume:
		return e.resume(ctx)
	case Stop:
		return e.stop(ctx)
	case Retry:
		return e.retry(ctx)
	case Drop:
		return e.drop(ctx)
	case Approve:
		return e.approve(ctx)
	case Repair:
		return e.repair(ctx)
	case BatchBegin:
		return e.batchBegin(ctx)
	case BatchEnd:
		return e.batchEnd(ctx)
	}
	return "", bad(fmt.Sprintf("there is no command %q", cmd.Name), "Commands are "+strings.Join([]string{Pause, Resume, Stop, Retry, Drop, Approve, Repair, BatchBegin, BatchEnd}, ", ")+".")
}

// Maps gives the names of the maps that a command concerns, sorted. Numbers of
// entries that are not listed count for nothing.
func Maps(ctx context.Context, env *engine.Env, cmd store.Command) ([]string, error) {
	e := &executor{env: env, cmd: cmd}
	if slices.Contains([]string{Pause, Resume, Stop, BatchBegin, BatchEnd}, cmd.Name) || cmd.Map != "" {
		names, err := e.maps()
		if err != nil {
			return nil, nil // Execute tells what is wrong
		}
		return names, nil
	}
	listed, err := e.listed(ctx)
	if err != nil {
		return nil, ctx.Err() // else Execute tells what is wrong
	}
	var names []string
	for _, l := range listed {
		names = append(names, l.Map)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

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

func (e *executor) approve(ctx context.Context) (string, error) {
	listed, err := e.listed(ctx)
	if err != nil {
		return "", err
	}
	n := 0
	err = e.env.Store.Update(ctx, func(tx store.Tx) error {
		n = 0
		for _, l := range listed {
			ok, err := approve(tx, l)
			if err != nil {
				return err
			}
			if ok {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if n == 0 {
		return "", bad("none of the entries is a finding that can be approved", "Approve takes entries that say that many known records are not found any more; see `dw errors list -kind held`.")
	}
	return fmt.Sprintf("%s approved: what the next scan still does not find counts as deleted.", count(n, "finding")), nil
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

// maxEntries is how many entries one command takes on.
const maxEntries = 10_000

// listed gives the entries that the command names.
func (e *executor) listed(ctx context.Context) ([]record.Listed, error) {
	q := store.ListedQuery{Map: e.cmd.Map}
	all := e.cmd.Map != ""
	for _, a := range e.cmd.Args {
		kind, isKind := strings.CutPrefix(a, "kind=")
		id, err := strconv.ParseInt(a, 10, 64)
		switch {
		case a == "all":
			all = true
		case isKind:
			q.Kind = record.Kind(kind)
		case err == nil:
			q.IDs = append(q.IDs, id)
		default:
			return nil, bad(fmt.Sprintf("%q is no number of an entry", a), "`dw errors list` shows the numbers.")
		}
	}
	if len(q.IDs) == 0 && !all {
		return nil, bad("no entry is named", "Give numbers of `dw errors list`, or a map.")
	}
	if e.cmd.Map != "" {
		if _, err := e.maps(); err != nil {
			return nil, err
		}
	}
	var listed []record.Listed
	err := e.env.Store.View(ctx, func(tx store.Tx) (err error) {
		listed, err = tx.Listed(q, 0, maxEntries+1)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case len(listed) > maxEntries:
		return nil, bad(fmt.Sprintf("more than %d entries", maxEntries), "Take them on map by map, or kind by kind; `dw apply -again MAP` takes on all of a map.")
	case len(q.IDs) > len(listed):
		var missing []string
		for _, id := range q.IDs {
			if !slices.ContainsFunc(listed, func(l record.Listed) bool { return l.ID == id }) {
				missing = append(missing, strconv.FormatInt(id, 10))
			}
		}
		return nil, diag.Fail(diag.Diagnostic{
			Code: diag.CodeNoSuchEntry, Severity: diag.Error, Summary: "there is no entry " + strings.Join(missing, ", "),
			Hint: "It may have been settled meanwhile; `dw errors list` shows what is left.",
		})
	}
	return slices.DeleteFunc(listed, func(l record.Listed) bool { return e.env.Map(l.Map) == nil }), nil
}
