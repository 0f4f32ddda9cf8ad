package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/dualwrite/dw/cmd/dw/internal/session"
	"github.com/dualwrite/dw/cmd/dw/internal/view"
	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
)

func (p *program) applyCommand() *cli.Command {
	return &cli.Command{
		Name:      "apply",
		Usage:     "carry out a plan: deploy maps and do their initial sync",
		ArgsUsage: "[PLANFILE]",
		Description: "Plans, shows the plan, asks, and carries it out step by step. Every step is stored as it is done:\n" +
			"after any interruption, run it again and it goes on. With PLANFILE it carries out that plan and\n" +
			"refuses it where the state has moved since. Exit 4: nobody approved, nothing was done.",
		Flags: []cli.Flag{
			jsonFlag(), variableFlag(), linkFlag(),
			&cli.BoolFlag{Name: "auto-approve", Usage: "do not ask"},
			&cli.StringSliceFlag{Name: "again", Usage: "read and join the data of `MAP` again, for records that failed"},
		},
		Action: p.inFolder(1, p.apply),
	}
}

func (p *program) apply(c *cli.Context, s *session.Session) error {
	asJSON := c.Bool("json")
	pl, err := p.planToApply(c, s)
	if err != nil {
		return err
	}
	opts := p.viewOptions()
	if !asJSON {
		if err := view.Plan(p.host.Out, pl, opts); err != nil {
			return err
		}
	}
	if pl.Changes() && !c.Bool("auto-approve") {
		if err := p.ask(); err != nil {
			return err
		}
	}
	progress := view.NewProgress(p.host.Err, opts, p.host.Clock.Now)
	summary, err := s.Apply(c.Context, pl, progress.Show)
	progress.Close()
	if asJSON {
		if e := view.JSON(p.host.Out, summary); err == nil {
			err = e
		}
		return err
	}
	if !summary.Nothing && (summary.Complete || len(summary.Maps) > 0) {
		if e := view.Apply(p.host.Out, summary, opts); err == nil {
			err = e
		}
	}
	return err
}

// planToApply reads the plan file, or plans.
func (p *program) planToApply(c *cli.Context, s *session.Session) (*plan.Plan, error) {
	if file := c.Args().First(); file != "" {
		if len(c.StringSlice("again")) > 0 {
			return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUsage, Severity: diag.Error, Summary: "-again does not go with a plan file"})
		}
		b, err := os.ReadFile(s.Path(file))
		if err != nil {
			return nil, diag.Fail(diag.Diagnostic{Code: diag.CodeUnreadable, Severity: diag.Error, Summary: "The plan file cannot be read: " + err.Error()})
		}
		pl, err := plan.Decode(b)
		if err != nil {
			return nil, diag.Fail(diag.Diagnostic{
				Code: diag.CodePlanUnreadable, Severity: diag.Error, Summary: fmt.Sprintf("%s is not a plan that this version of dw can carry out", file),
				Detail: sentence(err.Error()) + ".", Hint: "Make a new one with `dw plan -out FILE`.",
			})
		}
		return pl, s.CheckPlan(c.Context, pl)
	}
	pl, l, err := s.Plan(c.Context, session.PlanOptions{Again: c.StringSlice("again")})
	if err != nil {
		return nil, err
	}
	if l.HasErrors() {
		return nil, p.stop(s, l, c.Bool("json"))
	}
	// Notices are for whoever writes and reviews the maps, not for the release.
	l = slices.DeleteFunc(l, func(d diag.Diagnostic) bool { return d.Severity == diag.Notice })
	p.warn(l, s.Sources())
	return pl, nil
}

// ask asks for approval on a terminal; a pipeline must say so beforehand.
func (p *program) ask() error {
	fmt.Fprint(p.host.Err, "\nCarry out this plan? Only `yes` is taken as approval: ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(p.host.In).ReadString('\n') // no answer is no approval
		answer <- strings.TrimSpace(line)
	}()
	select {
	case a := <-answer:
		if a == "yes" {
			return nil
		}
		fmt.Fprintln(p.host.Err, "\nNot approved; nothing was changed. In a pipeline use -auto-approve or a saved plan with it.")
		return exit{exitUnapproved}
	case <-p.interrupted:
		fmt.Fprintln(p.host.Err, "Nothing was changed.")
		return exit{exitInterrupted}
	}
}
