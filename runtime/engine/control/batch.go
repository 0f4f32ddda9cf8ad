package control

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/value"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/drain"
	"github.com/dualwrite/dw/runtime/store"
)

// batchBegin begins a batch window: the map neither captures nor writes until
// the end of it. Where its reads stand stays: Dataverse's token and, for F&O,
// the versions that the pairs were agreed in.
func (e *executor) batchBegin(ctx context.Context) (string, error) {
	reason := ""
	if len(e.cmd.Args) > 0 {
		reason = strings.Join(strings.Fields(e.cmd.Args[0]), " ")
	}
	return e.each(ctx, func(_ store.Tx, d plan.DeployedMap, s *store.RunState) (string, error) {
		name := d.Definition.Map.Name
		was := effective(d, *s)
		alone := e.cmd.Map != ""
		switch {
		case s.Batch != "" && alone:
			return "", bad(fmt.Sprintf("map %s is in a batch window already", name),
				fmt.Sprintf("End it first: dw batch end %s. %s.", model.MapArgument(name), opening(*s)))
		case d.Initial == "pending" && alone:
			return "", bad(fmt.Sprintf("map %s has not been joined yet", name), "Begin a batch window when its initial sync is done.")
		case (was == store.StatusPaused || was == store.StatusStopped) && alone:
			return "", bad(fmt.Sprintf("map %s is %s", name, was), "Resume it first: the end of a batch window lets the map run.")
		case s.Batch != "", d.Initial == "pending", was == store.StatusPaused, was == store.StatusStopped:
			return "", nil
		}
		s.Batch, s.BatchReason, s.Bulk = e.now(), reason, false
		s.Override, s.By, s.Status = store.StatusPaused, e.cmd.By, store.StatusPaused
		s.Reason = s.BatchText()
		return fmt.Sprintf("Map %s is in a batch window: nothing is captured or written until `dw batch end %s`.", name, model.MapArgument(name)), nil
	})
}

// opening says when, by whom and why a window was begun.
func opening(s store.RunState) string {
	text := "It began at " + s.Batch
	if s.By != "" {
		text += ", by " + s.By
	}
	if s.BatchReason != "" {
		text += ": " + s.BatchReason
	}
	return text
}

// batchEnd ends windows: what changed in them is to be captured in one go and
// moved by the bulk path, by who has the engine's role. Ending a window again
// whose changes were not all moved goes on with it.
func (e *executor) batchEnd(ctx context.Context) (string, error) {
	none := true
	answer, err := e.each(ctx, func(_ store.Tx, d plan.DeployedMap, s *store.RunState) (string, error) {
		name := d.Definition.Map.Name
		switch {
		case s.Batch == "" && !s.Bulk && e.cmd.Map != "":
			return "", bad(fmt.Sprintf("map %s is in no batch window", name), "`dw batch list` shows the windows; `dw batch begin` begins one.")
		case s.Batch == "" && !s.Bulk:
			return "", nil
		}
		none = false
		s.Batch, s.BatchReason, s.Bulk = "", "", true
		s.Override, s.By, s.Status, s.Reason, s.Fault = store.StatusRunning, e.cmd.By, store.StatusCatchingUp, "", false
		return fmt.Sprintf("Map %s leaves its batch window: what changed in it is moved by the bulk path.", name), nil
	})
	if err == nil && none {
		return "Nothing to do: no map is in a batch window.", nil
	}
	return answer, err
}

// noWindow refuses a command for a map that is in a batch window.
func (e *executor) noWindow(ctx context.Context) error {
	if e.cmd.Map == "" {
		return nil
	}
	var s store.RunState
	err := e.env.Store.View(ctx, func(tx store.Tx) (err error) {
		s, err = store.RunStateOf(tx, e.cmd.Map)
		return err
	})
	if err == nil && s.Batch != "" {
		return bad(fmt.Sprintf("map %s is in a batch window", e.cmd.Map), fmt.Sprintf("End it with `dw batch end %s`: what changed in it is moved by the bulk path.", model.MapArgument(e.cmd.Map)))
	}
	return err
}

// Moved is what the end of a batch window came to.
type Moved struct {
	Captured int   // sights of records
	Written  int64 // writes
}

// Answer says so.
func (m Moved) Answer(name string) string {
	return fmt.Sprintf("Map %s is out of its batch window: %s captured, %s sent.", name, count(m.Captured, "change"), count(int(m.Written), "write"))
}

// maxPasses bounds how often what confirming has shown is handled once more.
const maxPasses = 5

// CatchUp captures what changed on both sides of a map since its reads were left
// and moves it by the bulk path, where no running engine does. It does nothing
// for a map that has nothing to catch up with after a batch window.
func CatchUp(ctx context.Context, env *engine.Env, m *engine.Map) (moved Moved, err error) {
	var s store.RunState
	err = env.Store.View(ctx, func(tx store.Tx) (err error) {
		s, err = store.RunStateOf(tx, m.Name)
		return err
	})
	if err != nil || !s.Bulk {
		return moved, err
	}
	d := drain.New(env, m)
	d.Writer.Live, d.Writer.Bulk = true, true
	w := capture.NewWatcher(d.Reader)
	troubles, err := w.Check(ctx)
	if err != nil {
		return moved, err
	}
	if len(troubles) > 0 {
		return moved, bad(fmt.Sprintf("map %s cannot catch up", m.Name), strings.Join(troubles, "; ")+".")
	}
	if err := d.Writer.Confirm(ctx); err != nil {
		return moved, err
	}
	if moved.Captured, err = Gather(ctx, w); err != nil {
		return moved, err
	}
	for range maxPasses {
		p, err := d.Pass(ctx, d.Handler(false), nil)
		moved.Written += p.Written.FnO + p.Written.Dataverse
		if err != nil {
			return moved, err
		}
		if p.Handled == p.Parked {
			break
		}
	}
	return moved, env.Store.Update(ctx, func(tx store.Tx) error {
		s, err := store.RunStateOf(tx, m.Name)
		if err != nil || !s.Bulk {
			return err
		}
		s.Bulk, s.Status, s.Since = false, store.StatusRunning, env.Host.Clock.Now().UTC().Format(time.RFC3339)
		return store.PutRunState(tx, m.Name, s)
	})
}

// Gather captures everything that changed: Dataverse's changes to their end, and
// a whole scan of what does not tell its changes.
func Gather(ctx context.Context, w *capture.Watcher) (captured int, err error) {
	scans := []value.Side{value.FnO}
	if !w.Tracked() {
		scans = append(scans, value.Dataverse)
	} else {
		for again := true; again; again = w.Scanning(value.Dataverse) {
			n, err := w.Deltas(ctx)
			captured += n
			if err != nil {
				return captured, err
			}
		}
	}
	for _, side := range scans {
		for done := false; !done; {
			if err := w.Env.Stopped(ctx); err != nil {
				return captured, err
			}
			var n int
			done, n, err = w.Scan(ctx, side)
			captured += n
			if err != nil {
				return captured, err
			}
		}
	}
	return captured, nil
}
