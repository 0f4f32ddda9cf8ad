package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/engine/capture"
	"github.com/dualwrite/dw/runtime/engine/control"
	"github.com/dualwrite/dw/runtime/engine/repair"
	"github.com/dualwrite/dw/runtime/report"
	"github.com/dualwrite/dw/runtime/store"
	"github.com/dualwrite/dw/runtime/store/sqlite"
)

// RepairOptions say what to mend.
type RepairOptions struct {
	VerifyOptions
	Only     []string // kinds of differences; empty: all
	Deletes  bool     // records that are gone on one side count as deleted
	Recreate bool     // they are created again
}

// RepairPlan is what would be done, ready to be carried out.
type RepairPlan struct {
	Report report.Repair
	began  map[string]int64
	absent capture.Absent
	keys   store.Store
	maps   []*engine.Map
}

// repairStep is how many records one command is about.
const repairStep = 200

// PlanRepair compares both sides and says what mending the differences would
// do.
func (s *Session) PlanRepair(ctx context.Context, o RepairOptions) (*RepairPlan, diag.List, error) {
	absent := capture.AbsentLeave
	switch {
	case o.Deletes && o.Recreate:
		return nil, nil, usage("-deletes does not go with -recreate", "A record that is gone on one side is either deleted or created again: leave one of them out.")
	case o.Deletes:
		absent = capture.AbsentDelete
	case o.Recreate:
		absent = capture.AbsentCreate
	}
	for _, kind := range o.Only {
		if !slices.Contains(report.Kinds(), kind) {
			hint := "The kinds are " + strings.Join(report.Kinds(), ", ") + "."
			if near := diag.Suggest(kind, report.Kinds()); near != "" {
				hint = fmt.Sprintf("Did you mean %q?", near)
			}
			return nil, nil, usage(fmt.Sprintf("there is no kind %q of differences", kind), hint)
		}
	}
	if s.Link == nil {
		return nil, s.loaded.Sorted(), nil
	}
	st, err := s.readState(ctx)
	if err != nil {
		return nil, nil, err
	}
	if _, err := s.liveEnv(ctx, st, false); err != nil {
		return nil, nil, err // nothing is deployed
	}
	v, l, err := s.prepareVerify(ctx, o.VerifyOptions)
	if err != nil || l.HasErrors() {
		return nil, l, err
	}
	keys, err := s.scratch(ctx, "dw repair")
	if err != nil {
		return nil, nil, err
	}
	limit := v.Limit
	v.Limit = 1 // the plan names what it would do
	p, err := repair.Plan(ctx, repair.Options{Verify: *v, Only: o.Only, Absent: absent, Limit: limit, Keys: keys})
	if err != nil {
		return nil, nil, err
	}
	return &RepairPlan{Report: p.Report, began: p.Began, absent: absent, keys: keys, maps: v.Env.Maps}, nil, nil
}

// Repair carries a plan out: by the running engine where there is one, else in
// this process. Told hears how many records have been dealt with.
func (s *Session) Repair(ctx context.Context, p *RepairPlan, wait time.Duration, told func(done int64)) error {
	do, sweep, end, err := s.repairer(ctx, wait)
	if err != nil {
		return err
	}
	done := int64(0)
	carry := func(ctx context.Context, c store.Command) error {
		if s.o.Stopping != nil && s.o.Stopping() {
			return engine.ErrStopped
		}
		c.At, c.By = s.Host.Clock.Now().UTC().Format(time.RFC3339), s.operator()
		if err := do(ctx, &c); err != nil {
			return err
		}
		p.Report.Done = append(p.Report.Done, report.Command{
			Name: c.Name, Map: c.Map, Done: c.State == store.CommandDone, Waits: c.State == store.CommandWaits, Answer: c.Answer,
		})
		if c.State == store.CommandWaits {
			return errUnanswered // nor would it answer the next
		}
		done += repairStep
		told(done)
		return nil
	}
	err = repair.Carry(ctx, p.keys, p.maps, repairStep, p.absent, p.began, carry)
	for _, m := range p.Report.Maps {
		// What waited for records that came later; a running engine sees to it.
		if err == nil && sweep && m.Waiting > 0 {
			c := store.Command{Name: control.Retry, Map: m.Map, Args: []string{"kind=parked"}}
			err = do(ctx, &c)
		}
	}
	if errors.Is(err, errUnanswered) {
		err = nil
	}
	return end(err)
}

// errUnanswered says that the running engine has not answered in time.
var errUnanswered = errors.New("the running engine has not answered")

// repairer gives the way in which commands are carried out, and whether what
// waits has to be looked at in the end.
func (s *Session) repairer(ctx context.Context, wait time.Duration) (do func(context.Context, *store.Command) error, sweep bool, end func(error) error, err error) {
	holder, held, err := sqlite.Held(s.statePath())
	if err != nil {
		return nil, false, nil, err
	}
	if held && holder.Command == runCommand {
		st, err := s.askState(ctx)
		if err != nil {
			return nil, false, nil, err
		}
		return func(ctx context.Context, c *store.Command) error {
			commands := []store.Command{*c}
			err := s.leaveIn(ctx, st, commands, wait)
			*c = commands[0]
			return err
		}, false, func(err error) error { return err }, nil
	}
	w, err := s.writeState(ctx, "dw repair")
	if err != nil {
		return nil, false, nil, err
	}
	env, err := s.liveEnv(w.ctx, w.store, true)
	if err != nil {
		return nil, false, nil, err
	}
	return func(_ context.Context, c *store.Command) error {
			answer, err := control.Execute(w.ctx, env, *c)
			if err != nil {
				return err
			}
			c.State, c.Answer = store.CommandDone, answer
			return nil
		}, true, func(err error) error {
			err = w.fenced(err)
			var failure *diag.Failure
			if err != nil && !errors.As(err, &failure) && !errors.Is(err, engine.ErrStopped) {
				return fmt.Errorf("dw repair: %w", err)
			}
			return err
		}, nil
}
