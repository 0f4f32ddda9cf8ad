package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
	"github.com/dualwrite/dw/runtime/engine"
	"github.com/dualwrite/dw/runtime/report"
)

func (p *program) applyCommand() *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "carry out a plan: deploy maps and do their initial sync",
		ArgsUsage: "[PLANFILE]",
		Description: "Plans, shows the plan, asks, and carries it out step by step. Every step is stored as it is done:\n" +
			"after any interruption, run it again and it goes on. With PLANFILE it carries out that plan and\n" +
			"refuses it where the state, the schema or the maps have moved since. Exit 3: the policy denies the\n" +
			"plan. Exit 4: nobody approved. Nothing was done in either case.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask; not enough where the policy wants a person to approve"},
			&cli.StringFlag{Name: "approved", Usage: "carry out the plan only if it has the fingerprint `HASH` (12 digits or more), which somebody approved"},
			lockTimeoutFlag(), progressFlag(),
			&cli.StringSliceFlag{Name: "again", Usage: "read and join the data of `MAP` again, for records that failed"},
		},
		Action: p.inFolder(1, p.apply),
	}
}

func (p *program) apply(c *cli.Context, s *session.Session) error {
	if _, ok := plan.Digits(c.String("approved")); c.IsSet("approved") && !ok {
		return diag.Fail(diag.Diagnostic{
			Code: diag.CodeUsage, Severity: diag.Error, Summary: fmt.Sprintf("-approved=%s is no fingerprint of a plan", c.String("approved")),
			Hint: fmt.Sprintf("`dw plan` prints it; at least %d of its digits are needed.", plan.LeastPrefix),
		})
	}
	if err := s.Lock(c.Context); err != nil {
		return err
	}
	pl, err := p.planToApply(c, s)
	if err != nil {
		return err
	}
	_, err = p.carryOut(c, s, pl)
	return err
}

// carryOut shows a plan, has it approved and carries it out. Done tells that it
// was, as far as it came.
func (p *program) carryOut(c *cli.Context, s *session.Session, pl *plan.Plan) (done bool, err error) {
	asJSON := c.Bool("json")
	if err := knownProgress(c); err != nil {
		return false, err
	}
	how, refusal, err := p.consent(c, s, pl)
	if err != nil {
		return false, err
	}
	out := p.host.Out
	if asJSON {
		out = p.host.Err // the plan is talk then: what is to be approved must be seen
	}
	if how != consentGiven || !asJSON {
		if err := view.Plan(out, pl, p.viewOptions(out)); err != nil {
			return false, err
		}
	}
	switch how {
	case consentRefused:
		p.diagnostics(refusal, s.Sources(), asJSON)
		if pl.Policy.Outcome == plan.Denied {
			return false, exit{exitDenied}
		}
		return false, exit{exitUnapproved}
	case consentAsked:
		// Nobody is asked for what cannot be done.
		if err := s.Free(c.Context); err != nil {
			return false, err
		}
		if err := p.askFor("Carry out this plan?", approvals(c)); err != nil {
			return false, err
		}
	}
	p.writing.Store(true)
	progress := p.progress(c)
	p.boundMemory()
	summary, err := s.Apply(c.Context, pl, progress.Show)
	progress.Close()
	if asJSON {
		return err == nil, p.applied(summary, err)
	}
	if !summary.Nothing && (summary.Complete || len(summary.Maps) > 0) {
		if e := view.Apply(p.host.Out, summary, p.viewOptions(p.host.Out)); err == nil {
			err = e
		}
	}
	return err == nil, err
}

// consent is how a plan may be carried out.
type consent uint8

const (
	consentGiven   consent = iota
	consentAsked           // a person is asked
	consentRefused         // it may not
)

// consent decides whether a plan may be carried out, and why not: the policy
// goes before everything, an approval by fingerprint before all that remains.
func (p *program) consent(c *cli.Context, s *session.Session, pl *plan.Plan) (consent, diag.List, error) {
	verdict := pl.Policy
	approve := fmt.Sprintf("Have a person run `dw apply` on a terminal, or approve the plan and run `dw apply -approved=%s`.", plan.Short(pl.Fingerprint))
	switch {
	case !pl.Changes():
		return consentGiven, nil, nil
	case verdict.Outcome == plan.Denied:
		return consentRefused, violated(verdict, plan.Denied, "Change what the plan does, or have the policy changed by who answers for it."), nil
	case c.IsSet("approved"):
		ok, err := s.Approves(c.Context, c.String("approved"), pl)
		if err != nil || ok {
			return consentGiven, nil, err
		}
		return consentRefused, diag.List{{
			Code: diag.CodeOtherApproved, Severity: diag.Error, Summary: "this is not the plan that was approved",
			Detail: fmt.Sprintf("Approved was %s; the fingerprint of the plan is %s. The maps, the schema, what is deployed or the environments are not what they were.",
				c.String("approved"), plan.Short(pl.Fingerprint)),
			Hint: "Look at the plan above and have it approved.",
		}}, nil
	case verdict.Outcome == plan.NeedsApproval && (c.Bool("auto-approve") || !p.interactive()):
		return consentRefused, violated(verdict, plan.NeedsApproval, approve), nil
	case c.Bool("auto-approve"):
		return consentGiven, nil, nil
	}
	return consentAsked, nil, nil
}

// planToApply reads the plan file, or plans.
func (p *program) planToApply(c *cli.Context, s *session.Session) (*plan.Plan, error) {
	if file := c.Args().First(); file != "" {
		if len(c.StringSlice("again")) > 0 {
			return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: "-again does not go with a plan file", Hint: "Leave one of them out: what a saved plan does is fixed."})
		}
		b, err := s.ReadFile(file, plan.MaxSize)
		if err != nil {
			return nil, diag.Fail(diag.Diagnostic{
				Code: diag.CodeUnreadable, Severity: diag.Error, Summary: fmt.Sprintf("the plan file %s cannot be read", file),
				Detail: sentence(err.Error()) + ".", Hint: "Its place is relative to the folder of -chdir. Make one with `dw plan -out FILE`.",
			})
		}
		pl, err := plan.Decode(b)
		var failure *diag.Failure
		if errors.As(err, &failure) {
			for i := range failure.List {
				failure.List[i].Address = file
			}
		}
		if err != nil {
			return nil, err
		}
		verdict, notes, err := s.CheckPlan(c.Context, pl)
		if err != nil {
			return nil, err
		}
		p.warn(notes, s.Sources())
		pl.Policy = verdict
		return pl, nil
	}
	pl, l, err := s.Plan(c.Context, session.PlanOptions{Again: mapNames(c.StringSlice("again"))})
	if err != nil {
		return nil, err
	}
	if l.HasErrors() {
		return nil, p.stop(s, l, c.Bool("json"))
	}
	// Notices are for whoever writes and reviews the maps, not for the release.
	p.warn(withoutNotices(l), s.Sources())
	return pl, nil
}

func withoutNotices(l diag.List) diag.List {
	return slices.DeleteFunc(slices.Clone(l), func(d diag.Diagnostic) bool { return d.Severity == diag.Notice })
}

// applied answers in JSON, with what ended an apply in the same document. Where
// nothing was begun the error is the whole answer.
func (p *program) applied(r report.Apply, err error) error {
	var failure *diag.Failure
	switch {
	case err != nil && r.FormatVersion == "":
		return err
	case errors.As(err, &failure):
		r.Diagnostics = failure.List
		err = exit{exitError}
	case err != nil && !errors.Is(err, engine.ErrStopped) && !errors.Is(err, context.Canceled):
		r.Diagnostics = diag.List{{Code: diag.CodeUnexpected, Severity: diag.Error, Summary: err.Error()}}
		err = exit{exitError}
	}
	if r.Maps == nil {
		r.Maps = []report.MapSummary{}
	}
	if e := p.json(r); e != nil {
		return e
	}
	return err
}

// approvals says how a pipeline approves a plan that a command carries out.
func approvals(c *cli.Context) string {
	if c.Command.Name == rollbackName {
		return "In a pipeline use -auto-approve; `dw diff` shows beforehand what would change."
	}
	return "In a pipeline use -auto-approve with a plan that was saved and reviewed, or -approved with the fingerprint of the plan that was."
}

// memoryAim is how much memory Go's part of an initial sync is to use: what is
// garbage is collected sooner near it. What is in use is bounded by the sizes
// of batches and pages, far below it, so that up to the aim garbage may be more
// than twice of what is in use before it is collected.
const (
	memoryAim = 150 << 20
	collectAt = 250 // percent
)

// boundMemory sets the aim, unless the environment sets one (GOMEMLIMIT, GOGC).
func (p *program) boundMemory() {
	if p.host.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(memoryAim)
	if p.host.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}
